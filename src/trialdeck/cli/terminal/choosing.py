"""Choose from a list in a plain terminal: by numbers and ranges, by `all` or `none`, or by a part of a name."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import click

from trialdeck.cli.terminal.printing import echo, width
from trialdeck.core.text import printable

_RANGE = re.compile(r"([0-9]{1,6})(?:[-–]([0-9]{1,6}))?")
_BETWEEN = re.compile(r"[,\s]+")
_ALL, _NONE = "all", "none"
_WIDEST = 100
T = TypeVar("T")


def choose_many(question: str, lines: Sequence[str], default: Collection[int], most: int) -> frozenset[int]:
    """Ask which entries of a list to take.

    Args:
        question: The question.
        lines: The entries; at most `most` are shown, the others are found by a part of their names.
        default: The numbers that an empty answer takes.
        most: How many entries are shown.

    Returns:
        The numbers of the entries, from 1.

    """
    return _asked(f"{question} (such as 1-3,5)", lines, ranges_of(default), most, numbers_in)


def choose_one(question: str, lines: Sequence[str], most: int) -> int:
    """Ask for one entry of a list, or none, which is the default; returns its number from 1, or 0.

    Args:
        question: The question.
        lines: The entries.
        most: How many entries are shown.

    """

    def one_in(answer: str, count: int) -> int | None:
        numbers = numbers_in(answer, count)
        return max(numbers, default=0) if numbers is not None and len(numbers) <= 1 else None

    return _asked(f"{question} (one number)", lines, _NONE, most, one_in)


def _asked(
    question: str, lines: Sequence[str], default: str, most: int, understood: Callable[[str, int], T | None]
) -> T:
    _show(lines, range(1, min(most, len(lines)) + 1))
    if len(lines) > most:
        echo(f"     … and {len(lines) - most} more: write a part of a name to find them")
    while True:
        answer: str = click.prompt(question, default=default).strip()
        choice = understood(answer, len(lines))
        if choice is not None:
            return choice
        named = [number for number, line in enumerate(lines, start=1) if answer.casefold() in line.casefold()]
        if named and not _RANGE.match(answer):
            _show(lines, named)
        else:
            echo(f"'{printable(answer)}' is not understood: write numbers from 1 to {len(lines)}, or {_NONE}")


def numbers_in(answer: str, count: int) -> frozenset[int] | None:
    """Return the numbers of an answer such as `1-3,5`, `all` or `none`; None if it is not understood."""
    if answer.lower() in (_ALL, _NONE):
        return frozenset(range(1, count + 1)) if answer.lower() == _ALL else frozenset()
    chosen: set[int] = set()
    for part in _BETWEEN.split(answer.strip(", ")):
        match = _RANGE.fullmatch(part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last <= count:
            return None
        chosen.update(range(first, last + 1))
    return frozenset(chosen)


def ranges_of(numbers: Collection[int]) -> str:
    """Return numbers as somebody would write them: `1-3,5`; `none` if there are none."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in parts) or _NONE


def _show(lines: Sequence[str], numbers: Collection[int]) -> None:
    for number in numbers:
        shown = click.wrap_text(printable(lines[number - 1]), min(width(), _WIDEST) - 6, "", "")
        first, *rest = shown.splitlines() or [""]
        echo("\n".join([f"{number:>4}  {first}", *(f"      {line}" for line in rest)]))
