"""Targets that make HTML, and that read it back: whatever the text, the HTML is harmless."""

import re
from html import unescape
from html.parser import HTMLParser

from fuzz.texts import text_of
from trialdeck.markdown.from_html import is_alike, losses_of, markdown_of, points_of
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.render import escape_markdown, render, render_cloze, render_inline, render_plain
from trialdeck.markdown.sanitise import sanitised

_ALLOWED = {
    **{
        name: set[str]()
        for name in (
            *("blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "pre", "s"),
            *("span", "strong", "table", "tbody", "thead", "tr", "ul"),
        )
    },
    "a": {"href", "rel"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_LINE_END = re.compile("\r\n?")
_BACKSLASH = "<span>\\</span>"


class _Guard(HTMLParser):
    """Looks at every tag as a browser would see it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, tag
        for name, value in attrs:
            assert name in _ALLOWED[tag], (tag, name)
            assert name != "href" or _ADDRESS.match(value or ""), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def harmless(html: str) -> None:
    """The HTML of a card holds nothing but what a card may hold; the sanitiser finds nothing to do."""
    guard = _Guard()
    guard.feed(html)
    guard.close()
    plain = _LINE_END.sub("\n", html.replace(_BACKSLASH, "\\"))
    assert unescape(sanitised(plain)) == unescape(plain), (sanitised(plain), plain)


def forget() -> None:
    """Let nothing come from memory, so that the same is done twice."""
    render.cache_clear()
    render_inline.cache_clear()


def markup(content: bytes) -> None:
    """A text in Markdown, in all the ways that a card shows one."""
    text = text_of(content)
    forget()
    made = [render(text), render_inline(text), render_cloze(text), render_plain(text)]
    for html in made:
        harmless(html)
    forget()
    assert made == [render(text), render_inline(text), render_cloze(text), render_plain(text)]


def plain(content: bytes) -> None:
    """A plain text becomes Markdown that shows exactly that text."""
    text = text_of(content)
    forget()
    html = render(escape_markdown(text))
    harmless(html)
    # Back from the HTML: paragraphs and nothing else, and the words as they were.
    said = unescape(re.sub("</?p>|<br>", "", html.replace(_BACKSLASH, "\\")))
    wanted = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]", "\ufffd", text)
    assert said.split() == wanted.split(), (said, wanted)


def unrendered(content: bytes) -> None:
    """HTML that somebody typed, and HTML that was made: the way back leads to what looks the same, or is refused."""
    text = text_of(content)
    forget()
    for html in (text, render(text)):
        points_of_any(html)
        for cloze in (False, True):
            try:
                back = markdown_of(html, text, cloze=cloze)
            except UnsayableError:
                continue
            assert is_alike(html, html, cloze=cloze)
            if cloze is False and not losses_of(html):
                assert is_alike(render(back), html)


def points_of_any(html: str) -> None:
    """The points of a list, where there is one."""
    try:
        assert all(isinstance(point, str) for point in points_of(html))
    except UnsayableError:
        return
