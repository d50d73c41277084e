"""Where the files of a project are."""

import os
import re
from pathlib import Path

from trialdeck.api.projects import Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.safe_paths import is_link, refuse_outside
from trialdeck.core.text import printable
from trialdeck.records.discovery import ENDINGS, SEEDS

_LONGEST = 200
"""In bytes; file systems allow 255, and files beside the record have longer names."""
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
# What Windows does not allow in names, and what it takes for devices or a drive.
_NOT_PORTABLE = re.compile(r'.*[:*?"<>|]|(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?\Z')


def record_path(project: Project, name: str) -> Path:
    """Return the file of a record, which need not exist, from its path below the folder of records.

        >>> import trialdeck as td
        >>> td.record_path(td.load("."), "aspire.yaml").as_posix()
        'seeds/aspire.yaml'

    Args:
        project: The project.
        name: The path below its folder `seeds`, with `/` between the parts; it may come from anybody.

    Raises:
        TrialdeckError: The name leads out of that folder, is no name of a record, or passes through a link.
    """
    seeds = project.path / SEEDS
    _refuse_odd(name)
    path = seeds.joinpath(*name.split("/"))
    for part in (path, *path.parents):
        if part == seeds:
            break
        if _is_link(part):
            raise TrialdeckError(f"{printable(name)} is a link, or lies behind one", "open the file that it leads to")
    refuse_outside(path, project.path, of="the project")
    if any(map(_NOT_PORTABLE.match, name.split("/"))) and (os.name == "nt" or not path.is_file()):
        hint = "use letters, digits and hyphens"
        raise TrialdeckError(f"{printable(name)!r} cannot be the name of a file on every system", hint)
    return path


def _refuse_odd(name: str) -> None:
    parts = name.split("/")
    shown = printable(name[:_LONGEST])
    if any(part in {"", ".", ".."} or part.startswith(".") or part.endswith((" ", ".")) for part in parts):
        raise TrialdeckError(f"{shown!r} is not the path of a record", "give the path below `seeds`, as `aspire.yaml`")
    if any(_ODD.search(part) or len(part.encode()) > _LONGEST for part in parts):
        raise TrialdeckError(f"{shown!r} cannot be the name of a record", "use letters, digits and hyphens")
    if not name.endswith(ENDINGS):
        raise TrialdeckError(f"{shown!r} is not the name of a record", f"its name ends in {', '.join(ENDINGS)}")


def _is_link(path: Path) -> bool:
    try:
        return is_link(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return False
