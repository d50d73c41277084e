"""Count what deck definitions take, from what is held in memory of each note.

Whoever chooses what a deck takes wants to see at once how many cards that gives: the records are read once, and again
if a file has changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.core.problem import Problem
from trialdeck.decks.counts import Tally, tally_entry
from trialdeck.decks.package_plan import TrialIndex, TrialNotes, plan_packages
from trialdeck.lint.settings import check_settings
from trialdeck.notes.note import Note
from trialdeck.project.check import Call, check_project, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.note_repository import NoteRepository, sound_notes
from trialdeck.project.packages import file_of
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.discovery import Survey, survey
from trialdeck.records.model import Media, Trial
from trialdeck.records.settings import DeckDefinition, DefinitionFile, SettingsFile, takes_trial
from trialdeck.records.summary import RecordSummary


class CountedPackage(msgspec.Struct, frozen=True):
    """A package that a definition gives: the name of its file, the deck above all of its decks, its notes and cards."""

    name: str
    title: str
    notes: int
    cards: int


class DeckCount(msgspec.Struct, frozen=True):
    """What a definition takes: its packages that hold anything, and the notes and cards in them, each counted once.

    `reviewed` counts the notes that somebody has reviewed; `trials` are the ids of the trials that it takes.
    """

    packages: tuple[CountedPackage, ...]
    notes: int
    cards: int
    reviewed: int
    trials: tuple[str, ...]


class HeldNotes(msgspec.Struct, frozen=True):
    """What is held of the notes of a project, trial by trial: all but their texts.

    `files` are those that were read, by which a change is noticed. `members` are the records, and `faulty` those with
    errors, whose notes are not counted.
    """

    files: Survey
    notes: Mapping[str, Sequence[Note]]
    outlines: tuple[RecordSummary, ...]
    members: tuple[ProjectRecord, ...]
    faulty: tuple[str, ...]

    @classmethod
    def of(cls, records: Path, options: BuildOptions) -> "HeldNotes":
        """Read the notes of the records in a folder; raises TrialdeckError if there are none."""
        call = Call.of([records])

        def work(loader: RecordLoader) -> HeldNotes:
            checked = check_project(call, loader)
            asked, repository = sound_notes(checked, loader)
            sound = {record.path for record in asked}
            return cls(
                call.files,
                {record.id: _without_texts(repository, record.id) for record in asked},
                repository.outlines,
                (*checked.asked, *checked.beside),
                tuple(record.path for record in checked.asked if record.path not in sound),
            )

        return with_loader(options, call, work)

    def is_current(self, records: Path) -> bool:
        """Tell whether no record has changed since."""
        return survey([records]).records == self.files.records

    def count(self, definition: DeckDefinition, root: str) -> DeckCount:
        """Count what a definition takes; `root` is the deck above all decks of the project."""
        source = _HeldNotes(self)
        index = TrialIndex.of(TrialNotes(outline, source) for outline in self.outlines)
        whole, packages = Tally(), []
        for package in plan_packages(definition, root, index):
            entries = b"".join(tally_entry(note) for note, _ in package.taken())
            if entries:
                own = Tally()
                own.add(entries)
                whole.add(entries)
                packages.append(CountedPackage(file_of(package), package.title, own.notes, own.cards))
        trials = tuple(outline.id for outline in self.outlines if takes_trial(definition.select, outline))
        return DeckCount(tuple(packages), whole.notes, whole.cards, whole.reviewed, trials)

    def problems(self, file: DefinitionFile, others: Sequence[SettingsFile]) -> tuple[Problem, ...]:
        """Return the problems of a definition by itself, against the other settings and against the records."""
        found = check_settings([*others, file], self.members)
        return tuple(sorted({*file.problems, *(problem for problem in found if problem.path == file.path)}))


class _HeldNotes(msgspec.Struct, frozen=True):
    """Gives packages the notes that are held (see `NoteProvider`); to count them takes nothing else of a trial."""

    held: HeldNotes

    def notes(self, trial: str, of_trials: Callable[[str], bool]) -> Iterator[Note]:
        return (note for note in self.held.notes[trial] if not note.is_of_trial or of_trials(note.trial))

    def media(self, trial: str) -> Mapping[str, Media]:
        raise NotImplementedError

    def trial(self, trial: str) -> Trial:
        raise NotImplementedError


def _without_texts(repository: NoteRepository, trial: str) -> tuple[Note, ...]:
    """Return the notes of a record with cards, without what is long in them and decides nothing."""
    notes = repository.notes(trial, lambda _: True)
    return tuple(replace(note, fields=(), digest="", label="", own="", media=()) for note in notes if note.cards)
