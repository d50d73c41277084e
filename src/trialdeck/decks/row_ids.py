"""Ids for the rows of notes and cards, in milliseconds of Unix time as Anki has them.

They follow from a note's guid and from when it was first built alone, so that no other note's coming or going changes
them but in the rare case of two that are the same. They lie before that time, never after: Anki 2.1.54 rejects ids that
lie in the future.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

SPREAD = 999_999_937
"""Over how many milliseconds before its first build a note's ids are spread: eleven days, so that few collide.

A prime, so that every character of a guid counts.
"""


@dataclass(slots=True)
class RowIds:
    """Gives the rows of one package their ids; of two that would get the same, the later one makes way downwards."""

    _taken: set[int] = field(default_factory=set)

    def notes(self, guids: Sequence[str], created: Sequence[int]) -> list[int]:
        """Return the ids of notes; `created` is when each was first built, in seconds of Unix time."""
        wanted = [time * 1000 - 1 - _offset(guid) for guid, time in zip(guids, created, strict=True)]
        return _apart(wanted, self._taken)

    def cards(self, cards: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids of cards, each given by the id of its note and its ordinal."""
        return _apart([note - 1 - ordinal for note, ordinal in cards], self._taken)


def _apart(wanted: list[int], taken: set[int]) -> list[int]:
    """Return ids that are all different and not taken yet, and take them: those that are wanted, wherever possible."""
    different = set(wanted)
    if len(different) == len(wanted) and taken.isdisjoint(different):
        taken |= different
        return wanted
    found = []
    for each in wanted:
        row_id = each
        while row_id in taken:
            row_id -= 1
        taken.add(row_id)
        found.append(row_id)
    return found


def created_at(guid: str, note_id: int) -> int:
    """Return when a note was first built, in seconds of Unix time, from the id of its row.

    An id that had to make way for another lies some milliseconds lower, which is less than the second that is rounded.
    """
    return -((-note_id - 1 - _offset(guid)) // 1000)


def _offset(guid: str) -> int:
    # A guid is a hash already.
    return int.from_bytes(guid.encode()) % SPREAD
