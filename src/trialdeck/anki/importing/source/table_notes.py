"""Read a table as notes: a row is a note, the first row has the names of the fields, a sheet is a note type."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from trialdeck.anki.importing.source.column_names import names_columns
from trialdeck.apkg.reader import PackedCard, PackedNote, PackedType
from trialdeck.apkg.text_export import has_head, has_html, html_of, is_text_export
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error
from trialdeck.core.text import is_blank
from trialdeck.sheets.cells import CellFault, DateCell, NumberCell
from trialdeck.sheets.columns import forms, normal
from trialdeck.sheets.files import form_of, tables_of
from trialdeck.sheets.table import Row, Table

_WORKBOOK = b"xl/workbook.xml"
_BEGINNING = 4_000
_TAGS = frozenset({"tags", "tag"})
Notes = tuple[tuple[PackedType, ...], tuple[PackedNote, ...]]


def read_table(path: Path) -> Notes | None:
    """Return the note types and notes of a table; None if the file is something else.

    A file whose columns are separated by tabs is a table only if its first row has usual names of columns; otherwise it
    may be a text export without its head. Raises TrialdeckError if a cell cannot be read, or the file is a sheet of
    trialdeck.
    """
    start = read_file_or_error(path, str(path), _BEGINNING)
    if start.startswith(b"PK\x03\x04"):
        if path.suffix.lower() not in {".xlsx", ".xlsm"} and _WORKBOOK not in start:
            return None
    elif not is_text_export(path) or not _is_table(start, may_be_any=path.suffix.lower() == ".csv"):
        return None
    types: list[PackedType] = []
    notes: list[PackedNote] = []
    with tables_of(path) as tables:
        for table in tables:
            kind, own = _notes_of(table, len(types) + 1)
            if own:
                types.append(kind)
                notes += own
    return tuple(types), tuple(notes)


def _is_table(start: bytes, *, may_be_any: bool) -> bool:
    """Tell whether a text has a first row with names; `may_be_any` says that commas alone make a table."""
    is_wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = start.decode("utf-16" if is_wide else "utf-8-sig", "ignore")
    line = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    if has_head(text) or is_blank(line):
        return False
    if "\t" in line:
        return names_columns(line.split("\t"))
    rows = [[cell.strip('"') for cell in line.split(sign)] for sign in ",;"]
    return any(names_columns(row) or (may_be_any and len(row) > 1) for row in rows)


def _notes_of(table: Table, number: int) -> tuple[PackedType, list[PackedNote]]:
    """Return the note type and the notes of a sheet."""
    rows = [(row.number, _texts(table, row)) for row in table.rows]
    rows = [(line, cells) for line, cells in rows if not all(map(is_blank, cells))]
    width = max((len(cells) for _, cells in rows), default=0)
    head = _names(rows[0][1] if rows else [], width)
    _refuse_own_sheet(table, head)
    body = [(line, [*cells, *[""] * (width - len(cells))]) for line, cells in rows[1:]]
    is_html = any(has_html(cell) for _, cells in body for cell in cells)
    name = table.sheet or "Table"
    tags = next((column for column, title in enumerate(head) if title.casefold() in _TAGS), width)
    fields = tuple(title for column, title in enumerate(head) if column != tags)
    known_by = next((column for column in range(width) if _tells_apart(column, body)), -1)
    notes = []
    for line, cells in body:
        words = cells[known_by] if known_by >= 0 else "\0".join(cells)
        values = (cell if is_html else html_of(cell) for column, cell in enumerate(cells) if column != tags)
        identity = blake2b("\0".join([name, words]).encode("utf-8", "replace"), digest_size=8).hexdigest()
        notes.append(PackedNote(
            guid=f"table-{identity}",
            note_type=name,
            fields=dict(zip(fields, values, strict=True)),
            tags=tuple(sorted(cells[tags].replace(",", " ").split())) if tags < width else (),
            changed=0,
            row_id=line,
            cards=(PackedCard(0, table.sheet or Path(table.path).stem),),
        ))  # fmt: skip
    return PackedType(number, name, fields, (), "", 0), notes


def _tells_apart(column: int, rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Tell whether each row has a text of its own in a column: it says which note a row is, when others change."""
    texts = [cells[column] for _, cells in rows]
    return not any(map(is_blank, texts)) and len(set(texts)) == len(texts)


def _texts(table: Table, row: Row) -> list[str]:
    texts: list[str] = []
    for column, cell in enumerate(row.cells):
        if isinstance(cell, CellFault):
            raise TrialdeckError(f"{table.place(column, row.number)}: {cell.message}", cell.hint or "correct the cell")
        texts.append(cell.shown if isinstance(cell, NumberCell) else cell.text if isinstance(cell, DateCell) else cell)
    return texts


def _names(cells: Sequence[str], width: int) -> list[str]:
    """Return a name for each column: that of the first row, with a number where it is there twice or missing."""
    names: list[str] = []
    for column in range(width):
        name = " ".join(cells[column].split()) if column < len(cells) else ""
        name = name or f"Column {column + 1}"
        names.append(name if name not in names else f"{name} (column {column + 1})")
    return names


def _refuse_own_sheet(table: Table, head: Sequence[str]) -> None:
    own = {form.name: {normal(column.name) for column in form.columns} for form in forms()}
    columns = own.get(form_of(table), set())
    if sum(normal(name) in columns for name in head) > len(head) / 2:
        raise TrialdeckError(f"{table.path} is a sheet of trialdeck", "use `trialdeck sheet import`")
