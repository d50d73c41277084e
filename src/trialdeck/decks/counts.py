"""Count notes and cards once each, however many decks take them."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from trialdeck.notes.note import Note
from trialdeck.records.model import Perspective

_MARK, _CARDS = 8, 2
_SIZE = _MARK + _CARDS + 1
_PERSPECTIVES = tuple(Perspective)


class Tally(msgspec.Struct):
    """How many notes there are, how many cards they have, how many are reviewed, and how many each perspective has."""

    notes: int = 0
    cards: int = 0
    reviewed: int = 0
    perspectives: Counter[str] = msgspec.field(default_factory=Counter)
    _seen: set[bytes] = msgspec.field(default_factory=set)

    def add(self, entries: bytes) -> None:
        """Count the notes of concatenated entries (see `tally_entry`); skip those that were counted before."""
        for start in range(0, len(entries), _SIZE):
            mark, cards, (kind,) = (
                entries[start : start + _MARK],
                entries[start + _MARK : start + _SIZE - 1],
                entries[start + _SIZE - 1 : start + _SIZE],
            )
            if mark not in self._seen:
                self._seen.add(mark)
                self.notes += 1
                self.cards += int.from_bytes(cards)
                self.reviewed += kind % 2
                self.perspectives[_PERSPECTIVES[kind // 2]] += 1


def tally_entry(note: Note) -> bytes:
    """Return the entry of a note for `Tally.add`, a few bytes; empty for a note without cards."""
    if not note.cards:
        return b""
    kind = _PERSPECTIVES.index(note.perspective) * 2 + note.reviewed
    return sha256(note.guid.encode()).digest()[:_MARK] + len(note.cards).to_bytes(_CARDS) + bytes([kind])


def tally_of(notes: Iterable[Note]) -> Tally:
    """Count notes."""
    tally = Tally()
    for note in notes:
        tally.add(tally_entry(note))
    return tally
