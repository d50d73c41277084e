"""Make one note of a list section: its points, what differs for each, and the review of all."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from trialdeck.core.text import replaced
from trialdeck.markdown.language import in_language
from trialdeck.markdown.render import render
from trialdeck.notes.footer import review_html, source_html
from trialdeck.records.model import Item, Review, Trial
from trialdeck.records.review import worst_of
from trialdeck.records.sections import Section

_FRONTS = {
    "key_findings": ("What is the key finding of {trial}?", "What are the {count} key findings of {trial}?"),
    "design": ("Which point describes the design of {trial}?", "Which {count} points describe the design of {trial}?"),
    "limitations": ("Which limitation does {trial} have?", "Which {count} limitations does {trial} have?"),
}
_PART = '<p class="td-cut">Only points that have been reviewed.</p>'
# The classes of what stands below a point: all of it, and its review.
_OWN, _VERDICT = "td-own", "td-verdict"
_BELOW = re.compile(f'<div class="{_OWN}[^"]*">.*?</div>', re.DOTALL)
_SIGNATURES = re.compile(f'<div class="{_OWN} {_VERDICT}">.*?</div>', re.DOTALL)


class Points(msgspec.Struct, frozen=True):
    """Points of a list section that one note shows: all of them, or those that are reviewed (`is_extract`)."""

    trial: Trial
    section: Section
    items: tuple[Item, ...]
    is_extract: bool = False

    @property
    def review(self) -> Review:
        """The review of the note: the worst among those of its points."""
        return worst_of(map(self._review_of, self.items))

    @property
    def extract(self) -> "Points | None":
        """The points that are reviewed, where others are not; None where that is all of them, or none."""
        reviewed = tuple(item for item in self.items if self._review_of(item).is_reviewed)
        is_part = 0 < len(reviewed) < len(self.items)
        return Points(self.trial, self.section, reviewed, is_extract=True) if is_part else None

    def front(self, name: str) -> str:
        """Return the front's HTML; `name` is the HTML of the trial's name."""
        singular, plural = _FRONTS[self.section.property]
        question = (singular if len(self.items) == 1 else plural).format(trial=name, count=len(self.items))
        return f"<p>{question}</p>{_PART if self.is_extract else ''}"

    def back(self) -> str:
        """Return the back's HTML: a list of the points, each with what differs from the rest of the card below it."""
        points = zip(self.items, self.below(), strict=True)
        items = "".join(f"<li>{_unwrapped(render(item.text))}{below}</li>" for item, below in points)
        return in_language(f"<ol>{items}</ol>", self.trial.language)

    def below(self) -> list[str]:
        """Return what stands below each point: for whom it is, its perspective, source and review, where they differ.

        Nothing stands below a point that is as the whole list is.
        """
        verdicts = verdicts_of(list(map(self._review_of, self.items)))
        return [self._own(item) + verdict for item, verdict in zip(self.items, verdicts, strict=True)]

    def _own(self, item: Item) -> str:
        own = " · ".join(self._own_parts(item))
        return f'<div class="{_OWN}">{own}</div>' if own else ""

    def _own_parts(self, item: Item) -> Iterator[str]:
        if item.audience:
            yield f"For: {', '.join(item.audience)}"
        if item.perspective is not self.section.perspective:
            yield f"Perspective: {item.perspective}"
        source = source_html(item.source) if item.source else ""
        if source and source != source_html(self.trial.source):
            yield f"Source: {source}"

    def _review_of(self, item: Item) -> Review:
        return item.review or self.trial.review


def verdicts_of(reviews: Sequence[Review]) -> list[str]:
    """Return the HTML that stands below each point of a card: its review, where that is not the one of the whole card.

    Where points have different reviews, a disputed point always shows its own.
    """
    of_card = review_html(worst_of(reviews)) if reviews else ""
    is_mixed = any(review_html(review) != of_card for review in reviews)
    return [
        verdict_html(review) if is_mixed and (review.is_disputed or review_html(review) != of_card) else ""
        for review in reviews
    ]


def verdict_html(review: Review) -> str:
    """Return a review as it stands below what it is of."""
    look = " td-warn" if review.is_disputed else ""
    return f'<div class="{_OWN} {_VERDICT}{look}">{review_html(review)}</div>'


def points_alone(html: str) -> str:
    """Return the HTML of a list without what stands below its points."""
    return replaced(_BELOW, "", html, "</div>")


def without_signatures(html: str) -> str:
    """Return the HTML of a field without the reviews of its points; a dispute stays, as it changes what a card says."""
    return replaced(_SIGNATURES, "", html, "</div>") if _VERDICT in html else html


def _unwrapped(html: str) -> str:
    """Take a single paragraph out of its element, so that a list of sentences stays tight."""
    inside = html.removeprefix("<p>").removesuffix("</p>")
    return inside if html == f"<p>{inside}</p>" and "<p>" not in inside else html
