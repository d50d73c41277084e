"""Refuse to write through links that lead out of the folder that is meant.

A project may come from a stranger, with links that its author chose. The folder that a user names may itself be a link.
What is below it may be a link only if its target is in the same folder. An output may be a link only to a file of the
same name in a folder below its own: no other output, no settings and no record can be there.
"""

import errno
import os
import stat
from pathlib import Path

from trialdeck.core.errors import TrialdeckError

_JUNCTION = 0xA0000003
"""The reparse tag of a junction, the link to a folder that every user of Windows can make."""


def is_link(status: os.stat_result) -> bool:
    """Tell from the result of `os.lstat` whether something is a symbolic link, or a junction of Windows."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


def is_inside(path: Path, root: Path) -> bool:
    """Tell whether a path is in the folder `root`, or is that folder, with all links followed in both."""
    home, real = (Path(os.path.realpath(part)) for part in (root, path))
    return home == real or home in real.parents


def refuse_outside(path: Path, root: Path, *, of: str = "its folder", hint: str = "") -> Path:
    """Return the real path of a file or folder, which need not exist.

    Args:
        path: The path of the file or folder.
        root: The folder that it must be in, with all links followed.
        of: What the message calls that folder.
        hint: What to do about it, if not the usual.

    Returns:
        The path without links.

    Raises:
        TrialdeckError: The real path is not in `root`; the message names the link that leads out.

    """
    if is_inside(path, root):
        return Path(os.path.realpath(path))
    link = _leading_out(path, root)
    message = f"{link} is a link that leads out of {of}, to {os.path.realpath(link)}"
    raise TrialdeckError(message, hint or "nothing was written there; remove the link, or write to its target yourself")


def target_of(path: Path, root: Path) -> Path:
    """Return the file to write for an output: the path itself, or the target of a link that an output may be.

    Only the last part of the path is looked at. Raises TrialdeckError if it is a link out of the folder `root`, or to
    anything but a file of the same name in a folder below its own; and OSError.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return path
    return _linked_output(path, root) if is_link(status) else path


def _linked_output(path: Path, root: Path) -> Path:
    """Return the target of an output that is a link; outputs of one folder have different targets then."""
    target, folder = refuse_outside(path, root), Path(os.path.realpath(path.parent))
    if target == folder / path.name:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if target.name != path.name or folder not in target.parent.parents:
        message = f"{path} is a link to {target}, not to a file of the same name in a folder below its own"
        raise TrialdeckError(message, "nothing was written there; remove the link")
    return target


def refuse_link(path: Path) -> None:
    """Raise TrialdeckError if a path is a link; for what trialdeck itself makes, and never as a link."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if is_link(status):
        raise TrialdeckError(f"{path} is a link to {os.path.realpath(path)}", "nothing was written; remove the link")


def _leading_out(path: Path, root: Path) -> Path:
    """Return the first part of a path below the folder `root` that leads out of it."""
    top = Path(os.path.abspath(root))  # noqa: PTH100 - Path.absolute leaves `..` in the path
    for part in (*reversed(path.parents), path):
        is_below = top in Path(os.path.abspath(part)).parents  # noqa: PTH100
        if is_below and not is_inside(part, root):
            return part
    return path
