"""The one place where sanitised HTML enters a page unescaped."""

import re

from markupsafe import Markup

_HEADING = re.compile(r"<h([1-6])>")
# Only the templates write this attribute, into these two elements; a `<` in a text is always escaped.
_ANSWER_MARK = re.compile(r'(<(?:hr|div)[^<>]*?) id="answer"')
# In a text of an author this is written so that Anki does not read it as a sound; only `trialdeck.notes.footer` does.
_SOUND = re.compile(r"\[sound:(trialdeck-[0-9a-f]{20}\.[a-z0-9]{3,4})\]")


def safe(html: str) -> Markup:
    """Mark HTML that `trialdeck.cards` has made as safe."""
    return Markup(html)  # noqa: S704 - sanitised by trialdeck.markdown.render


def playable(html: str) -> Markup:
    """Return HTML of a card in which a browser plays what Anki would play: the sounds beside the page."""
    return safe(_SOUND.sub(r'<audio controls preload="none" src="\1" aria-label="Sound"></audio>', html))


def outlined(html: str, below: int) -> Markup:
    """Return sanitised HTML whose headings continue the page's outline below a heading of the level `below`.

    They look as they did: only the level that is read aloud changes, and none is skipped.
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
    """Return a side of a card as it stands among others on a page, where no id may stand twice."""
    return outlined(playable(_ANSWER_MARK.sub(r"\1", side)), below)
