"""Where a statement comes from, who has checked it, and where to report an error: the HTML of a card's footer."""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, urlsplit

from trialdeck.cards.markup import render_inline, render_link, render_plain
from trialdeck.records.model import Result, Review, Source

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
    return f"Data: {'; '.join(cuts)}" if cuts else ""


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


@lru_cache(_REMEMBERED)
def review_html(review: Review) -> str:
    """Return who has checked the statement and when, in a few words, or who disputes it and why; never empty."""
    signed = "".join(
        f" {word} {render_plain(value)}" for word, value in (("by", review.by), ("on", review.on)) if value
    )
    words = {"reviewed": f"Reviewed{signed}", "disputed": f"Disputed{signed}"}.get(review.status, "Not yet reviewed")
    if review.as_of:
        words = f"{words}; as of {render_plain(review.as_of)}"
    is_explained = review.is_disputed and review.reason.strip()
    return f"{words}: {render_inline(review.reason)}" if is_explained else words


def footer_review_html(review: Review) -> str:
    """Return the same for the footer of a card, where a dispute stands out from the small print."""
    words = review_html(review)
    return f'<strong class="td-warn">{words}</strong>' if review.is_disputed else words


def dispute_texts(review: Review) -> tuple[str, ...]:
    """Return what a review says that no learner should wait for: a dispute as HTML, or nothing."""
    return (review_html(review),) if review.is_disputed else ()


def report_html(address: str, key: str) -> str:
    """Return the link by which a learner reports an error in the note with this key; empty without an address.

    A mail gets the key as its subject, an issue of GitHub (`…/issues/new`) as its title; other pages are linked as
    they are.
    """
    if not address:
        return ""
    if _is_mail(address):
        target = f"mailto:{address}?subject={quote(key)}"
    elif urlsplit(address).path.endswith("/issues/new") and not urlsplit(address).query:
        target = f"{address}?title={quote(key, safe='')}"
    else:
        target = address
    return render_link(target, "report an error")


def address_html(address: str) -> str:
    """Return the link to a web or mail address, shown as it is."""
    return render_link(f"mailto:{address}" if _is_mail(address) else address, address)


def _is_mail(address: str) -> bool:
    return "://" not in address
