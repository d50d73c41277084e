"""Ids for the rows of notes and cards, in milliseconds of Unix time as Anki has them.

They follow from a note's guid and trial and from when it was first built alone, so that no other note's coming or going
changes them but in the rare case of two that are the same. Those of one trial lie together: so a database is filled
place by place, and what is alike stands side by side, which deflates well. They lie before that time, never after:
Anki 2.1.54 rejects ids that lie in the future.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable
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
_Taken = defaultdict[int, "array[int]"]
"""The lower bits of the ids that are taken, by their upper bits: two bytes for each, where a set needs fifty."""


def _no_ids() -> "array[int]":
    return array("H")


class RowIds(msgspec.Struct):
    """Gives the rows of one package their ids; of two that would get the same, the later one makes way downwards."""

    _taken: _Taken = msgspec.field(default_factory=lambda: defaultdict(_no_ids))

    def notes(self, guids: Iterable[str], trials: Collection[str], created: Iterable[int]) -> list[int]:
        """Return the ids of notes; `created` is when each was first built, in seconds of Unix time."""
        starts = {trial: _start(trial) for trial in set(trials)}
        every = zip(guids, trials, created, strict=True)
        # Called for every note of a large package: what `_offset` says is said here once more, without a call.
        wanted = [
            time * 1000 - 1 - starts[trial] - int.from_bytes(guid.encode()) % SPREAD for guid, trial, time in every
        ]
        return _apart(wanted, self._taken)

    def cards(self, notes: Iterable[int], ordinals: Iterable[Iterable[int]]) -> list[int]:
        """Return the ids of cards, given by the ids of their notes and the ordinals that each note has."""
        every = zip(notes, ordinals, strict=True)
        return _apart([note - 1 - ordinal for note, some in every for ordinal in some], self._taken)


def _apart(wanted: list[int], taken: _Taken) -> list[int]:
    """Take ids that are all different and not taken yet, in place of those that are not; return all of them."""
    blocks = {each >> _BITS for each in wanted}
    used = set(chain.from_iterable(_ids(block, taken) for block in blocks))
    for place, each in enumerate(wanted):
        if each in used:
            wanted[place] = _free(each, used, blocks, taken)
        used.add(wanted[place])
    for row_id in wanted:
        taken[row_id >> _BITS].append(row_id & _MASK)
    return wanted


def _free(row_id: int, used: set[int], blocks: set[int], taken: _Taken) -> int:
    """Return the next lower id that is not used; of blocks that come into it thereby, those that are taken are used."""
    while row_id in used:
        row_id -= 1
        if row_id >> _BITS not in blocks:
            blocks.add(row_id >> _BITS)
            used.update(_ids(row_id >> _BITS, taken))
    return row_id


def _ids(block: int, taken: _Taken) -> Iterable[int]:
    """Return the ids that are taken in a block."""
    first = block << _BITS
    return [first + each for each in taken[block]] if block in taken else ()


def created_at(guid: str, trial: str, note_id: int) -> int:
    """Return when a note was first built, in seconds of Unix time, from the id of its row.

    An id that had to make way for another lies some milliseconds lower, which is less than the second that is rounded.
    """
    return -((-note_id - 1 - _offset(guid, trial)) // 1000)


def _offset(guid: str, trial: str) -> int:
    # A guid is a hash already.
    return _start(trial) + int.from_bytes(guid.encode()) % SPREAD


@lru_cache(1024)
def _start(trial: str) -> int:
    return crc32(trial.encode()) % TRIALS * SPREAD
