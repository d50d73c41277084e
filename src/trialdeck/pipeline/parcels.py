"""Tasks on their way to a worker and back: as parcels of bytes, which every kind of worker can be sent."""

import pickle
import time
from collections.abc import Callable
from traceback import format_exc
from typing import Any, Protocol

import msgspec

from trialdeck.errors import TrialdeckError

LIVES = 3
"""How many workers may die on the same task."""


class WorkerDiedError(TrialdeckError):
    """Workers died again and again on one task, which is `task`."""

    def __init__(self, task: object) -> None:
        hint = "it may have run out of memory; build with --workers 1"
        super().__init__(f"a worker process died {LIVES} times at the same task", hint)
        self.task = task


class Answer(msgspec.Struct):
    """What came of a parcel: results up to the first error, that error, and the seconds it took."""

    results: list[Any]
    error: Exception | None
    seconds: float


class Parcel(msgspec.Struct, eq=False):
    """Some tasks on their way to a worker and back; `lost` if the worker died, `deaths` if it died of these tasks."""

    function: Callable[[Any], Any]
    tasks: list[Any]
    deaths: int = 0
    lost: bool = False
    answer: Answer | None = None

    @property
    def message(self) -> bytes:
        """The parcel as a worker gets it."""
        return pickle.dumps((self.function, self.tasks), pickle.HIGHEST_PROTOCOL)

    def again(self) -> "list[Parcel]":
        """Return what to send after a loss: the same, or, if a worker died on these tasks, each of them on its own."""
        if self.deaths and len(self.tasks) > 1:
            return [Parcel(self.function, [task]) for task in self.tasks]
        if self.deaths >= LIVES:
            raise WorkerDiedError(self.tasks[0])
        return [Parcel(self.function, self.tasks, self.deaths)]


class Crew(Protocol):
    """Workers somewhere else. They start with the first parcel, and `start_takes` so many seconds."""

    count: int

    @property
    def start_takes(self) -> float:
        """The seconds until a worker is there; 0 if they are there."""

    def send(self, parcel: Parcel) -> None:
        """Give a parcel to a worker, without waiting for the answer."""

    def wait(self) -> None:
        """Wait until a parcel that is out is answered, or lost."""

    def drop(self) -> None:
        """End all work that is under way; parcels that are out are lost."""

    def rest(self) -> None:
        """Send workers of this machine home, of whom none has work; others start with the next parcel."""

    def end(self) -> None:
        """End all work and send the workers home."""


def work(message: bytes) -> bytes:
    """Return the answer to a parcel's message; a worker calls this, and it raises nothing."""
    began = time.perf_counter()
    results: list[Any] = []
    try:
        function, tasks = pickle.loads(message)  # noqa: S301 - from the process that this one works for
        results.extend(map(function, tasks))
        return _packed(Answer(results, None, time.perf_counter() - began))
    except Exception as error:  # noqa: BLE001 - whoever asked for the map gets it
        return _with_error(results, error)


def _with_error(results: list[Any], error: Exception) -> bytes:
    """Return an answer with an error, which says where it arose, in place of one that cannot travel one that can."""
    told = f"in a worker process:\n{format_exc()}"
    error.add_note(told)
    try:
        packed = _packed(Answer(results, error, 0.0))
        pickle.loads(packed)  # noqa: S301 - our own: many errors can be pickled but not unpickled
    except Exception:  # noqa: BLE001 - anything may go wrong in an error's own code
        hint = "" if not isinstance(error, TrialdeckError) else error.hint
        plain = TrialdeckError(str(error), hint) if hint else RuntimeError(f"{type(error).__name__}: {error}")
        plain.add_note(told)
        packed = _packed(Answer([], plain, 0.0))
    return packed


def _packed(answer: Answer) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
