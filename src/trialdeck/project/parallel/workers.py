"""Map a function over tasks, in order: in this process, on its cores, or on a Dask cluster.

The same function and tasks give the same results, and the same error, wherever the work is done.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from trialdeck.project.parallel.batches import Executor

T = TypeVar("T")
R = TypeVar("R")

_OWN_FILES = 48
"""How many files are left for the work itself (records, packages, the cache), and for what all workers share."""
_FILES_EACH = 3
"""How many files each process takes: two while it runs, and more while it starts."""
_MOST_ON_WINDOWS = 61
"""How many processes one can wait for there."""
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class Workers(Protocol):
    """Those that share the tasks of a map; `count` is how many work at the same time."""

    count: int

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the result of a function for each task, in the order of the tasks, which are taken as needed.

        The function must be one of a module, because it is sent by name, and have no side effects, because it is called
        again if a worker dies. Raises what the function raises, after the results of the tasks before, and
        WorkerDiedError if a task kills one worker after the other.
        """

    def shut_down_idle(self) -> None:
        """Free the memory of workers on this machine while there is nothing to do; the next map starts new ones."""


@contextmanager
def workers(count: int, dask: str = "") -> Iterator[Workers]:
    """Lend `count` processes (1: only this one), or the Dask cluster at an address; end our processes afterwards.

    Processes start only after this process has worked for as long as their start takes, and there are fewer of them if
    this process may not open enough files to talk to them. Raises TrialdeckError if the library for Dask is missing, or
    nobody answers at the address.
    """
    count = min(count, _reachable())
    if count <= 1 and not dask:
        yield _InProcess()
        return
    executor = _executor(count, dask)
    try:
        yield executor
    finally:
        executor.shut_down()


def default_count(tasks: int) -> int:
    """Return how many processes can share so many tasks: the cores that this process may use, or fewer.

    Whether their start pays is known only later, from the time that the first tasks take.
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
    """Return how many processes this one can talk to with the files that it may have open."""
    if sys.platform == "win32":
        return _MOST_ON_WINDOWS
    import resource  # noqa: PLC0415 - not on Windows

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if limit == resource.RLIM_INFINITY else max(0, limit - _OWN_FILES) // _FILES_EACH


def _granted() -> int:
    """Return how many cores the container's quota allows, rounded up, or 0 if there is no quota."""
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return -(-int(quota) // int(period)) if quota.isdecimal() else 0


class _InProcess:
    """Runs the tasks in this process: nothing is pickled."""

    count = 1

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        return map(function, tasks)

    def shut_down_idle(self) -> None:
        pass


def _executor(count: int, dask: str) -> "Executor":
    if dask:
        from trialdeck.project.parallel.cluster import Cluster  # noqa: PLC0415 - an extra

        return Cluster(dask)
    from trialdeck.project.parallel.processes import Processes  # noqa: PLC0415 - often there is only one core

    return Processes(count)
