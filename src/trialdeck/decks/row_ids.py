"""Ids for the rows of notes and cards, in milliseconds of Unix time as Anki has them.

They follow from a note's guid and trial and from when it was first built alone, so that no other note's coming or going
changes them but in the rare case of two that are the same. Those of one trial lie together: so a database is filled
place by place, and what is alike stands side by side, which deflates well. They lie before that time, never after:
Anki 2.1.54 rejects ids that lie in the future.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from zlib import crc32

import msgspec

SPREAD = 32_749
"""Over how many milliseconds the ids of a trial's notes are spread, so that few collide.

A prime, so that every character of a guid counts.
"""
TRIALS = 30_517
"""How many places there are for trials; several may share one. All of them are eleven days and a half."""


_BITS = 15
_MASK = (1 << _BITS) - 1
_Taken = dict[int, "array[int]"]
"""The lower bits of the ids that are taken, by their upper bits: two bytes for each, where a set needs fifty."""


class RowIds(msgspec.Struct):
    """Gives the rows of one package their ids; of two that would get the same, the later one makes way downwards."""

    _taken: _Taken = msgspec.field(default_factory=dict)

    def notes(self, guids: Iterable[str], trials: Iterable[str], created: Iterable[int]) -> list[int]:
        """Return the ids of notes; `created` is when each was first built, in seconds of Unix time."""
        every = zip(guids, trials, created, strict=True)
        return _apart([time * 1000 - 1 - _offset(guid, trial) for guid, trial, time in every], self._taken)

    def cards(self, notes: Iterable[int], ordinals: Iterable[Iterable[int]]) -> list[int]:
        """Return the ids of cards, given by the ids of their notes and the ordinals that each note has."""
        every = zip(notes, ordinals, strict=True)
        return _apart([note - 1 - ordinal for note, some in every for ordinal in some], self._taken)


def _apart(wanted: list[int], taken: _Taken) -> list[int]:
    """Return ids that are all different and not taken yet, and take them: those that are wanted, wherever possible."""
    blocks = {each >> _BITS for each in wanted}
    used = set(chain.from_iterable(_ids(block, taken) for block in blocks))
    found = []
    for each in wanted:
        row_id = each
        while row_id in used:
            row_id -= 1
            if row_id >> _BITS not in blocks:
                blocks.add(row_id >> _BITS)
                used.update(_ids(row_id >> _BITS, taken))
        used.add(row_id)
        found.append(row_id)
    _take(sorted(found), sorted(blocks), taken)
    return found


def _ids(block: int, taken: _Taken) -> Iterable[int]:
    """Return the ids that are taken in a block."""
    first = block << _BITS
    return [first + each for each in taken[block]] if block in taken else ()


def _take(ordered: Sequence[int], blocks: Sequence[int], taken: _Taken) -> None:
    """Take ids, which lie in these blocks; both are sorted."""
    start = 0
    for block in blocks:
        end = bisect_left(ordered, (block + 1) << _BITS, start)
        offsets = [each & _MASK for each in ordered[start:end]]
        if block in taken:
            taken[block].extend(offsets)
        else:
            taken[block] = array("H", offsets)
        start = end


def created_at(guid: str, trial: str, note_id: int) -> int:
    """Return when a note was first built, in seconds of Unix time, from the id of its row.

    An id that had to make way for another lies some milliseconds lower, which is less than the second that is rounded.
    """
    return -((-note_id - 1 - _offset(guid, trial)) // 1000)


def _offset(guid: str, trial: str) -> int:
    # A guid is a hash already.
    return _place(trial) * SPREAD + int.from_bytes(guid.encode()) % SPREAD


@lru_cache(1024)
def _place(trial: str) -> int:
    return crc32(trial.encode()) % TRIALS
