"""How a command builds: workers, the user's cache, the progress bar, the build time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import click

from trialdeck.cli.terminal.progress import progress
from trialdeck.core.build_time import BuildTimeError
from trialdeck.core.build_time import build_time as stated_build_time
from trialdeck.project.cache.user_folder import cache_folder
from trialdeck.project.context import BuildOptions


@contextmanager
def build_options(workers: int = 0, dask: str = "", *, cached: bool = True) -> Iterator[BuildOptions]:
    """Lend the options of a build: processes or a cluster, the user's cache, and a progress bar."""
    with progress() as bars:
        yield BuildOptions(workers, dask, cache_folder() if cached else None, bars)


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
