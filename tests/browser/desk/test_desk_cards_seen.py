"""Cards and review in a real Chromium: what is seen, what the keys do, and that no text of a record acts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Dialog, Page, Request, expect

from chromium_dot import DOT
from conftest import RECORD
from folders import SUPPORT
from forest_trials import trial_text
from hostile_records import Filling, filled, written
from matrices import ONLY_FULL
from trialdeck.records.schema import load_schema

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]
SCRIPTS = yaml.safe_load((SUPPORT / "hostile" / "scripts.yaml").read_text(encoding="utf-8"))
TEXTS = yaml.safe_load((SUPPORT / "hostile" / "texts.yaml").read_text(encoding="utf-8"))
# One of each group of scripts, and some that are to end the place where they stand: what a field lets through does not
# depend on the text, which the suite of scripts tries one by one.
HOSTILE = [next(iter(group.values())) for group in SCRIPTS.values()] + list(TEXTS.values())[::12]
FORMULA = r"""  - {id: formula, perspective: clinical, question: 'What is \(x^2\)?', response: 'It is [here](https://example.org/x).'}
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Desk"]:
    """A desk for trials with a forest, with everything that a record can have, and with hostile texts."""
    from desks import running_desk

    folder = tmp_path_factory.mktemp("seen")
    seeds = folder / "seeds"
    seeds.mkdir()
    (folder / "decks").mkdir()
    for name in ("FOG-1", "DUSK-2", "NOON-3"):
        (seeds / f"{name.lower()}.yaml").write_text(trial_text(name), encoding="utf-8")
    figure = "    response: It binds **dawnin**.\n    figures: [{file: dot.png, alt: A dot, license: CC0}]\n"
    text = RECORD.replace("    response: It binds **dawnin**.\n", figure).replace(
        "related_trials", FORMULA + "related_trials"
    )
    (seeds / "dawn-1.yaml").write_text(text, encoding="utf-8")
    (seeds / "dot.png").write_bytes(DOT)
    written(seeds, {**filled(load_schema("trial"), Filling(tuple(HOSTILE))), "id": "hostile", "formerly": []})
    with running_desk(folder, cache=tmp_path_factory.mktemp("seen-cache")) as running:
        yield running


def sides(page: Page) -> tuple[str, str]:
    """The text of both sides of the card that is shown."""
    front, back = (page.frame_locator(f"iframe[data-side={side}]").first.locator("body") for side in ("front", "back"))
    expect(back).not_to_be_empty()
    return front.inner_text(), back.inner_text()


def faults_of(page: Page) -> list[str]:
    """What axe finds wrong with a page; frames are cards, which have tests of their own."""
    found = Axe().run(page, options={"iframes": False})
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found.response["violations"]]


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (390, "dark")])
def test_every_page_is_for_everybody(shown: "Desk", chromium: Browser, width: int, colours: Any) -> None:
    page = shown.page(chromium, width, colours=colours, path="cards/dawn-1.yaml?at=4")
    for path in ("cards/dawn-1.yaml?at=4", "review", "review/dawn-1.yaml?at=4"):
        page.goto(shown.root + path)
        page.wait_for_load_state("networkidle")
        assert faults_of(page) == [], path
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    main = page.locator("main")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0


def test_cards_are_turned_by_keys_and_by_mouse(shown: "Desk", chromium: Browser) -> None:
    page = shown.page(chromium, path="cards/dawn-1.yaml")
    heading = page.locator("#card-head")
    expect(heading).to_have_text(re.compile(r"Card 1 of \d+"))
    first = sides(page)
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(re.compile(r"Card 2 of \d+"))
    assert sides(page) != first
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text(re.compile(r"Card 1 of \d+"))
    page.get_by_role("link", name="Next").click()
    expect(heading).to_be_focused()
    page.frame_locator("iframe[data-side=back]").locator("body").click()
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(re.compile(r"Card 3 of \d+"))
    page.go_back()
    expect(heading).to_have_text(re.compile(r"Card 2 of \d+"))
    page.get_by_label("Perspective").select_option("mechanism")
    expect(heading).to_have_text("Card 1 of 1")
    assert page.url.endswith("/cards?trial=dawn-1.yaml&perspective=mechanism")


def test_a_frame_is_as_high_as_its_card_and_looks_as_is_wanted(shown: "Desk", chromium: Browser) -> None:
    page = shown.page(chromium, path="cards/dawn-1.yaml?perspective=mechanism")
    frame = page.locator("iframe[data-side=back]")
    inside = frame.content_frame
    whole = "page => page.documentElement.scrollHeight - page.defaultView.innerHeight"
    body = inside.locator("body")
    expect(inside.locator(".td-picture img")).to_be_visible()
    assert inside.locator(".td-picture img").evaluate("picture => picture.naturalWidth") == 1
    assert body.evaluate(f"body => ({whole})(body.ownerDocument)") == 0
    before = frame.bounding_box()
    inside.locator("summary").click()
    expect(inside.locator(".td-key")).to_be_visible()
    assert body.evaluate(f"body => ({whole})(body.ownerDocument)") == 0
    page.get_by_text("Look of the cards").click()
    page.locator("[data-card=size]").select_option("200")
    page.locator("[data-card=look]").select_option("night")
    page.locator("[data-card=width]").select_option("phone")
    expect(body).to_have_css("background-color", "rgb(22, 25, 30)")
    after = frame.bounding_box()
    assert before
    assert after
    assert after["height"] > before["height"]
    assert round(after["width"]) == 375
    page.reload()
    expect(frame.content_frame.locator("body")).to_have_css("background-color", "rgb(22, 25, 30)")
    page.get_by_text("Look of the cards").click()
    page.locator("[data-card=look]").select_option("")
    page.get_by_role("button", name="Light").click()
    expect(frame.content_frame.locator("body")).to_have_css("background-color", "rgb(253, 253, 252)")


def test_links_do_nothing_and_show_where_they_lead(shown: "Desk", chromium: Browser) -> None:
    page = shown.page(chromium, path="cards/dawn-1.yaml?perspective=clinical")
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="What is").click()
    expect(page.get_by_text("Formulas stand here as TeX")).to_be_visible()
    link = page.frame_locator("iframe[data-side=back]").get_by_role("link", name="here")
    link.click()
    expect(page.locator("[data-link]")).to_have_text("In Anki, this link leads to https://example.org/x")
    link.click(modifiers=["Control"])
    link.click(button="middle")
    assert len(page.context.pages) == 1
    assert not [url for url in asked if not url.startswith(shown.root)]
    expect(page.frame_locator("iframe[data-side=back]").get_by_text("It is")).to_be_visible()


def test_a_plot_stands_where_anki_puts_it(shown: "Desk", chromium: Browser) -> None:
    page = shown.page(chromium, path="cards?trial=across")
    back = page.frame_locator("iframe[data-side=back]")
    number = back.locator(".td-numbers span").first
    expect(number).to_be_visible()
    place = number.get_attribute("data-place")
    assert place
    assert number.evaluate("part => part.style.left") == place.removeprefix("left:")


@ONLY_FULL  # test_desk_safety.py shows a hostile collection in every view, this one among them
def test_no_text_of_a_record_acts(shown: "Desk", chromium: Browser) -> None:
    page = shown.page(chromium)
    did: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        did.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def ask(request: Request) -> None:
        if not request.url.startswith((shown.root, "data:")):
            did.append(f"request: {request.url}")

    page.on("dialog", dismiss)
    page.on("request", ask)
    page.on("console", lambda message: did.append(f"console: {message.text}"))
    page.on("popup", lambda popup: did.append(f"popup: {popup.url}"))
    page.on("download", lambda download: did.append(f"download: {download.url}"))
    page.goto(f"{shown.root}cards/hostile.yaml")
    heading = page.locator("#card-head")
    count = int((heading.text_content() or "").split()[-1])
    assert count > 15
    for number in range(1, count + 1):
        expect(heading).to_have_text(f"Card {number} of {count}")
        sides(page)
        for frame in page.frames[1:]:
            frame.locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
        page.keyboard.press("ArrowRight")
    page.goto(f"{shown.root}review/hostile.yaml?which=all")
    last = page.locator(".review-steps li").count()
    for number in range(1, last + 1):
        expect(page.locator(".review-item")).to_have_attribute("data-at", str(number))
        page.keyboard.press("ArrowRight")
    expect(page.locator(".review-item")).to_have_attribute("data-at", "1")
    assert did == []


def start_live(page: Page, name: str) -> None:
    """Put the card beside whatever the page of the trial has."""
    page.evaluate(
        """name => {
          document.getElementById("card")?.remove();
          const room = Object.assign(document.createElement("aside"), {id: "card"});
          room.dataset.file = name;
          document.querySelector("main").append(room);
          const script = document.createElement("script");
          document.head.append(Object.assign(script, {type: "module", src: `/static/cards.js?${name}`}));
        }""",
        name,
    )
    expect(page.locator("#card h2")).to_have_text("Card")


def tell(page: Page, kind: str, detail: object) -> None:
    page.evaluate(
        "([kind, detail]) => document.dispatchEvent(new CustomEvent(kind, {detail: JSON.parse(detail)}))",
        [kind, json.dumps(detail)],
    )


def test_the_card_beside_the_form_follows_what_is_typed(shown: "Desk", chromium: Browser) -> None:
    page = shown.page(chromium, path="review")
    start_live(page, "dawn-1.yaml")
    card = page.locator("#card")
    tell(page, "desk:focus", ["questions", 0, "response"])
    back = page.frame_locator("#card iframe[data-side=back]").locator("body")
    expect(back).to_contain_text("It binds dawnin.")
    change = {"path": ["questions", 0, "response"], "was": "It binds **dawnin**.", "names": ["why"]}
    tell(page, "desk:typed", {**change, "value": "It **blocks** dawnin."})
    expect(back.locator("strong")).to_have_text("blocks")
    tell(page, "desk:typed", {**change, "value": ""})
    expect(card.get_by_text("There is no card as long as this is wrong:")).to_be_visible()
    expect(card.locator("iframe").first).to_be_hidden()
    tell(page, "desk:typed", {**change, "value": "<img src=x onerror=alert(1)>"})
    expect(back).to_contain_text("<img src=x onerror=alert(1)>")
    tell(page, "desk:saved", {})
    expect(back).to_contain_text("It binds dawnin.")
    tell(page, "desk:focus", ["tested"])
    expect(card.locator("[data-count]")).to_have_text("1 of 3")
    card.get_by_role("button", name="Next").click()
    expect(back).to_contain_text("Which trial?")
    tell(page, "desk:focus", ["key_findings", 0, "cloze", "delay"])
    expect(page.frame_locator("#card iframe[data-side=front]").locator(".cloze")).to_have_text("[...]")
    tell(page, "desk:focus", ["questions", 99])
    expect(card.get_by_text("Nothing is written here yet.")).to_be_visible()


def test_the_card_follows_the_real_form(shown: "Desk", chromium: Browser) -> None:
    path = shown.folder / "seeds" / "noon-3.yaml"
    before = path.read_bytes()
    page = shown.page(chromium, path="cards/noon-3.yaml?perspective=mechanism")
    expect(page.locator("#card-head")).to_have_text("Card 1 of 1")
    page.keyboard.press("e")
    expect(page).to_have_url(shown.root + "trial/noon-3.yaml#f-questions-0-body")
    back = page.frame_locator("#card iframe[data-side=back]").locator("body")
    expect(back).to_contain_text("It binds.")
    answer = page.get_by_label("Answer")
    answer.press("End")
    answer.press_sequentially(" And **holds**.")
    expect(back.locator("strong")).to_have_text("holds")
    expect(page.locator("#save-state")).to_have_text("Saved")
    assert "It binds. And **holds**." in path.read_text(encoding="utf-8")
    expect(back.locator("strong")).to_have_text("holds")
    path.write_bytes(before)
    expect(back).not_to_contain_text("holds")


def test_a_review_by_keys_alone(shown: "Desk", chromium: Browser) -> None:
    path = shown.folder / "seeds" / "dawn-1.yaml"
    before = path.read_bytes()
    page = shown.page(chromium, path="review/dawn-1.yaml")
    heading, state = page.locator(".review-what h1"), page.locator(".review-head p").first
    expect(heading).to_have_text("Key findings relapse")
    # The desk knows the name of who has signed before.
    page.get_by_label("Your name").fill("")
    heading.focus()
    page.keyboard.press("y")
    expect(page.get_by_role("alert").filter(has_text="A review needs a name")).to_be_visible()
    page.keyboard.type("A. Reader")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("Limitations short")
    expect(state).to_have_text("1 of 8 reviewed")
    page.keyboard.press("d")
    page.keyboard.type("It was *long*.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("Result rfs")
    expect(state).to_have_text("1 of 8 reviewed, 1 disputed")
    page.keyboard.press("s")
    expect(heading).to_have_text("Question why")
    page.keyboard.press("c")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("It blocks **dawnin**.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".review-lines")).to_contain_text("It blocks dawnin.")
    assert "response: It blocks **dawnin**." in path.read_text(encoding="utf-8")
    assert "reason: It was *long*." in path.read_text(encoding="utf-8")
    page.keyboard.press("u")
    expect(page.locator(".review-lines")).to_contain_text("It binds dawnin.")
    page.keyboard.press("u")
    expect(heading).to_have_text("Limitations short")
    page.reload()
    page.keyboard.press("u")
    expect(heading).to_have_text("Key findings relapse")
    expect(state).to_have_text("0 of 8 reviewed")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    assert path.read_bytes() == before


def test_a_text_that_changed_meanwhile_is_shown_again(shown: "Desk", chromium: Browser) -> None:
    path = shown.folder / "seeds" / "fog-1.yaml"
    before = path.read_text(encoding="utf-8")
    page = shown.page(chromium, path="review/fog-1.yaml?at=2")
    expect(page.locator(".review-lines")).to_contain_text("It binds.")
    Path(path).write_text(before.replace("It binds.", "It holds."), encoding="utf-8")
    expect(page.locator(".review-lines")).to_contain_text("It holds.")
    page.goto(shown.root + "cards/fog-1.yaml?perspective=mechanism")
    expect(page.frame_locator("iframe[data-side=back]").get_by_text("It holds.")).to_be_visible()
    path.write_text(before, encoding="utf-8")
    expect(page.frame_locator("iframe[data-side=back]").get_by_text("It binds.")).to_be_visible()


def test_what_a_reviewer_has_typed_is_never_lost(shown: "Desk", chromium: Browser) -> None:
    """A reason, a name and a correction: on the way to other items and back, after a reload, and when others write."""
    path = shown.folder / "seeds" / "dawn-1.yaml"
    before = path.read_text(encoding="utf-8")
    page = shown.page(chromium, path="review/dawn-1.yaml?at=4")
    page.on("dialog", lambda dialog: dialog.accept())
    heading, reason, answer = (
        page.locator(".review-what h1"), page.get_by_label("What is wrong?"), page.get_by_label("Answer", exact=True)
    )  # fmt: skip
    expect(heading).to_have_text("Question why")
    page.get_by_label("Your name").fill("B. Reader")
    page.get_by_role("button", name="wrong").click()
    reason.fill("Not so.")
    page.get_by_role("button", name="Change").click()
    answer.fill("It **blocks** it.")
    page.get_by_role("button", name="Skip").click()
    expect(heading).to_have_text("Question whom")
    expect(reason).to_be_hidden()
    # The page asks before it is left, and Quit waits.
    assert page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))") is False
    page.get_by_role("status").get_by_role("link", name="Question why").click()
    expect(answer).to_have_value("It **blocks** it.")
    page.reload()
    expect(reason).to_have_value("Not so.")
    expect(page.get_by_label("Your name")).to_have_value("B. Reader")
    answer.press("End")
    path.write_text(before.replace("It binds **dawnin**.", "It holds."), encoding="utf-8")
    expect(page.get_by_text("it is now: “It holds.”")).to_be_visible()
    expect(answer).to_be_focused()
    page.keyboard.type(" Really.")
    page.get_by_role("button", name="Save the text").click()
    expect(page.locator(".review-lines")).to_contain_text("It blocks it. Really.")
    expect(reason).to_have_value("Not so.")
    page.get_by_role("button", name="Save as disputed").click()
    expect(heading).to_have_text("Question whom")
    expect(page.get_by_text("Typed and not sent yet")).to_be_hidden()
    text = path.read_text(encoding="utf-8")
    assert "response: It **blocks** it. Really." in text
    assert "reason: Not so." in text
    assert "B. Reader" in text
    path.write_text(before, encoding="utf-8")


def test_two_quick_signatures_are_one(shown: "Desk", chromium: Browser) -> None:
    path = shown.folder / "seeds" / "dusk-2.yaml"
    before = path.read_bytes()
    page = shown.page(chromium, path="review/dusk-2.yaml")
    heading = page.locator(".review-what h1")
    first = heading.inner_text()
    page.get_by_label("Your name").fill("A. Reader")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    heading.focus()
    page.keyboard.press("y")
    page.keyboard.press("y")
    expect(heading).not_to_have_text(first)
    expect(page.locator(".review-head p").first).to_contain_text("1 of")
    assert len(sent) == 1
    page.keyboard.press("u")
    expect(heading).to_have_text(first)
    assert path.read_bytes() == before
