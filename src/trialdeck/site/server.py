"""Serve the site to its author on this machine, and reload pages when they change."""

import json
import sys
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from trialdeck.core.safe_paths import is_inside

HOST = "127.0.0.1"
_OWN = "/-/"
_LINE = 65_536
_MOST_LINES = 200
"""The largest number of lines (or parts of a line, of `_LINE` bytes) that are read of a refused request."""
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
}
"""The types of the files of a site."""
_STARTING = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title></head>'
    b"<body><h1>There is no such page yet</h1></body></html>"
)


@dataclass(slots=True)
class ServerState:
    """The answer to an open page: the version of the site, and the problem of the records, if there is one."""

    version: int = 1
    problem: str = ""


class _Server(ThreadingHTTPServer):
    """A server that does not report a browser that disconnects before its answer."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the error of a request, unless the client has closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@dataclass(slots=True)
class Preview:
    """A server of one folder; `reloads` says whether pages reload when the site has changed."""

    folder: Path
    reloads: bool
    port: int = 0
    state: ServerState = field(default_factory=ServerState)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        handler = partial(_Handler, directory=str(self.folder), preview=self)
        self.server = _Server((HOST, self.port), handler)

    @property
    def address(self) -> str:
        """The URL of the front page."""
        return f"http://{HOST}:{self.server.server_address[1]}/"

    def renewed(self) -> None:
        """Announce that the site has been built again."""
        self.state = ServerState(self.state.version + 1)

    def refused(self, problem: str) -> None:
        """Announce why the site could not be built; the old one stays."""
        self.state = ServerState(self.state.version, problem)


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, and adds the script that reloads a page to every page."""

    protocol_version = "HTTP/1.1"
    # Windows asks its registry, where other programs may have made a script a plain text, which no browser runs.
    extensions_map = MappingProxyType({**SimpleHTTPRequestHandler.extensions_map, **_TYPES})  # type: ignore[assignment]

    def __init__(self, *arguments: Any, preview: Preview, **options: Any) -> None:
        self.preview = preview
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer a request: a state, a script, a page or a file."""
        self._respond()

    def do_HEAD(self) -> None:
        """Answer as for GET, without the content."""
        self._respond()

    def _respond(self) -> None:
        path = self._request_path
        # Refuse pages of other origins whose host name resolves to this machine (DNS rebinding).
        if self.headers.get("Host", "").partition(":")[0] not in {HOST, "localhost"}:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif path == f"{_OWN}state":
            state = self.preview.state
            self._answer(json.dumps({"version": state.version, "problem": state.problem}).encode(), "application/json")
        elif path == f"{_OWN}live.js":
            self._answer(
                resources.files("trialdeck.site").joinpath("static", "live.js").read_bytes(), "text/javascript"
            )
        elif path.endswith(("/", ".html")):
            self._page()
        elif self._file() is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif self.command == "HEAD":
            super().do_HEAD()
        else:
            super().do_GET()

    def _page(self) -> None:
        # Read the version first: if a build comes in between, the page has the old version and reloads.
        version = self.preview.state.version
        file = self._file()
        try:
            content, status = (file.read_bytes(), HTTPStatus.OK) if file else (_STARTING, HTTPStatus.NOT_FOUND)
        except OSError:
            content, status = _STARTING, HTTPStatus.NOT_FOUND
        self._answer(self._with_reload_script(content, version), "text/html; charset=utf-8", status)

    @property
    def _request_path(self) -> str:
        """The path of the request, without query and fragment."""
        return self.path.partition("?")[0].partition("#")[0]

    def _file(self) -> Path | None:
        """Return the requested file; `None` if there is none, or it is behind a link out of the site."""
        path = Path(self.translate_path(self.path))
        file = path / "index.html" if self._request_path.endswith("/") else path
        try:
            return file if file.is_file() and is_inside(file, self.preview.folder) else None
        except (OSError, ValueError):  # its name is too long, or has a null byte
            return None

    def _with_reload_script(self, page: bytes, version: int) -> bytes:
        """Return a page with the script that reloads it, if pages reload."""
        if not self.preview.reloads:
            return page
        script = f'<script src="{_OWN}live.js" data-version="{version}"></script></body>'.encode()
        page = page.replace(b"base-uri 'none'", b"connect-src 'self'; base-uri 'none'", 1)
        return page.replace(b"</body>", script)

    def _answer(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request; one with too long a line is read first, or the client does not see the answer."""
        if code == HTTPStatus.REQUEST_URI_TOO_LONG:
            for _ in range(_MOST_LINES):
                if self.rfile.readline(_LINE) in {b"\r\n", b"\n", b""}:
                    break
        super().send_error(code, message, explain)

    def end_headers(self) -> None:
        """Forbid caching: the next build has other files with the same names."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Print nothing: the terminal is for messages about the records."""
