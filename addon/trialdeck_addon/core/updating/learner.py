"""What the learner has of our notes: note types with the learner's fields, notes, cards and decks. Nothing is written.

No other notes are read than those of our three note types; of others, whether they have the guid of one of ours.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import TrialdeckError
from ..contents import SEPARATOR
from ..note_types import NOTE_TYPES, NoteTypeTable
from .merge import LocalNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anki.collection import Collection

SUSPENDED = -1
_OURS = ",".join(map(str, NOTE_TYPES))


@dataclass(frozen=True)
class LocalCard:
    """A card; `deck_id` is its home, also while it lies in a filtered deck."""

    card_id: int
    note_id: int
    ordinal: int
    deck_id: int
    is_suspended: bool


@dataclass(frozen=True)
class LocalType:
    """A note type as the learner has it: Anki's form of it, and what our names are for its fields and templates.

    `fields` has our name for each field, empty for one of the learner's own; `ordinals` where our templates are.
    """

    model: Mapping[str, Any]
    fields: tuple[str, ...]
    ordinals: Mapping[int, int]


@dataclass(frozen=True)
class Learner:
    """All that an update has to know; `foreign` are guids of notes that have another note type than ours."""

    types: Mapping[int, LocalType]
    notes: Sequence[LocalNote]
    cards: Mapping[int, Sequence[LocalCard]]
    decks: Mapping[int, str]
    foreign: frozenset[str]

    def deck_names(self) -> dict[str, int]:
        """Return the ids of decks by their names, in small letters as Anki compares them."""
        return {name.lower(): deck_id for deck_id, name in self.decks.items()}

    def home_of(self, note: LocalNote) -> int:
        """Return the deck that most cards of a note lie in; 0 if it has none."""
        decks = Counter(card.deck_id for card in self.cards.get(note.note_id, ()))
        return max(decks, key=lambda deck_id: (decks[deck_id], -deck_id)) if decks else 0


def read_learner(col: Collection, guids: Iterable[str]) -> Learner:
    """Return what the learner has; `guids` are those of the packages.

    Raises TrialdeckError if a note type of the learner's is none that an update can write.
    """
    types = {type_id: _local_type(model, table) for type_id, model, table in _models(col)}
    notes = [_local_note(types[row[2]], row) for row in _rows(col) if row[2] in types]
    return Learner(types, notes, _cards(col), _decks(col), _foreign(col, guids))


def local_note(col: Collection, note_id: int) -> LocalNote | None:
    """Return one note; `None` if it is none of ours."""
    query = f"select id, guid, mid, tags, flds from notes where id = ? and mid in ({_OURS})"  # noqa: S608
    rows = _db(col).all(query, note_id)
    model = col.models.get(rows[0][2]) if rows else None
    return _local_note(_local_type(model, NOTE_TYPES[rows[0][2]]), rows[0]) if model else None


def _models(col: Collection) -> Iterable[tuple[int, dict[str, Any], NoteTypeTable]]:
    for type_id, table in NOTE_TYPES.items():
        model = col.models.get(type_id)
        if model:
            yield type_id, model, table


def _local_type(model: Mapping[str, Any], table: NoteTypeTable) -> LocalType:
    if bool(model["type"]) is not table.is_cloze:
        message = f"your note type {model['name']} is no longer of the kind that {table.name} is"
        raise TrialdeckError(f"{message}: an update could not write its notes; nothing was changed")
    fields = _our_names(model["flds"], table.fields)
    templates = _our_names(model["tmpls"], table.templates)
    numbers = {name: ordinal for ordinal, name in enumerate(table.templates)}
    ordinals = {numbers[name]: place for place, name in enumerate(templates) if name}
    return LocalType(model, fields, ordinals)


def _our_names(parts: Sequence[Mapping[str, Any]], ours: Mapping[str, int]) -> tuple[str, ...]:
    """Return our name for each part, empty for one of the learner's: by its id, else by its name.

    Old releases of Anki lose the ids.
    """
    by_id = {part_id: name for name, part_id in ours.items()}
    names = [by_id.get(part.get("id") or 0, "") for part in parts]
    missing = set(ours) - set(names)
    return tuple(name or (part["name"] if part["name"] in missing else "") for name, part in zip(names, parts))


def _rows(col: Collection) -> list[Any]:
    rows: list[Any] = _db(col).all(f"select id, guid, mid, tags, flds from notes where mid in ({_OURS}) order by id")  # noqa: S608
    return rows


def _local_note(local_type: LocalType, row: Sequence[Any]) -> LocalNote:
    note_id, guid, type_id, tags, fields = row
    values = fields.split(SEPARATOR)
    named = {name: value for name, value in zip(local_type.fields, values) if name}
    added = any(value for name, value in zip(local_type.fields, values) if not name)
    return LocalNote(note_id, guid, type_id, named, tuple(tags.split()), added)


_CARDS = """select c.id, c.nid, c.ord, case when c.odid then c.odid else c.did end, c.queue
    from cards c join notes n on n.id = c.nid where"""


def _cards(col: Collection) -> dict[int, list[LocalCard]]:
    return _by_note(_db(col).all(f"{_CARDS} n.mid in ({_OURS}) order by c.id"))


def _by_note(rows: Iterable[Sequence[int]]) -> dict[int, list[LocalCard]]:
    cards: dict[int, list[LocalCard]] = {}
    for card_id, note_id, ordinal, deck_id, queue in rows:
        cards.setdefault(note_id, []).append(LocalCard(card_id, note_id, ordinal, deck_id, queue == SUSPENDED))
    return cards


def cards_of(col: Collection, note_ids: Iterable[int]) -> dict[int, list[LocalCard]]:
    """Return the cards of notes as they are now."""
    query = " n.id in (select value from json_each(?)) order by c.id"
    return _by_note(_db(col).all(_CARDS + query, json.dumps(list(note_ids))))


def _decks(col: Collection) -> dict[int, str]:
    return {int(deck.id): deck.name for deck in col.decks.all_names_and_ids()}


def _foreign(col: Collection, guids: Iterable[str]) -> frozenset[str]:
    query = f"select guid from notes where mid not in ({_OURS}) and guid in (select value from json_each(?))"  # noqa: S608
    return frozenset(_db(col).list(query, json.dumps(list(guids))))


def _db(col: Collection) -> Any:
    if col.db is None:
        raise TrialdeckError("the collection is closed; nothing was changed")
    return col.db
