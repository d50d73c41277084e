"""Whatever elements stand around the words of a note, in whatever order: each word is taken, or named as lost."""

import re
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.markdown.from_html import converted
from trialdeck.markdown.render import render

NAMES = [
    "a", "abbr", "anki-mathjax", "article", "b", "blockquote", "br", "button", "caption", "center", "code", "col",
    "colgroup", "dd", "details", "div", "dl", "dt", "fieldset", "font", "h2", "head", "hr", "i", "img", "label",
    "legend", "li", "mark", "ol", "p", "pre", "q", "rt", "ruby", "s", "section", "small", "span", "sub", "summary",
    "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
]  # fmt: skip
TAGS = [tag for name in NAMES for tag in (f"<{name}>", f"<{name}>", f"</{name}>")]
WORD = "\0"
"""Stands for the next word."""


def with_words(parts: Sequence[str]) -> tuple[str, list[str]]:
    """HTML with a word of its own wherever there is to be one, and the words."""
    words = [f"word{number}z" for number, _ in enumerate(filter(WORD.__eq__, parts))]
    rest = iter(words)
    return "".join(f" {next(rest)} " if part == WORD else part for part in parts), words


@settings(max_examples=examples(1000))
@given(st.lists(st.sampled_from([*TAGS, *[WORD] * len(NAMES) * 2]), max_size=14).map(with_words))
@example(with_words(["<table>", WORD, "<td>", WORD, "<tbody>", "<caption>", WORD, "</table>"]))
@example(with_words(["<sup>", WORD, "<rt>", WORD, "</sup>"]))
@example(with_words(["<ul>", "<li>", WORD, "<li>", WORD, "</li>", WORD, "</ul>"]))
@example(with_words(["<colgroup>", WORD, "<head>", WORD]))
def test_no_word_vanishes(field: tuple[str, list[str]]) -> None:
    html, words = field
    made = converted(html)
    shown = re.findall("word[0-9]+z", re.sub("<[^>]*>", " ", render(made.text)))
    assert sorted(shown) == sorted(words), made
    if "table" not in html:
        # A browser puts above a table what is in none of its cells.
        assert shown == words, made
