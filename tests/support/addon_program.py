"""The add-on in Anki's own desktop program: a profile that has it, and scenes that do there what a learner does."""

import json
import os
import re
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from anki_releases import NEWEST, Release, desktop_python
from folders import ANKI_PROGRAMS, ROOT

FOLDER = "1234567890"
"""The folder of the add-on: one that comes from AnkiWeb has a number for a name."""
SCENES = ANKI_PROGRAMS / "addon_scenes.py"


@dataclass(frozen=True)
class Theatre:
    """A profile of a release with the add-on in it; `base` is the folder of Anki's data, which is made if need be."""

    base: Path
    package: Path
    release: Release = NEWEST

    def play(self, scene: str, /, *, is_dark: bool = False, scale: float = 1.0, **arguments: Any) -> Mapping[str, Any]:
        """Start Anki, play a scene of `addon_scenes.py`, end Anki, and return what the scene has noted."""
        self._install()
        play = {
            "folder": str(self.base), "dark": is_dark, "scale": scale, "script": str(SCENES), "scene": scene,
            "arguments": arguments, "pictures": str(self.base / "pictures"), "report": str(self.base / "report.json"),
        }  # fmt: skip
        plan = self.base / "play.json"
        plan.write_text(json.dumps(play), encoding="utf-8")
        program: list[str | Path] = [desktop_python(self.release), "-I", ANKI_PROGRAMS / "anki_stage.py", plan]
        done = subprocess.run(
            program, env=self._variables(), capture_output=True, encoding="utf-8", timeout=600, check=False
        )
        _skip_without_libraries(done.stderr)
        report = self.base / "report.json"
        told: Mapping[str, Any] = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        assert done.returncode == 0, "\n".join([*told.get("faults", ()), done.stderr])
        report.unlink()
        return told

    def _install(self) -> None:
        folder = self.base / "addons21" / FOLDER
        if not folder.exists():
            with ZipFile(self.package) as packed:
                packed.extractall(folder)

    def _variables(self) -> dict[str, str]:
        # Anki runs once for each name of a user. Nobody sees a window: Qt draws into memory.
        return {
            **os.environ, "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "LANG": "C.UTF-8",
            "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu", "LOGNAME": f"anki-{uuid.uuid4().hex}",
            "HOME": str(self.base),
        }  # fmt: skip


def _skip_without_libraries(said: str) -> None:
    found = re.search(r"ImportError: (lib\S+): cannot open shared object file", said)
    if found:
        pytest.skip(f"Qt cannot start: Debian's library {found[1]} is missing")


def addon_package(folder: Path) -> Path:
    """Return the built add-on."""
    package = folder / "trialdeck.ankiaddon"
    with ZipFile(package, "w") as packed:
        for path in sorted((ROOT / "addon" / "trialdeck_addon").rglob("*.py")):
            packed.write(path, path.relative_to(ROOT / "addon" / "trialdeck_addon"))
    return package
