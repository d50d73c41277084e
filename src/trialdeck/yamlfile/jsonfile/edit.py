"""Change a JSON text in place: what is not changed keeps its characters, and what is new is indented as the rest is."""

from typing import Any

from trialdeck.yamlfile.document import DataPath
from trialdeck.yamlfile.jsonfile.text import json_member, json_text
from trialdeck.yamlfile.nodes import Node, Tree, neighbour


def json_replaced(tree: Tree, path: DataPath, value: Any) -> str:
    """Return the text with another value at a path."""
    start, end, new = json_replacement(tree, path, value)
    return tree.with_text(start, end, new)


def json_replacement(tree: Tree, path: DataPath, value: Any) -> tuple[int, int, str]:
    """Return where the value at a path starts and ends, and the text of another one."""
    node = tree.node(path)
    return tree.start(node), tree.end(node), _written(tree, value, _indent(tree, tree.start(node)))


def json_added(tree: Tree, path: DataPath, value: Any, order: tuple[str, ...]) -> str:
    """Return the text with a value that it did not have.

    Args:
        tree: The text.
        path: The path that the value gets.
        value: The value.
        order: The properties around it, in their order.

    Returns:
        The new text.

    """
    parent = tree.node(path[:-1])
    children = tree.children(parent)
    if not children:
        return json_replaced(tree, path[:-1], [value] if isinstance(path[-1], int) else {path[-1]: value})
    name = "" if isinstance(path[-1], int) else path[-1]
    index = neighbour([known for known, _ in children], name, order) if name else len(children) - 1
    place, new = json_insertion(tree, parent, index + 1, value, name)
    return tree.with_text(place, place, new)


def json_addition(tree: Tree, parent: Node, index: int, value: Any, name: str = "") -> tuple[int, str]:
    """Return the place behind a child, and the text of a new entry, or of a new property with a name, that goes there.

    Args:
        tree: The text.
        parent: The list or mapping.
        index: The number of the child.
        value: The new value.
        name: The name of the property.

    Returns:
        The place, and the text with the comma before it.

    """
    _, child = tree.children(parent)[index]
    first = tree.head(parent, 0)
    in_lines = "\n" in tree.text[tree.start(parent) : first]
    indent = _indent(tree, first)
    is_one_line = not in_lines and not name
    new = json_text(value, None if is_one_line else _step(tree), indent, in_ascii=_in_ascii(tree))
    new = json_member(name, new, in_ascii=_in_ascii(tree)) if name else new
    return tree.end(child), f",\n{indent}{new}" if in_lines else f", {new}"


def json_insertion(tree: Tree, parent: Node, index: int, value: Any, name: str = "") -> tuple[int, str]:
    """Return the place of a new child before the one with an index, or behind the last, and its text with a comma.

    Args:
        tree: The text.
        parent: The list or mapping, which has children.
        index: The number that the new child gets.
        value: The new value.
        name: The name of the property.

    Returns:
        The place, and the text.

    """
    if index:
        return json_addition(tree, parent, index - 1, value, name)
    _, addition = json_addition(tree, parent, 0, value, name)
    new = addition.removeprefix(",")
    body = new.lstrip()
    return tree.head(parent, 0), f"{body},{new[: len(new) - len(body)]}"


def _written(tree: Tree, value: Any, indent: str) -> str:
    return json_text(value, _step(tree), indent, in_ascii=_in_ascii(tree))


def _in_ascii(tree: Tree) -> bool:
    """Tell whether the file escapes all other characters, as some programs write JSON."""
    return tree.text.isascii() and "\\u" in tree.text


def _step(tree: Tree) -> str | None:
    """Return what the first property of the file is indented by; None if the file is in one line."""
    if not tree.children(tree.root):
        return "  "
    first = tree.head(tree.root, 0)
    return _indent(tree, first) if "\n" in tree.text[tree.start(tree.root) : first] else None


def _indent(tree: Tree, place: int) -> str:
    """Return the white space at the beginning of the line of a place."""
    line = tree.text[tree.line_start(place) : place]
    return line[: len(line) - len(line.lstrip())]
