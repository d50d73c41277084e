"""Ids for the rows of notes and cards, in milliseconds of Unix time as Anki has them.

They follow from a note's guid, its trial, and the time when it was first built alone: no other note changes them,
unless two would get the same id, which is rare. Ids of one trial are neighbours: so a database is filled page by
page, and similar notes are stored together, which deflates well. They lie before that time, never after: Anki 2.1.54
rejects ids in the future.
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
"""The number of ranges for trials; several may share one. All of them span eleven days and a half."""


_BITS = 15
_MASK = (1 << _BITS) - 1
_Taken = defaultdict[int, "array[int]"]
"""The lower bits of the ids that are taken, by their upper bits: two bytes for each id; a set needs fifty."""


def _no_ids() -> "array[int]":
    return array("H")


class RowIds(msgspec.Struct):
    """Gives the rows of one package their ids; if two would get the same id, the later one gets the next lower one."""

    _taken: _Taken = msgspec.field(default_factory=lambda: defaultdict(_no_ids))

    def notes(self, guids: Iterable[str], trials: Collection[str], created: Iterable[int]) -> list[int]:
        """Return the ids of notes; `created` is when each was first built, in seconds of Unix time."""
        starts = {trial: _start(trial) for trial in set(trials)}
        every = zip(guids, trials, created, strict=True)
        # Called for every note of a large package: this repeats `_offset`, without a call.
        wanted = [
            time * 1000 - 1 - starts[trial] - int.from_bytes(guid.encode()) % SPREAD for guid, trial, time in every
        ]
        return _apart(wanted, self._taken)

    def cards(self, notes: Iterable[int], ordinals: Iterable[Iterable[int]]) -> list[int]:
        """Return the ids of cards, given by the ids of their notes and the ordinals that each note has."""
        every = zip(notes, ordinals, strict=True)
        return _apart([note - 1 - ordinal for note, its_ordinals in every for ordinal in its_ordinals], self._taken)


def _apart(wanted: list[int], taken: _Taken) -> list[int]:
    """Replace the wanted ids that are equal or taken by free ones, take all of them, and return them."""
    blocks = {row_id >> _BITS for row_id in wanted}
    used = set(chain.from_iterable(_ids(block, taken) for block in blocks))
    for position, row_id in enumerate(wanted):
        if row_id in used:
            wanted[position] = _free(row_id, used, blocks, taken)
        used.add(wanted[position])
    for row_id in wanted:
        taken[row_id >> _BITS].append(row_id & _MASK)
    return wanted


def _free(row_id: int, used: set[int], blocks: set[int], taken: _Taken) -> int:
    """Return the next lower id that is not used.

    Args:
        row_id: The id that is used already.
        used: The ids that are used in `blocks`; those of a block that is entered are added.
        blocks: The blocks whose ids are in `used`.
        taken: The ids that are taken in the package.
    """
    while row_id in used:
        row_id -= 1
        if row_id >> _BITS not in blocks:
            blocks.add(row_id >> _BITS)
            used.update(_ids(row_id >> _BITS, taken))
    return row_id


def _ids(block: int, taken: _Taken) -> Iterable[int]:
    """Return the ids that are taken in a block."""
    first = block << _BITS
    return [first + offset for offset in taken[block]] if block in taken else ()


def created_at(guid: str, trial: str, note_id: int) -> int:
    """Return when a note was first built, in seconds of Unix time, from the id of its row.

    An id that was replaced by a lower one lies some milliseconds lower, which rounding to seconds removes.
    """
    return -((-note_id - 1 - _offset(guid, trial)) // 1000)


def _offset(guid: str, trial: str) -> int:
    # A guid is a hash already.
    return _start(trial) + int.from_bytes(guid.encode()) % SPREAD


@lru_cache(1024)
def _start(trial: str) -> int:
    return crc32(trial.encode()) % TRIALS * SPREAD
