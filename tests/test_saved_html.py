"""A page saved as a whole HTML document reads like the page saved as text."""

import pytest
import yaml

from trialdeck.pipeline import draft
from trialdeck.records.page_lines import page_lines
from trialdeck.records.saved_html import is_html

PAGE = """<!DOCTYPE html>
<!-- saved from url=(0031)https://example.org/dawn-1 -->
<html><head><title>DAWN-1 | Site</title><style>p {color: red}</style>
<script>document.write("Key Findings")</script></head>
<body>
<nav hidden>Home</nav>
<h1>Dawnol for
  Disease</h1>
<p>Source: <a href="https://doi.org/10.1000/dawn">View publication →</a></p>
<p>Dawnol <b>delayed</b> relapse (<i>p</i>&lt;0.001) in the DAWN-1&nbsp;trial.</p>
<h2>Key <em>Findings</em></h2>
<ul><li>Relapse came later.</li><li>Nausea<br>was mild.</li></ul>
<h2>Guided Discussion</h2>
<div><div><span>Why does dawnol </span><span>work?</span></div><button>Key Response</button>
<div><p>It blocks dawnase.</p><p>Resting cells need none.</p></div></div>
<h2>Clinical Landscape</h2>
<table><tr><td>DUSK-2 Trial</td></tr><tr><th>Tested</th><td>Duskol</td></tr></table>
<template>Unseen</template><noscript>Unseen</noscript><div style="display: none">Unseen</div>
</body></html>
"""


def test_blocks_are_lines_and_inline_elements_are_not() -> None:
    lines, address, notices = page_lines(PAGE.encode())
    assert [line.text for line in lines] == [
        "Dawnol for Disease",
        "Source: View publication →",
        "Dawnol delayed relapse (p<0.001) in the DAWN-1 trial.",
        "Key Findings",
        "Relapse came later.",
        "Nausea",
        "was mild.",
        "Guided Discussion",
        "Why does dawnol work?",
        "Key Response",
        "It blocks dawnase.",
        "Resting cells need none.",
        "Clinical Landscape",
        "DUSK-2 Trial",
        "Tested",
        "Duskol",
    ]
    assert (address, notices) == ("https://doi.org/10.1000/dawn", ())


def test_the_link_to_the_publication_is_the_source() -> None:
    data = yaml.safe_load(draft(PAGE.encode(), None, None).text)
    assert data["source"] == {"doi": "10.1000/dawn"}
    assert data["questions"][0]["response"] == "It blocks dawnase.\n\nResting cells need none."
    assert data["related_trials"][0]["tested"] == "Duskol"


def test_a_link_to_elsewhere_is_kept_as_address() -> None:
    page = PAGE.replace("https://doi.org/10.1000/dawn", "https://example.org/paper?id=1&amp;x=2")
    assert yaml.safe_load(draft(page.encode(), None, None).text)["source"] == {
        "url": "https://example.org/paper?id=1&x=2"
    }


@pytest.mark.parametrize("link", ["javascript:alert(1)", "/relative", "", "https://a b"])
def test_a_link_that_leads_nowhere_is_left_out(link: str) -> None:
    page = PAGE.replace("https://doi.org/10.1000/dawn", link)
    assert "source" not in yaml.safe_load(draft(page.encode(), None, None).text)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("<!DOCTYPE html>", True),
        ("\n <!-- x --> <HTML lang='en'>", True),
        ('<?xml version="1.0"?><html>', True),
        ("<b>Title</b>", False),
        ("A title with <html> in it", False),
        ("<htmlx>", False),
    ],
)
def test_stray_tags_do_not_make_a_document(start: str, expected: bool) -> None:
    assert is_html(start) is expected


def test_stray_tags_in_a_text_page_stay_text() -> None:
    lines, *_ = page_lines(b"<b>Title</b>\n<script>alert(1)</script>")
    assert [line.text for line in lines] == ["<b>Title</b>", "<script>alert(1)</script>"]


def test_deep_and_broken_html_is_read() -> None:
    deep = f"<html><body>{'<div>' * 3000}Deep{'<b>' * 3000}</body>"
    assert [line.text for line in page_lines(deep.encode())[0]] == ["Deep"]
