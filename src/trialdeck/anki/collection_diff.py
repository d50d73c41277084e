"""Compare a package that was exported from Anki with the records and the ledger.

Three states are compared, as in a three-way merge: the last edition (from the ledger), the records, and the collection.
A note that differs from the last edition on one side was edited on that side; one that differs on both sides is a
conflict. Fields are compared by what is seen, because Anki's editor writes the same text in other elements.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from unicodedata import normalize

import msgspec

from trialdeck.anki.recognise import Recognised, recognised
from trialdeck.apkg.reader import PackedNote
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.editions.ledger import Line
from trialdeck.markdown.from_html import becomes, losses_of
from trialdeck.notes.note import Note, content_hash
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import ROOT, edition_of, own_tags

PERSONAL = "Extra"
"""The field that belongs to the learner."""

_WRITTEN_FIELDS = frozenset({"Question", "Response"})
"""The fields from which a note that was added in Anki becomes a question; a build fills in the others."""


class State(StrEnum):
    """How a note of the collection compares with its record."""

    EDITED = "edited in Anki"
    CONFLICT = "edited in Anki and in the record"
    OUTDATED = "of another edition than the last one"
    UNSAYABLE = "as in the record, but for what no record can hold"


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
    although it has others of the same trial, perspective and decks; `personal` counts notes with text in the learner's
    field; `foreign` are notes of other types that were ours, or lie in a deck of ours; `recognised` counts our notes.
    """

    differences: tuple[NoteDifference, ...]
    new: tuple[PackedNote, ...]
    missing: tuple[Note, ...]
    tagged: tuple[Tagged, ...]
    personal: int
    foreign: tuple[PackedNote, ...] = ()
    recognised: int = 0

    def of(self, state: State) -> tuple[NoteDifference, ...]:
        """Return the differences with one state."""
        return tuple(difference for difference in self.differences if difference.state is state)


Decks = Mapping[str, frozenset[str]]
"""The decks in which the records place each note, by guid."""


def diff_collection(
    packed: Iterable[PackedNote], notes: Mapping[str, Note], former: Mapping[str, Line], decks: Decks
) -> CollectionDiff:
    """Return the differences between the notes of a collection and those of the records.

    Args:
        packed: the notes of the collection.
        notes: those of all records, by guid.
        former: the lines of the ledger of the last edition, by guid.
        decks: the decks of the notes of the records.
    """
    comparison = _Comparison(notes, former, decks)
    for note in packed:
        comparison.take(note)
    return comparison.result()


class _Comparison:
    """Takes the notes of a collection one by one, and sorts out how they differ from those of the records."""

    def __init__(self, notes: Mapping[str, Note], former: Mapping[str, Line], decks: Decks) -> None:
        self.notes, self.former, self.decks = notes, former, decks
        self.deck_names = frozenset().union(*decks.values())
        self.differences: list[NoteDifference] = []
        self.tagged: list[Tagged] = []
        self.new: list[PackedNote] = []
        self.foreign: list[PackedNote] = []
        self.seen: set[str] = set()
        self.personal = 0

    def take(self, packed: PackedNote) -> None:
        """Take one note of the collection."""
        ours = self.notes.get(packed.guid)
        found = recognised(packed, ours)
        if ours or found:
            self.seen.add(packed.guid)
        if found is None:
            if ours or any(card.deck in self.deck_names for card in packed.cards):
                self.foreign.append(packed)
            return
        self.personal += bool(found.note.fields.get(PERSONAL, ""))
        if ours:
            self._compare(ours, found)
        elif packed.guid not in self.former:
            # A note in the ledger is not new: it is retired, or its record is in another folder.
            self.new.append(found.note)

    def _compare(self, ours: Note, found: Recognised) -> None:
        theirs, line = found.note, self.former.get(ours.guid)
        fields = _changed_fields(ours, theirs, line)
        if fields and (state := _state(ours, theirs, found.kind, line)):
            self.differences += _differences(ours, theirs, state, fields)
        if tags := _tag_changes(ours, theirs, is_built=line is not None):
            self.tagged.append(tags)

    def result(self) -> CollectionDiff:
        """Return all differences, sorted."""
        return CollectionDiff(
            differences=tuple(sorted(self.differences, key=lambda difference: difference.mine.key)),
            new=tuple(sorted(self.new, key=_by_type)),
            missing=_missing_notes(self.notes, self.seen, self.decks),
            tagged=tuple(sorted(self.tagged, key=lambda tags: tags.note.key)),
            personal=self.personal,
            foreign=tuple(sorted(self.foreign, key=_by_type)),
            recognised=len(self.seen),
        )


def _by_type(note: PackedNote) -> tuple[str, str]:
    return note.note_type, note.guid


def _changed_fields(mine: Note, theirs: PackedNote, line: Line | None) -> tuple[FieldChange, ...]:
    """Return the fields that differ, without shared content of an older edition, which is no edit."""
    its_type = note_type(mine.kind)
    ignored = frozenset(its_type.field_names) - _WRITTEN_FIELDS
    if line:
        # If shared content has changed and was not sent, the collection may have any earlier state of it: ignore it.
        is_current = not line.is_pending and line.hash == mine.digest
        ignored = frozenset() if is_current else its_type.shared_fields
    names = its_type.field_names
    # Anki normalises every text to NFC.
    pairs = [
        (name, normalize("NFC", before), normalize("NFC", theirs.fields.get(name, "")))
        for name, before in zip(names, mine.fields, strict=True)
    ]
    return tuple(
        FieldChange(name, before, after)
        for name, before, after in pairs
        if name != PERSONAL and name not in ignored and before != after
    )


def _differences(
    mine: Note, theirs: PackedNote, state: State, fields: Iterable[FieldChange]
) -> Iterator[NoteDifference]:
    """Yield how a note differs: in what is seen, and in what no record can hold."""
    is_cloze = mine.kind is Kind.CLOZE
    alike = {field for field in fields if becomes(field.after, field.before, cloze=is_cloze)}
    seen = tuple(field for field in fields if field not in alike)
    if state is State.CONFLICT:
        # A shared field is made from another part of the record than an own field, so changes of both are no conflict.
        shared = note_type(mine.kind).shared_fields
        own = tuple(field for field in seen if field.name not in shared)
        seen, state = (own, state) if own else (seen, State.EDITED)
    if seen:
        yield NoteDifference(mine, theirs, state, seen)
    lost = tuple(field for field in fields if field in alike and new_losses(field))
    if lost and state is not State.OUTDATED:
        yield NoteDifference(mine, theirs, State.UNSAYABLE, lost)


def new_losses(field: FieldChange) -> tuple[str, ...]:
    """Return what a field has in the collection that no record can hold, without what a card of ours has as well."""
    known = losses_of(field.before)
    return tuple(loss for loss in losses_of(field.after) if loss not in known)


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
    if line is None:  # it was added in Anki, and its record has it since
        return State.CONFLICT
    if not line.hash:  # after a merge of branches that disagree, there is none
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


def _tag_changes(mine: Note, theirs: PackedNote, *, is_built: bool) -> Tagged | None:
    """Return the tags that somebody added or removed; None if there are none.

    A note that was added in Anki has none of our tags until it is built, and nobody has removed them.
    """
    there, own = set(own_tags(theirs.tags)), set(mine.tags)
    added = tuple(sorted(tag for tag in there - own if not tag.startswith(f"{ROOT}::")))
    is_known = is_built or any(tag.startswith(f"{ROOT}::") for tag in theirs.tags)
    is_regrouped = any(tag.startswith(f"{ROOT}::") for tag in there - own)
    removed = tuple(sorted(own - there)) if is_known and not is_regrouped else ()
    return Tagged(mine, added, removed) if added or removed else None


def _missing_notes(notes: Mapping[str, Note], seen: Iterable[str], decks: Decks) -> tuple[Note, ...]:
    """Return the notes that would be in a deck of the collection if nobody had deleted them.

    The note of a trial is no evidence for the others: decks of other trials have it as well.
    """
    there = set(seen)
    covered: dict[tuple[str, str], set[frozenset[str]]] = defaultdict(set)
    for guid, note in notes.items():
        if guid in there and guid in decks and not note.is_of_trial:
            covered[note.trial, note.perspective].add(decks[guid])
    missing = [
        note
        for guid, note in notes.items()
        if guid not in there
        and any(held <= decks.get(guid, frozenset()) for held in covered[note.trial, note.perspective])
    ]
    return tuple(sorted(missing, key=lambda note: note.key))
