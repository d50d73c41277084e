"""What a note is called where only a line is free for it: in lists of changes, and on a retired card."""

import re
from html import unescape

import nh3

from trialdeck.cards.notetypes import Kind

LONGEST = 100
"""How many characters a label has at most."""

_MARKS = re.compile(r"[\\`*_\[\]<>#|~&$]")
_LINE_START = re.compile(r"^([-+]|[0-9]{1,9}(?=[.)]))")
_BLOCK = re.compile(r"<(?=/?(?:blockquote|br|h[1-6]|hr|li|ol|p|pre|table|tbody|td|th|thead|tr|ul)\b)")
_DELETION = re.compile(r"\{\{c[0-9]+::(.*?)(?:::.*?)?\}\}", re.DOTALL)


def label_of(kind: Kind, first_field: str) -> str:
    """Return what a note is called: its first field in one line, with the answers of a cloze statement in place."""
    return plain_label(_DELETION.sub(r"\1", first_field) if kind is Kind.CLOZE else first_field)


def plain_label(html: str) -> str:
    """Return the text of some HTML in one line, cut to the length of a label."""
    stripped = nh3.clean(_BLOCK.sub(" <", html), tags=set())
    text = " ".join(unescape(stripped).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def label_in_markdown(label: str) -> str:
    """Return Markdown that any reader of it, GitHub's too, shows as this label: nothing in it is HTML or markup."""
    escaped = _MARKS.sub(r"\\\g<0>", label)
    start = _LINE_START.match(escaped)
    if start is None:
        return escaped
    rest = escaped[start.end() :]
    return f"{start[1]}\\{rest}" if start[1].isdigit() else f"\\{escaped}"
