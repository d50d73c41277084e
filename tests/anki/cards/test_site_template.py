"""Cards on the site are those that Anki shows: the HTML of every card, against Anki's own rendering."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from anki_releases import NEWEST, REPORT, Report, run
from builds import build
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note import Note
from trialdeck.project.build import with_plan
from trialdeck.records.settings import DeckDefinition, Split
from trialdeck.site.anki_template import card_html, render_side

NOW = 1_790_000_000
GENERATED = 200
ONE_DECK = DeckDefinition("", "", split=Split.NONE, subdecks=Split.NONE)
PIECES = (
    "dawnol", "two months", "p<0.001", "A&B", "**bold**", "_soft_", "`code {{x}}`", "“quoted” – dash", "é", "e\u0301",
    "日本", "100 %", "[sound:x.mp3]", "[latex]x[/latex]", "\\(a < b\\)", "$$\\frac{1}{2}$$", "x::y", "{brace}", "}} {{",
    "<b>typed</b>", "https://example.org/?a=1&b=2", "[link](https://example.org)", "🙂", "\u00a0", "\"'`", "&lt;", "::",
    "line\nbreak", "- point\n- other", "| a | b |\n|---|---|\n| 1 | 2 |", "1. first\n2. second", "> said", "# heading",
)  # fmt: skip
ANSWERS = ("two months", "p<0.001", "A&B", "**bold**", "\\(a < b\\)", "é–“x”", "e\u0301", "a:b", "`x`", "100 %", "/=[]",
           "日本")  # fmt: skip
HINTS = ("", "::how long", "::A&B", "::_which_", "::\\(x\\)", "::[hint]", "::é")


def test_the_shipped_cards_are_those_of_anki(root: Path, tmp_path: Path) -> None:
    assert_cards_are_those_of_anki([root / "seeds"], tmp_path)


def test_generated_cards_are_those_of_anki(tmp_path: Path) -> None:
    folder = tmp_path / "generated"
    folder.mkdir()
    for number in range(GENERATED):
        text = yaml.safe_dump(record(random.Random(number), number), allow_unicode=True)
        (folder / f"trial-{number}.yaml").write_text(text, encoding="utf-8")
    assert_cards_are_those_of_anki([folder], tmp_path)


def assert_cards_are_those_of_anki(paths: Sequence[Path], folder: Path) -> None:
    (built,) = build(paths, Split.NONE, folder / "out", NOW)
    report: Report = run(NEWEST, built.path, REPORT)[-1]
    notes = {note.guid: note for note in planned_notes(paths, folder)}
    assert sum(len(note.cards) for note in notes.values()) == len(report.cards)
    tags = {note.guid: note.tags for note in report.notes}
    for shown in report.cards:
        ours = card_html(notes[shown.guid], shown.ordinal, tags[shown.guid])
        assert ours.front == shown.question, (notes[shown.guid].key, shown.ordinal)
        assert ours.back == shown.answer, (notes[shown.guid].key, shown.ordinal)


def planned_notes(paths: Sequence[Path], folder: Path) -> Sequence[Note]:
    return with_plan(paths, DeckRequest((ONE_DECK,)), folder / "out", NOW, lambda opened: opened.notes)


def record(chance: random.Random, number: int) -> dict[str, Any]:
    """A record with texts that Markdown, Anki and HTML each read in their own way."""

    def text() -> str:
        return chance.choice((" ", "\n\n")).join(["Text", *chance.choices(PIECES, k=chance.randint(0, 4))])

    def statement() -> str:
        deletions = [f"{{{{c{chance.randint(1, 3)}::{chance.choice(ANSWERS)}{chance.choice(HINTS)}}}}}" for _ in "xyz"]
        return " ".join(["Statement", text(), *deletions[: chance.randint(1, 3)], chance.choice(PIECES)])

    return {
        "format": 1,
        "id": f"trial-{number}",
        "acronym": f"TRIAL-{number}",
        "title": text(),
        "source": {"citation": text(), "doi": "10.1000/x"},
        "tested": text(),
        "population": chance.choice(("", text())),
        "comparator": chance.choice(("", text())),
        "endpoint": chance.choice(("", text())),
        "summary": chance.choice(("", text())),
        "key_findings": [{"id": "one", "text": text(), "cloze": {"a": statement()}}],
        "questions": [
            {"id": "why", "perspective": "mechanism", "question": text(), "response": text()}
            | {"cloze": {"b": statement()}}
        ],
    }


def test_a_condition_asks_whether_a_field_is_filled() -> None:
    template = "{{#A}}has {{A}}{{/A}}{{^A}}has none{{/A}}"
    for empty in ("", " \n", "<br>", "<BR />", "<div> <br></div>"):
        assert render_side(template, {"A": empty}, 1, is_front=True) == "has none"
    for filled in ("x", "&nbsp;", "\u00a0", "<p></p>", "<div>x</div>"):
        assert render_side(template, {"A": filled}, 1, is_front=True) == f"has {filled}"


def test_a_statement_without_the_deletion_of_a_card_shows_nothing() -> None:
    assert render_side("{{cloze:A}}", {"A": "{{c1::x}}"}, 2, is_front=True) == ""


@pytest.mark.parametrize("template", ["{{#A}}", "{{/A}}", "{{#A}}{{#B}}{{/A}}{{/B}}"])
def test_a_template_with_open_ends_is_an_error(template: str) -> None:
    with pytest.raises(ValueError, match="clos"):
        render_side(template, {"A": "x", "B": "x"}, 1, is_front=True)


def test_a_field_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        render_side("{{B}}", {"A": "x"}, 1, is_front=True)
