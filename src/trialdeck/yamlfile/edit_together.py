"""Make many edits of a file in one step: the time grows with the file, not with the edits times the file.

As in `trialdeck.yamlfile.edit`, a text that does not read back as exactly the data that is wanted is never returned.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from trialdeck.yamlfile.document import DataPath, parse_document, refuse_too_large, without_mark
from trialdeck.yamlfile.edit import Edit, Put, edited, is_same, with_mark_of
from trialdeck.yamlfile.jsonfile.edit import json_addition, json_replacement
from trialdeck.yamlfile.jsonfile.text import as_json
from trialdeck.yamlfile.long_record import entry_lines
from trialdeck.yamlfile.nodes import Node, Tree, is_block, tree_of
from trialdeck.yamlfile.values import block_value, flow_value, styles

_Change = tuple[int, int, str]
"""Where a part of a text starts and ends, and what stands there instead."""


def edited_together(
    content: bytes, texts: Mapping[DataPath, str], entries: Mapping[str, Sequence[Any]], shown: str
) -> bytes:
    """Return the bytes of a file after other texts at some paths, and new entries at the end of some lists.

    Args:
        content: The file, one that `parse_document` reads.
        texts: The new texts, by the paths of texts that are there.
        entries: The new entries, by the properties of the lists; a list that is missing is added.
        shown: The path of the file in messages.

    Returns:
        The new bytes.

    Raises:
        TrialdeckError: A value cannot be changed in place, or the file would be too large.
    """
    body = without_mark(content)
    document, _ = parse_document(body.encode(), shown)
    assert document
    tree = tree_of(body, shown)
    there = {name: added for name, added in entries.items() if added and _has_entries(tree, name)}
    changed = _with_changes(tree, [*_replacements(tree, texts), *_additions(tree, there)])
    wanted = _wanted(document.data, texts, there)
    read, problems = parse_document(changed.encode(), shown)
    refuse_too_large(problems, shown)
    missing: list[Edit] = [Put((name,), list(added)) for name, added in entries.items() if added and name not in there]
    if read and is_same(read.data, wanted):
        return edited(with_mark_of(content, changed), missing, shown)
    return edited(content, [*_one_by_one(document.data, texts, there), *missing], shown)


def _has_entries(tree: Tree, name: str) -> bool:
    """Tell whether a list is there, and has entries to which others can be added."""
    return tree.known((name,)) == 1 and bool(tree.children(tree.node((name,))))


def _replacements(tree: Tree, texts: Mapping[DataPath, str]) -> list[_Change]:
    return [_replacement(tree, path, text) for path, text in texts.items()]


def _replacement(tree: Tree, path: DataPath, text: str) -> _Change:
    if tree.is_json:
        return json_replacement(tree, path, text)
    node = tree.node(path)
    style = next(styles(text, node))
    if tree.is_in_flow(path):
        return tree.start(node), tree.end(node), flow_value(text, style)
    return tree.head_end(path), tree.end(node), block_value(text, tree.indent(path), style)


def _additions(tree: Tree, entries: Mapping[str, Sequence[Any]]) -> list[_Change]:
    return [_addition(tree, tree.node((name,)), added) for name, added in entries.items()]


def _addition(tree: Tree, parent: Node, added: Sequence[Any]) -> _Change:
    """Return the change that adds entries to a list that has some."""
    children = tree.children(parent)
    if tree.is_json:
        new = [json_addition(tree, parent, len(children) - 1, as_json(entry)) for entry in added]
        return new[0][0], new[0][0], "".join(text for _, text in new)
    last = children[-1][1]
    if not is_block(parent):
        place = tree.end(last)
        return place, place, "".join(f", {flow_value(entry, '')}" for entry in added)
    place, column = tree.line_end(tree.end(last)), tree.column(tree.dash(last))
    gap = "\n\n" if tree.has_gap(parent) else "\n"
    return place, place, "".join(gap + "\n".join(entry_lines(entry, column)) for entry in added)


def _with_changes(tree: Tree, changes: Sequence[_Change]) -> str:
    parts, position = [], 0
    for start, end, new in sorted(changes):
        parts += [tree.text[position:start], new.replace("\n", tree.line_break)]
        position = end
    return "".join([*parts, tree.text[position:]])


def _wanted(data: Any, texts: Mapping[DataPath, str], entries: Mapping[str, Sequence[Any]]) -> Any:
    whole = deepcopy(data)
    for path, text in texts.items():
        place = whole
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = text
    for name, added in entries.items():
        whole[name] += added
    return whole


def _one_by_one(data: Any, texts: Mapping[DataPath, str], entries: Mapping[str, Sequence[Any]]) -> list[Edit]:
    edits: list[Edit] = [Put(path, text) for path, text in texts.items()]
    for name, added in entries.items():
        edits += [Put((name, len(data[name]) + position), entry) for position, entry in enumerate(added)]
    return edits
