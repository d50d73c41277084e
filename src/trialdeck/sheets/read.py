"""Read the entries in the tables of a file, and report every fault by cell."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import CellLocation, FileLocation, Location, letters, nearest, shortened
from trialdeck.core.text import is_blank
from trialdeck.records.slugs import name_slug, point_slug
from trialdeck.sheets.cells import CellFault, cell_value
from trialdeck.sheets.columns import ID, SECTION, TRIAL, Column, SheetForm, forms, normal
from trialdeck.sheets.files import form_meant, form_of
from trialdeck.sheets.table import Cell, Row, Table
from trialdeck.sheets.understood import understood, understood_id

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

    The value of an empty cell is `None`; a faulty cell, or a column that the sheet lacks, has no value. The id in the
    key of an entry is empty if its cell is.
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
    """All rows of a file.

    `loose` are the rows whose trial, section or id is faulty; `forms` those of the file; `notices` what was ignored in
    it, and `differences` what is read otherwise than it was typed. `is_whole` is false if a sheet cannot be read to its
    end.
    """

    entries: list[RowEntry] = msgspec.field(default_factory=list)
    loose: list[RowEntry] = msgspec.field(default_factory=list)
    forms: list[SheetForm] = msgspec.field(default_factory=list)
    faults: list[RowFault] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)
    differences: dict[str, list[CellLocation]] = msgspec.field(default_factory=dict)
    acronyms: dict[str, str] = msgspec.field(default_factory=dict)
    is_whole: bool = True

    def trial_named(self, text: str, pattern: str) -> str:
        """Return the id of a trial of the sheets that is named by its id or its acronym; else the text as an id."""
        slug = understood_id(text, pattern)
        return slug if slug == text else self.acronyms.get(normal(text), slug)


def read_entries(tables: Sequence[Table]) -> Sheets:
    """Return the rows of the sheets of trialdeck, and the faults of single cells."""
    sheets = Sheets()
    for form in forms():
        first: dict[Key, CellLocation] = {}
        for table in tables:
            if form_of(table) == form.name:
                _read(_Reader(form, table, sheets, first))
    sheets.notices += (_notice_of_sheet(table) for table in tables if not form_of(table) and _has_rows(table))
    return sheets


def _read(reader: "_Reader") -> None:
    """Read a table; if its file is broken, add that to the faults, so that the other tables are read too."""
    try:
        reader.read()
    except TrialdeckError as error:
        path = reader.table.path
        start, _, end = error.message.partition(f"{path} ")
        message = error.message if start else f"the file {end}"
        reader.sheets.faults.append(RowFault(FileLocation(path), message, error.hint))
        reader.sheets.is_whole = False


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
            value = self._value(row.cells[index] if index < len(row.cells) else "", column, places)
            if isinstance(value, CellFault):
                self.sheets.faults.append(RowFault(places[column.name], value.message, value.hint))
            else:
                values[column.name] = value
        if not self.form.lists and ID in values:
            self._name_trial(values, places)
        key = self._key(values, places)
        if key:
            self.sheets.entries.append(RowEntry(self.form, key, values, places))
        else:
            self.sheets.loose.append(RowEntry(self.form, ("", next(iter(self.form.lists), ""), ""), values, places))

    def _value(self, cell: Cell, column: Column, places: Mapping[str, CellLocation]) -> Any:
        """Return the value of a cell, or its fault, and note if it is read otherwise than it was typed."""
        if not cell:
            return None
        if column.name == TRIAL and isinstance(cell, str) and not is_blank(cell):
            named = self.sheets.trial_named(cell, column.pattern)
            if named != cell:
                self._note(f"'{cell.strip()}' is read as '{named}'", places[column.name])
            return named
        found = understood(cell, column)
        if found.said:
            self._note(found.said, places[column.name])
        return cell_value(found.text, column) if isinstance(found.text, str) else found.text

    def _note(self, said: str, place: CellLocation) -> None:
        self.sheets.differences.setdefault(said, []).append(place)

    def _name_trial(self, values: dict[str, Any], places: Mapping[str, CellLocation]) -> None:
        """Give a trial without an id one that is made from its acronym or title, and remember its acronym."""
        if values[ID] is None and (made := _made_trial_id(values)):
            values[ID] = made
            self._note(f"the id is empty; it becomes '{made}'", places[ID])
        if values.get("acronym") and values[ID]:
            self.sheets.acronyms.setdefault(normal(values["acronym"]), str(values[ID]).strip())

    def _key(self, values: Mapping[str, Any], places: Mapping[str, CellLocation]) -> Key | None:
        """Return the key of a row's entry; `None` if it is faulty."""
        faults = list(self._faults_of_key(values, places))
        self.sheets.faults += faults
        if faults or any(name not in values for name in self.form.keys):
            return None
        parts = {name: str(values[name] or "").strip() for name in self.form.keys}
        lists = self.form.lists
        key = (parts[TRIAL], parts.get(SECTION, lists[0]), parts[ID]) if lists else (parts[ID], "", "")
        if not parts[ID]:
            return key
        first = self.first.setdefault(key, places[ID])
        if first != places[ID]:
            message = f"'{shortened(parts[ID])}' stands here for the second time"
            self.sheets.faults.append(RowFault(places[ID], message, f"it was first used in {first}; choose another id"))
            return None
        return key

    def _faults_of_key(self, values: Mapping[str, Any], places: Mapping[str, CellLocation]) -> Iterator[RowFault]:
        for name in self.form.keys:
            if name in values and values[name] is None and not (name == ID and self.form.lists):
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


def _made_trial_id(values: Mapping[str, Any]) -> str:
    """Return the id of a trial from the acronym or else the title of its row, as `ingest` makes it; or empty."""
    acronym, title = (str(values.get(name) or "") for name in ("acronym", "title"))
    return name_slug(acronym) or point_slug(title)


def did_you_mean(word: str, words: Sequence[str]) -> str:
    """Return a hint with the most similar of some words, or else with the first few."""
    near = nearest(word.lower(), words)
    if near:
        return f"did you mean '{near}'?"
    shown = ", ".join(words[:8])
    return f"known here: {shown}{', …' if len(words) > 8 else ''}" if words else ""


def _is_filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or not is_blank(cell)
