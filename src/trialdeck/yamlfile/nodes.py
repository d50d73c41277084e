"""Where the nodes of a YAML or JSON text begin and end, for editing in place."""

from functools import cached_property

import msgspec
import yaml

from trialdeck.yamlfile.document import DataPath, is_json, parsed_nodes

Node = yaml.Node
Child = tuple[str | int, Node]


def tree_of(text: str, shown: str) -> "Tree":
    """Return the nodes of a text of one document that can be read; `shown` is the name of its file."""
    return Tree(text, parsed_nodes(text, shown), is_json(shown))


def is_collection(node: Node) -> bool:
    """Whether a node is a list or a mapping."""
    return isinstance(node, yaml.CollectionNode)


def is_block(node: Node) -> bool:
    """Whether a list or mapping is written line by line, not in brackets or braces."""
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def neighbour(names: list[str | int], new: str, order: tuple[str, ...]) -> int:
    """Return the index of the property behind which a new one belongs; -1 if it belongs before all of them."""
    if new not in order:
        return len(names) - 1
    earlier = order[: order.index(new)]
    is_first = any(name in names for name in order)
    return max((names.index(name) for name in earlier if name in names), default=-1 if is_first else len(names) - 1)


class Tree(msgspec.Struct, frozen=True, dict=True):
    """A text and its nodes; places are indexes into the text."""

    text: str
    root: Node
    is_json: bool = False

    @cached_property
    def line_break(self) -> str:
        """How the lines of the text end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def with_text(self, start: int, end: int, new: str) -> str:
        """Return the text with a part replaced; the new lines end as the others do."""
        return self.text[:start] + new.replace("\n", self.line_break) + self.text[end:]

    def children(self, node: Node) -> list[Child]:
        """Return the values of a mapping by key, or the entries of a list by index."""
        if isinstance(node, yaml.MappingNode):
            return [(key.value, value) for key, value in node.value]
        return list(enumerate(node.value)) if isinstance(node, yaml.SequenceNode) else []

    def known(self, path: DataPath) -> int:
        """Return how many parts of a path are there."""
        node = self.root
        for depth, part in enumerate(path):
            child = dict(self.children(node)).get(part)
            if child is None:
                return depth
            node = child
        return len(path)

    def node(self, path: DataPath) -> Node:
        """Return the node at a path."""
        node = self.root
        for part in path:
            node = dict(self.children(node))[part]
        return node

    def is_in_flow(self, path: DataPath) -> bool:
        """Tell whether the value at a path is within brackets or braces."""
        return any(not is_block(self.node(path[:depth])) for depth in range(len(path)))

    def start(self, node: Node) -> int:
        """Return where a node starts."""
        return int(node.start_mark.index)

    def end(self, node: Node) -> int:
        """Return where the last thing of a node ends; line breaks behind it are none of it."""
        while is_block(node):
            node = self.children(node)[-1][1]
        start = self.start(node)
        end = start + len(self.text[start : node.end_mark.index].rstrip())
        # The blanks at the end of a text in lines of its own are part of it.
        return self.line_end(end) if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"} else end

    def line_end(self, place: int) -> int:
        """Return the end of the line of a position, before its break: a comment may be in between."""
        index = self.text.find("\n", place)
        end = len(self.text) if index < 0 else index
        return end - 1 if end > place and self.text[end - 1] == "\r" else end

    def next_line(self, place: int) -> int:
        """Return where the line behind that of a place starts."""
        index = self.text.find("\n", place)
        return len(self.text) if index < 0 else index + 1

    def line_start(self, place: int) -> int:
        """Return where the line of a place starts."""
        return self.text.rfind("\n", 0, place) + 1

    def key(self, path: DataPath) -> Node:
        """Return the node of the key of a property."""
        mapping = self.node(path[:-1])
        assert isinstance(mapping, yaml.MappingNode)
        keys: list[Node] = [key for key, _ in mapping.value]
        return next(key for key in keys if key.value == path[-1])

    def head(self, parent: Node, index: int) -> int:
        """Return where a child starts with all that is its own: its key, or its dash."""
        if isinstance(parent, yaml.MappingNode):
            return self.start(parent.value[index][0])
        _, entry = self.children(parent)[index]
        return self.dash(entry) if is_block(parent) else self.start(entry)

    def head_end(self, path: DataPath) -> int:
        """Return the place right behind the colon or dash that a value follows."""
        if isinstance(path[-1], int):
            return self.dash(self.node(path)) + 1
        return self.text.index(":", self.end(self.key(path))) + 1

    def dash(self, entry: Node) -> int:
        """Return the position of the dash of an entry of a list."""
        return self.text.rindex("-", 0, self.start(entry)) if self.start(entry) else 0

    def column(self, place: int) -> int:
        """Return how many characters are before a position in its line."""
        return place - self.line_start(place)

    def indent(self, path: DataPath) -> int:
        """Return the column of the key or dash at a path, beyond which the lines of its value are indented."""
        if isinstance(path[-1], int):
            return self.column(self.dash(self.node(path)))
        return self.column(self.start(self.key(path)))

    def has_gap(self, parent: Node) -> bool:
        """Tell whether there is an empty line between the last two entries."""
        entries = self.children(parent)[-2:]
        if len(entries) < 2:
            return False
        between = self.text[self.end(entries[0][1]) : self.start(entries[1][1])]
        return any(not line.strip() for line in between.splitlines()[1:-1])
