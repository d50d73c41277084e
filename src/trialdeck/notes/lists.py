"""Make the notes of a list section: its points, what differs for each, and the review of all."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from trialdeck.core.text import replaced
from trialdeck.core.words import translate
from trialdeck.markdown.cloze import uncovered
from trialdeck.markdown.cloze_numbers import cloze_numbers
from trialdeck.markdown.language import in_language
from trialdeck.markdown.render import render, render_hidden
from trialdeck.notes.footer import review_html, source_html
from trialdeck.records.model import Entry, Item, Review, Trial
from trialdeck.records.review import worst_of
from trialdeck.records.sections import Section

_HEADS = {
    "key_findings": "Key findings of {trial}",
    "design": "Design of {trial}",
    "limitations": "Limitations of {trial}",
}
# The classes of what stands below a point: all of it, and its review.
_OWN, _VERDICT = "td-own", "td-verdict"
_BELOW = re.compile(f'<div class="{_OWN}[^"]*">.*?</div>', re.DOTALL)
_SIGNATURES = re.compile(f'<div class="{_OWN} {_VERDICT}">.*?</div>', re.DOTALL)

POINTS = "points"
"""What follows the section in the key of the note that asks its points."""


class Points(msgspec.Struct, frozen=True):
    """The points of a list section that its notes show, retired ones only if all are."""

    trial: Trial
    section: Section
    items: tuple[Item, ...]

    @property
    def review(self) -> Review:
        """The review of the note: the worst among those of its points."""
        return worst_of(map(self._review_of, self.items))

    def head(self, name: str) -> str:
        """Return the HTML of what stands above the points; `name` is the HTML of the trial's name."""
        return f"<p>{translate(_HEADS[self.section.property], trial=name)}</p>"

    def whole(self) -> str:
        """Return the HTML of the list, each point with what differs from the rest of the card below it."""
        return self._listed([_unwrapped(render(item.text)) for item in self.items])

    def asked(self, name: str, asked: Collection[Item]) -> tuple[str, tuple[int, ...]]:
        """Return the HTML of a cloze note that hides each of some points on a card of its own, and its cards.

        `name` is the HTML of the trial's name. The number of a point follows from its id, so that its card stays the
        same one when others come, go or move.
        """
        numbers = self._numbers() if asked else {}
        shown = [
            _hidden(item, numbers[item.first_id]) if item in asked else _unwrapped(render_hidden(item.text))
            for item in self.items
        ]
        cards = tuple(sorted(numbers[item.first_id] - 1 for item in asked))
        return f"{self.head(name)}{self._listed(shown)}", cards

    def below(self) -> list[str]:
        """Return what stands below each point: for whom it is, its perspective, source and review, where they differ.

        Nothing stands below a point that is as the whole list is.
        """
        verdicts = verdicts_of(list(map(self._review_of, self.items)))
        return [self._own(item) + verdict for item, verdict in zip(self.items, verdicts, strict=True)]

    def _numbers(self) -> Mapping[str, int]:
        # Retired points keep their numbers: nobody else gets the card of one.
        every: Sequence[Item] = getattr(self.trial, self.section.property)
        return cloze_numbers(item.first_id for item in every)

    def _listed(self, shown: Sequence[str]) -> str:
        points = "".join(f"<li>{html}{below}</li>" for html, below in zip(shown, self.below(), strict=True))
        return in_language(f"<ol>{points}</ol>", self.trial.language)

    def on_page(self) -> list[str]:
        """Return what stands below each point on a page that says the source and the review of the record."""
        return [self._own(item) + own_verdict_html(item, self.trial) for item in self.items]

    def _own(self, item: Item) -> str:
        own = " · ".join(self._own_parts(item))
        return f'<div class="{_OWN}">{own}</div>' if own else ""

    def _own_parts(self, item: Item) -> Iterator[str]:
        if item.audience:
            yield translate("For: {readers}", readers=", ".join(map(translate, item.audience)))
        if item.perspective is not self.section.perspective:
            yield translate("Perspective: {perspective}", perspective=translate(item.perspective))
        if source := own_source_html(item, self.trial):
            yield source

    def _review_of(self, item: Item) -> Review:
        return item.review or self.trial.review


def _hidden(item: Item, number: int) -> str:
    """Return a point inside a deletion of Anki."""
    html = _unwrapped(render_hidden(item.text))
    # A single brace, a colon at the start or a blank line would be read as part of the deletion, or as a fault in it.
    for mark in "{}\n":
        html = html.replace(mark, f"&#{ord(mark)};")
    html = f"&#58;{html[1:]}" if html.startswith(":") else html
    return f"{{{{c{number}::{html}}}}}"


def own_source_html(entry: Entry, trial: Trial) -> str:
    """Return the source of an entry with its label; empty where it is that of its trial."""
    source = source_html(entry.source) if entry.source else ""
    return translate("Source: {source}", source=source) if source and source != source_html(trial.source) else ""


def own_verdict_html(entry: Entry, trial: Trial) -> str:
    """Return the review of an entry as it stands below it; empty where it is that of its trial, and no dispute."""
    review = entry.review
    is_own = review and (review.is_disputed or review_html(review) != review_html(trial.review))
    return verdict_html(review) if review and is_own else ""


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
    """Return the HTML of a list that is asked without its head, its deletions, and what stands below its points."""
    start = max(html.find("<ol"), 0)
    return uncovered(replaced(_BELOW, "", html[start:], "</div>"))


def without_signatures(html: str) -> str:
    """Return the HTML of a field without the reviews of its points; a dispute stays, as it changes what a card says."""
    return replaced(_SIGNATURES, "", html, "</div>") if _VERDICT in html else html


def _unwrapped(html: str) -> str:
    """Take a single paragraph out of its element, so that a list of sentences stays tight."""
    inside = html.removeprefix("<p>").removesuffix("</p>")
    return inside if html == f"<p>{inside}</p>" and "<p>" not in inside else html
