"""Map a pure function over tasks, in order: in this process, on all of its cores, or on a Dask cluster.

Work goes out in parcels of several tasks, a few ahead for each worker, and comes back in the order of the tasks; the
same function and tasks give the same results, and the same error, wherever they are worked on.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from trialdeck.pipeline.parcels import Crew

T = TypeVar("T")
R = TypeVar("R")

_OWN_FILES = 32
"""How many files are left for the work itself: records, packages, the cache."""
_FILES_EACH = 6
"""How many files a process takes while it starts: both ends of its pipe, and of the two that tell of its end."""
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class Workers(Protocol):
    """Those who share the tasks of a map; `count` says how many work at the same time."""

    count: int

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the result of a function for each task, in the order of the tasks, which are taken as they are needed.

        The function is one of a module, for it is sent by its name, and it has no side effects, for it may be called
        again where a worker died. Raises what the function raises, after the results of the tasks before, and
        WorkerDiedError where a task kills whoever works on it.
        """

    def rest(self) -> None:
        """Give back what workers of this machine take while nothing is to be done; the next map has others."""


@contextmanager
def workers(count: int, dask: str = "") -> Iterator[Workers]:
    """Lend this process alone (1), or so many processes, or the Dask cluster at an address; at the end nothing is left.

    There are fewer processes where this one may not open enough files to talk to them.
    Processes start only after this one has worked for as long as their start takes. Raises TrialdeckError where the
    library for Dask is missing, or nobody answers at the address.
    """
    count = min(count, _reachable())
    if count <= 1 and not dask:
        yield _Alone()
        return
    # To share takes modules that one record has no need of.
    from trialdeck.pipeline.sharing import Sharing  # noqa: PLC0415

    crew = _crew(count, dask)
    try:
        yield Sharing(crew)
    finally:
        crew.end()


def default_count(tasks: int) -> int:
    """Return how many processes so many tasks are worth: the cores that this one may use, and one where they are few.

    A start that does not pay is avoided later, by the time that the first tasks take: here only the count is known.
    """
    return max(1, min(_cores(), tasks))


def _cores() -> int:
    if sys.version_info >= (3, 13):
        usable = os.process_cpu_count() or 1
    elif sys.platform == "linux":
        usable = len(os.sched_getaffinity(0))
    else:
        usable = os.cpu_count() or 1
    return max(1, min(usable, _granted() or usable))


def _reachable() -> int:
    """Return to how many processes this one can talk with the files that it may have open."""
    if sys.platform == "win32":
        return sys.maxsize
    import resource  # noqa: PLC0415 - not on Windows

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if limit == resource.RLIM_INFINITY else max(0, limit - _OWN_FILES) // _FILES_EACH


def _granted() -> int:
    """Return how many cores the container's quota allows, rounded up, or 0 where there is none."""
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return -(-int(quota) // int(period)) if quota.isdecimal() else 0


class _Alone:
    """Nobody else: no process, and nothing is pickled."""

    count = 1

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        return map(function, tasks)

    def rest(self) -> None:
        pass


def _crew(count: int, dask: str) -> "Crew":
    if dask:
        from trialdeck.pipeline.cluster import Cluster  # noqa: PLC0415 - an extra

        return Cluster(dask)
    from trialdeck.pipeline.processes import Processes  # noqa: PLC0415 - often there is only one core

    return Processes(count)
