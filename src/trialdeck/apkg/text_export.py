"""Read a text export of Anki: one note a line, with a head that says what the columns are.

The head is that of Anki 2.1.54 and later: `#separator:tab`, `#html:true`, `#guid column:1`, `#notetype column:2`,
`#deck column:3`, `#tags column:6`, `#columns:…`, and `#notetype:`, `#deck:` for all notes
(https://docs.ankiweb.net/importing/text-files.html, "File Headers"). A file without a head is read as tab-separated,
and as plain text unless there are tags or references of HTML in it.
"""

import csv
import io
import re
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
_HEAD = frozenset({"separator", "html", "columns", "if matches", *_COLUMNS, *(f"{name} column" for name in _COLUMNS)})
# `<b and c>` is no tag: what stands behind a name in one has a value.
_HTML = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|span|strong|su[bp]|table|t[dhr]|tbody|u|ul)"
    r"(?:\s++[a-z-]++\s*+=[^<>]*+|\s*+)/?>|&(?:[a-z]{2,10}|#[0-9]{2,6});",
    re.IGNORECASE,
)
_GAP = re.compile(r"\{\{c[0-9]{1,3}::")
# Word writes a vertical tab where a line breaks inside a paragraph.
_LINE_END = re.compile(r"\r\n|[\r\n\v\u2028\u2029]")
_QUOTES = 'put quotes around the whole field, and write each quote in it twice: `"A ""strong"" effect"`'
_AGAIN = "export it from Anki as 'Notes in Plain Text (.txt)', with all boxes ticked"


class _Head(msgspec.Struct, frozen=True):
    """What the head of a file says: a value by name, `columns` as numbers from 0."""

    values: Mapping[str, str]
    columns: Mapping[str, int]

    @property
    def separator(self) -> str:
        """The character between two columns."""
        named = self.values.get("separator") or "tab"
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
    if content.startswith(b"PK\3\4"):
        raise TrialdeckError(f"{path} is a zip file, not text", "a package of Anki ends in .apkg or .colpkg: rename it")
    if b"\0" in content:
        raise TrialdeckError(f"{path} is not UTF-8: byte {content.index(0)} is zero, as in UTF-16", _AGAIN)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrialdeckError(f"{path} is not UTF-8: byte {error.start}", _AGAIN) from error
    head, body = _parted(text)
    if body.strip() and "separator" not in head.values and "\t" not in body:
        hint = "if another sign separates its columns, name that in a first line: `#separator:semicolon`"
        raise TrialdeckError(f"{path} has no tab between two columns", hint)
    rows = list(_rows(body, head, path))
    types = {kind.name: kind for kind in _note_types([row for _, row in rows], head)}
    return tuple(types.values()), tuple(_note(row, line, head, types, path.stem) for line, row in rows)


def _parted(text: str) -> tuple[_Head, str]:
    """Return the head, and the text of the rows, where a line of the head is an empty one: all keep their numbers.

    A line such as `# of events` starts like the head, but is a row.
    """
    values: dict[str, str] = {}
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.startswith("#"):
            break
        name, sign, value = line[1:].rstrip("\r\n").partition(":")
        if sign and (name := name.strip().casefold()) in _HEAD:
            values[name] = value.strip(" ")
            lines[number] = "\n"
    columns = {
        name: int(column) - 1
        for name in _COLUMNS
        if (column := values.get(f"{name} column", "")).isdecimal() and int(column) > 0
    }
    body = "".join(lines)
    if "html" not in values:
        values["html"] = "true" if has_html(body) else "false"
    return _Head(values, columns), body


def has_html(text: str) -> bool:
    """Tell whether there are tags or references of HTML in a text that does not say whether it is HTML."""
    return bool(_HTML.search(text))


def has_head(start: str) -> bool:
    """Tell whether a text begins with a line of the head of a text export, such as `#separator:tab`."""
    name, sign, _ = start.lstrip("\ufeff").partition("\n")[0].removeprefix("#").partition(":")
    return start.lstrip("\ufeff").startswith("#") and bool(sign) and name.strip().casefold() in _HEAD


def html_of(text: str) -> str:
    """Return plain text as a field has it."""
    return _LINE_END.sub("<br>", escape(text, quote=False))


def _rows(body: str, head: _Head, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with its first line; raises TrialdeckError if the quotes are not in order."""
    former = csv.field_size_limit(LARGEST)
    line = 0
    try:
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=head.separator, strict=True)
        for row in reader:
            if any(row):
                yield line + 1, row
            line = reader.line_num
    except csv.Error as error:
        message = f"{path}, line {line + 1}: a quote at the start of a field is not closed at its end"
        raise TrialdeckError(message, _QUOTES) from error
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
    """Return what the file says, or else tell notes with gaps from others: no map takes both alike."""
    return head.cell(row, "notetype") or ("Cloze" if any(map(_GAP.search, _fields(row, head))) else "Notes")


def _fields(row: Sequence[str], head: _Head) -> list[str]:
    apart = set(head.columns.values())
    return [cell for column, cell in enumerate(row) if column not in apart]


def _note(row: Sequence[str], line: int, head: _Head, types: Mapping[str, PackedType], stem: str) -> PackedNote:
    """Return the note of a row; `stem` names its deck if the file does not."""
    kind = types[_type_name(row, head)]
    cells = _fields(row, head)
    cells += [""] * (len(kind.fields) - len(cells))
    if head.values["html"].casefold() == "false":
        cells = list(map(html_of, cells))
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
