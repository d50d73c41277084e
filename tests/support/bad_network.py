"""A site on a server that fails in every way that networks and servers do, for the add-on; and all of these ways."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from gzip import compress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

FEED, PUBLISHED, PACKAGE = "feed.json", "published.json", "packages/cold-ember-3.apkg"
FILES = (FEED, PUBLISHED, PACKAGE)
PATIENCE = 0.4
"""Seconds, in place of the add-on's own ones."""


class Handler(BaseHTTPRequestHandler):
    """Answers with files of a site, but for one of them as a fault says; notes what it was asked."""

    protocol_version = "HTTP/1.1"
    site: Path
    broken: str
    fault: Callable[["Handler", bytes], None] | None
    asked: list[dict[str, str]]

    def do_GET(self) -> None:
        self.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        name = unquote(self.path).partition("?")[0].removeprefix("/decks/")
        path = self.site / name
        content = path.read_bytes() if path.is_file() else b""
        self.close_connection = True
        if self.fault and name == self.broken:
            self.fault(self, content)
        elif path.is_file():
            self.answer(content)
        else:
            self.answer(b"not found", status=404)

    def answer(self, content: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Server:
    """A running server: the address of the site, and the requests that it got."""

    address: str
    asked: list[dict[str, str]]


@contextmanager
def serving(
    site: Path,
    broken: str = "",
    fault: Callable[[Handler, bytes], None] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """Serve a site below /decks/, with a fault in one of its files."""
    asked: list[dict[str, str]] = []
    faults = {} if fault is None else {"fault": staticmethod(fault)}
    handler = type("SiteHandler", (Handler,), {"site": site, "broken": broken, "fault": None, "asked": asked, **faults})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield Server(f"{'https' if tls else 'http'}://localhost:{server.server_port}/decks/", asked)
    finally:
        server.shutdown()
        server.server_close()


def _status(code: int) -> Callable[[Handler, bytes], None]:
    return lambda handler, _: handler.answer(b"<html>no</html>", status=code)


def _redirect(target: str) -> Callable[[Handler, bytes], None]:
    def send(handler: Handler, _: bytes) -> None:
        handler.answer(b"", status=302, Location=target.replace("{path}", handler.path))

    return send


def _page(handler: Handler, _: bytes) -> None:
    handler.answer(b"<!doctype html><title>Sign in</title><p>Please sign in to the network of the hospital.")


def _cut(handler: Handler, content: bytes) -> None:
    handler.answer(content[: len(content) // 2], length=len(content))


def _cut_silently(handler: Handler, content: bytes) -> None:
    handler.answer(content[: len(content) // 2])


def _hang_up(handler: Handler, _: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def _reset_in_the_middle(handler: Handler, content: bytes) -> None:
    handler.answer(content[:100], length=len(content))
    handler.connection.shutdown(socket.SHUT_RDWR)


def _flip(handler: Handler, content: bytes) -> None:
    middle = len(content) // 2
    handler.answer(content[:middle] + bytes([content[middle] ^ 0x15]) + content[middle + 1 :])


def _longer(handler: Handler, content: bytes) -> None:
    handler.answer(content + b"\0" * 70_000)


def _empty(handler: Handler, _: bytes) -> None:
    handler.answer(b"")


def _zipped(handler: Handler, content: bytes) -> None:
    handler.answer(compress(content), Content_Encoding="gzip")


def _two_gigabytes(handler: Handler, _: bytes) -> None:
    handler.answer(b"", length=2 << 30)
    piece = b"\0" * (1 << 20)
    for _number in range(2 << 10):
        try:
            handler.wfile.write(piece)
        except OSError:
            return


def _endless(handler: Handler, _: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:
        try:
            handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        except OSError:
            return


def _silent(handler: Handler, _: bytes) -> None:
    time.sleep(4 * PATIENCE)


def _silent_in_the_middle(handler: Handler, content: bytes) -> None:
    handler.answer(content[:100], length=len(content))
    handler.wfile.flush()
    time.sleep(4 * PATIENCE)


def _dripping(handler: Handler, content: bytes) -> None:
    handler.answer(b"", length=len(content))
    _drip(handler, content)


def _dripping_head(handler: Handler, _: bytes) -> None:
    _drip(handler, b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 1000)


def _drip(handler: Handler, content: bytes) -> None:
    for byte in content:
        try:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(PATIENCE / 10)


def _nonsense(handler: Handler, _: bytes) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


FAULTS: Mapping[str, Callable[[Handler, bytes], None]] = {
    "404": _status(404),
    "403": _status(403),
    "500": _status(500),
    "503": _status(503),
    "429": _status(429),
    "a page in place of the file": _page,
    "cut off": _cut,
    "cut off, as if whole": _cut_silently,
    "hung up": _hang_up,
    "hung up in the middle": _reset_in_the_middle,
    "a byte is wrong": _flip,
    "longer than announced": _longer,
    "empty": _empty,
    "zipped": _zipped,
    "2 GB announced": _two_gigabytes,
    "without end": _endless,
    "silent": _silent,
    "silent in the middle": _silent_in_the_middle,
    "a byte now and then": _dripping,
    "a head that does not end": _dripping_head,
    "another protocol": _nonsense,
    "redirect to another host": _redirect("http://127.0.0.1:9{path}"),
    "redirect to a file": _redirect("file:///etc/hostname"),
    "redirect in circles": _redirect("{path}"),
}
