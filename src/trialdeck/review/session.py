"""A review session: sign, dispute or correct one entry after the other, in place, and take it back."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.problem import Problem, Severity
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.core.text import is_blank
from trialdeck.core.transactions import locked
from trialdeck.lint.review_rules import ledgers, reworded, since, words_of
from trialdeck.project.check import Call
from trialdeck.project.record_loader import problems_of
from trialdeck.records.discovery import home_of
from trialdeck.records.editing.apply import apply
from trialdeck.records.editing.change import Change
from trialdeck.records.load import Record, load_record_text
from trialdeck.records.model import Trial
from trialdeck.records.review import is_stale, reviewables
from trialdeck.review.items import ReviewItem, item_of, seen_of
from trialdeck.yamlfile.document import DataPath, Document, content_of
from trialdeck.yamlfile.edit import value_at
from trialdeck.yamlfile.write_records import LINKED

Changes = tuple[Change, ...]
"""What takes something back that was written into a record."""

OPEN: frozenset[str] = frozenset({"unreviewed", "stale"})
"""What needs a review, unless somebody disputes it."""


class Verdict(msgspec.Struct, frozen=True):
    """A reviewer's verdict: `status` is reviewed or disputed, dates are YEAR-MONTH-DAY, `as_of` may be empty.

    A dispute has a reason, in Markdown.
    """

    status: str
    by: str
    on: str
    as_of: str = ""
    reason: str = ""


def files_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the records that the paths name, sorted; raises TrialdeckError if there are none."""
    return tuple(Path(place.path) for place in Call.of(paths).files.records)


def items_of(path: Path, today: date, oldest: int, which: Collection[str] = OPEN) -> tuple[ReviewItem, ...]:
    """Return the entries of a record that need a review, in their order, and the record itself last.

    Args:
        path: The record.
        today: The day of the review.
        oldest: The number of days after which a review is out of date.
        which: Of which status the entries are.

    Raises:
        TrialdeckError: The record has errors.
    """
    trial, document = _sound(content_of(path, str(path)), path)
    outdated = _reasons_outdated(path, trial, today, oldest)
    items = (
        item_of(trial, document, reviewable, outdated.get(reviewable.slug, ""), today)
        for reviewable in reviewables(trial)
    )
    return tuple(item for item in items if item.status in which)


def _reasons_outdated(path: Path, trial: Trial, today: date, oldest: int) -> dict[str, str]:
    """Return why reviews no longer hold, in words, by the slugs of their entries.

    Args:
        path: The record.
        trial: Its trial.
        today: The day of the review.
        oldest: The number of days after which a review is out of date.
    """
    entries = list(reviewables(trial))
    reviews = {entry.slug: f"reviewed on {entry.review.on} by {entry.review.by}" for entry in entries}
    outdated = {entry.slug: reviews[entry.slug] for entry in entries if is_stale(entry.review, today, oldest)}
    if words := words_of(trial):
        with ledgers() as project_ledgers:
            lines = project_ledgers.lines(path, (trial.id, *trial.formerly))
            changed = reworded(entries, words, lines, today)
        outdated |= {slug: f"{reviews[slug]}, but {since(lines)}" for slug, lines in changed.items()}
    return outdated


def sign(path: Path, entry: DataPath, verdict: Verdict, seen: str = "") -> Changes:
    """Write a verdict into a record, on the entry at a path, or on the record itself, and return what takes it back.

    Args:
        path: The record.
        entry: The path of the entry; empty for the record.
        verdict: The verdict.
        seen: What the reviewer has seen (`ReviewItem.seen`); by default, whatever is there now is signed.

    Raises:
        TrialdeckError: A dispute has no reason, the entry is no longer there or says something else by now, or the
            record cannot be written or is a link out of its project.
    """
    if verdict.status == "disputed" and is_blank(verdict.reason):
        raise TrialdeckError("a dispute needs a reason", "say in a sentence what is wrong; the card will show it")
    value = {"status": verdict.status, "by": verdict.by, "on": verdict.on}
    value |= {name: text for name in ("as_of", "reason") if (text := getattr(verdict, name))}
    place = (*entry, "review")

    def changes(trial: Trial, document: Document) -> Sequence[Change]:
        if not any(reviewable.path == entry for reviewable in reviewables(trial)):
            raise TrialdeckError(f"{path}: the entry is no longer there", "somebody has edited the record; begin again")
        if seen and seen != seen_of(document.data, entry):
            hint = "somebody has edited it; look at it again"
            raise TrialdeckError(f"{path}: this says something else by now", hint)
        return [Change(place, value, value_at(document.data, place))]

    return _write(path, changes)


def correct(path: Path, place: DataPath, text: str, was: str) -> Changes:
    """Write another text in the place of one that is wrong, and return what takes it back.

    Args:
        path: The record.
        place: The path of the text or number.
        text: What it should say.
        was: What it has said.

    Raises:
        TrialdeckError: It says something else by now, the new text would be an error, or the record cannot be written.
    """
    return _write(path, lambda _trial, _document: [Change(place, text, was)])


def take_back(path: Path, changes: Changes) -> Changes:
    """Take back what was written into a record, and return what does it again.

    Raises TrialdeckError if somebody has edited the same since, or the record cannot be written.
    """
    return _write(path, lambda _trial, _document: changes)


def _write(path: Path, changes: Callable[[Trial, Document], Sequence[Change]]) -> Changes:
    """Change a record that nobody else changes meanwhile; raises TrialdeckError if it would have errors then."""
    real = refuse_outside(path, home_of(path), of="its project", hint=LINKED)
    with locked(path.parent, leaves_no_file=True):
        content = content_of(path, str(path))
        outcome = apply(content, changes(*_sound(content, path)), path.as_posix(), together=True)
        for refusal in outcome.refused:
            raise TrialdeckError(f"{path}: {refusal.message}", refusal.hint)
        if outcome.conflicts:
            raise TrialdeckError(f"{path}: this says something else by now", "somebody has edited it; look at it again")
        _refuse_new_errors(content, outcome.content, path)
        replace_file(real, outcome.content)
    return outcome.undo


def _refuse_new_errors(before: bytes, after: bytes, path: Path) -> None:
    known = {(error.code, error.message) for error in _errors(before, path)}
    for error in _errors(after, path):
        if (error.code, error.message) not in known:
            raise TrialdeckError(f"{path}: {error.message}", error.hint, (error,))


def _errors(content: bytes, path: Path) -> Iterator[Problem]:
    problems = problems_of(_loaded(content, path))
    return (problem for problem in problems if problem.severity is Severity.ERROR)


def _loaded(content: bytes, path: Path) -> Record:
    return load_record_text(content, path.as_posix(), path.parent)


def _sound(content: bytes, path: Path) -> tuple[Trial, Document]:
    record = _loaded(content, path)
    error = next((problem for problem in record.problems if problem.severity is Severity.ERROR), None)
    if error or record.trial is None or record.document is None:
        message = error.located_message if error else f"{path}: empty"
        raise TrialdeckError(message, "correct it first; `trialdeck check` lists everything", record.problems)
    return record.trial, record.document
