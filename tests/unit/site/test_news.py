"""The editions of a site: release notes with links, and the Atom feed."""

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from trialdeck.site.parts.editions import atom_of, editions_of, linked, named_in, page_of, release_notes_html
from trialdeck.site.whole import About

NOTES = """\
# Editions

## 2026.2 (2026-09-22)

<!-- edition 2026.2: what follows is rewritten by every build of it -->
**New**

- `dawn-1`: 12 notes
- Why does it cost < 5 $? (`noon-2/question/why`)
<!-- end of edition 2026.2 -->

## 2026-09-21

First.

## What we plan

Nothing with a day.
"""
PLACES = {
    "dawn-1": ("trials/dawn-1.html", "DAWN-1"),
    "noon-2/question/why": ("trials/noon-2.html#card.question.why.1", ""),
}
ATOM = "{http://www.w3.org/2005/Atom}"


def about(homepage: str = "") -> About:
    return About("Landmark Trials", "2026.2", Markup(), ("Jane Doe",), homepage, Markup(), "", homepage)


def feed(notes: str = NOTES, homepage: str = "") -> ET.Element:
    return ET.fromstring(atom_of(editions_of(release_notes_html(notes)), about(homepage)))


def test_keys_and_trials_lead_to_their_places() -> None:
    html = release_notes_html(NOTES)
    assert named_in(html) == set(PLACES)
    said = linked(html, PLACES)
    assert '<a href="trials/dawn-1.html">DAWN-1</a>: 12 notes' in said
    assert '<a href="trials/noon-2.html#card.question.why.1"><code>noon-2/question/why</code></a>' in said


def test_a_key_that_stands_nowhere_stays_as_it_is() -> None:
    assert linked("<code>gone/question/x</code>", PLACES) == "<code>gone/question/x</code>"


def test_the_feed_has_what_atom_asks_for() -> None:
    root = feed(homepage="https://example.org/decks/")
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (only,) = element.findall(f"{ATOM}{name}")
            assert only.text
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id") or "")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", element.findtext(f"{ATOM}updated") or "")
    assert len({each.text for each in root.iter(f"{ATOM}id")}) == 3
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Jane Doe"
    links = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert links["self"] == "https://example.org/decks/editions.atom"
    assert [each.findtext(f"{ATOM}title") for each in root.iter(f"{ATOM}entry")] == [
        "2026.2 (2026-09-22)",
        "2026-09-21",
    ]


def test_entries_lead_to_anchors_of_the_page() -> None:
    html = release_notes_html(NOTES)
    addresses = [each.get("href") or "" for each in feed().iter(f"{ATOM}link")]
    anchors = re.findall(r'<span id="([^"]+)"', page_of(html))
    assert [address.partition("#")[2] for address in addresses if "#" in address] == anchors[:2]


def test_two_editions_of_one_name_have_two_anchors() -> None:
    editions = editions_of("<h2>2026-09-21</h2>a<h2>2026-09-21</h2>b")
    assert [each.anchor for each in editions] == ["edition-2026-09-21", "edition-2026-09-21-2"]
    assert [str(each.news) for each in editions] == ["a", "b"]


def test_a_day_that_no_calendar_has_is_none() -> None:
    assert [each.day for each in editions_of("<h2>2026-02-31</h2>a<h2>1 (2026-02-28, 2026-13-40)</h2>b")] == [
        "",
        "2026-02-28",
    ]


@pytest.mark.parametrize("notes", ["", "# Editions\n", "no heading at all"])
def test_without_editions_the_feed_is_empty_and_whole(notes: str) -> None:
    assert list(feed(notes).iter(f"{ATOM}entry")) == []


def test_what_xml_cannot_hold_is_left_out() -> None:
    odd = About("A\x0b & B", "1", Markup(), (), "", Markup(), "")
    assert ET.fromstring(atom_of((), odd)).findtext(f"{ATOM}title") == "A & B: editions"
