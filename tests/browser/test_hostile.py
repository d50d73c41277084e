"""A record with hostile text in every field, through check, build and the real Anki into a real Chromium."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from folders import SUPPORT
from hostile_records import FORMED, Filling, alone, filled, folded, names_of, rendered, written
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.check import check
from trialdeck.records.schema import load_schema

if TYPE_CHECKING:
    from chromium import Reviewer, Shown

pytest_plugins = ["chromium"]
Open = Callable[[int], "Reviewer"]

PHONE, DESKTOP = 320, 1280
ENDLESS = "W" * 5_000
STYLE = note_type(Kind.QUESTION).style
TEXTS: Mapping[str, str] = yaml.safe_load((SUPPORT / "hostile" / "texts.yaml").read_text(encoding="utf-8"))
HOSTILE = Filling(tuple(TEXTS.values()))
WIDE = Filling((ENDLESS,))


def hostile_record() -> dict[str, Any]:
    """All hostile texts in every field."""
    return {**filled(load_schema("trial"), HOSTILE), "id": "hostile", "formerly": []}


def endless_record() -> dict[str, Any]:
    """A word of 5,000 letters in every field, and in everything that Markdown can put it into."""
    record = {**filled(load_schema("trial"), WIDE), "id": "endless", "formerly": []}
    record["related_trials"][0]["id"] = "endless-as-well"
    del record["acronym"]
    places = {
        "code": f"`{ENDLESS}`",
        "block": f"```\n{ENDLESS}\n```",
        "list": f"- {ENDLESS}\n  1. {ENDLESS}",
        "table": f"| a | {ENDLESS} |\n|---|---|\n| {ENDLESS} | b |",
        "quote": f"> # {ENDLESS}",
        "link": f"[{ENDLESS}](https://example.org/{ENDLESS})",
        "formula": f"\\({ENDLESS}\\)",
    }
    like = record["questions"][0] | {"cloze": {}, "formerly": [], "guid": None}
    record["questions"] += [like | {"id": name, "response": text} for name, text in places.items()]
    return record


@dataclass(frozen=True)
class Side:
    """One side of a card, as Anki renders it and as Chromium shows it on a phone and on a screen."""

    note: str
    ordinal: int
    is_back: bool
    html: str
    phone: "Shown"
    desktop: "Shown"

    def __str__(self) -> str:
        return f"{self.note} {self.ordinal} {'back' if self.is_back else 'front'}"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return written(tmp_path_factory.mktemp("hostile"), hostile_record(), alone("alone", TEXTS.values()))


@pytest.fixture(scope="module")
def sides(records: list[Path], reviewer: Open) -> list[Side]:
    """Every side of the cards with hostile text, as it is shown on a phone and on a screen."""
    phone, desktop = reviewer(PHONE), reviewer(DESKTOP)
    return [
        Side(note, ordinal, is_back, html, phone.show(html, STYLE), desktop.show(html, STYLE))
        for note, ordinal, is_back, html in rendered(records)
    ]


def test_hostile_records_are_free_of_errors(records: list[Path]) -> None:
    assert check(records).errors == ()


def test_every_card_is_there(sides: list[Side]) -> None:
    for back in (False, True):
        cards = [side for side in sides if side.is_back is back]
        assert len({(side.note, side.ordinal) for side in cards}) == len(cards)
        assert len([side for side in cards if side.note.startswith("alone/question/")]) == len(TEXTS)
        assert {side.ordinal for side in cards if "/cloze/" in side.note} == {0, 1}


def test_no_card_does_anything(sides: list[Side]) -> None:
    for side in sides:
        for shown in (side.phone, side.desktop):
            assert shown.did == [], side
            assert shown.acting == [], side


def test_elements_have_only_the_attributes_of_a_card(sides: list[Side]) -> None:
    allowed = {"id", "class", "href", "rel", "start", "align", "data-cloze", "data-ordinal", "src", "alt"}
    allowed |= {"dir", "lang"}
    allowed |= {"role", "aria-label", "aria-hidden", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "opacity"}
    # Of plots alone, which hold no text of an author in it.
    allowed |= {"style"}
    for side in sides:
        assert set(side.phone.attributes) <= allowed, side


def test_anki_finds_no_sound_no_template_and_no_latex(sides: list[Side]) -> None:
    marks = ("{{", "[anki:", "[sound:", "[[type:", "[latex]", "[$]", "[$$]", "latex-", "LaTeX image")
    for side in sides:
        assert not [mark for mark in marks if mark in side.html], side


def test_hostile_text_is_shown_as_it_was_typed(sides: list[Side]) -> None:
    # What a picture shows in words stands in an attribute; where the schema is, only editors read.
    names = [name for name in names_of(hostile_record()) if not name.endswith(("figures.alt", "$schema"))]
    shown = set()
    for side in sides:
        text = folded(side.desktop.text) if side.is_back else ""
        for name in names:
            # Wherever a field starts, the whole of it follows.
            assert text.count(f"«{name}»") == text.count(HOSTILE.shown(name)), (side, name)
            shown |= {name} if f"«{name}»" in text else set()
    assert shown == set(names)


@pytest.mark.parametrize("name", ["acronym", "doi", "url"])
def test_hostile_text_in_a_form_is_shown_as_it_was_typed(name: str, sides: list[Side]) -> None:
    assert any(FORMED[name] in side.desktop.text for side in sides)


def test_each_text_alone_is_shown_as_it_was_typed(sides: list[Side]) -> None:
    keys = {f"alone/question/text-{number}": folded(text) for number, text in enumerate(TEXTS.values())}
    for side in sides:
        if side.note in keys:
            assert folded(side.desktop.text).count(keys[side.note]) >= (2 if side.is_back else 1), side


def test_hidden_answers_and_hints_are_shown_as_they_were_typed(sides: list[Side]) -> None:
    for side in sides:
        if side.note.startswith("hostile/") and "/cloze/" in side.note:
            text = folded(side.desktop.text)
            # The first card hides the answers, the second has the hints; each text stands in the open as well.
            for typed in map(folded, HOSTILE.hideable):
                assert side.is_back or ("[...]" if side.ordinal == 0 else f"[{typed}]") in text, (side, typed)
                assert text.count(typed) >= (1 if side.ordinal == 0 and not side.is_back else 2), (side, typed)


def test_no_page_is_wider_than_its_window(sides: list[Side]) -> None:
    for side in sides:
        assert max(side.phone.widths) <= PHONE, side
        assert max(side.desktop.widths) <= DESKTOP, side


def test_a_word_without_end_wraps(tmp_path: Path, reviewer: Open) -> None:
    phone = reviewer(PHONE)
    for note, ordinal, _, html in rendered(written(tmp_path, endless_record())):
        shown = phone.show(html, STYLE)
        assert ENDLESS in shown.text
        assert max(shown.widths) <= PHONE, (note, ordinal)
        assert (shown.did, shown.acting) == ([], [])


def test_day_and_night_differ(sides: list[Side]) -> None:
    assert {tuple(side.phone.colours) for side in sides} == {
        ("rgb(28, 36, 48) on rgb(253, 253, 252)", "rgb(230, 233, 238) on rgb(22, 25, 30)")
    }


def test_the_reviewer_of_these_tests_sees_what_acts(reviewer: Open) -> None:
    html = (
        "<img src=x.png onerror=alert(1)><script>console.log(2); void fetch('https://example.org/y')</script>"
        "<style>@import 'https://example.org/z.css'</style><a href=javascript:alert(3)>x</a><pre>{}</pre>".format(
            "W" * 99
        )
    )
    shown = reviewer(PHONE).show(html, "")
    assert {"dialog: 1", "console: 2", "request: http://card.invalid/x.png", "request: https://example.org/y"} <= {
        *shown.did
    }
    assert "request: https://example.org/z.css" in shown.did
    assert [element.split(">")[0].split()[0] for element in shown.acting] == ["<img", "<script", "<style", "<a"]
    assert "onerror" in shown.attributes
    assert min(shown.widths) > PHONE
