"""Load records and settings with those that stand beside them in the project, and check all of them together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from trialdeck.cards.checks import check_fronts
from trialdeck.errors import TrialdeckError
from trialdeck.records.collection import check_collection
from trialdeck.records.figures import project_media, unused_media
from trialdeck.records.load import Record, load_record
from trialdeck.records.media import MediaShelf
from trialdeck.records.problem import Problem, Severity
from trialdeck.records.project import SEEDS, companions, named_settings, projects_of, record_files, settings_files
from trialdeck.records.rules import check_record
from trialdeck.records.settings import (
    DeckDefinition,
    DefinitionFile,
    ProjectFile,
    ProjectSettings,
    SettingsFile,
    load_settings_file,
)
from trialdeck.records.settings_rules import check_settings


@dataclass(frozen=True, slots=True)
class Checked:
    """The records that were asked for, those beside them, the settings of their project, and every problem found.

    `asked_settings` are those settings files whose problems are among `problems`.
    """

    asked: tuple[Record, ...]
    beside: tuple[Record, ...]
    problems: tuple[Problem, ...]
    project_file: ProjectFile | None = None
    definition_files: tuple[DefinitionFile, ...] = ()
    asked_settings: tuple[SettingsFile, ...] = ()

    @property
    def settings(self) -> ProjectSettings:
        """What all decks of the project have in common; the defaults where nothing is written."""
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


class FaultyRecordsError(TrialdeckError):
    """The records or the settings have errors, so that nothing was built."""

    def __init__(self, checked: Checked) -> None:
        faulty = {problem.path for problem in checked.errors}
        in_settings = faulty & {file.path for file in checked.asked_settings}
        kinds = ["records"] * bool(faulty - in_settings) + ["settings"] * bool(in_settings)
        message = f"nothing was built: the {' and '.join(kinds)} have errors"
        super().__init__(message, "correct them; `trialdeck check` lists them")
        self.checked = checked


def check(paths: Iterable[Path]) -> Checked:
    """Check the records and settings that the paths name; raises TrialdeckError where there are none.

    What stands beside them in the project is read as well, because ids and statements are compared across files; its
    own problems are not among those returned.
    """
    paths = tuple(paths)
    checked = check_project(paths)
    named = {file.resolve() for file in named_settings(paths)}
    asked_settings = tuple(file for file in checked.asked_settings if Path(file.path).resolve() in named)
    shown = {file.path for file in (*checked.asked, *asked_settings)}
    shown |= {file.as_posix() for file in project_media(paths)}
    problems = tuple(problem for problem in checked.problems if problem.path in shown)
    return replace(checked, problems=problems, asked_settings=asked_settings)


def check_project(paths: Iterable[Path]) -> Checked:
    """Check the records that the paths name and all that stands beside them, settings too, with the problems of all.

    Where records of several projects are named, the settings are those of the first, by path.
    """
    paths = tuple(paths)
    files, named = record_files(paths), named_settings(paths)
    if not files and not named:
        raise TrialdeckError("there are no records here", "records are files that end in .yaml")
    shelf = MediaShelf()
    asked = _load(files, shelf)
    beside = _load(companions([*files, *named]), shelf)
    settings = {project: _load_settings(project, named) for project in projects_of([*files, *named])}
    problems = {
        *_check_records([*beside, *asked]),
        *_check_settings(settings, named, [*beside, *asked]),
        *_check_media(project_media(paths), [*beside, *asked]),
    }
    first = next(iter(settings.values()), ())
    return Checked(
        asked,
        beside,
        tuple(sorted(problems)),
        next((file for file in first if isinstance(file, ProjectFile)), None),
        tuple(file for file in first if isinstance(file, DefinitionFile)),
        tuple(chain.from_iterable(settings.values())),
    )


def _load(files: Iterable[Path], shelf: MediaShelf) -> tuple[Record, ...]:
    return tuple(load_record(file, file.as_posix(), shelf) for file in files)


def _load_settings(project: Path, named: Iterable[Path]) -> tuple[SettingsFile, ...]:
    """Load the settings of a project; a file that was named keeps the name that it was given."""
    own = [file for file in named if project in projects_of([file])]
    files = {file.resolve(): file for file in (*settings_files(project), *own)}
    return tuple(load_settings_file(file, file.as_posix()) for _, file in sorted(files.items()))


def _check_records(records: Sequence[Record]) -> Iterator[Problem]:
    for record in records:
        yield from record.problems
        if record.trial and record.document:
            yield from check_record(record.trial, record.document)
            yield from check_fronts(record.trial, record.document)
    yield from check_collection(records)


def _check_media(files: Iterable[Path], records: Sequence[Record]) -> Iterator[Problem]:
    # What a record that cannot be read would use is not known.
    trials = [(Path(record.path).parent, record.trial) for record in records if record.trial]
    if len(trials) == len(records):
        yield from unused_media(files, trials)


def _check_settings(
    settings: Mapping[Path, tuple[SettingsFile, ...]], named: Iterable[Path], records: Sequence[Record]
) -> Iterator[Problem]:
    asked = {file.as_posix() for file in named}
    for project, files in settings.items():
        own = [record for record in records if project / SEEDS in Path(record.path).resolve().parents]
        yield from chain.from_iterable(file.problems for file in files)
        # Of two files that clash, the one that was asked for has the problem.
        yield from check_settings(sorted(files, key=lambda file: file.path in asked), own)
