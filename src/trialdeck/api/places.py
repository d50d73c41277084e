"""Where the files of a project are."""

import re
from pathlib import Path

from trialdeck.api.projects import Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.safe_paths import is_link, refuse_outside
from trialdeck.core.text import printable
from trialdeck.records.discovery import ENDINGS, SEEDS

_LONGEST = 200
"""In bytes; file systems allow 255, and files beside the record have longer names."""
# What Windows takes for devices, and what it or a shell would read as something else.
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?\Z")
_ODD = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|\ud800-\udfff]')


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
    return path


def _refuse_odd(name: str) -> None:
    parts = name.split("/")
    shown = printable(name[:_LONGEST])
    if any(part in {"", ".", ".."} or part.startswith(".") or part.endswith((" ", ".")) for part in parts):
        raise TrialdeckError(f"{shown!r} is not the path of a record", "give the path below `seeds`, as `aspire.yaml`")
    if any(_ODD.search(part) or _DEVICE.match(part) or len(part.encode()) > _LONGEST for part in parts):
        hint = "use letters, digits and hyphens"
        raise TrialdeckError(f"{shown!r} cannot be the name of a file on every system", hint)
    if not name.endswith(ENDINGS):
        raise TrialdeckError(f"{shown!r} is not the name of a record", f"its name ends in {', '.join(ENDINGS)}")


def _is_link(path: Path) -> bool:
    try:
        return is_link(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return False
