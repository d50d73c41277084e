"""The builds of trialdeck that are measured, from an empty folder and an empty cache, or again."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from measure import Run, emptied, run

COMMAND = (os.fspath(Path(sys.executable).with_name("trialdeck")),)
"""The program as users start it, and as the peers are started."""
HERE = Path(__file__).parent
STATED_TIME = {"SOURCE_DATE_EPOCH": "1767225600"}
"""Where bytes are compared, all builds take place at this time."""


@cache
def knows(option: str) -> bool:
    """Tell whether `trialdeck build` has an option."""
    shown = subprocess.run([*COMMAND, "build", "--help"], check=True, capture_output=True, text=True).stdout
    return option in shown.replace(",", " ").split()


@dataclass(frozen=True, slots=True)
class Build:
    """A build of a folder of records; `folder` holds what it writes and its cache."""

    seeds: Path
    by: str
    folder: Path
    options: tuple[str, ...] = ()

    @property
    def out(self) -> Path:
        """Where packages and ledger go."""
        return self.folder / "out"

    @property
    def packages(self) -> list[Path]:
        """The packages, by name."""
        return sorted(self.out.glob("*.apkg"))

    @property
    def size(self) -> int:
        """The bytes of all packages."""
        return sum(package.stat().st_size for package in self.packages)

    @property
    def digest(self) -> str:
        """The hash of all packages and of the ledger."""
        whole = hashlib.sha256()
        for file in [*self.packages, self.out / "ledger.jsonl"]:
            whole.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return whole.hexdigest()

    def cold(self, *, sampled: bool = False, kill_after: float = 0, stated: Mapping[str, str] | None = None) -> Run:
        """Build where nothing was built before and nothing is known from before."""
        emptied(self.folder)
        return self.again(sampled=sampled, kill_after=kill_after, stated=stated)

    def again(self, *, sampled: bool = False, kill_after: float = 0, stated: Mapping[str, str] | None = None) -> Run:
        """Build in the folder as it is."""
        (self.folder / "cache").mkdir(parents=True, exist_ok=True)
        command = [*COMMAND, "build", os.fspath(self.seeds), "--out", os.fspath(self.out), "--by", self.by]
        own = {"TRIALDECK_CACHE": "cache", "TRIALDECK_STATE": "state"}
        environment = {**{name: os.fspath(self.folder / place) for name, place in own.items()}, **(stated or {})}
        return run([*command, *self.options], environment, sampled=sampled, kill_after=kill_after)


@contextmanager
def dask_cluster(processes: int) -> Iterator[str]:
    """Lend the address of a Dask cluster of so many processes on this machine."""
    command = [sys.executable, os.fspath(HERE / "scripts" / "dask_cluster.py"), str(processes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as cluster:
        assert cluster.stdin
        assert cluster.stdout
        try:
            yield cluster.stdout.readline().strip()
        finally:
            cluster.stdin.close()
            cluster.wait()
