"""The notes that stay as the learner has them, although the authors have changed them, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from ...texts.pieces import text_of
from ..note_types import NOTE_TYPES
from .merge import MINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anki.collection import Collection, OpChanges
    from anki.notes import NoteId

    from ..subscriptions import Settings, Subscription

_LONGEST = 120


@dataclass(frozen=True)
class KeptNote:
    """A note whose text stays the learner's: always, or until the authors change it once more."""

    note_id: int
    guid: str
    label: str
    is_always: bool


def kept_notes(col: Collection, subscriptions: Iterable[Subscription]) -> tuple[KeptNote, ...]:
    """Return the notes that were answered with "mine" or "always mine", in the order of the collection."""
    always = set(col.find_notes(f'"tag:{MINE}"'))
    answered = {_guid(token) for subscription in subscriptions for token in subscription.kept}
    assert col.db is not None
    types = ",".join(map(str, NOTE_TYPES))
    rows = col.db.all(f"select id, guid, sfld from notes where mid in ({types}) order by id")  # noqa: S608 - our ids
    return tuple(
        KeptNote(note_id, guid, _shortened(str(front)), note_id in always)
        for note_id, guid, front in rows
        if note_id in always or guid in answered
    )


def ask_again(col: Collection, notes: Sequence[KeptNote]) -> OpChanges:
    """Take the mark for "always mine" from notes, as one step that can be undone."""
    return col.tags.bulk_remove([cast("NoteId", note.note_id) for note in notes], MINE).changes


def without_answers(settings: Settings, notes: Iterable[KeptNote]) -> Settings:
    """Return the settings without the answers for these notes."""
    guids = frozenset(note.guid for note in notes)
    return replace(settings, subscriptions=tuple(_without(each, guids) for each in settings.subscriptions))


def _without(subscription: Subscription, guids: frozenset[str]) -> Subscription:
    kept = tuple(token for token in subscription.kept if _guid(token) not in guids)
    return replace(subscription, kept=kept, former=tuple(_without(each, guids) for each in subscription.former))


def _guid(token: str) -> str:
    return token.partition(" ")[0]


def _shortened(front: str) -> str:
    text = " ".join(text_of(front).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
