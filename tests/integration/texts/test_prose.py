"""Plain prose takes a short way; it leads to the same HTML."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.markdown.plain_text import visible_text
from trialdeck.markdown.prose import prose
from trialdeck.markdown.render import _marked_up

SPECIAL = [
    *"ab1. ,;:()%'\"/?!@#+=><&-*_`~[]{}|\\$\n\té–≤§½…“”·\u200b\u2028\xa0\xad\u0301ω\ufdd0\ufe0f−←",
    *(
        "1.",
        "1)",
        "- ",
        "http://a.b",
        "&amp;",
        "&amp",
        "\n\n",
        "  \n",
        "    ",
        "{{c1::",
        "::",
        "}}",
        "<b>",
        " & ",
        "< 5",
    ),
]


@settings(max_examples=examples(3000), deadline=None)
@given(st.lists(st.sampled_from(SPECIAL), max_size=10).map("".join))
def test_prose_is_what_markdown_makes_of_it(text: str) -> None:
    for inline in (False, True):
        if short := prose(text, inline=inline):
            assert short == _marked_up(text, [], inline=inline)
            assert visible_text(short)


def test_most_sentences_are_prose() -> None:
    assert prose("Median PFS was 26.3 months (95% CI, 20 to 25; P < 0.001).\n", inline=True)
    assert not prose("*Median* PFS", inline=True)
