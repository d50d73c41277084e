"""A map whose tasks go to an executor in batches, and whose results come back in the order of the tasks."""

import pickle
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from itertools import islice
from traceback import format_exc
from typing import Any, TypeVar

import msgspec

from trialdeck.core.errors import TrialdeckError

T = TypeVar("T")
R = TypeVar("R")

LIVES = 3
"""How many workers may die on the same task."""
_AHEAD = 3
"""Batches that are out for each worker: one in work, two waiting, so that no worker waits for this process."""
_BATCH_TAKES = 0.05
"""Seconds of work in a batch: sending it costs less than a hundredth of that, and all workers end at about one time."""
_LARGEST_BATCH = 64


class WorkerDiedError(TrialdeckError):
    """Workers died again and again on one task, which is `task`."""

    def __init__(self, task: object) -> None:
        hint = "it may have run out of memory; build with --workers 1"
        super().__init__(f"a worker process died {LIVES} times at the same task", hint)
        self.task = task


class Answer(msgspec.Struct):
    """The outcome of a batch: results up to the first error, that error, and the seconds it took."""

    results: list[Any]
    error: Exception | None
    seconds: float


class Executor(ABC):
    """Workers that get batches as bytes, answer each with `work`, and may die; see `project.parallel.workers`."""

    count: int

    @property
    @abstractmethod
    def start_takes(self) -> float:
        """Seconds until the workers are ready; 0 if they are."""

    @abstractmethod
    def submit(self, message: bytes) -> Any:
        """Send a batch to a worker, and return a future without waiting for the answer."""

    @abstractmethod
    def answer(self, future: Any) -> bytes:
        """Wait for the answer to a batch; raises BrokenExecutor if a worker died, or if the batch was cancelled."""

    @abstractmethod
    def cancel(self) -> None:
        """Stop all work that is out, at once."""

    @abstractmethod
    def shut_down_idle(self) -> None:
        """Free the memory of workers on this machine while there is nothing to do."""

    @abstractmethod
    def shut_down(self) -> None:
        """Stop all work that is out, and leave no worker of ours behind."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of the tasks."""
        remaining = iter(tasks)
        size = yield from _work_here(function, remaining, self.start_takes)
        out: deque[tuple[list[T], Any]] = deque()
        try:
            while self._fill(out, function, remaining, size):
                try:
                    answer = self._answer(out[0][1])
                except BrokenExecutor:
                    yield from self._redo(function, out)
                    continue
                out.popleft()
                size = _batch_size(len(answer.results), answer.seconds)
                yield from _results(answer)
        finally:
            if out:
                self.cancel()

    def _fill(
        self, out: deque[tuple[list[T], Any]], function: Callable[[T], R], remaining: Iterator[T], size: int
    ) -> bool:
        """Submit batches until enough are out; return whether any is."""
        while len(out) < _AHEAD * self.count and (tasks := list(islice(remaining, size))):
            out.append((tasks, self._submit(function, tasks)))
        return bool(out)

    def _redo(self, function: Callable[[T], R], out: deque[tuple[list[T], Any]]) -> Iterator[R]:
        """Yield the results of all that was out when a worker died.

        Nobody knows at which task it died. So one task is out at a time: this shows which one kills workers, and gives
        each of them all the memory there is.
        """
        self.cancel()
        while out:
            tasks, _ = out.popleft()
            for task in tasks:
                yield from _results(self._retried(function, task))

    def _retried(self, function: Callable[[T], R], task: T) -> Answer:
        for _ in range(LIVES):
            try:
                return self._answer(self._submit(function, [task]))
            except BrokenExecutor:
                self.cancel()
        raise WorkerDiedError(task)

    def _submit(self, function: Callable[[T], R], tasks: list[T]) -> Any:
        return self.submit(pickle.dumps((function, tasks), pickle.HIGHEST_PROTOCOL))

    def _answer(self, future: Any) -> Answer:
        answer: Answer = pickle.loads(self.answer(future))  # noqa: S301 - from workers of ours
        return answer


def _work_here(function: Callable[[T], R], tasks: Iterator[T], enough: float) -> Generator[R, None, int]:
    """Yield results that are computed in this process until that took enough seconds; return the size of a batch."""
    count, seconds = 0, 0.0
    while seconds < enough:
        began = time.perf_counter()
        results = [function(task) for task in islice(tasks, 1)]
        if not results:
            break
        seconds += time.perf_counter() - began
        count += 1
        yield results[0]
    return _batch_size(count, seconds)


def _batch_size(count: int, seconds: float) -> int:
    """Return the number of tasks in the next batch, if so many took so many seconds."""
    return max(1, min(_LARGEST_BATCH, int(_BATCH_TAKES * count / max(seconds, 1e-9))))


def _results(answer: Answer) -> Iterator[Any]:
    yield from answer.results
    if answer.error is not None:
        raise answer.error


def work(message: bytes) -> bytes:
    """Return the answer to a batch, as bytes; a worker calls this, and it raises no Exception."""
    began = time.perf_counter()
    results: list[Any] = []
    try:
        function, tasks = pickle.loads(message)  # noqa: S301 - from the process that this one works for
        results.extend(map(function, tasks))
        return _packed(Answer(results, None, time.perf_counter() - began))
    except Exception as error:  # noqa: BLE001 - the caller of the map gets it
        return _with_error(results, error)


def _with_error(results: list[Any], error: Exception) -> bytes:
    """Return an answer with an error and where it arose; an error that cannot be pickled is replaced by its text."""
    origin = f"in a worker process:\n{format_exc()}"
    error.add_note(origin)
    try:
        packed = _packed(Answer(results, error, 0.0))
        pickle.loads(packed)  # noqa: S301 - our own: many errors can be pickled but not unpickled
    except Exception:  # noqa: BLE001 - anything may go wrong in an error's own code
        hint = "" if not isinstance(error, TrialdeckError) else error.hint
        plain = TrialdeckError(str(error), hint) if hint else RuntimeError(f"{type(error).__name__}: {error}")
        plain.add_note(origin)
        packed = _packed(Answer([], plain, 0.0))
    return packed


def _packed(answer: Answer) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
