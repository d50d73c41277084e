"""What comes in, in a real Chromium: with the mouse and with the keyboard, for everybody."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from conftest import RECORD
from folders import ROOT
from suggesting import WHY, document, suggestion

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]
EXAMPLES = ROOT / "docs" / "examples"
OTHER = RECORD.replace("10.1000/dawn", "10.1000/nine").replace("NCT00000001", "NCT00000009")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Desk]":
    """A desk on a project of one trial."""
    from desks import running_desk

    folder = tmp_path_factory.mktemp("small")
    for name in ("seeds", "decks"):
        (folder / name).mkdir()
    text = OTHER.replace("DAWN-1", "DAWN-9").replace("dawn-1", "dawn-9")
    (folder / "seeds" / "dawn-9.yaml").write_text(text, encoding="utf-8")
    with running_desk(folder, cache=tmp_path_factory.mktemp("cache")) as desk:
        yield desk


@pytest.fixture
def page(small: "Desk", chromium: Browser) -> Iterator[Page]:
    """The page where files come in; of what other tests took in, nothing is left."""
    for record in (small.folder / "seeds").glob("*.yaml"):
        if record.name != "dawn-9.yaml":
            record.unlink()
    page = small.page(chromium, path="add")
    yield page
    page.context.close()


def choose(page: Page, *files: Path) -> None:
    page.set_input_files("#drop-files", list(files))
    page.wait_for_url(lambda address: address.rsplit("/", 1)[-1] not in {"add", "anki"})


def is_for_everybody(page: Page) -> None:
    for colours, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 860})
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 860})


def test_from_two_files_to_a_trial(page: Page, small: "Desk") -> None:
    choose(page, EXAMPLES / "NCT00000001.json", EXAMPLES / "dawn-1.nbib")
    expect(page.get_by_role("heading", name="DAWN-1 new trial")).to_be_visible()
    is_for_everybody(page)
    said = page.locator(".says")
    expect(said).not_to_contain_text("Overall Survival")
    page.get_by_label("Overall Survival").check()
    expect(said).to_contain_text("Overall Survival")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    page.get_by_text("Single adverse events (3;").click()
    page.get_by_role("searchbox", name="Find an adverse event").fill("anaem")
    expect(page.get_by_label("Pneumonia")).to_be_hidden()
    page.get_by_label("Anaemia").check()
    expect(said).to_contain_text("Anaemia (serious)")
    page.get_by_label("Id", exact=True).fill("dawn-9")
    expect(page.get_by_text("dawn-9.yaml exists already")).to_be_visible()
    expect(page.get_by_role("button", name="Make the trial")).to_be_disabled()
    page.get_by_label("Id", exact=True).fill("dawn-1")
    page.reload()
    expect(page.get_by_label("Id", exact=True)).to_have_value("dawn-1")
    expect(said).to_contain_text("Anaemia (serious)")
    page.get_by_role("button", name="Make the trial").click()
    page.wait_for_url("**/trial/dawn-1.yaml")
    record = (small.folder / "seeds" / "dawn-1.yaml").read_text(encoding="utf-8")
    assert "endpoint: Anaemia (serious)" in record
    assert "doi: 10.1000/dawn\n" in record


def test_a_table_by_keyboard(page: Page, small: "Desk") -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#drop-files").focus()
        page.keyboard.press("Enter")
    chooser.value.set_files(EXAMPLES / "questions.csv")
    page.wait_for_url("**/add/*")
    expect(page.get_by_text("3 of 3 notes taken")).to_be_visible()
    is_for_everybody(page)
    page.get_by_label("What Answer of Table holds").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("No field holds the answer yet")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    button = page.get_by_role("button", name="Import 3 notes")
    expect(button).to_be_enabled()
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(small.root)
    assert (small.folder / "seeds" / "dusk-2.yaml").exists()


def test_a_suggestion_is_decided_and_nothing_decided_is_lost(page: Page, small: "Desk", tmp_path: Path) -> None:
    record = small.folder / "seeds" / "noon-3.yaml"
    text = RECORD.replace("id: dawn-1", "id: noon-3").replace("DAWN-1", "NOON-3")
    record.write_text(text.replace("10.1000/dawn", "10.1000/noon").replace("NCT00000001", "NCT00000003"), "utf-8")
    made = suggestion(WHY.replace("dawn-1", "noon-3"), reason="<b>Table 2</b> says so.")
    other = suggestion("noon-3/question/whom", id="suggestion-2", fields={"Response": {"before": "", "after": "No."}})
    later = suggestion(WHY.replace("dawn-1", "noon-3"), id="suggestion-3", reason="It is long.")
    file = tmp_path / "ada.json"
    file.write_text(json.dumps(document(made, other, later)), encoding="utf-8")
    choose(page, file)
    expect(page.get_by_role("heading", name="3 suggestions")).to_be_visible()
    expect(page.get_by_text("<b>Table 2</b> says so.")).to_be_visible()
    is_for_everybody(page)
    first = page.locator("article").first
    first.get_by_label("Accept in other words").check()
    words = first.get_by_label("Answer, in your words")
    expect(words).to_be_focused()
    words.fill("It binds **dawnin** like glue.")
    page.reload()
    expect(page.get_by_label("Answer, in your words").first).to_have_value("It binds **dawnin** like glue.")
    page.locator("article").nth(1).get_by_label("Decline").check()
    third = page.locator("article").nth(2)
    third.get_by_label("Accept in other words").check()
    third.get_by_label("Answer, in your words").fill("It holds.")
    third.get_by_label("Later").check()
    expect(page.get_by_text("1 accepted, 1 declined of 3")).to_be_visible()
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_role("heading", name="1 trial written")).to_be_focused()
    assert "response: It binds **dawnin** like glue." in record.read_text(encoding="utf-8")
    page.get_by_role("button", name="To what is left").click()
    page.get_by_label("Accept in other words").check()
    expect(page.get_by_label("Answer, in your words")).to_have_value("It holds.")
    page.get_by_label("Decline").check()
    page.get_by_role("button", name="Write").click()
    page.get_by_role("button", name="To what is left").click()
    expect(page.get_by_text("There is nothing to decide.")).to_be_visible()


def test_files_that_are_dropped_on_home_are_read(page: Page, small: "Desk") -> None:
    page.goto(small.root)
    page.evaluate(
        """() => {
      const given = new DataTransfer();
      given.items.add(new File(["%PDF-1.7"], "paper.pdf"));
      document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: given }));
    }"""
    )
    page.wait_for_url("**/add/*")
    expect(page.get_by_text("paper.pdf: this is a PDF")).to_be_visible()
    is_for_everybody(page)
