"""Workers on this machine: processes of our own, each with a pipe.

The pool of the standard library shares one pipe between all workers: whoever is killed in the middle of a large result
leaves the others, and the end of the program, waiting for the rest of it. With a pipe for each a death is just the end
of its pipe, it is known which tasks it concerns, and no thread of ours stands in the way of a further fork.
"""

import gc
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from trialdeck.pipeline.parcels import Parcel, work

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    Pipe: TypeAlias = Connection[bytes, bytes]

_START_TAKES = {"fork": 0.02, "spawn": 0.4}
"""Seconds until two workers are there, by start method; a new interpreter has to import everything again."""
_GO_HOME = b"go home"
_GRACE = 2.0
"""Seconds that a worker without work has to go home by itself."""


class _Hand(msgspec.Struct):
    """A worker process, our end of its pipe, and the parcels it has: the first is worked on, the others wait there."""

    process: "BaseProcess"
    pipe: "Pipe"
    parcels: deque[Parcel] = msgspec.field(default_factory=deque)


class Processes:
    """As many worker processes as wanted, each started when there is a parcel for it, and again when it died."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._hands: list[_Hand] = []

    @property
    def start_takes(self) -> float:
        """The seconds until the workers are there; 0 if they are."""
        return 0.0 if self._hands else _START_TAKES[_start_method()]

    def send(self, parcel: Parcel) -> None:
        """Give a parcel to the worker that has the fewest."""
        message = parcel.message
        if len(self._hands) < self.count:
            self._hire()
        hand = min(self._hands, key=lambda each: len(each.parcels))
        hand.parcels.append(parcel)
        with suppress(OSError):  # it died: the end of its pipe will tell, after its last answers
            hand.pipe.send_bytes(message)

    def wait(self) -> None:
        """Wait until a worker has answered, or has died."""
        from multiprocessing.connection import wait  # noqa: PLC0415 - slow to import

        busy = [hand for hand in self._hands if hand.parcels]
        ready = wait([hand.pipe for hand in busy])
        for hand in busy:
            if hand.pipe in ready:
                self._hear(hand)

    def drop(self) -> None:
        """End all workers at once; others start with the next parcel."""
        self.end()

    def rest(self) -> None:
        """Let the workers go home: each holds some 30 MB."""
        self.end()

    def end(self) -> None:
        """End the workers: those at work at once, while those without may finish as a program does."""
        hands, self._hands = self._hands, []
        for hand in hands:
            if hand.parcels:
                hand.process.kill()
                continue
            with suppress(OSError):  # it died without work
                hand.pipe.send_bytes(_GO_HOME)
        for hand in hands:
            _bury(hand, _GRACE)
        gc.unfreeze()

    def _hire(self) -> None:
        from multiprocessing import get_context  # noqa: PLC0415 - slow to import

        method = _start_method()
        context: Any = get_context(method)  # the types know no parent of all contexts
        ours, theirs = context.Pipe()
        # A fork has all our pipes open too, its own included: no worker would ever see the end of one.
        inherited = [*(hand.pipe for hand in self._hands), ours] if method == "fork" else []
        process = context.Process(target=_serve, args=(theirs, inherited), daemon=True)
        # To look for garbage is to write beside every object: that would copy all that a fork shares with us.
        gc.freeze()
        with _ctrl_c_held_back():
            process.start()
            self._hands.append(_Hand(process, ours))
        theirs.close()

    def _hear(self, hand: _Hand) -> None:
        try:
            message = hand.pipe.recv_bytes()
        except (EOFError, OSError):
            hand.parcels[0].deaths += 1
            self._hands.remove(hand)
            hand.process.kill()
            _bury(hand)
        else:
            answer = pickle.loads(message)  # noqa: S301 - from a process of ours
            hand.parcels.popleft().answer = answer


def _bury(hand: _Hand, grace: float | None = None) -> None:
    """Wait for the end of a process, and kill it if it takes longer than it may."""
    hand.process.join(grace)
    hand.process.kill()
    hand.process.join()
    hand.process.close()
    hand.pipe.close()
    for parcel in hand.parcels:
        parcel.lost = True


def _start_method() -> Literal["fork", "spawn"]:
    """Return "fork" where it is safe, else "spawn".

    A fork starts in milliseconds and has all that was imported and cached already. But it copies only the thread that
    forks: a lock that another one holds stays locked for ever. So it is taken only where this process has no other
    thread, those of libraries included, as Linux counts them; systems elsewhere have such threads that nobody sees.
    """
    threads = Path("/proc/self/task")
    if sys.platform == "linux" and threads.is_dir() and len(list(threads.iterdir())) == 1:
        return "fork"
    return "spawn"


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Keep Ctrl-C from a process that starts: it inherits what is held back, and would print a traceback."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: "Pipe", inherited: "Sequence[Pipe]") -> None:
    """Answer parcels until there is no more work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal: one of them answers it
    for other in inherited:
        other.close()
    inbox: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(pipe, inbox), daemon=True).start()
    with suppress(OSError):
        for message in iter(inbox.get, _GO_HOME):
            pipe.send_bytes(work(message))


def _listen(pipe: "Pipe", inbox: "SimpleQueue[bytes]") -> None:
    """Take parcels off the pipe while others are worked on: whoever sends never waits for one who sends himself."""
    with suppress(EOFError, OSError):
        while True:
            inbox.put(pipe.recv_bytes())
    os._exit(1)  # whoever gave the work is gone: nobody waits for it any more
