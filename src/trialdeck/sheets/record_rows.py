"""The rows of records for sheets: every value as text, kept in a temporary file because there may be many."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import Any, BinaryIO

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals
from trialdeck.sheets.cells import CellFault, cell_text, cell_value, is_empty, is_unchanged
from trialdeck.sheets.columns import SECTION, TRIAL, Column, SheetForm, forms
from trialdeck.sheets.table import MOST_ROWS, MOST_TEXT, PART, Owned, WrittenSheet
from trialdeck.yamlfile.edit import value_at


class RecordData(msgspec.Struct, frozen=True):
    """The data of a record as `parse_document` returns it, and its path in messages."""

    path: str
    data: Any

    @property
    def id(self) -> str:
        """The id of its trial."""
        return str(self.data["id"])


def rows_of(record: RecordData, form: SheetForm) -> list[list[str]]:
    """Return the rows of a record, which has no faults of form, in a sheet.

    Raises TrialdeckError if a value would not be the same when read back from its cell.
    """
    entries = _entries(record, form)
    return [[_cell(record, name, entry, column) for column in form.columns] for name, entry in entries]


def _entries(record: RecordData, form: SheetForm) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a record that are rows of a sheet, each with the name of its list."""
    if not form.lists:
        yield "", record.data
    for name in form.lists:
        yield from ((name, entry) for entry in record.data.get(name) or ())


def _cell(record: RecordData, name: str, entry: Any, column: Column) -> str:
    """Return the text of a cell.

    Args:
        record: The record.
        name: The list of the entry; empty for the record itself.
        entry: The entry of the row.
        column: The column.

    Returns:
        The text; it is read back to the same value.

    Raises:
        TrialdeckError: No text is read back to the same value.
    """
    if not column.path:
        return {TRIAL: record.id, SECTION: name}[column.name]
    value = value_at(entry, column.path)
    text = cell_text(value, column)
    back = cell_value(text, column)
    if isinstance(back, CellFault) or not is_unchanged(value, back) or (is_empty(back) and not is_empty(value)):
        where = f"'{column.name}' of '{entry.get('id')}'" if name else f"'{column.name}'"
        raise TrialdeckError(f"{record.path}: {where} cannot stand in a cell", "correct it in the record first")
    return text


_Rows = list[list[str]]
_FOLDER = Path(gettempdir())


@contextmanager
def spool() -> Iterator["Spool"]:
    """Open a spool; raises TrialdeckError if the disk refuses."""
    with ExitStack() as opened:
        with refusals(_FOLDER):
            file = opened.enter_context(TemporaryFile(prefix="trialdeck-"))
        yield Spool(file)


class Spool:
    """Collects the rows of records in any order, and returns them by sheet, in the order of the trials' ids."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._records: list[tuple[str, int, str]] = []
        self._refused: dict[str, TrialdeckError] = {}
        # Four numbers for each record and sheet: the offset of its rows, their size in bytes, in rows, in characters.
        self._blocks = array("Q")
        self._widths = [[0] * len(form.columns) for form in forms()]

    def add(self, record: RecordData) -> None:
        """Add the rows of a record, which has no faults of form."""
        blocks = []
        for form, widths in zip(forms(), self._widths, strict=True):
            try:
                rows = rows_of(record, form)
            except TrialdeckError as error:
                self._refused.setdefault(record.id, error)
                return
            widths[:] = map(max, widths, *([_longest_line(text) for text in row] for row in rows)) if rows else widths
            content = msgspec.msgpack.encode(rows)
            blocks += [self._file.tell(), len(content), len(rows), sum(len(text) for row in rows for text in row)]
            with refusals(_FOLDER):
                self._file.write(content)
        self._records.append((record.id, len(self._records), record.path))
        self._blocks.extend(blocks)

    def sheets(self) -> list[WrittenSheet]:
        """Return all sheets; one with too many rows or too much text is split into parts.

        Raises TrialdeckError if a value would not be the same when read back from its cell.
        """
        if self._refused:
            raise self._refused[min(self._refused)]
        records = [(number, path) for _, number, path in sorted(self._records)]
        return [sheet for index in range(len(forms())) for sheet in self._parts(index, records)]

    def _parts(self, index: int, records: Sequence[tuple[int, str]]) -> Iterator[WrittenSheet]:
        form, start, count, text = forms()[index], 0, 0, 0
        name = form.name
        for position, (number, _) in enumerate(records):
            _, _, more, more_text = self._block(number, index)
            if count and (count + more > MOST_ROWS or text + more_text > MOST_TEXT):
                yield self._sheet(form, name, count, records[start:position])
                name = f"{form.name} {PART} {_part_number(name) + 1}"
                start, count, text = position, 0, 0
            count, text = count + more, text + more_text
        yield self._sheet(form, name, count, records[start:])

    def _sheet(self, form: SheetForm, name: str, count: int, records: Sequence[tuple[int, str]]) -> WrittenSheet:
        """Return a sheet, or a part of one, whose rows are read back from the file.

        Args:
            form: The form of the sheet.
            name: The name of the sheet or part.
            count: The number of its rows.
            records: The records, by number in the spool and path.

        Returns:
            The sheet.
        """
        index = forms().index(form)
        return WrittenSheet(form, name, count, self._widths[index], partial(self._rows, index, records))

    def _rows(self, index: int, records: Sequence[tuple[int, str]]) -> Iterator[Owned]:
        for number, path in records:
            start, size, _, _ = self._block(number, index)
            self._file.seek(start)
            for row in msgspec.msgpack.decode(self._file.read(size), type=_Rows):
                yield path, row

    def _block(self, number: int, index: int) -> Sequence[int]:
        first = 4 * (number * len(forms()) + index)
        return self._blocks[first : first + 4]


def _longest_line(text: str) -> int:
    return max(map(len, text.split("\n")))


def _part_number(name: str) -> int:
    number = name.rpartition(f" {PART} ")[2]
    return int(number) if number.isdecimal() else 1
