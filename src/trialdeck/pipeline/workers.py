"""Map a pure function over tasks, in order: in this process, on all of its cores, or on a Dask cluster.

Work goes out in parcels of several tasks, a few ahead for each worker, and comes back in the order of the tasks; the
same function and tasks give the same results, and the same error, wherever they are worked on.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from trialdeck.pipeline.parcels import Answer, Crew, Parcel

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3
"""Parcels that are out for each worker: one is worked on, one waits there, one is on its way."""
_PARCEL_TAKES = 0.05
"""How many seconds of work a parcel holds: its way costs less than a hundredth, and the last ones end together."""
_LARGEST_PARCEL = 64
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

    Processes start only after this one has worked for as long as their start takes. Raises TrialdeckError where the
    library for Dask is missing, or nobody answers at the address.
    """
    if count <= 1 and not dask:
        yield _Alone()
        return
    crew = _crew(count, dask)
    try:
        yield _Sharing(crew)
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


def _crew(count: int, dask: str) -> Crew:
    if dask:
        from trialdeck.pipeline.cluster import Cluster  # noqa: PLC0415 - an extra

        return Cluster(dask)
    from trialdeck.pipeline.processes import Processes  # noqa: PLC0415 - often there is only one core

    return Processes(count)


class _Sharing:
    """A map whose tasks a crew shares."""

    def __init__(self, crew: Crew) -> None:
        self.count = crew.count
        self._crew = crew

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        remaining = iter(tasks)
        pace = _Pace()
        yield from pace.timed(function, remaining, self._crew.start_takes)
        line: list[Parcel] = []
        try:
            while self._send(line, function, remaining, pace):
                answer = self._first(line)
                pace.learn(answer)
                yield from answer.results
                if answer.error is not None:
                    raise answer.error
        finally:
            if line:
                self._crew.drop()

    def rest(self) -> None:
        self._crew.rest()

    def _send(self, line: list[Parcel], function: Callable[[T], R], remaining: Iterator[T], pace: "_Pace") -> bool:
        """Send tasks until enough is ahead; return whether anything is out."""
        while len(line) < _AHEAD * self.count:
            tasks = list(islice(remaining, pace.parcel))
            if not tasks:
                break
            self._line_up(line, len(line), [Parcel(function, tasks)])
        return bool(line)

    def _line_up(self, line: list[Parcel], place: int, parcels: list[Parcel]) -> None:
        line[place:place] = parcels
        for parcel in parcels:
            self._crew.send(parcel)

    def _first(self, line: list[Parcel]) -> Answer:
        """Take the first parcel out of the line and return its answer, and meanwhile send again what was lost."""
        while (answer := line[0].answer) is None:
            lost = [parcel for parcel in line if parcel.lost]
            for parcel in lost:
                place = line.index(parcel)
                line.remove(parcel)
                self._line_up(line, place, parcel.again())
            if not lost:
                self._crew.wait()
        del line[0]
        return answer


class _Pace:
    """How long tasks take, and so how many of them make a parcel."""

    def __init__(self) -> None:
        self._tasks = 0.0
        self._seconds = 0.0

    @property
    def parcel(self) -> int:
        """The number of tasks in the next parcel; one while nothing is known."""
        if not self._tasks:
            return 1
        return max(1, min(_LARGEST_PARCEL, int(_PARCEL_TAKES * self._tasks / max(self._seconds, 1e-9))))

    def learn(self, answer: Answer) -> None:
        """Remember how long a parcel took; what is longer ago counts for less."""
        self._tasks = self._tasks / 2 + len(answer.results)
        self._seconds = self._seconds / 2 + answer.seconds

    def timed(self, function: Callable[[T], R], tasks: Iterator[T], enough: float) -> Iterator[R]:
        """Yield results that are worked out here, until that took enough seconds."""
        if not enough:
            return
        for task in tasks:
            began = time.perf_counter()
            result = function(task)
            self._seconds += time.perf_counter() - began
            self._tasks += 1
            yield result
            if self._seconds >= enough:
                return
