"""Edit values of a YAML or JSON file in place: comments, order and style stay.

Every edit is held against the data that is wanted: a text that does not read back as exactly that is never returned.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.yamlfile.document import DataPath, Plain, is_json, parse_document, refuse_too_large
from trialdeck.yamlfile.jsonfile.edit import json_added, json_replaced
from trialdeck.yamlfile.jsonfile.text import as_json
from trialdeck.yamlfile.nodes import Tree, is_block, is_collection, neighbour, tree_of
from trialdeck.yamlfile.values import block_entry, block_value, flow_value, styles

_BOM = "\ufeff"


class Put(msgspec.Struct, frozen=True):
    """Give a value to a path: a text, a `Plain` number, or lists and mappings of these; a missing path is added.

    The last part of the path may be the length of a list: the value becomes its new last entry. `order` are the names
    of the properties around it, in the order in which a new one finds its place.
    """

    path: DataPath
    value: Any
    order: tuple[str, ...] = ()


class Drop(msgspec.Struct, frozen=True):
    """Remove a property or an entry of a list, and the mapping or list that becomes empty without it."""

    path: DataPath


Edit = Put | Drop


def edited(content: bytes, edits: Iterable[Edit], shown: str) -> bytes:
    """Return the bytes of a record after some edits, one after the other.

    The record is one that `parse_document` reads; paths are those of its data as the edits before have left it. Raises
    TrialdeckError, which names `shown`, where a value cannot be changed in place, or is too much.
    """
    text = content.decode("utf-8")
    mark = text[: len(text) - len(text.lstrip(_BOM))]
    text = text[len(mark) :]
    for edit in edits:
        text = _one_edit(text, _said_in(shown, edit), shown)
    return (mark + text).encode()


def _said_in(shown: str, edit: Edit) -> Edit:
    """Return an edit with its value as the syntax of the file can say it."""
    return replace(edit, value=as_json(edit.value)) if is_json(shown) and isinstance(edit, Put) else edit


def _one_edit(text: str, edit: Edit, shown: str) -> str:
    wanted = _changed(_data(text, shown), edit)
    for change in _ways(tree_of(text, shown), edit):
        changed = change()
        document, problems = parse_document(changed.encode(), shown)
        if document and is_same(document.data, wanted):
            return changed
        refuse_too_large(problems, shown)
    path = ".".join(map(str, edit.path))
    raise TrialdeckError(f"{shown}: cannot change {path} in place", "change it by hand, in an editor")


def _data(text: str, shown: str) -> Any:
    document, _ = parse_document(text.encode(), shown)
    return document.data if document else None


def _changed(data: Any, edit: Edit) -> Any:
    """Return a copy of the data after an edit."""
    whole = deepcopy(data)
    if isinstance(edit, Drop):
        _drop(whole, edit.path)
    else:
        _put(whole, edit.path, edit.value)
    return whole


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
    if isinstance(edit, Drop):
        yield partial(_dropped, tree, edit.path)
        return
    path, value, is_there = _place_of(tree, edit)
    if tree.is_json:
        yield partial(json_replaced if is_there else partial(json_added, order=edit.order), tree, path, value)
        return
    for style in styles(value, tree.node(path) if path == edit.path and is_there else None):
        if is_there:
            yield partial(_replaced, tree, path, value, style)
        else:
            yield partial(_added, tree, path, value, edit.order, style)


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


def _replaced(tree: Tree, path: DataPath, value: Any, style: str) -> str:
    """Return the text of a file with another value at a path.

    Args:
        tree: The file as it is.
        path: The path of the value.
        value: The new value.
        style: How texts in it are written.

    Returns:
        The new text.

    """
    node = tree.node(path)
    if tree.is_in_flow(path):
        return tree.with_text(tree.start(node), tree.end(node), flow_value(value, style))
    return tree.with_text(tree.head_end(path), tree.end(node), block_value(value, tree.indent(path), style))


def _added(tree: Tree, path: DataPath, value: Any, order: tuple[str, ...], style: str) -> str:
    """Return the text of a file with a value that it did not have.

    Args:
        tree: The file as it is.
        path: The path that the value gets.
        value: The value.
        order: The properties around it, in their order.
        style: How texts in it are written.

    Returns:
        The new text.

    """
    parent = tree.node(path[:-1])
    if not is_block(parent):
        return _added_in_flow(tree, path, flow_value(value, style))
    children = tree.children(parent)
    if isinstance(path[-1], int):
        last = children[-1][1]
        gap = tree.line_break if tree.has_gap(parent) else ""
        new = block_entry(value, tree.column(tree.dash(last)), style)
        at = tree.line_end(tree.end(last))
        return tree.with_text(at, at, f"\n{gap}{new}")
    index = neighbour([name for name, _ in children], path[-1], order)
    column = tree.column(tree.start(parent))
    at = tree.line_end(tree.end(children[index][1]))
    return tree.with_text(at, at, f"\n{' ' * column}{path[-1]}:{block_value(value, column, style)}")


def _added_in_flow(tree: Tree, path: DataPath, new: str) -> str:
    parent = tree.node(path[:-1])
    item = new if isinstance(path[-1], int) else f"{path[-1]}: {new}"
    children = tree.children(parent)
    if children:
        at = tree.end(children[-1][1])
        return tree.with_text(at, at, f", {item}")
    return tree.with_text(tree.start(parent) + 1, tree.end(parent) - 1, item)


def _dropped(tree: Tree, path: DataPath) -> str:
    parent = tree.node(path[:-1])
    children = tree.children(parent)
    if len(children) == 1 and len(path) > 1:
        return _dropped(tree, path[:-1])
    index = [name for name, _ in children].index(path[-1])
    _, node = children[index]
    heads = [tree.head(parent, position) for position in range(len(children))]
    starts_line = not tree.text[tree.line_start(heads[index]) : heads[index]].strip()
    if is_block(parent) and starts_line:
        return tree.with_text(tree.line_start(heads[index]), tree.next_line(tree.end(node)), "")
    if index:
        return tree.with_text(tree.end(children[index - 1][1]), tree.end(node), "")
    return tree.with_text(heads[0], heads[1], "")
