"""Put one character in the place of each mark of a cloze deletion, so that nothing takes it for text, and back."""

import re

from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.html.seen import MARK
from trialdeck.markdown.sanitise import stripped

_HTML_MARK = re.compile(r"\{\{c([1-9][0-9]{0,2})::|::|\}\}")
_HINT, _END = "\U0010f000", "\U0010f001"
_FIRST = 0x10F002


def hide_marks(html: str) -> str:
    """Return the HTML of a cloze statement with characters for marks, which are found as Anki does.

    Raises UnsayableError for a deletion inside another one, which no record has.
    """
    html = MARK.sub("", html)
    parts: list[str] = []
    position = 0
    start = hint = -1
    for mark in _HTML_MARK.finditer(html):
        if mark[1]:
            if start >= 0:
                raise UnsayableError("it has a deletion inside another one")
            parts += [html[position : mark.start()], mark[0]]
            start, hint, position = len(parts) - 1, -1, mark.end()
        elif start >= 0 and mark[0] == "}}":
            number = int(parts[start][3:-2])
            parts[start] = chr(_FIRST + number)
            if hint >= 0 and not stripped(html[hint : mark.start()]).replace("&nbsp;", " ").strip():
                # A hint in which nothing is seen is none.
                parts[-1] = ""
            parts += [html[position : mark.start()], _END]
            start, position = -1, mark.end()
        elif start >= 0 and hint < 0:
            parts += [html[position : mark.start()], _HINT]
            hint = position = mark.end()
    if start >= 0:
        # A deletion without an end is text.
        parts = [part if part != _HINT or index < start else "::" for index, part in enumerate(parts)]
    return "".join([*parts, html[position:]])


def show_marks(text: str) -> str:
    """Return a text with the marks that its characters stand for."""
    return MARK.sub(lambda found: _mark(found[0]), text)


def _mark(character: str) -> str:
    return {_HINT: "::", _END: "}}"}.get(character) or f"{{{{c{ord(character) - _FIRST}::"
