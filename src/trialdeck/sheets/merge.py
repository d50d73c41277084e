"""Merge the rows of sheets into a record: the edits that give it the values of the rows.

Only differences become edits. An entry without a row stays, unless entries are to be deleted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.core.text import unshowable
from trialdeck.sheets.cells import as_meant, cell_text, is_empty, is_unchanged
from trialdeck.sheets.columns import ID, CellKind, Column, SheetForm, root_order
from trialdeck.sheets.columns import forms as all_forms
from trialdeck.sheets.read import RowEntry, RowFault
from trialdeck.sheets.understood import day_fault, is_day
from trialdeck.yamlfile.document import DataPath, Plain
from trialdeck.yamlfile.edit import Drop, Edit, Put, value_at
from trialdeck.yamlfile.writer import Property, write_record


class ValueDiff(msgspec.Struct, frozen=True):
    """Yields the edits that turn one value into another, and leave its unchanged parts alone.

    `order` are the names of the properties around the value, in the order in which a new one finds its place.
    """

    order: tuple[str, ...] = ()

    def edits(self, path: DataPath, old: Any, new: Any) -> Iterator[Edit]:
        """Yield the edits for any value."""
        if is_empty(new):
            yield Drop(path)
        elif is_empty(old) or not isinstance(old, type(new)):
            yield Put(path, without_blanks(new, ""), self.order)
        elif isinstance(new, dict):
            yield from self._mapping_edits(path, old, new)
        elif isinstance(new, list):
            yield from self.list_edits(path, old, new)
        else:
            yield Put(path, without_blanks(new, old), self.order)

    def _mapping_edits(self, path: DataPath, old: Any, new: Any) -> Iterator[Edit]:
        for name, value in new.items():
            if name not in old or not is_unchanged(old[name], value):
                yield Put((*path, name), without_blanks(value, old.get(name)), self.order)
        yield from (Drop((*path, name)) for name in old if name not in new and not is_empty(old[name]))

    def list_edits(self, path: DataPath, old: Any, new: Any) -> Iterator[Edit]:
        """Yield the edits for a list; the comments around entries that stay are kept."""
        name = next(iter(new[0])) if isinstance(new[0], dict) else ""
        old_heads, new_heads = [_head(entry, name) for entry in old], [_head(entry, name) for entry in new]
        kept_indices = [index for index, head in enumerate(old_heads) if head in new_heads]
        added = [head for head in new_heads if head not in old_heads]
        is_unique = len(set(old_heads)) == len(old_heads) and len(set(new_heads)) == len(new_heads)
        if kept_indices and is_unique and [old_heads[index] for index in kept_indices] + added == new_heads:
            for index, value in zip(kept_indices, new[: len(kept_indices)], strict=True):
                yield from self._entry_edits((*path, index), old[index], value)
            yield from (Put((*path, len(old) + index), value) for index, value in enumerate(new[len(kept_indices) :]))
            yield from (Drop((*path, index)) for index in reversed(range(len(old))) if index not in kept_indices)
        elif len(old) == len(new):
            for index, (before, value) in enumerate(zip(old, new, strict=True)):
                yield from self._entry_edits((*path, index), before, value)
        else:
            yield Put(path, new, self.order)

    def _entry_edits(self, path: DataPath, old: Any, new: Any) -> Iterator[Edit]:
        if is_unchanged(old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._mapping_edits(path, old, new)
        else:
            yield Put(path, new)


def _head(entry: Any, named: str) -> Any:
    """Return what identifies an entry of a list: the property with this name, or the entry itself."""
    return entry.get(named) if isinstance(entry, dict) else entry


def without_blanks(value: Any, old: Any) -> Any:
    """Return a text without the blanks that a sheet adds; line breaks at its end are those of the old text."""
    if not isinstance(value, str) or type(value) is not str:
        return value
    former = old if isinstance(old, str) else ""
    return as_meant(value.strip(), former) + former[len(former.rstrip("\n")) :]


class How(StrEnum):
    """What an import does to a value or an entry."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


class Change(msgspec.Struct, frozen=True):
    """One change: the list of the record and the id of the entry (both empty for the record itself), and the column.

    `column` is empty for a whole entry; `old` and `new` are the texts of its cell.
    """

    how: How
    section: str
    id: str
    column: str = ""
    old: str = ""
    new: str = ""


class Merge(msgspec.Struct):
    """The edits and changes of a record, the faults of the rows, and the entries (list, id) without a row."""

    edits: list[Edit] = msgspec.field(default_factory=list)
    changes: list[Change] = msgspec.field(default_factory=list)
    faults: list[RowFault] = msgspec.field(default_factory=list)
    missing: list[tuple[str, str]] = msgspec.field(default_factory=list)

    def add_entries(self, name: str, count: int, rows: Sequence[RowEntry]) -> None:
        """Add the entries of new rows to a list that has some entries already, or none."""
        entries = [new_data(row, self) for row in rows]
        if count:
            self.edits += (Put((name, count + index), entry) for index, entry in enumerate(entries))
        else:
            self.edits.append(Put((name,), entries, root_order()))
        self.changes += (Change(How.ADDED, *row.key[1:]) for row in rows)

    def remove_entries(self, name: str, ids: Mapping[int, str]) -> None:
        """Remove entries of a list, given by index and id."""
        # From the last one on, so that the indices of the others hold.
        self.edits += (Drop((name, index)) for index in reversed(ids))
        self.changes += (Change(How.REMOVED, name, key) for key in ids.values())


def merged(data: Mapping[str, Any], rows: Sequence[RowEntry], forms: Collection[SheetForm], *, delete: bool) -> Merge:
    """Return the edits that give a record the values of its rows.

    Args:
        data: The data of the record, which has no faults of form.
        rows: The rows of the record.
        forms: The forms of the sheets that are there; an entry of any other list misses no row.
        delete: Whether to remove entries without a row.

    Returns:
        The edits, with all faults of the rows.
    """
    merge = Merge()
    additions: dict[str, list[RowEntry]] = {}
    paths = entry_paths(data)
    for row in rows:
        path = paths.get(row.key[1:])
        if path is None:
            additions.setdefault(row.key[1], []).append(row)
        else:
            _Merger(merge, row, value_at(data, path), path).change()
    for name, added in additions.items():
        merge.add_entries(name, len(data.get(name) or ()), added)
    seen = {row.key[1:] for row in rows}
    for form in forms:
        for name in form.lists:
            entries = enumerate(data.get(name) or ())
            ids = {index: str(entry["id"]) for index, entry in entries if (name, entry["id"]) not in seen}
            if delete:
                merge.remove_entries(name, ids)
            else:
                merge.missing += ((name, key) for key in ids.values())
    return merge


def entry_paths(data: Mapping[str, Any]) -> dict[tuple[str, str], DataPath]:
    """Return the paths of the record itself and of its entries, by list and id, as in the key of a row."""
    paths: dict[tuple[str, str], DataPath] = {("", ""): ()}
    for name in (name for form in all_forms() for name in form.lists):
        for index, entry in enumerate(data.get(name) or ()):
            paths.setdefault((name, entry["id"]), (name, index))
    return paths


def new_record(rows: Sequence[RowEntry], schema: str) -> tuple[str, Merge]:
    """Return the text of a new record; the first of its rows is that of the record itself.

    `schema` is the path of its schema, which editors read; empty for none. A faulty value is left out.
    """
    merge = Merge()
    lists: dict[str, list[dict[str, Any]]] = {}
    record_row, *entry_rows = rows
    data = {"format": 1, **new_data(record_row, merge)}
    for row in entry_rows:
        lists.setdefault(row.key[1], []).append(new_data(row, merge))
        merge.changes.append(Change(How.ADDED, *row.key[1:]))
    # The writer quotes numbers, true and false, so what has them is added by edits afterwards.
    values = {name: value for name, value in (data | lists).items() if not _has_plain(value)}
    properties = [
        Property(name, values[name], apart=name in lists) for name in root_order() if not is_empty(values.get(name))
    ]
    text = write_record(properties, [f"yaml-language-server: $schema={schema}"] if schema else [])
    merge.edits += (Put((name,), value, root_order()) for name, value in (data | lists).items() if name not in values)
    return text, merge


def _has_plain(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, Plain) or any(map(_has_plain, inner))


def new_data(row: RowEntry, merge: Merge) -> dict[str, Any]:
    """Return the data of a new entry, in the order of the schema."""
    entry: dict[str, Any] = {}
    faulty = _faulty_intervals(row, merge)
    for column in row.form.columns:
        value = row.key[2] or row.key[0] if column.name == ID else row.values.get(column.name)
        if not column.path or is_empty(value) or column.path[:-1] in faulty:
            continue
        if flaw := _fault_of_text(row, column, value):
            merge.faults.append(flaw)
            continue
        parent: Any = entry
        for part in column.path[:-1]:
            parent = parent.setdefault(part, [] if column.is_bound else {})
        if isinstance(parent, list):
            parent.append(value)
        else:
            parent[column.path[-1]] = without_blanks(value, "")
    merge.faults += _missing_values(row, {})
    merge.faults += _day_for_id(row)
    return entry


def _day_for_id(row: RowEntry) -> Iterator[RowFault]:
    """Yield a fault if the id of a new entry is a day: a spreadsheet program has made that of what was typed."""
    made = row.key[2] or row.key[0]
    if is_day(made) and ID in row.places:
        fault = day_fault(made, ID)
        yield RowFault(row.place, fault.message, fault.hint)


class _Merger(msgspec.Struct, frozen=True):
    """Merges a row into its entry."""

    merge: Merge
    row: RowEntry
    entry: Any
    path: DataPath

    def change(self) -> None:
        """Add the edits of the entry: first those that put, so that nothing is dropped that is about to be filled."""
        refused = list(_missing_values(self.row, self.entry))
        self.merge.faults += refused
        edits: list[Edit] = []
        filled: set[DataPath] = set()
        for column in self._changed_columns():
            if self.row.places[column.name] in {fault.location for fault in refused}:
                continue
            old, new = value_at(self.entry, column.path), self.row.values[column.name]
            if flaw := _fault_of_text(self.row, column, new):
                self.merge.faults.append(flaw)
                continue
            cell_texts = (cell_text(old, column), cell_text(new, column))
            self.merge.changes.append(Change(How.CHANGED, *self.row.key[1:], column.name, *cell_texts))
            if column.is_bound:
                continue
            outer = column.path[:-1]
            is_there = outer in filled or not outer or isinstance(value_at(self.entry, outer), dict)
            order = column.order if is_there else self.row.form.order
            edits += ValueDiff(order).edits((*self.path, *column.path), old, new)
            filled.add(outer)
        edits += self._interval_edits()
        self.merge.edits += sorted(edits, key=lambda edit: isinstance(edit, Drop) and len(edit.path) <= self._depth)

    @property
    def _depth(self) -> int:
        """The length of the paths of whole properties; a deeper path is within a property, which has its own order."""
        return len(self.path) + 2

    def _changed_columns(self) -> Iterator[Column]:
        for column in self.row.form.columns:
            if column.path and column.name != ID and column.name in self.row.values:
                new = self.row.values[column.name]
                if not is_unchanged(value_at(self.entry, column.path), new):
                    yield column

    def _interval_edits(self) -> Iterator[Edit]:
        for low, high in _bounds(self.row.form):
            pair = [self._bound(low), self._bound(high)]
            path = low.path[:-1]
            old = value_at(self.entry, path)
            if is_unchanged(old, [bound for bound in pair if bound is not None]):
                continue
            if pair == [None, None]:
                yield Drop((*self.path, *path))
            elif None in pair:
                self.merge.faults.append(_fault_of_bound(self.row, (low, high)[pair.index(None)]))
            elif isinstance(old, list) and len(old) == 2:
                yield from ValueDiff().list_edits((*self.path, *path), old, pair)
            else:
                yield Put((*self.path, *path), pair, low.order)

    def _bound(self, column: Column) -> Any:
        return self.row.values.get(column.name, value_at(self.entry, column.path))


def _missing_values(row: RowEntry, entry: Mapping[str, Any]) -> Iterator[RowFault]:
    """Yield a fault for every empty cell of a required column, unless the record has no value there either."""
    for column in row.form.required:
        is_new = not entry or not is_empty(value_at(entry, column.path))
        has_cell = column.name in row.values and column.name not in row.form.keys
        if is_new and has_cell and is_empty(row.values[column.name]):
            example = f"for example: {column.example}" if column.example else "every row has one"
            yield RowFault(row.places[column.name], f"'{column.name}' is empty", example)


def _bounds(form: SheetForm) -> Iterator[tuple[Column, Column]]:
    """Yield the two columns of every interval: its lower and its upper bound."""
    bounds = [column for column in form.columns if column.is_bound]
    yield from zip(bounds[::2], bounds[1::2], strict=True)


def _faulty_intervals(row: RowEntry, merge: Merge) -> set[DataPath]:
    """Return the paths of the intervals of a new entry that lack a bound, and report the bound that is missing."""
    faulty = set()
    for pair in _bounds(row.form):
        missing = [column for column in pair if is_empty(row.values.get(column.name))]
        if len(missing) == 1:
            faulty.add(pair[0].path[:-1])
            # A cell with another fault has been reported already.
            if missing[0].name in row.values or missing[0].name not in row.places:
                merge.faults.append(_fault_of_bound(row, missing[0]))
    return faulty


def _fault_of_bound(row: RowEntry, column: Column) -> RowFault:
    position = row.places.get(column.name, row.place)
    return RowFault(position, f"'{column.name}' is empty", "an interval has two bounds: fill both, or none")


def _fault_of_text(row: RowEntry, column: Column, value: Any) -> RowFault | None:
    character = None if column.kind is CellKind.NUMBER else next(unshowable(cell_text(value, column)), None)
    if not character:
        return None
    message = f"character U+{ord(character[0]):04X} is not text, in '{shortened(cell_text(value, column), 30)}'"
    return RowFault(row.places[column.name], message, "remove it")
