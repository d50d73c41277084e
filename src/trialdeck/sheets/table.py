"""A table: one sheet as rows of text, and the places of its cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from trialdeck.core.problem import CellLocation
from trialdeck.sheets.cells import CellFault
from trialdeck.sheets.columns import SheetForm

MAX_ROWS, MAX_COLUMNS = 100_000, 1_000
"""How many rows with something in them, and how many columns, are read of a sheet."""
MOST_ROWS, MOST_TEXT = MAX_ROWS - 1, 40_000_000
"""How many rows, and characters in them, are written into a sheet; what is more goes into further parts of it."""

PART = "part"
"""Stands before the number of a further part of a sheet: `Questions part 2`."""

Cell = str | CellFault
"""The text in a cell; a flaw where the file says that there is none to be had."""


class Row(msgspec.Struct, frozen=True):
    """The cells of one row, and its number as the spreadsheet program shows it, from 1."""

    number: int
    cells: Sequence[Cell]


class Table(msgspec.Struct, frozen=True):
    """One sheet to be read: its name, the path of its file, and its rows.

    `sheet` is its name in a workbook, empty for a CSV file.

    The rows can be taken once: they are read from the file as they are asked for, which raises TrialdeckError.
    """

    name: str
    path: str
    sheet: str
    rows: Iterable[Row]

    def place(self, column: int, row: int) -> CellLocation:
        """Return the location of a cell; columns count from 0, rows from 1."""
        return CellLocation(self.path, self.sheet, row, column + 1)


Owned = tuple[str, Sequence[str]]
"""The path of the record that a row is from, and the texts of its cells in the order of the form's columns."""


class WrittenSheet(msgspec.Struct, frozen=True):
    """One sheet to be written: its form and name, how many rows it has, and what yields them.

    `widths` are the lengths of the longest line in each column; none where there are no rows.
    """

    form: SheetForm
    name: str
    count: int = 0
    widths: Sequence[int] = ()
    rows: Callable[[], Iterator[Owned]] = lambda: iter(())
