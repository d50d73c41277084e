"""Whose text a note gets: a table of cases, which the add-on and a push decide alike."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merge_cases import CASES, FIELDS, NEW, OLD
from merge_cases import MINE as MINE_OF_ALL
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


def fields(**changes: str) -> dict[str, str]:
    return {**dict.fromkeys(TABLE.fields, ""), **FIELDS, **changes}


def packed(*tags: str, **changes: str) -> PackedNote:
    values = fields(**changes)
    return PackedNote("g", QUESTION, values, tags or (NEW,), TABLE.digest(values), (0,), "A")


def local(*tags: str, **changes: str) -> LocalNote:
    return LocalNote(1, "g", QUESTION, fields(**changes), tags or (OLD,))


def digest(**changes: str) -> str:
    return TABLE.digest(fields(**changes))


FIRST = digest()


@pytest.mark.parametrize("name", CASES)
def test_a_note_gets(name: str) -> None:
    mine, theirs, decision = CASES[name]
    local_note, packed_note = local(*mine.tags, **mine.changes), packed(*theirs.tags, **theirs.changes)
    assert decide(local_note, packed_note, {FIRST}) is Decision[decision]


def test_both_call_the_tag_the_same() -> None:
    assert MINE == MINE_OF_ALL


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
