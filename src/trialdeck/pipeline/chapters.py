"""From what the store has to chapters: the notes of each trial, read when they are asked for."""

from collections.abc import Callable, Iterable, Mapping
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

    def notes(self, trial: str, of_trials: Callable[[str], bool]) -> Iterable[Note]:
        """Return all notes of a record: its own, those across trials, and those of trials that `of_trials` takes."""
        own, across = self.readings.own_notes(self.links.by_id[trial]), self._linked(trial).across
        return completed(own, across, self.trial_note, self.links.current, of_trials)

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
        return list(self.notes(name, name.__eq__))

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


def completed(
    own: OwnNotes,
    across: Mapping[str, Note],
    trial_note: Callable[[str], Note],
    current: Mapping[str, str],
    of_trials: Callable[[str], bool],
) -> Iterable[Note]:
    """Return the notes of a record in its order, with those of trials whose present ids `of_trials` takes.

    `trial_note` gives these by present ids, which `current` has by earlier ones.
    """

    def wanted(name: str) -> Note | None:
        present = current.get(name, name)
        return trial_note(present) if of_trials(present) else None

    return own.completed(wanted, across)
