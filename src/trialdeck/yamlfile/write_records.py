"""Write records of several folders together: all or none, one program at a time."""

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import remove_file, replace_file
from trialdeck.core.inputs import whole_input
from trialdeck.core.interrupts import defer_sigint
from trialdeck.core.safe_paths import refuse_link, refuse_outside
from trialdeck.core.transactions import COMMIT, STAGING, Transaction, finish_commit, locked, transaction

LINKED = "nothing was written; remove the link, or work on the file that it leads to"
"""What to do about a record that is a link out of its project."""

_LEFT = {STAGING, COMMIT}


class Rewrite(msgspec.Struct, frozen=True):
    """What becomes of a file: its bytes as they were read (none where there is no file), and as they shall be.

    `path` is how it is called in messages, `real` the file itself, behind all links; it must be in the folder `within`.
    """

    path: str
    real: Path
    within: Path
    before: bytes
    after: bytes


def write_together(rewrites: Sequence[Rewrite], again: str) -> None:
    """Write all files or none; `again` is what to do where one of them has changed since it was read.

    Raises TrialdeckError then, where a link leads out of the project, a new file is a link, two are one file, or where
    the disk refuses. The same call completes what was interrupted.
    """
    _refuse_links(rewrites)
    folders: dict[Path, list[Rewrite]] = {}
    for rewrite in sorted(rewrites, key=lambda rewrite: rewrite.real.as_posix()):
        folders.setdefault(rewrite.real.parent, []).append(rewrite)
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(locked(folder, leaves_no_file=True))
        # What an interrupted call has left is completed first, so that it counts in what follows.
        changes = {folder: stack.enter_context(transaction(folder)) for folder in folders}
        for rewrite in rewrites:
            if _content(rewrite) not in {rewrite.before, rewrite.after}:
                raise TrialdeckError(f"{rewrite.path} was changed meanwhile", f"nothing was written; {again}")
        for folder, change in changes.items():
            for rewrite in folders[folder]:
                change.put(rewrite.real.name, rewrite.after)
        with defer_sigint():
            _commit([(change, folders[folder]) for folder, change in changes.items()])


def complete_left(paths: Iterable[Path]) -> None:
    """Complete what interrupted calls have left: in folders of records and all folders in them, or beside a record.

    To be called before the records are read. Raises TrialdeckError where the disk refuses.
    """
    for path in paths:
        for folder in _left_in(path) if path.is_dir() else _left_beside(path):
            with locked(folder, leaves_no_file=True):
                finish_commit(folder)


def _left_in(folder: Path) -> list[Path]:
    # Other programs work in the same tree: a folder that vanishes on the way has nothing to complete.
    walked = os.walk(folder)
    return [Path(parent) for parent, folders, files in walked if not _LEFT.isdisjoint((*folders, *files))]


def _left_beside(path: Path) -> list[Path]:
    # A path may name a folder that is yet to be made: the one around it may hold anything.
    return [path.parent] if path.exists() and any(os.path.lexists(path.parent / name) for name in _LEFT) else []


def _refuse_links(rewrites: Sequence[Rewrite]) -> None:
    links: dict[Path, Rewrite] = {}
    for rewrite in rewrites:
        refuse_outside(Path(rewrite.path), rewrite.within, of="its project", hint=LINKED)
        if not rewrite.before:
            refuse_link(Path(rewrite.path))
        other = links.setdefault(rewrite.real, rewrite)
        if other is not rewrite:
            raise TrialdeckError(f"{rewrite.path} and {other.path} are one file, through a link", LINKED)


def _commit(changes: Sequence[tuple[Transaction, Sequence[Rewrite]]]) -> None:
    done: list[Rewrite] = []
    pending: TrialdeckError | None = None
    for change, rewrites in changes:
        try:
            change.commit()
        except TrialdeckError as error:
            if change.staging.exists():
                _undo(done)
                raise
            # From its commit on a folder goes forward only, and so the others do.
            pending = pending or error
        done += rewrites
    if pending:
        raise pending


def _content(each: Rewrite) -> bytes:
    try:
        return whole_input(each.real) if each.real.exists() else b""
    except OSError as error:
        raise TrialdeckError(f"cannot read {each.path}: {error.strerror or error}", "nothing was written") from error


def _undo(rewrites: Sequence[Rewrite]) -> None:
    for rewrite in rewrites:
        if rewrite.before:
            replace_file(rewrite.real, rewrite.before)
        else:
            remove_file(rewrite.real)
