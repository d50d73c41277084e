"""The notes that a record alone decides, and where those stand in which other records have a say."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from trialdeck.cards.note import Note


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """Where a note stands that other records have a say in: before the own note at `place`, counted from 0.

    It is the note of the trial with the id `trial`, or else the one across trials of the result with the id `across`.
    """

    place: int
    trial: str = ""
    across: str = ""


class OwnNotes(msgspec.Struct, frozen=True, array_like=True):
    """The notes that a record alone decides, in its order, and the slots for the others."""

    notes: tuple[Note, ...] = ()
    slots: tuple[Slot, ...] = ()

    def completed(self, trial_note: Callable[[str], Note | None], across: Mapping[str, Note]) -> Iterator[Note]:
        """Yield all notes of the record.

        `trial_note` gives the note of the trial with an id, or None where it is not wanted; `across` are those across
        trials by result.
        """
        slots = iter((*self.slots, Slot(len(self.notes) + 1)))
        slot = next(slots)
        for place in range(len(self.notes) + 1):
            while slot.place == place:
                found = trial_note(slot.trial) if slot.trial else across.get(slot.across)
                if found:
                    yield found
                slot = next(slots)
            yield from self.notes[place : place + 1]
