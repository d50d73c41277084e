"""Which notes a build takes: the filters of the command line."""

from dataclasses import dataclass

from trialdeck.cards.note import Note
from trialdeck.records.model import Audience, Perspective


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters that narrow the notes; an empty filter lets everything pass.

    A note that names no audience or no specialty is for everybody and passes these filters.
    """

    perspectives: frozenset[Perspective] = frozenset()
    audiences: frozenset[Audience] = frozenset()
    specialties: frozenset[str] = frozenset()

    def admits(self, note: Note) -> bool:
        """Tell whether a note passes every filter."""
        return (
            (not self.perspectives or note.perspective in self.perspectives)
            and _meets(note.audience, self.audiences)
            and _meets(note.specialties, self.specialties)
        )


def _meets(of_note: tuple[str, ...], wanted: frozenset[str]) -> bool:
    return not wanted or not of_note or not wanted.isdisjoint(of_note)
