"""Recognise notes of ours in a collection in which note types or fields have other names now.

A person renames a note type; Anki adds a `+` to one that a newer edition would change. The id of a note type stays in
the first case, the guid of a note in both.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from trialdeck.apkg.reader import PackedNote
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type

_BY_NAME = {note_type(kind).name: kind for kind in Kind}
_BY_ID = {note_type(kind).id: kind for kind in Kind}


class Recognised(msgspec.Struct, frozen=True):
    """A note of a collection with the names that our note type and fields have."""

    kind: Kind
    note: PackedNote


def recognised(theirs: PackedNote, mine: Note | None) -> Recognised | None:
    """Return a note of the collection as one of ours; `None` if its note type is another.

    Args:
        theirs: The note in the collection.
        mine: The note of the records with its guid, if there is one.
    """
    kind = _BY_NAME.get(theirs.note_type) or _BY_ID.get(theirs.type_id)
    if kind is None and mine and theirs.fields.keys() >= set(note_type(mine.kind).field_names):
        kind = mine.kind
    if kind is None:
        return None
    its_type = note_type(kind)
    return Recognised(kind, replace(theirs, note_type=its_type.name, fields=_with_our_names(theirs.fields, kind)))


def _with_our_names(fields: Mapping[str, str], kind: Kind) -> Mapping[str, str]:
    """Return fields by our names: one that lacks its name is the one in its place, if that has no name of ours."""
    ours = note_type(kind).field_names
    if fields.keys() >= set(ours):
        return fields
    places = dict(enumerate(fields))
    renamed = {
        name: place
        for number, name in enumerate(ours)
        if name not in fields and (place := places.get(number, ours[0])) not in ours
    }
    return {name: fields.get(renamed.get(name, name), "") for name in ours}
