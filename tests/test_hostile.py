"""A record with hostile text in every field, through check, build and the real Anki into a real Chromium.

Each field starts with its own name, so that a test can tell which texts a card shows, and whether they are whole.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from anki_releases import NEWEST, REPORT, run
from builds import build
from chromium_dot import DOT
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.pipeline.checking import check
from trialdeck.records.cloze import parse_cloze
from trialdeck.records.schema import load_schema
from trialdeck.records.settings import Split

if TYPE_CHECKING:
    from chromium import Reviewer, Shown

pytest_plugins = ["chromium"]
Open = Callable[[int], "Reviewer"]

BUILT_AT = 1_760_000_000
PHONE, DESKTOP = 320, 1280
ENDLESS = "W" * 5_000
STYLE = note_type(Kind.QUESTION).style
TEXTS: Mapping[str, str] = yaml.safe_load(
    (Path(__file__).parent / "hostile" / "texts.yaml").read_text(encoding="utf-8")
)

# What the schema holds to a form gets what the form lets through.
_ADDRESS = (
    "/x'onclick='alert(1)'{{c1::x}}[sound:x.mp3][latex]x[/latex]{{Field}}[[type:x]]\\(\\href{javascript:alert(1)}{x}\\)"
)
FORMED = {
    "acronym": "DAWN-1' onload='alert(1)' %3Cscript%3E (x) |-- #1 ~~ ; javascript",
    "doi": f"10.1000{_ADDRESS}",
    "url": f"https://example.org{_ADDRESS}",
    "status": "disputed",
    "file": "x' onerror='alert(1)'[sound:x.mp3]{{c1::x}}\"><script>.png",
}


def folded(text: str) -> str:
    """A text as a page shows it: spaces folded, and replacements for control characters."""
    return " ".join(re.sub("[\x00\x07\x1b]", "\ufffd", text).split())


# --- The records


@dataclass(frozen=True)
class Filling:
    """What every text field of a record holds: texts, each a paragraph. Cloze statements hide and hint at them too."""

    texts: tuple[str, ...]

    def text(self, name: str) -> str:
        return "\n\n".join([f"«{name}»", *self.texts])

    @property
    def hideable(self) -> list[str]:
        """The texts that a deletion can hold; what ends one or starts a hint is a fault there."""
        return [text for text in self.texts if not parse_cloze(f"{{{{c1::{text}::{text}}}}}").faults]

    def statement(self, name: str) -> str:
        answers = [f"{{{{c1::{text}}}}}" for text in self.hideable]
        hints = [f"{{{{c2::hidden::{text}}}}}" for text in self.hideable]
        return "\n\n".join([f"«{name}»", *self.texts, *answers, *hints])

    def shown(self, name: str) -> str:
        """What the back of a card shows of the field with this name."""
        return folded(self.text(name))


def filled(schema: Mapping[str, Any], filling: Filling, *path: str) -> Any:
    """Data of a schema in which every free text is hostile; everything else is the schema's own example."""
    if "$ref" in schema:
        return filled(load_schema("trial")["$defs"][schema["$ref"].removeprefix("#/$defs/")], filling, *path)
    name = path[-1] if path else ""
    if "properties" in schema:
        return {key: filled(part, filling, *path, key) for key, part in schema["properties"].items()}
    if name == "cloze":
        return {"statement": filling.statement(".".join(path))}
    if "properties" in load_schema("trial")["$defs"].get(str(schema.get("items", {}).get("$ref"))[8:], {}):
        return [filled(schema["items"], filling, *path)]
    if is_free(schema) and name not in FORMED:
        return filling.text(".".join(path))
    return FORMED.get(name, schema["examples"][0])


def is_free(schema: Mapping[str, Any]) -> bool:
    formed = schema.keys() & {"enum", "format", "const"} or schema.get("pattern", r"\S") != r"\S"
    return "string" in schema["type"] and not formed


def names_of(record: Any) -> Iterator[str]:
    """The names of all hostile fields of a record."""
    if isinstance(record, str):
        yield from ([record[1:].split("»")[0]] if record.startswith("«") else [])
    elif isinstance(record, (dict, list)):
        for part in record.values() if isinstance(record, dict) else record:
            yield from names_of(part)


HOSTILE = Filling(tuple(TEXTS.values()))
WIDE = Filling((ENDLESS,))


def hostile_record() -> dict[str, Any]:
    """All hostile texts in every field."""
    return {**filled(load_schema("trial"), HOSTILE), "id": "hostile", "formerly": []}


def alone_record() -> dict[str, Any]:
    """Each hostile text in a card of its own, where no other one can hide what it does."""
    questions = [
        {"id": f"text-{number}", "perspective": "reviewer", "question": text, "response": text}
        for number, text in enumerate(TEXTS.values())
    ]
    return {"format": 1, "id": "alone", "title": "Alone", "questions": questions}


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


def written(folder: Path, *records: dict[str, Any]) -> list[Path]:
    """The records as files."""
    paths = []
    (folder / FORMED["file"]).write_bytes(DOT)
    for record in records:
        path = folder / f"{record['id']}.yaml"
        # Through JSON, because YAML would write an anchor for whatever stands in two places.
        path.write_text(yaml.safe_dump(json.loads(json.dumps(record))), encoding="utf-8")
        paths.append(path)
    return paths


def rendered(records: list[Path]) -> Iterator[tuple[str, int, bool, str]]:
    """Every side of every card of the records as the real Anki renders it: note, ordinal, whether it is the back."""
    packages = build(records, Split.TRIAL, records[0].parent / "out", BUILT_AT)
    *_, report = run(NEWEST, *(package.path for package in packages), REPORT)
    for note, card in report.rendered():
        yield note.key, card.ordinal, False, card.question
        yield note.key, card.ordinal, True, card.answer


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return written(tmp_path_factory.mktemp("hostile"), hostile_record(), alone_record())


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
    allowed |= {"viewBox", "role", "aria-label", "x", "y", "width", "height", "d", "font-size", "font-weight"}
    allowed |= {"text-anchor", "fill", "opacity", "stroke", "stroke-width", "stroke-dasharray"}
    for side in sides:
        assert set(side.phone.attributes) <= allowed, side


def test_anki_finds_no_sound_no_template_and_no_latex(sides: list[Side]) -> None:
    marks = ("{{", "[anki:", "[sound:", "[[type:", "[latex]", "[$]", "[$$]", "latex-", "LaTeX image")
    for side in sides:
        assert not [mark for mark in marks if mark in side.html], side


def test_hostile_text_is_shown_as_it_was_typed(sides: list[Side]) -> None:
    # What a picture shows in words stands in an attribute.
    names = [name for name in names_of(hostile_record()) if not name.endswith("figures.alt")]
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
