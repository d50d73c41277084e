"""A table: one sheet as texts in rows, whatever file it stands in, and the places of its cells."""

from collections.abc import Sequence

import msgspec

from trialdeck.records.sheet_cells import Flaw
from trialdeck.records.sheet_form import Form

MAX_ROWS, MAX_COLUMNS = 100_000, 1_000
"""How many rows with something in them, and how many columns, are read of a sheet."""

Cell = str | Flaw
"""The text in a cell; a flaw where the file says that there is none to be had."""


class Row(msgspec.Struct, frozen=True):
    """The cells of one row, and its number as the spreadsheet program shows it, from 1."""

    number: int
    cells: Sequence[Cell]


class Table(msgspec.Struct, frozen=True):
    """One sheet as it was read: its name, how places in it begin (`trials.xlsx: Questions!`), and its rows."""

    name: str
    shown: str
    rows: Sequence[Row]

    def place(self, column: int, row: int) -> str:
        """Return the place of a cell; columns count from 0, rows from 1."""
        return f"{self.shown}{letters(column)}{row}"


class Written(msgspec.Struct, frozen=True):
    """One sheet to be written: its form, and the texts of its rows in the order of the form's columns.

    `owners` says of each row which record it is from.
    """

    form: Form
    rows: list[tuple[str, ...]] = msgspec.field(default_factory=list)
    owners: list[str] = msgspec.field(default_factory=list)


def letters(column: int) -> str:
    """Return what a spreadsheet program calls a column: A to Z, then AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
