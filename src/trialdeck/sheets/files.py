"""Sheets on disk: one workbook, or a folder of CSV files."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error
from trialdeck.core.problem import CellLocation, nearest
from trialdeck.core.system.extras import install_hint
from trialdeck.sheets.columns import forms, normal
from trialdeck.sheets.csv_files import ENDING, csv_table, write_csv
from trialdeck.sheets.guide import GUIDE, GUIDE_SHEET
from trialdeck.sheets.table import PART, Table, WrittenSheet, shown

GUIDE_FILE = f"{GUIDE_SHEET}.txt"
_ZIP = b"PK\x03\x04"
_PART = re.compile(rf"(.+){PART}([0-9]{{1,4}})")
_WORKBOOK_ENDINGS = (".xlsx", ".xlsm")
_OTHER_ENDINGS = (".csv", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers")


def is_workbook(out: Path) -> bool:
    """Whether sheets are to be written as a workbook, not as a folder of CSV files.

    Raises TrialdeckError if the name fits neither, or if openpyxl is needed but not installed.
    """
    ending = out.suffix.lower()
    if ending in _OTHER_ENDINGS and not out.is_dir():
        hint = "name a workbook that ends in .xlsx, or a folder for CSV files"
        raise TrialdeckError(f"sheets cannot be written as {out}", hint)
    if ending == _WORKBOOK_ENDINGS[0]:
        _workbooks()
    return ending == _WORKBOOK_ENDINGS[0]


def file_names(sheets: Sequence[WrittenSheet], out: Path) -> list[str]:
    """Return the names of the files for sheets: those in the folder `out`, or the workbook `out` alone."""
    if is_workbook(out):
        return [out.name]
    return [GUIDE_FILE, *(f"{sheet.name}{ENDING}" for sheet in sheets)]


def write_file(sheets: Sequence[WrittenSheet], name: str, file: BinaryIO) -> None:
    """Write one of the files for sheets; `file` must be readable too.

    Raises TrialdeckError if a text is longer than a cell of a workbook can hold.
    """
    if name == GUIDE_FILE:
        file.write("\r\n".join([*GUIDE, ""]).encode("utf-8-sig"))
    elif name.endswith(ENDING):
        write_csv(next(sheet for sheet in sheets if f"{sheet.name}{ENDING}" == name), file)
    else:
        _workbooks().write_workbook(sheets, GUIDE, file)


def parts_in(folder: Path) -> list[Path]:
    """Return the files in a folder of CSV files that are further parts of sheets."""
    files = sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []
    return [file for file in files if form_and_part(file.stem)[1] > 1]


@contextmanager
def opened_tables(source: Path) -> Iterator[list[Table]]:
    """Open the sheets of trialdeck in a workbook, a folder of CSV files, or one CSV file, part after part.

    Sheets with other names come last. Raises TrialdeckError if there are only such sheets, a sheet is there twice, a
    part is missing, or a file cannot be read. The rows are read lazily, and iterating over them may raise it as well.
    """
    with ExitStack() as opened:
        all_tables = _all_tables(source, opened)
        tables, other_tables = (
            [table for table in all_tables if bool(form_of(table)) is is_form] for is_form in (True, False)
        )
        if not tables:
            names = ", ".join(form.name for form in forms())
            raise TrialdeckError(
                f"{source} has no sheet of trialdeck", f"a sheet or CSV file is called one of: {names}"
            )
        tables.sort(key=lambda table: form_and_part(table.name))
        _refuse_gaps(source, tables)
        yield [*tables, *(table for table in other_tables if normal(table.name) != normal(GUIDE_SHEET))]


@contextmanager
def tables_of(source: Path) -> Iterator[list[Table]]:
    """Open all sheets of a workbook, or the one of a text file, by what the file holds and not by its name.

    The rows are read lazily. Raises TrialdeckError if the file cannot be read; iterating over the rows may as well.
    """
    with ExitStack() as opened:
        is_book = read_file_or_error(source, str(source), len(_ZIP)).startswith(_ZIP)
        yield opened.enter_context(_workbooks().workbook_tables(source)) if is_book else [csv_table(source)]


def texts_of(source: Path, places: Iterable[CellLocation]) -> dict[CellLocation, str]:
    """Return what cells hold, as their program shows it; a cell that holds nothing, or cannot be read, has none."""
    wanted = set(places)
    rows = {(place.path, place.sheet, place.line) for place in wanted}
    texts: dict[CellLocation, str] = {}
    with opened_tables(source) as tables:
        for table in tables:
            # The rest of a sheet that cannot be read to its end is a fault that the import has named.
            with suppress(TrialdeckError):
                for row in table.rows:
                    if (table.path, table.sheet, row.number) in rows:
                        cells = {table.place(index, row.number): shown(cell) for index, cell in enumerate(row.cells)}
                        texts |= {place: text for place, text in cells.items() if text and place in wanted}
    return texts


def form_of(table: Table) -> str:
    """Return the name of the form of a table; empty if it has none."""
    return form_and_part(table.name)[0]


def form_meant(table: Table) -> str:
    """Return the name of the form that a table with another name, such as `Questions (2)`, may be; or empty."""
    table_name, names = normal(table.name), {normal(form.name): form.name for form in forms()}
    near = next((name for name in names if name in table_name), "") or nearest(table_name, names)
    return names.get(near, "")


def form_and_part(name: str) -> tuple[str, int]:
    """Return the form that the name of a sheet or CSV file is of (empty if none), and its part, from 1."""
    match = _PART.fullmatch(normal(name))
    bare = match[1] if match else normal(name)
    return next((form.name for form in forms() if normal(form.name) == bare), ""), int(match[2]) if match else 1


def _refuse_gaps(source: Path, tables: Sequence[Table]) -> None:
    last = ("", 0)
    for table in tables:
        form, part = form_and_part(table.name)
        expected = last[1] + 1 if form == last[0] else 1
        if part < expected:
            raise TrialdeckError(f"{source} has the sheet {table.name} twice", "keep one of the two")
        if part > expected and source.suffix.lower() != ENDING:
            missing = f"{form} {PART} {expected}" if expected > 1 else form
            raise TrialdeckError(f"{source} has the sheet {table.name}, but not {missing}", "put that part beside it")
        last = (form, part)


def _all_tables(source: Path, opened: ExitStack) -> list[Table]:
    if source.is_dir():
        files = sorted(file for file in source.iterdir() if file.suffix.lower() == ENDING)
        return [csv_table(file) for file in files]
    ending = source.suffix.lower()
    if ending == ENDING:
        return [csv_table(source)]
    if ending in _WORKBOOK_ENDINGS:
        return opened.enter_context(_workbooks().workbook_tables(source))
    raise TrialdeckError(f"{source} is neither a workbook nor a CSV file", "save the sheets as .xlsx, and name that")


class _Workbooks(msgspec.Struct, frozen=True):
    """How workbooks are read and written."""

    workbook_tables: Callable[[Path], AbstractContextManager[list[Table]]]
    write_workbook: Callable[[Sequence[WrittenSheet], Sequence[str], BinaryIO], None]


def _workbooks() -> _Workbooks:
    """Return how workbooks are read and written; raises TrialdeckError if openpyxl, an extra, is not installed."""
    try:
        from trialdeck.sheets.workbook.read_xlsx import workbook_tables  # noqa: PLC0415 - imports the extra
        from trialdeck.sheets.workbook.write_xlsx import write_workbook  # noqa: PLC0415 - imports the extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "openpyxl":
            raise
        message = "sheets in .xlsx need the library openpyxl"
        raise TrialdeckError(message, f"{install_hint('sheets')}; sheets as CSV files need nothing") from error
    return _Workbooks(workbook_tables, write_workbook)
