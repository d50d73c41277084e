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
from folders import ANKI_PROGRAMS
from trialdeck.site.feed.addon import ADDON, addon_package

FOLDER = "1234567890"
"""The folder of the add-on: one that comes from AnkiWeb has a number for a name."""
_SCREEN = {"name": "screen", "x": 0, "y": 0, "width": 2400, "height": 2000, "logicalDpi": 96, "dpr": 1}
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
            "folder": str(self.base), "dark": is_dark, "script": str(SCENES), "scene": scene,
            "arguments": arguments, "pictures": str(self.base / "pictures"), "report": str(self.base / "report.json"),
        }  # fmt: skip
        plan = self.base / "play.json"
        plan.write_text(json.dumps(play), encoding="utf-8")
        program: list[str | Path] = [desktop_python(self.release), "-I", ANKI_PROGRAMS / "anki_stage.py", plan]
        done = subprocess.run(
            program,
            env=self._variables(scale),
            capture_output=True,
            encoding="utf-8",
            timeout=600,
            check=False,
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

    def _variables(self, scale: float) -> dict[str, str]:
        # Anki runs once for each name of a user. Nobody sees a window: Qt draws into memory, as if on a large screen.
        screen = self.base / "screen.json"
        screen.write_text(json.dumps({"screens": [_SCREEN]}), encoding="utf-8")
        return {
            **os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={screen}", "LANG": "C.UTF-8",
            "QTWEBENGINE_DISABLE_SANDBOX": "1", "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu",
            "LOGNAME": f"anki-{uuid.uuid4().hex}",
            "HOME": str(self.base), "QT_SCALE_FACTOR": str(scale),
        }  # fmt: skip


def _skip_without_libraries(said: str) -> None:
    found = re.search(r"ImportError: (lib\S+): cannot open shared object file", said)
    if found:
        pytest.skip(f"Qt cannot start: Debian's library {found[1]} is missing")


def built_addon(folder: Path) -> Path:
    """Return the built add-on."""
    package = folder / ADDON
    package.write_bytes(addon_package())
    return package
