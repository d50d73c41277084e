"""A `Problem`: one fault in what an author wrote, with its location, code and hint."""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from trialdeck.core.codes import CODES

MOST_FAULTS = 100
"""How many faults one check of a file reports at most."""


class Severity(StrEnum):
    """Whether a problem stops a build."""

    ERROR = "error"
    WARNING = "warning"


class FileLocation(msgspec.Struct, frozen=True, order=True, tag=True, gc=False):
    """A position in a text file: line and column from 1, in characters; 0 if not known."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return `path:line:column`, as far as it is known."""
        return ":".join([self.path, *(str(number) for number in (self.line, self.column) if number)])


class CellLocation(msgspec.Struct, frozen=True, order=True, tag=True, gc=False):
    """A cell of a spreadsheet: line and column are its own, from 1; `sheet` is empty for a CSV file."""

    path: str
    sheet: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return `path: sheet!D12`."""
        return f"{self.path}: {f'{self.sheet}!' if self.sheet else ''}{letters(self.column)}{self.line}"


Location = FileLocation | CellLocation
"""Where something that an author wrote stands."""


def letters(column: int) -> str:
    """Return what a spreadsheet program calls a column, counted from 1: A to Z, then AA."""
    name = ""
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


class Problem(msgspec.Struct, frozen=True, order=True):
    """One fault, where it is and what to do about it; sorts by location.

    `code` is a key of `trialdeck.core.codes.CODES`.
    """

    location: Location
    code: str
    message: str
    hint: str = ""

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.location.path

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.location.line

    @property
    def column(self) -> int:
        """The column, from 1; in a text file, in characters."""
        return self.location.column

    def in_file(self, path: str) -> "Problem":
        """Return the same problem of a file at another path."""
        return replace(self, location=replace(self.location, path=path))

    @property
    def severity(self) -> Severity:
        """Warnings are the codes from TD400 on."""
        return Severity.WARNING if CODES[self.code].warning else Severity.ERROR

    @property
    def located_message(self) -> str:
        """The place, the severity, the code and the message, as one line."""
        return f"{self.location}: {self.severity} [{self.code}] {self.message}"


def shortened(value: object, longest: int = 60) -> str:
    """Return a value as text, cut to a length that fits into a message."""
    text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def nearest(word: str, words: Collection[str]) -> str:
    """Return the word most like another, which an author may have meant; empty if none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a fault only

    return next(iter(get_close_matches(word, words, n=1)), "")


def initials(words: str) -> str:
    """Return the first letters of words, in small letters: of `hazard ratio`, `hr`."""
    return "".join(word[0] for word in words.lower().split())


def first_faults(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the first MOST_FAULTS faults of a file; if there are more, one more problem says so."""
    for count, problem in enumerate(problems):
        if count == MOST_FAULTS:
            message = f"after {MOST_FAULTS} faults the rest is not looked at"
            yield replace(problem, code="TD125", message=message, hint="correct these first")
            return
        yield problem
