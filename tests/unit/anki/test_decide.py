"""Whose text a note gets by a push: the same cases as by the add-on for Anki."""

import pytest

from merge_cases import CASES, FIELDS, Side
from merge_cases import MINE as MINE_OF_ALL
from trialdeck.anki.collection import AnkiNoteState, packed_state
from trialdeck.anki.decide import MINE, Decision, decide
from trialdeck.apkg.reader import PackedNote
from trialdeck.notes.note_types import Kind, note_type

NAMES = note_type(Kind.QUESTION).field_names


def state(side: Side) -> AnkiNoteState:
    fields = {**dict.fromkeys(NAMES, ""), **FIELDS, **side.changes}
    return packed_state(PackedNote("g", "Trialdeck Question", fields, side.tags, 1, 1, ()))


FIRST = state(Side(())).text


@pytest.mark.parametrize("name", CASES)
def test_a_note_gets(name: str) -> None:
    mine, theirs, decision = CASES[name]
    assert decide(state(mine), state(theirs), {FIRST}) is Decision[decision]


def test_both_call_the_tag_the_same() -> None:
    assert MINE == MINE_OF_ALL
