"""Mark HTML with the language of its text, for screen readers, hyphenation and fonts."""

import re

_MARKED = re.compile(r'<(div|span) lang="[A-Za-z0-9-]{1,40}">(.*)</\1>', re.DOTALL)


def in_language(html: str, language: str, element: str = "div") -> str:
    """Return HTML within an element that states its language, a BCP 47 tag; HTML as it is if either is empty.

    `element` is `div` around blocks and `span` within a line.
    """
    return f'<{element} lang="{language}">{html}</{element}>' if html and language else html


def without_language(html: str) -> str:
    """Return HTML without the element that `in_language` has put around it."""
    marked = _MARKED.fullmatch(html)
    return marked[2] if marked and f"<{marked[1]}" not in marked[2] else html
