"""From HTML back to Markdown: what was rendered comes back as what renders the same, and nothing is guessed."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.markdown.from_html import is_alike, markdown_of, points_of
from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.render import render, render_cloze, render_inline

WORDS = [
    "dawnol",
    "p<0.001",
    "A&B",
    "3*4",
    "a_b",
    "1.",
    "$5",
    "[1]",
    "~2",
    "`c`",
    "#1",
    "20.6 months",
    "x|y",
    "\\",
    "!",
]
INLINE = st.recursive(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    lambda inner: (
        inner.map("**so {} it**".format)
        | inner.map("*so {} it*".format)
        | inner.map("~~so {} it~~".format)
        | st.tuples(inner, inner).map(" and ".join)
    ),
    max_leaves=4,
) | st.sampled_from(["$x^2$", "\\(\\frac{a}{b}\\)", "[a link](https://example.org/a_(b))", "one\\\ntwo", "one\ntwo"])
LINES = st.lists(INLINE, min_size=1, max_size=3)
BLOCKS = st.one_of(
    INLINE,
    st.lists(INLINE, min_size=1, max_size=3).map(lambda lines: "\n".join(f"- {line}" for line in lines)),
    st.lists(INLINE, min_size=1, max_size=3).map(
        lambda lines: "\n".join(f"{n}. {line}" for n, line in enumerate(lines))
    ),
    INLINE.map("> {}".format),
    INLINE.map("## {}".format),
    st.sampled_from(
        ["---", "```\na < b\n```", "| a | b |\n|---|:-:|\n| 1 | *2* |", "$$x = 1$$", "- a\n  - b\n    1. c"]
    ),
)
TEXTS = st.lists(BLOCKS, min_size=1, max_size=4).map("\n\n".join)
HOSTILE = st.lists(
    st.sampled_from([*"abc 1.:#-[]{}>|'\"&*!_~`\\\n<($)", "\n\n", "- ", "1. ", "**", "  \n", "`x`", "*a*", "[l](http://a.b)",
                     "$x$", "> ", "\n- ", "\n  - ", "|---|\n", "word ", "&amp;", "```\n"]),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=examples(300))
@given(TEXTS)
@example("**a***b*")
@example("<b>no HTML</b> &amp; [sound:a.mp3] {{c1::x}}")
@example("\\$x$ costs \\[l](b) 5 $ and 6 $")
@example("one  \ntwo\n===")
def test_what_was_rendered_comes_back(text: str) -> None:
    html = render(text)
    again = render(markdown_of(html))
    assert seen(again) == seen(html)
    assert render(markdown_of(again)) == again


@settings(max_examples=examples(300))
@given(HOSTILE, HOSTILE)
def test_no_text_comes_back_as_another(text: str, former: str) -> None:
    html = render(text)
    for back in (markdown_of(html), markdown_of(html, former)):
        assert is_alike(render(back), html)


GAPS = [*WORDS, "{{c1::two}}", "{{c2::a::hint}}", "**{{c3::x}}**", "$x^2$", "::"]


@given(st.lists(st.sampled_from(GAPS), max_size=6))
def test_a_cloze_statement_comes_back(parts: list[str]) -> None:
    html = render_cloze(" ".join([*parts, "{{c1::end}}"]))
    assert is_alike(render_cloze(markdown_of(html, cloze=True)), html, cloze=True)


@given(INLINE)
def test_a_text_of_one_line_comes_back(text: str) -> None:
    html = render_inline(text)
    assert is_alike(render(markdown_of(html)), html)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<div>It binds.</div><div>Twice.</div>", "It binds.\nTwice."),
        ("It binds.<br>Twice.<br>", "It binds.\nTwice."),
        ("It <b>binds </b>twice, <i>p&lt;0.001</i>", "It **binds** twice, *p<0.001*"),
        ("<div><br></div><div>It&nbsp;binds.</div>", "It\xa0binds."),
        ("<span>It</span> binds.", "It binds."),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<p>1. is no list</p>", "1. is no list"),
        ("", ""),
    ],
)
def test_what_editors_write_becomes_what_an_author_would(html: str, markdown: str) -> None:
    assert markdown_of(html) == markdown


def test_what_is_as_it_was_stays_as_it_was_written() -> None:
    former = "It binds $k_d$ *and*\nstays.\n\n* one\n* two\n\nEnd."
    html = render(former).replace("End.", "The <b>end</b>.")
    assert markdown_of(html, former) == "It binds $k_d$ *and*\nstays.\n\n* one\n* two\n\nThe **end**."


def test_the_points_of_a_list() -> None:
    assert points_of("<ol><li>a</li><li><b>b</b></li></ol>") == ["a", "<b>b</b>"]
    assert points_of("<p>a</p>") == []
    assert points_of("<ol><li>a</li></ol><p>b</p>") == []
