"""States of notes at one time, held in memory: what the comparison of a test starts from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trialdeck.apkg.note_index import note_index
from trialdeck.apkg.reader import ReadPackage
from trialdeck.editions.compare.diff import Changes, Comparison, NoteState, note_state
from trialdeck.editions.compare.note_type_diff import TypeState, newest_types, type_states


@dataclass(frozen=True)
class Snapshot:
    """Notes by guid and note types by name, at one time."""

    notes: Mapping[str, NoteState]
    note_types: Mapping[str, TypeState]


def snapshot(packages: Iterable[ReadPackage]) -> Snapshot:
    """The state that packages hold together, by way of an index."""
    types = newest_types({}, ())
    with TemporaryDirectory() as folder, note_index(Path(folder) / "index") as index:
        for package in packages:
            types = newest_types(types, package.note_types)
            for note in package.notes:
                index.take(note, with_words=True)
        found = {guid: index.words(guid) for guid, _ in index.notes()}
        states = {guid: note_state(note, index.decks_of(guid)) for guid, note in found.items() if note}
    return Snapshot(states, type_states(types))


def compare(old: Snapshot, new: Snapshot) -> Changes:
    """What differs between two snapshots."""
    comparison = Comparison()
    for guid in sorted(old.notes.keys() | new.notes.keys()):
        comparison.add(old.notes.get(guid), new.notes.get(guid))
    return comparison.changes(old.note_types, new.note_types)
