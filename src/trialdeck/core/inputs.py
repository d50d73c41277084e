"""Read files that somebody else wrote: ordinary files only, and only up to a size.

A pipe would be waited for without end, and a device like `/dev/zero` has none.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from trialdeck.core.errors import TrialdeckError


def open_input(path: Path) -> BinaryIO:
    """Open an ordinary file; raises OSError where it cannot be read, or is a pipe or a device."""
    # Without O_NONBLOCK, opening a pipe waits for its writer; for a file the flag changes nothing. Windows has none.
    descriptor = os.open(os.fspath(path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(descriptor, "rb")
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")


def needed_file(path: Path) -> BinaryIO:
    """Open what `open_input` does; raises TrialdeckError, which names the file, where it cannot be read."""
    try:
        return open_input(path)
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", "see that you may read it") from error


def read_input(path: Path, most: int) -> bytes:
    """Return the bytes of an ordinary file, and one more than `most` at most, which tells that there are too many.

    Raises OSError as `open_input` does.
    """
    with open_input(path) as file:
        return file.read(most + 1)


def whole_input(path: Path) -> bytes:
    """Return all bytes of an ordinary file; for what trialdeck itself writes, in any size.

    Raises OSError as `open_input` does.
    """
    with open_input(path) as file:
        return file.read()


def reason_of(error: Exception) -> str:
    """Return why something could not be read, without the path, which the message names already."""
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def read_file_or_error(path: Path, shown: str, most: int) -> bytes:
    """Return what `read_input` does; raises TrialdeckError, which calls the file `shown`, where it cannot be read."""
    try:
        return read_input(path, most)
    except OSError as error:
        raise TrialdeckError(f"cannot read {shown}: {error.strerror or error}", "see that you may read it") from error
