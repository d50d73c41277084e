"""Which parts of a record are cards: by default, and where the record says so."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from conftest import RECORD
from trialdeck.markdown.cloze import parse_cloze, uncovered
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.builder import own_notes
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.retirement import reason_of
from trialdeck.records.asked import primary_results
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Trial

HEAD = "format: 1\nid: dawn-1\nacronym: DAWN-1\ntitle: T\n"
LIMITS = "limitations:\n  - {id: short, text: Follow-up was short.}\n  - {id: small, text: Few patients took part.}\n"


def trial_of(text: str) -> Trial:
    record = load_record_text(text.encode(), "dawn-1.yaml")
    assert record.problems == ()
    assert record.trial
    return record.trial


def notes_of(text: str) -> dict[str, Note]:
    """All notes of a record, those that no card asks too, by key without the trial's id."""
    return {note.key.removeprefix("dawn-1/"): note for note in own_notes(trial_of(text)).notes}


def field(note: Note, name: str) -> str:
    return dict(zip(note_type(note.kind).field_names, note.fields, strict=True))[name]


def level_of(note: Note) -> str:
    (level,) = [tag.removeprefix("trialdeck::level::") for tag in note.tags if "::level::" in tag]
    return level


def result(name: str, *parts: str) -> str:
    return f"  - {{id: {name}, endpoint: {name}, {', '.join(['measure: odds ratio, estimate: 0.5', *parts])}}}\n"


def question(
    name: str,
    *parts: str,
    asked: str = "Why?",
    response: str = "So.",
    perspective: str = "clinical",
    statement: str = "",
) -> str:
    texts = [f"id: {name}", f"perspective: {perspective}", f"question: {asked}", f"response: {response}", *parts]
    texts += [f"cloze: {{s: '{statement}'}}"] if statement else []
    return f"  - {{{', '.join(texts)}}}\n"


def test_questions_statements_and_the_primary_result_are_cards() -> None:
    text = RECORD.replace("cards: [summary, key_findings, limitations]\n", "").replace("card: true, ", "")
    assert {key for key, note in notes_of(text).items() if note.cards} == {
        "key-findings/relapse/cloze/delay",
        "result/rfs",
        "question/why",
        "question/whom",
    }


@pytest.mark.parametrize(
    ("results", "asked"),
    [
        ([result("a"), result("b")], ["a"]),
        (
            [result("a", "analysis: later"), result("b", "analysis: primary"), result("c", "analysis: primary")],
            ["b", "c"],
        ),
        ([result("a", "analysis: safety"), result("b", "analysis: interim"), result("c", "analysis: final")], ["b"]),
        (["  - {id: words, endpoint: Words alone}\n", result("a")], ["a"]),
        (["  - {id: words, endpoint: Words alone, analysis: primary}\n", result("a")], ["a"]),
        ([result("a", "analysis: subgroup")], []),
        ([result("gone", "retired: {on: 2026-01-02, reason: Wrong.}"), result("a")], ["a"]),
    ],
)
def test_the_primary_results(results: list[str], asked: list[str]) -> None:
    trial = trial_of(f"{HEAD}results:\n{''.join(results)}")
    assert [entry.id for entry in primary_results(trial)] == asked


def test_a_record_asks_a_result_or_leaves_it_to_read() -> None:
    notes = notes_of(f"{HEAD}results:\n{result('a', 'card: false')}{result('b', 'card: true')}{result('c')}")
    assert [bool(notes[f"result/{name}"].cards) for name in "abc"] == [False, True, False]


def test_a_question_that_is_reading_keeps_its_statements() -> None:
    notes = notes_of(f"{HEAD}questions:\n{question('why', 'card: false', statement='It {{c1::is}}.')}")
    assert not notes["question/why"].cards
    assert notes["question/why/cloze/s"].cards


def test_a_takeaway_and_a_text_are_asked_where_the_record_says_so() -> None:
    text = f"{HEAD}cards: [summary]\nsummary: It works.\nhistory: Nothing worked.\n"
    text += "takeaways:\n  - {id: use, text: Use it., card: true}\n  - {id: wait, text: Wait.}\n"
    assert {key for key, note in notes_of(text).items() if note.cards} == {"summary", "takeaway/use"}


def test_what_no_card_asks_any_more_says_so_without_a_day() -> None:
    note = notes_of(f"{HEAD}summary: It works.\n")["summary"]
    assert reason_of(note.retired) == "No card asks this any more: it is for reading."
    assert note.retired.startswith("0000-00-00")
    assert field(note, "Response") == "<p>It works.</p>"


def test_a_list_that_is_asked_hides_one_point_a_card() -> None:
    notes = notes_of(f"{HEAD}cards: [limitations]\n{LIMITS}")
    note = notes["limitations/points"]
    numbers = {deletion.number for deletion in parse_cloze(field(note, "Text")).deletions}
    assert field(note, "Text") == (
        "<p>Limitations of DAWN-1</p><ol><li>{{c407::Follow-up was short.}}</li>"
        "<li>{{c377::Few patients took part.}}</li></ol>"
    )
    assert note.cards == tuple(sorted(number - 1 for number in numbers))
    assert reason_of(notes["limitations"].retired) == "Its points are asked one by one now."


def test_a_point_may_be_asked_or_left_to_read_alone() -> None:
    one = LIMITS.replace("short.}", "short., card: true}")
    other = f"cards: [limitations]\n{LIMITS.replace('part.}', 'part., card: false}')}"
    assert field(notes_of(HEAD + one)["limitations/points"], "Text") == (
        "<p>Limitations of DAWN-1</p><ol><li>{{c407::Follow-up was short.}}</li><li>Few patients took part.</li></ol>"
    )
    assert notes_of(HEAD + one)["limitations/points"].cards == notes_of(HEAD + other)["limitations/points"].cards


def test_a_point_keeps_its_card_when_others_come_go_move_or_are_renamed() -> None:
    head = f"{HEAD}cards: [limitations]\n"
    before = notes_of(f"{head}{LIMITS}")["limitations/points"]
    first, second = LIMITS.splitlines(keepends=True)[1:]
    renamed = second.replace("id: small", "id: few, formerly: [small]")
    more = "  - {id: open, text: It was open.}\n"
    after = notes_of(f"{head}limitations:\n{more}{renamed}{first}")["limitations/points"]
    assert set(before.cards) < set(after.cards)
    assert after.guid == before.guid


def test_a_retired_point_leaves_its_list_and_the_others_keep_their_cards() -> None:
    head = f"{HEAD}cards: [limitations]\n"
    gone = LIMITS.replace("short.}", "short., retired: {on: 2026-01-02, reason: Wrong.}}")
    before, after = (notes_of(head + text)["limitations/points"] for text in (LIMITS, gone))
    assert "Follow-up" not in field(after, "Text")
    assert set(after.cards) < set(before.cards)


MARKS = st.text("{}:c1 a\\()[]$-`*\n", max_size=25).map(lambda text: f"x{text}")


@given(one=MARKS, other=MARKS)
def test_marks_in_points_neither_start_nor_split_nor_end_a_deletion(one: str, other: str) -> None:
    trial = trial_of(f"{HEAD}cards: [limitations]\n{LIMITS}")
    texts = zip(trial.limitations, (one, other), strict=True)
    trial = replace(trial, limitations=tuple(replace(point, text=text) for point, text in texts))
    notes = {note.kind: note for note in own_notes(trial).notes}
    text = field(notes[Kind.CLOZE], "Text")
    assert re.findall(r"\{\{c([0-9]+)::", text) == ["407", "377"]
    assert (text.count("{{"), text.count("}}"), text.count("::")) == (2, 2, 2)
    assert readable(uncovered(text)) == readable(
        field(notes[Kind.QUESTION], "Question") + field(notes[Kind.QUESTION], "Response")
    )


def test_the_level_is_core_where_the_record_says_so_and_appraisal_for_reviewers() -> None:
    text = f"{HEAD}cards: [limitations]\n{LIMITS}questions:\n"
    text += question("a", "core: true", statement="A {{c1::a}}.")
    text += question("c", "card: false, core: true", statement="C {{c1::c}}.")
    text += question("e", perspective="reviewer")
    levels = {key: level_of(note) for key, note in notes_of(text).items() if note.cards}
    assert levels == {
        "limitations/points": "appraisal",
        "question/a": "core",
        "question/a/cloze/s": "more",
        "question/c/cloze/s": "core",
        "question/e": "appraisal",
    }


def test_a_list_with_a_core_point_is_core() -> None:
    note = notes_of(HEAD + LIMITS.replace("short.}", "short., card: true, core: true}"))["limitations/points"]
    assert level_of(note) == "core"


@pytest.mark.parametrize(
    ("statement", "head"),
    [
        (
            "Median survival of 48.3 months was reported by {{c1::DAWN-1 (dawnol)}}.",
            '<span class="td-veiled">DAWN-1</span>',
        ),
        ("In DAWN-1, dawnol delayed {{c1::relapse}}.", "DAWN-1"),
        ("Dawnol, of {{c1::DAWN-10}}, delayed relapse.", "DAWN-1"),
    ],
)
def test_the_head_of_a_card_is_veiled_if_the_trial_is_the_answer(statement: str, head: str) -> None:
    text = f"{HEAD}questions:\n{question('q', statement=statement)}"
    assert field(notes_of(text)["question/q/cloze/s"], "Trial") == head


def test_a_question_that_asks_which_trial_has_a_veiled_head_too() -> None:
    text = f"{HEAD}questions:\n{question('q', asked='Which trial tested dawnol?', response='DAWN-1.')}"
    note = notes_of(text)["question/q"]
    assert readable(field(note, "Trial")) == "DAWN-1"
    assert "td-veiled" in field(note, "Trial")
