"""The sheets and their columns, derived from the schema of records.

A new property of the schema becomes a column without further code; `NOT_IN_SHEET` names those that no cell can hold.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.records.schema import load_schema, resolved, types_of
from trialdeck.records.sections import (
    ENTRY_SECTIONS,
    KEY_FINDINGS,
    QUESTIONS,
    RELATED_TRIALS,
    RESULTS,
    TAKEAWAYS,
)
from trialdeck.yamlfile.document import DataPath

NOT_IN_SHEET = frozenset({"$schema", "format", "figures", "contributors"})
"""Properties that are in no sheet; an import leaves them unchanged."""

TRIAL, SECTION, ID = "trial", "section", "id"
"""The columns that identify the entry of a row."""

FLAGS = ("true", "false")
"""The words of a cell that says yes or no."""

_SHEETS = ("Trials", *(part.sheet for part in (QUESTIONS, KEY_FINDINGS, RESULTS, RELATED_TRIALS, TAKEAWAYS)))
_ENDS = ("low", "high")
_ANY_TEXT = r"\S"


class CellKind(StrEnum):
    """The kind of value in the cells of a column; `trialdeck.sheets.cells` has the formats."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    LINES = "lines"
    DATE = "date"
    WORDS = "words"
    STATEMENTS = "statements"
    PARTS = "parts"


class Column(msgspec.Struct, frozen=True):
    """A column of a sheet.

    `name` is in the header; `path` leads to the value within the entry, and is `()` if the column identifies the entry.
    `pattern` is the regular expression of its value, or of each word in the cell; empty if any text is allowed.
    `allowed` are the words that it takes; empty if any text is allowed. `order` are the names of the properties around
    its value. `parts` are the properties of the entries that a cell lists; the first is written without its name.
    `intervals` are those of the parts that have two bounds.
    """

    name: str
    path: DataPath
    kind: CellKind
    description: str
    example: str = ""
    is_required: bool = False
    pattern: str = ""
    allowed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    intervals: tuple[str, ...] = ()

    @property
    def is_id(self) -> bool:
        """Whether the cell holds an id, or several."""
        return bool(self.pattern) and self.pattern == _id_pattern()

    @property
    def is_bound(self) -> bool:
        """Whether the value is one of the two bounds of an interval."""
        return bool(self.path) and isinstance(self.path[-1], int)


class SheetForm(msgspec.Struct, frozen=True):
    """A sheet: its name, its lists and its columns.

    `lists` are the lists of a record whose entries are the rows; empty if the record itself is a row.
    """

    name: str
    lists: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that identify the entry of a row."""
        if not self.lists:
            return (ID,)
        return (TRIAL, SECTION, ID) if len(self.lists) > 1 else (TRIAL, ID)

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns that every entry fills."""
        return tuple(column for column in self.columns if column.is_required)


def normal(name: str) -> str:
    """Return the name of a sheet or column without capitals, spaces and punctuation, for comparison."""
    return re.sub(r"[\W_]+", "", name.casefold())


@cache
def forms() -> tuple[SheetForm, ...]:
    """Return the forms of all sheets, in their order in a workbook."""
    return tuple(
        _form(name, tuple(section.property for section in ENTRY_SECTIONS if section.sheet == name)) for name in _SHEETS
    )


@cache
def root_order() -> tuple[str, ...]:
    """Return the names of the properties of a record, in their order."""
    return tuple(load_schema("trial")["properties"])


def _form(name: str, lists: tuple[str, ...]) -> SheetForm:
    root = load_schema("trial")
    if not lists:
        return SheetForm(name, lists, tuple(_columns(root, root)), root_order())
    schema = resolved(resolved(root["properties"][lists[0]], root)["items"], root)
    keys = [_trial_column()] if len(lists) == 1 else [_trial_column(), _section_column(lists)]
    return SheetForm(name, lists, (*keys, *_columns(schema, root)), tuple(schema["properties"]))


def _trial_column() -> Column:
    description = "The id of the trial that this belongs to, as it stands in the sheet Trials."
    return Column(TRIAL, (), CellKind.TEXT, description, "tourmaline-mm1", is_required=True, pattern=_id_pattern())


@cache
def _id_pattern() -> str:
    pattern: str = load_schema("trial")["$defs"]["slug"]["pattern"]
    return pattern


def _section_column(lists: tuple[str, ...]) -> Column:
    description = "In which part of the trial's record the point stands."
    return Column(SECTION, (), CellKind.TEXT, description, lists[0], is_required=True, allowed=lists)


def _columns(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: DataPath = (), prefix: str = ""
) -> Iterator[Column]:
    """Yield the columns of the properties of a schema, and of those nested in them.

    Args:
        schema: The schema of an object.
        root: The whole schema, for references.
        path: The path of the object within the entry.
        prefix: The start of the names of its columns.

    Returns:
        The columns, in the order of the schema.
    """
    order = tuple(schema["properties"])
    for name, reference in schema["properties"].items():
        part = resolved(reference, root)
        if name in NOT_IN_SHEET or _has_sheet(part, root):
            continue
        if "properties" in part:
            yield from _columns(part, root, (*path, name), f"{prefix}{name}_")
        elif _items(part, root).get("type") == "number":
            for index, end in enumerate(_ENDS):
                description = f"{part['description']} This is the {('lower', 'upper')[index]} one; fill both or none."
                example = str(part["examples"][0][index])
                yield Column(
                    f"{prefix}{name}_{end}", (*path, name, index), CellKind.NUMBER, description, example, order=order
                )
        else:
            column = _column(f"{prefix}{name}", (*path, name), part, root)
            # A nested object is optional, so nothing in it is required of every entry.
            yield replace(column, is_required=not path and name in schema.get("required", ()), order=order)


def _column(name: str, path: DataPath, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Column:
    """Return the column of a property.

    Args:
        name: The name in the header.
        path: The path of the value within the entry.
        schema: The schema of the property.
        root: The whole schema, for references.

    Returns:
        The column, without its order.
    """
    items = _items(schema, root)
    allowed = items.get("enum") or schema.get("enum") or (FLAGS if "boolean" in types_of(schema) else ())
    return Column(
        name,
        path,
        _kind(schema, items),
        schema["description"],
        _example(schema),
        pattern=items.get("pattern") or schema.get("pattern", ""),
        allowed=tuple(str(word) for word in allowed if word is not None),
        parts=tuple(items.get("properties", ())),
        intervals=tuple(name for name, part in items.get("properties", {}).items() if "array" in types_of(part)),
    )


def _kind(schema: Mapping[str, Any], items: Mapping[str, Any]) -> CellKind:
    types = types_of(schema)
    if "boolean" in types:
        return CellKind.FLAG
    if "array" in types:
        if "properties" in items:
            return CellKind.PARTS
        # Ids and words of a list have no comma; names of arms may.
        return CellKind.LINES if items.get("pattern") == _ANY_TEXT else CellKind.WORDS
    if "object" in types:
        return CellKind.STATEMENTS
    if "number" in types or "integer" in types:
        return CellKind.NUMBER
    return CellKind.DATE if schema.get("format") == "date" else CellKind.TEXT


def _items(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    return resolved(schema.get("items", {}), root)


def _has_sheet(schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Whether a property is a list of entries with ids, each of which is a row of a sheet."""
    return ID in _items(schema, root).get("properties", {})


def _example(schema: Mapping[str, Any]) -> str:
    example = next(iter(schema.get("examples", ())), "")
    if isinstance(example, bool):
        return FLAGS[not example]
    return str(example) if isinstance(example, str | int | float) else ""
