"""What people type who do not know that they write Markdown: nothing of it vanishes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.markdown.plain_text import visible_text
from trialdeck.markdown.render import render, render_cloze, render_inline


def seen(html: str) -> str:
    """The text of some HTML, with its line breaks and the bullets and numbers of its lists."""
    text = re.sub(r"<br>\n?", "\n", html)
    return re.sub(r"<[^>]*>", "", text).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")


AS_TYPED = [
    ">65 years",
    "> 65 years",
    ">=65 years",
    "- 3.1 points (95% CI, - 4.0 to - 2.2)",
    "+ 5.2 mmHg",
    "+ 5.2 mmHg\n+ 3.1 mmHg",
    "2016. It was a good year.",
    "2016) It was a good year.",
    "1. a\n1. b",
    "1. a\n3. b",
    "# of events: 42",
    "#3 of 4",
    "---",
    "***",
    "* * *",
    "a\n---",
    "a\n===",
    "-",
    "1.",
    "- - a",
    "HLA-B*57:01 and HLA-B*15:02; CYP2C19*2 or CYP2C19*3",
    "the *2 and the CYP2C19*3 allele",
    "*p<0.05, **p<0.01, ***p<0.001",
    "5*3 and 4*2",
    "[a]: https://example.org",
    "HR 0.80\nNNT 21\nARR 4.7%",
    "• drug\n• placebo",
    "    four spaces are no code".strip(),
    "- drug\n\nGiven by mouth.",
    "P(x|y) | P(y|x)",
    "snake_case_names and 2_000",
    "**bold before no end",
]


@pytest.mark.parametrize("text", AS_TYPED)
def test_it_shows_as_it_was_typed(text: str) -> None:
    assert seen(render(text)).replace("\n\n", "\n") == text.replace("\n\n", "\n")


@pytest.mark.parametrize("text", [text for text in AS_TYPED if "\n" not in text])
def test_it_shows_as_it_was_typed_within_a_line_and_a_statement(text: str) -> None:
    assert seen(render_inline(text)) == text
    assert seen(render_cloze(f"{{{{c1::x}}}} {text}")) == f"{{{{c1::x}}}} {text}"
    assert seen(render_cloze(f"{text} {{{{c1::x}}}}")) == f"{text} {{{{c1::x}}}}"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("- 10 mg\n- 20 mg", "<ul><li>10 mg</li><li>20 mg</li></ul>"),
        ("* a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("2016. a\n2017. b", '<ol start="2016"><li>a</li><li>b</li></ol>'),
        ("Doses:\n- 10\n- 20", "<p>Doses:</p><ul><li>10</li><li>20</li></ul>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("- a\n  1. b\n  2. c", "<ul><li>a<ol><li>b</li><li>c</li></ol></li></ul>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("- + 5\n- + 3", "<ul><li>+ 5</li><li>+ 3</li></ul>"),
    ],
)
def test_a_list_has_two_items_at_least(text: str, html: str) -> None:
    assert re.sub(r"\n(?=<)|(?<=>)\n", "", render(text)) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**R**andomised **A**ldactone", "<strong>R</strong>andomised <strong>A</strong>ldactone"),
        ("**全生存期間（OS）**を評価した。", "<strong>全生存期間（OS）</strong>を評価した。"),
        ("**무진행**을", "<strong>무진행</strong>을"),
        ("ผล*หลัก*ดี", "ผล<em>หลัก</em>ดี"),
        ("*a*, (**b**) and _c_.", "<em>a</em>, (<strong>b</strong>) and <em>c</em>."),
        ("**a**_b_ __a__*b*", "<strong>a</strong><em>b</em> <strong>a</strong><em>b</em>"),
        ("snake_case_name and a_*2", "snake_case_name and a_*2"),
        ("$x$**(95% CI)**$y$ ~~(a)~~$z$", r"\(x\)<strong>(95% CI)</strong>\(y\) <s>(a)</s>\(z\)"),
    ],
)
def test_emphasis_stands_at_the_edge_of_a_word(text: str, html: str) -> None:
    assert render_inline(text) == html


def test_emphasis_touches_deletions() -> None:
    html = "{{c1::HR}}<strong>(95% CI)</strong>{{c2::0.74}}<s>(not)</s>{{c3::p}}"
    assert render_cloze("{{c1::HR}}**(95% CI)**{{c2::0.74}}~~(not)~~{{c3::p}}") == f"<p>{html}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "See [Lancet](https://doi.org/10.1016/S0140-6736\\(05\\)67394-1)",
        "[L](https://doi.org/10.1016/S0140-6736(05)67394-1)",
    ],
)
def test_brackets_in_addresses(text: str) -> None:
    assert 'href="https://doi.org/10.1016/S0140-6736(05)67394-1"' in render(text)


LINES = st.lists(st.text("-+*>#1234. ab)", max_size=9), min_size=1, max_size=6).map("\n".join)


@given(LINES)
def test_no_letter_and_no_number_vanishes(text: str) -> None:
    html = render(text)
    for number in re.findall(r'<ol start="([0-9]+)">|<ol>', html):
        assert not number or re.search(rf"(?m)^[ \t]*(?:[-*+] +)?0*{number}[.)]", text)
    # The numbers of lists are not in the text of the page.
    items = re.sub(r"(?m)^[ \t]*(?:[-*+][ \t]+)?[0-9]{1,9}[.)](?=[ \t]|$)", "", text)
    assert sorted(re.findall(r"[ab>#]", visible_text(html).replace("&gt;", ">"))) == sorted(re.findall(r"[ab>#]", text))
    assert len(re.findall(r"[0-9]", visible_text(html))) >= len(re.findall(r"[0-9]", items))


@given(LINES)
def test_no_list_has_one_line(text: str) -> None:
    if "\n" not in text.strip():
        assert "<li>" not in render(text)
