"""What an author has seen and wants to keep: comments `# trialdeck: ignore[TD603]`, each for the warnings of a line.

A comment at the end of a line is for that line; one that stands alone, or behind a key whose value begins below, is for
the next line that is written. A reason may follow: `# trialdeck: ignore[TD603]: quoted from the protocol`.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec
import yaml

from trialdeck.records.codes import CODES
from trialdeck.records.problem import Problem, Severity

_MARK = "trialdeck:"
_COMMENT = re.compile(r"(?:(?<=\s)|^)#\s*trialdeck:\s*ignore\[([^\]\n]*)\]", re.MULTILINE)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Ignore(msgspec.Struct, frozen=True, array_like=True):
    """One comment: its place, from 1, the codes or beginnings of codes that it names, and the line that it is for."""

    line: int
    column: int
    codes: tuple[str, ...]
    target: int

    def covers(self, problem: Problem) -> bool:
        """Tell whether it is about a problem; an error is never ignored."""
        return (
            problem.severity is Severity.WARNING
            and problem.line in {self.line, self.target}
            and problem.code.startswith(self.codes)
        )


def ignores_of(text: str) -> tuple[Ignore, ...]:
    """Return the comments of a record that can be read; what stands in a text is none."""
    if _MARK not in text:
        return ()
    lines = text.split("\n")
    return tuple(_ignores(text, lines))


def _ignores(text: str, lines: list[str]) -> Iterator[Ignore]:
    inside = list(_texts(text))
    for found in _COMMENT.finditer(text):
        if any(start <= found.start() < end for start, end in inside):
            continue
        line = text.count("\n", 0, found.start()) + 1
        before = lines[line - 1][: found.start() - (text.rfind("\n", 0, found.start()) + 1)]
        codes = tuple(code.strip() for code in found[1].split(",") if code.strip())
        is_below = not before.strip() or before.rstrip().endswith(":")
        yield Ignore(line, len(before) + 1, codes, _next_written(lines, line) if is_below else line)


def _next_written(lines: list[str], line: int) -> int:
    """Return the number of the next line behind one that holds more than a comment."""
    following = enumerate(lines[line:], start=line + 1)
    return next((number for number, each in following if each.strip() and not each.lstrip().startswith("#")), line)


def _texts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the texts of a file are, from start to end; the head of a block of lines is none."""
    for token in yaml.scan(text, _Loader):
        if isinstance(token, yaml.ScalarToken):
            start = token.start_mark.index
            if token.style in {"|", ">"}:
                start = text.find("\n", start) + 1
            yield start, token.end_mark.index


def without_ignored(problems: Iterable[Problem], ignores: Iterable[Ignore], path: str) -> tuple[Problem, ...]:
    """Return the problems of one file that no comment is for, and one for every comment that is for none."""
    problems, ignores = list(problems), list(ignores)
    kept = [problem for problem in problems if not any(each.covers(problem) for each in ignores)]
    kept += [fault for each in ignores for fault in _faults(each, problems, path)]
    return tuple(sorted(kept))


def _faults(ignore: Ignore, problems: list[Problem], path: str) -> Iterator[Problem]:
    place = (path, ignore.line, ignore.column, "TD506")
    for code in ignore.codes:
        if not any(known.startswith(code) for known in CODES):
            yield Problem(*place, f"there is no code '{code}'", "`docs/problems.md` lists them")
        elif not any(Ignore(ignore.line, 1, (code,), ignore.target).covers(problem) for problem in problems):
            yield Problem(*place, f"no warning {code} is here to be ignored", "remove it")
    if not ignore.codes:
        yield Problem(*place, "it names no code", "write `ignore[TD603]`")
