"""Write packages, through genanki; the one module that imports it.

What genanki would do otherwise is decided here: which cards a note has, every id and time stamp (from the ledger, so
that the same notes give the same bytes), and the zip file (deflated, without times of the day). See
`trialdeck.cards.notetypes` for why the ids of fields and templates are written.
"""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from typing import Any

import genanki

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, NoteType, note_type
from trialdeck.cards.tags import edition_tag
from trialdeck.decks.arrange import Package
from trialdeck.decks.ledger import Ledger
from trialdeck.decks.row_ids import RowIds

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# All other media are compressed already.
_DEFLATED = ".svg"
_ANKI_KINDS = {Kind.QUESTION: 0, Kind.TRIAL: 0, Kind.CLOZE: 1}


def package_bytes(package: Package, ids: Mapping[str, RowIds], ledger: Ledger) -> bytes:
    """Return the .apkg file of a package; `ledger` has the time stamps of all of its notes and note types."""
    buffer = io.BytesIO()
    names = {str(number): media.name for number, media in enumerate(package.media)}
    with zipfile.ZipFile(buffer, "w") as archive:
        _pack(archive, "collection.anki2", _collection(package, ids, ledger))
        _pack(archive, "media", json.dumps(names).encode())
        for number, media in enumerate(package.media):
            _pack(archive, str(number), media.content, deflated=media.name.endswith(_DEFLATED))
    return buffer.getvalue()


def _pack(archive: zipfile.ZipFile, name: str, content: bytes, *, deflated: bool = True) -> None:
    member = zipfile.ZipInfo(name, _ZIP_TIME)
    member.external_attr = 0o644 << 16
    archive.writestr(member, content, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED, 6)


def _collection(package: Package, ids: Mapping[str, RowIds], ledger: Ledger) -> bytes:
    """Return the SQLite database of a package, in the schema (11) that every Anki reads."""
    models = {kind: _model(note_type(kind), ledger.note_type(note_type(kind)).changed) for kind in Kind}
    decks = _decks(package, models, ledger)
    rows = [row for deck in decks for row in deck.notes]
    newest = max(each.changed for each in (*models.values(), *rows))
    with closing(sqlite3.connect(":memory:")) as connection:
        genanki.Package(decks).write_to_db(connection.cursor(), newest, _row_ids(rows, ids))
        connection.execute("UPDATE col SET mod = ?, scm = ?", (newest * 1000, newest * 1000))
        connection.commit()
        connection.execute("VACUUM")
        return connection.serialize()


def _row_ids(rows: Iterable["_Note"], ids: Mapping[str, RowIds]) -> Iterator[int]:
    """Yield row ids in the order in which genanki asks for them: a note, then its cards."""
    for row in rows:
        yield ids[row.guid].note
        yield from ids[row.guid].cards


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type with a time stamp of its own, and with its required fields stated: genanki would guess them wrong."""

    _req: Any = None
    changed: int = 0

    def to_json(self, timestamp: float, deck_id: int) -> Any:  # noqa: ARG002 - genanki's signature
        return super().to_json(self.changed, deck_id)


class _Note(genanki.Note):  # type: ignore[misc]
    """A note with a time stamp of its own: Anki updates a learner's note only where the stamp is newer."""

    changed: int = 0

    def write_to_db(self, cursor: Any, timestamp: float, deck_id: int, id_gen: Iterator[int]) -> None:  # noqa: ARG002
        super().write_to_db(cursor, self.changed, deck_id, id_gen)


def _model(kind: NoteType, changed: int) -> _Model:
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
    model.changed = changed
    return model


def _decks(package: Package, models: Mapping[Kind, _Model], ledger: Ledger) -> list[Any]:
    """Return the decks with their notes; every one of them has the description, because Anki skips an empty deck."""
    made = []
    # New cards are numbered through the package, so that they are learned in its order.
    due = {each.note.guid: place for place, each in enumerate(package.placed, start=1)}
    for name, notes in package.decks.items():
        deck = genanki.Deck(_deck_id(name), name, package.description)
        for note in notes:
            deck.add_note(_row(note, models, ledger, due[note.guid]))
        made.append(deck)
    # Tombstones have no cards and so no deck in Anki; genanki has them in one.
    made = made or [genanki.Deck(_deck_id(package.title), package.title, package.description)]
    for stone in package.tombstones:
        made[0].add_note(_row(stone, models, ledger, 0))
    return made


def _row(note: Note, models: Mapping[Kind, _Model], ledger: Ledger, due: int) -> _Note:
    line = ledger.note(note)
    tags = [*note.tags, edition_tag(line.edition)] if line.edition else note.tags
    row = _Note(models[note.kind], list(note.fields), guid=note.guid, tags=sorted(tags), due=due)
    row.cards = [genanki.Card(ordinal) for ordinal in note.cards]
    row.changed = line.changed
    return row


def _deck_id(name: str) -> int:
    """Return a stable id; Anki matches decks by name and gives them ids of its own."""
    return 1 << 40 | int.from_bytes(sha256(name.encode()).digest()[:4])
