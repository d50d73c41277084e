"""A `Problem`: one fault in what an author wrote, with its place, code and hint."""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from trialdeck.core.codes import CODES

MOST_FAULTS = 100
"""After how many faults of one kind of look nothing more is looked for in a file."""


class Severity(StrEnum):
    """Whether a problem stops a build."""

    ERROR = "error"
    WARNING = "warning"


class Problem(msgspec.Struct, frozen=True, order=True):
    """One fault, where it is and what to do about it; sorts by place.

    `line` and `column` count from 1, in characters. `code` is a key of `trialdeck.core.codes.CODES`.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    @property
    def severity(self) -> Severity:
        """Warnings are the codes from TD400 on."""
        return Severity.WARNING if CODES[self.code].warning else Severity.ERROR

    @property
    def located_message(self) -> str:
        """The place, the code and the message, as one line."""
        return f"{self.path}:{self.line}:{self.column}: {self.code} {self.message}"


class Spot(msgspec.Struct, frozen=True):
    """A place in a file: line and column, from 1, in characters."""

    line: int
    column: int


def shortened(value: object, longest: int = 60) -> str:
    """Return what an author wrote, cut to a length that fits into a message."""
    text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def nearest(word: str, words: Collection[str]) -> str:
    """Return the word that somebody may have meant: the one most like theirs, or nothing where none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a fault only

    return next(iter(get_close_matches(word, words, n=1)), "")


def first_faults(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield as many faults of a file as anybody corrects in one go; where there are more, one more says so."""
    for count, problem in enumerate(problems):
        if count == MOST_FAULTS:
            message = f"after {MOST_FAULTS} faults the rest is not looked at"
            yield replace(problem, code="TD125", message=message, hint="correct these first")
            return
        yield problem
