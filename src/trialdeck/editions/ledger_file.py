"""Read a ledger trial by trial, so that it need not fit into memory."""

import io
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import open_input
from trialdeck.editions.ledger import MENDING, NOTE_TYPE, Line, checked, encoded, latest, sorted_lines

TYPES = NOTE_TYPE.removesuffix("/")
"""The name under which the lines of note types stand together, as those of a trial do under its id."""

_START = b'{"key":"'
_GUID = b'","guid":"'
_PIECE = 1_000_000
"""How many bytes are copied at a time, about."""


class LedgerFile(msgspec.Struct, frozen=True):
    """The lines of a ledger by trial; `parts` has the position and the length of each trial's lines in the file.

    The parts follow each other in the order of their names as `in_order` has it, and so do the lines in them.
    """

    path: Path
    file: BinaryIO
    parts: Mapping[str, tuple[int, int]] = msgspec.field(default_factory=dict)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def rows(self, trial: str) -> bytes:
        """Return the lines of a trial as they stand in the file; empty if it has none."""
        start, length = self.parts.get(trial, (0, 0))
        self.file.seek(start)
        return self.file.read(length)

    def copy(self, trials: Iterable[str], target: BinaryIO) -> None:
        """Write the lines of trials as they stand in the file; those that follow each other there are read together."""
        start = end = 0
        for trial in trials:
            position, length = self.parts[trial]
            if position != end or end - start > _PIECE:
                self._copy(start, end, target)
                start = position
            end = position + length
        self._copy(start, end, target)

    def _copy(self, start: int, end: int, target: BinaryIO) -> None:
        self.file.seek(start)
        target.write(self.file.read(end - start))

    def lines(self, trial: str) -> list[Line]:
        """Return the lines of a trial; raises TrialdeckError if one is damaged or in conflict."""
        rows = self.rows(trial)
        try:
            return checked(rows, self.path)
        except TrialdeckError:
            # The error names the number of the line: the lines before it are counted only now.
            self.file.seek(0)
            before = self.file.read(self.parts[trial][0]).count(b"\n")
            return checked(rows, self.path, before + 1)


def in_order(trial: str) -> str:
    """Return the sort key of a trial in a ledger, whose lines begin with the id and a slash."""
    return f"{trial}/"


def open_ledger(path: Path, known: Mapping[str, tuple[int, int]] | None = None) -> LedgerFile:
    """Open a ledger; without a file it is empty. The caller closes it.

    `known` has the parts of a file that has not changed since a build wrote it. Otherwise all lines are read, merged
    and sorted first unless they are as trialdeck writes them: in order, and one for each note. A merge may leave
    several, also under different keys. Raises TrialdeckError if the file cannot be read, or a line is damaged.
    """
    try:
        file = open_input(path)
    except FileNotFoundError:
        return LedgerFile(path, io.BytesIO())
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", "see that you may read it") from error
    guids = array("q")
    parts = known or _parts(file, guids)
    if parts is not None and not _has_twins(guids):
        return LedgerFile(path, file, parts)
    with file:
        file.seek(0)
        lines = sorted_lines(latest(checked(file.read(), path)).values())
    ordered = io.BytesIO(encoded(lines))
    parts = _parts(ordered, guids)
    if parts is None:
        raise TrialdeckError(f"{path}: a line has a key that no note has", MENDING)
    return LedgerFile(path, ordered, parts)


def _parts(file: BinaryIO, guids: "array[int]") -> dict[str, tuple[int, int]] | None:
    """Return the position and length of each trial's lines, or None if they are not in order; add hashes of guids."""
    parts: dict[str, tuple[int, int]] = {}
    trial, start, position, last = b"", 0, 0, b""
    for row, key in _keys(file):
        if not last < key:
            return None
        if not key.startswith(trial) or not trial:
            if trial:
                parts[trial[:-1].decode()] = (start, position - start)
            trial, start = key[: key.index(b"/") + 1], position
        last = key
        position += len(row)
        guids.append(hash(key.rpartition(_GUID)[2]))
    if trial:
        parts[trial[:-1].decode()] = (start, position - start)
    return parts


def _has_twins(guids: "array[int]") -> bool:
    """Tell whether two hashes are equal; for different guids that is so rare that a slow read does not matter."""
    return any(one == other for one, other in pairwise(sorted(guids)))


def _keys(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield every line and its key with its guid; the key is empty if trialdeck would write the line otherwise."""
    for row in file:
        end = row.find(b'","hash":"', len(_START))
        key = row[len(_START) : end] if row.startswith(_START) and end > 0 else b""
        plain = b"/" in key and b"\\" not in key and row.endswith(b"\n")
        yield row, key if plain else b""
