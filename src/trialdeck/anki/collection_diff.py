"""Compare a package that was exported from Anki with the records and the ledger.

Three states are compared, as in a three-way merge: the last edition (from the ledger), the records, and the collection.
A note that differs from the last edition on one side was edited on that side; one that differs on both sides is a
conflict.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from unicodedata import normalize

import msgspec

from trialdeck.apkg.reader import PackedNote
from trialdeck.editions.diff import FieldChange
from trialdeck.editions.ledger import Line
from trialdeck.notes.note import Note, content_hash
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import ROOT, edition_of, own_tags

PERSONAL = "Extra"
"""The field that belongs to the learner."""

_KINDS = {note_type(kind).name: kind for kind in Kind}


class State(StrEnum):
    """How a note of the collection compares with its record."""

    EDITED = "edited in Anki"
    CONFLICT = "edited in Anki and in the record"
    OUTDATED = "of another edition than the last one"


class NoteDifference(msgspec.Struct, frozen=True):
    """A note that differs in the collection: the record's note, the collection's note, and the fields that differ."""

    mine: Note
    theirs: PackedNote
    state: State
    fields: tuple[FieldChange, ...]


class Tagged(msgspec.Struct, frozen=True):
    """A note to which somebody has added tags, or from which somebody has removed tags of its record."""

    note: Note
    added: tuple[str, ...]
    removed: tuple[str, ...]


class CollectionDiff(msgspec.Struct, frozen=True):
    """All differences, sorted by key.

    `new` are notes of our types that no edition had; `missing` are notes of the records that the collection lacks,
    although it has others of the same trial and perspective; `personal` counts notes with text in the learner's field.
    """

    differences: tuple[NoteDifference, ...]
    new: tuple[PackedNote, ...]
    missing: tuple[Note, ...]
    tagged: tuple[Tagged, ...]
    personal: int

    def of(self, state: State) -> tuple[NoteDifference, ...]:
        """Return the differences with one state."""
        return tuple(difference for difference in self.differences if difference.state is state)


def diff_collection(
    packed: Iterable[PackedNote], notes: Mapping[str, Note], former: Mapping[str, Line]
) -> CollectionDiff:
    """Return the differences between the notes of a collection and those of the records.

    `notes` are those of all records, and `former` the lines of the ledger of the last edition, both by guid.
    """
    differences: list[NoteDifference] = []
    tagged: list[Tagged] = []
    new: list[PackedNote] = []
    seen: set[str] = set()
    personal = 0
    for theirs in packed:
        kind = _KINDS.get(theirs.note_type)
        if kind is None:
            continue
        seen.add(theirs.guid)
        personal += bool(theirs.fields.get(PERSONAL, ""))
        ours = notes.get(theirs.guid)
        if ours is None:
            # A note in the ledger is not new: it is retired, or its record is in another folder.
            new += [] if theirs.guid in former else [theirs]
            continue
        line = former.get(theirs.guid)
        if fields := _changed_fields(ours, theirs, line):
            state = _state(ours, theirs, kind, line)
            differences += [NoteDifference(ours, theirs, state, fields)] if state else []
        if tags := _tag_changes(ours, theirs):
            tagged.append(tags)
    return CollectionDiff(
        differences=tuple(sorted(differences, key=lambda difference: difference.mine.key)),
        new=tuple(sorted(new, key=lambda note: (note.note_type, note.guid))),
        missing=_missing_notes(notes, seen),
        tagged=tuple(sorted(tagged, key=lambda tags: tags.note.key)),
        personal=personal,
    )


def _changed_fields(mine: Note, theirs: PackedNote, line: Line | None) -> tuple[FieldChange, ...]:
    """Return the fields that differ, without shared content of an older edition, which is no edit."""
    its_type = note_type(mine.kind)
    # Unless the last edition sent the shared content as it is now, the collection may have any earlier state of it.
    ignored = its_type.shared_fields if line and (line.is_pending or line.hash != mine.digest) else frozenset[str]()
    names = its_type.field_names
    pairs = [(name, before, theirs.fields.get(name, "")) for name, before in zip(names, mine.fields, strict=True)]
    # Anki normalises every text to NFC.
    return tuple(
        FieldChange(name, before, after)
        for name, before, after in pairs
        if name != PERSONAL and name not in ignored and normalize("NFC", before) != normalize("NFC", after)
    )


def _state(mine: Note, theirs: PackedNote, kind: Kind, line: Line | None) -> State | None:
    """Return the state of a note that differs from its record; `None` if only the record has changed.

    Args:
        mine: The note of the record.
        theirs: The note of the collection.
        kind: Its note type.
        line: Its line in the ledger of the last edition, if it has one.

    Returns:
        The state, or `None`.
    """
    if line is None or not line.hash:  # after a merge of branches that disagree, there is no hash
        return State.OUTDATED
    if _digest(theirs, kind, line) in {line.hash, line.sent}:
        return None
    # An edit would have made the note newer than that of the last edition.
    if theirs.changed < line.changed or edition_of(theirs.tags) != line.edition:
        return State.OUTDATED
    is_unchanged = mine.own == line.own if line.own else mine.digest == line.hash
    return State.EDITED if is_unchanged else State.CONFLICT


def _digest(theirs: PackedNote, kind: Kind, line: Line) -> str:
    """Return the hash of a note's content in the collection, without tags and the learner's own field."""
    names = note_type(kind).field_names
    fields = ["" if name == PERSONAL else theirs.fields.get(name, "") for name in names]
    return content_hash(kind, fields, line.tags, (card.ordinal for card in theirs.cards))


def _tag_changes(mine: Note, theirs: PackedNote) -> Tagged | None:
    there, own = set(own_tags(theirs.tags)), set(mine.tags)
    added = tuple(sorted(tag for tag in there - own if not tag.startswith(f"{ROOT}::")))
    removed = tuple(sorted(own - there)) if not any(tag.startswith(f"{ROOT}::") for tag in there - own) else ()
    return Tagged(mine, added, removed) if added or removed else None


def _missing_notes(notes: Mapping[str, Note], seen: Iterable[str]) -> tuple[Note, ...]:
    there = set(seen)
    # A collection that has a whole list does not need the extracts of it.
    notes = {guid: note for guid, note in notes.items() if not note.is_extract}
    covered = {(note.trial, note.perspective) for guid, note in notes.items() if guid in there}
    missing = [note for guid, note in notes.items() if guid not in there and (note.trial, note.perspective) in covered]
    return tuple(sorted(missing, key=lambda note: note.key))
