"""Read a text export of Anki: one note a line, with a head that says what the columns are.

The head is that of Anki 2.1.54 and later: `#separator:tab`, `#html:true`, `#guid column:1`, `#notetype column:2`,
`#deck column:3`, `#tags column:6`, `#columns:…`, and `#notetype:`, `#deck:` for all notes
(https://docs.ankiweb.net/importing/text-files.html, "File Headers"). A file without a head is read as tab-separated.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from html import escape
from pathlib import Path

import msgspec

from trialdeck.apkg.reader import PackedCard, PackedNote, PackedType
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error

LARGEST = 100_000_000
"""How many bytes a text export may have."""

_ENDINGS = frozenset({".txt", ".tsv", ".csv"})
_SEPARATORS = {
    "tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"
}  # fmt: skip
_COLUMNS = ("guid", "notetype", "deck", "tags")
_AGAIN = "export it from Anki as 'Notes in Plain Text (.txt)', with all boxes ticked"


class _Head(msgspec.Struct, frozen=True):
    """What the head of a file says: a value by name, `columns` as numbers from 0."""

    values: Mapping[str, str]
    columns: Mapping[str, int]

    @property
    def separator(self) -> str:
        """The character between two columns."""
        named = self.values.get("separator", "tab")
        return _SEPARATORS.get(named.casefold(), named[:1] or "\t")

    def cell(self, row: Sequence[str], name: str) -> str:
        """Return what a row says in one of the columns that are no fields, or else what the head says for all."""
        column = self.columns.get(name, len(row))
        return row[column] if column < len(row) else self.values.get(name, "")


def is_text_export(path: Path) -> bool:
    """Tell by its ending whether a file is a text export."""
    return path.suffix.lower() in _ENDINGS


def read_text_export(path: Path) -> tuple[tuple[PackedType, ...], tuple[PackedNote, ...]]:
    """Return the note types and notes of a text export; raises TrialdeckError where it cannot be read."""
    content = read_file_or_error(path, str(path), LARGEST)
    if len(content) > LARGEST:
        raise TrialdeckError(f"{path} has more than {LARGEST:,} bytes", "export one deck instead of all")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrialdeckError(f"{path} is not UTF-8: byte {error.start}", _AGAIN) from error
    head, body, first = _parted(text)
    try:
        rows = [(first + number, row) for number, row in _rows(body, head)]
    except csv.Error as error:
        raise TrialdeckError(f"{path} cannot be read as a table: {error}", _AGAIN) from error
    types = {kind.name: kind for kind in _note_types([row for _, row in rows], head)}
    return tuple(types.values()), tuple(_note(row, line, head, types, path.stem) for line, row in rows)


def _parted(text: str) -> tuple[_Head, str, int]:
    """Return the head, the rows as text, and the number of their first line."""
    values: dict[str, str] = {}
    lines = text.splitlines(keepends=True)
    start = 0
    while start < len(lines) and lines[start].startswith("#"):
        name, _, value = lines[start][1:].rstrip("\r\n").partition(":")
        values[name.strip().casefold()] = value
        start += 1
    columns = {
        name: int(values[f"{name} column"]) - 1
        for name in _COLUMNS
        if values.get(f"{name} column", "").isdecimal() and int(values[f"{name} column"]) > 0
    }
    return _Head(values, columns), "".join(lines[start:]), start + 1


def _rows(body: str, head: _Head) -> Iterator[tuple[int, list[str]]]:
    former = csv.field_size_limit(LARGEST)
    try:
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=head.separator)
        line = 0
        for row in reader:
            if any(row):
                yield line, row
            line = reader.line_num
    finally:
        csv.field_size_limit(former)


def _note_types(rows: Sequence[Sequence[str]], head: _Head) -> Iterator[PackedType]:
    """Yield a note type for each name, with as many fields as its longest row has."""
    widths: dict[str, int] = {}
    for row in rows:
        name = _type_name(row, head)
        widths[name] = max(widths.get(name, 0), len(_fields(row, head)))
    named = head.values.get("columns", "").split(head.separator) if "columns" in head.values else []
    names = _fields(named, head)
    for number, (name, width) in enumerate(sorted(widths.items()), start=1):
        # The names of columns are those of the fields if all notes are of one type.
        own = list(names[:width]) if len(widths) == 1 and names else []
        own += [f"Field {position}" for position in range(len(own) + 1, width + 1)]
        yield PackedType(number, name, tuple(own), (), "", 0)


def _type_name(row: Sequence[str], head: _Head) -> str:
    return head.cell(row, "notetype") or "Notes"


def _fields(row: Sequence[str], head: _Head) -> list[str]:
    apart = set(head.columns.values())
    return [cell for column, cell in enumerate(row) if column not in apart]


def _note(row: Sequence[str], line: int, head: _Head, types: Mapping[str, PackedType], stem: str) -> PackedNote:
    """Return the note of a row; `stem` names its deck if the file does not."""
    kind = types[_type_name(row, head)]
    cells = _fields(row, head)
    cells += [""] * (len(kind.fields) - len(cells))
    if head.values.get("html", "true").casefold() == "false":
        cells = [escape(cell, quote=False).replace("\n", "<br>") for cell in cells]
    # Without its guid, a note is known by its type and first field, as Anki's own import has it.
    identity = blake2b(f"{kind.name}\0{cells[0] if cells else ''}".encode(), digest_size=8).hexdigest()
    return PackedNote(
        guid=head.cell(row, "guid") or f"text-{identity}",
        note_type=kind.name,
        fields=dict(zip(kind.fields, cells, strict=True)),
        tags=tuple(sorted(head.cell(row, "tags").split())),
        changed=0,
        row_id=line,
        cards=(PackedCard(0, head.cell(row, "deck") or stem),),
    )
