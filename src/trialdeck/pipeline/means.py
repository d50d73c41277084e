"""With what a project is read and built: who shares the work, where it is remembered, and who is told how far it is."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from trialdeck.pipeline.codec import path_bytes
from trialdeck.pipeline.progress import Progress, silent
from trialdeck.pipeline.store import Store, open_store
from trialdeck.pipeline.workers import Workers, default_count, workers


class Means(msgspec.Struct, frozen=True):
    """What one call may use.

    `count` is the number of processes, 0 for as many as there is work for, `dask` the address of a cluster that takes
    their place. `cache` is the folder below which each project has one of its own; without it, nothing is remembered.
    """

    count: int = 0
    dask: str = ""
    cache: Path | None = None
    progress: Progress = silent

    def folder_of(self, home: Path) -> Path | None:
        """Return the folder of the cache for a project."""
        return self.cache / sha256(path_bytes(str(home))).hexdigest()[:20] if self.cache else None

    def forget(self, home: Path) -> None:
        """Empty the cache of a project; what cannot be removed is not used in this call."""
        folder = self.folder_of(home)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def shared(self, tasks: int, home: Path) -> Iterator["Shared"]:
        """Lend workers for so many tasks, and the store of a project."""
        count = self.count or default_count(tasks)
        with open_store(self.folder_of(home)) as store, workers(count, self.dask) as those:
            yield Shared(store, those, self.progress)


class Shared(msgspec.Struct, frozen=True):
    """What the stages of one call have in common."""

    store: Store
    workers: Workers
    progress: Progress
