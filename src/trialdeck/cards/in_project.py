"""The notes that a record has because of other records of its project, from a text that may not be saved yet."""

from collections.abc import Callable, Iterator
from functools import cached_property

import msgspec

from trialdeck.cards.outline import Outline
from trialdeck.core.serialise import digest, packed, unpacked
from trialdeck.markdown.cloze_numbers import cloze_numbers
from trialdeck.notes.note import Note, OwnNotes
from trialdeck.project.cross_references import (
    CrossReferenceNotes,
    CrossReferences,
    LinkTask,
    cross_references_between,
    link,
)
from trialdeck.project.note_repository import completed, notes_with
from trialdeck.project.record_loader import ProjectRecord
from trialdeck.records.discovery import Place
from trialdeck.records.model import Trial
from trialdeck.records.summary import outline_of, shared_facts_of


class InProject(msgspec.Struct, frozen=True, dict=True):
    """A trial as its record says now, among the other records of its project; only these notes are made anew."""

    trial: Trial
    place: Place
    outline_now: Callable[[], Outline]

    @cached_property
    def outline(self) -> Outline:
        """The project; it is looked at when a note first needs it."""
        return self.outline_now()

    @cached_property
    def _shared_facts(self) -> bytes:
        return packed(shared_facts_of(self.trial))

    @cached_property
    def references(self) -> CrossReferences:
        """How the records refer to each other, with this trial in the place of its record."""
        known, own = self.outline.references, outline_of(self.trial)
        its_digest = digest(self._shared_facts)
        former = known.by_id.get(self.trial.id)
        if (
            former
            and former.place.real == self.place.real
            and (former.outline, former.shared_digest) == (own, its_digest)
        ):
            return known
        member = ProjectRecord(self.place.path, own, (), place=self.place, shared_digest=its_digest)
        others = [
            record
            for record in known.by_id.values()
            if record.place.real != self.place.real and record.id != self.trial.id
        ]
        return cross_references_between([*others, member], self.outline.call.addresses, known.titles)

    def present(self, name: str) -> str:
        """Return the present id of a trial by any of its ids."""
        return self.references.current.get(name, name)

    def trial_note(self, name: str) -> Note:
        """Return the note of a trial by its present id."""
        return self._made(self.references.maker(name)).trials[name]

    def across(self) -> Iterator[Note]:
        """Yield the notes across trials in which this trial has a row."""
        for name in self.references.across_of.get(self.trial.id, ()):
            yield from notes_with(self.trial.id, self._made(name).across)

    def own_row(self, note: Note) -> int:
        """Return the ordinal of the card that hides the row of this trial in a note across trials."""
        if len(note.cards) == 1:
            return note.cards[0]
        _, outcome = note.key.split("/")
        forests = self.references.of_record[note.trial].forests
        trials = next(forest.trials for forest in forests if forest.outcome == outcome)
        outlines = [outline for name in trials if (outline := self.references.by_id[name].outline)]
        return cloze_numbers(outline.first_id for outline in outlines)[self.trial.first_id] - 1

    def completed(self, own: OwnNotes) -> Iterator[Note]:
        """Yield all notes that stand with this record: its own, those of trials that no other has, those across."""

        def is_at_home(name: str) -> bool:
            return self.references.owner_of[name] == self.trial.id

        trial_note: Callable[[str], Note] = self.trial_note
        yield from completed(own, trial_note, self.references.current, is_at_home)
        yield from self.across()

    def _made(self, name: str) -> CrossReferenceNotes:
        reference = self.references.of_record[name]
        topics = {forest.topic for forest in reference.forests}
        titles = {topic: title for topic, title in self.references.titles.items() if topic in topics}
        facts = tuple(map(self._facts_of, reference.records))
        task = LinkTask(facts, reference.makes, reference.forests, titles, self.outline.call.addresses)
        return unpacked(link(task), CrossReferenceNotes)

    def _facts_of(self, name: str) -> bytes:
        if name == self.trial.id:
            return self._shared_facts
        return self.outline.held[self.references.by_id[name].place.real].shared_facts
