"""Where the files of a project are, and where they are not."""

import os
import re
from pathlib import Path

from trialdeck.api.projects import Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.safe_paths import is_inside, is_link, refuse_outside
from trialdeck.core.text import printable
from trialdeck.records.discovery import DECKS, ENDINGS, SEEDS

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


def links_out(project: Project) -> tuple[Path, ...]:
    """Return the links that lead out of a project, among its records, its settings and what is beside them.

        >>> import trialdeck as td
        >>> td.links_out(td.load("."))
        ()

    A project of somebody else may have such links: what they lead to would be read, and stand in its decks.
    """
    found, waiting = [], [project.path / SEEDS, project.path / DECKS]
    found += [folder for folder in waiting if _is_link(folder) and not is_inside(folder, project.path)]
    while waiting:
        folder = waiting.pop()
        if not _is_link(folder) and folder.is_dir():
            with os.scandir(folder) as entries:
                for entry in entries:
                    path = Path(entry.path)
                    if entry.is_dir(follow_symlinks=False) and not _is_link(path):
                        waiting.append(path)
                    elif (entry.is_symlink() or os.name == "nt") and _is_link(path):
                        found += [] if is_inside(path, project.path) else [path]
    return tuple(sorted(found))


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
