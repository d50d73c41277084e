"""A German record in real Anki: what is seen of its labels is German, and a list of cards has the English ones."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anki_releases import RELEASES, REPORT, Release, Report, run
from builds import build
from trialdeck.core.words import catalogue
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.settings import Split

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest_plugins = ["chromium"]

SEEN = {
    "dawn-1/trial": ("Welche Studie?", "Geprüft wurde", "Studie"),
    "dawn-1/question/why": ("Mechanismus", "Für:", "Quelle, Studie, Fehler melden"),
    "dawn-1/result/rfs": ("wie hoch war die Hazard Ratio", "klinisch"),
}
LABELS = ("Which trial?", "Tested", "For:", "Source, trial, report", "mechanism", "clinical")


@pytest.fixture(scope="module")
def page(chromium: "Browser") -> Iterator["Page"]:
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("release", [RELEASES[0], RELEASES[-1]], ids=str)
def test_labels_are_seen_in_the_language_of_the_record(
    release: Release, write_record: Callable[..., Path], tmp_path: Path, page: "Page"
) -> None:
    record = write_record(changes={"title:": "language: de\ntitle:"})
    (built,) = build([record], Split.TRIAL, tmp_path / "out", 1_790_000_000)
    report: Report = run(release, built.path, REPORT)[-1]
    for key, words in SEEN.items():
        sides = [side for card in report.cards_of(key) for side in (card.question, card.answer)]
        assert "trialdeck::language::de" in sides[0]
        kind = Kind.TRIAL if key.endswith("/trial") else Kind.QUESTION
        seen = [seen_of(page, side, note_type(kind).style) for side in sides]
        assert [word for word in words if not any(word in text for text in seen)] == []
        assert [label for label in LABELS if any(label in text.split("\n") for text in seen)] == []


def seen_of(page: "Page", side: str, style: str) -> str:
    """What a reader sees of one side: its text, with the words that the style puts before elements."""
    page.set_content(f'<!doctype html><style>{style}</style><body class="card">{side}</body>')
    before = page.locator("body *").evaluate_all(
        "elements => elements.map(element => getComputedStyle(element, '::before').content)"
    )
    shown = page.locator("body").inner_text()
    return "\n".join([shown, *(content.strip('"') for content in before if content not in {"none", "normal"})])


def test_the_words_before_labels_are_those_of_the_language() -> None:
    style = note_type(Kind.QUESTION).style
    assert f'content: "{catalogue("es")["My notes"]}"' in style
