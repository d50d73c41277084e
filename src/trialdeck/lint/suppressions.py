"""Suppress a warning with a comment in the record: `# trialdeck: ignore[TD603]`.

A comment at the end of a line is for that line; one that stands alone, or behind a key whose value begins below, is for
the next line that is written. A reason may follow: `# trialdeck: ignore[TD603]: quoted from the protocol`.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

import msgspec
import yaml

from trialdeck.core.codes import CODES
from trialdeck.core.problem import FileLocation, Problem, Severity
from trialdeck.yamlfile.builder import STAND_INS

_MARK = "trialdeck:"
_COMMENT = re.compile(r"(?:(?<=\s)|^)#\s*trialdeck:\s*ignore\[([^\]\n]*+)(\])?", re.MULTILINE)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Ignore(msgspec.Struct, frozen=True, array_like=True):
    """One comment: its place, from 1, the codes or beginnings of codes that it names, and the line that it is for."""

    line: int
    column: int
    codes: tuple[str, ...]
    target: int


def ignores_of(text: str) -> tuple[Ignore, ...]:
    """Return the comments in the YAML of a record; one within a text does not count."""
    if _MARK not in text:
        return ()
    lines = text.split("\n")
    return tuple(_ignores(text, lines))


def _ignores(text: str, lines: list[str]) -> Iterator[Ignore]:
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    inside = list(_texts(text))
    ends = [end for _, end in inside]
    following = _next_written(lines)
    for match in _COMMENT.finditer(text):
        position = bisect_right(ends, match.start())
        if not match[2] or (position < len(inside) and inside[position][0] <= match.start()):
            continue
        line = bisect_right(starts, match.start())
        before = text[starts[line - 1] : match.start()]
        codes = tuple(code.strip() for code in match[1].split(",") if code.strip())
        is_below = not before.strip() or before.rstrip().endswith(":")
        yield Ignore(line, len(before) + 1, codes, following[line] if is_below else line)


def _next_written(lines: list[str]) -> list[int]:
    """Return for each line the number of the next one that holds more than a comment; its own if none does."""
    following = [0] * (len(lines) + 1)
    last = 0
    for number in range(len(lines), -1, -1):
        following[number] = last or number
        if number and lines[number - 1].strip() and not lines[number - 1].lstrip().startswith("#"):
            last = number
    return following


def _texts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the texts of a file are, from start to end; the head of a block of lines is none."""
    for token in yaml.scan(text.translate(STAND_INS), _Loader):
        if isinstance(token, yaml.ScalarToken):
            start = token.start_mark.index
            if token.style in {"|", ">"}:
                start = text.find("\n", start) + 1
            yield start, token.end_mark.index


def without_ignored(problems: Iterable[Problem], ignores: Iterable[Ignore], path: str) -> tuple[Problem, ...]:
    """Return the problems of one file that no comment suppresses, and one for every comment without effect."""
    problems, ignores = list(problems), list(ignores)
    warned: dict[int, set[str]] = defaultdict(set)
    for problem in problems:
        if problem.severity is Severity.WARNING:
            warned[problem.line].add(problem.code)
    ignored = {(line, code) for ignore in ignores for line, code in _covered(ignore, ignore.codes, warned)}
    kept = [problem for problem in problems if (problem.line, problem.code) not in ignored]
    kept += [fault for ignore in ignores for fault in _faults(ignore, warned, path)]
    return tuple(sorted(kept))


def _covered(ignore: Ignore, codes: tuple[str, ...], warned: Mapping[int, set[str]]) -> Iterator[tuple[int, str]]:
    """Yield the lines and codes of the warnings that a comment is for; an error is never ignored."""
    for line in {ignore.line, ignore.target}:
        yield from ((line, code) for code in warned.get(line, ()) if code.startswith(codes))


def _faults(ignore: Ignore, warned: Mapping[int, set[str]], path: str) -> Iterator[Problem]:
    location = FileLocation(path, ignore.line, ignore.column)
    for code in ignore.codes:
        if not any(known.startswith(code) for known in CODES):
            yield Problem(location, "TD506", f"there is no code '{code}'", "`docs/problems.md` lists them")
        elif not any(_covered(ignore, (code,), warned)):
            yield Problem(location, "TD506", f"no warning {code} is here to be ignored", "remove it")
    if not ignore.codes:
        yield Problem(location, "TD506", "it names no code", "write `ignore[TD603]`")
