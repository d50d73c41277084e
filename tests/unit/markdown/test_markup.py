r"""Markdown to the HTML of a card: what it looks like, and that nothing in it acts.

Anki reads `{{c1::…}}`, `[sound:…]` and the like in a card's HTML; MathJax then reads `\(…\)` and `\[…\]` in what the
HTML shows. Both are imitated here in a few lines each; test_cloze_in_anki.py asks the real Anki.
"""

import re
from collections.abc import Iterator

import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from folders import SUPPORT
from matrices import examples
from statements import ANKI_CLOZE, CLOZE_MARKS, MARKS, READ_BY_ANKI, STATEMENT, folded, seen
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.markdown.plain_text import visible_text
from trialdeck.markdown.render import escape_markdown, render, render_cloze, render_inline, render_link, render_plain

EVERY_TAG = re.compile(
    r"</?(?:p|em|strong|s|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td|a)>|<[bh]r>"
    r'|<a href="(?:https?:|mailto:)[^"]*" rel="noopener noreferrer">|<ol start="[0-9]+">'
    r'|<t[dh] align="(?:left|right|center)">|<span>\\</span>',
    re.IGNORECASE,
)
PLAIN_TAG = re.compile(r"</?p>|<br>|<span>\\</span>")
ACTING_TEX = re.compile(r"\\(?:href|style|class|cssId|bbox|fcolorbox|unicode|mmlToken|require|def|let|newcommand)\b")


def typeset(html: str) -> list[str]:
    r"""The TeX that MathJax finds as Anki has configured it: `\(…\)` and `\[…\]` in one text, braces closed."""
    html = re.sub(r"<(pre|code)>.*?</\1>|<br>", "\n", html, flags=re.DOTALL)
    texts = [BeautifulSoup(f"<body>{part}", "html.parser").get_text() for part in re.split(r"<[^>]*>", html)]
    return [tex for text in texts for tex in _formulas_in(text)]


def _formulas_in(text: str) -> Iterator[str]:
    position = 0
    while start := re.compile(r"\\[(\[]").search(text, position):
        depth, position = 0, start.end()
        closer = {"\\(": "\\)", "\\[": "\\]"}[start[0]]
        for mark in re.compile(r"\\(?:[A-Za-z]|.)|[{}]").finditer(text, position):
            if mark[0] == closer and depth == 0:
                yield text[start.end() : mark.start()]
                position = mark.end()
                break
            depth += {"{": 1, "}": -1 if depth else 0}.get(mark[0], 0)


# --- What Markdown becomes


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Dawnol *delayed* **relapse**.", "<p>Dawnol <em>delayed</em> <strong>relapse</strong>.</p>"),
        ("one\ntwo\n\nthree  \nfour", "<p>one<br>\ntwo</p>\n<p>three<br>\nfour</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("## Why?", "<p>## Why?</p>"),
        ("&lt;b&gt; &#123;&#123;c1::x}}", "<p>&lt;b&gt; &#123;&#123;c1::x&#125;&#125;</p>"),
        ("> quoted", "<p>&gt; quoted</p>"),
        ("~~old~~ `n < 5`", "<p><s>old</s> <code>n &lt; 5</code></p>"),
        ("```python\nx = $y$\n```", "<pre><code>x = $y$\n</code></pre>"),
        (
            "[here](https://example.org 'title')",
            '<p><a href="https://example.org" rel="noopener noreferrer">here</a></p>',
        ),
        (
            "<https://example.org>",
            '<p><a href="https://example.org" rel="noopener noreferrer">https://example.org</a></p>',
        ),
        ("<a@example.org>", '<p><a href="mailto:a@example.org" rel="noopener noreferrer">a@example.org</a></p>'),
        (
            "![x](https://example.org/x.png)",
            '<p>!<a href="https://example.org/x.png" rel="noopener noreferrer">x</a></p>',
        ),
    ],
)
def test_markdown(text: str, html: str) -> None:
    assert render(text) == html


def test_a_table_keeps_its_alignment() -> None:
    html = render("| arm | n |\n|:--|--:|\n| dawnol | $n=1|2$ |")
    assert '<th align="right">n</th>' in html
    assert '<td align="left">dawnol</td>\n<td align="right">\\(n=1|2\\)</td>' in html


def test_a_text_of_one_line_has_no_paragraph() -> None:
    assert render_inline("**DAWN-1**, # 1") == "<strong>DAWN-1</strong>, # 1"


# --- Text that is text

HOSTILE_TEXTS = yaml.safe_load((SUPPORT / "hostile" / "texts.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_text_that_shows_as_it_was_typed_and_does_nothing(text: str) -> None:
    for html in (render(text), render_inline(text), render_cloze(text), render_plain(text)):
        assert seen(html) == folded(re.sub("[\x00\x07\x1b]", "\ufffd", text))
        assert "<" not in PLAIN_TAG.sub("", html)
        assert not READ_BY_ANKI.search(html)
        assert typeset(html) == []


@pytest.mark.parametrize("text", ["a\x00b", "a\x1fb", "a\x0cb", "a\ufdd00\ufdd1", "a\ud800b", "a\uffffb"])
def test_what_is_not_text_is_shown_as_a_replacement(text: str) -> None:
    shown = re.sub("[^a-z0-9]", "\ufffd", text)
    for html in (render(text), render_inline(text), render_cloze(text), render_plain(text)):
        assert seen(html) == shown


@pytest.mark.parametrize(
    ("text", "text_of_link", "address"),
    [
        ("[x](HTTPS://example.org)", "x", "HTTPS://example.org"),
        ("[x](https://example.org/{{c1::x}}[sound:y])", "x", "https://example.org/%7B%7Bc1::x%7D%7D%5Bsound:y%5D"),
        ("[x](https://example.org/?q=$b$&r=\\(c\\))", "x", "https://example.org/?q=$b$&r=%5C(c%5C)"),
        ("[x](https://example.org/\"onclick='alert(1))", "x", "https://example.org/%22onclick='alert(1)"),
        ("[x](https://a/%EF%B7%900%EF%B7%91)", "x", "https://a/%ef%b7%900%ef%b7%91"),
        ("<https://a/%EF%B7%900%EF%B7%91>", "https://a/%EF%B7%900%EF%B7%91", "https://a/%ef%b7%900%ef%b7%91"),
    ],
)
def test_the_address_of_a_link_does_nothing_else(text: str, text_of_link: str, address: str) -> None:
    html = render(text)
    assert "<" not in EVERY_TAG.sub("", html)
    link = BeautifulSoup(html, "html.parser").a
    assert link is not None
    assert (link.get_text(), link["href"]) == (text_of_link, address)
    assert not READ_BY_ANKI.search(html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b* [here]() c", "<p>a <em>b</em> [here]() c</p>"),
        ('*a* [*her* e]( "title") *b*', '<p><em>a</em> [<em>her</em> e]( "title") <em>b</em></p>'),
        ("[here](<>)", "<p>[here](&lt;&gt;)</p>"),
        ("[a [b]() c](https://x.y/)", "<p>[a [b]() c](https://x.y/)</p>"),
        (
            "**[a](), [b](https://x.y/)**",
            '<p><strong>[a](), <a href="https://x.y/" rel="noopener noreferrer">b</a></strong></p>',
        ),
    ],
)
def test_a_link_without_an_address_is_text(text: str, html: str) -> None:
    assert render(text) == html


def test_a_link_of_plain_text() -> None:
    html = render_link("https://doi.org/10.1/a'b[sound:x]{{c1::y}}\\(z\\)&", "doi:[sound:x] \\(z\\) <b>")
    assert html == (
        '<a href="https://doi.org/10.1/a&#x27;b&#91;sound:x]&#123;&#123;c1::y&#125;&#125;\\(z\\)&amp;">'
        "doi:&#91;sound:x] <span>\\</span>(z<span>\\</span>) &lt;b&gt;</a>"
    )


# --- Formulas


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\(x^2\)", r"\(x^2\)"),
        (r"\[x^2\]", r"\[x^2\]"),
        ("$x^2$", r"\(x^2\)"),
        ("$$x^2$$", r"\[x^2\]"),
        (r"$a<b$ & $c \& d$", r"\(a&lt;b\) &amp; \(c \&amp; d\)"),
        (r"*$a*b*c_d_e$*", r"<em>\(a*b*c_d_e\)</em>"),
        (r"$\alpha_{1}$, $\beta$", r"\(\alpha_{1}\), \(\beta\)"),
        (r"$\frac{1}{{2}}$", r"\(\frac{1}{ {2} }\)"),
        (r"$\begin{matrix}a\\[2pt]b\end{matrix}$", r"\(\begin{matrix}a\\[2pt]b\end{matrix}\)"),
        (r"$a\)b$", r"\(a\ )b\)"),
        (r"\(x\ \)", r"\(x\ \)"),
        (r"\(x\\) y", r"\(x\ \) y"),
        ("$$sound:x.mp3]$$", r"\&#91;sound:x.mp3]\]"),
        ("`$x$` and `\\(y\\)`", "<code>$x$</code> and <code><span>\\</span>(y<span>\\</span>)</code>"),
        (r"\\(x\\) and \\[x\\]", r"<span>\</span>(x<span>\</span>) and <span>\</span>[x<span>\</span>]"),
        (r"\\\(x\)", r"<span>\</span>\(x\)"),
        (r"\begin{align}x\end{align}", r"<span>\</span>begin{align}x<span>\</span>end{align}"),
    ],
)
def test_formulas(text: str, html: str) -> None:
    assert render_inline(text) == html
    assert render(text) == f"<p>{html}</p>"


ACTING = r"\href{javascript:alert(1)}{x}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (rf"\(x\\) {ACTING} \(y\)", [r"x\ ", "y"]),
        (rf"\\[sound:x] {ACTING} $$y$$", ["y"]),
        (rf"$x\ $ {ACTING} $y$", ["y"]),
        (rf"\(x %}}\) {ACTING} \(y\)", ["x %}", "y"]),
        (rf"\(x{{\) {ACTING} \(y}}\)", ["y}"]),
        (rf"$x{{$ {ACTING} $y}}$", ["y}"]),
        (rf"\[sound: {ACTING} \]", []),
    ],
)
def test_no_formula_runs_on_into_the_text(text: str, found: list[str]) -> None:
    assert typeset(render(text)) == found


FORMULA_PARTS = [
    *"${}[]()*_`\\ x\n%|", "\\(", "\\)", "\\[", "\\]", "$$", "\\\\", "[sound:", "{{", "}}", "::", "\n\n",
    "$y$", "\\(z\\)", ACTING, "\\def\\x{y}", "<br>", "  \n", "\\text{",
]  # fmt: skip


@given(st.lists(st.sampled_from(FORMULA_PARTS), max_size=14).map("".join))
def test_nothing_that_acts_is_ever_typeset(text: str) -> None:
    for html in (render(text), render_inline(text), render_cloze(text), render_plain(text)):
        assert not any(ACTING_TEX.search(tex) for tex in typeset(html))


# --- Any text at all

HOSTILE = st.lists(st.sampled_from(MARKS) | st.characters(), max_size=16).map("".join)


@given(HOSTILE)
@example("%EF%B7%900%EF%B7%91 <https://a.b/%EF%B7%900%EF%B7%91>")
@example("[a](https://a.b/$x$ '\\(y')")
@settings(max_examples=examples(300))
def test_any_text_gives_only_the_elements_of_a_card(text: str) -> None:
    for html in (render(text), render_inline(text)):
        assert "<" not in EVERY_TAG.sub("", html)
        assert not READ_BY_ANKI.search(html)


@given(HOSTILE)
@example("[a](b) [a\\] \\[a\\] \\(x\\)")
@example("(a) $x$ \\$x$ `a` \\`a` <b>")
@example("a\n===\n\n    b\n\n1) c\n+ d\n| e |\n|---|")
@example("a  \n   b\\\nc\r\n\r\nd\r\re")
@example("\ud800\x00\x0c")
@example("\ufeff***")
@settings(max_examples=examples(600))
def test_escaped_text_shows_as_it_is(text: str) -> None:
    shown = folded(
        re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]", "\ufffd", text)
    )
    escaped = escape_markdown(text)
    html = render(escaped)
    assert seen(html) == shown
    assert "<" not in PLAIN_TAG.sub("", html)
    assert typeset(html) == []
    if "\n" not in escaped:
        # A byte order mark at the very start of an HTML text is no part of it.
        assert seen(render_inline(escaped)) == shown.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Dawnol v placebo: p<0.001 (n = 5), 50% & more.", "Dawnol v placebo: p<0.001 (n = 5), 50% & more."),
        ("- a dash", "- a dash"),
        ("- a\n- b", "\\- a\n\\- b"),
        ("2016. A year", "2016. A year"),
        ("1. a\n2. b", "1\\. a\n2\\. b"),
        ("a * b * c, d_e_f, 5*6", "a * b * c, d_e_f, 5*6"),
        ("*starred*", "\\*starred\\*"),
        ("[a](https://b.c)", "[a\\](https://b.c)"),
        ("$x$ and $5", "\\$x\\$ and \\$5"),
        ("one  \n   two\r\n\r\n\r\nthree", "one\ntwo\n\nthree"),
    ],
)
def test_only_what_markdown_would_change_is_escaped(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <em>b</em>&nbsp;&lt;c&gt;</p>", "ab<c>"),
        ("<p>\u200b\u2060\ufeff\xad\u3164</p>\n<br><hr>", ""),
        ('<a href="https://example.org"></a>', ""),
    ],
)
def test_visible_text(html: str, text: str) -> None:
    assert visible_text(html) == text


@pytest.mark.uncounted
@pytest.mark.parametrize(
    "unit", ["a", "*", "[", "$", "`", "{{c1::", "<", "\\(", "&", "[a](", "| ", "> ", "\\", ":", "}}", "- "]
)
def test_a_text_without_end_is_rendered_all_the_same(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    for html in (render(text), render_inline(text), render_cloze(text)):
        assert "<" not in EVERY_TAG.sub("", html)


# --- Cloze statements


def deletions(html: str) -> list[tuple[int, str, str]]:
    """What Anki 2.1.49 finds: number, answer and hint, as they are read."""
    return [(int(number), seen(answer), seen(hint)) for number, answer, hint in ANKI_CLOZE.findall(html)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("binds {{c1::**cereblon**}}", [(1, "cereblon", "")]),
        ("{{c2::a::b}} {{c01::c}}", [(2, "a", "b"), (1, "c", "")]),
        ("{{c1::a::}} {{c2::b:: }}", [(1, "a", ""), (2, "b", "")]),
        (r"{{c1::\(\frac{1}{2}\)}}", [(1, r"\(\frac{1}{2}\)", "")]),
        (r"{{c1::\(a_{b_{c}}\) mg::$x::y$}}", [(1, r"\(a_{b_{c} }\) mg", r"\(x: :y\)")]),
        ("$n$ {{c1::std&colon;:vector}} $m$", [(1, "std::vector", "")]),
        ("{{c1::a&colon;::b}} {{c2::c&rcub;}}", [(1, "a:", "b"), (2, "c}", "")]),
        ("{{c1:::a:}} {{{c2::b}}}", [(1, ":a:", ""), (2, "b", "")]),
        ("{{c1::p<0.001 & q}} [sound:x.mp3]", [(1, "p<0.001 & q", "")]),
        (rf"{{{{c1::\({ACTING}\)}}}}", [(1, rf"\({ACTING}\)", "")]),
        ("- {{c1::a}}\n- {{c2::b}}", [(1, "a", ""), (2, "b", "")]),
    ],
)
def test_deletions(text: str, found: list[tuple[int, str, str]]) -> None:
    assert deletions(render_cloze(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "*a {{c1::b* c}}",
        "{{c1::a `b}} c`",
        "# {{c1::a\nb}}",
        "- {{c1::a\n- b}}",
        "| {{c1::a | b}} |\n|---|---|",
        "[x](https://e.org/{{c1::a}})",
        "[x](https://e.org '{{c1::a}}')",
        "<https://e.org/{{c1::a}}>",
        "[{{c1::x}}]: https://e.org",
        "[x]\n\n[x]: https://e.org/{{c1::a}}",
        "```{{c1::a}}\nb\n```",
    ],
)
def test_a_deletion_that_markdown_would_break_is_shown_as_it_was_typed(text: str) -> None:
    html = render_cloze(text)
    assert "<" not in PLAIN_TAG.sub("", html)
    assert seen(html) == folded(text)
    assert [number for number, _, _ in deletions(html)] == [1]


@given(STATEMENT)
@example("{{c1::a&colon;::b}}")
@example("{{{c1::a}}}")
@settings(max_examples=examples(600))
def test_anki_finds_exactly_the_deletions_of_a_statement(text: str) -> None:
    statement = parse_cloze(text)
    assume(statement.deletions and not statement.faults)
    html = render_cloze(text)
    assert [number for number, _, _ in deletions(html)] == [deletion.number for deletion in statement.deletions]
    assert "<" not in EVERY_TAG.sub("", html)
    for _, answer, hint in ANKI_CLOZE.findall(html):
        assert is_balanced(answer)
        assert is_balanced(hint)
    assert html.count("{{") == html.count("}}") == len(statement.deletions)


def is_balanced(html: str) -> bool:
    """Whether every element that starts here ends here."""
    opened: list[str] = []
    for end, name in re.findall(r"<(/?)(\w+)[^>]*>", html):
        if not end and name not in ("br", "hr"):
            opened.append(name)
        elif end and (not opened or opened.pop() != name):
            return False
    return not opened


TYPED = st.lists(st.sampled_from(CLOZE_MARKS), max_size=8).map(lambda parts: folded("".join(parts)))
TYPED = TYPED.filter(lambda text: "::" not in text and "}}" not in text + "}")


@given(TYPED, TYPED)
@example("p<0.001 & *q*", "[a](b)")
def test_answers_show_as_they_were_typed(first: str, second: str) -> None:
    for answer in (first, second):
        text = f"Dawnol: {{{{c1::{escape_markdown(answer)}}}}}."
        statement = parse_cloze(text)
        assume(statement.deletions and not statement.faults)
        assert deletions(render_cloze(text)) == [(1, seen(render_plain(answer)), "")]
