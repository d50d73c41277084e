"""Check a project: load records and settings, and run the rules on all of them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.core.serialise import DamagedDataError
from trialdeck.lint.cross_record import check_collection
from trialdeck.lint.settings import check_settings
from trialdeck.notes.links import Addresses
from trialdeck.project.context import BuildOptions
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.discovery import NO_RECORDS, SEEDS, Place, Survey, settings_files, survey
from trialdeck.records.media.figures import unused_media
from trialdeck.records.media.files import TYPES
from trialdeck.records.settings import (
    DeckDefinition,
    DefinitionFile,
    ProjectFile,
    ProjectSettings,
    SettingsFile,
    load_settings_file,
)

_T = TypeVar("_T")


class Checked(msgspec.Struct, frozen=True):
    """The records that the call names, the other records of their project, its settings, and every problem found.

    `asked_settings` are those settings files whose problems are among `problems`.
    """

    asked: tuple[ProjectRecord, ...]
    beside: tuple[ProjectRecord, ...]
    problems: tuple[Problem, ...]
    project_file: ProjectFile | None = None
    definition_files: tuple[DefinitionFile, ...] = ()
    asked_settings: tuple[SettingsFile, ...] = ()

    @property
    def settings(self) -> ProjectSettings:
        """What all decks of the project have in common; the defaults if the project has no settings."""
        return (self.project_file and self.project_file.settings) or ProjectSettings()

    @property
    def definitions(self) -> tuple[DeckDefinition, ...]:
        """The decks that the project defines; `definition_files` has them with their paths."""
        return tuple(file.definition for file in self.definition_files if file.definition)

    @property
    def asked_definitions(self) -> int:
        """How many deck definitions were asked for."""
        return sum(isinstance(file, DefinitionFile) for file in self.asked_settings)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    def with_warnings(self, takes: tuple[str, ...], leaves: tuple[str, ...]) -> "Checked":
        """Return the same without some warnings; errors stay.

        A warning stays if its code begins with one of `takes`, unless that is empty, and with none of `leaves`.
        """
        kept = (
            problem
            for problem in self.problems
            if problem.severity is Severity.ERROR
            or (problem.code.startswith(takes or ("",)) and not problem.code.startswith(leaves))
        )
        return replace(self, problems=tuple(kept))


class FaultyRecordsError(TrialdeckError):
    """The records or the settings have errors, so that nothing is made of them."""

    def __init__(self, checked: Checked) -> None:
        faulty = {problem.path for problem in checked.errors}
        in_settings = faulty & {file.path for file in checked.asked_settings}
        kinds = ["records"] * bool(faulty - in_settings) + ["settings"] * bool(in_settings)
        message = f"the {' and '.join(kinds)} have errors"
        super().__init__(message, "correct them; `trialdeck check` lists them", checked.problems)
        self.checked = checked


class Call(msgspec.Struct, frozen=True):
    """The files that a call is about, and the settings of the projects that they belong to."""

    paths: tuple[Path, ...]
    files: Survey
    settings: Mapping[Path, tuple[SettingsFile, ...]]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> "Call":
        """Find the files; raises TrialdeckError if there are none."""
        paths = tuple(paths)
        files = survey(paths, TYPES)
        if not files.records and not files.settings:
            raise TrialdeckError("there are no records here", NO_RECORDS)
        return cls(paths, files, {project: _load_settings(project, files) for project in files.projects})

    @property
    def home(self) -> Path:
        """The project that the call is about, or the folder of the first file if that is in no project."""
        first = (*self.files.records, *self.files.settings)[0]
        return self.files.projects[0] if self.files.projects else Path(first.folder)

    @property
    def of_first(self) -> tuple[SettingsFile, ...]:
        """The settings files that count: those of the first project, by path."""
        return next(iter(self.settings.values()), ())

    @property
    def addresses(self) -> Addresses:
        """The addresses that every note names: the project's site, and where errors are reported."""
        settings = next((file.settings for file in self.of_first if isinstance(file, ProjectFile)), None)
        return Addresses(settings.homepage, settings.report) if settings else Addresses()


def check(paths: Iterable[Path], options: BuildOptions | None = None) -> Checked:
    """Check the records and settings that the paths name; raises TrialdeckError if there are none.

    The other records of the project are read as well, because ids and statements are compared across files; their own
    problems are not returned.
    """
    call = Call.of(paths)
    checked = with_loader(options or BuildOptions(), call, lambda loader: check_project(call, loader))
    return of_call(checked, call)


def of_call(checked: Checked, call: Call) -> Checked:
    """Return what was checked, with only the problems of the files that a call names."""
    named = {place.real for place in call.files.settings}
    asked_settings = tuple(file for file in checked.asked_settings if os.path.realpath(file.path) in named)
    shown = {file.path for file in (*checked.asked, *asked_settings, *call.files.media)}
    problems = tuple(problem for problem in checked.problems if problem.path in shown)
    return replace(checked, problems=problems, asked_settings=asked_settings)


def with_loader(options: BuildOptions, call: Call, work: Callable[[RecordLoader], _T]) -> _T:
    """Do some work with a loader of records; if the store is damaged, empty it and do the work again.

    Raises TrialdeckError if not even a temporary store can be used.
    """
    try:
        return _with_loader(options, call, work)
    except DamagedDataError:
        options.forget(call.home)
    try:
        return _with_loader(replace(options, cache=None), call, work)
    except DamagedDataError as error:
        raise TrialdeckError(f"no temporary file can be used: {error}", "make room for it, or set TMPDIR") from error


def _with_loader(options: BuildOptions, call: Call, work: Callable[[RecordLoader], _T]) -> _T:
    tasks = len(call.files.records) + len(call.files.beside)
    with options.opened(tasks, call.home) as (store, workers):
        return work(RecordLoader(store, workers, options.progress, call.addresses))


def check_project(call: Call, loader: RecordLoader) -> Checked:
    """Check the records of a call and all that stands beside them, settings too, and return the problems of all.

    If records of several projects are named, the settings are those of the first, by path. Raises DamagedDataError if
    the store is damaged.
    """
    asked, beside = loader.read(call.files.records), loader.read(call.files.beside)
    records = [*beside, *asked]
    problems = {
        *chain.from_iterable(record.problems for record in records),
        *check_collection(records),
        *_check_settings(call, records),
        *_check_media(call.files.media, records),
    }
    return checked_before(call, asked, beside, problems)


def checked_before(
    call: Call, asked: Sequence[ProjectRecord], beside: Sequence[ProjectRecord], problems: Iterable[Problem] = ()
) -> Checked:
    """Return records, and the settings of their projects, with problems that are known already.

    Args:
        call: The files, and the settings.
        asked: The records that were asked for.
        beside: The records beside them.
        problems: The problems of all of them.
    """
    return Checked(
        tuple(asked),
        tuple(beside),
        tuple(sorted(problems)),
        next((file for file in call.of_first if isinstance(file, ProjectFile)), None),
        tuple(file for file in call.of_first if isinstance(file, DefinitionFile)),
        tuple(chain.from_iterable(call.settings.values())),
    )


def _load_settings(project: Path, files_found: Survey) -> tuple[SettingsFile, ...]:
    """Load the settings of a project; a file that was named on the command line keeps that name."""
    files = {os.path.realpath(file): file.as_posix() for file in settings_files(project)}
    files |= {place.real: place.path for place in files_found.settings if _is_of(project, place)}
    return tuple(load_settings_file(Path(path), path) for _, path in sorted(files.items()))


def _is_of(project: Path, place: Place) -> bool:
    # Of a link, the folder of the link counts, not that of its target.
    return Path(os.path.abspath(place.path)).parent.parent.resolve() == project  # noqa: PTH100


def _check_media(files: Iterable[Place], records: Sequence[ProjectRecord]) -> Iterator[Problem]:
    # A record that cannot be read might use any of these files, so none can be called unused.
    figures = [(record.folder, record.outline.figures) for record in records if record.outline]
    if len(figures) == len(records):
        yield from unused_media(files, figures)


def _check_settings(call: Call, records: Sequence[ProjectRecord]) -> Iterator[Problem]:
    asked = {place.path for place in call.files.settings}
    for project, files in call.settings.items():
        seeds = os.path.join(project, SEEDS, "")  # noqa: PTH118
        own = [record for record in records if record.place.real.startswith(seeds)]
        yield from chain.from_iterable(file.problems for file in files)
        # Of two files that clash, the one that was asked for has the problem.
        yield from check_settings(sorted(files, key=lambda file: file.path in asked), own)
