"""The desk in a real Chromium, with a real server: Home, news from the server, the end, and everybody's use of it."""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import RECORD

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]
OpenDesk = Callable[..., AbstractContextManager["Desk"]]


def trials(page: Page) -> list[str]:
    """The names of the trials in the list that are shown."""
    return page.locator(".trial-row:not([hidden]) h2").all_text_contents()


def test_trials_are_found_and_what_was_looked_for_stays(desk: "Desk", chromium: Browser) -> None:
    page = desk.page(chromium)
    assert page.url == desk.root, "the token has left the address"
    page.get_by_label("Find a trial").fill("finerenone kidney")
    expect(page.locator("output")).to_have_text("2 of 6 trials")
    assert trials(page) == ["FIDELIO-DKD", "FIGARO-DKD"]
    page.get_by_role("link", name="FIGARO-DKD").click()
    expect(page).to_have_url(f"{desk.root}trial/figaro-dkd.yaml")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.locator("output")).to_have_text("2 of 6 trials")
    page.get_by_label("Find a trial").fill("nothing of the kind")
    page.get_by_role("button", name="Show all trials").click()
    assert len(trials(page)) == 6
    page.get_by_label("Order").select_option("Least reviewed first")
    assert trials(page)[0] == "FIGARO-DKD"


@pytest.mark.parametrize(
    ("view", "script"),
    [
        ("trial/aspire.yaml", "form.js"),
        ("review/aspire.yaml", "review.js"),
        ("settings", "settings.js"),
        ("settings/text/project", "settings_text.js"),
        ("decks/landmark-trials", "settings.js"),
        ("release", "release.js"),
    ],
)
def test_nothing_is_typed_or_pressed_on_a_page_whose_script_has_not_come(
    view: str, script: str, desk: "Desk", chromium: Browser
) -> None:
    page = desk.page(chromium)
    page.route(f"**/static/{script}", lambda route: route.abort())
    page.goto(desk.root + view)
    controls = "[...document.querySelectorAll('main :is(textarea, input, select, button)')]"
    dead = "[inert], :disabled, dialog, [role=search], .review-head"
    assert page.evaluate(f"{controls}.length") > 0
    assert page.evaluate(f"{controls}.filter(each => !each.closest('{dead}')).map(each => each.outerHTML)") == []
    page.unroute(f"**/static/{script}")
    page.reload()
    expect(page.locator("[inert]")).to_have_count(0)
    page.context.close()


def test_the_colours_are_chosen_once_for_all_pages(desk: "Desk", chromium: Browser) -> None:
    page = desk.page(chromium)
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("nightMode")
    page.goto(f"{desk.root}settings")
    expect(page.locator("html")).to_have_class("nightMode")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Auto").click()
    page.reload()
    expect(page.locator("html")).not_to_have_class("nightMode")


def test_seven_tabs_hear_of_a_change_by_an_editor(desk: "Desk", chromium: Browser) -> None:
    first = desk.page(chromium)
    pages = [first, *(first.context.new_page() for _ in range(6))]
    for page in pages[1:]:
        page.goto(desk.root)
    elsewhere = first.context.new_page()
    elsewhere.goto(f"{desk.root}new")
    record = desk.folder / "seeds" / "dawn-1.yaml"
    record.write_text(RECORD, encoding="utf-8")
    for page in pages:
        expect(page.get_by_role("link", name="DAWN-1")).to_be_visible()
    expect(elsewhere.get_by_text("dawn-1.yaml was changed on disk.")).to_be_visible()
    # The tab that listened goes; another takes its place.
    first.close()
    record.unlink()
    for page in pages[1:]:
        expect(page.get_by_role("link", name="DAWN-1")).to_have_count(0)


def test_a_page_hears_that_the_desk_is_gone_and_back_till_ctrl_c(
    open_desk: OpenDesk, chromium: Browser, tmp_path: Path
) -> None:
    with open_desk(tmp_path / "x") as desk:
        page = desk.page(chromium)
        expect(page.locator("html")).to_have_attribute("data-connected", "true")
        os.kill(desk.process.pid, signal.SIGKILL)
        desk.process.wait()
        expect(page.get_by_role("alert")).to_contain_text("The desk does not answer")
    with open_desk(tmp_path / "x") as again:
        assert again.address == desk.address
        expect(page.locator("#offline")).to_be_hidden()
        # Ctrl-C, while the page listens: nothing is said, and nothing waits.
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(timeout=60) == 0
        assert again.process.stderr
        assert again.process.stderr.read() == ""


def test_an_empty_folder_becomes_a_collection_and_quit_ends_the_desk(
    open_desk: OpenDesk, chromium: Browser, tmp_path: Path
) -> None:
    with open_desk(tmp_path / "heart-failure") as desk:
        page = desk.page(chromium)
        expect(page.get_by_label("Name of the collection")).to_have_value("Heart Failure")
        page.get_by_label("Where learners report errors").fill("nobody")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("alert")).to_contain_text("neither a web address nor a mail address")
        page.get_by_label("Where learners report errors").fill("errors@example.org")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("heading", name="Three ways to the first trial")).to_be_visible()
        page.get_by_role("link", name="New trial").press("Enter")
        expect(page.get_by_role("button", name="Begin the trial")).to_be_enabled()
        page.get_by_label("Title of the publication").fill("Dawnol for Example Disease")
        page.get_by_label("Acronym").fill("DAWN-1")
        page.reload()
        expect(page.get_by_label("Title of the publication")).to_have_value("Dawnol for Example Disease")
        expect(page.get_by_role("button", name="Begin the trial")).to_be_enabled()
        page.get_by_label("Acronym").press("Enter")
        expect(page).to_have_url(f"{desk.root}trial/dawn-1.yaml")
        page.get_by_role("button", name="Quit").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The desk has ended")
        assert desk.process.wait(timeout=60) == 0
    assert (tmp_path / "heart-failure" / "seeds" / "dawn-1.yaml").is_file()
