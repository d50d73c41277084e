"""A change of one value of a record, what became of it, and where its entry stands."""

from typing import Any, Literal

import msgspec

from trialdeck.yamlfile.document import DataPath

IDENTITIES = ("id", "name", "file")
"""The properties by which an entry of a list is known: a question by its id, an arm by its name."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of a record. Every scalar is the text that stands in the file: `0.50`, `true`.

    `action` says what happens at `path`:

    - `set`: it gets `value`; None, or an empty text, list or mapping, removes the property. `was` is the value that
      the author has seen there, None for nothing.
    - `insert`: the entry `value` is put into a list, before the one that has the index now.
    - `move`: the entry of a list gets the index `to`.
    - `remove`: the entry of a list is taken out with its comments; `was` is the whole entry as the author has seen it.

    `names` are the ids of the entries that `path` leads through (of an arm its name, of a figure its file), in the
    order of the path; an entry that others have moved meanwhile is found by them. An empty name is not compared.
    `written`, `order` and `skip` are of changes that take an earlier one back: how the value stood in the file.
    """

    path: DataPath
    value: Any = None
    was: Any = None
    action: Literal["set", "insert", "move", "remove"] = "set"
    to: int = 0
    names: tuple[str, ...] = ()
    written: str = ""
    order: tuple[str, ...] = ()
    skip: int = 0


class Conflict(msgspec.Struct, frozen=True):
    """A change that was not made because the record no longer says what the change expects: it says `now`.

    `is_gone` tells that an entry on its path is no longer there.
    """

    change: Change
    now: Any = None
    is_gone: bool = False


class Refused(msgspec.Struct, frozen=True):
    """A change that cannot be made: the message says why, the hint what to do."""

    change: Change
    message: str
    hint: str = ""


def identity_of(entry: Any) -> str:
    """Return the text by which an entry of a list is known; empty if there is none."""
    if not isinstance(entry, dict):
        return ""
    return next((entry[name] for name in IDENTITIES if isinstance(entry.get(name), str)), "")


def names_on(data: Any, path: DataPath) -> tuple[str, ...]:
    """Return the names of the entries that a path leads through."""
    names = []
    for part in path:
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and part in range(len(data)) else None
            names.append(identity_of(data))
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return tuple(names)


def located(data: Any, change: Change) -> DataPath | None:
    """Return the path of a change in the data as it is now; None if an entry on it is no longer there."""
    named = iter(change.names)
    path: DataPath = ()
    # An entry that is inserted is none yet.
    last = len(change.path) - 1 if change.action == "insert" else len(change.path)
    for depth, part in enumerate(change.path):
        index: str | int | None = part
        if isinstance(part, int) and depth < last:
            index = _index_of(data, part, next(named, ""))
        if index is None:
            return None
        path = (*path, index)
        if isinstance(index, int):
            data = data[index] if isinstance(data, list) and index in range(len(data)) else None
        else:
            data = data.get(index) if isinstance(data, dict) else None
    return path


def _index_of(entries: Any, index: int, name: str) -> int | None:
    """Return the index of the entry with a name; the index that was given if it has that name, or none is asked."""
    known = [identity_of(entry) for entry in entries] if isinstance(entries, list) else []
    if not name or (index < len(known) and known[index] == name):
        return index
    return known.index(name) if known.count(name) == 1 else None
