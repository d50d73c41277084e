"""The HTML that is written of blocks is that of a card, and these blocks are seen of it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trialdeck.markdown.from_html import markdown_of
from trialdeck.markdown.html.card_html import card_html, shows
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.render import render

_ELEMENTS = ("b", "i", "s", "u", "p", "div", "ul", "ol", "li", "code", "pre", "sup", "h2", "td", "tr", "table", "span")
_PIECES = st.one_of(
    st.sampled_from([f"<{end}{name}>" for name in _ELEMENTS for end in ("", "/")]),
    st.sampled_from(['<a href="https://a.org/?q=1&amp;r=$2">', "</a>", "<br>", "<ol start=3>", "[sound:", "[$]", "]"]),
    st.sampled_from(
        ["\\(x^2\\)", "\\", "*", "[", "{{", "&nbsp;", "&lt;", "&amp;", "'", '"', "$", " ", "\n", "- ", "1. "]
    ),
    st.text(max_size=4),
)


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_of_its_html_the_blocks_are_seen_again(html: str) -> None:
    try:
        blocks = seen(html).blocks
    except UnsayableError:
        assume(False)
    made = card_html(blocks)
    assume(made is not None)
    assert made is not None
    assert seen(made).blocks == blocks


@pytest.mark.parametrize(
    "html",
    [
        "HR <b>0.74</b>, P &lt; 0.001<br>n&nbsp;= 360 &amp; more",
        "<div>one</div><div><br></div><div><i>two <b>three</b></i> <s>four</s></div>",
        "<b>Arms</b><ul><li>A: <i>x</i></li><li>B [n=100]<br>{y}</li></ul>",
        '<ol start="3"><li>A</li><li>B</li></ol><a href="https://example.org/?a=1&amp;b=2">a <b>link</b></a>',
    ],
)
def test_it_is_what_markdown_gives_of_most_texts(html: str) -> None:
    assert card_html(seen(html).blocks) == render(markdown_of(html))


@pytest.mark.parametrize("html", ["<pre>x</pre>", "a<code>b</code>", "<table><tr><td>a<td>b</table>", r"\(x^2\)"])
def test_blocks_that_are_not_simple_are_looked_for_in_the_html(html: str) -> None:
    blocks = seen(html).blocks
    assert card_html(blocks) is None
    assert shows(html, blocks)
    assert not shows("", blocks)
    assert not shows("<p>other</p>", blocks)
