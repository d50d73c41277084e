"""Reviews: what nobody has compared with its source yet, and what somebody signs."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from trialdeck.api.projects import Project, time_of
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import is_blank
from trialdeck.records.discovery import records_of
from trialdeck.records.editing.change import Change
from trialdeck.records.review import days_of
from trialdeck.review.items import ReviewItem, ReviewStatus, ReviewText
from trialdeck.review.session import Verdict, correct, files_of, items_of, sign


def review_items(
    project: Project,
    *,
    which: Collection[ReviewStatus] = ("unreviewed", "stale"),
    stale_after: str = "2y",
    at: datetime | None = None,
) -> Iterator[ReviewItem]:
    """Yield what a reviewer looks at, record by record: the entries in their order, and the record itself last.

        >>> import trialdeck as td
        >>> items = list(td.review_items(td.load("seeds/aspire.yaml")))
        >>> items[0].title, items[0].status, items[0].source.links[0]
        ('key-findings: pfs', 'unreviewed', 'https://doi.org/10.1056/NEJMoa1411321')

    Each record is read when its first item is asked for.

    Args:
        project: The project, or one record.
        which: Of which status the items are: `unreviewed`, `stale` (reviewed too long ago, or changed since, as far as
            the ledger of the project knows), `disputed`, `reviewed`.
        stale_after: How old a review may be: 90d, 26w, 18m, 2y.
        at: The time of the review, with its time zone; now by default.

    Raises:
        TrialdeckError: There are no records, or one has errors.
    """
    today, oldest = _day(at), days_of(stale_after)
    for path in files_of([records_of(project.path)]):
        yield from items_of(path, today, oldest, which)


def sign_review(  # noqa: PLR0913 - what a review says
    item: ReviewItem,
    verdict: Literal["reviewed", "disputed"],
    *,
    by: str,
    on: date | None = None,
    as_of: date | None = None,
    reason: str = "",
) -> tuple[Change, ...]:
    """Write a verdict on an item into its record, and return the changes that take it back: `edit` makes them.

        >>> import trialdeck as td
        >>> item = next(td.review_items(td.load("seeds/aspire.yaml")))
        >>> undo = td.sign_review(item, "disputed", by="A. Reader", reason="The interval is wrong.")
        >>> [left.title for left in td.review_items(td.load("seeds/aspire.yaml"), which={"disputed"})]
        ['key-findings: pfs']
        >>> td.edit(item.file, undo, together=True).conflicts
        ()

    Args:
        item: The item as the reviewer has seen it.
        verdict: Whether it agrees with its source.
        by: The name of the reviewer, as cards will show it.
        on: The day of the review; today by default.
        as_of: The day as of which a guideline claim in it is true.
        reason: Why it is disputed, in Markdown.

    Raises:
        TrialdeckError: There is no name, a dispute has no reason, the item says something else by now, or the record
            cannot be written.
    """
    if is_blank(by):
        raise TrialdeckError("a review needs a name", "say who reviews; the cards will show it")
    days = [day.isoformat() if day else "" for day in (on or _day(None), as_of)]
    said = Verdict(verdict, by.strip(), days[0], days[1], reason.strip() if verdict == "disputed" else "")
    return sign(Path(item.file), item.entry, said, item.seen)


def correct_text(item: ReviewItem, text: ReviewText, new: str) -> tuple[Change, ...]:
    """Write what a text or number of an item should say into its record, and return the changes that take it back.

        >>> import trialdeck as td
        >>> item = next(td.review_items(td.load("seeds/aspire.yaml")))
        >>> undo = td.correct_text(item, item.texts[0], item.texts[0].text.replace("26.3 months", "26.4 months"))
        >>> td.edit(item.file, undo, together=True).conflicts
        ()

    Args:
        item: The item.
        text: One of its texts, as the reviewer has seen it.
        new: What it should say, in Markdown.

    Raises:
        TrialdeckError: The text says something else by now, the record would have a new error, or it cannot be written.
    """
    return correct(Path(item.file), text.path, new, text.text)


def _day(at: datetime | None) -> date:
    return datetime.fromtimestamp(time_of(at), UTC).date()
