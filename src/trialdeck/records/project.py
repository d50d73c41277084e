"""Find records on disk: the files that were named, and those that belong to the same project."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

SEEDS = "seeds"
_ENDINGS = (".yaml", ".yml")


def find_project(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upward, that has a folder of records (`seeds`)."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / SEEDS).is_dir()), None)


def record_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that the paths name, and the records in the folders that they name; each once, sorted."""
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _records_below(path) if path.is_dir() else (path,):
            found.setdefault(file.resolve(), file)
    return tuple(sorted(found.values()))


def companions(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return the other records of the projects that the files belong to.

    A file belongs to a project when it lies in the folder `seeds`; what a trial's note says may depend on all of them.
    """
    named = {file.resolve() for file in files}
    folders = {folder for file in named for folder in file.parents if folder.name == SEEDS}
    others = {other.resolve() for folder in folders for other in _records_below(folder)}
    return tuple(_nearest_name(other) for other in sorted(others - named))


def _records_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in _ENDINGS and file.is_file())


def _nearest_name(path: Path) -> Path:
    relative = Path(os.path.relpath(path))
    return path if relative.parts[0] == ".." else relative
