"""Nothing that happens to a build harms what is there: kills, full and read-only disks, other builds, git, time."""

import itertools
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from packages import open_package
from trialdeck.decks.ledger import read_ledger
from trialdeck.files import COMMIT, STAGING

NOW = 1_790_000_000
DAY = 24 * 60 * 60
LOCK = ".trialdeck.lock"
SPLITS = ("trial", "perspective")
TRIALS = {"dawn-1": "DAWN-1", "noon-1": "NOON-1", "rain-1": "RAIN-1"}
KILLS = int(os.environ.get("TRIALDECK_KILLS", "25"))
"""How many builds are killed."""
SHARES = min(5, KILLS)
"""Over how many tests the kills are spread, so that they run on all cores."""


def build(*arguments: str | Path, at: int, **surroundings: str) -> list[str | Path] | dict[str, str]: ...


@dataclass(frozen=True)
class Project:
    """A project of three records; each of its editions changes a note of every package, by trial and by perspective."""

    folder: Path
    text: str

    def write(self, edition: int = 0, trials: Sequence[str] = tuple(TRIALS)) -> None:
        for trial in trials:
            record = self.folder / "seeds" / f"{trial}.yaml"
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(self._record(trial, edition), encoding="utf-8")

    def _record(self, trial: str, edition: int) -> str:
        text = self.text.replace("DAWN-1", TRIALS[trial]).replace("id: dawn-1", f"id: {trial}")
        for old in ("It binds", "Adults with example disease.", "Follow-up was short"):
            assert old in text
            text = text.replace(old, f"{old[:-1]}{old[-1]} {edition}")
        return text

    def build(self, at: int, out: Path | None = None, by: str = "trial") -> subprocess.CompletedProcess[str]:
        """Build in a process of its own, to the end."""
        process = self.start(at, out, by)
        said, complained = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, said, complained)
