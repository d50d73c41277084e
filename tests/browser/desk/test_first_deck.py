"""A clinician's first deck, by mouse and by keyboard alone: from two downloaded files to a card in Anki."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

from anki_releases import NEWEST, REPORT, Report, run
from clinicians import AtTheKeyboard, AtTheMouse, Clinician
from first_deck import REGISTRY, REVIEWED, FirstDeck, Material, dawn, fidelio
from folders import ROOT
from matrices import ONLY_FULL

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]

FIVE_MINUTES = 300
SAID = re.compile(r"(\d+) clicks and (\d+) keys, about (\w+) minutes .* by mouse, (\w+) by keyboard alone")
MINUTES = {"two": 2, "three": 3}


@pytest.mark.parametrize(
    ("trial", "means"),
    [
        ("dawn-1", AtTheMouse),
        ("dawn-1", AtTheKeyboard),
        pytest.param("fidelio-dkd", AtTheMouse, marks=ONLY_FULL),  # the same steps in a larger file
    ],
)
def test_a_first_deck(
    trial: str,
    means: Callable[[Page], Clinician],
    open_desk: "Callable[..., AbstractContextManager[Desk]]",
    chromium: Browser,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """No record is seen on the way, and a practised person needs less than five minutes."""
    if trial == "fidelio-dkd" and not REGISTRY.is_file():
        pytest.skip(f"there is no {REGISTRY}")
    material = fidelio(tmp_path) if trial == "fidelio-dkd" else dawn()
    with open_desk(tmp_path / "kidney-trials") as desk:
        who = means(desk.page(chromium))
        package = tmp_path / "downloaded.apkg"
        FirstDeck(who, material, lambda _: no_record_is_seen(who.page)).told().save_as(package)
        record_property("effort", str(who.effort))
        (record,) = (desk.folder / "seeds").glob("*.yaml")
        assert record.read_text(encoding="utf-8").count("by: Jane Doe") == REVIEWED
        assert who.effort.seconds < FIVE_MINUTES, who.effort
    if trial == "dawn-1":
        it_is_as_much_as_the_page_says(who)
    in_anki(package, material)


def it_is_as_much_as_the_page_says(who: Clinician) -> None:
    """docs/desk.md says of this trial how much it takes."""
    page = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")
    said = SAID.search(" ".join(page.split()))
    assert said
    clicks, keys, by_mouse, by_keyboard = said.groups()
    if isinstance(who, AtTheMouse):
        assert (who.effort.clicks, who.effort.keys) == (int(clicks), int(keys))
    minutes = MINUTES[by_mouse if isinstance(who, AtTheMouse) else by_keyboard]
    assert round(who.effort.seconds / 60) == minutes, who.effort


def no_record_is_seen(page: Page) -> None:
    """Nobody has to see the text of a record: the page that shows it is never opened."""
    assert "format: 1" not in page.locator("main").inner_text()
    assert not page.locator("#record-text").is_visible()


def in_anki(package: Path, material: Material) -> None:
    """The package has the questions and the gap."""
    report: Report = run(NEWEST, package, REPORT)[-1]
    fields = [note.fields for note in report.notes]
    for question, answer in material.questions:
        assert (f"<p>{question}</p>", f"<p>{answer}</p>") in [
            (each.get("Question"), each.get("Response")) for each in fields
        ]
    assert f"<p>{material.with_gap}</p>" in [each.get("Text") for each in fields]
