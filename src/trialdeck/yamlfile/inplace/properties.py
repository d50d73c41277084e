"""Replace, add, drop and restore the value of a property, or of an entry, in the text of a file."""

from typing import Any

from trialdeck.yamlfile.document import DataPath
from trialdeck.yamlfile.inplace.lists import Span
from trialdeck.yamlfile.nodes import Tree, is_block, neighbour
from trialdeck.yamlfile.values import block_entry, block_value, flow_value


def value_span(tree: Tree, path: DataPath) -> Span:
    """Return where a value stands: behind its colon or dash, or within its brackets."""
    node = tree.node(path)
    start = tree.start(node) if tree.is_in_flow(path) or tree.is_json else tree.head_end(path)
    return start, tree.end(node)


def restored(tree: Tree, path: DataPath, written: str, order: tuple[str, ...], skip: int) -> str:
    """Return the text of a file with a property that was dropped, where it stood and as it was written.

    Args:
        tree: The file as it is.
        path: The path of the property.
        written: What went when it was dropped.
        order: The properties around it, in their order.
        skip: How many lines of comments stood between it and the property before it.

    Returns:
        The new text.

    """
    parent = tree.node(path[:-1])
    children = tree.children(parent)
    index = neighbour([name for name, _ in children], str(path[-1]), order)
    if index < 0:
        place = tree.head(parent, 0)
        place = tree.line_start(place) if written.endswith("\n") and is_block(parent) else place
    elif is_block(parent):
        place = tree.next_line(tree.end(children[index][1]))
        for _ in range(skip):
            place = tree.next_line(place)
    else:
        place = tree.end(children[index][1])
    return tree.with_text(place, place, written)


def replaced(tree: Tree, path: DataPath, value: Any, style: str) -> str:
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


def added(tree: Tree, path: DataPath, value: Any, order: tuple[str, ...], style: str) -> str:
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
        return _added_in_flow(tree, path, flow_value(value, style), order)
    children = tree.children(parent)
    if isinstance(path[-1], int):
        last = children[-1][1]
        gap = tree.line_break if tree.has_gap(parent) else ""
        new = block_entry(value, tree.column(tree.dash(last)), style)
        at = tree.line_end(tree.end(last))
        return tree.with_text(at, at, f"\n{gap}{new}")
    index = neighbour([name for name, _ in children], path[-1], order)
    column = tree.column(tree.start(parent))
    item = f"{path[-1]}:{block_value(value, column, style)}"
    if index < 0:
        at = tree.head(parent, 0)
        return tree.with_text(at, at, f"{item}\n{' ' * column}")
    at = tree.line_end(tree.end(children[index][1]))
    return tree.with_text(at, at, f"\n{' ' * column}{item}")


def _added_in_flow(tree: Tree, path: DataPath, new: str, order: tuple[str, ...]) -> str:
    parent = tree.node(path[:-1])
    name = path[-1]
    item = new if isinstance(name, int) else f"{name}: {new}"
    children = tree.children(parent)
    if not children:
        return tree.with_text(tree.start(parent) + 1, tree.end(parent) - 1, item)
    names = [known for known, _ in children]
    index = len(names) - 1 if isinstance(name, int) else neighbour(names, name, order)
    if index < 0:
        at = tree.head(parent, 0)
        return tree.with_text(at, at, f"{item}, ")
    at = tree.end(children[index][1])
    return tree.with_text(at, at, f", {item}")


def dropped_path(tree: Tree, path: DataPath) -> DataPath:
    """Return the path of what goes with a value that is dropped: itself, or what would be empty without it."""
    is_only = len(tree.children(tree.node(path[:-1]))) == 1
    return dropped_path(tree, path[:-1]) if is_only and len(path) > 1 else path


def dropped_span(tree: Tree, path: DataPath) -> Span:
    """Return where the text stands that goes with a value that is dropped."""
    path = dropped_path(tree, path)
    parent = tree.node(path[:-1])
    children = tree.children(parent)
    index = [name for name, _ in children].index(path[-1])
    _, node = children[index]
    heads = [tree.head(parent, position) for position in range(len(children))]
    starts_line = not tree.text[tree.line_start(heads[index]) : heads[index]].strip()
    if is_block(parent) and starts_line:
        return tree.line_start(heads[index]), tree.next_line(tree.end(node))
    if index:
        return tree.end(children[index - 1][1]), tree.end(node)
    return heads[0], heads[1]
