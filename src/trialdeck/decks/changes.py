"""What differs between two states of a set of notes: two editions, two packages, or a ledger and the records."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from trialdeck.cards.labels import LONGEST
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.readable import readable
from trialdeck.cards.retired import reason_of, retired_on
from trialdeck.cards.tags import own_tags
from trialdeck.decks.reader import PackedNote, PackedTemplate, PackedType, ReadPackage
from trialdeck.records.problem import shortened

_OURS = frozenset(note_type(kind).name for kind in Kind)


class NoteState(msgspec.Struct, frozen=True):
    """A note at one time.

    `name` is how a reader knows it. `fields` are HTML by name, or None where only the `digest` of the content is known.
    `decks` are those of its cards; a note without cards is in none. `retired` is the day on which it was retired, or
    empty.
    """

    guid: str
    name: str
    note_type: str
    fields: Mapping[str, str] | None
    tags: tuple[str, ...]
    decks: tuple[str, ...]
    retired: str = ""
    digest: str = ""

    @property
    def label(self) -> str:
        """The visible text of the first field, cut to the length of a line; empty if it is not known."""
        return _label(self.fields or {})

    @property
    def reason(self) -> str:
        """Why the note was retired, and what replaces it, as plain text; empty if it is not, or nothing is stated."""
        return reason_of((self.fields or {}).get("Retired", "")) if self.retired else ""


class TypeState(msgspec.Struct, frozen=True):
    """A note type at one time, its fields and templates in order."""

    name: str
    fields: tuple[str, ...]
    templates: tuple[PackedTemplate, ...]
    style: str

    @property
    def template_names(self) -> tuple[str, ...]:
        """The names of the templates, in order."""
        return tuple(template.name for template in self.templates)


class Snapshot(msgspec.Struct, frozen=True):
    """Notes by guid and note types by name, at one time."""

    notes: Mapping[str, NoteState]
    note_types: Mapping[str, TypeState]


class FieldChange(msgspec.Struct, frozen=True):
    """A field of a note before and after, as HTML; empty where the note did not have it."""

    name: str
    before: str
    after: str


class NoteChange(msgspec.Struct, frozen=True):
    """A note whose content changed, as it is now.

    `fields` are those that differ, in the order of the note type, or None where the former text is not known.
    `former_type` names the former note type if it was another, else it is empty.
    """

    note: NoteState
    fields: tuple[FieldChange, ...] | None
    tags_added: tuple[str, ...]
    tags_removed: tuple[str, ...]
    former_type: str = ""


class Move(msgspec.Struct, frozen=True):
    """A note, as it is now, that lies in other decks than before."""

    note: NoteState
    before: tuple[str, ...]
    after: tuple[str, ...]


class Names(msgspec.Struct, frozen=True):
    """Names in order, before and after."""

    before: tuple[str, ...]
    after: tuple[str, ...]


class TypeChange(msgspec.Struct, frozen=True):
    """A note type that changed: its fields or templates, by name; templates of the same name; or its style."""

    name: str
    fields: Names | None
    templates: Names | None
    templates_changed: tuple[str, ...]
    style: bool


class TypeChanges(msgspec.Struct, frozen=True):
    """The names of note types that came and went, and what changed in the others, sorted by name."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[TypeChange, ...]

    def __len__(self) -> int:
        return len(self.new) + len(self.gone) + len(self.changed)


class Changes(msgspec.Struct, frozen=True):
    """Everything that differs, each part sorted by name, then guid.

    A note that was changed and moved stands in both. Of a note that was retired or came back, nothing else is said.
    `gone` are notes that the new state lacks without a word; Anki keeps them.
    """

    new: tuple[NoteState, ...]
    changed: tuple[NoteChange, ...]
    moved: tuple[Move, ...]
    retired: tuple[NoteState, ...]
    returned: tuple[NoteState, ...]
    gone: tuple[NoteState, ...]
    note_types: TypeChanges

    def __bool__(self) -> bool:
        parts = (self.new, self.changed, self.moved, self.retired, self.returned, self.gone)
        return any(parts) or len(self.note_types) > 0


def snapshot(packages: Iterable[ReadPackage]) -> Snapshot:
    """Return the state that packages hold together.

    A note that is in several is one note with the decks of all; of its texts, as of a note type's, the newest counts.
    """
    notes: dict[str, PackedNote] = {}
    note_types: dict[str, PackedType] = {}
    decks: dict[str, set[str]] = {}
    for package in packages:
        for note in package.notes:
            notes[note.guid] = _newer(notes.get(note.guid), note)
            decks.setdefault(note.guid, set()).update(card.deck for card in note.cards)
        for each in package.note_types:
            note_types[each.name] = _newer(note_types.get(each.name), each)
    return Snapshot(
        {guid: _note_state(note, decks[guid]) for guid, note in sorted(notes.items())},
        {name: TypeState(name, each.fields, each.templates, each.style) for name, each in sorted(note_types.items())},
    )


def compare(old: Snapshot, new: Snapshot) -> Changes:
    """Return what differs between two snapshots.

    The tags that trialdeck itself gives for the edition and for a retired note do not count. A note that is retired on
    the only side that has it counts nowhere: neither did learners of the one lose it, nor do those of the other get it.
    """
    pairs = [(old.notes[guid], new.notes[guid]) for guid in old.notes.keys() & new.notes.keys()]
    lasting = [(before, after) for before, after in pairs if bool(before.retired) is bool(after.retired)]
    changes = [change for before, after in lasting if (change := _note_change(before, after))]
    moves = [move for before, after in lasting if (move := _move(before, after))]
    return Changes(
        new=_only_in(new, old),
        changed=tuple(sorted(changes, key=lambda change: _order(change.note))),
        moved=tuple(sorted(moves, key=lambda move: _order(move.note))),
        retired=_sorted(after for before, after in pairs if after.retired and not before.retired),
        returned=_sorted(after for before, after in pairs if before.retired and not after.retired),
        gone=_only_in(old, new),
        note_types=_type_changes(old.note_types, new.note_types),
    )


_Packed = TypeVar("_Packed", PackedNote, PackedType)


def _newer(known: _Packed | None, found: _Packed) -> _Packed:
    return found if known is None or found.changed > known.changed else known


def _note_state(note: PackedNote, decks: Iterable[str]) -> NoteState:
    ours = note.note_type in _OURS
    return NoteState(
        guid=note.guid,
        name=(note.fields.get("Key", "") if ours else "") or _label(note.fields) or note.guid,
        note_type=note.note_type,
        fields=note.fields,
        tags=note.tags,
        decks=tuple(sorted(decks)),
        retired=retired_on(note.fields.get("Retired", "")) if ours else "",
    )


def _label(fields: Mapping[str, str]) -> str:
    return shortened(readable(next(iter(fields.values()), "")), LONGEST)


def _order(note: NoteState) -> tuple[str, str]:
    return note.name, note.guid


def _sorted(notes: Iterable[NoteState]) -> tuple[NoteState, ...]:
    return tuple(sorted(notes, key=_order))


def _only_in(one: Snapshot, other: Snapshot) -> tuple[NoteState, ...]:
    return _sorted(note for guid, note in one.notes.items() if guid not in other.notes and not note.retired)


def _note_change(before: NoteState, after: NoteState) -> NoteChange | None:
    fields = _field_changes(before, after)
    if fields is None and before.digest == after.digest:
        return None
    old_tags, new_tags = set(own_tags(before.tags)), set(own_tags(after.tags))
    change = NoteChange(
        note=after,
        fields=fields,
        tags_added=tuple(sorted(new_tags - old_tags)),
        tags_removed=tuple(sorted(old_tags - new_tags)),
        former_type=before.note_type if before.note_type != after.note_type else "",
    )
    differs = fields is None or fields or old_tags != new_tags or change.former_type
    return change if differs else None


def _field_changes(before: NoteState, after: NoteState) -> tuple[FieldChange, ...] | None:
    """Return the fields that differ, those that only the former note type had at the end; None if not known."""
    if before.fields is None or after.fields is None:
        return None
    names = dict.fromkeys([*after.fields, *before.fields])
    texts = [FieldChange(name, before.fields.get(name, ""), after.fields.get(name, "")) for name in names]
    return tuple(text for text in texts if text.before != text.after)


def _move(before: NoteState, after: NoteState) -> Move | None:
    # A note without cards, or one of which only the content is known, lies nowhere and so cannot move.
    known = before.decks and after.decks
    return Move(after, before.decks, after.decks) if known and before.decks != after.decks else None


def _type_changes(old: Mapping[str, TypeState], new: Mapping[str, TypeState]) -> TypeChanges:
    both = sorted(old.keys() & new.keys())
    return TypeChanges(
        new=tuple(sorted(new.keys() - old.keys())),
        gone=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(_type_change(old[name], new[name]) for name in both if old[name] != new[name]),
    )


def _type_change(before: TypeState, after: TypeState) -> TypeChange:
    return TypeChange(
        name=after.name,
        fields=_names(before, after, lambda state: state.fields),
        templates=_names(before, after, lambda state: state.template_names),
        templates_changed=tuple(sorted(_changed_templates(before, after))),
        style=before.style != after.style,
    )


def _names(before: TypeState, after: TypeState, names: Callable[[TypeState], tuple[str, ...]]) -> Names | None:
    return Names(names(before), names(after)) if names(before) != names(after) else None


def _changed_templates(before: TypeState, after: TypeState) -> Iterator[str]:
    former = {template.name: template for template in before.templates}
    return (each.name for each in after.templates if former.get(each.name, each) != each)
