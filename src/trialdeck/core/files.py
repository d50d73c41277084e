"""Replace one file atomically: after an interruption the old content or the new one is there.

`trialdeck.core.transactions` does that for several files.
"""

import errno
import glob
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.safe_paths import target_of
from trialdeck.core.system.windows import IS_WINDOWS, patiently, remedy

ABANDONED = 3600.0
"""After how many seconds nobody writes into a temporary file any more."""
UNCHANGED = "nothing was changed there"


def replace_file(path: Path, content: bytes, within: Path | None = None) -> None:
    """Write a file through a temporary one beside it; a file that has this content already is not touched.

    If the path is a link, its target is replaced. Raises TrialdeckError if that is outside the folder `within` (by
    default the one that the link is in), or the disk refuses.
    """
    with refusals(path):
        target = target_of(path, within or path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        if has(target, content):
            return
        _remove_left(target)
        temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
        try:
            write_new(temporary, content, like=target)
            sync(temporary)
            patiently(lambda: temporary.replace(target))
        finally:
            # After the move there is no file to remove; before it, the first error counts, not one of this removal.
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there; raises TrialdeckError where the disk refuses."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise TrialdeckError(f"cannot remove {path}: {error.strerror or error}", "see that you may") from error


@contextmanager
def refusals(path: Path, hint: str = UNCHANGED) -> Iterator[None]:
    """Turn what the disk refuses into a TrialdeckError that names the file, with a hint what to do."""
    try:
        yield
    except OSError as error:
        told = "; ".join(filter(None, (remedy(error, path), hint)))
        raise TrialdeckError(f"cannot write {path}: {error.strerror or error}", told) from error


def has(path: Path, content: bytes) -> bool:
    """Tell whether a file has this content already; anything that is not a file is refused."""
    return size(path) == len(content) and path.read_bytes() == content


def size(path: Path) -> int:
    """Return the size of a file, or -1 if it does not exist; anything that is not a file is refused."""
    try:
        former = path.stat()
    except FileNotFoundError:
        return -1
    if not stat.S_ISREG(former.st_mode):
        raise OSError(errno.EISDIR, "it is a folder" if stat.S_ISDIR(former.st_mode) else "it is not a file")
    return former.st_size


def _remove_left(target: Path) -> None:
    """Remove temporary files that killed calls have left beside a file; one that is young may be in use."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - ABANDONED:
                left.unlink()


def write_new(path: Path, content: bytes, like: Path) -> None:
    """Write a new file, with the permissions of the one that it is to replace, and let the disk begin to write it.

    To sync a thousand files at the end then takes half as long: the disk works while the next files are made.
    """
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        if sys.platform == "linux":  # DONTNEED makes Linux begin to write the file at once
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    keep_permissions(path, like)


def keep_permissions(path: Path, like: Path) -> None:
    """Give a new file the permissions of the one that it is to replace, if there is one."""
    if like.exists() and like.stat().st_mode != path.stat().st_mode:
        path.chmod(stat.S_IMODE(like.stat().st_mode))


def sync(path: Path) -> None:
    """Write what is in a file, or the names in a folder, down to the disk."""
    # Windows syncs only a file that is open for writing; other systems also sync one that may not be written.
    descriptor = os.open(path, os.O_RDWR if IS_WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(folder: Path) -> None:
    """Write the names in a folder down to the disk, where the system can."""
    if IS_WINDOWS:  # which cannot open folders, and needs no such call
        return
    try:
        sync(folder)
    except OSError as error:
        # Some network and shared file systems cannot sync folders; their files are synced all the same.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
