"""Whose text a note gets: a table of cases, which the add-on and a push decide alike."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck_addon.core.contents import PackedNote
from trialdeck_addon.core.note_types import NOTE_TYPES
from trialdeck_addon.core.updating.merge import (
    MINE,
    Decision,
    LocalNote,
    decide,
    edition_of,
    merged_fields,
    merged_tags,
    own_tags,
)
from trialdeck_addon.core.updating.places import place_of, siblings_places

QUESTION = 1763853001001
TABLE = NOTE_TYPES[QUESTION]
OLD, NEW = "trialdeck::edition::2026-01-01", "trialdeck::edition::2026-02-01"


def fields(**changes: str) -> dict[str, str]:
    return {
        **dict.fromkeys(TABLE.fields, ""),
        "Question": "Why?",
        "Response": "It binds.",
        "Key": "dawn-1/why",
        **changes,
    }


def packed(*tags: str, **changes: str) -> PackedNote:
    values = fields(**changes)
    return PackedNote("g", QUESTION, values, tags or (NEW,), TABLE.digest(values), (0,), "A")


def local(*tags: str, **changes: str) -> LocalNote:
    return LocalNote(1, "g", QUESTION, fields(**changes), tags or (OLD,))


def digest(**changes: str) -> str:
    return TABLE.digest(fields(**changes))


FIRST = digest()
CASES = {
    "nothing happened": (local(OLD), packed(OLD), Decision.NOTHING),
    "the author changed it": (local(), packed(Response="It blocks."), Decision.TAKE),
    "the author changed it, the learner wrote into Extra": (local(Extra="mine"), packed(Response="X."), Decision.TAKE),
    "the learner edited it, the author did not": (local(OLD, Response="Mine."), packed(OLD), Decision.NOTHING),
    "both changed it": (local(OLD, Response="Mine."), packed(Response="It blocks."), Decision.ASK),
    "both changed it to the same": (local(OLD, Response="X."), packed(Response="X."), Decision.TAKE),
    "the author changed tags alone": (local(OLD), packed(NEW, "trialdeck::audience::fellow"), Decision.TAKE),
    "shared facts alone are new, under the same edition": (local(OLD), packed(OLD, About="New."), Decision.NOTHING),
    "shared facts alone are new, and sent": (local(OLD), packed(NEW, About="New."), Decision.TAKE),
    "the same edition with another text of the author's": (local(OLD), packed(OLD, Response="X."), Decision.TAKE),
    "the learner took the tag of the edition away": (local("mine"), packed(OLD), Decision.TAKE),
    "the learner edited it and took the tag away": (local("mine", Response="M."), packed(OLD), Decision.ASK),
    "the edition in capital letters": (local(OLD.upper()), packed(OLD), Decision.NOTHING),
    "always mine": (local(OLD, MINE, Response="M."), packed(Response="X."), Decision.KEEP),
    "always mine, unedited": (local(OLD, MINE.upper()), packed(Response="X."), Decision.KEEP),
    "always mine, and both say the same": (local(OLD, MINE), packed(OLD), Decision.NOTHING),
    "retired": (local(OLD), packed(NEW, Retired="2026-02-01: wrong"), Decision.TAKE),
    "retired, and edited by the learner": (local(OLD, Response="M."), packed(NEW, Retired="x"), Decision.ASK),
}


@pytest.mark.parametrize("name", CASES)
def test_a_note_gets(name: str) -> None:
    mine, theirs, decision = CASES[name]
    assert decide(mine, theirs, {FIRST}) is decision


def test_the_text_of_any_edition_counts_as_not_edited() -> None:
    older = local("trialdeck::edition::2025-01-01", Response="An earlier text.")
    assert decide(older, packed(Response="X."), {FIRST}) is Decision.ASK
    assert decide(older, packed(Response="X."), {FIRST, digest(Response="An earlier text.")}) is Decision.TAKE


def test_a_field_that_the_learner_has_deleted_counts_as_the_authors() -> None:
    mine = local()
    without = replace(mine, fields={name: value for name, value in mine.fields.items() if name != "Response"})
    known = {digest(Response="X."), FIRST}
    assert decide(without, packed(Response="X."), known) is Decision.TAKE
    assert "Response" not in merged_fields(without, packed(Response="X."))


def test_the_merge_writes_all_of_the_authors_fields_and_never_extra() -> None:
    written = merged_fields(local(Extra="mine"), packed(Response="X."))
    assert written.keys() == TABLE.fields.keys() - {"Extra"}
    assert written["Response"] == "X."


TAGS = {
    ("mine", "trialdeck::a"): ("mine", "trialdeck::b"),
    ("TRIALDECK::A",): ("trialdeck::b",),
    ("trialdeck", "trialdecks::a"): ("trialdeck", "trialdecks::a", "trialdeck::b"),
    ("Trialdeck::B", "leech"): ("leech", "trialdeck::b"),
    (): ("trialdeck::b",),
}


@pytest.mark.parametrize(("mine", "merged"), TAGS.items(), ids=str)
def test_tags_below_ours_are_the_authors_and_all_others_the_learners(
    mine: tuple[str, ...], merged: tuple[str, ...]
) -> None:
    assert merged_tags(mine, ["trialdeck::b"]) == merged


@given(st.lists(st.text("aAbB:_é", min_size=1)), st.lists(st.text("abc", min_size=1).map("trialdeck::{}".format)))
def test_no_tag_of_the_learners_is_lost(mine: list[str], theirs: list[str]) -> None:
    merged = merged_tags(mine, theirs)
    assert {tag.lower() for tag in own_tags(mine)} <= {tag.lower() for tag in merged}
    assert {tag.lower() for tag in theirs} <= {tag.lower() for tag in merged}
    assert merged_tags(merged, theirs) == merged


def test_the_edition_of_a_note_is_in_its_tags() -> None:
    assert edition_of(["a", "Trialdeck::Edition::Spring"]) == "Spring"
    assert edition_of(["a"]) == ""


KNOWN = {"Trials::A": "My::Trials::A", "Trials::B": "Elsewhere", "Other::C": "Other::C"}
PLACES = {
    "Trials::A": "My::Trials::A",
    "Trials::B": "Elsewhere",
    "Trials::New": "My::Trials::New",
    "Trials::Deep::New": "My::Trials::Deep::New",
    "Trials::A::Sub": "My::Trials::A::Sub",
    "Trials": "Trials",
    "Other::D": "Other::D",
    "Alone": "Alone",
}


@pytest.mark.parametrize(("name", "place"), PLACES.items())
def test_a_deck_goes_where_its_siblings_went(name: str, place: str) -> None:
    assert place_of(name, KNOWN) == place


def test_most_siblings_decide() -> None:
    pairs = [("A", "X"), ("A", "Y"), ("A", "Y"), ("B", "Z"), ("B", "Q")]
    assert siblings_places(pairs) == {"A": "Y", "B": "Q"}
