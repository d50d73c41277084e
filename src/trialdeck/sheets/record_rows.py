"""The rows of records: every value of every entry as the text of a cell."""

from collections.abc import Iterator
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.sheets.cells import Flaw, cell_text, cell_value, is_empty, is_unchanged
from trialdeck.sheets.columns import SECTION, TRIAL, Column, Form
from trialdeck.yamlfile.document import DataPath


class RecordData(msgspec.Struct, frozen=True):
    """The data of a record as `parse_document` gives it, under the path as problems name it."""

    path: str
    data: Any

    @property
    def id(self) -> str:
        """The id of its trial."""
        return str(self.data["id"])


def rows_of(record: RecordData, form: Form) -> list[list[str]]:
    """Return the rows of a record, whose form is free of faults, in a sheet.

    Raises TrialdeckError where a value would not come back from its cell as it was.
    """
    entries = _entries(record, form)
    return [[_cell(record, name, entry, column) for column in form.columns] for name, entry in entries]


def value_at(entry: Any, path: DataPath) -> Any:
    """Return what is at a path within an entry, or None."""
    for part in path:
        if isinstance(entry, dict):
            entry = entry.get(part)
        elif isinstance(entry, list) and isinstance(part, int) and part < len(entry):
            entry = entry[part]
        else:
            return None
    return entry


def _entries(record: RecordData, form: Form) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a record that are rows of a sheet, with the list that each is in."""
    if not form.lists:
        yield "", record.data
    for name in form.lists:
        yield from ((name, entry) for entry in record.data.get(name) or ())


def _cell(record: RecordData, name: str, entry: Any, column: Column) -> str:
    if not column.path:
        return {TRIAL: record.id, SECTION: name}[column.name]
    value = value_at(entry, column.path)
    text = cell_text(value, column)
    back = cell_value(text, column)
    if isinstance(back, Flaw) or not is_unchanged(value, back) or (is_empty(back) and not is_empty(value)):
        where = f"'{column.name}' of '{entry.get('id')}'" if name else f"'{column.name}'"
        raise TrialdeckError(f"{record.path}: {where} cannot stand in a cell", "correct it in the record first")
    return text
