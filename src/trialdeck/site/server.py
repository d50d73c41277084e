"""Serve the site to its author on this machine, and reload pages when they change."""

import json
import sys
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any

from trialdeck.core.safe_paths import is_inside

HOST = "127.0.0.1"
_OWN = "/-/"
_LINE = 65_536
_MOST_LINES = 200
"""How much of a request that is refused is read: so many lines, or parts of a line, of so many bytes at most."""
_STARTING = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title></head>'
    b"<body><h1>There is no such page yet</h1></body></html>"
)


@dataclass(slots=True)
class ServerState:
    """What an open page asks for: which version of the site there is, and what is wrong with the records."""

    version: int = 1
    problem: str = ""


class _Server(ThreadingHTTPServer):
    """A server that says nothing of a browser that has gone before it had its answer."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong with a request, unless its sender has dropped the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@dataclass(slots=True)
class Preview:
    """A server of one folder; `reloads` says whether pages reload when the site is new."""

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
        """Where the front page is."""
        return f"http://{HOST}:{self.server.server_address[1]}/"

    def renewed(self) -> None:
        """Say that the site has been built anew."""
        self.state = ServerState(self.state.version + 1)

    def refused(self, problem: str) -> None:
        """Say why the site could not be built; the old one stays."""
        self.state = ServerState(self.state.version, problem)


class _Handler(SimpleHTTPRequestHandler):
    """Serves files; into a page it puts the script that reloads it."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, preview: Preview, **options: Any) -> None:
        self.preview = preview
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer a request: a state, a script, a page or a file."""
        self._respond()

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self._respond()

    def _respond(self) -> None:
        path = self._place
        # A page of another origin that has this machine's address as its name gets nothing.
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
        # The version is read first: a page that is built in between is one too old and reloads.
        version = self.preview.state.version
        file = self._file()
        try:
            content, status = (file.read_bytes(), HTTPStatus.OK) if file else (_STARTING, HTTPStatus.NOT_FOUND)
        except OSError:
            content, status = _STARTING, HTTPStatus.NOT_FOUND
        self._answer(self._live(content, version), "text/html; charset=utf-8", status)

    @property
    def _place(self) -> str:
        """What is asked for, without a query or a fragment."""
        return self.path.partition("?")[0].partition("#")[0]

    def _file(self) -> Path | None:
        """Return the file that is asked for; None where there is none, or it is behind a link out of the site."""
        path = Path(self.translate_path(self.path))
        file = path / "index.html" if self._place.endswith("/") else path
        try:
            return file if file.is_file() and is_inside(file, self.preview.folder) else None
        except (OSError, ValueError):  # its name is too long, or has a null byte in it
            return None

    def _live(self, page: bytes, version: int) -> bytes:
        """Return a page with the script that reloads it, where that is wanted."""
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
        """Refuse a request; one whose first line is too long is read to its end first, or its sender hears nothing."""
        if code == HTTPStatus.REQUEST_URI_TOO_LONG:
            for _ in range(_MOST_LINES):
                if self.rfile.readline(_LINE) in {b"\r\n", b"\n", b""}:
                    break
        super().send_error(code, message, explain)

    def end_headers(self) -> None:
        """A preview is never kept: the next build has other files of the same names."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing: the terminal is for the author's records."""
