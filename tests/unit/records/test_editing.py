"""Changes of a record: each says what it expects to find, and all of them can be taken back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import RECORD
from trialdeck.core.errors import TrialdeckError
from trialdeck.records.editing.apply import Outcome, UnreadableError, apply
from trialdeck.records.editing.change import Change, names_on
from trialdeck.records.editing.ids import renamed, suggested_id
from trialdeck.records.editing.merge import merged
from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.edit import value_at

TEXT = """\
format: 1
id: dawn-1
acronym: DAWN-1
title: Dawnol for Example Disease  # the paper's

# No numbers here.
summary: >-
  Dawnol delayed
  relapse.
topics: [example-disease]
results:
  # The primary one.
  - id: rfs
    endpoint: Relapse-free survival
    estimate: 0.70
    ci: [0.50, 0.90]
    p: "0.010"
    core: true
    arms:
      - {name: dawnol, n: 100}
      - {name: placebo, n: 101}
questions:
  # Asked on rounds.
  - id: why
    question: Why?
    response: It binds.
    results: [rfs]
  - id: whom
    question: Whom?
"""


def made(*changes: Change, text: str = TEXT, name: str = "dawn-1.yaml", together: bool = False) -> Outcome:
    return apply(text.encode(), changes, name, together=together)


def data_of(outcome: Outcome, name: str = "dawn-1.yaml") -> Any:
    document, problems = parse_document(outcome.content, name)
    assert document, problems
    return document.data


def lines(outcome: Outcome) -> list[str]:
    """The lines that differ from those of the text, with - and +."""
    before, after = TEXT.splitlines(), outcome.content.decode().splitlines()
    return [f"- {line}" for line in before if line not in after] + [f"+ {line}" for line in after if line not in before]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (Change(("acronym",), "DAWN-2", "DAWN-1"), ["- acronym: DAWN-1", "+ acronym: DAWN-2"]),
        # Digits stay as they are typed, and only numbers of the schema are written as such.
        (Change(("results", 0, "estimate"), "0.80", "0.70"), ["-     estimate: 0.70", "+     estimate: 0.80"]),
        (Change(("results", 0, "p"), "0.020", "0.010"), ['-     p: "0.010"', '+     p: "0.020"']),
        (Change(("results", 0, "ci_level"), "95"), ["+     ci_level: 95"]),
        (Change(("results", 0, "margin"), "about 1"), ["+     margin: about 1"]),
        (Change(("results", 0, "core"), "false", "true"), ["-     core: true", "+     core: false"]),
        # A new property stands where the schema has it.
        (
            Change(("results", 0, "arms", 1, "events"), "7", names=("rfs", "placebo")),
            ["-       - {name: placebo, n: 101}", "+       - {name: placebo, n: 101, events: 7}"],
        ),
        (Change(("source", "doi"), "10.1000/dawn"), ["+ source:", "+   doi: 10.1000/dawn"]),
        # An empty value removes the property; blanks at the ends are not typed text.
        (Change(("results", 0, "p"), " ", "0.010"), ['-     p: "0.010"']),
        (Change(("acronym",), " DAWN-1 ", "DAWN-1"), []),
        (Change(("topics",), ["example-disease", "dawn"], ["example-disease"]),
         ["- topics: [example-disease]", "+ topics: [example-disease, dawn]"]),
        (Change(("topics",), [], ["example-disease"]), ["- topics: [example-disease]"]),
        (Change(("results", 0, "ci"), ["0.50", "0.95"], ["0.50", "0.90"]),
         ["-     ci: [0.50, 0.90]", "+     ci: [0.50, 0.95]"]),
        # Of an interval, one bound is typed first.
        (Change(("results", 0, "ci"), ["", "0.90"], ["0.50", "0.90"]),
         ["-     ci: [0.50, 0.90]", "+     ci: [null, 0.90]"]),
        (Change(("questions", 2), {"id": "how", "question": "How?", "response": ""}, action="insert"),
         ["+   - id: how", "+     question: How?"]),
    ],
)  # fmt: skip
def test_a_change_changes_one_value_and_can_be_taken_back(change: Change, changed: list[str]) -> None:
    outcome = made(change)
    assert (lines(outcome), outcome.conflicts, outcome.refused) == (changed, (), ())
    assert apply(outcome.content, outcome.undo, "dawn-1.yaml", together=True).content == TEXT.encode()


def test_an_entry_moves_and_goes_with_its_comments() -> None:
    moved = made(Change(("questions", 0), action="move", to=1, names=("why",))).content.decode()
    assert moved.endswith(
        "questions:\n  - id: whom\n    question: Whom?\n  # Asked on rounds.\n  - id: why\n    question: Why?\n"
        "    response: It binds.\n    results: [rfs]\n"
    )
    entry = {"id": "why", "question": "Why?", "response": "It binds.", "results": ["rfs"]}
    removed = made(Change(("questions", 0), action="remove", was=entry, names=("why",)))
    assert "Asked on rounds" not in removed.content.decode()
    assert made(*removed.undo, text=removed.content.decode()).content == TEXT.encode()


def test_what_somebody_else_has_changed_is_a_conflict_and_the_other_changes_are_made() -> None:
    changes = [Change(("acronym",), "DAWN-3", "DAWN-2"), Change(("title",), "Dawnol", "Dawnol for Example Disease")]
    outcome = made(*changes)
    assert (outcome.conflicts[0].change, outcome.conflicts[0].now) == (changes[0], "DAWN-1")
    assert lines(outcome)[1] == "+ title: Dawnol  # the paper's"
    assert made(*changes, together=True).content == TEXT.encode()


def test_an_entry_that_others_have_changed_is_not_removed() -> None:
    outcome = made(Change(("questions", 1), action="remove", was={"id": "whom", "question": "Who?"}, names=("whom",)))
    assert outcome.conflicts[0].now == {"id": "whom", "question": "Whom?"}
    assert outcome.content == TEXT.encode()


def test_an_entry_is_found_by_its_name_where_others_have_moved_it() -> None:
    moved = made(Change(("questions", 0), action="move", to=1)).content.decode()
    outcome = made(Change(("questions", 0, "question"), "Why so?", "Why?", names=("why",)), text=moved)
    assert data_of(outcome)["questions"][1]["question"] == "Why so?"
    for change in (
        Change(("questions", 0, "audience"), ["fellow"], names=("gone",)),
        Change(("questions", 0), action="remove", was={"id": "gone"}, names=("gone",)),
    ):
        gone = made(change)
        assert gone.conflicts[0].is_gone
        assert gone.content == TEXT.encode()


@pytest.mark.parametrize(
    "change",
    [
        Change(("acronym",), "DAWN-2", "DAWN-1"),
        Change(("questions", 0), action="move", to=1, names=("why",)),
        Change(("questions", 2), {"id": "how", "question": "How?"}, action="insert"),
        Change(("results", 0, "p"), "", "0.010", names=("rfs",)),
        Change(("results", 0, "ci"), ["", "0.90"], ["0.50", "0.90"], names=("rfs",)),
    ],
)
def test_a_change_whose_answer_was_lost_can_be_made_again(change: Change) -> None:
    once = made(change)
    again = made(change, text=once.content.decode())
    assert (again.content, again.conflicts, again.refused) == (once.content, (), ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (Change(("title", "short"), "Dawnol"), "'title' should be a mapping of properties, not 'Dawnol for Exa"),
        (Change(("questions", 5, "question"), "Why?"), "'questions' has no entry 6"),
        (Change((), "Dawnol"), "this is no path of a value"),
        (Change(("questions", -1, "question"), "Why?"), "this is no path of a value"),
        (Change(("title",), action="move"), "only an entry of a list can be moved"),
        (Change(("title",), "Dawn\x02ol", "Dawnol for Example Disease"), "character U+0002 is not text"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_says_why(change: Change, message: str) -> None:
    outcome = made(change)
    assert outcome.refused[0].message.startswith(message)
    assert outcome.content == TEXT.encode()


def test_a_value_of_a_wrong_kind_may_be_saved_and_the_last_property_leaves_its_entry() -> None:
    assert made(Change(("results", 0, "estimate"), "20.6 months", "0.70")).refused == ()
    emptied = made(
        Change(("questions", 1, "question"), "", "Whom?"), Change(("questions", 1, "id"), "", "whom"), text=TEXT
    )
    assert data_of(emptied)["questions"][1] == {}


def test_lists_in_lines_keep_the_comments_beside_their_entries() -> None:
    text = TEXT.replace("[example-disease]", "\n  - one  # first\n  - two  # second\n  - three")
    outcome = made(Change(("topics",), ["three", "one", "four"], ["one", "two", "three"]), text=text)
    assert "topics: \n  - three\n  - one  # first\n  - four\n" in outcome.content.decode()
    assert apply(outcome.content, outcome.undo, "dawn-1.yaml").content == text.encode()


@pytest.mark.parametrize("text", ["a: [", "- one\n", "format: 1\n---\nformat: 1\n", "", "a: &b c\n"])
def test_a_text_that_is_no_record_says_so(text: str) -> None:
    with pytest.raises(UnreadableError, match="cannot be read as a record"):
        made(Change(("title",), "Dawnol"), text=text)


def test_json_is_edited_as_yaml_is() -> None:
    text = '{\n  "format": 1,\n  "id": "dawn-1",\n  "questions": [{"id": "why"}, {"id": "whom"}]\n}\n'
    changes = [
        Change(("questions", 0), {"id": "how"}, action="insert"),
        Change(("questions", 1, "core"), "true", names=("why",)),
        Change(("questions", 2), action="move", to=0, names=("whom",)),
    ]
    outcome = made(*changes, text=text, name="dawn-1.json")
    expected = text.replace(
        '{"id": "why"}, {"id": "whom"}', '{"id": "whom"}, {"id": "how"}, {"id": "why", "core": true}'
    )
    assert outcome.content.decode() == expected
    assert apply(outcome.content, outcome.undo, "dawn-1.json").content == text.encode()


VALUES = st.sampled_from(["", "A word.", "0.50", "NO", "two\n\nparagraphs", "a: b # c", "word " * 30])
LEAVES = [
    ("acronym",), ("summary",), ("history",), ("source", "doi"), ("results", 0, "estimate"), ("results", 0, "p"),
    ("results", 0, "arms", 1, "n"), ("questions", 0, "response"), ("questions", 1, "response"), ("topics",),
    ("questions", 1, "cloze", "binds"),
]  # fmt: skip


@given(data_=st.data())
def test_changes_and_then_their_inverses_give_the_same_bytes(data_: st.DataObject) -> None:
    text, undo = TEXT.encode(), list[tuple[Change, ...]]()
    for _ in range(data_.draw(st.integers(1, 5))):
        data = data_of(Outcome(text))
        kind = data_.draw(st.sampled_from(["set", "insert", "move", "remove"]))
        index = data_.draw(st.integers(0, max(len(data.get("questions", [])) - 1, 0)))
        entry = ("questions", index)
        change = Change(entry, action="move", to=data_.draw(st.integers(0, 3)), names=names_on(data, entry))
        if kind == "set":
            path = data_.draw(st.sampled_from(LEAVES))
            new = data_.draw(st.lists(VALUES, max_size=3) if path == ("topics",) else VALUES)
            change = Change(path, new, value_at(data, path))
        elif kind == "insert":
            change = Change(entry, {"id": f"new-{len(undo)}", "question": data_.draw(VALUES)}, action="insert")
        elif kind == "remove":
            change = Change(entry, was=value_at(data, entry), action="remove", names=names_on(data, entry))
        if not value_at(data, ("questions",)) and kind != "insert":
            continue
        outcome = apply(text, [change], "dawn-1.yaml")
        assert not outcome.conflicts
        text = outcome.content
        undo.append(outcome.undo)
    for changes in reversed(undo):
        outcome = apply(text, changes, "dawn-1.yaml", together=True)
        assert (outcome.conflicts, outcome.refused) == ((), ())
        text = outcome.content
    assert text.decode() == TEXT


def test_ids_are_made_of_what_an_entry_says() -> None:
    data = parse_document(RECORD.encode(), "dawn-1.yaml")[0]
    assert data
    record = {**data.data, "questions": [{"id": "why", "formerly": ["target"], "question": "Why?"}, {}, {}]}
    record["questions"][1]["question"] = "Which **target** does dawnol bind in DAWN-1?"
    assert suggested_id(record, ("questions", 1)) == "target-dawnol-bind"
    assert suggested_id(record, ("questions", 2)) == "question-3"
    assert suggested_id(record, ()) == "dawn-1"
    record["questions"][1]["cloze"] = {"s-1": "Dawnol binds {{c1::dawnin}}.", "binds-dawnin": "Another."}
    assert suggested_id(record, ("questions", 1, "cloze", "s-1")) == "dawnol-binds-dawnin"


def test_a_new_id_keeps_the_history_and_all_that_names_the_entry() -> None:
    data = data_of(Outcome(TEXT.encode()))
    outcome = made(*renamed(data, ("results", 0), "relapse"), together=True)
    after = data_of(outcome)
    assert (after["results"][0]["id"], after["results"][0]["formerly"]) == ("relapse", ["rfs"])
    assert after["questions"][0]["results"] == ["relapse"]
    assert apply(outcome.content, outcome.undo, "dawn-1.yaml", together=True).content == TEXT.encode()
    assert [change.path for change in renamed(data, (), "dawn", keeps_history=False)] == [("id",)]
    assert [change.value for change in renamed(data, (), "dawn")] == [["dawn-1"], "dawn"]
    with pytest.raises(TrialdeckError, match="is taken in this list"):
        renamed(data, ("questions", 1), "why")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ((), "'Why not?' cannot be the id of a trial"),
        (("questions", 1), "'Why not?' cannot be the id of a question"),
        (("design", 0), "'Why not?' cannot be the id of a point of the design"),
        (("questions", 1, "cloze", "s-1"), "'Why not?' cannot be the id of a sentence"),
    ],
)
def test_what_cannot_be_an_id_says_of_what(path: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(TrialdeckError) as refused:
        renamed(data_of(Outcome(TEXT.encode())), path, "Why not?")
    assert refused.value.message == message


def test_only_the_id_of_a_trial_is_that_of_files() -> None:
    data = data_of(Outcome(TEXT.encode()))
    with pytest.raises(TrialdeckError, match="a file called 'con' cannot be"):
        renamed(data, (), "con")
    assert renamed(data, ("questions", 1), "con")


BASE = "one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "result"),
    [
        (BASE, "one\n", "one\n"),
        (BASE.replace("one", "1"), BASE.replace("three", "3"), "1\ntwo\n3\nfour\n"),
        (BASE.replace("one\n", ""), BASE + "five\n", "two\nthree\nfour\nfive\n"),
        (BASE.replace("two", "2"), BASE.replace("two", "2"), BASE.replace("two", "2")),
        (BASE.replace("two", "2"), BASE.replace("two", "II"), None),
        (BASE.replace("two", "2"), BASE.replace("three", "3"), None),
        (BASE + "five\n", BASE + "V\n", None),
    ],
)
def test_texts_merge_unless_the_same_lines_have_changed(ours: str, theirs: str, result: str | None) -> None:
    assert merged(BASE, ours, theirs) == merged(BASE, theirs, ours) == result
