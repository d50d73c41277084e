"""The footer of a card: where it is from, its review, and figures."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.core.words import present_language, translate
from trialdeck.markdown.language import in_language
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline, render_link, render_plain
from trialdeck.notes.plots.rows import in_attribute
from trialdeck.records.model import Figure, Media, Result, Review, Source, Trial
from trialdeck.records.results.analysis import analysis_words

# `Moreau P, et al. N Engl J Med 2016;374:1621-34.`: the words before a year that volume or end follow.
_JOURNAL_AND_YEAR = re.compile(r"(?:^|[.?!] )(?P<journal>[^.?!;:0-9]{2,50}),? (?P<year>(?:19|20)[0-9]{2})(?![0-9])")
_JOURNALS = {"n engl j med": "NEJM", "new england journal of medicine": "NEJM"}
_LONGEST_CITATION = 48
_REMEMBERED = 64
"""Most notes of a record name the same source and the same review."""


def source_html(source: Source, results: Sequence[Result] = ()) -> str:
    """Return the citation with its links, and the data cuts of the results that a text states."""
    cuts = data_cuts_html(results)
    return " · ".join((*_cited(source), cuts) if cuts else _cited(source))


def data_cuts_html(results: Sequence[Result]) -> str:
    """Return the data cuts of the results that a text states; empty if none has one."""
    cuts = [
        f"{render_inline(result.endpoint)}: {render_plain(result.data_cut)}" for result in results if result.data_cut
    ]
    return translate("Data: {cuts}", cuts="; ".join(cuts)) if cuts else ""


@lru_cache(_REMEMBERED)
def _cited(source: Source) -> tuple[str, ...]:
    parts = [render_inline(source.citation)] if source.citation else []
    if source.doi:
        parts.append(render_link(f"https://doi.org/{source.doi}", f"doi:{source.doi}"))
    if source.registry:
        parts.append(render_plain(source.registry))
    if source.url:
        parts.append(render_link(source.url, source.url))
    return tuple(parts)


def citation_html(source: Source, analysis: str = "") -> str:
    """Return a source in a few words, and which analysis of it a result is: `NEJM 2016 · interim analysis`.

    A citation with journal and year says these two; any other is shortened. Without a citation it is the registry's
    number.
    """
    stated = analysis_words(analysis) if analysis else ""
    return render_plain(" · ".join(filter(None, [_in_short(source), stated])))


def _in_short(source: Source) -> str:
    words = " ".join(readable(render_inline(source.citation)).split())
    found = _JOURNAL_AND_YEAR.search(words)
    if not found:
        return _shortened(words.rstrip(".")) or source.registry or source.doi
    journal = found["journal"].strip(" ,")
    return f"{_JOURNALS.get(journal.casefold(), journal)} {found['year']}"


def _shortened(words: str) -> str:
    """Return a text of some words, the last one whole, with `…` where something is left out."""
    if len(words) <= _LONGEST_CITATION:
        return words
    return f"{words[:_LONGEST_CITATION].rpartition(' ')[0].rstrip(' ;,.')}…"


def review_html(review: Review) -> str:
    """Return who has checked the statement and when, in a few words, or who disputes it and why; never empty."""
    return _review_html(review, present_language())


@lru_cache(_REMEMBERED)
def _review_html(review: Review, _language: str) -> str:
    """Return the same; it is remembered for each language."""
    by = f" {translate('by {name}', name=render_plain(review.by))}" if review.by else ""
    on = f" {translate('on {day}', day=render_plain(review.on))}" if review.on else ""
    verdict = {"reviewed": "Reviewed", "disputed": "Disputed"}.get(review.status)
    words = f"{translate(verdict)}{by}{on}" if verdict else translate("Not yet reviewed")
    if review.as_of:
        words = f"{words}; {translate('as of {day}', day=render_plain(review.as_of))}"
    is_explained = review.is_disputed and not is_blank(review.reason)
    return f"{words}: {render_inline(review.reason)}" if is_explained else words


def footer_review_html(review: Review) -> str:
    """Return the same for the footer of a card, as a pill of its own colour; a dispute stands out."""
    look = {"reviewed": "td-reviewed", "disputed": "td-disputed"}.get(review.status, "td-unreviewed")
    return f'<span class="td-pill {look}">{review_html(review)}</span>'


def dispute_texts(review: Review) -> tuple[str, ...]:
    """Return a dispute as HTML, or nothing: a dispute counts as own content, so that learners get it at once."""
    return (review_html(review),) if review.is_disputed else ()


def address_html(address: str) -> str:
    """Return the link to a web or mail address, shown as it is."""
    return render_link(address if "://" in address else f"mailto:{address}", address)


def title_html(trial: Trial) -> str:
    """Return the title of a trial; empty where it is the name, because there is no acronym."""
    return in_language(render_inline(trial.title), trial.language, "span") if trial.acronym else ""


def figures_html(figures: Iterable[Figure]) -> str:
    """Return the HTML of the figures whose files were read, one below the other."""
    return "".join(_figure(figure, figure.media) for figure in figures if figure.media)


def media_names(figures: Iterable[Figure]) -> tuple[str, ...]:
    """Return the names, in packages, of the files that the figures show, in their order."""
    return tuple(figure.media.name for figure in figures if figure.media)


def _figure(figure: Figure, media: Media) -> str:
    # Anki plays what stands between these brackets; the words of a sound are for all to read.
    sound = f"<p>[sound:{media.name}]</p>"
    picture = f'<img src="{media.name}" alt="{in_attribute(_in_one_line(figure.alt))}">'
    lines = [
        render_inline(figure.caption),
        render_plain(_in_one_line(figure.alt)) if media.is_sound else "",
        render_plain(" · ".join(filter(None, map(_in_one_line, (figure.credit, figure.license))))),
    ]
    caption = f'<figcaption class="td-cut" dir="auto">{"<br>".join(filter(None, lines))}</figcaption>'
    return f"{sound if media.is_sound else picture}{caption}"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


class Footer(msgspec.Struct, frozen=True):
    """The footer of a card: its source as HTML, its review, and what of its source is the entry's own, as HTML.

    `citation` is the source in a few words, as HTML.
    """

    source: str
    review: Review
    own: tuple[str, ...] = ()
    citation: str = ""

    @property
    def own_texts(self) -> tuple[str, ...]:
        """The parts of the footer that are own content of this note: its own source, and a dispute."""
        return (*self.own, *dispute_texts(self.review))
