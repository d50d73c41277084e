"""The preview's server gives the files of its folder to this machine's browser, and nothing else to anybody."""

import os
import socket
import struct
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from trialdeck.site.server import HOST, Preview

PAGE = b"<!doctype html><html><head></head><body>A page</body></html>"
PATHS = ("/", "/index.html", "/picture.png", "/trials/page.html", "/-/state", "/-/live.js", "/none.html", "/none.png")


@pytest.fixture
def preview(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Preview]:
    """A served folder beside a private file; no request may end in a traceback."""
    site = tmp_path / "site"
    (site / "trials").mkdir(parents=True)
    (site / "index.html").write_bytes(PAGE)
    (site / "trials" / "page.html").write_bytes(PAGE)
    (site / "picture.png").write_bytes(b"a picture")
    (tmp_path / "private").write_bytes(b"private")
    (tmp_path / "private.html").write_bytes(b"private")
    served = Preview(site, reloads=True)
    thread = Thread(target=served.server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()
    assert capfd.readouterr().err == ""


def ask(preview: Preview, path: str, method: str = "GET", host: str = HOST) -> tuple[int, HTTPMessage, bytes]:
    connection = HTTPConnection(HOST, preview.server.server_address[1], timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def raw(preview: Preview, request: bytes) -> bytes:
    """Send a request as it is, and return the answer up to where the server ends the connection."""
    with socket.create_connection((HOST, preview.server.server_address[1]), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET /large.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET /"],
)
def test_nothing_is_said_of_a_browser_that_goes(preview: Preview, request_: bytes) -> None:
    (preview.folder / "large.png").write_bytes(bytes(20_000_000))
    failed = Event()
    told = preview.server.handle_error

    def handle_error(*of: Any) -> None:
        told(*of)
        failed.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preview.server, "handle_error", handle_error)
        for _ in range(200):
            if failed.is_set():
                break
            with socket.create_connection((HOST, preview.server.server_address[1]), timeout=30) as connection:
                # Closed so, the connection is reset.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.sendall(request_)
            failed.wait(0.1)
    assert failed.is_set()
    assert ask(preview, "/")[0] == 200


def test_another_error_is_printed(preview: Preview, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trialdeck.site.server.is_inside", lambda *_: 1 / 0)
        assert raw(preview, b"GET /picture.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == b""
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_under_another_name_gets_nothing(preview: Preview, path: str, host: str, method: str) -> None:
    status, _, content = ask(preview, path, method, host)
    assert status == 403
    assert b"page" not in content
    assert b"picture" not in content


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_as_get_without_the_content(preview: Preview, path: str) -> None:
    status, headers, content = ask(preview, path)
    assert status == (404 if "none" in path else 200)
    told = ask(preview, path, "HEAD")
    assert (told[0], told[2]) == (status, b"")
    assert {name: told[1][name] for name in ("Content-Type", "Content-Length")} == {
        name: headers[name] for name in ("Content-Type", "Content-Length")
    }
    assert int(headers["Content-Length"]) == len(content)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/%00.html",
        "/index.html%00",
        "/trials/%00/",
        "/%ed%a0%80",
        "/%ff.html",
        f"/{'x' * 300}",
        f"/{'x' * 300}.html",
        f"/{'x' * 60_000}",
        f"/{'x/' * 30_000}",
        f"/{'x/' * 30_000}a.html",
        "/picture.png/",
        "/trials",
        "/trials/",
        "//[/../trials",
        "http://[/../../trials",
    ],
    ids=lambda path: path[:20] + str(len(path)),
)
def test_a_path_that_names_no_file_is_not_found(preview: Preview, path: str, method: str) -> None:
    assert ask(preview, path, method)[0] == 404


@pytest.mark.parametrize("length", [65_536, 100_000, 5_000_000])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_an_endless_path_is_refused_and_its_sender_hears_so(preview: Preview, method: bytes, length: int) -> None:
    answer = raw(preview, method + b" /" + b"x" * length + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 414 ")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "/../private",
        "/..%2fprivate",
        "/%2e%2e/private",
        "/..%2fprivate.html",
        "/trials/..%2f..%2fprivate",
        "/..%5cprivate",
    ],
)
def test_no_path_leads_out_of_the_folder(preview: Preview, path: str, method: str) -> None:
    status, _, content = ask(preview, path, method)
    assert status == 404
    assert b"private" not in content


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", ["link", "link.html", "link.png", "trials/index.html", "folder/private", "folder/"])
def test_a_link_out_of_the_folder_is_not_followed(preview: Preview, name: str, method: str) -> None:
    outside = preview.folder.parent
    if name.startswith("folder"):
        (preview.folder / "folder").symlink_to(outside)
        (outside / "index.html").write_bytes(b"private")
    else:
        (preview.folder / name).symlink_to(outside / "private")
    asked = "trials/" if name == "trials/index.html" else name
    status, _, content = ask(preview, f"/{asked}", method)
    assert status == 404
    assert b"private" not in content


def test_a_link_in_the_folder_is_followed(preview: Preview) -> None:
    (preview.folder / "same.png").symlink_to("picture.png")
    assert ask(preview, "/same.png")[2] == b"a picture"


def test_a_folder_that_is_itself_a_link_is_served(tmp_path: Path, preview: Preview) -> None:
    (tmp_path / "named").symlink_to(preview.folder)
    preview.folder = tmp_path / "named"
    assert ask(preview, "/trials/page.html")[0] == 200


@pytest.mark.parametrize("name", ["pipe", "pipe.html"])
def test_a_pipe_is_not_waited_for(preview: Preview, name: str) -> None:
    os.mkfifo(preview.folder / name)
    assert ask(preview, f"/{name}")[0] == 404
