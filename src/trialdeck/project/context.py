"""Build options: workers, cache folder, progress callback."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from trialdeck.core.serialise import path_bytes
from trialdeck.project.cache.store import Store, open_store
from trialdeck.project.parallel.workers import Workers, default_count, workers

T = TypeVar("T")


class Progress(Protocol):
    """The progress callback, so that the build knows no terminal."""

    def __call__(self, items: Iterable[T], what: str, total: int) -> Iterator[T]:
        """Yield the items.

        Args:
            items: What is worked on.
            what: What is done with them, for example "reading records".
            total: The number of items.
        """


def silent(items: Iterable[T], what: str, total: int) -> Iterator[T]:  # noqa: ARG001 - as the protocol has it
    """Yield the items and report nothing."""
    return iter(items)


class BuildOptions(msgspec.Struct, frozen=True):
    """Build options: workers, cache folder, progress callback.

    `count` is the number of processes, 0 for as many as there is work for; `dask` is the address of a cluster that
    takes their place. `cache` is the folder in which each project has a cache of its own; without it, nothing is kept.
    """

    count: int = 0
    dask: str = ""
    cache: Path | None = None
    progress: Progress = silent

    def folder_of(self, home: Path) -> Path | None:
        """Return the folder of the cache for a project."""
        return self.cache / sha256(path_bytes(str(home))).hexdigest()[:20] if self.cache else None

    def forget(self, home: Path) -> None:
        """Empty the cache of a project; ignore what cannot be removed."""
        folder = self.folder_of(home)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def opened(self, tasks: int, home: Path) -> Iterator[tuple[Store, Workers]]:
        """Lend the store of a project, and workers for a number of tasks."""
        count = self.count or default_count(tasks)
        with open_store(self.folder_of(home)) as store, workers(count, self.dask) as pool:
            yield store, pool
