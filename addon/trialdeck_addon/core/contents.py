"""What the database of a package has: note types, decks and notes, each compared with what is ours and published."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import TrialdeckError
from .json_form import LONGEST_NAME, shortened
from .markup import fault_of, fault_of_style, fault_of_value
from .note_types import EXTRA, KEY, NOTE_TYPES, RETIRED, NoteTypeTable, part_digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from .feed import FeedDeck, Published

SEPARATOR = "\x1f"
ROOT = "trialdeck::"
"""What our tags begin with; all others are the learner's."""
_MOST_CLOZES = 500
_LATEST = 1 << 53
_LATEST_DUE = 1 << 31


@dataclass(frozen=True)
class PackedNote:
    """A note of a package: its fields by name, its digest, and its cards, of which a retired note has none.

    `deck` is the name of the deck of its first card.
    """

    guid: str
    type_id: int
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    digest: str
    cards: tuple[int, ...]
    deck: str

    @property
    def is_retired(self) -> bool:
        """Whether the author has withdrawn it."""
        return bool(self.fields[RETIRED])


@dataclass(frozen=True)
class PackedType:
    """A note type of a package as Anki stores it, and the digests of its style and templates by their ids."""

    model: Mapping[str, Any]
    parts: Mapping[int, str]


@dataclass(frozen=True)
class Contents:
    """What a package brings: notes by guid, note types by id, and the descriptions of decks by their names."""

    notes: Mapping[str, PackedNote]
    types: Mapping[int, PackedType]
    descriptions: Mapping[str, str]


def read_contents(connection: sqlite3.Connection, deck: FeedDeck, published: Published) -> Contents:
    """Return what a package brings; raises TrialdeckError for what is not ours."""
    rows = connection.execute("SELECT models, decks FROM col").fetchall()
    if len(rows) != 1:
        raise TrialdeckError("it is no collection of Anki")
    types = {int(key): _type_of(int(key), model, published) for key, model in json.loads(rows[0][0]).items()}
    listed = json.loads(rows[0][1])
    decks = {int(key): _text(value["name"]) for key, value in listed.items()}
    notes = {note_id: values for note_id, *values in connection.execute("SELECT id, guid, mid, tags, flds FROM notes")}
    cards = _cards_by_note(connection, notes, decks, deck)
    packed: dict[str, PackedNote] = {}
    harmless: set[str] = set()
    for note_id, (guid, type_id, tags, fields) in notes.items():
        if type_id not in types:
            raise TrialdeckError(f"the note {shortened(str(guid))} is of a note type that is none of ours")
        note = _note_of(guid, type_id, (tags, fields), sorted(cards.get(note_id, {}).items()))
        _check_note(note, published)
        _check_html(note, harmless)
        if guid in packed or not 0 < note_id < _LATEST:
            raise TrialdeckError(f"the note {shortened(guid)} is in it twice, or has an id that Anki cannot have")
        packed[guid] = note
    return Contents(packed, types, _descriptions(listed.values(), deck))


def _descriptions(decks: Iterable[Mapping[str, Any]], deck: FeedDeck) -> dict[str, str]:
    described = {each["name"]: _text(each.get("desc", "")) for each in decks if is_below(each["name"], _root(deck))}
    for name, html in described.items():
        if fault := fault_of(html):
            raise TrialdeckError(f"the description of the deck '{shortened(name)}' {fault}")
    return described


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    return value


def _type_of(type_id: int, model: Mapping[str, Any], published: Published) -> PackedType:
    """Return a note type whose ids, names and order of fields and templates are those of ours."""
    table = NOTE_TYPES.get(type_id)
    if table is None:
        raise TrialdeckError(f"its note type '{shortened(str(model.get('name')))}' is none of ours")
    fields = {field["name"]: field.get("id") for field in sorted(model["flds"], key=_place)}
    templates = {template["name"]: template.get("id") for template in sorted(model["tmpls"], key=_place)}
    is_same = list(fields.items()) == list(table.fields.items()) and list(templates.items()) == list(
        table.templates.items()
    )
    # The name is a field of templates, and a template may send its cards to any deck.
    is_ours = model["name"] == table.name and not any(template.get("did") for template in model["tmpls"])
    if not is_ours:
        raise TrialdeckError(f"its note type {table.name} has another name, or sends cards to another deck")
    if not is_same or bool(model["type"]) is not table.is_cloze or int(model["id"]) != type_id:
        raise TrialdeckError(f"its note type {table.name} has other fields or templates than ours: update the add-on")
    packed = PackedType(model, _parts_of(type_id, model))
    _check_parts(table, packed, published)
    return packed


def _place(part: Mapping[str, Any]) -> int:
    return int(part["ord"])


def _parts_of(type_id: int, model: Mapping[str, Any]) -> dict[int, str]:
    templates = {int(each["id"]): part_digest(_text(each["qfmt"]), _text(each["afmt"])) for each in model["tmpls"]}
    return {type_id: part_digest(_text(model["css"])), **templates}


def _check_parts(table: NoteTypeTable, packed: PackedType, published: Published) -> None:
    """Refuse templates and styles that were not published, or that run or load something."""
    for part, digest in packed.parts.items():
        if published.parts and digest not in published.parts.get(str(part), ()):
            raise TrialdeckError(f"the style or a template of {table.name} is none that was published")
    names = ("qfmt", "afmt", "bqfmt", "bafmt")
    sides = [_text(template.get(name, "")) for template in packed.model["tmpls"] for name in names]
    faults = [fault_of_style(packed.model["css"]), *(fault_of(side, is_template=True) for side in sides)]
    if fault := next(filter(None, faults), ""):
        raise TrialdeckError(f"a template of {table.name} {fault}, which no card of ours does")


def _cards_by_note(
    connection: sqlite3.Connection, notes: Mapping[int, Any], decks: Mapping[int, str], deck: FeedDeck
) -> dict[int, dict[int, str]]:
    """Return the ordinals of the cards of each note with the names of their decks."""
    cards: dict[int, dict[int, str]] = {}
    root = _root(deck)
    for note_id, deck_id, ordinal, due in connection.execute("SELECT nid, did, ord, due FROM cards ORDER BY id"):
        name = decks[deck_id]
        if not is_below(name, root) or not _is_name(name):
            raise TrialdeckError(
                f"it has a card in the deck '{shortened(name)}', which is not below '{shortened(root)}'"
            )
        if note_id not in notes or ordinal in cards.setdefault(note_id, {}) or not 0 <= due < _LATEST_DUE:
            raise TrialdeckError("it has a card without a note, a card twice, or one that is never due")
        cards[note_id][ordinal] = name
    return cards


def _root(deck: FeedDeck) -> str:
    """Return the deck that all decks of a project are below: those that several packages fill lie beside theirs."""
    return deck.deck.partition("::")[0]


def is_below(name: str, root: str) -> bool:
    """Whether a deck is another one or below it."""
    return name == root or name.startswith(f"{root}::")


def _is_name(name: str) -> bool:
    is_text = name.isprintable() and not set(name) & set("<>")  # Anki shows it as HTML
    return len(name) <= LONGEST_NAME and is_text and all(part.strip() for part in name.split("::"))


def _note_of(guid: str, type_id: int, row: tuple[str, str], cards: list[tuple[int, str]]) -> PackedNote:
    table = NOTE_TYPES[type_id]
    values = _text(row[1]).split(SEPARATOR)
    if len(values) != len(table.fields):
        raise TrialdeckError(f"the note {shortened(_text(guid))} has another number of fields than {table.name}")
    fields = dict(zip(table.fields, values))
    ordinals = tuple(ordinal for ordinal, _ in cards)
    tags = tuple(tag for tag in _text(row[0]).split() if tag.lower().startswith(ROOT))
    return PackedNote(guid, type_id, fields, tags, table.digest(fields), ordinals, cards[0][1] if cards else "")


def _check_note(note: PackedNote, published: Published) -> None:
    table = NOTE_TYPES[note.type_id]
    name = f"the note {shortened(note.fields[KEY] or note.guid)}"
    if note.digest not in published.notes.get(note.guid, ()):
        raise TrialdeckError(f"{name} has a text that is not among those that the site has published")
    if note.fields[EXTRA]:
        raise TrialdeckError(f"{name} has something in {EXTRA}, which is the learner's own")
    most = _MOST_CLOZES if table.is_cloze else len(table.templates)
    if not all(type(ordinal) is int and 0 <= ordinal < most for ordinal in note.cards):
        raise TrialdeckError(f"{name} has a card that {table.name} does not make")


def _check_html(note: PackedNote, harmless: set[str]) -> None:
    """Refuse what runs or loads something; `harmless` are texts that were checked, which the notes of a trial share."""
    name = f"the note {shortened(note.fields[KEY] or note.guid)}"
    for field, value in [*note.fields.items(), ("Tags", " ".join(note.tags))]:
        if fault := fault_of_value(field, value):
            raise TrialdeckError(f"{name} {fault} in {field}, which no card of ours does")
    for field, html in note.fields.items():
        if html in harmless:
            continue
        if fault := fault_of(html):
            raise TrialdeckError(f"{name} {fault} in {field}, which no card of ours does")
        if not unicodedata.is_normalized("NFC", html):
            raise TrialdeckError(f"{name} is not in the form that Anki stores: its site has to be built again")
        harmless.add(html)
