"""Write files so that an interruption at any moment leaves the old state or the new one, and one program at a time.

Several files become one transaction in this way: all new contents are written in a hidden folder and synced, and the
folder is then renamed. That rename is the commit. From there on the files are moved over the old ones, by this call or,
where it is interrupted, by the next: a crash of the program or of the machine in between loses nothing.
"""

import errno
import filecmp
import glob
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from trialdeck.errors import TrialdeckError
from trialdeck.interrupts import uninterrupted
from trialdeck.locks import held

WAIT = 60.0
"""How many seconds a build waits for another one."""
ABANDONED = 3600.0
"""After how many seconds nobody writes into a temporary file any more."""

STAGING = ".trialdeck.staging"
"""The hidden folder that new contents are written into; without a commit it is litter."""
COMMIT = ".trialdeck.commit"
"""What that folder is called from the commit until all of its files have been moved into place."""

_UNCHANGED = "nothing was changed there"
_PENDING = "the new files are safe: mend this, and the next build puts them in place; or remove {} to give them up"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file through a temporary one beside it; raises TrialdeckError where the disk refuses.

    A file that has this content already is not touched.
    """
    with refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if _has(path, content):
            return
        target = path.resolve()
        _remove_left(target)
        temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
        try:
            _write_new(temporary, content, like=target)
            _sync(temporary)
            temporary.replace(target)
        finally:
            # Once it has been moved there is nothing to remove; before, the error that led here is the one to tell.
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there; raises TrialdeckError where the disk refuses."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise TrialdeckError(f"cannot remove {path}: {error.strerror or error}", "see that you may") from error


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write files of a folder as one transaction, in this order, and return the names of those that have changed.

    A file that has its content already is not touched; of a link, the file behind it is replaced. Raises TrialdeckError
    where the disk refuses, or where a name is that of a folder; nothing was changed then, unless its hint says that the
    next build completes the change.
    """
    with transaction(folder) as change:
        for name, content in contents.items():
            change.put(name, content)
        change.commit()
    return change.changed


@contextmanager
def transaction(folder: Path) -> Iterator["Transaction"]:
    """Begin a transaction on a folder; what is not committed at its end is given up."""
    finish_commit(folder)
    change = Transaction(folder, folder / STAGING)
    try:
        yield change
    finally:
        # The error that led here is the one to tell; what cannot be removed now is removed by the next call.
        with uninterrupted():
            shutil.rmtree(change.staging, ignore_errors=True)


class Transaction(msgspec.Struct, dict=True):
    """New contents of files in a folder, written into `staging` until they are committed, in the order of writing."""

    folder: Path
    staging: Path
    staged: dict[str, Path] = msgspec.field(default_factory=dict)

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the files that have another content than before, in order."""
        return tuple(self.staged)

    def put(self, name: str, content: bytes) -> None:
        """Give a file a content; one that has it already is left alone."""
        with refusals(self.folder / name):
            if not _has(self.folder / name, content):
                _write_new(self._place(name), content, like=self.folder / name)

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to be written from its start; where it turns out as it was before, it is left alone."""
        with refusals(self.folder / name):
            # What is there and not a file is refused before anything is written.
            _size(self.folder / name)
            path = self._place(name)
        with self._refusing(name), path.open("x+b") as file:
            yield file
            _keep_permissions(path, like=self.folder / name)
        with refusals(self.folder / name):
            if _size(self.folder / name) == path.stat().st_size and filecmp.cmp(
                self.folder / name, path, shallow=False
            ):
                path.unlink()
                del self.staged[name]

    def path(self, name: str) -> Path:
        """Return where the content of a file is for the time being."""
        return self.staged.get(name, self.folder / name)

    def commit(self) -> None:
        """Put all new contents in place: from the moment of the commit on, the next call completes what is left."""
        if not self.staged:
            return
        for name, path in self.staged.items():
            with refusals(self.folder / name):
                _sync(path)
        with uninterrupted(), refusals(self.folder):
            for name in self.staged:
                with refusals(self.folder / name):
                    _refuse_other_file_system(self.folder, name)
            _sync_names(self.staging)
            self.staging.rename(self.folder / COMMIT)
            _roll_forward(self.folder)

    def _place(self, name: str) -> Path:
        if not self.staging.is_dir():
            self.staging.mkdir(parents=True)
        return self.staged.setdefault(name, self.staging / f"{len(self.staged):06}-{name}")

    @contextmanager
    def _refusing(self, name: str) -> Iterator[None]:
        """Turn what the disk refuses of this file into an error; what else goes wrong is not of the disk."""
        try:
            yield
        except OSError as error:
            if error.filename is None or Path(error.filename) == self.staged.get(name):
                raise TrialdeckError(
                    f"cannot write {self.folder / name}: {error.strerror or error}", _UNCHANGED
                ) from error
            raise


def finish_commit(folder: Path) -> None:
    """Complete a transaction that was interrupted after its commit; remove what is left of one that never got there.

    A commit is given up where somebody has written one of its files since: what `git` brought in counts, not what
    the interrupted build had in mind. Raises TrialdeckError where the disk refuses.
    """
    staging, commit = folder / STAGING, folder / COMMIT
    with refusals(staging):
        if staging.exists():
            shutil.rmtree(staging)
    with refusals(commit, _PENDING.format(commit)):
        if commit.exists() and _overtaken(folder):
            shutil.rmtree(commit)
    if commit.exists():
        _roll_forward(folder)


@contextmanager
def locked(folder: Path, *, leaves_no_file: bool = False) -> Iterator[None]:
    """Keep other builds out of a folder; one that is under way is waited for, a minute at most.

    With `leaves_no_file`, the file of the lock goes with it, where the system allows that: for folders of somebody
    else's files. Raises TrialdeckError where the wait was in vain or the disk refuses.
    """
    with ExitStack() as stack:
        with refusals(folder):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(held(folder / ".trialdeck.lock", WAIT, leaves_no_file=leaves_no_file))
            except TimeoutError as error:
                message = f"another build has been writing into {folder} for {WAIT} seconds"
                raise TrialdeckError(message, "wait until it has ended, or end it") from error
        yield


@contextmanager
def refusals(path: Path, hint: str = _UNCHANGED) -> Iterator[None]:
    """Turn what the disk refuses into a TrialdeckError that names the file, with a hint what to do."""
    try:
        yield
    except OSError as error:
        raise TrialdeckError(f"cannot write {path}: {error.strerror or error}", hint) from error


def _roll_forward(folder: Path) -> None:
    """Move committed files into place, in their order."""
    commit = folder / COMMIT
    with uninterrupted(), refusals(commit, _PENDING.format(commit)):
        _sync_names(folder)
        for staged, path in _moves(folder):
            with refusals(path, _PENDING.format(commit)):
                staged.replace(path.resolve())
        # Not rmdir: a file manager may have left a file of its own in there.
        shutil.rmtree(commit)
        _sync_names(folder)


def _moves(folder: Path) -> list[tuple[Path, Path]]:
    """Return the committed files that are still to be moved, and where to."""
    named = [(staged, staged.name.partition("-")[2]) for staged in sorted((folder / COMMIT).iterdir())]
    return [(staged, folder / name) for staged, name in named if name]


def _overtaken(folder: Path) -> bool:
    return any(path.exists() and path.stat().st_mtime_ns > staged.stat().st_mtime_ns for staged, path in _moves(folder))


def _has(path: Path, content: bytes) -> bool:
    """Tell whether a file has this content already; what is there and not a file is refused."""
    return _size(path) == len(content) and path.read_bytes() == content


def _size(path: Path) -> int:
    """Return the size of a file, or -1 where there is none; what is there and not a file is refused."""
    try:
        former = path.stat()
    except FileNotFoundError:
        return -1
    if not stat.S_ISREG(former.st_mode):
        raise OSError(errno.EISDIR, "it is a folder" if stat.S_ISDIR(former.st_mode) else "it is not a file")
    return former.st_size


def _refuse_other_file_system(folder: Path, name: str) -> None:
    """Only within a file system is a move one step, so a link that leaves it could leave half a file behind."""
    if (folder / name).resolve().parent.stat().st_dev != folder.stat().st_dev:
        raise OSError(errno.EXDEV, "it is a link to another file system")


def _remove_left(target: Path) -> None:
    """Remove temporary files that killed calls have left beside a file; one that is young may be in use."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - ABANDONED:
                left.unlink()


def _write_new(path: Path, content: bytes, like: Path) -> None:
    """Write a new file, with the permissions of the one that it is to replace, and have the disk begin with it.

    To sync a thousand files at the end costs half as much then: the disk works while the next ones are made.
    """
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        if sys.platform == "linux":  # where the disk begins at once with what is said to be needed no longer
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    _keep_permissions(path, like)


def _keep_permissions(path: Path, like: Path) -> None:
    """Give a new file the permissions of the one that it is to replace, if there is one."""
    if like.exists() and like.stat().st_mode != path.stat().st_mode:
        path.chmod(stat.S_IMODE(like.stat().st_mode))


def _sync(path: Path) -> None:
    """Write what is in a file, or the names in a folder, down to the disk."""
    # Windows syncs what may be written to; elsewhere a file whose permissions forbid that can be synced as well.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_names(folder: Path) -> None:
    """Write the names in a folder down to the disk, where the system can."""
    if os.name == "nt":  # which cannot open folders, and needs no such call
        return
    try:
        _sync(folder)
    except OSError as error:
        # Some network and shared file systems cannot sync folders; their files are synced all the same.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
