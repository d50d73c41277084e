"""What a retired note says of its retirement, and how it differs from the note that it was."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import RECORD
from trialdeck.notes.builder import notes_of, own_notes
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.retirement import reason_of, retired_fields, retired_html, retired_on
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Retirement, Trial

REASON = "    retired: {on: 2026-09-22, reason: The *mechanism* was disproved., instead: whom}\n"
WHY = "    response: It binds **dawnin**.\n"


def trial(changes: dict[str, str]) -> Trial:
    text = RECORD
    for old, new in changes.items():
        assert old in text, f"nothing to replace: {old}"
        text = text.replace(old, new)
    record = load_record_text(text.encode(), "dawn-1.yaml")
    assert record.problems == ()
    assert record.trial
    return record.trial


def fields(key: str, changes: dict[str, str]) -> dict[str, str]:
    """The fields of the note with this key, retired or not."""
    made = trial(changes)
    (note,) = (note for note in notes_of(made, trial_notes([made])) if note.key == key)
    return dict(zip(note_type(note.kind).field_names, note.fields, strict=True))


def test_a_retired_question_keeps_every_text_and_says_when_why_and_what_instead() -> None:
    before, after = (fields("dawn-1/question/why", {WHY: WHY + more}) for more in ("", REASON))
    assert after == before | {
        "About": "",
        "Retired": '2026-09-22<div class="td-why">The <em>mechanism</em> was disproved.</div>'
        '<div class="td-instead">Instead: Whom does dawnol help?</div>',
    }


def test_a_hostile_reason_shows_as_it_was_typed() -> None:
    hostile = "<script>alert(1)</script> {{c1::x}} [sound:a.mp3] [latex]x[/latex] {{Key}}"
    more = f"    retired: {{on: 2026-09-22, reason: '{hostile}'}}\n"
    said = fields("dawn-1/question/why", {WHY: WHY + more})["Retired"]
    assert not any(mark in said for mark in ("<script", "{{", "[sound:", "[latex]"))
    assert reason_of(said) == hostile


def test_the_field_is_read_back() -> None:
    said = fields("dawn-1/question/why", {WHY: WHY + REASON})["Retired"]
    assert retired_on(said) == "2026-09-22"
    assert reason_of(said) == "The mechanism was disproved. Instead: Whom does dawnol help?"
    assert (retired_on(""), reason_of(""), reason_of("2026-09-22")) == ("", "", "")


def test_a_retired_note_has_no_cards_and_the_tag() -> None:
    notes = {note.key: note for note in own_notes(trial({WHY: WHY + REASON})).notes}
    note = notes["dawn-1/question/why"]
    assert (note.cards, note.signed) == ((), "")
    assert "trialdeck::retired" in note.tags
    assert all(bool(other.cards) is not bool(other.retired) for other in notes.values())
    assert notes["dawn-1/question/whom"].cards


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.TRIAL])
def test_a_front_shows_fields_of_a_retired_note_only_where_anki_does_not_look_for_empty_cards(kind: Kind) -> None:
    for number, template in enumerate(note_type(kind).templates, start=1):
        live = re.compile(r"\{\{\^Retired\}\}.*?\{\{/Retired\}\}", re.DOTALL)
        own = re.compile(rf"\{{\{{#c{number}\}}\}}.*?\{{\{{/c{number}\}}\}}", re.DOTALL)
        rest = own.sub("", live.sub("", template.front))
        assert "{{Retired}}" not in rest
        assert re.findall(r"\{\{[^#^/].*?\}\}", rest) == []
        assert "{{Retired}}" in template.front
        assert "{{Retired}}" in template.back


def test_a_retired_statement_has_its_answers_in_place() -> None:
    changes = {
        "two months": "two months::how long",
        "    results: [rfs]\n": "    retired: {on: 2026-09-22, reason: No.}\n",
    }
    shown = fields("dawn-1/key-findings/relapse/cloze/delay", changes)["Text"]
    assert shown == "<p>DAWN-1: dawnol delayed relapse by two months, against placebo.</p>"


@given(
    around=st.text("ab <p>\n", max_size=20),
    answers=st.lists(st.text("xy", min_size=1, max_size=5), min_size=1, max_size=3),
    hint=st.sampled_from(["", "::how"]),
)
def test_no_deletion_is_left_in_a_retired_statement(around: str, answers: list[str], hint: str) -> None:
    names = note_type(Kind.CLOZE).field_names
    text = around.join(f"{{{{c{number}::{each}{hint}}}}}" for number, each in enumerate(answers, start=1))
    values = retired_fields(Kind.CLOZE, [text, *("" for _ in names[1:])], "2026-09-22")
    assert values[0] == around.join(answers)
    assert values[names.index("Retired")] == "2026-09-22"


def test_a_note_of_several_entries_gives_the_last_day_and_every_reason_once() -> None:
    record = trial({})
    some = [
        Retirement("2026-01-02", "One."),
        Retirement("2026-03-04", "Two.", "short"),
        Retirement("2026-02-03", "One."),
    ]
    said = retired_html(record, "limitations", some)
    assert said == (
        '2026-03-04<div class="td-why">One.</div><div class="td-why">Two.</div>'
        '<div class="td-instead">Instead: Follow-up was short.</div>'
    )


@pytest.mark.parametrize(
    ("instead", "label"),
    [
        ("whom", "Whom does dawnol help?"),
        ("rfs", "Relapse-free survival"),
        ("dusk-2", "DUSK-2"),
        ("start", "Start early."),
        ("relapse", "Dawnol delayed relapse by two months."),
    ],
)
def test_any_entry_can_replace_another(instead: str, label: str) -> None:
    said = fields("dawn-1/question/why", {WHY: WHY + REASON.replace("whom", instead)})["Retired"]
    assert said.endswith(f'<div class="td-instead">Instead: {label}</div>')


# --- What is retired is part of nothing else.

ITEM = "  - {id: short, text: Follow-up was short.}\n"
OTHER = "  - {id: small, text: Few patients took part.}\n"


def item(text: str, day: str, reason: str) -> str:
    return text.replace("}", f", retired: {{on: {day}, reason: {reason}}}}}")


def test_a_retired_item_leaves_its_list() -> None:
    retired = fields("dawn-1/limitations/points", {ITEM: ITEM + item(OTHER, "2026-09-22", "No.")})
    assert retired == fields("dawn-1/limitations/points", {})


def test_a_list_whose_items_are_all_retired_keeps_its_last_text() -> None:
    changes = {ITEM: item(ITEM, "2026-09-22", "Long enough now.") + item(OTHER, "2026-09-20", "Enough.")}
    assert fields("dawn-1/limitations/points", changes) == fields("dawn-1/limitations/points", {}) | {
        "About": "",
        "Text": "<p>Limitations of DAWN-1</p><ol><li>Follow-up was short.</li></ol>",
        "Retired": '2026-09-22<div class="td-why">Long enough now.</div>',
    }


def test_the_statements_of_a_retired_item_are_retired_with_it() -> None:
    notes = own_notes(trial({"    results: [rfs]\n": "    retired: {on: 2026-09-22, reason: No.}\n"})).notes
    retired = {note.key for note in notes if "2026-09-22" in note.retired}
    assert retired == {f"dawn-1/key-findings{part}" for part in ("", "/points", "/relapse/cloze/delay")}


def test_a_retired_result_is_not_about_the_trial_any_more() -> None:
    changes = {"    unit: months\n": "    unit: months\n    retired: {on: 2026-09-22, reason: No.}\n"}
    changes |= {"    results: [rfs]\n": ""}
    assert "0.70" in fields("dawn-1/summary", {})["About"]
    assert "0.70" not in fields("dawn-1/summary", changes)["About"]
    shown = fields("dawn-1/result/rfs", changes)
    assert "0.70" in shown["Response"]
    assert "<svg" in shown["Picture"]


def test_a_retired_takeaway_is_not_counted_among_the_others() -> None:
    start = "  - {id: start, audience: [fellow], specialties: [oncology], card: true, text: Start early.}\n"
    wait = start.replace("start", "wait").replace("Start early", "Wait")
    both = {start: start + wait}
    assert "(1 of 2)" in fields("dawn-1/takeaway/start", both)["Question"]
    one = {start: start + item(wait, "2026-09-22", "No.")}
    assert fields("dawn-1/takeaway/start", one) == fields("dawn-1/takeaway/start", {})
    assert fields("dawn-1/takeaway/wait", one)["Response"] == "<p>Wait.</p>"


# --- A related trial that records have retired.

DUSK = "  - {id: dusk-2, name: DUSK-2, tested: Duskol, endpoint: Survival}\n"
NOON = {"id: dawn-1": "id: noon-1", "DAWN-1": "NOON-1"}


def what_was_tested(*records: dict[str, str]) -> tuple[str, str]:
    """What the note of the related trial says was tested, and whether it is retired."""
    note = trial_notes([trial(changes) for changes in records])["dusk-2"]
    names = note_type(Kind.TRIAL).field_names
    return note.fields[names.index("Tested")], note.retired


def test_a_related_trial_is_retired_where_every_record_that_names_it_says_so() -> None:
    gone = {DUSK: item(DUSK, "2026-09-22", "Withdrawn.")}
    other = {DUSK: DUSK.replace("Duskol", "Duskol twice")}
    assert what_was_tested(gone) == ("Duskol", '2026-09-22<div class="td-why">Withdrawn.</div>')
    assert what_was_tested(gone, NOON | other) == ("Duskol twice", "")
    assert what_was_tested(gone, NOON | gone)[1]
    # A record that gives nothing but its name gives no card of it.
    assert what_was_tested(gone, NOON | {DUSK: "  - {id: dusk-2, name: DUSK-2}\n"})[1]
    assert what_was_tested({DUSK: "  - {id: dusk-2, name: DUSK-2}\n"}, NOON | gone)[1]


def test_a_trial_that_has_a_record_is_not_retired_by_another() -> None:
    gone = {DUSK: item(DUSK, "2026-09-22", "Withdrawn.").replace("Duskol", "Something else")}
    own = {"id: dawn-1": "id: dusk-2", "DAWN-1": "DUSK-2", DUSK: "", "related_trials:\n": ""}
    assert what_was_tested(gone, own) == ("Dawnol", "")
