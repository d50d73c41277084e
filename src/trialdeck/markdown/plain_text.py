"""Plain text of a card's HTML, and whether a text shows anything at all."""

import re
from html import unescape

from trialdeck.core.text import without_invisible
from trialdeck.markdown.prose import prose
from trialdeck.markdown.render import render
from trialdeck.markdown.sanitise import stripped

_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|caption|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]"
    r"|header|hr|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul)\b)",
    re.IGNORECASE,
)
# The sanitiser takes out a whole drawing, with the text in it: only the marks of its elements are to go.
_DRAWING = re.compile(r"<(svg|math)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
# What no reader of HTML takes for anything but text, as are most first fields of notes.
_PLAIN = re.compile("[^<&\0\r]*+")
_ELEMENT = re.compile(r"</?(?!style\b|script\b)[a-z][^<>]*>", re.IGNORECASE)

# What means something to Markdown within a line, or to HTML; a backslash before it takes that away.
_MARK = re.compile(r"[\\`*_~\[\]<>&|]|:(?=//)")
# At the start of a line: a list, or a heading.
_START = re.compile(r"^(?:[-+#](?=\s|$|#)|([0-9]{1,9})(?=[.)]))")
# A formula, a person and an issue to GitHub, where no backslash helps (https://docs.github.com/en/get-started/
# writing-on-github, "Writing mathematical expressions", has the element for the dollar sign).
_GITHUB_MARK = re.compile(r"[$@]|#(?=\d)")


def readable(html: str) -> str:
    """Return the text of some HTML in one line; block elements separate words."""
    plain = html[3:-4] if html.startswith("<p>") and html.endswith("</p>") else html
    if _PLAIN.fullmatch(plain):
        return " ".join(plain.split())
    undrawn = _DRAWING.sub(lambda found: _ELEMENT.sub(" ", found[0]), html)
    return " ".join(unescape(stripped(_BLOCK.sub(" <", undrawn))).split())


def in_markdown(text: str) -> str:
    """Return Markdown that shows as this text, in one line, wherever in a line it stands, on GitHub too."""
    line = _MARK.sub(r"\\\g<0>", " ".join(text.split()))
    line = _START.sub(lambda found: f"{found[0]}\\" if found[1] else f"\\{found[0]}", line)
    return _GITHUB_MARK.sub(r"<span>\g<0></span>", line)


_STARTS_VISIBLY = re.compile("(?:<[a-z]+>)*[A-Za-z0-9]")


def visible_text(html: str) -> str:
    """Return what can be seen of a card's HTML: no tags, no white space, nothing invisible."""
    return without_invisible(unescape(stripped(html)))


def shows_something(text: str) -> bool:
    """Return whether anything of a text can be seen once it is rendered."""
    # Prose starts with a character that shows.
    if prose(text, inline=True):
        return True
    html = render(text)
    return bool(_STARTS_VISIBLY.match(html) or visible_text(html))
