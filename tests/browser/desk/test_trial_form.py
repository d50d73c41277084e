"""The form of a trial in a real Chromium, with a real server: what is typed is saved, and nothing is ever lost."""

import os
import re
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import APIResponse, Browser, Route, expect

from conftest import RECORD
from trial_forms import NOTED, WHOM, WHY, Form, eventually, form_of, held_back, until

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]
OpenDesk = Callable[..., AbstractContextManager["Desk"]]


@pytest.fixture
def form(desk: "Desk", chromium: Browser) -> Iterator[Form]:
    """The form of a record of its own."""
    form = form_of(desk, chromium)
    yield form
    form.page.context.close()


def test_what_is_typed_is_saved_in_place_and_can_be_taken_back(form: Form) -> None:
    form.open(0)
    answer = form.field("questions-0-response")
    answer.press("End")
    answer.press_sequentially(" Twice.", delay=30)
    form.says("It binds **dawnin**. Twice.")
    assert form.text == NOTED.replace("**dawnin**.", "**dawnin**. Twice.")
    form.field("results-0-estimate").evaluate("each => each.closest('.entry').querySelector('.entry-open').click()")
    form.field("results-0-estimate").fill("0.80")
    form.says("estimate: 0.80")
    form.field("results-0-arms-0-events").fill("7")
    form.says("{name: dawnol, n: 100, events: 7, median: 12.0}")
    form.field("topics").fill("example-disease, another one")
    form.says("topics: [example-disease, another one]")
    form.field("cards").get_by_label("History").check()
    form.says("cards: [summary, history, key_findings, limitations]")
    form.field("core").check()
    form.says("core: true")
    form.undo()
    expect(answer).to_have_value("It binds **dawnin**.")


def test_entries_are_moved_by_buttons_keys_and_mouse(form: Form) -> None:
    down = form.page.get_by_role("button", name="Move question 1 down")
    down.focus()
    form.page.keyboard.press("Enter")
    form.asks(WHOM, WHY)
    assert "  - id: whom\n    perspective: clinical\n    question: Whom does dawnol help?\n" in form.text
    assert form.text.index("id: whom") < form.text.index("# Asked on rounds.") < form.text.index("id: why")
    # What was moved keeps the focus; here it is the last one, and has no way down.
    expect(form.page.locator("#f-questions-1 .entry-open")).to_be_focused()
    form.page.keyboard.press("Alt+ArrowUp")
    form.asks(WHY, WHOM)
    form.page.keyboard.press("Control+z")
    form.asks(WHOM, WHY)
    form.page.keyboard.press("Control+Shift+z")
    form.asks(WHY, WHOM)
    form.page.locator("#part-questions .grip").nth(1).hover()
    form.page.mouse.down()
    head = form.page.locator("#part-questions .entry-head").first
    head.hover(position={"x": 200, "y": 12})
    head.hover(position={"x": 200, "y": 4})
    form.page.mouse.up()
    form.asks(WHOM, WHY)
    form.undo()


def test_a_question_and_a_gap_are_written_by_keyboard_alone(form: Form) -> None:
    form.page.get_by_role("button", name="Add a question").focus()
    form.page.keyboard.press("Enter")
    expect(form.field("questions-2-question")).to_be_focused()
    form.page.keyboard.type("Which dose was best?")
    form.page.keyboard.press("Tab")
    form.page.keyboard.type("Ten milligrams a day.")
    # The id is made of the question as soon as that is written.
    form.says("  - id: dose-best\n    perspective: clinical\n    question: Which dose was best?\n")
    form.says("response: Ten milligrams a day.")
    answer = form.field("questions-2-response")
    expect(answer).to_be_focused()
    answer.press("Home")
    for _ in range("Ten".__len__()):
        answer.press("Shift+ArrowRight")
    answer.press("Control+Shift+C")
    form.says("{{c1::Ten}} milligrams a day.")
    form.page.keyboard.press("Tab")
    form.says("cloze:\n      milligrams-day: ") if "milligrams-day" in form.text else form.says("{{c1::Ten}}")
    form.undo()


def test_signs_and_formulas_are_inserted_with_mouse_and_keyboard(form: Form) -> None:
    form.open(0)
    answer = form.field("questions-0-response")
    answer.fill("10 9 and ")
    answer.press("End")
    form.page.get_by_role("button", name="Greek letters and signs").click()
    form.page.get_by_role("button", name="β", exact=True).click()
    expect(answer).to_have_value("10 9 and β")
    answer.evaluate("each => each.setSelectionRange(3, 4)")
    answer.press("Control+.")
    expect(answer).to_have_value("10 ⁹ and β")
    answer.press("End")
    answer.press("Control+Shift+F")
    form.page.get_by_label("What it says").fill(r"\frac{1}{2}")
    expect(form.page.locator("#formula-shown mfrac")).to_be_visible()
    form.page.keyboard.press("Enter")
    expect(answer).to_have_value(r"10 ⁹ and β\(\frac{1}{2}\)")
    form.says(r"10 ⁹ and β\(\frac{1}{2}\)")
    form.undo()


def test_two_tabs_in_one_field_choose_and_in_two_fields_both_are_kept(form: Form) -> None:
    other = form.another()
    for each in (form, other):
        each.open(0)
    form.field("questions-0-question").fill("Why so?")
    form.says("question: Why so?")
    other.field("acronym").fill("DAWN-2")
    other.says("acronym: DAWN-2")
    expect(form.field("acronym")).to_have_value("DAWN-2")
    expect(other.field("questions-0-question")).to_have_value("Why so?")
    # Now both type into one field before either has heard of the other.
    with held_back(other.page):
        other.field("questions-0-question").fill("What for?")
        form.field("questions-0-question").fill("How?")
        form.says("question: How?")
    box = other.page.get_by_role("alert").filter(has_text="Somebody else has changed this meanwhile")
    expect(box).to_contain_text("How?")
    expect(other.field("questions-0-question")).to_have_value("What for?")
    assert "question: How?" in form.text
    box.get_by_role("button", name="Keep mine").click()
    other.says("question: What for?")
    expect(form.field("questions-0-question")).to_have_value("What for?")
    with held_back(other.page):
        other.field("questions-0-question").fill("Who?")
        form.field("questions-0-question").fill("When?")
        form.says("question: When?")
    box.get_by_role("button", name="Take the other").click()
    expect(other.field("questions-0-question")).to_have_value("When?")
    other.is_saved()


def test_nine_tabs_show_the_same(form: Form) -> None:
    others = [form.another() for _ in range(8)]
    form.field("tested").fill("Dawnol, ten milligrams")
    form.says("tested: Dawnol, ten milligrams")
    for other in others:
        other.page.bring_to_front()
        expect(other.field("tested")).to_have_value("Dawnol, ten milligrams")
        other.page.close()


def test_an_editor_writes_meanwhile(form: Form) -> None:
    form.open(0)
    question = form.field("questions-0-question")
    with held_back(form.page):
        question.fill("Why, then?")
        form.record.write_text(NOTED.replace("Start early.", "Start late.").replace(WHOM, "Whom?"), encoding="utf-8")
    form.says("question: Why, then?")
    form.says("Start late.")
    form.asks("Why, then?", "Whom?")
    # An entry that comes before keeps what is typed with its own.
    question.focus()
    added = form.text.replace(
        "questions:\n", "questions:\n  - {id: first, perspective: clinical, question: First?, response: A.}\n"
    )
    form.record.write_text(added, encoding="utf-8")
    form.asks("First?", "Why, then?", "Whom?")
    expect(form.field("questions-1-question")).to_be_focused()
    form.page.keyboard.press("End")
    form.page.keyboard.type(" Now?")
    form.says("question: Why, then? Now?")


@pytest.mark.parametrize(
    ("part", "old", "new"), [("state", "Start early.", "Start late."), ("form", "id: whom", "id: whom-else")]
)
def test_an_answer_that_was_overtaken_is_not_shown(form: Form, part: str, old: str, new: str) -> None:
    read: list[tuple[Route, APIResponse]] = []
    form.page.route(f"**/trial/*?part={part}*", lambda route: read.append((route, route.fetch())))
    form.record.write_text(NOTED.replace(old, new), encoding="utf-8")
    until(form.page, lambda: bool(read))
    form.field("tested").fill("Dawnol, ten milligrams")
    form.says("tested: Dawnol, ten milligrams")
    form.page.keyboard.press("Tab")
    for route, answer in reversed(read):  # the oldest comes last
        route.fulfill(response=answer)
    form.page.unroute(f"**/trial/*?part={part}*")
    form.page.wait_for_timeout(300)
    expect(form.field("tested")).to_have_value("Dawnol, ten milligrams")
    form.field("tested").fill("Dawnol, twenty milligrams")
    form.says("tested: Dawnol, twenty milligrams")


def test_a_deleted_file_is_written_anew_with_what_was_typed(form: Form) -> None:
    form.record.unlink()
    form.field("tested").fill("Dawnol anew")
    form.page.get_by_role("button", name="Write it anew").click()
    form.says("tested: Dawnol anew")
    assert form.text == NOTED.replace("tested: Dawnol\n", "tested: Dawnol anew\n")


def test_a_frozen_server_costs_nothing(form: Form, desk: "Desk") -> None:
    os.kill(desk.process.pid, signal.SIGSTOP)
    try:
        form.field("tested").press_sequentially(" and more", delay=40)
        form.page.wait_for_timeout(3000)
        expect(form.page.locator("#save-state")).to_have_text("Saving …")
    finally:
        os.kill(desk.process.pid, signal.SIGCONT)
    form.says("and more")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process is set as Linux does it")
def test_a_full_disk_is_said_and_the_text_survives_a_reload(form: Form, desk: "Desk") -> None:
    pid = desk.process.pid
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        form.field("tested").fill("Dawnol on a full disk")
        expect(form.page.get_by_role("alert").filter(has_text="Not saved: cannot write")).to_be_visible()
        form.page.on("dialog", lambda dialog: dialog.accept())
        form.page.reload()
        expect(form.field("tested")).to_have_value("Dawnol on a full disk")
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    form.says("tested: Dawnol on a full disk")
    expect(form.page.get_by_role("alert").filter(has_text="Not saved")).to_have_count(0)


def test_a_server_that_is_killed_and_started_again_gets_what_was_typed(
    open_desk: OpenDesk, chromium: Browser, tmp_path: Path
) -> None:
    with open_desk(tmp_path / "project") as desk:
        form = form_of(desk, chromium)
        form.field("tested").fill("Dawnol before")
        form.says("tested: Dawnol before")
        desk.process.kill()
        desk.process.wait()
        undo = form.page.get_by_role("button", name="Undo", exact=True)
        undo.click()
        expect(form.page.locator(".toast")).to_have_text(
            "The desk does not answer. What you typed is kept in this window."
        )
        expect(undo).to_have_attribute("title", "1 step")
        form.field("tested").fill("Dawnol while nobody listens")
        expect(form.page.locator("#save-state")).to_have_text("Not saved yet")
    with open_desk(tmp_path / "project"):
        form.says("tested: Dawnol while nobody listens")
        undo.click()
        form.says("tested: Dawnol before")
        undo.click()
        form.says("tested: Dawnol\n")


@pytest.fixture
def alone(open_desk: OpenDesk, tmp_path: Path) -> Iterator["Desk"]:
    """A desk without other trials, which would be compared."""
    with open_desk(tmp_path / "project") as desk:
        yield desk


def test_faults_stand_beside_their_field_and_are_mended_there(alone: "Desk", chromium: Browser) -> None:
    faulty = NOTED.replace("measure: hazard ratio", "measure: HR").replace(
        "perspective: clinical", "perspective: clinic"
    )
    form = form_of(alone, chromium, faulty)
    form.page.get_by_role("button", name="2 faults").click()
    form.page.get_by_role("link", name="unknown measure 'HR'").click()
    expect(form.field("results-0-measure")).to_be_focused()
    expect(form.field("results-0-measure")).to_have_attribute("aria-invalid", "true")
    form.page.get_by_role("button", name="Write hazard ratio").click()
    form.says("measure: hazard ratio")
    expect(form.page.locator("#fault-count")).to_have_text("1 fault")
    expect(form.page.locator("#part-questions .entry-count").nth(1)).to_have_text("1 fault")
    form.open(1)
    form.field("questions-1-perspective").select_option("Clinical")
    form.says("perspective: clinical\n    question: Whom")
    # Fronts that do not name the trial.
    expect(form.page.locator("#fault-count")).to_have_text("2 warnings")
    expect(form.page.locator("#fault-news")).to_have_text("No faults.")
    # What a comparison with another trial finds comes later, in the background.
    form.record.with_name("a.yaml").write_text(RECORD, encoding="utf-8")
    expect(form.page.locator("#f-id-faults")).to_contain_text("the trial id 'dawn-1' is taken by a.yaml")


def test_an_entry_is_retired_renamed_and_removed(form: Form) -> None:
    form.open(1)
    form.page.locator("#f-questions-1 summary").click()
    form.page.locator("#f-questions-1 [data-retire]").click()
    form.page.get_by_label("Why", exact=True).fill("The dose was wrong.")
    form.page.get_by_label("Replaced by").select_option("why")
    form.page.get_by_role("button", name="Retire it", exact=True).click()
    form.says("reason: The dose was wrong.\n      instead: why")
    expect(form.page.locator("#f-questions-1 .pill.odd").first).to_have_text("retired")
    form.page.locator("#f-questions-1 [data-unretire]").click()
    eventually(lambda: "retired" not in form.text)
    form.page.locator("#f-questions-1-id [data-rename]").click()
    form.page.get_by_label("New id").fill("for-whom")
    form.page.get_by_role("button", name="Change it", exact=True).click()
    form.says("- id: for-whom\n")
    form.says("    formerly: [whom]\n")
    expect(form.page.locator("#f-questions-1-id code").first).to_have_text("for-whom")
    form.page.locator("#f-questions-1").get_by_role("button", name="Remove this question").click()
    form.page.get_by_role("button", name="Remove it", exact=True).click()
    form.asks(WHY)
    form.undo()


def test_a_trial_is_removed_with_what_was_typed_and_comes_back(form: Form) -> None:
    other = form.another()
    form.field("tested").fill("Dawnol at last")
    form.page.get_by_role("button", name="Remove this trial…").click()
    expect(form.page.get_by_role("dialog", name="Remove DAWN-1?")).to_contain_text("until you quit")
    form.page.get_by_role("button", name="Remove it", exact=True).click()
    expect(form.page.get_by_text("DAWN-1 is removed.")).to_be_visible()
    assert not form.record.exists()
    gone = other.page.get_by_role("alert").filter(has_text="The file of this trial is gone")
    expect(gone).to_be_visible()
    form.page.get_by_role("button", name="Undo", exact=True).click()
    expect(form.field("tested")).to_have_value("Dawnol at last")
    form.says("tested: Dawnol at last")
    expect(gone).to_have_count(0)


def test_the_text_and_the_form_say_the_same(form: Form) -> None:
    form.page.get_by_role("tab", name="Text").click()
    area = form.page.get_by_label("Text of the record")
    expect(area).to_have_value(NOTED)
    area.fill(NOTED.replace("tested: Dawnol\n", "tested: Dawnol as text\n"))
    form.says("tested: Dawnol as text")
    form.page.get_by_role("tab", name="Text").press("ArrowLeft")
    expect(form.page.get_by_role("tab", name="Form")).to_be_focused()
    expect(form.field("tested")).to_have_value("Dawnol as text")
    form.field("tested").fill("Dawnol as a field")
    form.says("tested: Dawnol as a field")
    form.page.get_by_role("tab", name="Text").click()
    expect(area).to_have_value(NOTED.replace("tested: Dawnol\n", "tested: Dawnol as a field\n"))
    area.fill(NOTED.replace("tested: Dawnol\n", "tested: [\n"))
    expect(form.page.get_by_role("alert").filter(has_text="cannot be read as a trial")).to_be_visible()
    form.page.get_by_role("button", name="Undo", exact=True).click()
    form.says("tested: Dawnol as a field")
    expect(form.page.get_by_role("alert").filter(has_text="cannot be read as a trial")).to_have_count(0)


def test_a_line_of_the_text_that_somebody_else_has_changed_is_a_choice(form: Form) -> None:
    form.page.get_by_role("tab", name="Text").click()
    area = form.page.get_by_label("Text of the record")
    with held_back(form.page):
        area.fill(NOTED.replace("Start early.", "Start late.").replace("tested: Dawnol\n", "tested: Mine\n"))
        form.record.write_text(NOTED.replace("tested: Dawnol\n", "tested: Theirs\n"), encoding="utf-8")
    box = form.page.get_by_role("alert").filter(has_text="the same lines of the file")
    expect(box).to_be_visible()
    assert "tested: Theirs\n" in form.text
    expect(area).to_have_value(re.compile("tested: Mine\n"))
    box.get_by_role("button", name="Keep mine").click()
    form.says("tested: Mine\n")
    form.says("Start late.")


def test_a_tab_that_is_closed_at_once_saves_what_was_typed(form: Form) -> None:
    other = form.another()
    other.page.on("dialog", lambda dialog: dialog.accept())
    other.field("tested").fill("Dawnol, and the tab is closed")
    with other.page.expect_event("close"):
        other.page.close(run_before_unload=True)
    form.says("tested: Dawnol, and the tab is closed")


def test_everybody_can_use_open_entries_wide_and_narrow(form: Form) -> None:
    form.open(0)
    form.open(0, "results")
    form.page.locator("#f-questions-0 summary").click()
    looks: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 390))
    for colours, width in looks:
        form.page.emulate_media(color_scheme=colours)
        form.page.set_viewport_size({"width": width, "height": 860})
        found = Axe().run(form.page, options={"resultTypes": ["violations"], "preload": False}).response
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == [], (colours, width)
        assert form.page.evaluate("document.documentElement.scrollWidth") <= width
    form.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert form.page.evaluate("document.documentElement.scrollWidth") <= 390
    form.page.get_by_role("tab", name="Card").click()
    expect(form.page.locator("#card")).to_be_visible()
    expect(form.page.locator("#view-form")).to_be_hidden()
