"""Merge two texts that have both grown out of a third, line by line."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Change = tuple[int, int, Sequence[str]]
"""The first line that changes and the first behind it that does not, and the lines that stand there instead."""


def merged(base: str, ours: str, theirs: str) -> str | None:
    """Return a text with the changes of both sides; None if both have changed the same lines, or lines side by side.

    Args:
        base: The text that both have begun with.
        ours: The text of one side.
        theirs: The text of the other side.

    Returns:
        The merged text.

    """
    if ours in {base, theirs}:
        return theirs
    lines = base.splitlines(keepends=True)
    changes = sorted({*_changes(lines, ours), *_changes(lines, theirs)})
    position, parts = 0, list[str]()
    for number, (start, end, new) in enumerate(changes):
        if number and start <= position:
            return None
        parts += [*lines[position:start], *new]
        position = end
    return "".join([*parts, *lines[position:]])


def _changes(base: list[str], text: str) -> Iterator[Change]:
    lines = text.splitlines(keepends=True)
    for kind, start, end, new_start, new_end in SequenceMatcher(None, base, lines, autojunk=False).get_opcodes():
        if kind != "equal":
            yield start, end, tuple(lines[new_start:new_end])
