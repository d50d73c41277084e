"""Build packages from checked records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from trialdeck.cards.notes import notes_of
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.trials import trial_notes
from trialdeck.decks.arrange import Chapter, Package, by_perspective, by_trial
from trialdeck.decks.ledger import FILE, advance, read_ledger
from trialdeck.decks.row_ids import row_ids
from trialdeck.decks.selection import Selection
from trialdeck.errors import TrialdeckError
from trialdeck.files import locked, replace_file
from trialdeck.pipeline.checking import FaultyRecordsError, check_project
from trialdeck.records.load import Record
from trialdeck.records.model import Trial


class Split(StrEnum):
    """How notes are split into packages."""

    TRIAL = "trial"
    PERSPECTIVE = "perspective"


@dataclass(frozen=True, slots=True)
class Built:
    """One package that was written: the deck above all of its decks, its counts, its size in bytes, and its file."""

    title: str
    notes: int
    cards: int
    size: int
    path: Path


def build(paths: Iterable[Path], split: Split, selection: Selection, out: Path, built_at: int) -> tuple[Built, ...]:
    """Build packages of checked records into the folder `out`; `built_at` is in seconds of Unix time.

    Only what has changed since the last build gets this time, as the ledger in `out` tells. Raises FaultyRecordsError
    where a record of the project has an error, and TrialdeckError where nothing is left to build, the ledger is
    damaged, or the disk refuses; nothing is written then.
    """
    checked = check_project(paths)
    if checked.errors:
        raise FaultyRecordsError(checked)
    trials = trial_notes([*_trials(checked.asked), *_trials(checked.beside)])
    chapters = [Chapter(trial, notes_of(trial, trials)) for trial in _trials(checked.asked)]
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


def _trials(records: Iterable[Record]) -> list[Trial]:
    return [record.trial for record in records if record.trial]
