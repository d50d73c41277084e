"""Write several files as one transaction, with a lock on their folder.

All new contents are written into a hidden folder and synced, and the folder is then renamed. That rename is the commit.
From there on the files are moved over the old ones, by this call or, where it is interrupted, by the next: a crash of
the program or of the machine in between loses nothing. The next call completes only what this machine has begun: see
`trialdeck.core.commit_marks`.
"""

import errno
import filecmp
import hashlib
import os
import re
import shlex
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from trialdeck.core.commit_marks import leave_mark, marked_files, remove_mark
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import UNCHANGED, has, keep_permissions, refusals, size, sync, sync_names, write_new
from trialdeck.core.interrupts import defer_sigint
from trialdeck.core.locks import Attempts, file_lock
from trialdeck.core.safe_paths import refuse_link, target_of
from trialdeck.core.system.windows import IS_WINDOWS, patiently

WAIT = 60.0
"""How many seconds a build waits for another one."""

STAGING = ".trialdeck.staging"
"""The hidden folder that new contents are written into; without a commit it is litter."""
COMMIT = ".trialdeck.commit"
"""What that folder is called from the commit until all of its files have been moved into place."""

LOCK = ".trialdeck.lock"
"""The file whose lock a program holds while it writes into the folder."""

_STAGED = re.compile(r"\d{6,}-.")
"""How files in these folders are called: by a number, which gives the order, and the name of the file to replace."""
_PENDING = "the new files are safe: mend this, and the next build puts them in place; or remove {} to give them up"


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write files of a folder as one transaction, in this order, and return the names of those that have changed.

    A file that has its content already is not touched; if a name is that of a link, its target is replaced. Raises
    TrialdeckError where that is outside the folder, where a name is that of a folder, or where the disk refuses;
    nothing was changed then, unless its hint says that the next build completes the change.
    """
    with transaction(folder) as change:
        for name, content in contents.items():
            change.put(name, content)
        change.commit()
    return change.changed


@contextmanager
def transaction(folder: Path) -> Iterator["Transaction"]:
    """Begin a transaction on a folder; without a commit, its end drops all changes."""
    finish_commit(folder)
    change = Transaction(folder, folder / STAGING)
    try:
        yield change
    finally:
        # An error of the block counts, not one of this removal; the next call removes what is left.
        with defer_sigint():
            shutil.rmtree(change.staging, ignore_errors=True)


class Transaction(msgspec.Struct, dict=True):
    """New contents of files in a folder, written into `staging` until they are committed, in the order of writing.

    `digests` has the SHA-256 of each file in `staging`, by its name there.
    """

    folder: Path
    staging: Path
    staged: dict[str, Path] = msgspec.field(default_factory=dict)
    digests: dict[str, bytes] = msgspec.field(default_factory=dict)

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the files that have another content than before, in order."""
        return tuple(self.staged)

    def put(self, name: str, content: bytes) -> None:
        """Give a file a content; one that has it already is left alone."""
        with refusals(self.folder / name):
            former = target_of(self.folder / name, self.folder)
            if not has(former, content):
                path = self._place(name)
                write_new(path, content, like=former)
                self.digests[path.name] = hashlib.sha256(content).digest()

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to be written from its start; if the new content equals the old one, the file is not touched."""
        with refusals(self.folder / name):
            former = target_of(self.folder / name, self.folder)
            # Refuse a folder or a pipe of this name before anything is written.
            size(former)
            path = self._place(name)
        with self._refusing(name), path.open("x+b") as file:
            yield file
            keep_permissions(path, like=former)
        with refusals(self.folder / name):
            if size(former) == path.stat().st_size and filecmp.cmp(former, path, shallow=False):
                path.unlink()
                del self.staged[name]
            else:
                self.digests[path.name] = _digest(path)

    def path(self, name: str) -> Path:
        """Return where the content of a file is for the time being."""
        return self.staged.get(name, self.folder / name)

    def commit(self) -> None:
        """Put all new contents in place; if that is interrupted, the next call completes the commit."""
        if not self.staged:
            return
        for name, path in self.staged.items():
            with refusals(self.folder / name):
                sync(path)
        with defer_sigint(), refusals(self.folder):
            moves = [(path.name, self._target(name)) for name, path in self.staged.items()]
            sync_names(self.staging)
            leave_mark(self.folder, {name: self.digests[name] for name, _ in moves})
            patiently(lambda: self.staging.rename(self.folder / COMMIT))
            _roll_forward(self.folder, moves)

    def _target(self, name: str) -> Path:
        """Return the file that is replaced, in the file system of the folder: only there is a move one step."""
        path = self.folder / name
        with refusals(path):
            target = target_of(path, self.folder)
            if target is not path and target.parent.stat().st_dev != self.folder.stat().st_dev:
                raise OSError(errno.EXDEV, "it is a link to another file system")
        return target

    def _place(self, name: str) -> Path:
        if name == ".." or Path(name).name != name:
            raise ValueError(f"{name!r} is not the name of a file")
        if not self.staging.is_dir():
            self.staging.mkdir(parents=True)
        return self.staged.setdefault(name, self.staging / f"{len(self.staged):06}-{name}")

    @contextmanager
    def _refusing(self, name: str) -> Iterator[None]:
        """Turn an OSError about this file into a TrialdeckError; raise any other error as it is."""
        try:
            yield
        except OSError as error:
            if error.filename is None or Path(error.filename) == self.staged.get(name):
                raise TrialdeckError(
                    f"cannot write {self.folder / name}: {error.strerror or error}", UNCHANGED
                ) from error
            raise


def refuse_links(folder: Path, *names: str) -> None:
    """Raise TrialdeckError if a file that is read before it is written is a link out of the folder."""
    for name in names:
        with refusals(folder / name):
            target_of(folder / name, folder)


def finish_commit(folder: Path) -> None:
    """Complete a transaction that was interrupted after its commit; remove what is left of one that never got there.

    A commit is dropped if one of its files was written afterwards: what `git` brought in counts, not what the
    interrupted build wanted to write. Raises TrialdeckError where the commit is not one of this machine, or the disk
    refuses.
    """
    staging, commit = folder / STAGING, folder / COMMIT
    with refusals(staging):
        refuse_link(staging)
        if os.path.lexists(staging):
            if not staging.is_dir():
                # rmtree would open a pipe, and wait for its writer without end.
                raise NotADirectoryError(errno.ENOTDIR, "it is not a folder")
            shutil.rmtree(staging)
    if is_pending(folder):
        with refusals(commit, _PENDING.format(commit)):
            moves = _verified_moves(folder)
            overtaken = any(_is_newer(path, commit / name) for name, path in moves)
            _roll_forward(folder, [] if overtaken else moves)


def is_pending(folder: Path) -> bool:
    """Tell whether a commit in a folder waits to be completed.

    Raises TrialdeckError where this machine has not begun it: it may have come with the project.
    """
    commit = folder / COMMIT
    if not os.path.lexists(commit):
        return False
    with refusals(commit):
        refuse_link(commit)
    if marked_files(folder) is not None:
        return True
    # The build that left the mark may have completed the commit in between.
    if os.path.lexists(commit):
        raise _foreign(commit, "this machine did not begin it")
    return False


@contextmanager
def locked(folder: Path, *, leaves_no_file: bool = False, attempts: Attempts | None = None) -> Iterator[None]:
    """Keep other builds out of a folder; one that is under way is waited for, a minute at most.

    With `leaves_no_file`, the file of the lock goes with it, where the system allows that: for folders of somebody
    else's files. `attempts` sees the attempts to get the lock (see `file_lock`). Raises TrialdeckError where the wait
    was in vain or the disk refuses.
    """
    with ExitStack() as stack:
        with refusals(folder):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                refuse_link(folder / LOCK)
                stack.enter_context(file_lock(folder / LOCK, WAIT, leaves_no_file=leaves_no_file, attempts=attempts))
            except TimeoutError as error:
                message = f"another build has been writing into {folder} for {WAIT} seconds"
                raise TrialdeckError(message, "wait until it has ended, or end it") from error
        yield


def _roll_forward(folder: Path, moves: list[tuple[str, Path]]) -> None:
    """Move committed files into place, in their order."""
    commit = folder / COMMIT
    with defer_sigint(), refusals(commit, _PENDING.format(commit)):
        sync_names(folder)
        for name, path in moves:
            with refusals(path, _PENDING.format(commit)):
                patiently(partial((commit / name).replace, path))
        # Not rmdir: a file manager may have left a file of its own in there.
        patiently(lambda: shutil.rmtree(commit))
        sync_names(folder)
        remove_mark(folder)


def _verified_moves(folder: Path) -> list[tuple[str, Path]]:
    """Return the committed files that are still to be moved, and where to; each must be as the mark has it."""
    commit, marked = folder / COMMIT, marked_files(folder) or {}
    moves = []
    for name in sorted(filter(_STAGED.match, os.listdir(commit))):  # noqa: PTH208 - the names alone
        path = commit / name
        if name not in marked or not stat.S_ISREG(path.lstat().st_mode) or _digest(path) != marked[name]:
            raise _foreign(commit, f"{name} is not as this machine wrote it")
        moves.append((name, target_of(folder / name.partition("-")[2], folder)))
    return moves


def _is_newer(path: Path, staged: Path) -> bool:
    return path.exists() and path.stat().st_mtime_ns > staged.stat().st_mtime_ns


def _foreign(commit: Path, why: str) -> TrialdeckError:
    # The shells of Windows have different commands for it.
    remove = "in the Explorer" if IS_WINDOWS else f"rm -r {shlex.quote(str(commit))}"
    message = f"{commit} is an unfinished write that may have come with the project: {why}"
    return TrialdeckError(message, f"nothing was changed; remove it ({remove}), and run the command again")


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
