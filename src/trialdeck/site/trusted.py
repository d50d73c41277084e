"""The one place where sanitised HTML enters a page unescaped."""

import re

from markupsafe import Markup

_HEADING = re.compile(r"<h([1-6])>")
# Only the templates write this attribute, in these two elements; a `<` in a text is always escaped.
_ANSWER_MARK = re.compile(r'(<(?:hr|div)[^<>]*?) id="answer"')
# Only `trialdeck.notes.footer` writes this; in texts of authors it is escaped, so that Anki sees no sound.
_SOUND = re.compile(r"\[sound:(trialdeck-[0-9a-f]{20}\.[a-z0-9]{3,4})\]")
# Anki writes the tags of a note with spaces into the address of a report, and browsers read them; HTML forbids them.
_ADDRESS = re.compile(r'<a href="([^"<>]*)"')


def safe(html: str) -> Markup:
    """Mark HTML of our own notes as safe."""
    return Markup(html)  # noqa: S704 - sanitised by trialdeck.markdown.render


def playable(html: str) -> Markup:
    """Return HTML of a card in which a browser plays the sounds that Anki would play, from files beside the page."""
    return safe(_SOUND.sub(r'<audio controls preload="none" src="\1" aria-label="Sound"></audio>', html))


def outlined(html: str, below: int) -> Markup:
    """Return sanitised HTML whose headings continue the outline of the page, below a heading of the level `below`.

    Their looks stay the same: only the level for screen readers changes, and no level is skipped.
    """
    open_levels: list[int] = []

    def levelled(found: re.Match[str]) -> str:
        level = int(found[1])
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        open_levels.append(level)
        return f'<h{level} aria-level="{min(below + len(open_levels), 6)}">'

    return safe(_HEADING.sub(levelled, html))


def on_page(side: str, below: int) -> Markup:
    """Return a side of a card for a page with many cards, on which no id may occur twice."""
    html = _ADDRESS.sub(lambda found: found[0].replace(" ", "%20").replace("<a%20", "<a "), side)
    return outlined(playable(_ANSWER_MARK.sub(r"\1", html)), below)
