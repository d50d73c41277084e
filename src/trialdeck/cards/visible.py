"""Whether a reader sees anything of a text: Markdown, and Unicode, can say much that does not show."""

import re
from html import unescape

from trialdeck.cards.markup import render
from trialdeck.cards.prose import prose
from trialdeck.cards.sanitiser import stripped

_STARTS_VISIBLY = re.compile("(?:<[a-z]+>)*[A-Za-z0-9]")
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)


def visible_text(html: str) -> str:
    """Return what can be seen of a card's HTML: no tags, no white space, nothing invisible."""
    return _UNSEEN.sub("", unescape(stripped(html)))


def shows_something(text: str) -> bool:
    """Return whether anything of a text can be seen once it is rendered."""
    # Prose starts with a character that shows.
    if prose(text, inline=True):
        return True
    html = render(text)
    return bool(_STARTS_VISIBLY.match(html) or visible_text(html))
