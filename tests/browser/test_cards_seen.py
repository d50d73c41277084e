"""Every kind of card as a reader sees it: nothing sticks out, the answer is the largest text, and axe finds nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from folders import SUPPORT
from trialdeck.notes.builder import notes_of
from trialdeck.notes.links import Addresses
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.load import load_record
from trialdeck.site.anki_template import Sides, card_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest_plugins = ["chromium"]
KINDS = SUPPORT / "invented_trials" / "kinds-1.yaml"
# As Anki's desktop program, AnkiDroid and AnkiMobile mark a card.
MODES = {
    "light": "card card1",
    "dark": "card card1 nightMode night_mode",
    "android": "card card1 night_mode mobile android",
    "ios": "card card1 iphone mobile nightMode",
}
# A card is no page: it has no heading of its own, and Anki's window has the landmarks.
OPTIONS = {"rules": {name: {"enabled": False} for name in ("page-has-heading-one", "landmark-one-main", "region")}}
_SIZE = """look => Math.max(...[...document.querySelectorAll(look)].map(
  each => parseFloat(getComputedStyle(each).fontSize)))"""


def cards() -> Iterator[tuple[str, Sides]]:
    """Yield the key of every note and both sides of its cards."""
    trial = load_record(KINDS, KINDS.name).trial
    assert trial
    addresses = Addresses("https://example.org/decks/", "errors@example.org")
    for note in notes_of(trial, trial_notes([trial], addresses), addresses):
        for ordinal in note.cards:
            yield note.key, card_html(note, ordinal)


CARDS = list(cards())


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    page = chromium.new_page()
    yield page
    page.close()


def show(page: "Page", side: str, mode: str = "light", text: int = 100) -> None:
    style = f"html {{ font-size: {text}%; }} {note_type(Kind.QUESTION).style}"
    page.set_content(
        f'<!doctype html><html lang="en"><head><title>Anki</title><style>{style}</style></head>'
        f'<body class="{MODES[mode]}"><div id="qa">{side}</div></body></html>'
    )


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("text", [100, 200])
def test_no_side_is_wider_than_its_window(width: int, text: int, page: "Page") -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for key, sides in CARDS:
        for side in (sides.front, sides.back.replace("<details", "<details open")):
            show(page, side, text=text)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, key


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing(mode: str, page: "Page") -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    found: list[Any] = []
    for _, sides in CARDS:
        # A back shows what its front does, so one mode is enough for the fronts.
        fronts = (sides.front,) if mode == "light" else ()
        for side in (*fronts, sides.back.replace("<details", "<details open")):
            show(page, side, mode)
            found += Axe().run(page, options={**OPTIONS, "resultTypes": ["violations"]}).response["violations"]
    assert found == []


def test_the_answer_is_the_largest_text_of_a_back(page: "Page") -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for key, sides in CARDS:
        show(page, sides.back)
        answer = page.evaluate(_SIZE, ".td-answer, .td-answer *, .td-state .cloze")
        assert answer > page.evaluate(_SIZE, ".td-ask *, .td-head *, .td-picture *, .td-foot *"), key


def test_a_fold_out_is_as_high_as_a_finger(page: "Page") -> None:
    show(page, CARDS[0][1].back)
    assert page.locator("summary").bounding_box()["height"] >= 44  # type: ignore[index]


def test_a_header_hides_the_name_of_the_trial_on_the_front_alone(page: "Page") -> None:
    named = '<span class="td-trial">KINDS-1</span>'
    _, sides = next((key, sides) for key, sides in CARDS if key == "kinds-1/question/why")
    veiled = '<span class="td-trial"><span class="td-veiled">KINDS-1</span></span>'
    for side, is_seen in ((sides.front, False), (sides.back, True)):
        assert named in side
        show(page, side.replace(named, veiled))
        assert page.locator(".td-veiled").is_visible() is is_seen
