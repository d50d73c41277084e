"""Long lines for people: broken at spaces where the terminal ends, and indented below their beginning."""

from collections.abc import Iterator

import click

_DEEPER = 2
"""By how many columns a line that goes on is indented further: less than a hint below a message is."""
_NARROWEST = 20
"""How many columns a line needs to be broken; in fewer, the terminal may break it as it likes."""


def wrapped_lines(text: str, columns: int) -> str:
    """Return lines of text, with styles or without, none of them longer than `columns` unless a word is."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line, columns))


def _parts(line: str, columns: int) -> Iterator[str]:
    words = line.lstrip(" ")
    indent = len(line) - len(words)
    room = columns - indent - _DEEPER
    if _columns_of(line) <= columns or room < _NARROWEST:
        yield line
        return
    start, part = " " * indent, ""
    for word in words.split(" "):
        longer = f"{part} {word}" if part else word
        if part and _columns_of(start + longer) > columns:
            yield start + part.rstrip(" ")
            start, longer = " " * (indent + _DEEPER), word
        part = longer
    yield start + part


def _columns_of(text: str) -> int:
    plain = click.unstyle(text)
    if plain.isascii():
        return len(plain)
    from rich.cells import cell_len  # noqa: PLC0415 - few lines need it

    return cell_len(plain)
