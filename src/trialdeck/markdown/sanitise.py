"""Sanitise HTML: the elements and attributes that a card may hold."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nh3 import Cleaner

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def sanitised(html: str) -> str:
    """Return HTML with nothing but what a card may hold."""
    return _cleaner().clean(html)


@cache
def _cleaner() -> "Cleaner":
    import nh3  # noqa: PLC0415 - plain prose needs no sanitiser

    return nh3.Cleaner(
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}},
        url_schemes={"http", "https", "mailto"},
    )


def stripped(html: str) -> str:
    """Return the text of some HTML, without its elements."""
    return _stripper().clean(html)


@cache
def _stripper() -> "Cleaner":
    import nh3  # noqa: PLC0415 - plain prose needs no sanitiser

    return nh3.Cleaner(tags=set())
