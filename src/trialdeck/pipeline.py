"""Compose the rooms: check records, draft a record from a page, build packages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.cards.checks import check_fronts
from trialdeck.cards.markup import escape_markdown
from trialdeck.cards.notes import notes_of
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.trials import trial_notes
from trialdeck.decks.arrange import Chapter, Package, by_perspective, by_trial
from trialdeck.decks.ledger import FILE, advance, read_ledger
from trialdeck.decks.row_ids import row_ids
from trialdeck.decks.selection import Selection
from trialdeck.errors import TrialdeckError
from trialdeck.files import locked, replace_file
from trialdeck.records.collection import check_collection
from trialdeck.records.load import Record, load_record
from trialdeck.records.model import Trial
from trialdeck.records.problem import Problem, Severity
from trialdeck.records.project import companions, record_files
from trialdeck.records.rules import check_record

if TYPE_CHECKING:
    from trialdeck.records.draft import Draft


class Split(StrEnum):
    """How notes are split into packages."""

    TRIAL = "trial"
    PERSPECTIVE = "perspective"


@dataclass(frozen=True, slots=True)
class Checked:
    """The records that were asked for, those that stand beside them in the project, and every problem found."""

    asked: tuple[Record, ...]
    beside: tuple[Record, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Built:
    """One package that was written: the deck above all of its decks, its counts, its size in bytes, and its file."""

    title: str
    notes: int
    cards: int
    size: int
    path: Path


def check(paths: Iterable[Path]) -> Checked:
    """Check the records that the paths name; raises TrialdeckError where there are none.

    Records beside them in the project are read as well, because ids and statements are compared across files; their own
    problems are not among those returned.
    """
    asked, beside = _load(paths)
    named = {record.path for record in asked}
    found = _check_all([*beside, *asked])
    return Checked(asked, beside, tuple(problem for problem in found if problem.path in named))


def build(paths: Iterable[Path], split: Split, selection: Selection, out: Path, built_at: int) -> tuple[Built, ...]:
    """Build packages of checked records into the folder `out`; `built_at` is in seconds of Unix time.

    Only what has changed since the last build gets this time, as the ledger in `out` tells. Raises FaultyRecordsError
    where a record of the project has an error, and TrialdeckError where nothing is left to build, the ledger is
    damaged, or the disk refuses; nothing is written then.
    """
    asked, beside = _load(paths)
    checked = Checked(asked, beside, _check_all([*beside, *asked]))
    if checked.errors:
        raise FaultyRecordsError(checked)
    trials = trial_notes([*_trials(asked), *_trials(beside)])
    chapters = [Chapter(trial, notes_of(trial, trials)) for trial in _trials(asked)]
    packages = (by_trial if split is Split.TRIAL else by_perspective)(chapters, selection)
    if not packages:
        raise TrialdeckError("no note passes the filters", "leave out a --perspective, --audience or --specialty")
    with locked(out):
        return _write(packages, out, built_at)


def _write(packages: Sequence[Package], out: Path, built_at: int) -> tuple[Built, ...]:
    """Write the ledger, then the packages; a build that is ended in between is made good by the next one."""
    from trialdeck.decks.package import package_bytes  # noqa: PLC0415 - genanki is slow to import

    notes = [note for package in packages for note in package.notes]
    ledger = advance(read_ledger(out / FILE), notes, map(note_type, Kind), built_at)
    ids = row_ids(notes, ledger)
    contents = [package_bytes(package, ids, ledger) for package in packages]
    replace_file(out / FILE, ledger.text.encode())
    return tuple(_written(package, content, out) for package, content in zip(packages, contents, strict=True))


def _written(package: Package, content: bytes, out: Path) -> Built:
    path = out / f"{package.stem}.apkg"
    replace_file(path, content)
    return Built(package.title, len(package.notes), package.cards, len(content), path)


class FaultyRecordsError(TrialdeckError):
    """The records have errors, so that nothing was built."""

    def __init__(self, checked: Checked) -> None:
        super().__init__("nothing was built: the records have errors", "correct them; `trialdeck check` lists them")
        self.checked = checked


def draft(content: bytes, trial_id: str | None, schema: str | None) -> "Draft":
    """Draft a record from the bytes of a trial page; see `trialdeck.records.draft`."""
    # The readers of HTML and the writer of YAML are needed by this command only.
    from trialdeck.records.draft import draft_record  # noqa: PLC0415
    from trialdeck.records.page import read_page  # noqa: PLC0415

    return draft_record(read_page(content), escape_markdown, id=trial_id, schema=schema)


def _load(paths: Iterable[Path]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    files = record_files(paths)
    if not files:
        raise TrialdeckError("there are no records here", "records are files that end in .yaml")
    asked = tuple(load_record(file, file.as_posix()) for file in files)
    beside = tuple(load_record(file, file.as_posix()) for file in companions(files))
    return asked, beside


def _check_all(records: Sequence[Record]) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    for record in records:
        problems += record.problems
        if record.trial and record.document:
            problems += check_record(record.trial, record.document)
            problems += check_fronts(record.trial, record.document)
    return tuple(sorted({*problems, *check_collection(records)}))


def _trials(records: Iterable[Record]) -> list[Trial]:
    return [record.trial for record in records if record.trial]
