"""A page saved as HTML reads like the page saved as text: a line for each block, whatever tags are in it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folders import SUPPORT
from matrices import examples
from trialdeck.drafts.draft import draft_record
from trialdeck.drafts.lines import Notice, PageLine
from trialdeck.drafts.page import Page, read_page
from trialdeck.drafts.saved_html import html_lines, is_html

PAGES = SUPPORT / "pages"


def read(html: str) -> tuple[list[PageLine], tuple[Notice, ...]]:
    found = html_lines(html)
    assert found is not None
    return found


def lines(body: str) -> list[str]:
    return [" ".join(line.text.split()) for line in read(f"<!doctype html><body>{body}")[0]]


def hidden(body: str) -> list[str]:
    return [notice.text for notice in read(f"<!doctype html><body>{body}")[1]]


def page_of(body: str) -> Page:
    return read_page(f"<!doctype html><body>{body}".encode())


def drafted(name: str) -> list[str]:
    text = draft_record(read_page((PAGES / name).read_bytes()), lambda text: text).text
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_the_same_page_as_html_gives_the_same_record() -> None:
    html, text = drafted("harbor-7.html"), drafted("harbor-7.txt")
    source = [
        "source:",
        "  doi: 10.1000/harbor(7)22",
        "  url: https://example.org/doi/full/10.1000/harbor(7)22?src=mail",
    ]
    assert [line for line in html if line not in source] == text
    assert [line for line in html if line in source] == source


def test_line_numbers_are_those_of_the_file() -> None:
    content = (PAGES / "harbor-7.html").read_bytes()
    found, notices = read(content.decode())
    numbers = {" ".join(line.text.split()): line.number for line in found}
    source = content.decode().splitlines()
    for text in ("Key Findings", "Placebo", "Dizziness", "Personalize this analysis", "It is taken once a day."):
        assert text in source[numbers[text] - 1].replace("&nbsp;", " ")
    assert [(notice.line, notice.text) for notice in notices] == [(13, "All trials"), (60, "Example site, 2031")]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("<!DOCTYPE html>", True),
        ("\n <!-- a --> <!-- b --><HTML lang='en'>", True),
        ('<?xml version="1.0"?>\n<html>', True),
        ("<!doctype HTML PUBLIC '-//W3C'>", True),
        ("<html>", True),
        ("<b>Title</b>", False),
        ("Title <html>", False),
        ("<htmlx>", False),
        ("<!-- only a comment", False),
        ("", False),
    ],
)
def test_a_whole_document_is_told_from_stray_tags(start: str, expected: bool) -> None:
    assert is_html(start) is expected


def test_stray_tags_in_a_text_page_stay_text() -> None:
    page = read_page(b"<b>T</b>\nKey Findings\n<p>a</p> &amp; p<0.05")
    assert (page.title, page.sections["key_findings"][0].text) == ("<b>T</b>", "<p>a</p> &amp; p<0.05")


def test_a_document_behind_a_byte_order_mark_is_html() -> None:
    assert read_page(b"\xef\xbb\xbf<!doctype html><h1>T</h1><h2>Key Findings</h2><p>x").title == "T"


@pytest.mark.parametrize(
    "tag", ["b", "i", "em", "strong", "span", "a", "code", "mark", "abbr", "sub", "sup", "u", "font", "x-y"]
)
def test_inline_tags_do_not_split_a_line(tag: str) -> None:
    assert lines(f"<p>one t<{tag}>w</{tag}>o\n three</p>") == ["one two three"]


@pytest.mark.parametrize("tag", ["p", "div", "li", "h2", "td", "section", "blockquote", "dd", "button"])
def test_blocks_split_a_line(tag: str) -> None:
    assert lines(f"a<{tag}>b</{tag}>c") == ["a", "b", "c"]


def test_breaks_split_a_line_and_in_a_title_they_do_not() -> None:
    assert lines("a<br>b<br/>c<hr>d<pre>e\nf</pre>") == ["a", "b", "c", "d", "e", "f"]
    assert page_of("<h1>A<br>title</h1><h2>Key Findings</h2><p>x</p>").title == "A title"


@pytest.mark.parametrize("tag", ["script", "style", "template", "noscript", "title"])
def test_what_is_never_shown_is_no_text(tag: str) -> None:
    assert (lines(f"a<{tag}>unseen</{tag}>b"), hidden(f"a<{tag}>unseen</{tag}>b")) == (["ab"], [])


def test_comments_and_declarations_are_no_text() -> None:
    assert lines("a<!-- b --><?c d?><!e>f<!--[if IE]>g<![endif]-->h<![if !IE]>i<![endif]>") == ["afhi"]


def test_what_is_hidden_is_left_out_and_paragraphs_are_reported() -> None:
    long = "A response that folds out when somebody asks for it, and not before."
    body = f"<p hidden>no</p><div hidden><p>{long}</p></div><p style='color: red; display : NONE'>{long}</p><p>yes</p>"
    assert (lines(body), hidden(body)) == (["yes"], [long, long])


def test_what_stands_around_the_page_is_reported() -> None:
    assert hidden("<nav><a href=/>Home</a></nav><p>a</p><footer>© 2031</footer>") == ["Home", "© 2031"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p hidden>a<p>b</p>c", ["b", "c"]),
        ("<ul><li>a<li hidden>b<li>c</ul>", ["a", "c"]),
        ("<dl><dt>a<dd>b<dt hidden>c<dd>d</dl>", ["a", "b", "d"]),
        ("<head><meta charset=utf-8><p>a", ["a"]),
    ],
)
def test_end_tags_may_be_missing(body: str, expected: list[str]) -> None:
    assert lines(body) == expected


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>9</sup>/L", "10⁹/L"),
        ("10<sup>-3</sup>", "10⁻³"),
        ("20.6<sup> 1,2</sup>", "20.6^1,2"),
        ("1<sup>st</sup> line", "1st line"),
        ("mg/m<sup>2</sup>", "mg/m2"),
        ("CO<sub>2</sub>", "CO2"),
    ],
)
def test_an_exponent_never_becomes_part_of_a_number(html: str, text: str) -> None:
    assert lines(f"<p>{html}</p>") == [text]


def test_entities_are_read() -> None:
    assert lines("<p>p&lt;0.001 &amp; A&nbsp;B &#8805; &#x2265; &copy &# 1; &#; <b>x</b>") == [
        "p<0.001 & A B ≥ ≥ © &# 1; &#; x"
    ]


def test_numbers_that_are_no_characters_are_replaced() -> None:
    page = page_of("<h1>T</h1><h2>Key Findings</h2><p>a&#0;b&#xD800;c&#x1b;d</p>")
    assert page.sections["key_findings"][0].text == "a\ufffdb\ufffdc\ufffdd"
    assert len(page.notices) == 1


def test_the_heading_of_the_document_is_the_title() -> None:
    page = page_of("<div>Menu</div><h1>A title</h1><p>An abstract.</p><h2>Key Findings</h2><p>x</p>")
    assert (page.title, [line.text for line in page.sections["summary"]]) == ("A title", ["An abstract."])
    assert [(stray.notice.message, stray.notice.text) for stray in page.strays] == [("before the title", "Menu")]


@pytest.mark.parametrize(
    ("link", "doi", "url"),
    [
        ("https://doi.org/10.1000/x", "10.1000/x", ""),
        ("https://example.org/doi/pdf/10.1000/x", "10.1000/x", "https://example.org/doi/pdf/10.1000/x"),
        ("https://example.org/paper?id=1&amp;x=2", "", "https://example.org/paper?id=1&x=2"),
        ("/relative", "", ""),
        ("javascript:alert(1)", "", ""),
        ("https://a b", "", ""),
        ("", "", ""),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        "<p>Source: <a href='{}'>View publication →</a></p>",
        "<div>Source:</div><a href='{}'><div>View publication</div></a>",
    ],
)
def test_the_link_to_the_publication_is_the_source(body: str, link: str, doi: str, url: str) -> None:
    page = page_of(f"<h1>T</h1>{body.format(link)}<p>Abstract.</p>")
    assert (page.source.citation, page.source.doi, page.source.url) == ("", doi, url)
    assert [line.text for line in page.sections["summary"]] == ["Abstract."]


def test_what_breaks_the_parser_is_read() -> None:
    assert lines("<p>a<![bogus[b") == ["a<![bogus[b"]
    assert lines("a &# b &#; c &#; <p>d") == ["a &# b &#; c &#;", "d"]


MARKUP = st.sampled_from(
    ["<p>", "</p>", "<b>", "</b>", "<br>", "<li hidden>", "<", ">", "<!--", "-->", "<![", "<![CDATA[", "]]>", "&",
     "&#", "&#x", "<script>", "</script>", "<h1>", "</h1>", "<a href=x>", "</a>", "<sup>", "</sup>", "<nav>", "'", '"',
     "<p a='", "\n", "<pre>",
     "Key Findings", "Source:", "word", "1", "\0"]
)  # fmt: skip


@settings(max_examples=examples(200))
@given(st.lists(MARKUP | st.text(max_size=5), max_size=30))
def test_any_document_is_read(parts: list[str]) -> None:
    read_page(("<html>" + "".join(parts)).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "part",
    ["<a ", "<!--", "<![CDATA[", "<a b='", "<a b='>", "<!-- >", "<p hidden>x", "<sup>1", "<b>x", "</", "&#",
     "<![if>", "<td>x", "<p\na=b\n>x"],
)  # fmt: skip
def test_a_big_document_is_read_in_linear_time(part: str) -> None:
    start = time.process_time()
    read_page(("<html><p>" + part * (60_000 // len(part))).encode())
    assert time.process_time() - start < 4
