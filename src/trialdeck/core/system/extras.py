"""Say how a library that trialdeck can do without is added to the environment that it runs in."""

import json
import re
import sys
from pathlib import Path

_WAYS = {
    "pipx_metadata.json": ("pipx install --force", re.compile(r'"package_or_url":\s*"[^"\[]*\[([\w, -]+)\]')),
    "uv-receipt.toml": ("uv tool install", re.compile(r'name = "trialdeck", extras = \[([^\]]{0,200})\]')),
}
"""The file that an installer leaves in its environment: its command, and where the file names the extras it has."""
_PIP = "pip install"


def install_hint(extra: str) -> str:
    """Return the command that installs an extra, for the installer and the file that trialdeck itself came from.

    pipx and uv make the environment anew, so the extras that are there already are named again. The quotes are those
    that all shells know: in cmd.exe of Windows an apostrophe is none.
    """
    command, extras = _PIP, {extra}
    for name, (of_installer, named) in _WAYS.items():
        receipt = Path(sys.prefix, name)
        if receipt.is_file():
            command = of_installer
            found = named.search(receipt.read_text(encoding="utf-8"))
            extras |= set(re.findall(r"[\w-]+", found[1])) if found else set()
            break
    return f'{command} "trialdeck[{",".join(sorted(extras))}]{_origin()}"'


def _origin() -> str:
    """Return ` @ ` and the address of the wheel that was installed; nothing if it came from a registry or a clone."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 - only a missing library needs it

    try:
        recorded = distribution("trialdeck").read_text("direct_url.json")
    except PackageNotFoundError:  # run from its source
        return ""
    origin = json.loads(recorded) if recorded else {}
    return f" @ {origin['url']}" if "archive_info" in origin else ""
