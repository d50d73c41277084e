"""A file lock that the operating system releases when the process ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_AGAIN = 0.05
"""After how many seconds a lock that is held is tried again."""


@contextmanager
def file_lock(path: Path, wait: float, *, leaves_no_file: bool = False) -> Iterator[None]:
    """Hold the lock of a file; make the file if it does not exist, and remove it at the end if `leaves_no_file`.

    Raises TimeoutError if somebody else holds it for `wait` seconds, and OSError if the system refuses.
    """
    end = time.monotonic() + wait
    while (lock := _taken(path)) is None:
        if time.monotonic() >= end:
            raise TimeoutError
        time.sleep(_AGAIN)
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


if sys.platform == "win32":
    import filelock

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
