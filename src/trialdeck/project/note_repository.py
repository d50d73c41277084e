"""The notes of each trial, read on demand."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

from trialdeck.core.serialise import unpacked
from trialdeck.decks.package_plan import TrialIndex, TrialNotes
from trialdeck.notes.note import Note, OwnNotes
from trialdeck.project.check import Call, Checked, check_project, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.cross_references import (
    CrossReferenceNotes,
    CrossReferences,
    cross_references_between,
    linked,
    linked_notes,
)
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.model import Media, Trial
from trialdeck.records.summary import RecordSummary

_LINKED_HELD = 64
"""Of how many records the linked notes are held; records that follow each other often name the same trials."""


class NoteRepository:
    """The notes of the trials of a project."""

    def __init__(self, loader: RecordLoader, references: CrossReferences) -> None:
        self.loader = loader
        self.references = references
        self._linked = lru_cache(_LINKED_HELD)(self._read_linked)

    @classmethod
    def of(cls, members: Sequence[ProjectRecord], loader: RecordLoader, titles: Mapping[str, str]) -> "NoteRepository":
        """Return the notes of some records, none of which has an error; `titles` are those of topics."""
        return cls(loader, cross_references_between(members, loader.addresses, titles))

    def trial_notes(self, name: str) -> TrialNotes:
        """Return a trial that has a record, and its notes."""
        member = self.references.by_id[name]
        assert member.outline
        return TrialNotes(member.outline, self)

    def index(
        self, names: Iterable[str], tombstones: Sequence[Note] = (), warned: frozenset[str] = frozenset()
    ) -> TrialIndex:
        """Return the index of the trials with these ids, which packages are made of; the arguments are its parts."""
        asked = set(names)
        beside = (outline for outline in self.outlines if outline.id not in asked)
        return TrialIndex.of(map(self.trial_notes, asked), beside, tombstones, warned)

    @property
    def outlines(self) -> tuple[RecordSummary, ...]:
        """The outlines of all records."""
        return tuple(member.outline for member in self.references.by_id.values() if member.outline)

    def notes(self, trial: str, of_trials: Callable[[str], bool]) -> Iterator[Note]:
        """Return all notes of a record: its own, those of trials that `of_trials` takes, and those across trials."""
        own = self.loader.own_notes(self.references.by_id[trial])
        yield from completed(own, self.trial_note, self.references.current, of_trials)
        for across in self.references.across_of.get(trial, ()):
            yield from notes_with(trial, self._linked(across).across)

    def media(self, trial: str) -> Mapping[str, Media]:
        """Return the pictures and sounds that a record shows, by the name under which they travel."""
        return self.loader.media(self.references.by_id[trial])

    def trial(self, trial: str) -> Trial:
        """Return the trial of a record."""
        return self.references.by_id[trial].trial

    def own_lines(self, name: str) -> list[Note]:
        """Return the notes (not the lines) that have their lines under this trial in the ledger.

        These are all notes of its record, or the note of the trial alone if it has no record. Those across trials have
        their lines under their `across_id`.
        """
        if name in self.references.across_ids:
            return list(self._linked(name).across)
        if name not in self.references.by_id:
            return [self.trial_note(name)]
        own = self.loader.own_notes(self.references.by_id[name])
        return list(completed(own, self.trial_note, self.references.current, name.__eq__))

    def trial_note(self, name: str) -> Note:
        """Return the note of a trial."""
        return self._linked(self.references.owner_of[name]).trials[name]

    def packed_notes(self, name: str, trials: Iterable[str]) -> tuple[bytes, tuple[bytes, ...]]:
        """Return the own notes of a record, and what was made for it and for these trials that it names, all packed."""
        across = self.references.across_of.get(name, ())
        makers = dict.fromkeys([name, *(self.references.owner_of[trial] for trial in trials), *across])
        own = self.loader.notes(self.references.by_id[name])
        return own, tuple(linked(self.loader, self.references, maker) for maker in makers)

    def _read_linked(self, name: str) -> CrossReferenceNotes:
        return unpacked(linked(self.loader, self.references, name), CrossReferenceNotes)


def notes_of_records(paths: Iterable[Path], options: BuildOptions | None = None) -> tuple[Note, ...]:
    """Return the notes with cards of the records that the paths name, trial by trial; records with errors give none.

    Raises TrialdeckError if there are no records.
    """
    call = Call.of(paths)

    def work(loader: RecordLoader) -> tuple[Note, ...]:
        asked, notes = sound_notes(check_project(call, loader), loader)
        ids = {record.id for record in asked}
        trials = sorted(trial for trial, owner in notes.references.owner_of.items() if owner in ids)
        trials += sorted({across for name in ids for across in notes.references.across_of.get(name, ())} - set(trials))
        own = chain.from_iterable(map(notes.own_lines, trials))
        return tuple(note for note in own if note.cards)

    return with_loader(options or BuildOptions(), call, work)


def sound_notes(checked: Checked, loader: RecordLoader) -> tuple[list[ProjectRecord], NoteRepository]:
    """Return the records asked for that have no error, and the notes of all such records; no build takes another."""
    faulty = {problem.path for problem in checked.errors}
    asked, beside = (
        [record for record in records if record.outline and record.path not in faulty]
        for records in (checked.asked, checked.beside)
    )
    repository = NoteRepository.of([*asked, *beside], loader, checked.settings.topics)
    references, names = repository.references, [record.id for record in asked]
    related = chain.from_iterable(references.related(record.outline) for record in asked if record.outline)
    across = chain.from_iterable(references.across_of.get(name, ()) for name in names)
    linked_notes(loader, references, (*names, *related, *across))
    return asked, repository


def notes_with(trial: str, across: Iterable[Note]) -> Iterator[Note]:
    """Yield those of some notes across trials in which a trial has a row."""
    return (note for note in across if trial in note.trials)


def completed(
    own: OwnNotes,
    trial_note: Callable[[str], Note],
    current: Mapping[str, str],
    of_trials: Callable[[str], bool],
) -> Iterable[Note]:
    """Return the notes of a record in its order.

    Args:
        own: The notes that the record alone decides.
        trial_note: Returns the note of a trial, by its present id.
        current: The present ids of trials, by earlier ones.
        of_trials: Tells whether the note of a trial is wanted, by its present id.
    """

    def wanted_note(name: str) -> Note | None:
        present = current.get(name, name)
        return trial_note(present) if of_trials(present) else None

    return own.completed(wanted_note)
