"""Apply changes to the text of a record, in place, and know the changes that take them back."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, shortened
from trialdeck.core.text import unshowable
from trialdeck.records.editing.change import Change, Conflict, Refused, identity_of, located, names_on
from trialdeck.records.editing.values import has_free_text, is_as_seen, is_empty, order_at, typed_value
from trialdeck.yamlfile.document import DataPath, Plain, parse_document, without_mark
from trialdeck.yamlfile.edit import (
    Drop,
    Edit,
    Insert,
    Move,
    ParsedText,
    Put,
    Take,
    value_at,
    with_mark_of,
)
from trialdeck.yamlfile.inplace.inverse import inverse_of
from trialdeck.yamlfile.inplace.properties import dropped_path

_CORRECT = "correct its text first"


class Outcome(msgspec.Struct, frozen=True):
    """A record after changes: its bytes, the changes that take them back, and the changes that were not made."""

    content: bytes
    undo: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[Refused, ...] = ()


class UnreadableError(TrialdeckError):
    """A record that cannot be read cannot be edited value by value; its `problems` say why."""


def apply(content: bytes, changes: Iterable[Change], shown: str, *, together: bool = False) -> Outcome:
    """Apply changes to a record, each to what those before it have left.

    A change that expects something else than what is there is a conflict, and is not made; nor is one that cannot be
    made. The others are made all the same, unless all go `together`. A change that has been made already, by an
    earlier call whose answer was lost, counts as made; of an entry that was removed, the conflict says that it is gone.

    Args:
        content: The bytes of the record; it may have any faults, if only it can be read.
        changes: The changes.
        shown: The path of the file in messages; its ending tells YAML from JSON.
        together: Whether all changes are made or none.

    Returns:
        The new bytes, and what became of the changes.

    Raises:
        UnreadableError: The text is no YAML or JSON, or no mapping.
    """
    editor = _Editor(_parsed(content, shown))
    for change in changes:
        editor.make(change)
    undo = tuple(reversed(editor.undo))
    conflicts, refused = tuple(editor.conflicts), tuple(editor.refused)
    if together and (conflicts or refused):
        return Outcome(content, (), conflicts, refused)
    return Outcome(with_mark_of(content, editor.parsed.text), undo, conflicts, refused)


def _parsed(content: bytes, shown: str) -> ParsedText:
    document, problems = parse_document(content, shown)
    faults: tuple[Problem, ...] = tuple(problem for problem in problems if problem.code in _NO_TREE)
    if document is None or faults or not isinstance(document.data, dict):
        raise UnreadableError(f"{shown} cannot be read as a record", _CORRECT, problems)
    return ParsedText(without_mark(content), document.data, shown)


_NO_TREE = frozenset({"TD121"})
"""What has data, and cannot be edited: more than one document."""


class _Editor:
    """The text of a record while changes are made to it."""

    def __init__(self, parsed: ParsedText) -> None:
        self.parsed = parsed
        self.undo: list[Change] = []
        self.conflicts: list[Conflict] = []
        self.refused: list[Refused] = []

    def make(self, change: Change) -> None:
        """Make a change, or say why it is not made."""
        if fault := _fault_in(change):
            self.refused.append(Refused(change, fault))
            return
        path = located(self.parsed.data, change)
        if path is None:
            self.conflicts.append(Conflict(change, is_gone=True))
        elif fault := _fault_on(self.parsed.data, path):
            self.refused.append(Refused(change, fault, "correct it in the text of the record"))
        elif change.action == "insert":
            self._insert(change, path)
        elif change.action == "move":
            self._move(change, path)
        elif change.action == "remove":
            self._remove(change, path)
        else:
            self._set(change, path)

    def _set(self, change: Change, path: DataPath) -> None:
        now = value_at(self.parsed.data, path)
        new = change.value if change.written else typed_value(change.value, path)
        is_made = is_as_seen(now, new) and self._is_written_as(path, now, new)
        if not is_made and not is_as_seen(now, change.was):
            self.conflicts.append(Conflict(change, now))
        elif not is_made or change.written:
            new = _with_breaks_of(now, new) if has_free_text(path) else new
            self._edit(change, self._edits_to_set(change, path, now, new))

    def _is_written_as(self, path: DataPath, now: Any, new: Any) -> bool:
        """Tell whether a value that says the same is written as it should be: a number, one line, nothing."""
        if is_empty(new):
            return self.parsed.tree.known(path) < len(path)
        if isinstance(new, list):
            return all(pair[1] is None or self._is_written_as((*path, 0), *pair) for pair in zip(now, new, strict=True))
        is_broken = isinstance(new, str) and now != new and not has_free_text(path)
        return not is_broken and (isinstance(now, Plain) or not isinstance(new, Plain))

    def _edits_to_set(self, change: Change, path: DataPath, now: Any, new: Any) -> Iterator[Edit]:
        if change.written:
            yield Put(path, new, change.order or self._order(path), change.written, change.skip)
        elif is_empty(new):
            dropped = dropped_path(self.parsed.tree, path)
            # An entry is removed by `remove` alone, with its comments; one that has nothing left stays.
            yield Put(dropped, {}) if isinstance(dropped[-1], int) else Drop(path)
        elif isinstance(now, list) and isinstance(new, list) and now:
            yield from _list_edits(path, now, new)
        else:
            yield Put(path, new, self._order(path))

    def _insert(self, change: Change, path: DataPath) -> None:
        entries = value_at(self.parsed.data, path[:-1]) or []
        new = change.value if change.written else typed_value(change.value, path)
        name = identity_of(new)
        twin = next((entry for entry in entries if name and identity_of(entry) == name), None)
        if twin is not None and is_as_seen(twin, new):
            return
        index = min(int(path[-1]), len(entries))
        self._edit(change, [Insert((*path[:-1], index), new, self._order(path[:-1]), change.written)])

    def _move(self, change: Change, path: DataPath) -> None:
        count = len(value_at(self.parsed.data, path[:-1]) or ())
        to = max(0, min(change.to, count - 1))
        if int(path[-1]) >= count:
            self.conflicts.append(Conflict(change, is_gone=True))
        elif to != path[-1]:
            self._edit(change, [Move(path, to)])

    def _remove(self, change: Change, path: DataPath) -> None:
        now = value_at(self.parsed.data, path)
        if is_as_seen(now, change.was):
            self._edit(change, [Take(path)] if now is not None else [])
        else:
            self.conflicts.append(Conflict(change, now))

    def _edit(self, change: Change, edits: Iterable[Edit]) -> None:
        parsed, undo = self.parsed, list[Change]()
        try:
            for edit in edits:
                if hidden := next(_hidden(getattr(edit, "value", None)), ""):
                    message = f"character U+{ord(hidden):04X} is not text"
                    self.refused.append(Refused(change, message, "remove it; it may have come with a copied text"))
                    return
                before, parsed = parsed, parsed.edited(edit)
                undo.append(_taking_back(inverse_of(before, edit), parsed.data))
        except TrialdeckError as error:
            self.refused.append(Refused(change, error.message, error.hint))
            return
        self.parsed = parsed
        self.undo += undo

    def _order(self, path: DataPath) -> tuple[str, ...]:
        """Return the order of the properties where a path leaves what is there."""
        return order_at(path[: min(self.parsed.tree.known(path), len(path) - 1)])


def _fault_in(change: Change) -> str:
    """Return why a change means nothing at all; empty if it may mean something."""
    if not change.path or any(isinstance(part, int) and part < 0 for part in change.path):
        return "this is no path of a value"
    if change.action != "set" and not isinstance(change.path[-1], int):
        return f"only an entry of a list can be {_DONE[change.action]}"
    return ""


_DONE = {"insert": "inserted", "move": "moved", "remove": "removed"}


def _fault_on(data: Any, path: DataPath) -> str:
    """Return what is wrong with the kinds of value that a path leads through; empty if nothing is."""
    for depth, part in enumerate(path):
        if data is None:
            return ""
        if not isinstance(data, list if isinstance(part, int) else dict):
            kind = "a list" if isinstance(part, int) else "a mapping of properties"
            return f"'{path[depth - 1]}' should be {kind}, not '{shortened(data, 30)}'"
        if isinstance(part, int) and part > len(data):
            return f"'{path[depth - 1]}' has no entry {part + 1}"
        data = value_at(data, (part,))
    return ""


def _hidden(value: Any) -> Iterator[str]:
    """Yield the characters of a value that no file may hold."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _hidden(part)
    if isinstance(value, str):
        yield from (match[0] for match in unshowable(value))


def _with_breaks_of(now: Any, new: Any) -> Any:
    """Return a text with the line breaks at its end that the former one has: nobody types or sees them."""
    if not isinstance(now, str) or type(new) is not str or not new:
        return new
    return new + now[len(now.rstrip("\n")) :]


def _list_edits(path: DataPath, now: list[Any], new: list[Any]) -> Iterator[Edit]:
    """Yield the edits of single entries that make one list of another, so that comments beside them stay."""
    kept = [part for part in now if part in new]
    stay_in_place = (part == other or part not in new for part, other in zip(now, new, strict=False))
    if len(now) == len(new) and all(stay_in_place):
        yield from (Put((*path, index), part) for index, part in enumerate(new) if part != now[index])
        return
    if not kept or any(len({*map(str, entries)}) < len(entries) for entries in (now, new)):
        yield Put(path, new)
        return
    left = kept
    yield from (Take((*path, index)) for index in reversed(range(len(now))) if now[index] not in new)
    for index, part in enumerate(new):
        if part not in left:
            yield Insert((*path, index), part)
            left.insert(index, part)
        elif left[index] != part:
            yield Move((*path, left.index(part)), index)
            left.insert(index, left.pop(left.index(part)))


def _taking_back(inverse: Edit, data: Any) -> Change:
    """Return the change of an inverse edit; `data` is what it starts from."""
    path, was = inverse.path, value_at(data, inverse.path)
    names = names_on(data, path)
    match inverse:
        case Put(_, value, order, written, skip):
            return Change(path, value, was, names=names, written=written, order=order, skip=skip)
        case Insert(_, value, order, written):
            return Change(path, value, action="insert", names=names[:-1], written=written, order=order)
        case Move(_, to):
            return Change(path, action="move", to=to, names=names)
        case Take():
            return Change(path, was=was, action="remove", names=names)
        case Drop():
            return Change(path, was=was, names=names)
