"""Write files so that an interruption at any point leaves the former one whole, and one program at a time."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialdeck.errors import TrialdeckError

WAIT = 60.0
"""How many seconds a build waits for another one."""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file through a temporary one beside it; raises TrialdeckError where the disk refuses.

    A file that has this content already is not touched.
    """
    if path.is_file() and path.read_bytes() == content:
        return
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_through(temporary, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other builds out of a folder; one that is under way is waited for, a minute at most.

    Raises TrialdeckError where the wait was in vain or the disk refuses.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - needed for builds only

    lock = FileLock(folder / ".trialdeck.lock", timeout=WAIT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        message = f"another build has been writing into {folder} for {WAIT} seconds"
        raise TrialdeckError(message, "wait until it has ended, or end it") from error
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _refused(path: Path, error: OSError) -> TrialdeckError:
    return TrialdeckError(f"cannot write {path}: {error.strerror or error}", "nothing was changed there")


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
