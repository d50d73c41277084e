"""The edits that make one value of another, and leave alone what within it is the same."""

from collections.abc import Iterator
from typing import Any

from trialdeck.records.document import DataPath
from trialdeck.records.edits import Drop, Edit, Put
from trialdeck.records.sheet_cells import as_meant, is_empty, is_unchanged


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
