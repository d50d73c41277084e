"""The site in a real Chromium: from the disk, from a server, by mouse, by key, by night, on a phone and on paper."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from projects import NOW, Project
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.markdown.render import render
from trialdeck.notes.links import anchor_of
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build import with_plan
from trialdeck.project.prepare import PreparedBuild
from trialdeck.site.anki_template import card_html
from trialdeck.site.publish import publish
from trialdeck.site.server import Preview
from trialdeck.site.styles import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest_plugins = ["chromium"]

QUESTION = """\
  - id: forms
    perspective: reviewer
    audience: [fellow]
    question: "# Which forms\\n\\n> are there?"
    response: "- one\\n- two\\n\\n1. a\\n\\n| arm | n |\\n|---|---|\\n| x | 1 |\\n\\n`code` \\\\(a < b\\\\)"
    review: {status: reviewed, by: A. Reader, on: 2026-01-02}
related_trials:
"""
NIGHT, DAY = "rgb(22, 25, 30)", "rgb(253, 253, 252)"
TRIAL = "trials/dawn-1.html"
PAGES = (
    "index.html",
    TRIAL,
    "topics/example-disease.html",
    "trials.html",
    "editions.html",
    "import.html",
    "search.html?q=dawnol",
    "decks/by-trial.html",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two dozen trials; one record has every kind of section and text, and one note that was reviewed."""
    made = Project(tmp_path_factory.mktemp("browser"))
    path = made.record("dawn-1")
    path.write_text(path.read_text(encoding="utf-8").replace("related_trials:\n", QUESTION), encoding="utf-8")
    for number in range(2, 24):
        made.record(f"noon-{number}")
    made.settings('license: "[CC BY 4.0](https://example.org/by)"', "authors: [Jane Doe]", "report: errors@example.org")
    made.define("by-trial", "name: Rhythm", "description: What **rhythm** is.", "split: trial")
    made.define("whole", "name: All of it")
    made.build()
    made.edit("noon-2", short="")
    made.edit("noon-2", response="It blocks")
    made.build(NOW + 86_400)
    return made


@pytest.fixture(scope="module")
def folder(project: Project) -> Path:
    return publish([project.seeds], DeckRequest(), project.decks, project.folder / "site", NOW + 86_400).out


@dataclass
class Visit:
    """A window, and what it did beyond showing files of the site."""

    page: "Page"
    home: str
    did: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, name: str = TRIAL) -> "Page":
        """Open a page, and unfold its cards."""
        self.page.goto(f"{self.home}{name}")
        self.page.evaluate("document.querySelectorAll('.cards, .finder').forEach(each => { each.open = true; })")
        return self.page

    def look_on(self) -> None:
        self.page.on("console", lambda message: self.did.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.did.append(f"error: {error}"))
        self.page.on("requestfailed", lambda request: self.did.append(f"failed: {request.url}"))
        self.page.on("request", lambda request: self.asked.append(request.url))

    @property
    def elsewhere(self) -> list[str]:
        return [url for url in self.asked if not url.startswith((self.home, "data:,"))]


Visits = Callable[..., Visit]


@pytest.fixture
def visit(chromium: "Browser", folder: Path) -> Iterator[Visits]:
    """Open a window on the files: `visit(width=320, color_scheme="dark")`; nothing may go wrong in it."""
    visits = []

    def opened(home: str = "", width: int = 1000, **options: Any) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        visits.append(Visit(context.new_page(), home or f"{folder.as_uri()}/"))
        visits[-1].look_on()
        return visits[-1]

    yield opened
    for each in visits:
        each.page.context.close()
    assert [each.did for each in visits if each.did] == []
    assert [each.elsewhere for each in visits if each.elsewhere] == []


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    preview = Preview(folder, reloads=False)
    Thread(target=preview.server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield preview.address
    finally:
        preview.server.shutdown()
        preview.server.server_close()


def shown_cards(page: "Page") -> list[str]:
    ids: list[str] = page.evaluate("[...document.querySelectorAll('.slot')].filter(e => !e.hidden).map(e => e.id)")
    return ids


def sides(page: "Page", card: str) -> tuple[bool, bool]:
    slot = page.locator(f"[id='{card}']")
    return slot.locator(".front").is_visible(), slot.locator(".back").is_visible()


FRONT, BACK, BOTH = (True, False), (False, True), (True, True)


# --- Turning


def test_a_click_turns_a_card_and_turns_it_back(visit: Visits) -> None:
    page = visit().open()
    card = "card.question.why.1"
    assert sides(page, card) == FRONT
    page.locator(f"[id='{card}'] .front").click()
    assert sides(page, card) == BACK
    button = page.locator(f"[id='{card}'] .turn")
    assert button.get_attribute("aria-expanded") == "true"
    assert button.inner_text().startswith("Show question")
    button.click()
    assert sides(page, card) == FRONT
    page.locator("[id='card.trial.1'] .front").click()
    assert sides(page, "card.trial.1") == BACK


def test_keys_alone_go_to_cards_and_turn_them(visit: Visits) -> None:
    page = visit().open()
    first, second, third = shown_cards(page)[:3]
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.turn')"):
            break
    page.keyboard.press("Enter")
    assert sides(page, first) == BACK
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert sides(page, third) == BACK
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    assert sides(page, second) == BACK
    page.keyboard.press("Space")
    assert sides(page, second) == FRONT


def test_arrows_in_a_field_stay_in_the_field(visit: Visits) -> None:
    page = visit().open()
    page.locator("[data-filters] [name=find]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.name") == "find"


def test_links_and_fold_outs_of_a_card_do_not_turn_it(visit: Visits) -> None:
    page = visit().open()
    page.locator("[id='card.question.why.1'] .front").click()
    page.locator("[id='card.question.why.1'] .td-foot summary").click()
    assert sides(page, "card.question.why.1") == BACK
    page.locator("[id='card.question.why.1'] .td-foot a").first.evaluate("a => a.removeAttribute('href')")
    page.locator("[id='card.question.why.1'] .td-foot a").first.click()
    assert sides(page, "card.question.why.1") == BACK


def test_both_sides_are_shown_on_demand(visit: Visits) -> None:
    page = visit().open()
    page.get_by_label("Both sides").check()
    assert {sides(page, card) for card in shown_cards(page)} == {BOTH}


# --- Finding


@pytest.mark.parametrize(
    ("name", "option", "found"),
    [("perspective", "mechanism", "card.question.why.1"), ("reviewed", "Reviewed", "card.question.forms.1")],
)
def test_filters_narrow_the_cards(visit: Visits, name: str, option: str, found: str) -> None:
    page = visit().open()
    page.locator(f"[name={name}]").select_option(label=option)
    assert shown_cards(page) == [found]
    assert page.locator(".filters output").inner_text() == "1 card"


def test_an_audience_has_its_cards_and_those_for_everybody(visit: Visits) -> None:
    page = visit().open()
    page.locator("[name=audience]").select_option("student")
    cards = shown_cards(page)
    assert "card.question.why.1" in cards
    assert "card.question.whom.1" in cards
    assert "card.question.forms.1" not in cards


def test_words_are_found_on_either_side_without_accents_and_case(visit: Visits) -> None:
    page = visit().open()
    page.locator("[name=find]").fill("BÎNDS dawnin")
    assert shown_cards(page) == ["card.question.why.1"]


def test_filters_and_turned_cards_survive_a_reload(visit: Visits) -> None:
    page = visit().open()
    page.locator("[name=perspective]").select_option("mechanism")
    page.locator("[id='card.question.why.1'] .turn").click()
    page.reload()
    assert shown_cards(page) == ["card.question.why.1"]
    assert sides(page, "card.question.why.1") == BACK
    page.goto(page.url + "#card.question.whom.1")
    page.wait_for_selector("[id='card.question.whom.1']")
    assert len(shown_cards(page)) > 10


def test_a_search_finds_cards_of_all_trials(visit: Visits) -> None:
    window = visit()
    page = window.open("index.html")
    assert not [url for url in window.asked if "search-index" in url]
    page.get_by_role("searchbox").fill("noon-7 dawnol")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_selector(".found a")
    assert [url for url in window.asked if "search-index" in url]
    page.locator(".filters [name=q]").fill("why dawnol noon-7")
    page.wait_for_selector(".filters output:text-is('1 note')")
    assert page.locator(".found .facts").inner_text() == "NOON-7 · mechanism"
    page.locator(".found a").click()
    # The address changes before the new page has been read to that place.
    page.locator("[id='card.question.why.1']").wait_for(state="visible")
    assert page.url.endswith("trials/noon-7.html#card.question.why.1")


def test_a_search_is_narrowed_by_trial_perspective_and_review(visit: Visits) -> None:
    page = visit().open("search.html?q=dawnol")
    page.wait_for_selector(".found a")
    assert page.locator(".found > li").count() == 50
    page.get_by_text("Show more").click()
    assert page.locator(".found > li").count() == 100
    page.locator("[name=trial]").select_option("DAWN-1")
    page.locator(".filters [name=q]").fill("")
    page.locator("[name=reviewed]").select_option("Reviewed")
    page.wait_for_selector(".filters output:text-is('1 note')")
    page.locator("[name=reviewed]").select_option("")
    page.locator("[name=perspective]").select_option("mechanism")
    page.wait_for_selector(".filters output:text-is('1 note')")
    page.locator("[name=audience]").select_option("fellow")
    page.wait_for_selector(".filters output:text-is('0 notes')")


# --- Looks


def background(page: "Page", selector: str) -> str:
    return str(page.locator(selector).first.evaluate("element => getComputedStyle(element).backgroundColor"))


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(("scheme", "paper"), [("light", DAY), ("dark", NIGHT)])
def test_page_and_cards_follow_the_system(visit: Visits, scheme: str, paper: str, javascript: bool) -> None:
    page = visit(color_scheme=scheme, java_script_enabled=javascript).open()
    assert background(page, "body") == paper
    assert background(page, ".slot .card") == paper


@pytest.mark.parametrize(("scheme", "wanted", "paper"), [("light", "Dark", NIGHT), ("dark", "Light", DAY)])
def test_the_switch_goes_before_the_system_and_is_remembered(
    visit: Visits, scheme: str, wanted: str, paper: str
) -> None:
    page = visit(color_scheme=scheme).open()
    page.get_by_role("button", name=wanted, exact=True).click()
    assert (background(page, "body"), background(page, ".slot .card")) == (paper, paper)
    page.goto(page.url.replace(TRIAL, "index.html"))
    assert background(page, "body") == paper
    page.get_by_role("button", name="Auto").click()
    assert background(page, "body") != paper


def test_without_javascript_everything_is_there_to_be_read(visit: Visits) -> None:
    page = visit(java_script_enabled=False).open()
    assert sides(page, "card.question.why.1") == BOTH
    assert not page.locator(".filters").is_visible()
    assert not page.locator(".turn").first.is_visible()


def test_paper_has_both_sides_by_day_and_no_controls(visit: Visits) -> None:
    page = visit(color_scheme="dark").open()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.emulate_media(media="print", color_scheme="dark")
    assert sides(page, "card.question.why.1") == BOTH
    assert (background(page, "body"), background(page, ".slot .card")) == (DAY, DAY)
    for control in ("nav", ".filters", ".turn", ".search", ".button", ".looks"):
        assert not page.locator(control).first.is_visible(), control


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_small_phone(visit: Visits, name: str) -> None:
    page = visit(width=320).open(name)
    page.evaluate("document.querySelectorAll('.turn').forEach(each => each.click())")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


# How far from the left edge the number of each item starts, with the space that stands behind it.
_NUMBERS_START = """() => [...document.querySelectorAll("li")].map((item, place) => {
  const words = document.createRange(), style = getComputedStyle(item);
  words.selectNodeContents(item);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontSize} ${style.fontFamily}`;
  return words.getClientRects()[0].left - pen.measureText(`${item.parentNode.start + place}. `).width;
})"""


@pytest.mark.parametrize("room", ["td", "prose"])
@pytest.mark.parametrize("start", [3, 98, 1234, 123456789])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_long_numbers_of_a_list_are_whole_on_a_small_phone(
    visit: Visits, folder: Path, room: str, start: int, gap: str
) -> None:
    style = note_type(Kind.QUESTION).style if room == "td" else (folder / "site.css").read_text(encoding="utf-8")
    shown = render(gap.join(f"{start + place}. {'word ' * 20}" for place in range(2)))
    assert f'start="{start}"' in shown
    page = visit(width=320).page
    page.set_content(f'<!doctype html><style>{style}</style><body class="card"><main class="{room}">{shown}</main>')
    starts = page.evaluate(_NUMBERS_START)
    assert len(starts) == 2
    assert min(starts) > -1
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


# What a style of the page could change in a card, on its way from the elements around it or by a rule for all pages.
_LOOKS = """cards => cards.map(card => [card, ...card.querySelectorAll("*")].map(element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const names = ["color", "backgroundColor", "fontFamily", "fontSize", "fontWeight", "fontStyle", "lineHeight",
    "letterSpacing", "textTransform", "textDecoration", "textAlign", "textWrap", "whiteSpace", "hyphens", "display",
    "fontVariantNumeric", "listStyleType", "verticalAlign", "boxSizing", "gridTemplateColumns", "overflowX",
    "borderTop", "borderBottom", "marginTop", "marginBottom", "marginLeft", "paddingTop", "paddingLeft", "fill"];
  const size = [box.width, box.height].map(Math.round);
  return [element.tagName, element.getAttribute("class"), ...size, ...names.map(name => style[name])].join("|");
}))"""


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("phone", [False, True])
def test_cards_look_as_they_do_alone(visit: Visits, project: Project, night: bool, phone: bool) -> None:
    page = visit(color_scheme="dark" if night else "light").open()
    page.get_by_label("Both sides").check()
    if phone:
        page.get_by_label("Phone width").check()
    widths = page.locator(".slot .front").evaluate_all("sides => sides.map(side => side.getBoundingClientRect().width)")
    assert not phone or {round(width) for width in widths} == {PHONE}
    style = note_type(Kind.QUESTION).style
    # In two columns a card is as narrow as on a phone, and shows as on a wide screen.
    style = style if phone else re.sub(r"@media [^{]*\{([^{}]+\{[^{}]*\})*\s*\}", "", style)
    known = {
        anchor_of("dawn-1", note.key, each): card_html(note, each)
        for note in home_notes(project)
        for each in note.cards
    }
    cards = [known[anchor] for anchor in shown_cards(page)]
    assert len(cards) == len(known)
    shown = "".join(
        f'<div style="width: {width}px">{side}</div>'
        for card, width in zip(cards, widths, strict=True)
        for side in (card.front, card.back)
    )
    alone = visit(width=PHONE if phone else 1000).page
    alone.set_content(
        f'<!doctype html><style>{style}</style><body class="card {"nightMode" if night else ""}">{shown}</body>'
    )
    expected = alone.locator(".td").evaluate_all(_LOOKS)
    found = page.locator(".sides > .card > .td").evaluate_all(_LOOKS)
    assert len(found) == 2 * len(cards)
    for each, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        assert ours == theirs, cards[each // 2].front


def home_notes(project: Project) -> list[Note]:
    """The notes of the page, in its order; the one of the related trial, which has no page, is among them."""

    def notes(opened: PreparedBuild) -> list[Note]:
        own = (package for package in opened.packages if package.stem == "by-trial-dawn-1")
        return [each.note for package in own for each in package.placed]

    return with_plan([project.seeds], DeckRequest(), project.decks, NOW + 86_400, notes)


# --- Serving


def test_a_download_has_the_printed_sum(visit: Visits, folder: Path) -> None:
    with serving(folder) as home:
        page = visit(home).open("index.html")
        row = page.locator(".hero")
        with page.expect_download() as download:
            row.get_by_role("link", name="Download All of it").click()
        assert download.value.suggested_filename == "whole.apkg"
        row.get_by_text("Verify").click()
        assert sha256(download.value.path().read_bytes()).hexdigest() == row.locator("code").inner_text()


def test_the_site_works_below_any_address(visit: Visits, folder: Path) -> None:
    with serving(folder.parent) as home:
        window = visit(f"{home}site/")
        page = window.open("index.html")
        page.get_by_role("link", name="DAWN-1", exact=True).click()
        page.locator(".turn").first.click()
        page.get_by_role("searchbox", name="Search all cards").fill("binds")
        page.keyboard.press("Enter")
        page.wait_for_selector(".found a")
        page.get_by_role("link", name="Editions").click()
        assert page.url == f"{home}site/editions.html"


@contextmanager
def command(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run `trialdeck site --serve --watch` in a project; gives the address."""
    code = "from trialdeck.cli.packages.site import site; site()"
    clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--serve", "--watch", "--out", "live"],
        cwd=folder, env=clean, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stderr
        address = next(found[0] for line in process.stderr if (found := re.search(r"http://\S+", line)))
        # Only from then on is it sure that a save is heard.
        assert any(line.startswith("watching ") for line in process.stderr)
        yield address, process
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def test_an_open_page_reloads_after_a_save(chromium: "Browser", tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record("dawn-1")
    with command(tmp_path) as (address, _):
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_selector("text=DAWN-1")
        page.goto(f"{address}{TRIAL}")
        page.locator("[id='card.question.why.1']").evaluate("slot => { slot.closest('.cards').open = true; }")
        page.locator("[id='card.question.why.1'] .turn").click()
        project.edit("dawn-1", response="It blocks")
        page.wait_for_selector("[id='card.question.why.1'] .back:has-text('It blocks')")
        assert sides(page, "card.question.why.1") == BACK
        project.edit("dawn-1", format="format: one\n")
        page.wait_for_selector("pre.notice:has-text('seeds/dawn-1.yaml:1:9')")
        assert "It blocks" in page.locator("[id='card.question.why.1']").inner_text()
        path = project.seeds / "dawn-1.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("format: one", "format: 1"), encoding="utf-8")
        page.wait_for_selector("pre.notice", state="hidden")
        page.close()


# --- Accessible


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(visit: Visits, name: str, scheme: str) -> None:
    page = visit(color_scheme=scheme, width=400).open(name)
    if name.startswith("search"):
        page.wait_for_selector(".found a")
    assert violations(page) == []
    if name == TRIAL:
        page.evaluate("document.querySelectorAll('.turn').forEach(each => each.click())")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert violations(page) == []


def violations(page: "Page") -> list[str]:
    # Unless it is told not to, axe loads the styles once more, which the policy of the pages forbids.
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def test_nothing_moves(folder: Path) -> None:
    assert not re.search(r"transition|animation|scroll-behavior", (folder / "site.css").read_text(encoding="utf-8"))


def test_the_first_stop_leads_to_the_content_and_the_focus_is_seen(visit: Visits) -> None:
    page = visit().open("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


# --- Cards beside what they ask, and on the front page


def test_the_cards_begin_within_three_screens_of_a_phone(visit: Visits) -> None:
    page = visit(width=390, java_script_enabled=False).open()
    box = page.locator(".slot").first.bounding_box()
    assert box
    assert box["y"] < 3 * 844


@pytest.mark.parametrize("javascript", [True, False])
def test_cards_on_the_front_page_flip(visit: Visits, javascript: bool) -> None:
    page = visit(java_script_enabled=javascript).open("index.html")
    assert page.locator(".flip").count() == 3
    flip = page.locator(".flip").first
    assert flip.locator(".front").is_visible()
    assert not flip.locator(".back").is_visible()
    flip.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert flip.locator(".back").is_visible()
    assert not flip.locator(".front").is_visible()
    page.keyboard.press("Space")
    assert flip.locator(".front").is_visible()


def test_a_link_to_a_card_unfolds_it(visit: Visits) -> None:
    window = visit()
    window.page.goto(f"{window.home}{TRIAL}#card.question.why.1")
    window.page.locator("[id='card.question.why.1'] .front").wait_for(state="visible")


@pytest.mark.parametrize("name", PAGES)
def test_large_text_on_a_small_phone_needs_no_scrolling_to_the_side(visit: Visits, name: str) -> None:
    page = visit(width=320).open(name)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.querySelectorAll('.flip > details').forEach(each => { each.open = true; })")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_trials_are_filtered_at_once(visit: Visits) -> None:
    page = visit().open("trials.html")
    page.locator("[data-trials] [name=find]").fill("dawn-1")
    assert page.locator(".letter tbody tr:visible").count() == 1
    assert page.locator("[data-trials] output").inner_text() == "1 trial"
