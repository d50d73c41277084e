"""Two branches are edited and built on their own; after their merge no learner of either keeps an old note."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from anki_releases import NEWEST, NOTES, Note, Step, go_back, keep, run
from repositories import Edition, Merge, merges
from trialdeck.apkg.reader import PackedNote, read_package
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import RETIRED

# How many merges are made, over how many tests: these run on all cores.
MERGES = int(os.environ.get("TRIALDECK_MERGES", "16"))
SHARES = min(4, MERGES)
SHARED = {note_type(kind).name: note_type(kind).shared_fields for kind in Kind}
WAYS = ("main, first, merged", "main, second, merged", "first, second, merged")


@pytest.mark.uncounted
@pytest.mark.parametrize("share", range(SHARES))
def test_after_a_merge_every_learner_has_the_merged_notes(
    share: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    made = list(merges(range(share, MERGES, SHARES), tmp_path))
    steps = [step for merge in made for step in imports(merge)]
    found = iter([given for given in run(NEWEST, *steps) if is_notes(given)])
    faults = [f"{merge}, {way}: {fault}" for merge in made for way in WAYS for fault in faults_of(merge, next(found))]
    faults += [f"{merge}: {fault}" for merge in made for fault in faults_of_build(merge)]
    assert not faults, "\n".join(faults)
    if len(made) >= 10:  # of so many, some are of the hard kinds
        assert sum(merge.twins for merge in made)
        assert sum(merge.undecided for merge in made)
    record_property("merges", len(made))
    record_property("notes with several lines", sum(merge.twins for merge in made))
    record_property("notes that both branches sent in the same second", sum(merge.undecided for merge in made))
    record_property("records in conflict", sum(merge.is_conflict for merge in made))


def imports(merge: Merge) -> Iterator[Path | Step]:
    """What learners import who had one branch first, or the other, or both."""
    yield from imported(go_back(), merge.base)
    yield keep("base")
    yield from (*imported(go_back("base"), merge.first, merge.merged), NOTES)
    yield from (*imported(go_back("base"), merge.second, merge.merged), NOTES)
    yield from (*imported(go_back(), merge.first, merge.second, merge.merged), NOTES)


def imported(start: Step, *editions: Edition) -> Iterator[Path | Step]:
    yield start
    for edition in editions:
        yield from edition.packages


def is_notes(given: object) -> bool:
    return isinstance(given, list)


def faults_of(merge: Merge, notes: Sequence[Note]) -> Iterator[str]:
    """Yield what is wrong with the notes of a learner: double, missing, of an old state, or gone without a mark."""
    by_guid = {note.guid: note for note in notes}
    live = {note.guid: own(note.note_type, note.fields) for note in packed(merge.fresh)}
    for guid, count in Counter(note.guid for note in notes).items():
        if count > 1:
            yield f"double: {by_guid[guid].key}"
    for guid, content in live.items():
        if guid not in by_guid:
            yield f"missing: {content['Key']}"
        elif own(by_guid[guid].notetype, by_guid[guid].fields) != content or RETIRED in by_guid[guid].tags:
            yield f"stale: {content['Key']}"
    for guid, note in by_guid.items():
        if guid not in live and (not note.fields["Retired"] or RETIRED not in note.tags):
            yield f"gone without a mark: {note.key}"


def faults_of_build(merge: Merge) -> Iterator[str]:
    """Yield what is wrong with the packages and the ledger of the merged project."""
    forms: dict[str, set[str]] = {}
    for path in merge.merged.packages:
        notes = read_package(path).notes
        if len({note.guid for note in notes}) != len(notes):
            yield f"a guid stands twice in {path.name}"
        for note in notes:
            forms.setdefault(note.guid, set()).add(f"{note.fields} {note.tags} {note.changed} {len(note.cards)}")
    for guid, different in forms.items():
        if len(different) > 1:
            yield f"packages differ in the note {guid}"
    former = {guid: line.changed for guid, line in merge.before.lines.items()}
    if any(line.changed < former.get(guid, 0) for guid, line in merge.ledger.lines.items()):
        yield "a note has become older"
    if merge.again.counts or merge.again.changed_files:
        yield f"a second build changes something again: {merge.again.changed_files}"


def packed(edition: Edition) -> Iterator[PackedNote]:
    for path in edition.packages:
        yield from read_package(path).notes


def own(name: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields that a note shares with no other: shared content waits for the next change of these."""
    return {field: value for field, value in fields.items() if field not in SHARED[name]}
