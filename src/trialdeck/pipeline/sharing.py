"""A map whose tasks a crew shares: work goes out in parcels of several tasks, a few ahead for each worker."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from trialdeck.pipeline.parcels import Answer, Crew, Parcel

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3
"""Parcels that are out for each worker: one is worked on, one waits there, one is on its way."""
_PARCEL_TAKES = 0.05
"""How many seconds of work a parcel holds: its way costs less than a hundredth, and the last ones end together."""
_LARGEST_PARCEL = 64


class Sharing:
    """A map whose tasks a crew shares."""

    def __init__(self, crew: Crew) -> None:
        self.count = crew.count
        self._crew = crew

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield results in the order of the tasks; see `trialdeck.pipeline.workers.Workers`."""
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
        """Let the crew rest."""
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
