"""The program anki-connect-server, which answers as AnkiConnect does and needs no screen, over a collection of Anki.

Its release 0.5.0 needs Python 3.12 and asks for no key. It forgets to require httpx, and its `importPackage` hands Anki
a path where Anki wants a request, so that no import ever works; `anki_connect_worker.py` mends that one function.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from environments import kept, run_uv
from folders import ANKI_PROGRAMS

_NEEDS = ("anki-connect-server==0.5.0", "anki==26.9.3", "httpx==0.28.1")
_PATIENCE = 300


@dataclass(frozen=True)
class AnkiServer:
    """A server that is running."""

    url: str

    def ask(self, action: str, **parameters: Any) -> Any:
        """Ask it for something beside trialdeck, and return the result."""
        body = json.dumps({"action": action, "version": 6, "params": parameters}).encode()
        request = Request(self.url, body, {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE) as response:
            answer = json.load(response)
        assert answer["error"] is None, answer
        return answer["result"]


@contextmanager
def running(folder: Path, *, mended: bool = True) -> Iterator[AnkiServer]:
    """Run the server over a new collection in a new folder; `mended` or as it comes."""
    python = _python()
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {"ANKICONNECT_COLLECTION_PATH": str(folder / "collection.anki2"), "ANKICONNECT_PORT": str(port)}
    program = [ANKI_PROGRAMS / "anki_connect_worker.py"] if mended else ["-m", "anki_connect_server.cli", "api"]
    with (folder / "log").open("w") as log, subprocess.Popen(
        [python, "-P", *program], cwd=folder, env={**os.environ, **variables}, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            server = AnkiServer(f"http://127.0.0.1:{port}")
            wait(server, process, folder / "log")
            yield server
        finally:
            process.terminate()


def wait(server: AnkiServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a program answers."""
    end = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, log.read_text()
        try:
            assert server.ask("version") == 6
        except OSError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        else:
            return


def _python() -> Path:
    """Return the interpreter of an environment that has the server, which is made if need be; else skip."""
    return kept(_NEEDS[0], _make) / "bin" / "python"


def _make(environment: Path) -> None:
    try:
        run_uv("venv", "--no-project", "--python", _newer_python(), environment)
    except pytest.fail.Exception as failure:
        pytest.skip(f"anki-connect-server needs Python 3.12, which cannot be had: {failure}")
    run_uv("pip", "install", "--python", environment, *_NEEDS)


def _newer_python() -> str | Path:
    """Return a Python that is new enough: our own, one of pyenv's, or whatever uv finds or downloads."""
    if sys.version_info >= (3, 12):
        return sys.executable
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    return next(iter(sorted(versions.glob("3.12.*/bin/python"))), "3.12")
