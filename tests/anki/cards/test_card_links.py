"""The links of a card in real Anki: its place on the site, and a report that says from which edition the note is."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from anki_releases import NEWEST, RELEASES, REPORT, Release, Report, run
from projects import NOW, Project
from trialdeck.notes.tags import edition_tag

OLDEST = RELEASES[0]


@pytest.mark.parametrize("release", [OLDEST, NEWEST], ids=str)
def test_a_report_brings_the_card_and_its_edition(release: Release, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record("dawn-1")
    project.settings("edition: '2026.2'", "homepage: https://example.org/decks/", "report: errors@example.org")
    project.build(NOW)
    report: Report = run(release, *sorted(project.decks.glob("*.apkg")), REPORT)[-1]
    card = report.cards_of("dawn-1/question/why")[0]
    links = r'<a href="([^"]*)">(?:<span[^>]*>)+(?:This card on the web|Report an error)<'
    place, mail = re.findall(links, card.answer)
    assert place == "https://example.org/decks/trials/dawn-1.html#card.question.why.1"
    assert "Report an error" not in card.question
    address = urlsplit(unescape(mail))
    asked = parse_qs(address.query, strict_parsing=True)
    assert (address.scheme, address.path) == ("mailto", "errors@example.org")
    assert asked["subject"] == ["dawn-1/question/why"]
    assert re.search(r"Why .*\n.*\n.*card\.question\.why\.1\nTags: ", asked["body"][0])
    assert edition_tag("2026.2") in asked["body"][0].rpartition("Tags: ")[2].split()


def test_a_project_without_addresses_has_no_links(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record("dawn-1")
    project.build(NOW)
    report: Report = run(NEWEST, *sorted(project.decks.glob("*.apkg")), REPORT)[-1]
    assert not [card for card in report.cards if "This card on the web" in card.answer or "Report an" in card.answer]
