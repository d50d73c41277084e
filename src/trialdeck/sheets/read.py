"""Read the entries in the tables of a file, and report every fault by cell."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import CellLocation, Location, letters, nearest, shortened
from trialdeck.core.text import is_blank
from trialdeck.sheets.cells import CellFault, cell_value
from trialdeck.sheets.columns import ID, SECTION, TRIAL, Column, SheetForm, forms, normal
from trialdeck.sheets.files import form_meant, form_of
from trialdeck.sheets.table import Cell, Row, Table

Key = tuple[str, str, str]
"""A trial's id, a list of its record, and the id of an entry; the last two are empty for the record itself."""


class RowFault(msgspec.Struct, frozen=True):
    """A fault of a cell or a record, and a hint how to correct it."""

    location: Location
    message: str
    hint: str = ""


class CellPlaces(Mapping[str, CellLocation]):
    """The locations of the cells of a row, by column; each is made only when it is needed."""

    __slots__ = ("_columns", "_row", "_table")

    def __init__(self, table: Table, columns: Mapping[str, int], row: int) -> None:
        self._table, self._columns, self._row = table, columns, row

    def __getitem__(self, column: str) -> CellLocation:
        return self._table.place(self._columns[column], self._row)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class RowEntry(msgspec.Struct, frozen=True):
    """A row: the key of its entry, and the values and places of its cells by column.

    The value of an empty cell is `None`; a faulty cell, or a column that the sheet lacks, has no value.
    """

    form: SheetForm
    key: Key
    values: Mapping[str, Any]
    places: Mapping[str, CellLocation]

    @property
    def place(self) -> CellLocation:
        """The location of its id."""
        return self.places[ID]


class Sheets(msgspec.Struct):
    """All rows of a file; `forms` are those in the file, `notices` what was ignored in it."""

    entries: list[RowEntry] = msgspec.field(default_factory=list)
    forms: list[SheetForm] = msgspec.field(default_factory=list)
    faults: list[RowFault] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)


def read_entries(tables: Sequence[Table]) -> Sheets:
    """Return the rows of the sheets of trialdeck, and the faults of single cells."""
    sheets = Sheets()
    for form in forms():
        first: dict[Key, CellLocation] = {}
        for table in tables:
            if form_of(table) == form.name:
                _Reader(form, table, sheets, first).read()
    sheets.notices += (_notice_of_sheet(table) for table in tables if not form_of(table) and _has_rows(table))
    return sheets


def _has_rows(table: Table) -> bool:
    """Whether a sheet has rows below its header; a sheet that cannot be read counts as having some."""
    try:
        filled = (row for row in table.rows if any(map(_is_filled, row.cells)))
        return sum(1 for _ in islice(filled, 2)) == 2
    except TrialdeckError:
        return True


def _notice_of_sheet(table: Table) -> str:
    meant = form_meant(table)
    hint = f"; did you mean '{meant}'?" if meant else ""
    place = f"{table.path}: {table.sheet}" if table.sheet else table.path
    return f"{place}: the sheet is not known; it is left aside{hint}"


class _Reader(msgspec.Struct):
    """Reads a table into the sheets; `first` has the first place of each key, in this table or an earlier part."""

    form: SheetForm
    table: Table
    sheets: Sheets
    first: dict[Key, CellLocation]
    columns: dict[int, Column] = msgspec.field(default_factory=dict)
    indexes: dict[str, int] = msgspec.field(default_factory=dict)

    def read(self) -> None:
        rows = (row for row in self.table.rows if any(map(_is_filled, row.cells)))
        header = next(rows, None)
        if header is None:
            return
        self._read_header(header)
        names = {column.name for column in self.columns.values()}
        if missing := [name for name in self.form.keys if name not in names]:
            self._add_missing(missing, header)
            return
        if self.form not in self.sheets.forms:
            self.sheets.forms.append(self.form)
        nameless: set[int] = set()
        for row in rows:
            if any(_is_filled(row.cells[index]) for index in self.columns if index < len(row.cells)):
                self._read_row(row)
            nameless |= {index for index, cell in enumerate(row.cells) if _is_filled(cell)} - set(self.columns)
        named = {index for index, cell in enumerate(header.cells) if _is_filled(cell)}
        for index in sorted(nameless - named):
            self._add_notice(index, "has no name; it is left aside")

    def _read_header(self, header: Row) -> None:
        columns = {normal(column.name): column for column in self.form.columns}
        for index, cell in enumerate(header.cells):
            name = normal(cell) if isinstance(cell, str) else ""
            column = columns.get(name)
            if column and column in self.columns.values():
                self._add_fault(index, header.number, f"the column '{column.name}' stands twice", "keep one of the two")
            elif column:
                self.columns[index] = column
                self.indexes[column.name] = index
            elif _is_filled(cell):
                shown_name = shortened(cell) if isinstance(cell, str) else "with an error in its name"
                near = nearest(name, columns)
                hint = f"; did you mean '{columns[near].name}'?" if near else ""
                self._add_notice(index, f"'{shown_name}' is not known; it is left aside{hint}")

    def _add_missing(self, missing: Sequence[str], header: Row) -> None:
        for name in missing:
            hint = f"the first row has the names of the columns; these are needed: {', '.join(self.form.keys)}"
            self._add_fault(0, header.number, f"there is no column '{name}'", hint)

    def _read_row(self, row: Row) -> None:
        values: dict[str, Any] = {}
        places = CellPlaces(self.table, self.indexes, row.number)
        for index, column in self.columns.items():
            cell = row.cells[index] if index < len(row.cells) else ""
            value = cell_value(cell, column) if isinstance(cell, str) else cell
            if isinstance(value, CellFault):
                self.sheets.faults.append(RowFault(places[column.name], value.message, value.hint))
            else:
                values[column.name] = value
        key = self._key(values, places)
        if key:
            self.sheets.entries.append(RowEntry(self.form, key, values, places))

    def _key(self, values: Mapping[str, Any], places: Mapping[str, CellLocation]) -> Key | None:
        """Return the key of a row's entry; `None` if it is faulty."""
        faults = list(self._faults_of_key(values, places))
        self.sheets.faults += faults
        if faults or any(name not in values for name in self.form.keys):
            return None
        parts = {name: str(values[name]).strip() for name in self.form.keys}
        lists = self.form.lists
        key = (parts[TRIAL], parts.get(SECTION, lists[0]), parts[ID]) if lists else (parts[ID], "", "")
        first = self.first.setdefault(key, places[ID])
        if first != places[ID]:
            message = f"'{shortened(parts[ID])}' stands here for the second time"
            self.sheets.faults.append(RowFault(places[ID], message, f"it was first used in {first}; choose another id"))
            return None
        return key

    def _faults_of_key(self, values: Mapping[str, Any], places: Mapping[str, CellLocation]) -> Iterator[RowFault]:
        for name in self.form.keys:
            if name in values and values[name] is None:
                hint = "every row has one" if name != TRIAL else "write the id of the trial that the row belongs to"
                yield RowFault(places[name], f"'{name}' is empty", hint)
        section = str(values.get(SECTION) or "").strip()
        if section and section not in self.form.lists:
            yield RowFault(
                places[SECTION], f"unknown section '{shortened(section)}'", did_you_mean(section, self.form.lists)
            )

    def _add_fault(self, index: int, row: int, message: str, hint: str) -> None:
        """Add a fault of a cell.

        Args:
            index: The column, from 0.
            row: The row, from 1.
            message: What is wrong.
            hint: What to do.
        """
        self.sheets.faults.append(RowFault(self.table.place(index, row), message, hint))

    def _add_notice(self, index: int, said: str) -> None:
        sheet = f"{self.table.sheet}!" if self.table.sheet else ""
        self.sheets.notices.append(f"{self.table.path}: {sheet}{letters(index + 1)}: the column {said}")


def did_you_mean(word: str, words: Sequence[str]) -> str:
    """Return a hint with the most similar of some words, or else with the first few."""
    near = nearest(word.lower(), words)
    if near:
        return f"did you mean '{near}'?"
    shown = ", ".join(words[:8])
    return f"known here: {shown}{', …' if len(words) > 8 else ''}" if words else ""


def _is_filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or not is_blank(cell)
