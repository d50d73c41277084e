"""Forests and glances in a real Chromium: on every width, by day and by night, in large text too."""

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from conftest import RECORD
from forest_trials import four_trials, trial_of
from trialdeck.notes.across.forest_note import forest_note
from trialdeck.notes.across.forests import forests_of
from trialdeck.notes.builder import notes_of
from trialdeck.notes.glance import glance_html
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.model import Trial
from trialdeck.records.summary import outline_of
from trialdeck.site.anki_template import card_html
from trials import trial

pytest_plugins = ["chromium"]

WIDTHS, MODES, SIZES = (320, 390, 768), ("", "nightMode night_mode"), (100, 200)
VIEWS = list(product(WIDTHS, MODES, SIZES))
LONG = "A Very Long Acronym and TOURMALINE-MM1-Reincarnated"


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with closing(chromium.new_page()) as opened:
        yield opened


def show(page: Page, html: str, width: int = 390, mode: str = "", size: int = 100) -> None:
    """Show one side of a card, with what is folded in it."""
    page.set_viewport_size({"width": width, "height": 700})
    style = note_type(Kind.CLOZE).style
    unfolded = html.replace("<details", "<details open")
    page.set_content(
        f'<!doctype html><html lang="en" style="font-size:{size}%"><title>Card</title><style>{style}</style>'
        f'<body class="card {mode}"><main><h1>Card</h1>{unfolded}</main></body></html>'
    )


def forest(*trials: Trial) -> Note:
    (made,) = forests_of(map(outline_of, trials))
    return forest_note(made, {trial.id: trial for trial in trials}, {})


def eight_trials() -> list[Trial]:
    others = [trial_of(f"SNOW-{number}", f"0.8{number}", acronym="null", title=LONG) for number in range(4)]
    return [*four_trials(), *others]


def glance_card() -> str:
    record = trial(RECORD)
    notes = {note.key: note for note in notes_of(record, trial_notes([record]))}
    return card_html(notes["dawn-1/question/why"], 0).back


# What a reader could not read: what lies outside of the page, or is cut off, or on top of other text.
FAULTS = """() => {
  const faults = [];
  if (document.scrollingElement.scrollWidth > window.innerWidth) faults.push("the page scrolls sideways");
  const texts = [...document.querySelectorAll(".td-plot div, .td-plot span, .td-fact dt, .td-fact dd")].filter(
    each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  const boxes = texts.map(each => {
    const range = document.createRange();
    range.selectNodeContents(each);
    return [each.textContent.trim(), range.getBoundingClientRect()];
  });
  for (const [text, box] of boxes)
    if (box.left < -0.5 || box.right > window.innerWidth + 0.5) faults.push(`outside: ${text}`);
  for (const [place, [text, one]] of boxes.entries())
    for (const [other, two] of boxes.slice(place + 1)) {
      const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      const isInside = text.includes(other) || other.includes(text);
      if (wide > 1 && high > 3 && !isInside) faults.push(`${text} lies on ${other}`);
    }
  return faults;
}"""


@pytest.mark.parametrize(("width", "mode", "size"), VIEWS)
def test_everything_of_a_forest_can_be_read(page: Page, width: int, mode: str, size: int) -> None:
    note = forest(*eight_trials())
    sides = card_html(note, note.cards[0])
    for side in (sides.front, sides.back):
        show(page, side, width, mode, size)
        assert page.evaluate(FAULTS) == []


@pytest.mark.parametrize(("width", "mode", "size"), VIEWS)
def test_everything_of_a_glance_can_be_read(page: Page, width: int, mode: str, size: int) -> None:
    show(page, glance_card(), width, mode, size)
    assert page.locator(".td-glance").is_visible()
    assert page.evaluate(FAULTS) == []


@pytest.mark.parametrize("mode", MODES)
def test_the_row_that_is_asked_for_stands_out_and_no_other(page: Page, mode: str) -> None:
    note = forest(*four_trials())
    show(page, card_html(note, note.cards[1]).front, mode=mode)
    paints = page.evaluate(
        """() => [...document.querySelectorAll(".td-forest .td-row:not(.td-axis)")].map(row => {
          const gap = row.querySelector(".cloze");
          const paint = gap && getComputedStyle(gap, "::before");
          return gap ? [paint.backgroundColor, parseFloat(paint.height) >= row.clientHeight - 1] : null;
        })"""
    )
    marked = [paint for paint in paints if paint]
    assert len(paints) == 4
    assert len(marked) == 1
    assert marked[0][1], "the paint is as high as the row"
    assert marked[0][0] != page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_marks_of_all_rows_share_one_axis(page: Page) -> None:
    show(page, card_html(note := forest(*four_trials()), note.cards[0]).back)
    nulls = page.evaluate(
        """() => [...document.querySelectorAll(".td-forest line.td-null")].map(
          line => Math.round(line.getBoundingClientRect().left * 10) / 10)"""
    )
    assert len(nulls) == 4
    assert len(set(nulls)) == 1
    (tick,) = page.evaluate(
        """() => [...document.querySelectorAll(".td-forest .td-numbers span")].filter(
          span => span.textContent === "1").map(span => { const box = span.getBoundingClientRect();
            return (box.left + box.right) / 2; })"""
    )
    assert tick == pytest.approx(nulls[0], abs=2)


def test_the_front_shows_no_name_that_it_asks_for(page: Page) -> None:
    note = forest(*four_trials())
    for ordinal in note.cards:
        sides = card_html(note, ordinal)
        show(page, sides.front)
        front = page.inner_text("main")
        show(page, sides.back)
        back = page.inner_text("main")
        hidden = [name for name in ("DAWN-1", "DUSK-2", "NOON-3", "RAIN-4") if name not in front]
        assert len(hidden) == 1
        assert hidden[0] in back
        assert "never compared head to head" in re.sub(r"\s+", " ", front)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["forest", "glance"])
def test_everybody_can_use_them(page: Page, kind: str, mode: str) -> None:
    note = forest(*four_trials())
    show(page, card_html(note, note.cards[0]).back if kind == "forest" else glance_card(), mode=mode)
    assert Axe().run(page).response["violations"] == []


def test_a_glance_prints_on_one_page(page: Page) -> None:
    show(page, f'<article class="td">{glance_html(trial(RECORD), with_source=True)}</article>', 768)
    pdf = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
