"""HTML out of Anki becomes Markdown on which the same is seen; what no record can hold is named."""

import pytest

from trialdeck.markdown.from_html import becomes, converted, is_alike, markdown_of, points_of
from trialdeck.markdown.html.elements import DEEPEST, LONGEST, UnsayableError
from trialdeck.markdown.render import render, render_cloze


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("50&times;10<sup>9</sup>/L", "50×10⁹/L"),
        ("10<sup>&minus;3</sup>", "10⁻³"),
        ("10<sup>−3</sup> and 10<sup>–3</sup>", "10⁻³ and 10⁻³"),
        ("Ca<sup>2+</sup>", "Ca²⁺"),
        ("<b>10<sup>9</sup></b>", "**10⁹**"),
        ('10<span style="vertical-align: super">9</span>', "10⁹"),
        ("Drug<sup>®</sup>", "Drug®"),
        ("5<sup>th</sup>", r"5\(^{\text{th}}\)"),
        ("C<sub>max</sub>", r"C\(_{\text{max}}\)"),
        ("10<sup>0.5</sup>", r"10\(^{0.5}\)"),
        ("CHA<sub>2</sub>DS<sub>2</sub>-VASc", "CHA₂DS₂-VASc"),
        ("2<sup>3<sup>2</sup></sup>", r"2\(^{3^{2}}\)"),
        ('10<sup><span style="vertical-align: super">2</span></sup>', "10²"),
        ("x<sub>i<sup>2</sup></sub>", r"x\(_{\text{i}^{2}}\)"),
    ],
)
def test_raised_and_lowered_text_becomes_characters_or_a_formula(html: str, text: str) -> None:
    made = converted(html)
    assert (made.text, made.losses) == (text, ())
    assert is_alike(render(text), html)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("AT&T", "AT&T"),
        ("Q&A, R&D", "Q&A, R&D"),
        ("A&B; C", "A&B; C"),
        ("&", "&"),
        ("5 &lt 6", "5 < 6"),
        ("&#8805;60", "≥60"),
        ("&amp;lt;", r"\&lt;"),
        (
            '<a href="https://example.org/?a=1&copy=2&amp;b=3">a&b</a>',
            "[a&b](<https://example.org/?a=1&copy=2&b=3>)",
        ),
    ],
)
def test_an_ampersand_is_read_as_browsers_read_it(html: str, text: str) -> None:
    made = converted(html)
    assert (made.text, made.losses) == (text, ())
    assert is_alike(render(text), html)


@pytest.mark.parametrize(
    ("html", "loss"),
    [
        ("ALT <ULN and AST >ULN", ("the words <uln and ast>, which Anki takes for a tag",)),
        ("below <LLN>", ("the words <lln>, which Anki takes for a tag",)),
        ("<o:p>x</o:p><anki-mathjax>y</anki-mathjax>", ()),
        ('<gs class="error">x</gs>', ()),
        ("<acronym>x</acronym><nobr>y</nobr>", ()),
    ],
)
def test_words_that_are_read_as_a_tag_are_named(html: str, loss: tuple[str, ...]) -> None:
    assert converted(html).losses == loss


@pytest.mark.parametrize("rest", ["<br>", "<div><br></div>", "<div>&nbsp;</div> ", "<!--EndFragment-->", "<b></b>\n"])
def test_points_are_found_beside_what_is_not_seen(rest: str) -> None:
    assert points_of(f"<ol><li>one</li><li>two</li></ol>{rest}") == ["one", "two"]
    assert points_of(f"{rest}<ol><li>one</li></ol>") == ["one"]


@pytest.mark.parametrize("rest", ["x", '<img src="a.png">', "<div>x</div>", '<p><img src="a.png"></p>'])
def test_a_list_beside_anything_else_has_no_points(rest: str) -> None:
    assert points_of(f"<ol><li>one</li></ol>{rest}") == []


@pytest.mark.parametrize("gap", ["{{c1::}}", "{{c1::&nbsp;}}", '{{c2::<img src="a.png">}}', "{{c1::[sound:a.mp3]}}"])
def test_a_deletion_that_hides_no_text_is_named(gap: str) -> None:
    with pytest.raises(UnsayableError, match="a deletion that hides no text"):
        converted(f"It is {gap}.", cloze=True)


def test_old_latex_is_a_formula_or_named() -> None:
    assert converted("[latex]$x_1$[/latex] a").text == r"\(x_1\) a"
    made = converted(r"[latex]\LaTeX[/latex]")
    assert (made.text, made.losses) == (r"[latex]\LaTeX[/latex]", ("LaTeX that is more than a formula",))


@pytest.mark.parametrize(
    "name",
    [
        "address", "article", "aside", "center", "div", "fieldset", "figcaption", "figure", "footer", "form", "header",
        "main", "nav", "section", "summary",
    ],
)  # fmt: skip
def test_each_block_starts_and_ends_a_line(name: str) -> None:
    assert markdown_of(f"12<{name}>34</{name}>56") == "12\n34\n56"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>12</p>34<p>56</p>", "12\n\n34\n\n56"),
        ("<ol reversed><li>12<li>34</ol>", "2. 12\n1. 34"),
        ("<h3>12</h3>34", "**12**\n\n34"),
        ("12<hr>34", "12\n\n34"),
        ("<!--StartFragment-->12<!--[if gte mso 9]>34<![endif]-->", "12"),
        ("12<![if !supportLists]>34<![endif]>", "1234"),
        ("<style>p { color: red }</style><script>x()</script>12", "12"),
        ("a<div><br></div><div>b</div>", "a\n\nb"),
        ("a<br><br><br>b", "a\n\nb"),
        ("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb"),
        ("a<br>", "a"),
        ("<div><div>a</div></div>b", "a\nb"),
        ("a\nb", "a b"),
        ("a <b></b><i> </i>b", "a b"),
        ("<dl><dd></dd></dl>text", "text"),
        ("<ul></ul>text", "text"),
        ('a <div style="display: inline !important;">b</div> c', "a b c"),
        ('a<span style="display: block">b</span>c', "a\nb\nc"),
        ('<a href="https://a.org" style="display: block">a</a>b', "[a](https://a.org)\nb"),
    ],
)
def test_lines_and_gaps_are_those_that_are_seen(html: str, text: str) -> None:
    assert markdown_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol><li>a</li><ol><li>b</li><li>c</li></ol></ol>", "1. a\n   1. b\n   2. c"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n  - b"),
        ("<ul><ul><li>a</li><li>b</li></ul></ul>", "- a\n- b"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<ul><li>a<br>b</li><li>c</li></ul>", "- a\n  b\n- c"),
        ("<ul><li><div>a</div></li><li><p>b</p></li></ul>", "- a\n- b"),
        ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ("<ol><li>a</li><li></li><li>b</li></ol>", "1. a\n3. b"),
        ('<ol type="a"><li>x</li><li>y</li></ol>', "a. x\nb. y"),
        ('<ol style="list-style-type: upper-roman"><li>x</li><li>y</li></ol>', "I. x\nII. y"),
        ("<ul><li>alone</li></ul>", "• alone"),
        ("a<ul><li>b</li><li>c</li></ul>d", "a\n\n- b\n- c\n\nd"),
    ],
)
def test_lists_keep_their_items_and_labels(html: str, text: str) -> None:
    assert markdown_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>a </b>b", "**a** b"),
        ("a<b>b</b>c", "&#97;**b**c"),
        ("<b>a</b><i>b</i>", "__a__*b*"),
        ("2<s>₀<b>₁</b></s>", "&#50;~~&#8320;**₁**~~"),
        ("`c`<br><b>`c`</b> <i><b>HR</b></i> <i>HR</i>", "\\`c\\`\n**\\`c\\`** ***HR*** *HR*"),
        ("&amp;#87654321;", "&#87654321;"),
        ("<ol><li>&nbsp;a</li></ol>", "1. \xa0a"),
        ("<b>a<i>b</i></b><i>c</i>", "__&#97;*b*__*c*"),
        ("<b>a</b><b>b</b>", "**ab**"),
        ("<strong><em>a</em></strong>", "***a***"),
        ("<b>a <i>b</i></b> <i>c</i>", "**a** ***b*** *c*"),
        ("<div><b>a<br>b</b></div>", "**a**\n**b**"),
        ('<span style="font-weight: 700">a</span> b', "**a** b"),
        ('<b style="font-weight: normal">a</b>', "a"),
        ("<del>a</del> <strike>b</strike>", "~~a b~~"),
        ("<code>a*b</code>", "`a*b`"),
        ("<b>(p=0.01)</b>b", "**(p=0.01)**&#98;"),
        ("HLA-B*57:01 and <i>BRCA1</i>", "HLA-B*57:01 and *BRCA1*"),
        ("1. is no list", "1. is no list"),
        ("&gt;65 years", ">65 years"),
        ('<a href="https://example.org/a_(b)">x</a>', "[x](<https://example.org/a_(b)>)"),
    ],
)
def test_emphasis_is_kept(html: str, text: str) -> None:
    made = converted(html)
    assert (made.text, made.losses) == (text, ())
    assert is_alike(render(text), html)


@pytest.mark.parametrize(
    ("html", "text", "losses"),
    [
        ("<u>x</u>", "x", ("the underline of 'x'",)),
        ('<span style="color: red">x</span>', "x", ("the colour of 'x'",)),
        ('<font color="#f00" size="5">x</font>', "x", ("the colour of 'x'", "the size of 'x'")),
        ("<mark>x</mark>", "x", ("the highlight of 'x'",)),
        ('<span style="background: yellow">x</span>', "x", ("the highlight of 'x'",)),
        ('<p style="text-align: center">x</p>', "x", ("the alignment of 'x'",)),
        ("<blockquote>x</blockquote>", "x", ("the indent of 'x'",)),
        ('<a href="https://a.org" title="t">x</a>', "[x](https://a.org)", ("the tooltip of 'x'",)),
        ('<a href="page.html">x</a>', "x", ("the address of 'x'",)),
        ('a<img src="x.png">', "a", ("a picture (x.png)",)),
        ("a[sound:b.mp3]", "a", ("a sound (b.mp3)",)),
        ("a<hr>b", "a\n\nb", ("a line between paragraphs",)),
        ('a <span style="display:none">b</span>', "a", ("the hidden text 'b'",)),
        (
            "<table><tr><th colspan=2>a</th></tr><tr><td>b</td><td>c</td></tr></table>",
            "| a |  |\n| --- | --- |\n| b | c |",
            ("merged cells of a table",),
        ),
        ("C<sub><i>max</i></sub>", "C\\(_{\\text{max}}\\)", ("the emphasis of 'max'",)),
        ("<pre>\n\na\n</pre>", "```\n\na\n```", ()),
        ("<pre><code>\na</code></pre>", "```\n\na\n```", ()),
        ("<pre>10<sup>9</sup> VO<sub>2</sub></pre>", "```\n10⁹ VO₂\n```", ()),
        ("<pre>a <b>b</b></pre>", "```\na b\n```", ("the look of code of 'a b'",)),
        ("<pre><code><span>\\</span>(a</code></pre>", "```\n\\(a\n```", ()),
        ("<p style='margin: 0; color: black' lang=de dir=ltr>x</p>", "x", ()),
    ],
)
def test_what_no_record_can_hold_is_named(html: str, text: str, losses: tuple[str, ...]) -> None:
    made = converted(html)
    assert (made.text, made.losses) == (text, losses)


def test_words_of_losses_are_counted_by_kind() -> None:
    assert converted("<u>a</u> b <u>c</u> <u>d</u>").losses == ("the underline of 'a' and 2 more",)


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("<b>a</b>", "<p><strong>a</strong></p>", True),
        ("<div>a</div><div>b</div>", "a<br>b", True),
        ("a&nbsp;b", "a b", False),
        ("<b>a</b> b", "a b", False),
        ("10<sup>9</sup>", "109", False),
        ("12<div>34</div>", "1234", False),
        ("<ol><li>a</li><li>b</li></ol>", "<ul><li>a</li><li>b</li></ul>", False),
        ("<s>not</s>", "not", False),
    ],
)
def test_two_fields_are_alike_if_the_same_is_seen(one: str, other: str, is_so: bool) -> None:
    assert is_alike(one, other) is is_so
    assert is_alike(other, one) is is_so


def test_a_field_is_compared_with_what_its_record_would_give() -> None:
    assert becomes("<table><tr><td>a</td></tr></table>", "<p>a</p>")
    assert not becomes("<b>a</b>", "<p>a</p>")


@pytest.mark.parametrize(
    "html",
    [
        "In DAWN, {{c1::dawnol}} cut events by {{c2::26%::how much}}",
        "{{c1::<b>10<sup>9</sup></b>}} per litre",
        "<b>{{c1::a}}</b> b",
        r"{{c1::\(x_{1}\)}} is :: small",
    ],
)
def test_deletions_stay_as_they_are(html: str) -> None:
    text = markdown_of(html, cloze=True)
    assert is_alike(render_cloze(text), html, cloze=True)
    assert text.count("{{c") == html.count("{{c")


@pytest.mark.parametrize("hint", ["", " ", "&nbsp;", "<br>"])
def test_a_hint_in_which_nothing_is_seen_is_none(hint: str) -> None:
    assert markdown_of(f"{{{{c1::a::{hint}}}}} b", cloze=True).startswith("{{c1::a")
    assert "::a::" not in markdown_of(f"{{{{c1::a::{hint}}}}} b", cloze=True)


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("{{c1::a {{c2::b}}}}", "a deletion inside another one"),
        (r"\(a {{c1::b}}\)", "a deletion inside the formula"),
    ],
)
def test_deletions_that_no_record_has_are_refused(html: str, told: str) -> None:
    with pytest.raises(UnsayableError, match=told):
        markdown_of(html, cloze=True)


@pytest.mark.parametrize(
    ("html", "told"),
    [("a" * (LONGEST + 1), "more than 50,000 characters"), ("<b>" * (DEEPEST + 1), "more than 100 levels deep")],
)
def test_what_is_no_field_of_a_card_is_refused(html: str, told: str) -> None:
    with pytest.raises(UnsayableError, match=told):
        markdown_of(html)
