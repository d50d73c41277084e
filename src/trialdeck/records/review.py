"""The parts of a record that can be reviewed, and the review that counts for each."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import FileLocation, Problem
from trialdeck.records.entries import entries
from trialdeck.records.model import Item, Question, Result, Review, Takeaway, Trial
from trialdeck.records.sections import ENTRY_SECTIONS
from trialdeck.yamlfile.document import DataPath, Document

_SLUGS = {section.property: section.slug for section in ENTRY_SECTIONS}
_WORST_FIRST = ("disputed", "unreviewed", "reviewed")
_AGE = re.compile(r"([0-9]{1,4})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30.4375, "y": 365.25}


class Reviewable(msgspec.Struct, frozen=True):
    """An entry of a record, or the record for all else that it says; `review` is the one that counts for it.

    `path` is that of the entry, empty for the record, `slug` what the keys of its notes begin with behind the trial's
    id, empty for the record. `is_own` says whether the review is the entry's own.
    """

    path: DataPath
    slug: str
    perspective: str
    entry: Item | Question | Result | Takeaway | None
    review: Review
    is_own: bool


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """A review as `check` and `status` need it: its location, the slug of its entry, and its parts."""

    line: int
    column: int
    slug: str
    perspective: str
    status: str
    by: str
    on: str
    is_own: bool
    reason: str = ""

    @property
    def review(self) -> Review:
        """The review that counts, without the day as of which something is true."""
        return Review(self.status, self.by, self.on, reason=self.reason)


def worst_of(reviews: Iterable[Review]) -> Review:
    """Return the worst of several reviews: disputed before unreviewed before reviewed.

    Of several with the same status it is the oldest one.
    """
    return min(reviews, key=lambda review: (_WORST_FIRST.index(review.status), review.on))


def reviewables(trial: Trial) -> Iterator[Reviewable]:
    """Yield the entries of a record that are not retired, in its order, and last the record itself."""
    for path, entry in entries(trial):
        if isinstance(entry, (Item, Question, Result, Takeaway)) and entry.id and not entry.retired:
            slug = f"{_SLUGS[str(path[0])]}/{entry.id}"
            review = entry.review or trial.review
            yield Reviewable(path, slug, str(entry.perspective), entry, review, entry.review is not None)
    yield Reviewable((), "", "clinical", None, trial.review, is_own=True)


def signed_of(trial: Trial, document: Document) -> tuple[Signed, ...]:
    """Return all that can be reviewed in a record, each at the location of the review that counts."""
    signed = []
    for reviewable in reviewables(trial):
        owner = reviewable.path if reviewable.is_own else ()
        spot = document.key_spot(*owner, "review")
        review = reviewable.review
        facts = (review.status, review.by, review.on, reviewable.is_own, review.reason)
        signed.append(Signed(spot.line, spot.column, reviewable.slug, reviewable.perspective, *facts))
    return tuple(signed)


def days_of(age: str) -> int:
    """Return the days of an age such as 2y, 18m, 26w or 90d; raises TrialdeckError for anything else."""
    match = _AGE.fullmatch(age.strip().lower())
    if not match:
        raise TrialdeckError(f"'{age}' is not an age", "write a number and d, w, m or y: 90d, 26w, 18m, 2y")
    return int(int(match[1]) * _DAYS[match[2]])


def is_stale(review: Review, today: date, oldest: int) -> bool:
    """Tell whether something was reviewed more than `oldest` days ago."""
    limit = today - timedelta(days=min(oldest, today.toordinal() - 1))
    return review.is_reviewed and bool(review.on) and date.fromisoformat(review.on) < limit


def check_ages(path: str, signed: tuple[Signed, ...], today: date, oldest: int) -> Iterator[Problem]:
    """Yield a warning for every review that is too old.

    Args:
        path: The path of the record.
        signed: The reviews of the record.
        today: The day of the check.
        oldest: How many days old a review may be.

    Returns:
        The warnings.

    """
    for item in signed:
        if item.is_own and is_stale(item.review, today, oldest):
            message = f"reviewed on {item.on}, which is too long ago"
            hint = "look at it again: `trialdeck review` signs it anew"
            yield Problem(FileLocation(path, item.line, item.column), "TD502", message, hint)
