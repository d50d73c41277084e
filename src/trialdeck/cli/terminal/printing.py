"""Print to the terminal: the only module that does. It escapes control characters, and it breaks long lines.

A terminal obeys control characters: they recolour, overwrite or hide text, and set titles. Characters that change the
direction of writing make a line read differently.

There are three kinds of output. Text for people (`echo`, `echo_styled`) is written in the encoding of the stream, and
on a terminal in lines that fit. JSON (`tell_json`) is the same document in every encoding. The text of a file
(`echo_data`: a record, a map, a schema, Markdown) is UTF-8, unless it goes to a terminal.
"""

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import click

from trialdeck.cli.terminal.streams import encoding_of, fitting, silence
from trialdeck.core.text import json_escape, json_text, printable, printable_lines

_DEEPER = 2
"""The further indent of a line that was broken, in columns: less than that of a hint below a message."""
_NARROWEST = 20
"""How many columns a line needs to be broken here; with fewer, the terminal breaks it."""


def wrapped_lines(text: str, columns: int) -> str:
    """Return lines of text, with or without styles, none of them longer than `columns` unless a word is."""
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
    """Return how many columns of a terminal a text takes, without its styles."""
    plain = click.unstyle(text)
    if plain.isascii():
        return len(plain)
    # Few texts need it, and rich is slow to import.
    from rich.cells import cell_len  # noqa: PLC0415

    return cell_len(plain)


_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
"""The codes that `click.style` puts around a text."""
_WIDTH = 80


class OutputError(Exception):
    """Standard output cannot be written; `is_gone` if the program that read it has ended, as `head` does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.reason = error.strerror or str(error)
        # Windows calls the end of the reader an invalid argument.
        self.is_gone = isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def echo(text: str = "", *, err: bool = False) -> None:
    """Print lines with every control character escaped; raises OutputError if standard output cannot be written."""
    _write(printable_lines(text), err=err, is_wrapped=True)


def echo_styled(text: str, *, err: bool = False) -> None:
    """Print lines with styles; the caller has made text from files `printable`, which could hold styles of its own."""
    parts = (part if _STYLE.fullmatch(part) else printable_lines(part) for part in _STYLE.split(text))
    _write("".join(parts), err=err, is_wrapped=True)


def tell_json(text: str) -> None:
    """Print JSON, with escapes for all characters beyond ASCII if the output is not in a Unicode encoding."""
    if sys.stdout and not encoding_of(sys.stdout).startswith("utf"):
        text = "".join(char if char.isascii() else json_escape(char) for char in text)
    _write(text)


def echo_data(text: str) -> None:
    """Print the text of a file as it is, in UTF-8; on a terminal, escape control characters, and break no line."""
    if sys.stdout and sys.stdout.isatty():
        _write(printable_lines(text.removesuffix("\n")))
        return
    with refusals_of(sys.stdout):
        click.echo(text.encode(), file=sys.stdout, nl=False)


def json_lines(name: str, entries: Iterable[Any], rest: Mapping[str, Any]) -> Iterator[str]:
    """Yield a JSON document entry by entry, in the layout of `json_text`: a long list, and then the keys of `rest`.

    As one text, a list of many thousands of entries would take a gigabyte.
    """
    following = f",\n{json_text(rest)[2:-2]}" if rest else ""
    former = ""
    for entry in entries:
        yield f"{former}," if former else f'{{\n  "{name}": ['
        former = "    " + json_text(entry).replace("\n", "\n    ")
    yield f"{former}\n  ]{following}\n}}" if former else f'{{\n  "{name}": []{following}\n}}'


def is_plain() -> bool:
    """Tell whether the user or the terminal wants no colours (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in {"dumb", "unknown"}


def width() -> int:
    """Return how many columns the terminal has; 80 if that is not known."""
    return shutil.get_terminal_size((_WIDTH, 24)).columns


def _columns(stream: TextIO) -> int:
    """Return how many columns the terminal of a stream has: standard output may be a file while errors are seen."""
    if "COLUMNS" not in os.environ:
        with suppress(OSError, ValueError):
            return os.get_terminal_size(stream.fileno()).columns or _WIDTH
    return width()


def _write(text: str, *, err: bool = False, is_wrapped: bool = False) -> None:
    stream = sys.stderr if err else sys.stdout
    if stream is None:  # a program without a console on Windows
        return
    with refusals_of(stream):
        # The stream is named: for one that it finds itself, click writes UTF-8 although the stream is ASCII.
        fit = fitting(text, stream)
        click.echo(wrapped_lines(fit, _columns(stream)) if is_wrapped and stream.isatty() else fit, file=stream)


def shown_as(text: str) -> str:
    """Return a text without line breaks as standard output shows it: what it cannot show is replaced or spelt out."""
    return fitting(printable(text), sys.stdout) if sys.stdout else printable(text)


def shown_width(text: str) -> int:
    """Return how many columns a text takes on standard output."""
    return _columns_of(fitting(text, sys.stdout) if sys.stdout else text)


@contextmanager
def refusals_of(stream: TextIO) -> Iterator[None]:
    """Turn errors of writing into OutputError; those of standard error are dropped, for nobody could read them."""
    try:
        yield
    except OSError as error:
        silence(stream)
        if stream is not sys.stderr:
            raise OutputError(error) from error
