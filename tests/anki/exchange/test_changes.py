"""What differs between two packages, or two states of any origin."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from anki_exports import ADDED, CLOZE, FILTERED, FORMATS, GREETING, exports, package
from states import Snapshot, compare, snapshot
from trialdeck.apkg.reader import PackedCard, PackedNote, PackedTemplate, PackedType, ReadPackage
from trialdeck.cli import main
from trialdeck.editions.compare.diff import Changes, FieldChange, Move, NoteState
from trialdeck.editions.compare.note_type_diff import Names, TypeChange, TypeState
from trialdeck.editions.facts import Fact
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.diff import compare_packages

BuildPackage = Callable[..., Path]


@pytest.fixture(scope="session")
def anki_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exports(tmp_path_factory.getbasetemp() / "anki-exports")


@pytest.fixture
def build_package(write_record: Callable[..., Path], tmp_path: Path) -> BuildPackage:
    """Build a record into a package, at a time; the folder keeps its ledger from one build to the next."""

    def build(name: str, changes: dict[str, str] | None = None, at: int = 1_790_000_000) -> Path:
        record = write_record("dawn-1.yaml", changes)
        # The packages are moved away, so that nothing has the text of a question that is taken out.
        arguments = ["build", str(record), "--out", str(tmp_path / "built"), "--allow", "texts-lost"]
        done = CliRunner().invoke(main, arguments, env={"SOURCE_DATE_EPOCH": str(at)})
        assert done.exit_code == 0, done.output
        return (tmp_path / "built" / "dawn-1.apkg").rename(tmp_path / name)

    return build


# --- real packages


def test_a_package_does_not_differ_from_itself(build_package: BuildPackage) -> None:
    path = build_package("one.apkg")
    assert not compare_packages(path, path)


def test_one_answer_was_changed_in_a_record(build_package: BuildPackage) -> None:
    old = build_package("old.apkg")
    new = build_package("new.apkg", {"It binds **dawnin**": "It blocks **dawnin**"}, 1_790_086_400)
    changes = compare_packages(old, new)
    (change,) = changes.changed
    assert change.note.name == "dawn-1/question/why"
    assert change.note.label == "Why does dawnol work?"
    assert change.fields
    assert change.fields[0] == FieldChange(
        "Response", "<p>It binds <strong>dawnin</strong>.</p>", "<p>It blocks <strong>dawnin</strong>.</p>"
    )
    assert not changes.new + changes.retired + changes.returned + changes.gone
    assert not changes.moved


def test_a_question_was_added_to_a_record(build_package: BuildPackage) -> None:
    old = build_package("old.apkg")
    new = build_package(
        "new.apkg",
        {"related_trials:": "  - {id: when, perspective: clinical, question: When?, response: Now.}\nrelated_trials:"},
        1_790_086_400,
    )
    assert [note.name for note in compare_packages(old, new).new] == ["dawn-1/question/when"]


def test_a_deck_was_renamed(build_package: BuildPackage) -> None:
    old = build_package("old.apkg")
    new = build_package("new.apkg", {"acronym: DAWN-1": "acronym: DAWN-ONE"}, 1_790_086_400)
    changes = compare_packages(old, new)
    (ways,) = {(move.before, move.after) for move in changes.moved}
    assert ways == (("Landmark Trials::DAWN-1",), ("Landmark Trials::DAWN-ONE",))
    assert {move.note.guid for move in changes.moved} & {change.note.guid for change in changes.changed}


def test_a_question_was_taken_out_of_a_record_and_put_back(build_package: BuildPackage) -> None:
    whom = """  - id: whom
    perspective: clinical
    question: Whom does dawnol help?
    response: Adults with example disease.
"""
    first = build_package("first.apkg")
    second = build_package("second.apkg", {whom: ""}, 1_790_086_400)
    third = build_package("third.apkg", {}, 1_790_172_800)
    retired = compare_packages(first, second)
    assert [(note.name, note.retired) for note in retired.retired] == [("dawn-1/question/whom", "2026-09-22")]
    assert [note.name for note in compare_packages(second, third).returned] == ["dawn-1/question/whom"]
    assert [len(part) for part in (retired.new, retired.changed, retired.moved, retired.gone)] == [0, 0, 0, 0]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("former", ["plain", "legacy-collection"])
def test_what_was_edited_in_anki(former: str, form: str, anki_folder: Path) -> None:
    changes = compare_packages(package(anki_folder, "first", former), package(anki_folder, "edited", form))
    (change,) = changes.changed
    assert change.note.guid == GREETING
    assert change.note.name == "Hello?"
    assert change.fields == (FieldChange("Back", "<b>Salut</b> à tous", "<b>Salut</b> à vous tous"),)
    assert (change.tags_added, change.tags_removed, change.former_type) == (("extra",), (), "")
    assert [note.guid for note in changes.new] == [ADDED]
    # Without scheduling, Anki writes a filtered deck as an ordinary one.
    moves = [(move.note.guid, move.before, move.after) for move in changes.moved if move.note.guid != FILTERED]
    assert moves == [(CLOZE, ("Lêarn",), ("Lêarn::Sentences",))]
    assert changes.note_types.changed == (TypeChange("Basic", None, None, ("Card 1",), style=True),)
    assert not changes.retired + changes.returned + changes.gone


@pytest.mark.parametrize("stage", ["first", "edited"])
def test_a_format_of_anki_does_not_differ_from_another(stage: str, anki_folder: Path) -> None:
    for form, other in (("plain", "legacy"), ("scheduled", "legacy-scheduled"), ("collection", "legacy-collection")):
        assert not compare_packages(package(anki_folder, stage, form), package(anki_folder, stage, other))


# --- snapshots of packages

QUESTION = note_type(Kind.QUESTION).name


def packed(guid: str = "g", deck: str = "A", changed: int = 1, **more: str) -> PackedNote:
    fields = {"Front": "front", "Back": "back"} | more
    return PackedNote(guid, "Basic", fields, ("t",), changed, 1, (PackedCard(0, deck),))


def ours(**fields: str) -> PackedNote:
    return replace(packed(), note_type=QUESTION, fields={"Question": "Why?", "Retired": "", "Key": "a/b"} | fields)


def read(*notes: PackedNote, types: tuple[PackedType, ...] = ()) -> ReadPackage:
    return ReadPackage(notes, types, {})


def only(*packages: ReadPackage) -> NoteState:
    (note,) = snapshot(packages).notes.values()
    return note


def test_a_note_in_several_packages_is_one_with_several_decks() -> None:
    note = only(read(packed(deck="B")), read(packed(deck="A")), read(packed(deck="B")))
    assert note.decks == ("A", "B")


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_text_of_a_note_counts(order: int) -> None:
    packages = [read(packed(changed=1)), read(packed(changed=2, Back="newer"))]
    assert (only(*packages[::order]).fields or {})["Back"] == "newer"


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_state_of_a_note_type_counts(order: int) -> None:
    types = [PackedType(1, "Basic", ("F",), (), style, changed) for changed, style in ((1, "old"), (2, "new"))]
    packages = [read(types=(each,)) for each in types]
    assert snapshot(packages[::order]).note_types == {"Basic": TypeState("Basic", ("F",), (), "new")}


@pytest.mark.parametrize(
    ("note", "name"),
    [
        (ours(), "a/b"),
        (ours(Key=""), "Why?"),
        (packed(Front="<div>What&nbsp;is</div><div>it?</div>"), "What is it?"),
        (packed(Front="<img src=x.png>"), "g"),
        (packed(Front="long " * 50), ("long " * 20)[:99] + "…"),
        (replace(packed(), fields={"Key": "learner's"}), "learner's"),
        (replace(packed(), fields={}), "g"),
    ],
)
def test_how_a_reader_knows_a_note(note: PackedNote, name: str) -> None:
    assert only(read(note)).name == name


def test_only_our_note_types_have_retired_notes() -> None:
    assert only(read(ours(Retired="2026-11-23"))).retired == "2026-11-23"
    assert only(read(packed(Retired="2026-11-23"))).retired == ""


# --- what learners are sent


def test_a_change_with_the_same_time_stamp_is_not_sent() -> None:
    old = replace(ours(), changed=5)
    (change,) = between_packages(old, replace(old, fields={**old.fields, "Question": "How?"})).changed
    assert not change.sent
    (change,) = between_packages(old, replace(old, changed=6, fields={**old.fields, "Question": "How?"})).changed
    assert change.sent


def test_shared_content_that_is_not_sent_is_summed_up() -> None:
    old = replace(ours(About="one"), changed=5)
    changes = between_packages(old, replace(old, fields={**old.fields, "About": "two"}))
    (facts,) = changes.facts
    assert (facts.trial, facts.fresh, facts.shown) == ("a", 1, (Fact("About", "one", "two", 1),))
    assert changes.changed == ()
    assert changes


def test_what_other_programs_stamp_is_not_looked_at() -> None:
    (change,) = between_packages(packed(changed=5), packed(changed=5, Back="newer")).changed
    assert change.sent


def between_packages(old: PackedNote, new: PackedNote) -> Changes:
    return compare(snapshot([read(old)]), snapshot([read(new)]))


# --- comparing


def state(guid: str = "g", **more: object) -> NoteState:
    return replace(NoteState(guid, guid, "Basic", {"F": "x"}, (), ("A",)), **more)


def between(old: NoteState | None, new: NoteState | None) -> Changes:
    return compare(of(old), of(new))


def of(note: NoteState | None) -> Snapshot:
    return Snapshot({note.guid: note} if note else {}, {})


def test_a_changed_field_and_tags() -> None:
    old = state(fields={"F": "x", "G": "y"}, tags=("a", "b"))
    (change,) = between(old, state(fields={"F": "x", "G": "z"}, tags=("b", "c"))).changed
    assert change.fields == (FieldChange("G", "y", "z"),)
    assert (change.tags_added, change.tags_removed) == (("c",), ("a",))


def test_only_a_tag() -> None:
    (change,) = between(state(), state(tags=("new",))).changed
    assert (change.fields, change.tags_added) == ((), ("new",))


def test_another_note_type() -> None:
    (change,) = between(state(), state(note_type="Cloze", fields={"Text": "x", "F": "y"})).changed
    assert change.former_type == "Basic"
    assert change.fields == (FieldChange("Text", "", "x"), FieldChange("F", "x", "y"))


def test_the_tags_of_editions_and_of_retirement_do_not_count() -> None:
    old = state(tags=("trialdeck::edition::2026-01",))
    assert not between(old, state(tags=("trialdeck::edition::2026-02", "trialdeck::retired")))


def test_a_note_may_be_changed_and_moved() -> None:
    changes = between(state(), state(fields={"F": "z"}, decks=("A", "B")))
    assert len(changes.changed) == 1
    assert [(move.before, move.after) for move in changes.moved] == [(("A",), ("A", "B"))]


def test_a_note_without_cards_does_not_move() -> None:
    assert not between(state(decks=()), state())
    assert not between(state(), state(decks=()))


def test_a_retired_note_is_that_and_no_more() -> None:
    stone = state(fields={"F": ""}, tags=("other",), decks=(), retired="2026-11-23")
    changes = between(state(), stone)
    assert changes.retired == (stone,)
    assert not changes.changed
    assert not changes.moved


def test_a_note_that_came_back() -> None:
    changes = between(state(retired="2026-11-23", decks=(), fields={"F": ""}), state())
    assert changes.returned == (state(),)
    assert changes == replace(between(state(), state()), returned=(state(),))


def test_a_note_that_stays_retired_counts_only_if_it_says_something_else() -> None:
    before = state(retired="2026-11-23")
    assert not between(before, before)
    assert len(between(before, state(retired="2026-11-23", fields={"F": "z"})).changed) == 1


def test_a_note_that_is_new_and_already_retired_does_not_count() -> None:
    assert not between(None, state(retired="2026-11-23"))
    assert not between(state(retired="2026-11-23"), None)


def test_a_note_that_is_gone() -> None:
    assert between(state(), None).gone == (state(),)


@pytest.mark.parametrize("known", [{"F": "x"}, None])
def test_where_the_former_text_is_not_known_the_digest_tells(known: dict[str, str] | None) -> None:
    old = state(fields=None, digest="1", tags=("a",))
    (change,) = between(old, state(fields=known, digest="2")).changed
    assert (change.fields, change.tags_removed) == (None, ("a",))
    assert not between(old, state(fields=known, digest="1", tags=("a",)))


def test_parts_are_sorted_by_name_then_guid() -> None:
    notes = {guid: state(guid, name=name) for guid, name in (("1", "b"), ("3", "a"), ("2", "a"))}
    assert [note.guid for note in compare(Snapshot({}, {}), Snapshot(notes, {})).new] == ["2", "3", "1"]


def type_state(**more: object) -> TypeState:
    return replace(TypeState("Basic", ("F", "G"), (PackedTemplate("Card 1", "f", "b"),), "css"), **more)


def types(*states: TypeState) -> Snapshot:
    return Snapshot({}, {each.name: each for each in states})


def test_note_types_come_and_go() -> None:
    changes = compare(types(type_state(name="old")), types(type_state(name="new"))).note_types
    assert (changes.new, changes.gone, changes.changed) == (("new",), ("old",), ())


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"style": "other"}, TypeChange("Basic", None, None, (), style=True)),
        ({"fields": ("G", "F")}, TypeChange("Basic", Names(("F", "G"), ("G", "F")), None, (), style=False)),
        (
            {"templates": (PackedTemplate("Card 1", "f", "c"),)},
            TypeChange("Basic", None, None, ("Card 1",), style=False),
        ),
        (
            {"templates": (PackedTemplate("Card 2", "f", "b"),)},
            TypeChange("Basic", None, Names(("Card 1",), ("Card 2",)), (), style=False),
        ),
    ],
)
def test_a_note_type_changed(more: dict[str, object], expected: TypeChange) -> None:
    assert compare(types(type_state()), types(type_state(**more))).note_types.changed == (expected,)


# --- properties

NAMES = st.sampled_from("abc")
TAGS = st.lists(NAMES, unique=True).map(lambda tags: tuple(sorted(tags)))
STATES = st.builds(
    NoteState,
    guid=NAMES,
    name=NAMES,
    note_type=NAMES,
    fields=st.none() | st.dictionaries(NAMES, NAMES),
    tags=TAGS,
    decks=TAGS,
    retired=st.sampled_from(["", "2026-11-23"]),
    digest=NAMES,
)
TYPES = st.builds(
    TypeState,
    name=NAMES,
    fields=TAGS,
    templates=st.lists(st.builds(PackedTemplate, NAMES, NAMES, NAMES), unique_by=lambda each: each.name).map(tuple),
    style=NAMES,
)
SNAPSHOTS = st.builds(
    Snapshot,
    st.lists(STATES).map(lambda notes: {note.guid: note for note in notes}),
    st.lists(TYPES).map(lambda found: {each.name: each for each in found}),
)


@given(SNAPSHOTS)
def test_nothing_differs_from_itself(one: Snapshot) -> None:
    assert not compare(one, one)


@given(SNAPSHOTS, SNAPSHOTS)
def test_the_other_way_round_everything_is_the_other_way_round(one: Snapshot, other: Snapshot) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.new, there.gone) == (back.gone, back.new)
    assert guids(there.retired) == guids(back.returned)
    assert {turned(move) for move in there.moved} == {(move.note.guid, move.before, move.after) for move in back.moved}
    assert guids(change.note for change in there.changed) == guids(change.note for change in back.changed)
    assert (there.note_types.new, there.note_types.gone) == (back.note_types.gone, back.note_types.new)
    assert len(there.note_types) == len(back.note_types)
    assert bool(there) == bool(back)


@given(SNAPSHOTS, SNAPSHOTS)
def test_a_note_counts_once_but_may_be_changed_and_moved(one: Snapshot, other: Snapshot) -> None:
    changes = compare(one, other)
    parts = [changes.new, changes.gone, changes.retired, changes.returned]
    found = [note.guid for part in parts for note in part]
    content = {change.note.guid for change in changes.changed} | {move.note.guid for move in changes.moved}
    assert len(found) == len(set(found))
    assert not content & set(found)


def guids(notes: object) -> set[str]:
    return {note.guid for note in notes}  # type: ignore[attr-defined]


def turned(move: Move) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return move.note.guid, move.after, move.before
