"""Where a statement comes from and who has checked it, as the HTML of a card's footer."""

from collections.abc import Sequence
from html import escape

from trialdeck.cards.markup import render_inline
from trialdeck.records.model import Result, Review, Source


def source_html(source: Source, results: Sequence[Result] = ()) -> str:
    """Return the citation with its links, and the data cuts of the results that a text states."""
    parts = [render_inline(source.citation)] if source.citation else []
    if source.doi:
        parts.append(_link(f"https://doi.org/{source.doi}", f"doi:{source.doi}"))
    if source.registry:
        parts.append(escape(source.registry))
    if source.url:
        parts.append(_link(source.url, source.url))
    cuts = [f"{render_inline(result.endpoint)}: {escape(result.data_cut)}" for result in results if result.data_cut]
    if cuts:
        parts.append(f"Data: {'; '.join(cuts)}")
    return " · ".join(parts)


def review_html(review: Review) -> str:
    """Return who has checked the statement and when, in a few words; never empty."""
    signed = "".join(f" {word} {escape(value)}" for word, value in (("by", review.by), ("on", review.on)) if value)
    words = {"reviewed": f"Reviewed{signed}", "disputed": f"Disputed{signed}"}.get(review.status, "Not yet reviewed")
    return f"{words}; as of {escape(review.as_of)}" if review.as_of else words


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'
