"""Open a file of a site: over the network, or in a folder. Every fault becomes one line that says what to do."""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from . import VERSION, TrialdeckError
from .json_form import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .address import Address

USER_AGENT = f"trialdeck-addon/{VERSION}"
SILENCE = 20.0
"""After so many seconds without a byte, the site counts as not answering."""
GRACE = 60.0
"""After so many seconds, a site that has not yet begun to send the file is given up, however busy it is."""
AGAIN = "try again later"
_MOST_REDIRECTS = 5


@contextmanager
def opened(address: Address, relative: str) -> Iterator[IO[bytes]]:
    """Open a file of the site; faults, then and while it is read, become lines."""
    shown = shortened(relative)
    try:
        with _open_path(address, relative) if address.is_folder else _open_web(address, relative) as stream:
            yield stream
    except HTTPError as error:
        error.close()
        raise TrialdeckError(_of_status(error.code, address, shown)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TrialdeckError(f"{shown} could not be read: {_reason(error, address)}") from error


def _open_path(address: Address, relative: str) -> IO[bytes]:
    root, path = Path(address.text), Path(address.file(relative)).resolve()
    if root.resolve() not in path.parents:
        raise TrialdeckError(f"{shortened(relative)} is not in the folder that you subscribed to")
    return path.open("rb")


def _open_web(address: Address, relative: str) -> Any:
    """Open a file through the system's proxy, with checked certificates, without cookies."""
    request = Request(address.file(relative), headers={"User-Agent": USER_AGENT})  # noqa: S310 - parse_address checked it
    opener = build_opener(_SameHost(address), _Http(), _Https(context=_certificates()))
    return opener.open(request, timeout=SILENCE)


class _Response(http.client.HTTPResponse):
    """A response whose head must be there in time: each byte of it could come just before the site counts as silent."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._watchdog = Timer(GRACE, _hang_up, [sock])
        self._watchdog.daemon = True

    def begin(self) -> None:
        self._watchdog.start()
        try:
            super().begin()
        finally:
            self._watchdog.cancel()


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    response_class = _Response


class _SafeConnection(http.client.HTTPSConnection):
    response_class = _Response


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._certificates = context

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_SafeConnection, context=self._certificates), req)


def _certificates() -> ssl.SSLContext:
    """Trust what the system trusts, and the certificates that come with Anki: some systems give Python none."""
    context = ssl.create_default_context()
    try:
        import certifi  # noqa: PLC0415 - Anki brings it, but need not
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context


class _SameHost(HTTPRedirectHandler):
    """Follows redirects on the same host alone: another one is not what the learner subscribed to."""

    max_redirections = _MOST_REDIRECTS

    def __init__(self, address: Address) -> None:
        self._origin = urlsplit(address.text)[:2]

    def redirect_request(self, req: Request, fp: IO[bytes], *answer: Any) -> Request | None:
        """Return the next request; raises TrialdeckError if it leaves the host."""
        target = urlsplit(answer[-1])
        if target[:2] != self._origin:
            fp.close()
            host = shortened(f"{target.scheme}://{target.netloc}", 100)
            message = f"the site sends on to {host}, which is another host: if you trust it, subscribe to it instead"
            raise TrialdeckError(message)
        return super().redirect_request(req, fp, *answer)


def _of_status(code: int, address: Address, shown: str) -> str:
    if code in {404, 410}:
        return f"there is no {shown} at {shortened(address.text, 200)}: is this the address of the folder of the site?"
    if 300 <= code < 400:
        return f"the site sends on in circles, or to an address that is not taken (status {code}): tell its author"
    if code in {401, 403}:
        return f"the site does not let anybody read {shown} without signing in (status {code})"
    if code >= 500 or code == 429:
        return f"the site cannot answer at present (status {code}): {AGAIN}"
    return f"the site answered with status {code} for {shown}: {AGAIN}"


def _reason(error: Exception, address: Address) -> str:
    """Return what is wrong in a few words, from the many exceptions of the network."""
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    host = urlsplit(address.text).netloc
    words = shortened(getattr(cause, "strerror", None) or str(cause), 200)
    if isinstance(cause, FileNotFoundError):
        words = "it is not there"
    elif isinstance(cause, TimeoutError) or "timed out" in words:
        words = f"the site does not answer: {AGAIN}"
    elif isinstance(cause, ssl.SSLCertVerificationError):
        words = f"the certificate of {host} is not valid: {cause.verify_message}"
    elif isinstance(cause, ssl.SSLError):
        words = f"there is no safe connection to {host} ({cause.reason or 'TLS'})"
    elif isinstance(cause, (http.client.HTTPException, ConnectionResetError, ConnectionAbortedError, BrokenPipeError)):
        words = f"the connection was cut: {AGAIN}"
    elif isinstance(cause, OSError) and not address.is_folder:
        words = f"{host} cannot be reached: are you online? ({words})"
    return words
