"""Where a feed is: a web address, or a folder of this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from . import TrialdeckError
from .json_form import shortened

FEED = "feed.json"
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_PAGE = re.compile(r"[^/]*\.(html?|json|xml|apkg)", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_LOCAL = r"(localhost|127\.0\.0\.1)(:|/|$)"
_LONGEST = 2000


@dataclass(frozen=True)
class Address:
    """Where a feed is: `text` is the folder of the site, with a slash at its end, or a folder of this machine."""

    text: str
    is_folder: bool

    def file(self, relative: str) -> str:
        """Return the address of a file whose address relative to the feed has been checked."""
        return str(Path(self.text, *unquote(relative).split("/"))) if self.is_folder else self.text + relative


def parse_address(text: str) -> Address:
    """Return the address that a learner has typed or pasted; raises TrialdeckError if it is none to subscribe to.

    The address of a page of the site stands for its folder; so does that of feed.json.
    """
    typed = text.strip().strip("<>\"'").strip()
    if not typed:
        raise TrialdeckError("give the address of a site, for example https://example.org/decks/")
    if len(typed) > _LONGEST or any(ord(sign) < ord(" ") for sign in typed):
        raise TrialdeckError(f"'{shortened(typed)}' is not a web address")
    if typed.lower().startswith("file:"):
        return _folder(_path_of(typed))
    if _SCHEME.match(typed) and not re.match(r"[A-Za-z]:[\\/]", typed) and not _is_host_and_port(typed):
        return _web(typed)
    if typed.startswith(("/", "~", ".", "\\")) or re.match(r"[A-Za-z]:[\\/]", typed):
        return _folder(Path(typed).expanduser())
    return _web(f"{'http' if re.match(_LOCAL, typed) else 'https'}://{typed}")


def _is_host_and_port(typed: str) -> bool:
    return bool(re.match(r"[A-Za-z0-9.-]+:[0-9]{1,5}(/|$)", typed))


def _path_of(address: str) -> Path:
    from urllib.request import url2pathname  # noqa: PLC0415 - few subscribe to a folder by its address

    parts = urlsplit(address)
    if parts.netloc not in {"", "localhost"}:
        raise TrialdeckError(f"'{shortened(address)}' is a folder of another machine: give its path instead")
    return Path(url2pathname(parts.path))


def _folder(path: Path) -> Address:
    folder = path.parent if _PAGE.fullmatch(path.name) and not path.is_dir() else path
    if not folder.is_dir():
        raise TrialdeckError(f"there is no folder {shortened(str(folder), 200)}")
    return Address(str(folder.resolve()), is_folder=True)


def _web(typed: str) -> Address:
    try:
        parts = urlsplit(typed)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError) as error:
        raise TrialdeckError(f"'{shortened(typed)}' is not a web address") from error
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"}:
        raise TrialdeckError(f"addresses that begin with {shortened(scheme)}: are not taken: give one with https://")
    if not host or ("." not in host and host not in _LOCAL_HOSTS):
        raise TrialdeckError(f"'{shortened(typed)}' is not a web address: it names no host")
    if parts.username is not None or parts.password is not None:
        raise TrialdeckError(
            "the address has a user name or a password in it: they would be shown and stored; leave them out"
        )
    if scheme == "http" and host not in _LOCAL_HOSTS:
        raise TrialdeckError(
            f"http://{host} is not safe: what is fetched could be changed on the way; use https://{host}"
        )
    folder, _, page = parts.path.rpartition("/")
    path = folder if _PAGE.fullmatch(page) else parts.path
    shown = f"[{host}]" if ":" in host else host
    clean = quote(f"{path.rstrip('/')}/", safe="/%~!$&'()*+,;=:@-._")
    return Address(urlunsplit((scheme, shown if port is None else f"{shown}:{port}", clean, "", "")), is_folder=False)


def moved(address: Address, moved_to: str) -> Address | None:
    """Return where a feed has moved to; `None` if it has not, is there already, or names a place that is not safe."""
    if not moved_to or address.is_folder:
        return None
    try:
        target = parse_address(moved_to)
    except TrialdeckError:
        return None
    return None if target == address or target.is_folder else target
