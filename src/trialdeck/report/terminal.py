"""The one way to a terminal: no text of a file, and no name of one, can steer it.

A terminal takes control characters for orders: they recolour, overwrite or hide what was said, and set titles.
Characters that change the direction of writing make a line read otherwise than it is.
"""

import re
from typing import Any

import click

# What `click.style` makes.
_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")


def printable(text: str) -> str:
    """Return a text with control characters spelt out."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def tell(text: str = "", *, err: bool = False) -> None:
    """Print lines, printable whatever they hold."""
    click.echo(printable_lines(text), err=err)


def tell_styled(text: str, *, err: bool = False) -> None:
    """Print lines with styles; what comes from a file has been made `printable` before it was put into them."""
    parts = _STYLE.split(text)
    click.echo("".join(part if _STYLE.fullmatch(part) else printable_lines(part) for part in parts), err=err)


def printable_lines(text: str) -> str:
    """Return a text with control characters spelt out, but for the ends of its lines."""
    return "\n".join(map(printable, text.split("\n")))


def json_text(document: Any) -> str:
    """Return a JSON document in lines, with everything that is not printable as an escape of JSON."""
    import json  # noqa: PLC0415 - few calls ask for it

    lines = json.dumps(document, indent=2, ensure_ascii=False).split("\n")
    return "\n".join("".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line) for line in lines)
