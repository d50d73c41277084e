"""All problems of one record, with the paths of the values that they are about."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from trialdeck.core.problem import Problem, Severity
from trialdeck.lint.card import check_fronts, check_quality
from trialdeck.lint.dates import check_days, stated_days
from trialdeck.lint.placed.fixes import Fix, fixes_of
from trialdeck.lint.placed.traced import TracedDocument
from trialdeck.lint.provenance import check_provenance
from trialdeck.lint.record import check_record
from trialdeck.lint.suppressions import ignores_of, without_ignored
from trialdeck.records.load import Record, record_of
from trialdeck.records.review import check_ages, signed_of
from trialdeck.records.validation.other_json import other_json
from trialdeck.yamlfile.document import DataPath, Document, is_json, parse_document, without_mark


class PlacedProblem(msgspec.Struct, frozen=True):
    """A problem, the path of the value that it is about, and the fixes that there are.

    The path may be that of a value that is missing; it is empty for the record itself, and where its text cannot be
    read.
    """

    problem: Problem
    path: DataPath
    fixes: tuple[Fix, ...] = ()


def placed_problems(
    content: bytes, shown: str, folder: Path, today: date, oldest: int
) -> tuple[Document | None, tuple[PlacedProblem, ...]]:
    """Return the document of a record, and every problem that it has by itself.

    What only a comparison with other records can find is not among them. How good the cards are is judged once there
    are no errors.

    Args:
        content: The bytes of the record.
        shown: The path of the file as problems name it.
        folder: The folder of its figures.
        today: The day on which reviews and days are judged.
        oldest: How many days old a review may be.

    Returns:
        The document, None where the text cannot be read, and the problems, by their location.
    """
    other = other_json(content, shown)
    document, faults = (None, (other,)) if other else parse_document(content, shown)
    if document is None:
        return None, tuple(PlacedProblem(fault, ()) for fault in faults)
    traced = TracedDocument.of(document)
    record = record_of(shown, traced, faults, folder)
    problems = set(_problems(record, traced, today, oldest))
    if not is_json(shown):
        problems &= set(without_ignored(problems, ignores_of(without_mark(content)), shown))
    return document, tuple(
        PlacedProblem(problem, path, fixes_of(problem, document.data, path))
        for problem in sorted(problems)
        for path in [traced.path_of(problem)]
    )


def placed_at(content: bytes, shown: str, problems: Iterable[Problem]) -> tuple[PlacedProblem, ...]:
    """Return problems of a record that are known already, each with the path of the value at its location."""
    document, _ = parse_document(content, shown)
    if document is None:
        return tuple(PlacedProblem(problem, ()) for problem in problems)
    traced = TracedDocument.of(document)
    return tuple(
        PlacedProblem(problem, path, fixes_of(problem, document.data, path))
        for problem in sorted(problems)
        for path in [traced.path_of(problem)]
    )


def _problems(record: Record, document: TracedDocument, today: date, oldest: int) -> Iterator[Problem]:
    trial = record.trial
    problems = list(record.problems)
    if trial:
        problems += [*check_record(trial, document), *check_fronts(trial, document)]
    yield from problems
    if trial and not any(problem.severity is Severity.ERROR for problem in problems):
        yield from check_quality(trial, document)
        yield from check_provenance(trial, document)
        yield from check_days(record.path, stated_days(trial, document), today)
        yield from check_ages(record.path, signed_of(trial, document), today, oldest)
