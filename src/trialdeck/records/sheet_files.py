"""Sheets on disk: one workbook, or a folder of CSV files."""

from collections.abc import Sequence
from pathlib import Path

from trialdeck.errors import TrialdeckError
from trialdeck.records.problem import shortened
from trialdeck.records.sheet_csv import ENDING, csv_bytes, csv_table
from trialdeck.records.sheet_form import forms, normal
from trialdeck.records.sheet_guide import GUIDE
from trialdeck.records.sheet_table import Table, Written
from trialdeck.records.sheet_xlsx import (
    ENDINGS,
    LONGEST_CELL,
    escaped,
    require_openpyxl,
    workbook_bytes,
    workbook_tables,
)

GUIDE_FILE = "Instructions.txt"
_OTHER_ENDINGS = (".csv", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers")


def is_workbook(out: Path) -> bool:
    """Whether sheets are to be written as a workbook, not as a folder of CSV files.

    Raises TrialdeckError where the name is that of neither, or openpyxl is needed and not there.
    """
    ending = out.suffix.lower()
    if ending in _OTHER_ENDINGS and not out.is_dir():
        hint = "name a workbook that ends in .xlsx, or a folder for CSV files"
        raise TrialdeckError(f"sheets cannot be written as {out}", hint)
    if ending == ENDINGS[0]:
        require_openpyxl()
    return ending == ENDINGS[0]


def sheet_contents(sheets: Sequence[Written], out: Path) -> dict[str, bytes]:
    """Return the files that sheets become, by their names: in the folder `out`, or `out` alone.

    Raises TrialdeckError where a text is longer than the cells of a workbook.
    """
    if not is_workbook(out):
        contents = {f"{sheet.form.name}{ENDING}": csv_bytes(sheet) for sheet in sheets}
        return {GUIDE_FILE: "\r\n".join([*GUIDE, ""]).encode("utf-8-sig"), **contents}
    for sheet in sheets:
        for owner, row in zip(sheet.owners, sheet.rows, strict=True):
            for column, text in zip(sheet.form.columns, row, strict=True):
                if len(escaped(text)) > LONGEST_CELL:
                    message = f"{owner}: '{column.name}' is too long for a workbook: '{shortened(text)}'"
                    hint = f"a cell takes {LONGEST_CELL} characters; shorten it, or export to a folder of CSV files"
                    raise TrialdeckError(message, hint)
    return {out.name: workbook_bytes(sheets, GUIDE)}


def read_tables(source: Path) -> list[Table]:
    """Return the sheets of trialdeck in a workbook, a folder of CSV files, or one such file.

    Sheets of other names are left out. Raises TrialdeckError where there is none, or a file cannot be read.
    """
    tables = [table for table in _all_tables(source) if form_of(table)]
    if not tables:
        names = ", ".join(form.name for form in forms())
        raise TrialdeckError(f"{source} has no sheet of trialdeck", f"a sheet or CSV file is called one of: {names}")
    names_found = [normal(table.name) for table in tables]
    for name, table in zip(names_found, tables, strict=True):
        if names_found.count(name) > 1:
            raise TrialdeckError(f"{source} has the sheet {table.name} twice", "keep one of the two")
    return tables


def form_of(table: Table) -> str:
    """Return the name of the form that a table is of; empty where it is of none."""
    return next((form.name for form in forms() if normal(form.name) == normal(table.name)), "")


def _all_tables(source: Path) -> list[Table]:
    known = {normal(form.name) for form in forms()}
    if source.is_dir():
        files = sorted(file for file in source.iterdir() if file.suffix.lower() == ENDING)
        return [csv_table(file) for file in files if normal(file.stem) in known]
    ending = source.suffix.lower()
    if ending == ENDING:
        return [csv_table(source)] if normal(source.stem) in known else []
    if ending in ENDINGS:
        return workbook_tables(source)
    raise TrialdeckError(f"{source} is neither a workbook nor a CSV file", "save the sheets as .xlsx, and name that")
