"""Find records and settings on disk: those that a call names, and those of the same projects.

A project may have ten thousand records: folders are walked once, and only links are followed.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from struct import Struct

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.system.windows import relative_path
from trialdeck.core.transactions import COMMIT, STAGING

NO_RECORDS = "records are files that end in .yaml or .json; `trialdeck new`, `ingest` and `sheet import` make them"
"""What to do where there are no records."""
SEEDS = "seeds"
DECKS = "decks"
_SETTINGS = (".yaml", ".yml")
ENDINGS = (*_SETTINGS, ".json")
"""What the names of records end in; those of settings do not end in .json."""

Signature = bytes
"""The state of a file, by which a change is noticed, in few bytes: a project may have ten thousand files.

It packs the size, the times of the last change of the content and of anything (both in nanoseconds), and the number of
the file on its disk; see `size_of` and `changed_at`.
"""
_SIGNATURE = Struct("<QqqQ")
NO_FILE: Signature = _SIGNATURE.pack(0, 0, 0, 0)
"""The signature of a file that does not exist."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """A file: its path as problems name it, its path without any link in it, and its signature."""

    path: str
    real: str
    signature: Signature

    @property
    def folder(self) -> str:
        """The folder that it is really in."""
        return os.path.dirname(self.real)  # noqa: PTH120 - here and below: ten times as fast as Path

    @property
    def ending(self) -> str:
        """The ending of its name, in small letters."""
        return os.path.splitext(self.path)[1].lower()  # noqa: PTH122


class Survey(msgspec.Struct, frozen=True):
    """The files of a call, each once and sorted by path.

    `records` and `settings` are those that the call names, alone or by a folder; `media` are the files of other kinds
    in the folders of projects that it names. `projects` are the folders of the projects that all of them belong to,
    `beside` the other records there.
    """

    records: tuple[Place, ...]
    settings: tuple[Place, ...]
    media: tuple[Place, ...]
    projects: tuple[Path, ...]
    beside: tuple[Place, ...]


def find_project(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upward, that has a folder of records (`seeds`)."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / SEEDS).is_dir()), None)


def home_of(path: Path) -> Path:
    """Return the folder that a record is in, and must not be written out of: its project, or else its folder.

    Links are not followed on the way up: the path of the record counts, not the target of a link.
    """
    here = Path(os.path.abspath(path)).parent  # noqa: PTH100 - Path.absolute leaves `..` in the path
    return next((folder for folder in (here, *here.parents) if (folder / SEEDS).is_dir()), here)


def schema_beside(out: Path | None) -> str | None:
    """Return the path of the project's schema, relative to the record that is written to `out`.

    None if there is no project or no schema in it.
    """
    project = find_project(out.parent) if out else None
    if out is None or project is None or not (project / "schemas" / "trial.schema.json").is_file():
        return None
    return Path(os.path.relpath(project / "schemas" / "trial.schema.json", out.parent.resolve())).as_posix()


def settings_files(project: Path) -> tuple[Path, ...]:
    """Return the settings files of a project, sorted: those of the whole project and the definitions of its decks."""
    files = (project / DECKS).glob("*") if (project / SEEDS).is_dir() else ()
    return tuple(
        Path(_nearest(os.fspath(file))) for file in sorted(files) if file.suffix in _SETTINGS and file.is_file()
    )


def is_project(path: Path) -> bool:
    """Tell whether a path is the folder of a project, not a folder of records or a record."""
    return (path / SEEDS).is_dir()


def records_of(path: Path) -> Path:
    """Return the folder of records of a project, or the path itself: a folder of records, or a record.

    Raises TrialdeckError if there is no such file or folder.
    """
    if not path.exists():
        raise TrialdeckError(f"there is no {path}", "name a project, a folder of records or a record")
    return path / SEEDS if is_project(path) else path


def settings_of_project(path: Path) -> tuple[Path, ...]:
    """Return the settings files of a project below the path that was given; another path has none."""
    return tuple(path / DECKS / file.name for file in settings_files(path))


def decks_of(path: Path) -> Path:
    """Return the folder for packages of a project, of a path in a project, or beside records that are in none."""
    folder = path if path.is_dir() else path.parent
    return (path if is_project(path) else find_project(folder) or folder) / DECKS


def survey(paths: Iterable[Path], media_endings: Collection[str] = ()) -> Survey:
    """Find the files that a call names, and those that belong to the same projects.

    A record belongs to a project when it lies in its folder `seeds`, a settings file when it lies in `decks` beside it.
    What a trial's note says, and what a deck may select, depends on all records of a project.
    """
    finder = _Finder()
    named: dict[str, Place] = {}
    media: dict[str, Place] = {}
    for path in paths:
        if not path.is_dir():
            file = finder.place(path)
            named.setdefault(file.real, file)
            continue
        for file in finder.below(path, {*ENDINGS, *media_endings}):
            if file.path.endswith(ENDINGS):
                if finder.is_beside_settings(file):
                    continue
                named.setdefault(file.real, file)
            elif file.ending in media_endings:
                media.setdefault(file.real, file)
    settings = [file for file in named.values() if finder.is_of_settings(file)]
    projects = finder.projects(named.values())
    beside = [file for project in projects for file in finder.others(project, named)]
    of_projects = (file for file in media.values() if finder.homes(file.folder))
    return Survey(
        records=_sorted(file for file in named.values() if not finder.is_of_settings(file)),
        settings=_sorted(settings),
        media=_sorted(of_projects),
        projects=tuple(map(Path, projects)),
        beside=_sorted(beside),
    )


class _Finder(msgspec.Struct, frozen=True):
    """Walks folders, and keeps what it has learnt of each."""

    settings: dict[str, bool] = msgspec.field(default_factory=dict)
    walked: set[str] = msgspec.field(default_factory=set)

    def place(self, path: Path) -> Place:
        """Return one file; its signature is NO_FILE if it does not exist."""
        return Place(path.as_posix(), os.path.realpath(path), file_signature(path))

    def below(self, folder: Path, endings: Collection[str]) -> Iterator[Place]:
        """Yield the files with one of the endings in a folder and those below; links to folders are not followed."""
        waiting = [(folder.as_posix(), os.path.realpath(folder))]
        while waiting:
            path, real = waiting.pop()
            self.walked.add(real)
            before, really_before = ("" if path == "." else f"{path.removesuffix('/')}/"), os.path.join(real, "")  # noqa: PTH118
            with _entries(path, real) as entries:
                for entry in entries:
                    name = entry.name
                    if entry.is_dir(follow_symlinks=False):
                        # Files of an unfinished commit are no records: they are copies of those that they will replace.
                        if name not in {STAGING, COMMIT}:
                            waiting.append((before + name, really_before + name))
                    elif os.path.splitext(name)[1].lower() in endings and (status := _stat(entry)):  # noqa: PTH122
                        shown = before + name
                        where = os.path.realpath(entry.path) if entry.is_symlink() else really_before + name
                        # Use one object for both paths if they are equal: this saves memory.
                        yield Place(shown, shown if shown == where else where, signature_of(status))

    def is_of_settings(self, place: Place) -> bool:
        """Tell whether a file of settings lies directly in a folder `decks` that stands beside a folder `seeds`."""
        return self._lies_in_decks(place) and place.path.endswith(_SETTINGS)

    def is_beside_settings(self, place: Place) -> bool:
        """Tell whether a file in that folder is neither settings nor a record."""
        return self._lies_in_decks(place) and not place.path.endswith(_SETTINGS)

    def _lies_in_decks(self, place: Place) -> bool:
        # A link counts where it stands, not where it leads.
        folder = os.path.dirname(place.path)  # noqa: PTH120
        if folder not in self.settings:
            there = Path(os.path.abspath(folder))  # noqa: PTH100 - Path.absolute leaves `..` in the path
            self.settings[folder] = there.name == DECKS and (there.parent / SEEDS).is_dir()
        return self.settings[folder]

    def homes(self, folder: str) -> list[str]:
        """Return the folders of records that a folder is, or lies in."""
        return [os.fspath(parent) for parent in (Path(folder), *Path(folder).parents) if parent.name == SEEDS]

    def projects(self, places: Iterable[Place]) -> list[str]:
        """Return the folders of the projects that files belong to, sorted."""
        folders, of_settings = set(), set()
        for file in places:
            folders.add(file.folder)
            if self.is_of_settings(file):
                of_settings.add(os.path.dirname(file.path))  # noqa: PTH120
        projects = {os.path.dirname(home) for folder in folders for home in self.homes(folder)}  # noqa: PTH120
        projects |= {os.path.dirname(os.path.realpath(folder)) for folder in of_settings}  # noqa: PTH120
        return sorted(projects)

    def others(self, project: str, named: Collection[str]) -> Iterator[Place]:
        """Yield the records of a project that were not named, under the shortest paths from here."""
        folder = Path(project, SEEDS)
        # If the folder was walked, the call names all records in it.
        if os.path.realpath(folder) in self.walked:
            return
        for file in self.below(Path(_nearest(os.fspath(folder))), set(ENDINGS)):
            if file.path.endswith(ENDINGS) and file.real not in named:
                yield file


def _entries(path: str, real: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
    try:
        return os.scandir(real)
    except OSError as error:
        # A build would retire the notes of records that it cannot see, so this is an error.
        message = f"cannot read the folder {path}: {error.strerror or error}"
        raise TrialdeckError(message, "see that you may read it") from error


def signature_of(status: os.stat_result) -> Signature:
    """Return the signature of a file from its status."""
    # Some file systems have inode numbers of 128 bits: keep the lower 64.
    return _SIGNATURE.pack(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino & (1 << 64) - 1)


def size_of(signature: Signature) -> int:
    """Return the size of a file in bytes, from its signature."""
    size, *_ = _SIGNATURE.unpack(signature)
    return int(size)


def changed_at(signature: Signature) -> int:
    """Return when anything of a file was last changed, in nanoseconds of Unix time, from its signature."""
    _, content, anything, _ = _SIGNATURE.unpack(signature)
    return int(max(content, anything))


def file_signature(path: Path) -> Signature:
    """Return the signature of a file; NO_FILE if it does not exist."""
    try:
        return signature_of(path.stat())
    except OSError:
        return NO_FILE


def _sorted(places: Iterable[Place]) -> tuple[Place, ...]:
    once = {file.real: file for file in places}
    # Sort part by part: the files of `a/` come before those of `a-b/`.
    return tuple(sorted(once.values(), key=lambda file: file.path.replace("/", "\0")))


def _nearest(path: str) -> str:
    relative = relative_path(path)
    return Path(path if relative.startswith("..") else relative).as_posix()


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    # Links that lead nowhere are passed by: an editor makes such a link beside a file that it holds open.
    try:
        return entry.stat() if entry.is_file() else None
    except OSError:
        return None
