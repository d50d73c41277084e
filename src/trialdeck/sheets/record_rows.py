"""The rows of records for sheets: every value as text, in a temporary file while there are many."""

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
from trialdeck.yamlfile.document import DataPath


class RecordData(msgspec.Struct, frozen=True):
    """The data of a record as `parse_document` gives it, under the path as problems name it."""

    path: str
    data: Any

    @property
    def id(self) -> str:
        """The id of its trial."""
        return str(self.data["id"])


def rows_of(record: RecordData, form: SheetForm) -> list[list[str]]:
    """Return the rows of a record, whose form is free of faults, in a sheet.

    Raises TrialdeckError where a value would not come back from its cell as it was.
    """
    entries = _entries(record, form)
    return [[_cell(record, name, entry, column) for column in form.columns] for name, entry in entries]


def value_at(entry: Any, path: DataPath) -> Any:
    """Return what is at a path within an entry, or None."""
    for part in path:
        if isinstance(entry, dict):
            entry = entry.get(part)
        elif isinstance(entry, list) and isinstance(part, int) and part < len(entry):
            entry = entry[part]
        else:
            return None
    return entry


def _entries(record: RecordData, form: SheetForm) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a record that are rows of a sheet, with the list that each is in."""
    if not form.lists:
        yield "", record.data
    for name in form.lists:
        yield from ((name, entry) for entry in record.data.get(name) or ())


def _cell(record: RecordData, name: str, entry: Any, column: Column) -> str:
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
    """Lend a spool; raises TrialdeckError where the disk refuses."""
    with ExitStack() as opened:
        with refusals(_FOLDER):
            file = opened.enter_context(TemporaryFile(prefix="trialdeck-"))
        yield Spool(file)


class Spool:
    """Takes records one by one, in any order, and has their rows by sheet, in the order of the ids of their trials."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._records: list[tuple[str, int, str]] = []
        self._refused: dict[str, TrialdeckError] = {}
        # For each record and sheet four numbers: where its rows start, their bytes, how many they are, and their text.
        self._blocks = array("Q")
        self._widths = [[0] * len(form.columns) for form in forms()]

    def add(self, record: RecordData) -> None:
        """Take the rows of a record, whose form is free of faults."""
        blocks = []
        for form, widths in zip(forms(), self._widths, strict=True):
            try:
                rows = rows_of(record, form)
            except TrialdeckError as error:
                self._refused.setdefault(record.id, error)
                return
            widths[:] = map(max, widths, *([_longest(text) for text in row] for row in rows)) if rows else widths
            content = msgspec.msgpack.encode(rows)
            blocks += [self._file.tell(), len(content), len(rows), sum(len(text) for row in rows for text in row)]
            with refusals(_FOLDER):
                self._file.write(content)
        self._records.append((record.id, len(self._records), record.path))
        self._blocks.extend(blocks)

    def sheets(self) -> list[WrittenSheet]:
        """Return all sheets; one with more rows or text than fits is in parts.

        Raises TrialdeckError where a value would not come back from its cell as it was.
        """
        if self._refused:
            raise self._refused[min(self._refused)]
        records = [(number, path) for _, number, path in sorted(self._records)]
        return [sheet for index in range(len(forms())) for sheet in self._parts(index, records)]

    def _parts(self, index: int, records: Sequence[tuple[int, str]]) -> Iterator[WrittenSheet]:
        form, start, count, text = forms()[index], 0, 0, 0
        name = form.name
        for place, (number, _) in enumerate(records):
            _, _, more, more_text = self._block(number, index)
            if count and (count + more > MOST_ROWS or text + more_text > MOST_TEXT):
                yield self._written(form, name, count, records[start:place])
                name = f"{form.name} {PART} {_number_of(name) + 1}"
                start, count, text = place, 0, 0
            count, text = count + more, text + more_text
        yield self._written(form, name, count, records[start:])

    def _written(self, form: SheetForm, name: str, count: int, records: Sequence[tuple[int, str]]) -> WrittenSheet:
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


def _longest(text: str) -> int:
    return max(map(len, text.split("\n")))


def _number_of(name: str) -> int:
    number = name.rpartition(f" {PART} ")[2]
    return int(number) if number.isdecimal() else 1
