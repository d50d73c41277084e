"""Problems as text, JSON or annotations for GitHub, and what an edition changes for learners."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from trialdeck.cli.output.excerpts import excerpt_lines, lines_in
from trialdeck.cli.terminal.printing import json_lines
from trialdeck.core.problem import FileLocation, Problem, Severity
from trialdeck.core.text import counted, printable
from trialdeck.editions.risks import ReleaseChange, Risk

if TYPE_CHECKING:
    from trialdeck.drafts.lines import Notice
    from trialdeck.drafts.materials import Drafted
    from trialdeck.drafts.model_output.values import Findings
    from trialdeck.project.check import Checked

_FIELDS = ("path", "line", "column", "code", "message", "hint")
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_RISK_COLOURS = {Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red"}


def problems_text(checked: "Checked") -> Iterator[str]:
    """Yield problems as lines of text (see `problem_lines`), and a closing line."""
    yield from problem_lines(checked.problems)
    yield summary(checked)


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield the lines of problems: `path:line:column: error [CODE] message`, the line that is meant, and the hint."""
    lines_of = lru_cache(2)(lines_in)
    for problem in problems:
        colour = _COLOURS[problem.severity]
        head = click.style(f"{problem.severity} [{problem.code}]", fg=colour, bold=True)
        yield f"{printable(str(problem.location))}: {head} {printable(problem.message)}"
        if isinstance(problem.location, FileLocation):
            yield from excerpt_lines(problem.location, lines_of(problem.path), colour)
        if problem.hint:
            yield f"    {printable(problem.hint)}"


def problems_json(checked: "Checked") -> Iterator[str]:
    """Yield problems as lines of JSON, with counts."""
    problems = (
        {name: getattr(problem, name) for name in _FIELDS} | {"severity": str(problem.severity)}
        for problem in checked.problems
    )
    counts = {
        "records": len(checked.asked),
        "deck_definitions": checked.asked_definitions,
        "errors": len(checked.errors),
        "warnings": len(checked.warnings),
    }
    yield from json_lines("problems", problems, {"summary": counts})


def problems_github(checked: "Checked") -> Iterator[str]:
    """Yield problems as workflow commands, which GitHub shows beside the lines that they concern."""
    for problem in checked.problems:
        position = f"file={_property(problem.path)},line={problem.line},col={problem.column}"
        text = f"{problem.message}: {problem.hint}" if problem.hint else problem.message
        yield f"::{problem.severity} {position},title={problem.code}::{_data(text)}"


def summary(checked: "Checked") -> str:
    """Return the closing line of a check."""
    counts = [(len(checked.asked), "record"), (checked.asked_definitions, "deck definition")]
    files = [counted(number, noun) for number, noun in counts if number] or ["project settings"]
    return ", ".join([*files, counted(len(checked.errors), "error"), counted(len(checked.warnings), "warning")])


def notices_text(notices: Iterable["Notice"], page: str, others: Collection[str] = ()) -> Iterator[str]:
    """Yield a line for each part of a page that is not in the record, or that a human must look at.

    Notices of one group that follow each other share a line. `others` are further files that places may begin with.
    """
    for (group, message), together in groupby(notices, key=lambda notice: (notice.group, notice.message)):
        alike = list(together)
        if group and alike[1:]:
            yield f"{page}:{printable(group)}: {printable(message)}: {_fields(alike)}"
        else:
            yield from (_notice_line(notice, page, others) for notice in alike)


def _notice_line(notice: "Notice", page: str, others: Collection[str]) -> str:
    for other in others:
        if notice.place.startswith(f"{other}, "):
            page, notice = other, replace(notice, place=notice.place.removeprefix(f"{other}, ").removeprefix("line "))
    text = f": {printable(notice.text)}" if notice.text else ""
    place = printable(notice.place) if notice.place and not notice.line else notice.line
    return f"{page}:{place}: {printable(notice.message)}{text}"


def _fields(notices: Sequence["Notice"]) -> str:
    names = [printable(notice.place.removeprefix(f"{notice.group}.")) for notice in notices]
    if all(notice.place.startswith(f"{notice.group}.") for notice in notices):
        return f"{len(notices)} fields ({', '.join(names)})"
    if any(", " in name for name in names) or any(notice.text for notice in notices):
        said = (f": {printable(notice.text)}" if notice.text else "" for notice in notices)
        return f"{len(notices)} ({'; '.join(f'{name}{text}' for name, text in zip(names, said, strict=True))})"
    return f"{len(notices)} ({', '.join(names)})"


def findings_text(findings: "Findings", checked: Sequence["Notice"], name: str) -> Iterator[str]:
    """Yield the lines about a model's output that was added to a record, as `drafted_text` does for a draft."""
    said = (("inferred: ", findings.inferred), ("repaired: ", findings.repaired), ("", findings.not_taken))
    for word, notices in (*said, ("", checked)):
        sorted_notices = sorted(notices, key=lambda notice: notice.group)
        yield from notices_text([replace(part, message=f"{word}{part.message}") for part in sorted_notices], name)


def drafted_text(drafted: "Drafted", written: str) -> Iterator[str]:
    """Yield the lines about a drafted record: what was inferred, what was not taken, and how much was placed.

    `written` is its file, or empty.
    """
    (name, *others), draft = drafted.names, drafted.draft
    inferred = [replace(part, message=f"inferred: {part.message}") for part in draft.inferred]
    repaired = [replace(part, message=f"repaired: {part.message}") for part in draft.repaired]
    yield from notices_text([*inferred, *repaired, *draft.notices], name, others)
    if written:
        yield f"{printable(written)}: {draft.id}, {draft.counts}"
    yield draft.balance


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def release_text(changes: Iterable[ReleaseChange], refused: Collection[ReleaseChange] = ()) -> Iterator[str]:
    """Yield a line for each change: its risk, its code, and what a learner will see.

    A refused change of high risk has a second line: what to do in its place, and how to allow it.
    """
    for change in changes:
        risk = click.style(f"{change.risk} risk", fg=_RISK_COLOURS[change.risk])
        yield f"{risk}, {change.code}: {printable(change.message)}"
        if change in refused and change.risk is Risk.HIGH:
            yield f"    {printable(change.hint)}; if it is meant: --allow {change.code}"
