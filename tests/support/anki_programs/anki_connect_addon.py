"""The real add-on AnkiConnect inside Anki's own desktop program, which runs on no screen over a new collection.

Its source is cloned at one commit into an environment beside those of the other Ankis. Nobody sees a window: Qt draws
into memory (`QT_QPA_PLATFORM=offscreen`).
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from anki_connect_programs import AnkiServer, wait
from environments import kept, python_with, run_or_fail

RELEASES = ("24.11", "26.9.3")
"""Anki's releases: the last that imports as old ones do, and the newest."""

_SOURCE = "https://github.com/FooSoft/anki-connect"
_COMMIT = "4064fa142785975255457abd6a496015f5b71f38"
_PROFILE = """
import sys
from pathlib import Path
from aqt.profiles import ProfileManager
manager = ProfileManager(Path(sys.argv[1]))
manager.setupMeta()
manager.meta.update(firstRun=False, defaultLang="en_US", updates=False)
manager.create("User 1")
manager.load("User 1")
manager.save()
"""


@dataclass(frozen=True)
class AnkiProgram(AnkiServer):
    """Anki's desktop program while it runs with the add-on."""

    process: "subprocess.Popen[bytes]"
    base: Path

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)


@contextmanager
def desktop(base: Path, release: str) -> Iterator[AnkiProgram]:
    """Run the program of a release with the add-on, over the profile in a folder, which is made if need be."""
    python = python_with(f"aqt-{release}", [f"aqt[qt6]=={release}"], sys.executable)
    addon = _addon()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if not base.exists():
        base.mkdir()
        subprocess.run([python, "-c", _PROFILE, base], check=True, env=_variables(base), capture_output=True)
        shutil.copytree(addon / "plugin", base / "addons21" / "AnkiConnect")
    settings = {"name": "AnkiConnect", "config": {"webBindPort": port}}
    (base / "addons21" / "AnkiConnect" / "meta.json").write_text(json.dumps(settings))
    command = [str(python), "-c", "import aqt; aqt.run()", "-b", str(base), "-p", "User 1"]
    with (base / "log").open("a") as log, subprocess.Popen(
        command, cwd=base, env=_variables(base), stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            program = AnkiProgram(f"http://127.0.0.1:{port}", process, base)
            wait(program, process, base / "log")
            yield program
        finally:
            process.kill()


def _variables(base: Path) -> dict[str, str]:
    # Anki runs once for each name of a user.
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "LANG": "C.UTF-8",
            "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu", "LOGNAME": f"anki-{uuid.uuid4().hex}",
            "HOME": str(base)}  # fmt: skip


def _addon() -> Path:
    """Return the folder with the add-on's source, which is cloned if need be; else skip."""
    return kept(f"anki-connect-{_COMMIT[:7]}", _clone)


def _clone(source: Path) -> None:
    try:
        run_or_fail(["git", "clone", "--quiet", _SOURCE, str(source)])
        run_or_fail(["git", "-C", str(source), "checkout", "--quiet", _COMMIT])
    except pytest.fail.Exception as failure:
        pytest.skip(f"the add-on AnkiConnect cannot be had: {failure}")
