"""Which notes a build puts into a deck: only they are new, changed or retired by it."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from trialdeck.cards.note import Note
from trialdeck.decks.ledger import Line
from trialdeck.decks.selection import takes_note, takes_tombstone, warns_of_note
from trialdeck.decks.tombstone import tombstone
from trialdeck.pipeline.linking import Links
from trialdeck.records.outline import Outline
from trialdeck.records.settings import DeckDefinition, Selected, takes_trial


class Coverage(msgspec.Struct, frozen=True, dict=True):
    """What the decks of a build take of the records that were asked for, given by their outlines.

    A note that no deck takes has no part in an edition: the ledger does not learn of it, and a line that it has from
    an earlier build stays as it is.
    """

    definitions: Sequence[DeckDefinition]
    asked: Sequence[Outline]
    links: Links

    def takes(self, note: Note) -> bool:
        """Tell whether any deck takes a note."""
        return any(takes_note(select, note) for select in self._with_trial(note))

    def warns(self, note: Note) -> bool:
        """Tell whether any deck of reviewed notes tells its learners that this note is disputed by now."""
        return any(warns_of_note(select, note) for select in self._with_trial(note))

    def takes_retired(self, line: Line) -> bool:
        """Tell whether any deck tells its learners that a note is retired; the line has the day of that."""
        stone, trial = tombstone(line), self.links.current.get(line.trial, line.trial)
        return any(takes_tombstone(definition.select, stone, trial) for definition in self.definitions)

    @property
    def untaken(self) -> tuple[str, ...]:
        """The trials of records that no deck takes, sorted."""
        taken = set[str]().union(*(trials for _, trials, _ in self._chosen))
        return tuple(sorted(outline.id for outline in self.asked if outline.id not in taken))

    def mark(self, trial: str) -> bytes:
        """Return which decks take the trial's own notes, and the note of the trial itself, a byte a deck."""
        return bytes((trial in own) + 2 * (trial in named) for _, own, named in self._chosen)

    def _with_trial(self, note: Note) -> Iterator[Selected]:
        """Yield the selections of the decks that take the trial of a note."""
        for select, own, named in self._chosen:
            if note.trial in own or (note.is_of_trial and note.trial in named):
                yield select

    @cached_property
    def _chosen(self) -> Sequence[tuple[Selected, frozenset[str], frozenset[str]]]:
        """The selection of each deck, the trials whose records it takes, and those that these records name."""
        chosen = []
        for select in (definition.select for definition in self.definitions):
            outlines = [outline for outline in self.asked if takes_trial(select, outline)]
            named = frozenset(name for outline in outlines for name in self.links.related(outline))
            chosen.append((select, frozenset(outline.id for outline in outlines), named))
        return chosen
