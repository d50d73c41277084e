"""The edit that takes another one back: values, comments, order and style are as they were before."""

from trialdeck.yamlfile.document import DataPath
from trialdeck.yamlfile.edit import Drop, Edit, Insert, Move, ParsedText, Put, Take, has_children, value_at
from trialdeck.yamlfile.inplace.lists import Span, taken_span
from trialdeck.yamlfile.inplace.properties import dropped_path, dropped_span, value_span
from trialdeck.yamlfile.nodes import is_block


def inverse_of(parsed: ParsedText, edit: Edit) -> Edit:
    """Return the edit that takes back `edit`, which can be made in the text, but has not been made yet.

    It has the piece of text that `edit` takes away, and so its comments and its style.
    """
    return _Inverse(parsed).of(edit)


class _Inverse:
    """A text and its data, as they are before an edit."""

    def __init__(self, parsed: ParsedText) -> None:
        self._tree = parsed.tree
        self._data = parsed.data

    def of(self, edit: Edit) -> Edit:
        """Return the inverse of an edit."""
        match edit:
            case Move(path, to):
                return Move((*path[:-1], to), int(path[-1]))
            case Drop(path):
                return self._of_drop(path)
            case Take(path):
                return self._of_take(path)
            case Insert(path) if has_children(self._tree, path[:-1]):
                return Take(path)
            case Insert(path):
                return self._of_put(path[:-1])
            case Put(path):
                return self._of_put(path)

    def _of_put(self, path: DataPath) -> Edit:
        depth = self._tree.known(path)
        if depth == len(path):
            return self._value_as_it_is(path)
        if not has_children(self._tree, path[:depth]):
            # What stood there without a value, or as an empty list, has become a list or a mapping.
            return self._value_as_it_is(path[:depth])
        added = path[: depth + 1]
        return Take(added) if isinstance(added[-1], int) else Drop(added)

    def _value_as_it_is(self, path: DataPath) -> Put:
        return Put(path, value_at(self._data, path), (), self._slice(value_span(self._tree, path)))

    def _of_take(self, path: DataPath) -> Edit:
        if len(self._tree.children(self._tree.node(path[:-1]))) == 1:
            return self._of_drop(path)
        return Insert(path, value_at(self._data, path), (), self._slice(taken_span(self._tree, path)))

    def _of_drop(self, path: DataPath) -> Edit:
        path = dropped_path(self._tree, path)
        value, written = value_at(self._data, path), self._slice(dropped_span(self._tree, path))
        if isinstance(path[-1], int):
            return Insert(path, value, (), written)
        parent = self._tree.node(path[:-1])
        order = tuple(str(name) for name, _ in self._tree.children(parent))
        return Put(path, value, order, written, self._lines_before(path))

    def _lines_before(self, path: DataPath) -> int:
        """Return how many lines of comments and empty ones stand between a property and the one before it."""
        tree, parent = self._tree, self._tree.node(path[:-1])
        children = tree.children(parent)
        index = [name for name, _ in children].index(path[-1])
        if not index or not is_block(parent):
            return 0
        return tree.text.count("\n", tree.next_line(tree.end(children[index - 1][1])), tree.head(parent, index))

    def _slice(self, span: Span) -> str:
        start, end = span
        return self._tree.text[start:end].replace(self._tree.line_break, "\n")
