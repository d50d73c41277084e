"""The deck of a note that several records have: the same one in all packages of a definition."""

import pytest
from msgspec.structs import replace

from conftest import RECORD
from trialdeck.decks.package_plan import Package, TrialIndex, TrialNotes, plan_packages
from trialdeck.decks.placement import trial_homes
from trialdeck.notes.builder import own_notes
from trialdeck.notes.note import Note
from trialdeck.records.settings import DeckDefinition, Split
from trialdeck.records.summary import RecordSummary, outline_of
from trials import trial


def outline(name: str, related: tuple[str, ...] = (), withdrawn: tuple[int, ...] = ()) -> RecordSummary:
    return replace(outline_of(trial(RECORD)), id=name, acronym=name.upper(), related=related, withdrawn=withdrawn)


def test_a_trial_stands_with_its_own_record_or_with_the_first_that_names_it() -> None:
    records = [outline("c", ("b", "x")), outline("b", ("x", "c", "y")), outline("a", ("y",), withdrawn=(0,))]
    assert trial_homes(records, {}) == {"a": "a", "b": "b", "c": "c", "x": "b", "y": "b"}


def test_a_trial_that_all_records_have_retired_stands_with_the_first_of_them() -> None:
    records = [outline("b", ("x",), withdrawn=(0,)), outline("a", ("x",), withdrawn=(0,))]
    assert trial_homes(records, {}) == {"a": "a", "b": "b", "x": "a"}


def test_a_trial_that_is_named_by_an_earlier_id_is_the_same_trial() -> None:
    assert trial_homes([outline("a", ("old",)), outline("new")], {"old": "new"}) == {"a": "a", "new": "new"}


class Records:
    """A note across trials, which the records of both trials have."""

    def __init__(self, note: Note) -> None:
        self.note = note

    def notes(self, *_: object) -> list[Note]:
        return [self.note]

    def media(self, *_: object) -> dict[str, object]:
        return {}

    def trial(self, *_: object) -> object:
        return None


def packages(split: Split) -> list[Package]:
    note = next(note for note in own_notes(trial(RECORD)).notes if note.cards and note.perspective == "clinical")
    across = Records(replace(note, key="across:example-disease/pfs"))
    trials = [TrialNotes(outline(name), across) for name in ("a", "b")]  # type: ignore[arg-type]
    subdecks = Split.NONE if split is Split.TRIAL else Split.TRIAL
    definition = DeckDefinition("all", "All", split=split, subdecks=subdecks)
    return [package for package in plan_packages(definition, "Root", TrialIndex.of(trials)) if not package.is_empty]


@pytest.mark.parametrize(
    ("split", "decks"),
    [
        (Split.TRIAL, ["Root::All::Across trials", "Root::All::Across trials"]),
        (Split.PERSPECTIVE, ["Root::All::Clinical::Across trials"]),
        (Split.NONE, ["Root::All::Across trials"]),
    ],
)
def test_a_note_across_trials_stands_once_in_a_package_and_in_one_deck_of_all(split: Split, decks: list[str]) -> None:
    assert [entry.deck for package in packages(split) for entry in package.entries()] == decks
