"""The form of a trial while answers are late, lost or overtaken: what is typed keeps to its entry, once."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from trial_forms import NOTED, WHOM, WHY, Form, form_of, held_back, kept, until

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]

FIRST = "  - {id: first, perspective: clinical, question: First?, response: A.}\n"
FORM = "**/trial/*?part=form*"


@pytest.fixture
def form(desk: "Desk", chromium: Browser) -> Iterator[Form]:
    form = form_of(desk, chromium)
    yield form
    form.page.context.close()


def write(form: Form, old: str, new: str) -> None:
    assert old in form.text
    form.record.write_text(form.text.replace(old, new), encoding="utf-8")


def button(form: Form, name: str) -> Locator:
    return form.page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_field_stays_that_of_its_entry_until_the_new_form_is_there(form: Form, *, is_lost: bool) -> None:
    form.open(0)
    question = form.field("questions-0-question")
    question.press("End")
    with kept(form.page, FORM) as asked:
        write(form, "questions:\n", f"questions:\n{FIRST}")
        until(form.page, lambda: bool(asked))
        if is_lost:
            asked.pop().abort()
        # Each answer brings a record with the other entries, and yet the field is the one of before.
        for word in (" Now?", " Then?"):
            form.page.keyboard.type(word)
            form.says(f"{word.strip()}\n")
    form.asks("First?", f"{WHY} Now? Then?", WHOM)
    assert "question: First?," in form.text


def test_an_entry_that_goes_takes_no_text_of_the_next_one(form: Form) -> None:
    form.open(0)
    form.open(1)
    start, end = NOTED.index("  # Asked"), NOTED.index("  - id: whom")
    with kept(form.page, "**/trial/*", "POST") as sent, kept(form.page, FORM) as asked:
        form.field("questions-0-question").fill("Mine?")
        until(form.page, lambda: bool(sent))
        write(form, NOTED[start:end], "")
        until(form.page, lambda: bool(asked))
        expect(form.field("questions-1-question")).to_have_value(WHOM)
        form.field("questions-1-question").fill("Whom, then?")
    form.asks("Whom, then?")
    box = form.page.get_by_role("alert").filter(has_text="removed meanwhile")
    expect(box).to_contain_text("Mine?")
    until(form.page, lambda: "question: Whom, then?" in form.text)
    box.get_by_role("button", name="Forget it").click()
    form.is_saved()
    expect(form.field("questions-0-question")).to_have_value("Whom, then?")


def test_an_answer_that_comes_late_leaves_the_author_where_he_writes(form: Form) -> None:
    form.open(0)
    with kept(form.page, "**/trial/*", "POST") as sent:
        form.page.get_by_role("button", name="Move question 1 down").click()
        until(form.page, lambda: bool(sent))
        form.field("tested").press("End")
        form.page.keyboard.type(" and")
    form.asks(WHOM, WHY)
    form.page.keyboard.type(" more")
    form.says("tested: Dawnol and more")


def test_the_text_that_is_typed_while_it_is_saved_keeps_what_others_write(form: Form) -> None:
    form.page.get_by_role("tab", name="Text").click()
    area = form.page.get_by_label("Text of the record")
    mine = NOTED.replace("tested: Dawnol\n", "tested: Dawnol as text\n")
    with held_back(form.page):
        area.fill(mine)
        until(form.page, lambda: "desk-text" in str(form.page.evaluate("Object.keys(sessionStorage)")))
        form.page.wait_for_timeout(800)
        write(form, "Start early.", "Start late.")
        area.fill(mine.replace("as text\n", "as text, twice\n"))
        # Longer than the pause after which a text is saved.
        form.page.wait_for_timeout(800)
    form.says("tested: Dawnol as text, twice\n")
    form.says("Start late.")
    expect(form.page.get_by_role("alert").filter(has_text="the same lines")).to_have_count(0)
    form.page.get_by_role("button", name="Undo", exact=True).click()
    until(form.page, lambda: "as text" not in form.text)
    assert form.text == NOTED.replace("Start early.", "Start late.")


def test_the_cursor_in_the_text_stays_in_its_line(form: Form) -> None:
    form.page.get_by_role("tab", name="Text").click()
    area = form.page.get_by_label("Text of the record")
    area.evaluate(
        "each => { const place = each.value.indexOf('Dawnol\\n') + 6; each.setSelectionRange(place, place); }"
    )
    write(form, "title: Dawnol for", "title: Our Dawnol for")
    expect(area).to_have_value(form.text)
    form.page.keyboard.type(" here")
    form.says("tested: Dawnol here\n")


def test_two_windows_begin_a_sentence_of_one_question(form: Form) -> None:
    other = form.another()
    with kept(form.page, "**/trial/*", "POST") as sent, kept(other.page, "**/trial/*", "POST") as also:
        for each, text in ((form, "One"), (other, "Two")):
            each.page.bring_to_front()
            each.open(0)
            each.page.locator("#f-questions-0").get_by_role("button", name="Add a sentence").click()
            each.page.keyboard.type(f"{text} has a gap.")
        until(form.page, lambda: bool(sent and also))
    for each in (form, other):
        each.is_saved()
    assert form.text.count("One has a gap.") == form.text.count("Two has a gap.") == 1


def test_a_step_that_no_answer_came_to_can_be_taken_back_again(form: Form) -> None:
    form.field("tested").fill("Dawnol, ten milligrams")
    form.says("tested: Dawnol, ten milligrams")
    undo = form.page.get_by_role("button", name="Undo", exact=True)
    form.page.route("**/trial/*", lambda route: route.abort())
    undo.click()
    expect(form.page.locator("#toasts")).to_contain_text("does not answer")
    form.page.unroute("**/trial/*")
    undo.click()
    until(form.page, lambda: form.text == NOTED)


def test_the_further_fields_of_an_entry_need_an_answer(form: Form) -> None:
    form.open(0)
    more = form.page.locator("#f-questions-0 summary")
    form.page.route("**/trial/*?part=more*", lambda route: route.abort())
    more.click()
    expect(form.page.locator("#toasts")).to_contain_text("does not answer")
    form.page.unroute("**/trial/*?part=more*")
    more.click()
    expect(form.field("questions-0-source-doi")).to_be_visible()


def test_undo_takes_back_what_was_asked_for_last(form: Form) -> None:
    form.field("tested").fill("Dawnol, ten milligrams")
    form.says("tested: Dawnol, ten milligrams")
    with kept(form.page, "**/trial/*", "POST") as sent:
        button(form, "Move question 1 down").click()
        until(form.page, lambda: bool(sent))
        form.page.locator("#part-takeaways [data-add]").click()
        button(form, "Undo").click()
    expect(button(form, "Redo")).to_be_enabled()
    form.asks(WHOM, WHY)
    expect(form.page.locator("#part-takeaways .entry")).to_have_count(1)


def test_undo_takes_back_a_text_that_was_not_saved_yet(form: Form) -> None:
    form.field("tested").fill("Dawnol, ten milligrams")
    form.says("tested: Dawnol, ten milligrams")
    form.page.get_by_role("tab", name="Text").click()
    area = form.page.get_by_label("Text of the record")
    area.fill(form.text.replace("Start early.", "Start late."))
    button(form, "Undo").click()
    expect(button(form, "Redo")).to_be_enabled()
    expect(area).to_have_value(NOTED.replace("tested: Dawnol\n", "tested: Dawnol, ten milligrams\n"))
    button(form, "Redo").click()
    form.says("Start late.")


def test_a_new_entry_gets_its_id_when_nothing_is_left_to_redo(form: Form) -> None:
    form.page.locator("#part-questions [data-add]").click()
    question = form.field("questions-2-question")
    expect(question).to_be_focused()
    question.fill("Who discovered dawnol?")
    form.says("Who discovered dawnol?")
    question.press("Alt+ArrowUp")
    form.asks(WHY, "Who discovered dawnol?", WHOM)
    form.is_saved()
    # The click leaves the question, and so its id would come after the step.
    button(form, "Undo").click()
    form.asks(WHY, WHOM, "Who discovered dawnol?")
    # Longer than a new entry waits for its id.
    form.page.wait_for_timeout(600)
    assert "- id: question-3\n" in form.text
    button(form, "Redo").click()
    form.asks(WHY, "Who discovered dawnol?", WHOM)
    form.says("- id: discovered-dawnol\n")
    button(form, "Undo").click()
    form.asks(WHY, WHOM, "Who discovered dawnol?")


def test_a_text_that_was_saved_without_an_answer_is_no_one_elses(form: Form) -> None:
    form.page.get_by_role("tab", name="Text").click()
    area = form.page.get_by_label("Text of the record")
    mine = NOTED.replace("tested: Dawnol\n", "tested: Dawnol as text\n")
    with kept(form.page, "**/trial/*", "PUT") as sent:
        area.fill(mine)
        until(form.page, lambda: bool(sent))
        write(form, "Start early.", "Start late.")
        area.fill(mine.replace("as text\n", "as text, twice\n"))
        lost = sent.pop()
        lost.fetch()
        lost.abort()
        assert "as text\n" in form.text
    form.says("tested: Dawnol as text, twice\n")
    form.says("Start late.")
    expect(form.page.get_by_role("alert").filter(has_text="the same lines")).to_have_count(0)


def test_the_text_waits_for_what_was_typed_into_the_form(form: Form) -> None:
    area = form.page.get_by_label("Text of the record")
    with kept(form.page, "**/trial/*", "POST") as sent:
        form.field("tested").fill("Dawnol, ten milligrams")
        until(form.page, lambda: bool(sent))
        form.page.get_by_role("tab", name="Text").click()
        expect(area).not_to_be_editable()
    expect(area).to_be_editable()
    area.fill(area.input_value().replace("ten milligrams", "twenty milligrams"))
    form.says("tested: Dawnol, twenty milligrams")


def test_the_form_waits_for_what_was_typed_into_the_text(form: Form) -> None:
    form.page.get_by_role("tab", name="Text").click()
    state = form.page.locator("#save-state")
    with kept(form.page, "**/trial/*", "PUT") as sent:
        form.page.get_by_label("Text of the record").fill(NOTED.replace("tested: Dawnol\n", "tested: Dawnol as text\n"))
        expect(state).to_have_text("Saving …")
        form.page.get_by_role("tab", name="Form").click()
        until(form.page, lambda: bool(sent))
        expect(form.page.locator("#view-form[inert]")).to_have_count(1)
    form.is_saved()
    expect(form.page.locator("#view-form[inert]")).to_have_count(0)
    expect(form.field("tested")).to_have_value("Dawnol as text")


def test_a_file_that_is_written_in_two_steps_keeps_the_form(form: Form) -> None:
    notice = form.page.get_by_role("alert").filter(has_text="cannot be read at the moment")
    later: list[Route] = []
    count = itertools.count()

    def once(route: Route) -> None:
        if next(count) and "now" not in form.text:
            later.append(route)
        else:
            route.continue_()

    with kept(form.page, "**/trial/*", "POST") as sent:
        form.page.route("**/trial/*?part=state", once)
        write(form, "tested: Dawnol\n", "tested: [\n")
        expect(notice).to_be_visible()
        form.field("population").fill("Older adults")
        until(form.page, lambda: bool(sent))
        write(form, "tested: [\n", "tested: Dawnol, now\n")
    for route in later:
        route.continue_()
    form.says("population: Older adults")
    expect(notice).to_have_count(0)
    expect(form.field("tested")).to_have_value("Dawnol, now")


def test_a_file_that_stays_unreadable_is_corrected_as_text(form: Form) -> None:
    area = form.page.get_by_label("Text of the record")
    with kept(form.page, "**/trial/*", "POST") as sent:
        form.field("population").fill("Older adults")
        until(form.page, lambda: bool(sent))
        write(form, "tested: Dawnol\n", "tested: [\n")
        expect(area).to_be_visible()
    expect(form.page.get_by_role("alert").filter(has_text="cannot be read as a trial")).to_be_visible()
    expect(form.page.get_by_role("alert").filter(has_text="at the moment")).to_have_count(0)
    expect(form.page.locator("#save-state")).to_have_text("Not saved yet")
    area.fill(area.input_value().replace("tested: [\n", "tested: Dawnol, now\n"))
    form.says("population: Older adults")
    assert "tested: Dawnol, now\n" in form.text
