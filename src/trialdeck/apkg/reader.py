"""Read any Anki package, old or new, from trialdeck, genanki or Anki itself.

Two layouts of the database are known (https://github.com/ankitects/anki, rslib/src/storage; measured with 26.9.3):

- Schemas 11 to 14 keep note types and decks as JSON in the one row of the table `col`.
- Schemas 15 to 18 have tables `notetypes`, `fields`, `templates` and `decks`, in which the parts of a deck's name are
  separated by U+001F, and settings are protobuf messages (proto/anki/notetypes.proto and decks.proto). Of these are
  read `Notetype.Config.css` = 3, `Notetype.Template.Config.q_format` = 1 and `a_format` = 2,
  `Deck.KindContainer.normal` = 1, and `Deck.Normal.description` = 4.

The tables `notes` and `cards` are the same in both.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.apkg.container import AGAIN, OLDER, ContainerFormat, unpack_database
from trialdeck.apkg.protobuf import bytes_field
from trialdeck.apkg.untrusted import foreign_database
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals
from trialdeck.core.temporary import scratch_folder

MISSING_DECK = "(missing deck)"
"""The deck of a card whose own deck the package lacks; Anki imports such cards as well."""

MOST_NOTES = 500_000
"""The most notes that are read as a whole."""
MOST_TEXT = 1_000_000_000
"""The most characters of notes that are read as a whole."""

_FIELD_SEPARATOR = "\x1f"
_DECK_SEPARATOR = "\x1f"
_JSON_SCHEMAS = range(11, 15)
_TABLE_SCHEMAS = range(15, 19)
_NOTES = "SELECT id, CAST(guid AS TEXT), mid, mod, CAST(tags AS TEXT), CAST(flds AS TEXT) FROM notes ORDER BY id"
_NOTE = _NOTES.replace("ORDER BY id", "WHERE id = ?")
# A card in a filtered deck keeps its own deck in `odid`.
_WITH_CARDS = "SELECT CAST(guid AS TEXT), mid FROM notes WHERE id IN (SELECT nid FROM cards)"
_CARDS = "SELECT nid, ord, iif(odid, odid, did) FROM cards ORDER BY nid"
# A new card in a filtered deck keeps its own place in `odue`.
_PLACES = "SELECT nid, type, iif(odid, odue, due), data FROM cards ORDER BY nid, ord"
# Raised if a database is intact, but does not hold what it should.
_MISFITS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)


class PackedCard(msgspec.Struct, frozen=True, order=True):
    """A card: the ordinal of its template or deletion, from 0, and its deck; in a filtered deck, the deck of origin."""

    ordinal: int
    deck: str


class PackedNote(msgspec.Struct, frozen=True):
    """A note: its HTML by field, in the order of the note type. `changed` is in seconds of Unix time.

    A text export has no ids of note types.
    """

    guid: str
    note_type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    changed: int
    row_id: int
    cards: tuple[PackedCard, ...]
    type_id: int = 0


class PackedTemplate(msgspec.Struct, frozen=True):
    """A template, with the HTML of its two sides."""

    name: str
    front: str
    back: str


class PackedType(msgspec.Struct, frozen=True):
    """A note type, its fields and templates in order; `style` is CSS, `changed` in seconds of Unix time."""

    id: int
    name: str
    fields: tuple[str, ...]
    templates: tuple[PackedTemplate, ...]
    style: str
    changed: int


class ReadPackage(msgspec.Struct, frozen=True):
    """A package: notes sorted by guid, note types and decks by name; `decks` has the description of each."""

    notes: tuple[PackedNote, ...]
    note_types: tuple[PackedType, ...]
    decks: Mapping[str, str]


def read_package(path: Path) -> ReadPackage:
    """Read a package (.apkg) or a whole collection (.colpkg) of any kind.

    Raises TrialdeckError as `opened_package` does, and if it has more than MOST_NOTES notes or MOST_TEXT characters.
    """
    with opened_package(path) as package:
        refuse_too_many(path, package)
        notes = tuple(sorted(package.notes(), key=lambda note: (note.guid, note.row_id)))
        return ReadPackage(notes, package.note_types, dict(sorted(package.decks.values())))


def refuse_too_many(path: Path, package: "OpenedPackage") -> None:
    """Raise TrialdeckError if a package has more than MOST_NOTES notes or MOST_TEXT characters."""
    if package.count > MOST_NOTES or package.characters > MOST_TEXT:
        message = f"{path} is too large to be read as a whole: {package.count:,} notes"
        hint = "export one deck instead of all; `trialdeck inspect` looks at packages of any size"
        raise TrialdeckError(message, hint)


@contextmanager
def opened_package(path: Path) -> "Iterator[OpenedPackage]":
    """Open a package of any kind, and of any size, to read its notes one after the other.

    Raises TrialdeckError if the file cannot be read, is no package, is damaged, holds what no package of Anki holds, or
    has a newer format. Its database is unpacked into a temporary folder, and is not trusted: only reads
    are allowed, and they end after a while.
    """
    with scratch_folder() as folder:
        database = folder / "collection"
        with refusals(database), database.open("xb") as target:
            form = unpack_database(path, target)
        try:
            with foreign_database(database) as connection:
                yield _package(connection, path, form)
        except (sqlite3.Error, MemoryError) as error:
            # SQLite runs out of memory if a broken file states an impossible size.
            reason = str(error) or "out of memory"
            raise TrialdeckError(f"{path} is damaged: its collection cannot be read ({reason})", AGAIN) from error
        except _MISFITS as error:
            message = f"{path} is damaged: its collection does not hold what Anki writes ({error})"
            raise TrialdeckError(message, AGAIN) from error


def _package(connection: sqlite3.Connection, path: Path, form: ContainerFormat) -> "OpenedPackage":
    (schema,) = connection.execute("SELECT ver FROM col").fetchone()
    if schema in _JSON_SCHEMAS:
        note_types, decks = _from_json(connection)
    elif schema in _TABLE_SCHEMAS:
        note_types, decks = _types_in_tables(connection), _decks_in_tables(connection)
    else:
        raise TrialdeckError(f"{path} has a collection of schema {schema}, which trialdeck does not know", OLDER)
    ordered = tuple(sorted(note_types, key=lambda note_type: (note_type.name, note_type.id)))
    return OpenedPackage(connection, form, int(schema), ordered, decks)


class OpenedPackage(msgspec.Struct, frozen=True):
    """A package while its database is open; `note_types` by name, names and descriptions of `decks` by id."""

    connection: sqlite3.Connection
    form: ContainerFormat
    schema: int
    note_types: tuple[PackedType, ...]
    decks: "_Decks"

    @property
    def count(self) -> int:
        """The number of notes."""
        return self.number("SELECT count(*) FROM notes")

    @property
    def characters(self) -> int:
        """The number of characters of all fields together."""
        return self.number("SELECT total(length(flds)) FROM notes")

    def number(self, query: str) -> int:
        """Return the one number that a query gives."""
        (number,) = self.connection.execute(query).fetchone()
        return int(number or 0)

    def note(self, row_id: int) -> PackedNote:
        """Return the note of a row, without its cards."""
        types = {note_type.id: note_type for note_type in self.note_types}
        return _note(self.connection.execute(_NOTE, (row_id,)).fetchone(), types, ())

    def guids(self, names: Container[str]) -> Iterator[str]:
        """Yield the guids of the notes that have cards and are of note types with these names."""
        types = {note_type.id for note_type in self.note_types if note_type.name in names}
        yield from (guid for guid, type_id in self.connection.execute(_WITH_CARDS) if type_id in types)

    def places(self) -> Mapping[int, int]:
        """Return the place of each note among new cards, by the id of its row: that of its first card.

        A card that has been learned may have lost its place; its note stays behind the one that was made before it.
        """
        places: dict[int, int] = {}
        for row_id, kind, due, extra in self.connection.execute(_PLACES):
            if (place := due if kind == 0 else _place_kept(extra)) is not None:
                places.setdefault(row_id, place)
        last = 0
        for (row_id,) in self.connection.execute("SELECT id FROM notes ORDER BY id"):
            last = places.setdefault(row_id, last)
        return places

    def notes(self) -> Iterator[PackedNote]:
        """Yield all notes, by the ids of their rows; no more than one is in memory."""
        types = {note_type.id: note_type for note_type in self.note_types}
        names = {deck: name for deck, (name, _) in self.decks.items()}
        cards = groupby(self.connection.execute(_CARDS), key=itemgetter(0))
        group = next(cards, None)
        for row_id, guid, type_id, changed, tags, fields in self.connection.execute(_NOTES):
            while group and group[0] < row_id:
                group = next(cards, None)
            own = group[1] if group and group[0] == row_id else ()
            placed = (PackedCard(ordinal, names.get(deck, MISSING_DECK)) for _, ordinal, deck in own)
            yield _note((row_id, guid, type_id, changed, tags, fields), types, placed)


def _note(row: tuple[Any, ...], types: Mapping[int, PackedType], cards: Iterable[PackedCard]) -> PackedNote:
    row_id, guid, type_id, changed, tags, fields = row
    note_type = _type_of(guid, type_id, types)
    return PackedNote(
        guid=guid,
        note_type=note_type.name,
        fields=_named_fields(guid, note_type, fields),
        tags=tuple(sorted(tags.split())),
        changed=int(changed),
        row_id=row_id,
        cards=tuple(sorted(cards)),
        type_id=note_type.id,
    )


class _Extra(msgspec.Struct):
    """What Anki keeps of a card as JSON, as far as it is read."""

    pos: int | None = None


def _place_kept(extra: Any) -> int | None:
    """Return the place that a card had when it was new, which today's Anki keeps as JSON: `{"pos": 7}`."""
    if not isinstance(extra, str) or '"pos"' not in extra:
        return None
    try:
        return msgspec.json.decode(extra, type=_Extra).pos
    except msgspec.MsgspecError:
        # The order alone hangs on it: a deck of another program may have anything there.
        return None


_Decks = Mapping[int, tuple[str, str]]
"""Names and descriptions by id."""


def _type_of(guid: str, note_type: int, note_types: Mapping[int, PackedType]) -> PackedType:
    if note_type not in note_types:
        raise ValueError(f"the note type of the note {guid} is missing")
    return note_types[note_type]


def _named_fields(guid: str, note_type: PackedType, fields: str) -> Mapping[str, str]:
    values = fields.split(_FIELD_SEPARATOR)
    if len(values) != len(note_type.fields):
        raise ValueError(f"the note {guid} has {len(values)} fields, its note type {len(note_type.fields)}")
    return dict(zip(note_type.fields, values, strict=True))


def _from_json(connection: sqlite3.Connection) -> tuple[list[PackedType], _Decks]:
    models, decks = (json.loads(text) for text in connection.execute("SELECT models, decks FROM col").fetchone())
    types = [_type_of_json(int(model_id), model) for model_id, model in models.items()]
    return types, {int(deck_id): (str(deck["name"]), str(deck.get("desc", ""))) for deck_id, deck in decks.items()}


def _type_of_json(model_id: int, model: Mapping[str, Any]) -> PackedType:
    fields = sorted(model["flds"], key=lambda field: field["ord"])
    templates = sorted(model["tmpls"], key=lambda template: template["ord"])
    return PackedType(
        id=model_id,
        name=str(model["name"]),
        fields=tuple(str(field["name"]) for field in fields),
        templates=tuple(PackedTemplate(*(str(side[part]) for part in ("name", "qfmt", "afmt"))) for side in templates),
        style=str(model["css"]),
        changed=int(model["mod"]),
    )


def _types_in_tables(connection: sqlite3.Connection) -> list[PackedType]:
    fields, templates = defaultdict(list), defaultdict(list)
    for note_type, name in connection.execute("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
        fields[note_type].append(name)
    for note_type, name, config in connection.execute("SELECT ntid, name, config FROM templates ORDER BY ntid, ord"):
        templates[note_type].append(PackedTemplate(name, _text(config, 1), _text(config, 2)))
    return [
        PackedType(type_id, name, tuple(fields[type_id]), tuple(templates[type_id]), _text(config, 3), changed)
        for type_id, name, changed, config in connection.execute("SELECT id, name, mtime_secs, config FROM notetypes")
    ]


def _decks_in_tables(connection: sqlite3.Connection) -> _Decks:
    return {
        deck_id: (name.replace(_DECK_SEPARATOR, "::"), _text(bytes_field(kind, 1), 4))
        for deck_id, name, kind in connection.execute("SELECT id, name, kind FROM decks")
    }


def _text(message: bytes, number: int) -> str:
    return bytes_field(message, number).decode("utf-8")
