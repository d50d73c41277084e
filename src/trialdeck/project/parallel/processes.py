"""Workers on this machine: a `ProcessPoolExecutor` that is made again when one of its processes dies.

All processes of such a pool write to one pipe. If one is killed in the middle of a large result, the pool waits for the
rest of it for ever. So batches and answers are files in a temporary folder, and the pipe carries only their names: so
few bytes are written whole or not at all.
"""

import gc
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from contextlib import ExitStack, contextmanager, suppress
from itertools import count as counted
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.temporary import scratch_folder
from trialdeck.project.parallel.batches import Executor, work

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.connection import Connection

    Pipe: TypeAlias = Connection[Any, Any]

_START_TAKES = {"fork": 0.02, "spawn": 0.4}
"""Seconds until two workers are ready, by start method; a new interpreter has to import everything again."""
_LOOK_AFTER = 5.0
"""Seconds without an answer, after which we look whether the pool still works."""


class Processes(Executor):
    """So many worker processes, which start with the first batch."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._can_start = True
        self._pool: ProcessPoolExecutor | None = None
        self._folder = Path()
        self._names = counted()
        self._end = ExitStack()

    @property
    def start_takes(self) -> float:
        """Seconds until the workers are ready; 0 if they are."""
        return 0.0 if self._pool else _START_TAKES[_start_method()]

    def submit(self, message: bytes) -> "Future[Path | bytes]":
        """Send a batch to a worker; if the system lets none start, work on it here."""
        if not self._pool and self._can_start:
            self._start()
        if not self._pool:
            done: Future[Path | bytes] = Future()
            done.set_result(work(message))
            return done
        path = self._folder / str(next(self._names))
        try:
            path.write_bytes(message)
            with _sigint_blocked():
                return self._pool.submit(_answer_file, path)
        except BrokenExecutor as error:  # a worker died while there was nothing to do
            broken: Future[Path | bytes] = Future()
            broken.set_exception(error)
            return broken
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def answer(self, future: "Future[Path | bytes]") -> bytes:
        """Wait for the answer to a batch; raises BrokenExecutor if its pool broke, or was shut down."""
        while not wait([future], _LOOK_AFTER).done:
            # Before Python 3.12, a batch that is submitted at the moment of a death is never answered.
            self._raise_if_broken()
        try:
            result = future.result()
            if isinstance(result, bytes):
                return result
            content = result.read_bytes()
            result.unlink()
        except (CancelledError, FileNotFoundError) as error:
            raise BrokenExecutor from error
        except OSError as error:
            raise _unusable(self._folder, error) from error
        return content

    def cancel(self) -> None:
        """End all workers at once; the next batch starts new ones."""
        self._pool = None
        self._end.close()

    shut_down_idle = shut_down = cancel

    def _start(self) -> None:
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - slow to import
        from multiprocessing import get_context  # noqa: PLC0415 - slow to import

        try:
            self._folder = self._end.enter_context(scratch_folder())
            method = _start_method()
            context: Any = get_context(method)  # the types know no parent of all contexts
            if method == "fork":
                self._end.callback(_wait_for_threads_to_end)
            reader, lifeline = context.Pipe(duplex=False)
            self._end.callback(reader.close)
            arguments = (reader, lifeline, self._folder)
            self._pool = ProcessPoolExecutor(self.count, context, _begin_worker, arguments)
            self._end.callback(self._pool.shutdown, cancel_futures=True)
            self._end.callback(lifeline.close)
            self._raise_if_broken()  # this starts the processes
        except (OSError, ImportError, NotImplementedError, TrialdeckError):
            # The system grants no processes, no semaphores or no temporary folder.
            self.cancel()
            self._can_start = False

    def _raise_if_broken(self) -> None:
        """Raise BrokenExecutor if a worker has died: the pool says so only to those who submit something."""
        if self._pool:
            with _sigint_blocked():
                self._pool.submit(os.getpid)


def _start_method() -> Literal["fork", "spawn"]:
    """Return "fork" where it is safe, else "spawn".

    A fork starts in milliseconds and has all that was imported and cached already. But it copies only the thread that
    forks: a lock that another thread holds stays locked for ever. So it is used only if this process has no other
    thread, those of libraries included, as Linux counts them; other systems have threads that cannot be counted.
    """
    return "fork" if _has_one_thread() else "spawn"


def _has_one_thread() -> bool:
    threads = Path("/proc/self/task")
    return sys.platform == "linux" and threads.is_dir() and len(list(threads.iterdir())) == 1


def _wait_for_threads_to_end() -> None:
    """Wait for the threads of a pool, which is shut down, or the next one could not fork.

    Python has joined them already, but the system counts them for a moment longer.
    """
    for _ in range(200):
        if _has_one_thread() or threading.active_count() > 1:
            return
        time.sleep(0.001)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Keep Ctrl-C from a process that starts: it inherits the mask, and would print a traceback."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unusable(folder: Path, error: OSError) -> TrialdeckError:
    reason = error.strerror or str(error)
    return TrialdeckError(f"cannot use the temporary folder {folder}: {reason}", "make room there, or set TMPDIR")


def _begin_worker(reader: "Pipe", lifeline: "Pipe", folder: Path) -> None:
    """Prepare a worker. It ends when the other end of the pipe closes: the parent shuts down, or was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal: the first one answers it
    lifeline.close()
    # A garbage collection writes into the head of every object, which would copy all pages shared with the parent.
    gc.freeze()
    threading.Thread(target=_end_with_parent, args=(reader, folder), daemon=True).start()


def _end_with_parent(reader: "Pipe", folder: Path) -> None:
    with suppress(EOFError, OSError):
        reader.recv_bytes()  # blocks until the parent closes its end: nothing is ever sent
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _answer_file(path: Path) -> Path:
    """Replace a batch in a file by its answer, and return the file."""
    path.write_bytes(work(path.read_bytes()))
    return path
