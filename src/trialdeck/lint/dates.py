"""Rules for dates: warnings of days that lie in the future."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

from trialdeck.core.problem import FileLocation, Problem
from trialdeck.records.entries import entries
from trialdeck.records.model import Review, Trial
from trialdeck.yamlfile.document import DataPath, Document

_EARLIEST_ZONE = timedelta(days=1)
"""Where the day begins first, it is already tomorrow while it is today in UTC."""


class StatedDay(msgspec.Struct, frozen=True, array_like=True):
    """A day that a record states, as YEAR-MONTH-DAY, its place from 1, and what it says of the day: `retired on`."""

    line: int
    column: int
    words: str
    on: str


def stated_days(trial: Trial, document: Document) -> tuple[StatedDay, ...]:
    """Return the days of all reviews, retirements and suggestions of a record."""
    return tuple(StatedDay(*_place(document, path), words, on) for path, words, on in _days(trial) if on)


def _days(trial: Trial) -> Iterator[tuple[DataPath, str, str]]:
    """Yield the path of each day, the words before it, and the day; empty if it is not stated."""
    yield from _days_of_review((), trial.review)
    for index, contributor in enumerate(trial.contributors):
        yield ("contributors", index, "on"), "suggested on", contributor.on
    for path, entry in entries(trial):
        if review := getattr(entry, "review", None):
            yield from _days_of_review(path, review)
        if retired := getattr(entry, "retired", None):
            yield (*path, "retired", "on"), "retired on", retired.on


def _days_of_review(path: DataPath, review: Review) -> Iterator[tuple[DataPath, str, str]]:
    yield (*path, "review", "on"), f"{review.status} on", review.on
    yield (*path, "review", "as_of"), "as of", review.as_of


def _place(document: Document, path: DataPath) -> tuple[int, int]:
    spot = document.spot(*path)
    return spot.line, spot.column


def check_days(path: str, days: Iterable[StatedDay], today: date) -> Iterator[Problem]:
    """Yield a warning for every day that has not come yet, anywhere in the world; `today` is the day in UTC."""
    latest = (today + _EARLIEST_ZONE).isoformat()
    for day in days:
        if day.on > latest:
            message = f"{day.words} {day.on}, a day that has not come"
            hint = "correct the day; nothing waits for it, and cards show it at once"
            yield Problem(FileLocation(path, day.line, day.column), "TD419", message, hint)
