"""The rows of records: every value of every entry as the text of a cell."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from trialdeck.errors import TrialdeckError
from trialdeck.records.document import DataPath
from trialdeck.records.sheet_cells import Flaw, cell_text, cell_value, is_empty, is_unchanged
from trialdeck.records.sheet_form import SECTION, TRIAL, Column, Form, forms
from trialdeck.records.sheet_table import Written


class RecordData(msgspec.Struct, frozen=True):
    """The data of a record as `parse_document` gives it, under the path as problems name it."""

    path: str
    data: Any

    @property
    def id(self) -> str:
        """The id of its trial."""
        return str(self.data["id"])


def sheets_of(records: Sequence[RecordData]) -> list[Written]:
    """Return all sheets with the rows of some records, whose form is free of faults.

    Raises TrialdeckError where a value would not come back from its cell as it was.
    """
    sheets = [Written(form) for form in forms()]
    for record in records:
        for sheet in sheets:
            for name, entry in _entries(record, sheet.form):
                cells = [_cell(record, name, entry, column) for column in sheet.form.columns]
                sheet.rows.append(tuple(cells))
                sheet.owners.append(record.path)
    return sheets


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
