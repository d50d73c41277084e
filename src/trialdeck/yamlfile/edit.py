"""Edit values of a YAML or JSON file in place: comments, order and style stay.

Every edit is held against the data that is wanted: a text that does not read back as exactly that is never returned.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import cached_property, partial
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.yamlfile.document import DataPath, Plain, is_json, parse_document, refuse_too_large, without_mark
from trialdeck.yamlfile.inplace.lists import inserted, moved, put_back, taken_span
from trialdeck.yamlfile.inplace.properties import added, dropped_span, replaced, restored, value_span
from trialdeck.yamlfile.jsonfile.edit import json_added, json_replaced
from trialdeck.yamlfile.jsonfile.text import as_json
from trialdeck.yamlfile.nodes import Tree, is_collection, tree_of
from trialdeck.yamlfile.values import styles


class Put(msgspec.Struct, frozen=True):
    """Give a value to a path: a text, a `Plain` number, or lists and mappings of these; a missing path is added.

    The last part of the path may be the length of a list: the value becomes its new last entry. `order` are the names
    of the properties around it, in the order in which a new one finds its place. `written` is how the value stood in
    the text before, or a property with its name, `skip` lines behind the property before it: see
    `trialdeck.yamlfile.inplace.inverse`. It is written so again if it still reads as the value.
    """

    path: DataPath
    value: Any
    order: tuple[str, ...] = ()
    written: str = ""
    skip: int = 0


class Drop(msgspec.Struct, frozen=True):
    """Remove a property or an entry of a list, and the mapping or list that becomes empty without it."""

    path: DataPath


class Insert(msgspec.Struct, frozen=True):
    """Put a new entry into a list, before the one with the index that the path ends with, or behind the last.

    A list that is missing is added; `order` are the names of the properties around it. `written` is as in `Put`.
    """

    path: DataPath
    value: Any
    order: tuple[str, ...] = ()
    written: str = ""


class Take(msgspec.Struct, frozen=True):
    """Take an entry out of a list, with the comments that are its own; a list that becomes empty goes with it."""

    path: DataPath


class Move(msgspec.Struct, frozen=True):
    """Give an entry another place in its list, with the comments that are its own: it gets the index `to`."""

    path: DataPath
    to: int


Edit = Put | Drop | Insert | Take | Move


class ParsedText(msgspec.Struct, frozen=True, dict=True):
    """The text of a file that can be read, without a byte order mark, with its data and its nodes.

    `shown` is the path of the file in messages.
    """

    text: str
    data: Any
    shown: str

    @classmethod
    def of(cls, content: bytes, shown: str) -> "ParsedText":
        """Return the text of a file that `parse_document` reads."""
        document, _ = parse_document(content, shown)
        return cls(without_mark(content), document.data if document else None, shown)

    @cached_property
    def tree(self) -> Tree:
        """The nodes of the text."""
        return tree_of(self.text, self.shown)

    def edited(self, edit: Edit) -> "ParsedText":
        """Return the text after an edit; raises TrialdeckError where a value cannot be changed in place."""
        wanted = _changed(self.data, _said_in(self.shown, edit))
        for change in _ways(self.tree, _said_in(self.shown, edit)):
            changed = change()
            document, problems = parse_document(changed.encode(), self.shown)
            if document and is_same(document.data, wanted):
                return ParsedText(changed, document.data, self.shown)
            refuse_too_large(problems, self.shown)
        path = ".".join(map(str, edit.path))
        raise TrialdeckError(f"{self.shown}: cannot change {path} in place", "change it by hand, in an editor")


def edited(content: bytes, edits: Iterable[Edit], shown: str) -> bytes:
    """Return the bytes of a record after some edits, one after the other.

    The record is one that `parse_document` reads; paths are those of its data as the edits before have left it. Raises
    TrialdeckError, which names `shown`, where a value cannot be changed in place, or is too much.
    """
    parsed = ParsedText.of(content, shown)
    for edit in edits:
        parsed = parsed.edited(edit)
    return with_mark_of(content, parsed.text)


def with_mark_of(content: bytes, text: str) -> bytes:
    """Return the bytes of a new text of a file, with the byte order mark that the file has."""
    before = content.decode("utf-8")
    return (before[: len(before) - len(without_mark(content))] + text).encode()


def _said_in(shown: str, edit: Edit) -> Edit:
    """Return an edit with its value as the syntax of the file can say it."""
    return replace(edit, value=as_json(edit.value)) if is_json(shown) and isinstance(edit, Put | Insert) else edit


def _changed(data: Any, edit: Edit) -> Any:
    """Return a copy of the data after an edit."""
    whole = deepcopy(data)
    match edit:
        case Drop(path) | Take(path):
            _drop(whole, path)
        case Move(path, to):
            entries = value_at(whole, path[:-1])
            entries.insert(to, entries.pop(path[-1]))
        case Insert(path, value) if value_at(whole, path[:-1]):
            value_at(whole, path[:-1]).insert(path[-1], value)
        case Put(path, value) | Insert(path, value):
            _put(whole, path, value)
    return whole


def value_at(data: Any, path: DataPath) -> Any:
    """Return the value at a path of data; None where nothing is."""
    for part in path:
        is_there = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
        data = data[part] if is_there else None
    return data


def _put(place: Any, path: DataPath, value: Any) -> None:
    part, *tail = path
    if isinstance(place, list) and part == len(place):
        place.append(None)
    if not tail:
        place[part] = value
        return
    if isinstance(place, dict):
        place.setdefault(part, None)
    if place[part] is None:
        place[part] = [] if isinstance(tail[0], int) else {}
    _put(place[part], tuple(tail), value)


def _drop(place: Any, path: DataPath) -> None:
    part, *tail = path
    if tail:
        _drop(place[part], tuple(tail))
    if not tail or not place[part]:
        del place[part]


def is_same(one: Any, other: Any) -> bool:
    """Return whether data is the same, and every `Plain` scalar of the other is `Plain` in the one."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other) and (isinstance(one, Plain) or not isinstance(other, Plain))


_Change = Callable[[], str]


def _ways(tree: Tree, edit: Edit) -> Iterator[_Change]:
    """Yield ways to make an edit, first the one that a person would choose."""
    match edit:
        case Put():
            yield from _ways_to_put(tree, edit)
        case Insert(path) if has_children(tree, path[:-1]):
            yield from _ways_to_insert(tree, edit)
        case Insert(path, value, order):
            yield from _ways_to_put(tree, Put(path[:-1], [value], order))
        case Take(path) if len(tree.children(tree.node(path[:-1]))) > 1:
            yield partial(tree.with_text, *taken_span(tree, path), "")
        case Drop(path) | Take(path):
            yield partial(tree.with_text, *dropped_span(tree, path), "")
        case Move(path, to):
            yield partial(moved, tree, path, to)


def has_children(tree: Tree, path: DataPath) -> bool:
    """Tell whether there is a list or mapping at a path that has something in it."""
    return tree.known(path) == len(path) and bool(tree.children(tree.node(path)))


def _ways_to_insert(tree: Tree, edit: Insert) -> Iterator[_Change]:
    if edit.written:
        yield partial(put_back, tree, edit.path, edit.written)
    yield from (partial(inserted, tree, edit.path, edit.value, style) for style in styles(edit.value, None))


def _ways_to_put(tree: Tree, edit: Put) -> Iterator[_Change]:
    path, value, is_there = _place_of(tree, edit)
    if edit.written and path == edit.path:
        yield (
            partial(tree.with_text, *value_span(tree, path), edit.written)
            if is_there
            else partial(restored, tree, path, edit.written, edit.order, edit.skip)
        )
    if tree.is_json:
        yield partial(json_replaced if is_there else partial(json_added, order=edit.order), tree, path, value)
        return
    for style in styles(value, tree.node(path) if path == edit.path and is_there else None):
        if is_there:
            yield partial(replaced, tree, path, value, style)
        else:
            yield partial(added, tree, path, value, edit.order, style)


def _place_of(tree: Tree, edit: Put) -> tuple[DataPath, Any, bool]:
    """Return the path that is put, with what is missing above it in its value, and whether something stands there."""
    depth = tree.known(edit.path)
    path, value = edit.path[: depth + 1], edit.value
    for part in reversed(edit.path[depth + 1 :]):
        value = [value] if isinstance(part, int) else {part: value}
    if depth < len(edit.path) and not is_collection(tree.node(path[:-1])):
        # A property that stands there without a value becomes a list or a mapping.
        return path[:-1], [value] if isinstance(path[-1], int) else {path[-1]: value}, True
    return path, value, depth == len(edit.path)
