"""Merge the rows of sheets into a record: which edits make it say what the rows say.

Only what differs is an edit. An entry that has no row stays, unless it is said that it is to go.
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
from trialdeck.sheets.record_rows import value_at
from trialdeck.yamlfile.document import DataPath, Plain
from trialdeck.yamlfile.edit import Drop, Edit, Put
from trialdeck.yamlfile.writer import Property, write_record


def value_edits(path: DataPath, old: Any, new: Any, order: tuple[str, ...]) -> Iterator[Edit]:
    """Yield the edits that make one value of another, and leave alone what within it is the same."""
    if is_empty(new):
        yield Drop(path)
    elif is_empty(old) or not isinstance(old, type(new)):
        yield Put(path, without_blanks(new, ""), order)
    elif isinstance(new, dict):
        yield from _mapping_edits(path, old, new, order)
    elif isinstance(new, list):
        yield from list_edits(path, old, new, order)
    else:
        yield Put(path, without_blanks(new, old), order)


def _mapping_edits(path: DataPath, old: Any, new: Any, order: tuple[str, ...]) -> Iterator[Edit]:
    for name, value in new.items():
        if name not in old or not is_unchanged(old[name], value):
            yield Put((*path, name), without_blanks(value, old.get(name)), order)
    yield from (Drop((*path, name)) for name in old if name not in new and not is_empty(old[name]))


def list_edits(path: DataPath, old: Any, new: Any, order: tuple[str, ...]) -> Iterator[Edit]:
    """Yield the edits that make one list of another; entries that stay keep what stands around them."""
    named = next(iter(new[0])) if isinstance(new[0], dict) else ""
    heads, wanted = [_head(each, named) for each in old], [_head(each, named) for each in new]
    kept = [index for index, head in enumerate(heads) if head in wanted]
    added = [head for head in wanted if head not in heads]
    is_plain = len(set(heads)) == len(heads) and len(set(wanted)) == len(wanted)
    if kept and is_plain and [heads[index] for index in kept] + added == wanted:
        for index, value in zip(kept, new[: len(kept)], strict=True):
            yield from _entry_edits((*path, index), old[index], value, order)
        yield from (Put((*path, len(old) + index), value) for index, value in enumerate(new[len(kept) :]))
        yield from (Drop((*path, index)) for index in reversed(range(len(old))) if index not in kept)
    elif len(old) == len(new):
        for index, (before, value) in enumerate(zip(old, new, strict=True)):
            yield from _entry_edits((*path, index), before, value, order)
    else:
        yield Put(path, new, order)


def _entry_edits(path: DataPath, old: Any, new: Any, order: tuple[str, ...]) -> Iterator[Edit]:
    if is_unchanged(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _mapping_edits(path, old, new, order)
    else:
        yield Put(path, new)


def _head(entry: Any, named: str) -> Any:
    """Return what an entry of a list is known by: itself, or the property that has this name."""
    return entry.get(named) if isinstance(entry, dict) else entry


def without_blanks(value: Any, old: Any) -> Any:
    """Return a text without what a sheet has put around it; line breaks at its end are those of the old one."""
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
    """One change: in which list of the record and of which entry (both empty for the record itself), and of what.

    `column` is empty for a whole entry; `old` and `new` are the texts of its cell.
    """

    how: How
    section: str
    id: str
    column: str = ""
    old: str = ""
    new: str = ""


class Merge(msgspec.Struct):
    """What is to be done to a record, what is wrong with the rows, and which entries (list, id) have no row."""

    edits: list[Edit] = msgspec.field(default_factory=list)
    changes: list[Change] = msgspec.field(default_factory=list)
    faults: list[RowFault] = msgspec.field(default_factory=list)
    missing: list[tuple[str, str]] = msgspec.field(default_factory=list)


def merged(data: Mapping[str, Any], rows: Sequence[RowEntry], forms: Collection[SheetForm], *, delete: bool) -> Merge:
    """Return how the data of a record becomes what its rows say.

    `forms` are those of the sheets that are there: an entry of any other list misses no row. The data is free of
    faults of form.
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
        _add(merge, data, name, added)
    seen = {row.key[1:] for row in rows}
    for form in forms:
        for name in form.lists:
            _note_missing(merge, data, name, seen, delete=delete)
    return merge


def entry_paths(data: Mapping[str, Any]) -> dict[tuple[str, str], DataPath]:
    """Return where the record itself and its entries are, by list and id: the last two parts of the key of a row."""
    paths: dict[tuple[str, str], DataPath] = {("", ""): ()}
    for name in (name for form in all_forms() for name in form.lists):
        for index, entry in enumerate(data.get(name) or ()):
            paths.setdefault((name, entry["id"]), (name, index))
    return paths


def new_record(rows: Sequence[RowEntry], schema: str) -> tuple[str, Merge]:
    """Return the text of a record that was not there before; the first of its rows is that of the record itself.

    `schema` is the address of its schema, which editors read; empty for none. The text is empty where a cell is at
    fault.
    """
    merge = Merge()
    lists: dict[str, list[dict[str, Any]]] = {}
    of_record, *others = rows
    data = {"format": 1, **new_data(of_record, merge)}
    for row in others:
        lists.setdefault(row.key[1], []).append(new_data(row, merge))
        merge.changes.append(Change(How.ADDED, *row.key[1:]))
    if merge.faults:
        return "", merge
    # The writer quotes numbers; lists that have some are put in place afterwards.
    numbers = {name: entries for name, entries in lists.items() if _has_number(entries)}
    values = data | {name: entries for name, entries in lists.items() if name not in numbers}
    properties = [
        Property(name, values[name], apart=name in lists) for name in root_order() if not is_empty(values.get(name))
    ]
    text = write_record(properties, [f"yaml-language-server: $schema={schema}"] if schema else [])
    merge.edits += (Put((name,), entries, root_order()) for name, entries in numbers.items())
    return text, merge


def _has_number(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, Plain) or any(map(_has_number, inner))


def new_data(row: RowEntry, merge: Merge) -> dict[str, Any]:
    """Return the data of an entry that was not there before, in the order of the schema."""
    entry: dict[str, Any] = {}
    faulty = _faulty_intervals(row, merge)
    for column in row.form.columns:
        value = row.key[2] or row.key[0] if column.name == ID else row.values.get(column.name)
        if not column.path or is_empty(value) or column.path[:-1] in faulty:
            continue
        if flaw := _not_text(row, column, value):
            merge.faults.append(flaw)
            continue
        place: Any = entry
        for part in column.path[:-1]:
            place = place.setdefault(part, [] if column.is_bound else {})
        if isinstance(place, list):
            place.append(value)
        else:
            place[column.path[-1]] = without_blanks(value, "")
    merge.faults += _missing_values(row, {})
    return entry


def _add(merge: Merge, data: Mapping[str, Any], name: str, rows: Sequence[RowEntry]) -> None:
    entries = [new_data(row, merge) for row in rows]
    count = len(data.get(name) or ())
    if count:
        merge.edits += (Put((name, count + index), entry) for index, entry in enumerate(entries))
    else:
        merge.edits.append(Put((name,), entries, root_order()))
    merge.changes += (Change(How.ADDED, *row.key[1:]) for row in rows)


def _note_missing(
    merge: Merge, data: Mapping[str, Any], name: str, seen: Collection[tuple[str, ...]], *, delete: bool
) -> None:
    entries = list(enumerate(data.get(name) or ()))
    missing = [(index, str(entry["id"])) for index, entry in entries if (name, entry["id"]) not in seen]
    if not delete:
        merge.missing += ((name, key) for _, key in missing)
        return
    # From the last one on, so that the indexes of the others hold.
    merge.edits += (Drop((name, index)) for index, _ in reversed(missing))
    merge.changes += (Change(How.REMOVED, name, key) for _, key in missing)


class _Merger(msgspec.Struct, frozen=True):
    """Merges one row into the entry that it is of."""

    merge: Merge
    row: RowEntry
    entry: Any
    path: DataPath

    def change(self) -> None:
        """Add the edits of the entry: what is put first, so that nothing is dropped which is about to be filled."""
        refused = list(_missing_values(self.row, self.entry))
        self.merge.faults += refused
        edits: list[Edit] = []
        made: set[DataPath] = set()
        for column in self._differing():
            if self.row.places[column.name] in {fault.location for fault in refused}:
                continue
            old, new = value_at(self.entry, column.path), self.row.values[column.name]
            if flaw := _not_text(self.row, column, new):
                self.merge.faults.append(flaw)
                continue
            said = (cell_text(old, column), cell_text(new, column))
            self.merge.changes.append(Change(How.CHANGED, *self.row.key[1:], column.name, *said))
            if column.is_bound:
                continue
            outer = column.path[:-1]
            is_there = outer in made or not outer or isinstance(value_at(self.entry, outer), dict)
            order = column.order if is_there else self.row.form.order
            edits += value_edits((*self.path, *column.path), old, new, order)
            made.add(outer)
        edits += self._interval_edits()
        self.merge.edits += sorted(edits, key=lambda edit: isinstance(edit, Drop) and len(edit.path) <= self._depth)

    @property
    def _depth(self) -> int:
        """How long the paths of whole properties are; what is below belongs to one property and has its own order."""
        return len(self.path) + 2

    def _differing(self) -> Iterator[Column]:
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
            if is_unchanged(old, [each for each in pair if each is not None]):
                continue
            if pair == [None, None]:
                yield Drop((*self.path, *path))
            elif None in pair:
                self.merge.faults.append(_half(self.row, (low, high)[pair.index(None)]))
            elif isinstance(old, list) and len(old) == 2:
                yield from list_edits((*self.path, *path), old, pair, ())
            else:
                yield Put((*self.path, *path), pair, low.order)

    def _bound(self, column: Column) -> Any:
        return self.row.values.get(column.name, value_at(self.entry, column.path))


def _missing_values(row: RowEntry, entry: Mapping[str, Any]) -> Iterator[RowFault]:
    """Yield a fault for every needed cell that is empty, unless the record has had nothing there either."""
    for column in row.form.required:
        is_new = not entry or not is_empty(value_at(entry, column.path))
        is_said = column.name in row.values and column.name not in row.form.keys
        if is_new and is_said and is_empty(row.values[column.name]):
            example = f"for example: {column.example}" if column.example else "every row has one"
            yield RowFault(row.places[column.name], f"'{column.name}' is empty", example)


def _bounds(form: SheetForm) -> Iterator[tuple[Column, Column]]:
    """Yield the columns of the two bounds of every interval."""
    bounds = [column for column in form.columns if column.is_bound]
    yield from zip(bounds[::2], bounds[1::2], strict=True)


def _faulty_intervals(row: RowEntry, merge: Merge) -> set[DataPath]:
    """Return the paths of intervals of a new entry that lack a bound; who has left it out is told."""
    faulty = set()
    for pair in _bounds(row.form):
        missing = [column for column in pair if is_empty(row.values.get(column.name))]
        if len(missing) == 1:
            faulty.add(pair[0].path[:-1])
            # Of a cell with something else in it, that has been told.
            if missing[0].name in row.values or missing[0].name not in row.places:
                merge.faults.append(_half(row, missing[0]))
    return faulty


def _half(row: RowEntry, column: Column) -> RowFault:
    place = row.places.get(column.name, row.place)
    return RowFault(place, f"'{column.name}' is empty", "an interval has two bounds: fill both, or none")


def _not_text(row: RowEntry, column: Column, value: Any) -> RowFault | None:
    found = None if column.kind is CellKind.NUMBER else next(unshowable(cell_text(value, column)), None)
    if not found:
        return None
    message = f"character U+{ord(found[0]):04X} is not text, in '{shortened(cell_text(value, column), 30)}'"
    return RowFault(row.places[column.name], message, "remove it")
