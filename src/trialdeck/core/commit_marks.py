"""Marks of commits: how this machine recognises the unfinished commits that it began itself.

A commit folder is completed by the next call, so that one that came with a stranger's project must not count. The mark
lies in the user's state folder, outside every project. It holds the real path of the folder of the transaction, and the
name and the SHA-256 of every file in the commit.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals, replace_file, sync_names
from trialdeck.core.inputs import whole_input

STATE = "TRIALDECK_STATE"
"""The variable that names another folder for marks."""
_WRITABLE = f"nothing was changed; name a folder of yours for the marks of unfinished writes with {STATE}"


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What a commit holds: the SHA-256 of its files, by their names in the commit folder.

    Names are bytes, because those of files need not be UTF-8.
    """

    folder: bytes
    files: dict[bytes, bytes]


def leave_mark(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the mark of a commit to disk; raises TrialdeckError if that is not possible."""
    path, mark = _place(folder), Mark(_real(folder), {os.fsencode(name): digest for name, digest in files.items()})
    with refusals(path, _WRITABLE):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        replace_file(path, msgspec.msgpack.encode(mark))
    except TrialdeckError as error:
        raise TrialdeckError(error.message, _WRITABLE) from error
    with refusals(path, _WRITABLE):
        sync_names(path.parent)


def marked_files(folder: Path) -> Mapping[str, bytes] | None:
    """Return the SHA-256 of the files of a folder's commit, by name; None without a mark of this machine.

    Raises TrialdeckError if there is a mark that cannot be read.
    """
    path = _place(folder)
    try:
        mark = msgspec.msgpack.decode(whole_input(path), type=Mark)
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return None
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", "see that you may read it") from error
    return {os.fsdecode(name): digest for name, digest in mark.files.items()} if mark.folder == _real(folder) else None


def remove_mark(folder: Path) -> None:
    """Remove the mark of a commit that is complete. One that stays names only files that this machine wrote."""
    with suppress(OSError):
        _place(folder).unlink(missing_ok=True)


def _real(folder: Path) -> bytes:
    return os.fsencode(os.path.realpath(folder))


def _place(folder: Path) -> Path:
    return _state_folder() / f"{sha256(_real(folder)).hexdigest()[:32]}.commit"


def _state_folder() -> Path:
    named = os.environ.get(STATE)
    if named:
        return Path(named)
    from platformdirs import user_state_path  # noqa: PLC0415 - only a commit needs it

    return user_state_path("trialdeck", appauthor=False)
