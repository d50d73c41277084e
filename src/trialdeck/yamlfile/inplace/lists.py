"""Insert, take out and move the entries of a list, each with the comments that belong to it.

Comments above an entry are its own, and so are those behind it that are indented further than its dash. The empty
lines between two entries belong to neither: they stay where they are when entries change places.
"""

from itertools import pairwise
from typing import Any

from trialdeck.yamlfile.document import DataPath
from trialdeck.yamlfile.jsonfile.edit import json_insertion
from trialdeck.yamlfile.nodes import Node, Tree, is_block
from trialdeck.yamlfile.values import block_entry, flow_value

Span = tuple[int, int]
"""Where a part of a text starts and ends."""


def inserted(tree: Tree, path: DataPath, value: Any, style: str) -> str:
    """Return the text of a file with a new entry in a list that has some, at the index that the path ends with."""
    parent, index = tree.node(path[:-1]), int(path[-1])
    children = tree.children(parent)
    if tree.is_json:
        place, new = json_insertion(tree, parent, index, value)
        return tree.with_text(place, place, new)
    if not is_block(parent):
        new = flow_value(value, style)
        place = tree.end(children[index - 1][1]) if index else tree.start(children[0][1])
        return tree.with_text(place, place, f", {new}" if index else f"{new}, ")
    body = block_entry(value, tree.column(tree.dash(children[0][1])), style)
    return _with_lines(tree, parent, index, body, _gap(tree, parent))


def put_back(tree: Tree, path: DataPath, written: str) -> str:
    """Return the text of a file with the lines of an entry that was taken out of it."""
    parent, index = tree.node(path[:-1]), int(path[-1])
    if is_block(parent):
        body = written.strip("\n")
        before, _, behind = written.partition(body)
        return _with_lines(tree, parent, index, body, f"{before}{behind}" or "\n")
    children = tree.children(parent)
    place = tree.end(children[index - 1][1]) if index else tree.start(children[0][1])
    return tree.with_text(place, place, written)


def _with_lines(tree: Tree, parent: Node, index: int, body: str, gap: str) -> str:
    spans = entry_spans(tree, parent)
    if index < len(spans):
        return tree.with_text(spans[index][0], spans[index][0], f"{body}{gap}")
    return tree.with_text(spans[-1][1], spans[-1][1], f"{gap}{body}")


def _gap(tree: Tree, parent: Node) -> str:
    return "\n\n" if tree.has_gap(parent) else "\n"


def taken_span(tree: Tree, path: DataPath) -> Span:
    """Return what goes with an entry that is taken out of a list which has others."""
    parent, index = tree.node(path[:-1]), int(path[-1])
    children = tree.children(parent)
    if is_block(parent):
        spans = entry_spans(tree, parent)
        start, end = spans[index]
        return (start, spans[index + 1][0]) if index + 1 < len(spans) else (spans[index - 1][1], end)
    if index:
        return tree.end(children[index - 1][1]), tree.end(children[index][1])
    return tree.start(children[0][1]), tree.start(children[1][1])


def moved(tree: Tree, path: DataPath, to: int) -> str:
    """Return the text of a file in which an entry of a list stands at another index."""
    parent, index = tree.node(path[:-1]), int(path[-1])
    spans = entry_spans(tree, parent) if is_block(parent) else _flow_spans(tree, parent)
    order = list(range(len(spans)))
    order.insert(to, order.pop(index))
    text = tree.text
    gaps = ["", *(text[end:start] for (_, end), (start, _) in pairwise(spans))]
    bodies = [text[start:end] for start, end in spans]
    joined = "".join(gap + bodies[number] for gap, number in zip(gaps, order, strict=True))
    return text[: spans[0][0]] + joined + text[spans[-1][1] :]


def _flow_spans(tree: Tree, parent: Node) -> list[Span]:
    return [(tree.start(entry), tree.end(entry)) for _, entry in tree.children(parent)]


def entry_spans(tree: Tree, parent: Node) -> list[Span]:
    """Return where the entries of a list that is written line by line stand, each from its first comment on.

    A span starts with a line, and ends before the break of its last one.
    """
    children = tree.children(parent)
    before = _above_first(tree, tree.line_start(tree.dash(children[0][1])))
    spans = []
    for _, entry in children:
        end = _end_with_comments(tree, entry)
        spans.append((_first_written(tree, before, end), end))
        before = tree.next_line(end)
    return spans


def _above_first(tree: Tree, start: int) -> int:
    """Return where the comments above the first entry start: directly below the line of its key."""
    place = start
    while place:
        line = tree.line_start(place - 1)
        written = tree.text[line:place].strip()
        if written and not written.startswith("#"):
            break
        place = line
    return place


def _first_written(tree: Tree, place: int, end: int) -> int:
    while place < end and not tree.text[place : tree.next_line(place)].strip():
        place = tree.next_line(place)
    return place


def _end_with_comments(tree: Tree, entry: Node) -> int:
    """Return the end of the last line of an entry, be it a comment that is indented further than its dash."""
    end, column = tree.line_end(tree.end(entry)), tree.column(tree.dash(entry))
    place = tree.next_line(end)
    while end < place < len(tree.text):
        line = tree.text[place : tree.line_end(place)]
        written = line.lstrip()
        if written and (not written.startswith("#") or len(line) - len(written) <= column):
            break
        if written:
            end = tree.line_end(place)
        place = tree.next_line(place)
    return end
