"""A file lock that the operating system releases when the process ends."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

_AGAIN = 0.05
"""After how many seconds a lock that is held is tried again."""


Attempts = Callable[[Iterable[int], int], Iterable[int]]
"""Lets somebody see that a lock is waited for: it gets the attempts and their number, and returns the attempts."""


@contextmanager
def file_lock(
    path: Path, wait: float, *, leaves_no_file: bool = False, attempts: Attempts | None = None
) -> Iterator[None]:
    """Hold the lock of a file; make the file if it does not exist, and remove it at the end if `leaves_no_file`.

    `attempts` gets the attempts if somebody else holds the lock at first. Raises TimeoutError if somebody else holds
    it for `wait` seconds, and OSError if the system refuses.
    """
    lock = _taken(path)
    if lock is None:
        lock = _waited_for(path, wait, attempts or (lambda tries, _: tries))
    try:
        yield
    finally:
        try:
            if leaves_no_file:
                # A process that waits for this file finds that it is gone (see `_taken`), and makes a new one.
                with suppress(OSError):
                    path.unlink()
        finally:
            _let_go(lock)


def _waited_for(path: Path, wait: float, attempts: Attempts) -> "_Lock":
    for _ in attempts(_tries(wait), round(wait / _AGAIN)):
        if (lock := _taken(path)) is not None:
            return lock
    raise TimeoutError


def _tries(wait: float) -> Iterator[int]:
    """Yield the numbers of the attempts, some time apart, until the time is over."""
    end = time.monotonic() + wait
    for number in count(1):
        if time.monotonic() >= end:
            return
        time.sleep(_AGAIN)
        yield number


if sys.platform == "win32":
    import filelock

    _Lock = filelock.BaseFileLock

    def _taken(path: Path) -> filelock.BaseFileLock | None:
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            return None
        return lock

    def _let_go(lock: filelock.BaseFileLock) -> None:
        lock.release()

else:
    # The same as filelock does here, which is slow to import.
    import fcntl

    _Lock = int

    def _taken(path: Path) -> int | None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # If the former holder has removed the file, this lock is on a file that no other process can open.
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):  # noqa: PTH116
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _let_go(descriptor: int) -> None:
        # Forked workers have the file open too, so closing it in this process would not release the lock.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
