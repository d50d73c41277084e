"""From what the store has to chapters: the notes of each trial, read when they are asked for."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from trialdeck.cards.note import Note
from trialdeck.cards.slots import OwnNotes
from trialdeck.decks.arrange import Chapter
from trialdeck.pipeline.codec import unpacked
from trialdeck.pipeline.linking import Linked, Links, linked
from trialdeck.pipeline.readings import Readings
from trialdeck.records.model import Media, Trial

_NEAR = 64
"""Of how many trials the notes that others share are kept at hand; neighbours often name the same ones."""


class Chapters:
    """The notes of the trials of a project."""

    def __init__(self, readings: Readings, links: Links) -> None:
        self.readings = readings
        self.links = links
        self._linked = lru_cache(_NEAR)(self._read_linked)

    def chapter(self, name: str) -> Chapter:
        """Return the chapter of a trial that has a record."""
        member = self.links.by_id[name]
        assert member.outline
        return Chapter(member.outline, self)

    def notes(self, trial: str) -> Iterable[Note]:
        """Return all notes of a record: its own, those across trials, and those of the trials that it names."""
        member = self.links.by_id[trial]
        assert member.outline
        known = {each: self.trial_note(each) for each in (trial, *self.links.related(member.outline))}
        return completed(self.readings.own_notes(member), self._linked(trial), known, self.links.current)

    def media(self, trial: str) -> Mapping[str, Media]:
        """Return the pictures and sounds that a record shows, by the name under which they travel."""
        return self.readings.media(self.links.by_id[trial])

    def trial(self, trial: str) -> Trial:
        """Return the trial of a record."""
        return self.links.by_id[trial].trial

    def own_lines(self, name: str) -> list[Note]:
        """Return the notes that are the trial's own: all of its record, or that of the trial alone if it has none."""
        if name not in self.links.by_id:
            return [self.trial_note(name)]
        return [note for note in self.notes(name) if note.trial == name]

    def trial_note(self, name: str) -> Note:
        """Return the note of a trial."""
        return self._linked(self.links.makers[name]).trials[name]

    def packed_notes(self, name: str) -> tuple[bytes, tuple[bytes, ...]]:
        """Return the own notes of a record, packed, and what was made for it and for those that it names."""
        member = self.links.by_id[name]
        assert member.outline
        makers = dict.fromkeys([name, *(self.links.makers[each] for each in self.links.related(member.outline))])
        return self.readings.notes(member), tuple(linked(self.readings, self.links, maker) for maker in makers)

    def _read_linked(self, name: str) -> Linked:
        return unpacked(linked(self.readings, self.links, name), Linked)


def completed(own: OwnNotes, made: Linked, trials: Mapping[str, Note], current: Mapping[str, str]) -> Iterable[Note]:
    """Return all notes of a record in its order; `current` are present ids of trials by earlier ones."""
    by_any_id = {**trials, **{old: trials[new] for old, new in current.items() if new in trials}}
    return own.completed(by_any_id, made.across)
