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
    """Hold the lock of a file, which is made if it does not exist; with `leaves_no_file` it goes again.

    Raises TimeoutError where somebody else holds it for `wait` seconds, and OSError where the system refuses.
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
                # Whoever waits for the file that goes now finds that out, and makes another.
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
    # filelock is slow to import, and what it does here is this.
    import fcntl

    def _taken(path: Path) -> int | None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who held it before may have removed the file: then this is a lock of nothing.
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
        # Workers have it open too: to close it here alone would not let go of it.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
