"""From a setting to a deck in Anki, in a real Chromium: counted, built, taken away, as the command line would do it."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from click.testing import CliRunner
from playwright.sync_api import APIResponse, Browser, Page, Request, Route, expect

from anki_connect_stub import StubAnki, serving
from anki_releases import NEWEST, OUTLINE, Report, run
from projects import NOW, Project
from trialdeck.cli import main
from trialdeck.core.locks import file_lock
from trialdeck.core.transactions import LOCK

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]

PAGES = ["release", "decks/~new", "settings/text/project"]

STICKS_OUT = """body => document.documentElement.scrollWidth <= innerWidth ? [] : [...body.querySelectorAll("*")]
  .filter(each => each.getBoundingClientRect().right > innerWidth && !each.closest(".wide"))
  .map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def anki() -> Iterator[StubAnki]:
    with serving(StubAnki()) as anki:
        yield anki


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trials")


@pytest.fixture(autouse=True)
def project(folder: Path) -> Project:
    """The project, as it is before each test: the desk reads it anew for each request."""
    for path in folder.iterdir():
        shutil.rmtree(path)
    project = Project(folder)
    project.record("dawn-1")
    project.record("noon-1")
    project.settings("root: Trials   # above all", "topics: {example-disease: Example disease}")
    project.define("main", "name: Main", "split: trial")
    return project


@pytest.fixture(scope="module")
def desk(folder: Path, anki: StubAnki, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Desk"]:
    from desks import running_desk

    with pytest.MonkeyPatch.context() as variables:
        variables.setenv("SOURCE_DATE_EPOCH", str(NOW))
        variables.setenv("TRIALDECK_ANKI_URL", anki.url)
        with running_desk(folder, cache=tmp_path_factory.mktemp("cache")) as running:
            yield running


@pytest.fixture
def page(desk: "Desk", chromium: Browser) -> Page:
    return desk.page(chromium)


def release_page(page: Page, desk: "Desk") -> None:
    """Open the page and wait until the comparison has ended."""
    page.goto(desk.root + "release")
    expect(page.get_by_role("button", name="Compare")).to_be_enabled()


def files(folder: Path) -> dict[str, bytes]:
    names = (path for path in sorted(folder.iterdir()) if path.is_file() and path.name != LOCK)
    return {path.name: path.read_bytes() for path in names}


def built_by_the_command_line(project: Project, folder: Path) -> dict[str, bytes]:
    """What `trialdeck build` writes into the folder of decks of a copy, at the same time."""
    shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns(LOCK))
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner().invoke(main, ["build"], env={"SOURCE_DATE_EPOCH": str(NOW)}, catch_exceptions=False)
    finally:
        os.chdir(before)
    assert done.exit_code == 0, done.output
    return files(folder / "decks")


def test_a_deck_is_narrowed_counted_built_and_taken_into_anki(
    desk: "Desk", page: Page, project: Project, anki: StubAnki, tmp_path: Path
) -> None:
    page.goto(desk.root + "settings")
    expect(page.locator("[data-count=main]")).to_have_text(re.compile(r"\d+ cards in 2 packages"))
    page.get_by_role("link", name="Main", exact=True).click()
    page.get_by_label("NOON-1").check()
    expect(page.locator("#count")).to_contain_text("of 1 trial;")
    cards = int(page.locator("#count b").inner_text())
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert "select" not in (project.decks / "main.yaml").read_text(encoding="utf-8")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert "select:\n  trials: [noon-1]\n" in (project.decks / "main.yaml").read_text(encoding="utf-8")

    release_page(page, desk)
    expect(page.get_by_text("No deck takes DAWN-1: learners will not get it.")).to_be_visible()
    page.get_by_label("Name of the edition").fill("2026.1")
    release_page(page, desk)
    expect(page.get_by_label("Name of the edition")).to_have_value("2026.1")
    expected = expected_of(project, tmp_path / "copy")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.get_by_text("Built: edition 2026.1.")).to_be_visible()
    assert files(project.decks) == expected

    with page.expect_download() as told:
        page.get_by_role("link", name="Download main-noon-1.apkg").click()
    download = tmp_path / told.value.suggested_filename
    told.value.save_as(download)
    assert download.name == "main-noon-1.apkg"
    assert download.read_bytes() == expected["main-noon-1.apkg"]
    report: Report = run(NEWEST, download, OUTLINE)[-1]
    assert len(report.cards) == cards

    expect(page.get_by_text("Anki runs.")).to_be_visible()
    page.get_by_role("button", name="Send all").click()
    expect(page.locator("#push-answer")).to_contain_text("main-noon-1.apkg: ")
    assert anki.notes


def expected_of(project: Project, folder: Path) -> dict[str, bytes]:
    """What the command line makes of a copy that has the name of the edition in its settings."""
    shutil.copytree(project.folder, folder / "before", ignore=shutil.ignore_patterns(LOCK))
    settings = folder / "before" / "decks" / "project.yaml"
    named = settings.read_text(encoding="utf-8").replace("# above all\n", '# above all\nedition: "2026.1"\n')
    settings.write_text(named, encoding="utf-8")
    return built_by_the_command_line(Project(folder / "before"), folder / "after")


def test_a_fault_stops_a_build_and_leads_to_its_trial(desk: "Desk", page: Page, project: Project) -> None:
    record = project.seeds / "noon-1.yaml"
    sound = record.read_text(encoding="utf-8")
    record.write_text(f"{sound}bogus: 1\n", encoding="utf-8")
    try:
        release_page(page, desk)
        page.get_by_role("button", name="Build", exact=True).click()
        answer = page.locator("#build-answer")
        expect(answer).to_contain_text("Nothing can be built before this is corrected")
        expect(answer).to_contain_text("the form has no field “bogus”")
        answer.get_by_role("link", name="noon-1.yaml").click()
        expect(page).to_have_url(f"{desk.root}trial/noon-1.yaml#f-bogus")
    finally:
        record.write_text(sound, encoding="utf-8")


def test_a_comparison_that_was_overtaken_by_a_build_is_not_shown(desk: "Desk", page: Page) -> None:
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        held.append((route, route.fetch()))

    page.route("**/release/changes", hold, times=1)
    page.goto(desk.root + "release")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.get_by_text("Built: edition")).to_be_visible()
    ((route, answer),) = held
    assert "new" in answer.text()
    route.fulfill(response=answer)
    expect(page.get_by_role("button", name="Compare again")).to_be_enabled()
    expect(page.locator("#changes")).to_have_text("Nothing has changed since the last build.")


def test_what_cannot_be_taken_back_needs_a_tick(desk: "Desk", page: Page, project: Project) -> None:
    project.build(NOW)
    for package in project.decks.glob("*.apkg"):
        package.unlink()
    project.edit("noon-1", why="")
    release_page(page, desk)
    box = page.get_by_label("I know that learners lose the text of these cards for good.")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.get_by_text("Nothing was built: this needs your leave.")).to_be_visible()
    box.check()
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.locator("#build-answer")).to_contain_text("1 withdrawn")


def test_a_build_that_waits_says_so_to_both_windows_and_is_cancelled(
    desk: "Desk", page: Page, project: Project, chromium: Browser
) -> None:
    project.edit("dawn-1", title="Dawnol for Everybody")
    before = files(project.decks)
    other = desk.page(chromium)
    with file_lock(project.decks / LOCK, 10):
        release_page(page, desk)
        page.get_by_role("button", name="Build", exact=True).click()
        expect(page.get_by_text("Waiting for another build …")).to_be_visible()
        other.goto(desk.root + "release")
        expect(other.get_by_text("A build is under way in another window.")).to_be_visible()
        other.get_by_role("button", name="Build", exact=True).click()
        expect(other.get_by_text("Wait until it has ended, or cancel it.")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("A build was cancelled")).to_be_visible()
    assert files(project.decks) == before


def test_two_windows_that_write_the_same_setting_choose(
    desk: "Desk", page: Page, project: Project, chromium: Browser
) -> None:
    other = desk.page(chromium, path="settings")
    page.goto(desk.root + "settings")
    for window, text in ((page, "CC0"), (other, "MIT")):
        window.get_by_label("Licence").fill(text)
        window.locator("[data-address='/settings/project'] [type=submit]").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(other.get_by_text("Somebody has changed the same meanwhile")).to_be_visible()
    assert "license: CC0" in (project.decks / "project.yaml").read_text(encoding="utf-8")
    other.get_by_role("button", name="Keep mine").click()
    expect(other.get_by_text("Saved", exact=True)).to_be_visible()
    assert "license: MIT" in (project.decks / "project.yaml").read_text(encoding="utf-8")


def test_every_kind_of_value_is_shown_in_words_and_can_be_taken(desk: "Desk", page: Page, project: Project) -> None:
    """Titles of topics, boxes and lists; what is typed over a value is compared with that value after a reload too."""
    page.goto(desk.root + "settings")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Title", exact=True).first.fill("Mine")
    page.get_by_label("Authors").fill("A\nB")
    project.settings("authors: [C, D]", "topics: {example-disease: Theirs, other: Other}")
    page.reload()
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Mine")
    page.locator("[data-address='/settings/project'] [type=submit]").click()
    conflict = page.locator(".conflict:visible")
    expect(conflict).to_contain_text("is now: C, D")
    expect(conflict).to_contain_text("is now: example-disease: Theirs; other: Other")
    for name, choice in (("C, D", "Keep mine"), ("Theirs", "Take theirs")):
        conflict.locator("p", has_text=name).get_by_role("button", name=choice).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    text = (project.decks / "project.yaml").read_text(encoding="utf-8")
    assert text == "format: 1\nauthors: [A, B]\ntopics: {example-disease: Theirs, other: Other}\n"
    titles = page.get_by_label("Title", exact=True)
    assert [title.input_value() for title in titles.all()] == ["Theirs", "Other", ""]
    titles.first.fill("Again")
    page.get_by_role("button", name="Undo what I typed").click()
    expect(titles.first).to_have_value("Theirs")


def test_choices_of_a_deck_are_shown_in_words_and_can_be_taken(desk: "Desk", page: Page, project: Project) -> None:
    """Also one that the form does not offer; a text whose end the form does not show is not somebody else's change."""
    text = "description: |\n  Two\n  lines.\n"
    project.define("main", "name: Main", "split: trial", text)
    page.goto(desk.root + "decks/main")
    page.get_by_label("Description").fill("Another")
    page.get_by_label("NOON-1").check()
    page.get_by_label("Packages").select_option("perspective")
    project.define("main", "name: Main", "split: none", text, "select: {trials: [dawn-1, gone-1]}")
    page.get_by_role("button", name="Save").click()
    conflict = page.locator(".conflict:visible")
    expect(conflict).to_contain_text("Trials is now: DAWN-1, gone-1")
    expect(conflict).to_contain_text("Packages is now: one package")
    expect(conflict.locator("p")).to_have_count(2)
    for name in ("Trials", "Packages"):
        conflict.locator("p", has_text=name).get_by_role("button", name="Take theirs").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_label("gone-1")).to_be_checked()
    expect(page.get_by_label("NOON-1")).not_to_be_checked()
    saved = (project.decks / "main.yaml").read_text(encoding="utf-8")
    assert "Another" in saved
    assert "split: none" in saved
    assert "trials: [dawn-1, gone-1]" in saved


def test_what_is_typed_while_a_save_is_under_way_is_saved_next(desk: "Desk", page: Page, project: Project) -> None:
    page.goto(desk.root + "settings")
    licence, save = page.get_by_label("Licence"), page.locator("[data-address='/settings/project'] [type=submit]")
    licence.fill("CC0")
    held: list[Route] = []
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/settings/project", hold, times=1)
    with page.expect_request("**/settings/project"):
        save.click()
    licence.fill("MIT")
    save.click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert len(sent) == len(held) == 1
    held[0].continue_()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert "license: MIT" in (project.decks / "project.yaml").read_text(encoding="utf-8")
    expect(page.locator(".conflict:visible")).to_have_count(0)


def test_what_is_typed_while_a_deck_is_made_comes_along(desk: "Desk", page: Page, project: Project) -> None:
    page.goto(desk.root + "decks/~new")
    page.get_by_label("Id", exact=True).fill("core")
    page.get_by_label("Name", exact=True).fill("Core")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/decks/~new", hold, times=1)
    with page.expect_request("**/decks/~new"):
        page.get_by_role("button", name="Make the deck").dblclick()
    page.get_by_label("Name", exact=True).fill("Core trials")
    held[0].continue_()
    page.wait_for_url("**/decks/core")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Core trials")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert "name: Core\n" in (project.decks / "core.yaml").read_text(encoding="utf-8")


def test_a_text_survives_a_reload_and_two_clicks_save_it(desk: "Desk", page: Page, project: Project) -> None:
    path = project.decks / "project.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    page.goto(desk.root + "settings/text/project")
    page.on("dialog", lambda dialog: dialog.accept())
    text = page.get_by_label("The text of project.yaml")
    text.fill("format: 1\nroot: Mine\n")
    page.reload()
    expect(text).to_have_value("format: 1\nroot: Mine\n")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_text("The file was changed meanwhile")).to_be_hidden()
    assert path.read_bytes() == b"format: 1\r\nroot: Mine\r\n"


def test_what_is_typed_survives_a_reload_and_is_taken_back_on_demand(desk: "Desk", page: Page) -> None:
    page.goto(desk.root + "settings")
    first = page.get_by_label("Authors").input_value()
    page.get_by_label("Authors").fill("A\nB")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Authors")).to_have_value("A\nB")
    page.get_by_role("button", name="Undo what I typed").click()
    expect(page.get_by_label("Authors")).to_have_value(first)


def test_a_full_storage_of_the_browser_hides_no_save(desk: "Desk", page: Page, project: Project) -> None:
    page.goto(desk.root + "settings")
    page.evaluate("""() => {
      Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
    }""")
    page.get_by_label("Authors").fill("A\nB")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_label("Authors").press("Tab")
    page.locator("form", has=page.get_by_label("Authors")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert "A" in (project.decks / "project.yaml").read_text(encoding="utf-8")


def test_a_wrong_setting_is_said_at_its_field(desk: "Desk", page: Page, project: Project) -> None:
    before = (project.decks / "project.yaml").read_bytes()
    page.goto(desk.root + "settings")
    field = page.get_by_label("Address of the site")
    field.fill("nowhere")
    field.press("Enter")
    expect(page.locator("[data-fault=homepage]")).to_contain_text("'nowhere' is not a web address")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert (project.decks / "project.yaml").read_bytes() == before
    page.get_by_role("button", name="Undo what I typed").click()


def test_the_site_is_made_and_looked_at(desk: "Desk", page: Page) -> None:
    release_page(page, desk)
    page.get_by_role("button", name="Make the site").click()
    expect(page.get_by_text("The site is made:")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Look at it").click()
    site = opened.value
    expect(site.get_by_role("link", name="NOON-1").first).to_be_visible()
    assert site.url.startswith("http://127.0.0.1:")
    assert not site.url.startswith(desk.root)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_the_pages(desk: "Desk", chromium: Browser, colours: Literal["light", "dark"]) -> None:
    """axe finds nothing, and at 390 pixels nothing sticks out."""
    page = desk.page(chromium, 390, colours=colours)
    for path in PAGES:
        page.goto(desk.root + path)
        if path == "release":
            expect(page.get_by_role("button", name="Compare")).to_be_enabled()
        found = Axe().run(page)
        assert not found.response["violations"], (path, [each["id"] for each in found.response["violations"]])
        assert page.locator("body").evaluate(STICKS_OUT) == [], path
