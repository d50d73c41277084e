"""How a command builds: workers, the user's cache, the progress bar, the build time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import click

from trialdeck.cli.terminal.progress import progress
from trialdeck.core.build_time import BuildTimeError
from trialdeck.core.build_time import build_time as stated_build_time
from trialdeck.project.context import BuildOptions

CACHE = "TRIALDECK_CACHE"
"""The variable that names the folder of the cache."""


@contextmanager
def build_options(workers: int = 0, dask: str = "", *, cached: bool = True) -> Iterator[BuildOptions]:
    """Lend the options of a build: processes or a cluster, the user's cache, and a progress bar."""
    with progress() as bars:
        yield BuildOptions(workers, dask, cache_folder() if cached else None, bars)


def cache_folder() -> Path:
    """Return the folder of the cache. It is private to the user, because its content is trusted."""
    path = os.environ.get(CACHE)
    if path:
        return Path(path)
    # A build with TRIALDECK_CACHE does not need it.
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("trialdeck", appauthor=False)


def build_time() -> int:
    """Return the build time in seconds of Unix time.

    Raises click.UsageError if SOURCE_DATE_EPOCH is wrong.
    """
    try:
        return stated_build_time()
    except BuildTimeError as error:
        raise click.UsageError(error.message) from error


def build_day() -> date:
    """Return the day of the build time (UTC)."""
    return datetime.fromtimestamp(build_time(), UTC).date()
