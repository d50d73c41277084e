"""The notes of a deck as they are in Anki: which parts are the author's, and which the learner's.

The learner's parts are the field `Extra`, fields that they have added to the note type, and tags that are not below
`trialdeck::`. A field that was renamed in Anki is identified by its stable id if AnkiConnect reports it, or else by its
position if the note type has as many fields as ours.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from unicodedata import normalize

import msgspec

from trialdeck.anki.collection_diff import PERSONAL
from trialdeck.anki.connect import AnkiConnect, AnkiNote
from trialdeck.anki.import_copy import Layout
from trialdeck.apkg.reader import PackedNote
from trialdeck.editions.texts.published_texts import text_digest
from trialdeck.notes.author_text import joined_digest
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import ROOT

KEY = "Key"
OURS = f"{KEY}:_*"
"""The search for notes whose field `Key` is not empty."""

_KINDS = {note_type(kind).id: kind for kind in Kind}
_KNOWN = {note_type(kind).field_names: kind for kind in Kind}
_BY_FIRST_FIELD = {note_type(kind).field_names[0]: kind for kind in Kind}


class Personal(msgspec.Struct, frozen=True):
    """What a learner has written: the field `Extra`, their own fields (those that are not empty), and their tags."""

    extra: str = ""
    added: Mapping[str, str] = {}
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.extra or self.added or self.tags)

    def lacks(self, former: "Personal") -> bool:
        """Whether text in `Extra`, a field or a tag of a former state is gone; changed text is not gone."""
        own_tags = {tag.casefold() for tag in self.tags}
        return (
            bool(former.extra and not self.extra)
            or not former.added.keys() <= self.added.keys()
            or not {tag.casefold() for tag in former.tags} <= own_tags
        )


class AnkiNoteState(msgspec.Struct, frozen=True):
    """A note as it is in Anki or in a package.

    `text` is the digest of the author's text as it is published, `own` that of the part which the note does not share
    with the others of its trial, `personal` are the learner's parts. `tags` are those below `trialdeck::`, in lower
    case; `type_id` is the id of the note type if it is one of ours, else 0; `changed` is the time of the last change in
    seconds of Unix time, if AnkiConnect reports it.
    """

    key: str
    text: str
    own: str
    tags: frozenset[str]
    personal: Personal
    type_id: int = 0
    changed: int | None = None

    def says_as(self, other: "AnkiNoteState") -> bool:
        """Whether the author's part (key, text, tags) is the same as in another state."""
        return (self.key, self.text, self.tags) == (other.key, other.text, other.tags)


def packed_state(note: PackedNote) -> AnkiNoteState:
    """Return the state of a note in a package."""
    return _state(note.fields, note.tags, added={})


class AnkiNotes:
    """Reads our notes in Anki; `layouts` are those of the note types that a learner has changed, by their ids."""

    def __init__(self, anki: AnkiConnect) -> None:
        self._anki = anki
        self._by_name: dict[str, tuple[int, Layout]] = {}
        self.layouts: dict[int, Layout] = {}

    def ids(self) -> list[int]:
        """Return the ids of all notes that have a key."""
        return self._anki.find_notes(OURS)

    def states(self, ids: Sequence[int]) -> dict[int, AnkiNoteState]:
        """Return the states of notes, without those that were deleted meanwhile."""
        return {note.id: self._state(note) for note in self._anki.notes(ids)}

    def _state(self, note: AnkiNote) -> AnkiNoteState:
        fields = note.fields
        names = tuple(fields)
        if kind := _KNOWN.get(names):
            return _state(fields, note.tags, added={}, type_id=note_type(kind).id, changed=note.changed)
        if note.note_type not in self._by_name:
            self._by_name[note.note_type] = self._layout(note.note_type, names)
        type_id, layout = self._by_name[note.note_type]
        own = {ours: fields.get(theirs, "") for theirs, ours in layout if ours}
        added = {theirs: fields[theirs] for theirs, ours in layout if not ours and fields.get(theirs)}
        return _state(own, note.tags, added=added, type_id=type_id, changed=note.changed)

    def _layout(self, name: str, names: tuple[str, ...]) -> tuple[int, Layout]:
        """Return the id and layout of a note type that a learner has changed; the id is 0 if it is not ours."""
        type_id = self._anki.note_type_ids().get(name, 0)
        if type_id not in _KINDS:
            return 0, tuple((theirs, theirs) for theirs in names)
        own = note_type(_KINDS[type_id])
        missing = set(own.field_names) - set(names)
        field_ids = self._anki.field_ids(name) if missing else {}
        by_id = {field.id: field.name for field in own.fields}
        layout = []
        for position, theirs in enumerate(names):
            ours = theirs if theirs in own.field_names else by_id.get(field_ids.get(theirs, 0), "")
            if not ours and not field_ids and len(names) == len(own.fields):
                ours = own.field_names[position]
            layout.append((theirs, ours if ours == theirs or ours in missing else ""))
        self.layouts[type_id] = tuple(layout)
        return type_id, tuple(layout)


def is_complete(layout: Layout, type_id: int) -> bool:
    """Whether a layout has every field of our note type."""
    return {ours for _, ours in layout} >= set(note_type(_KINDS[type_id]).field_names)


def _state(
    fields: Mapping[str, str],
    tags: Collection[str],
    *,
    added: Mapping[str, str],
    type_id: int = 0,
    changed: int | None = None,
) -> AnkiNoteState:
    """Return the state of a note.

    Args:
        fields: The HTML of our fields, by our names.
        tags: All tags of the note.
        added: The fields that the learner has added and filled.
        type_id: The id of our note type, or 0.
        changed: The time of the last change, or `None`.

    Returns:
        The state, in which equal digests mean equal fields of the author.
    """
    ours, own_tags = _split_tags(tags)
    personal = Personal(fields.get(PERSONAL, ""), added, own_tags)
    return AnkiNoteState(fields.get(KEY, ""), *_digests(fields, type_id), ours, personal, type_id, changed)


def _digests(fields: Mapping[str, str], type_id: int) -> tuple[str, str]:
    """Return the digests of the author's text and of its own part; a field that an older edition lacks is empty."""
    kind = _KINDS.get(type_id) or _BY_FIRST_FIELD.get(next(iter(fields), ""))
    if kind is None:
        text = joined_digest(part for item in sorted(fields.items()) for part in item)
        return text, text
    its_type = note_type(kind)
    others = {*its_type.shared_fields, PERSONAL}
    own = joined_digest(normalize("NFC", fields.get(name, "")) for name in its_type.field_names if name not in others)
    return text_digest(kind, [fields.get(name, "") for name in its_type.field_names]), own


def _split_tags(tags: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Split tags into ours, in lower case, and the learner's, as they are written."""
    prefix = f"{ROOT}::"
    pairs = [(tag, tag.casefold()) for tag in tags]
    ours = frozenset(lower for _, lower in pairs if lower.startswith(prefix))
    return ours, tuple(tag for tag, lower in pairs if not lower.startswith(prefix))
