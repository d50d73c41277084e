"""Which files a command reads and writes: what the call names, or else the folders of the project."""

from collections.abc import Sequence
from pathlib import Path

import click

from trialdeck.core.safe_paths import refuse_outside
from trialdeck.core.system.windows import relative_path
from trialdeck.records.discovery import SEEDS, find_project


def paths_or_seeds(paths: Sequence[Path]) -> Sequence[Path]:
    """Return the paths of a call, or else the project's seeds.

    Raises click.UsageError if there are neither.
    """
    if paths:
        return paths
    project = find_project(Path())
    if project is None:
        remedy = "name a record or a folder, or begin a project: `trialdeck init`"
        raise click.UsageError(f"there is no {SEEDS} folder here or above; {remedy}")
    return [relative(project / SEEDS)]


def decks_folder() -> Path:
    """Return the project's folder for packages; `decks` here if there is no project."""
    return relative((find_project(Path()) or Path()) / "decks")


def own_folder(name: str, *, option: str = "--out") -> Path:
    """Return a folder of the project to write into, or one here if there is no project.

    `option` is the option that names another folder, for the hint of the error.

    Raises TrialdeckError if the folder is a link out of the project: the project's author may have chosen its target.
    """
    project = find_project(Path()) or Path()
    folder = relative(project / name)
    remedy = f"name that folder with {option}" if option else "go to the project that it leads to"
    refuse_outside(folder, project, of="the project", hint=f"nothing was written; remove the link, or {remedy}")
    return folder


def relative(path: Path) -> Path:
    """Return a path relative to the current folder, if the system allows it."""
    return Path(relative_path(path))
