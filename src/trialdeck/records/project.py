"""Find records and settings on disk: the files that were named, and those that belong to the same project."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

SEEDS = "seeds"
DECKS = "decks"
_ENDINGS = (".yaml", ".yml")


def find_project(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upward, that has a folder of records (`seeds`)."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / SEEDS).is_dir()), None)


def record_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that the paths name, and the records in the folders that they name; each once, sorted.

    Settings files are not among them.
    """
    return tuple(file for file in _files(paths) if not is_settings_file(file))


def named_settings(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the settings files that the paths name, or that lie in the folders that they name; each once, sorted."""
    return tuple(file for file in _files(paths) if is_settings_file(file))


def is_settings_file(file: Path) -> bool:
    """Tell whether a file lies directly in a folder `decks` that stands beside a folder `seeds`."""
    folder = _folder(file)
    return file.suffix in _ENDINGS and folder.name == DECKS and (folder.parent / SEEDS).is_dir()


def settings_files(project: Path) -> tuple[Path, ...]:
    """Return the settings files of a project, sorted: those of the whole project and the definitions of its decks."""
    files = (project / DECKS).glob("*") if (project / SEEDS).is_dir() else ()
    return tuple(_nearest_name(file) for file in sorted(files) if _is_yaml(file))


def projects_of(files: Iterable[Path]) -> tuple[Path, ...]:
    """Return the projects that files belong to, sorted.

    A record belongs to a project when it lies in its folder `seeds`, a settings file when it lies in `decks` beside it.
    """
    projects: set[Path] = set()
    for file in files:
        projects.update(folder.parent for folder in file.resolve().parents if folder.name == SEEDS)
        if is_settings_file(file):
            projects.add(_folder(file).parent.resolve())
    return tuple(sorted(projects))


def companions(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return the other records of the projects that the files belong to.

    What a trial's note says, and what a deck may select, depends on all of them.
    """
    named = {file.resolve() for file in files}
    others = {other.resolve() for project in projects_of(files) for other in _files_below(project / SEEDS)}
    return tuple(_nearest_name(other) for other in sorted(others - named))


def _files(paths: Iterable[Path]) -> tuple[Path, ...]:
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _files_below(path) if path.is_dir() else (path,):
            found.setdefault(file.resolve(), file)
    return tuple(sorted(found.values()))


def _files_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if _is_yaml(file))


def _is_yaml(file: Path) -> bool:
    return file.suffix in _ENDINGS and file.is_file()


def _folder(file: Path) -> Path:
    # A link counts where it stands, not where it leads.
    return Path(os.path.abspath(file)).parent  # noqa: PTH100 - Path.absolute leaves `..` in the path


def _nearest_name(path: Path) -> Path:
    relative = Path(os.path.relpath(path))
    return path if relative.parts[0] == ".." else relative
