"""Write packages, through genanki; the one module that imports it.

What genanki would do otherwise is decided here: which cards a note has, every id and time stamp (so that the same notes
give the same bytes), and the zip file (deflated, without times of the day). See `trialdeck.cards.notetypes` for why the
ids of fields and templates are written.
"""

import io
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import genanki

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, NoteType, note_type
from trialdeck.decks.arrange import Deck, Package

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_ANKI_KINDS = {Kind.QUESTION: 0, Kind.TRIAL: 0, Kind.CLOZE: 1}


@dataclass(frozen=True, slots=True)
class RowIds:
    """The ids of a note's row and of its cards' rows, in milliseconds of Unix time as Anki has them."""

    note: int
    cards: tuple[int, ...]


def assign_ids(notes: Iterable[Note], built_at: int) -> Mapping[str, RowIds]:
    """Return the row ids of all notes of a build, by key: the same note has the same ids in every package.

    They count up to the build time (seconds), never past it: Anki 2.1.54 rejects ids that lie in the future.
    """
    unique = sorted({note.key: note for note in notes}.items())
    number = built_at * 1000 - sum(1 + len(note.cards) for _, note in unique)
    ids = {}
    for key, note in unique:
        ids[key] = RowIds(number, tuple(range(number + 1, number + 1 + len(note.cards))))
        number += 1 + len(note.cards)
    return ids


def package_bytes(package: Package, ids: Mapping[str, RowIds], built_at: int) -> bytes:
    """Return the .apkg file of a package; `built_at` is the build time in seconds of Unix time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("collection.anki2", _collection(package, ids, built_at)), ("media", b"{}")):
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED, 6)
    return buffer.getvalue()


def _collection(package: Package, ids: Mapping[str, RowIds], built_at: int) -> bytes:
    """Return the SQLite database of a package, in the schema (11) that every Anki reads."""
    models = {kind: _model(note_type(kind)) for kind in Kind}
    decks = [_deck(deck, models) for deck in package.decks]
    _number(decks)
    rows = _rows(package, ids)
    with closing(sqlite3.connect(":memory:")) as connection:
        genanki.Package(decks).write_to_db(connection.cursor(), built_at, rows)
        connection.execute("UPDATE col SET mod = ?, scm = ?", (built_at * 1000, built_at * 1000))
        connection.commit()
        connection.execute("VACUUM")
        return connection.serialize()


def _rows(package: Package, ids: Mapping[str, RowIds]) -> Iterator[int]:
    """Yield row ids in the order in which genanki asks for them: a note, then its cards."""
    for note in package.notes:
        yield ids[note.key].note
        yield from ids[note.key].cards


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type whose required fields are stated; genanki would guess them from the templates, and guess wrong."""

    _req: Any = None


def _model(kind: NoteType) -> _Model:
    model = _Model(
        kind.id,
        kind.name,
        fields=[{"name": field.name, "id": field.id} for field in kind.fields],
        templates=[
            {"name": template.name, "id": template.id, "qfmt": template.front, "afmt": template.back}
            for template in kind.templates
        ],
        css=kind.style,
        model_type=_ANKI_KINDS[kind.kind],
    )
    model._req = [[place, "any", [kind.field_names.index(each.needs)]] for place, each in enumerate(kind.templates)]
    return model


def _deck(deck: Deck, models: Mapping[Kind, _Model]) -> Any:
    made = genanki.Deck(_deck_id(deck.name), deck.name)
    for note in deck.notes:
        row = genanki.Note(models[note.kind], list(note.fields), guid=note.guid, tags=list(note.tags))
        row.cards = [genanki.Card(ordinal) for ordinal in note.cards]
        made.add_note(row)
    return made


def _number(decks: Iterable[Any]) -> None:
    """Number the new cards through the package, so that they are learned in the order of the records."""
    for due, note in enumerate((note for deck in decks for note in deck.notes), start=1):
        note.due = due


def _deck_id(name: str) -> int:
    """Return a stable id; Anki matches decks by name and gives them ids of its own."""
    return 1 << 40 | int.from_bytes(sha256(name.encode()).digest()[:4])
