"""What differs between Windows and the other systems: names that a file cannot have, moves, paths, and remedies."""

import os
import time
from collections.abc import Callable
from pathlib import Path

IS_WINDOWS = os.name == "nt"

_PORTS = frozenset(f"{port}{number}" for port in ("com", "lpt") for number in range(10))
_DEVICES = _PORTS | {"con", "prn", "aux", "nul"}
_LONGEST = 259
"""How many characters a path has at most on Windows, unless its user has switched on longer ones."""
_PATIENCE, _AGAIN = 2.0, 0.05
"""For how many seconds a refusal is not believed, and after how many it is tried again."""


def is_device(name: str) -> bool:
    """Tell whether Windows keeps a name for a device: no file can have it there, whatever its ending."""
    return name.partition(".")[0].strip().lower() in _DEVICES


def device_fault(name: str) -> str:
    """Return what is wrong with a name that files get, if it is that of a device; empty if it is not."""
    return f"a file called '{name}' cannot be on Windows, which keeps this name for a device" if is_device(name) else ""


def patiently(action: Callable[[], object]) -> None:
    """Do what Windows refuses while another program has a file open, and wait a moment for it.

    Virus scanners and search services open every new file there, for some milliseconds.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            action()
        except PermissionError:
            if not IS_WINDOWS or time.monotonic() >= end:
                raise
            time.sleep(_AGAIN)
        else:
            return


def relative_path(path: str | os.PathLike[str]) -> str:
    """Return a path relative to the current folder; as it is if there is no such path.

    On Windows there is none from one drive to another, nor from a drive to the share of a network that it stands for.
    """
    try:
        return os.path.relpath(path)
    except ValueError:
        return os.fspath(path)


def remedy(error: OSError, path: Path) -> str:
    """Return what to do about a file that Windows refuses to write; empty if there is nothing to say about it."""
    if not IS_WINDOWS:
        return ""
    length = len(os.path.abspath(path))  # noqa: PTH100 - Path.absolute leaves `..` in the path
    if is_device(path.name):
        return f"Windows keeps the name {path.stem} for a device: choose another"
    if isinstance(error, PermissionError):
        return "close the program that has it open, such as Anki or Excel, and see that you may write there"
    if length > _LONGEST:
        return f"its path has {length} characters, and Windows takes {_LONGEST}: use a folder with a shorter path"
    return ""
