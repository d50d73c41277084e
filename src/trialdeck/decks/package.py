"""Write packages, through genanki; the one module that imports it.

What genanki would do otherwise is decided here: which cards a note has, every id and time stamp (from the ledger, so
that the same notes give the same bytes), and the zip file (deflated, without times of the day). See
`trialdeck.cards.notetypes` for why the ids of fields and templates are written.
"""

import io
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from typing import Any

import genanki

from trialdeck.cards.notetypes import Kind, NoteType, note_type
from trialdeck.decks.arrange import Deck, Package
from trialdeck.decks.ledger import Ledger
from trialdeck.decks.row_ids import RowIds

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_ANKI_KINDS = {Kind.QUESTION: 0, Kind.TRIAL: 0, Kind.CLOZE: 1}


def package_bytes(package: Package, ids: Mapping[str, RowIds], ledger: Ledger) -> bytes:
    """Return the .apkg file of a package; `ledger` has the time stamps of all of its notes and note types."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("collection.anki2", _collection(package, ids, ledger)), ("media", b"{}")):
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED, 6)
    return buffer.getvalue()


def _collection(package: Package, ids: Mapping[str, RowIds], ledger: Ledger) -> bytes:
    """Return the SQLite database of a package, in the schema (11) that every Anki reads."""
    models = {kind: _model(note_type(kind), ledger.note_type(note_type(kind)).changed) for kind in Kind}
    decks = [_deck(deck, models, ledger) for deck in package.decks]
    _number(decks)
    newest = max(model.changed for model in models.values())
    newest = max(newest, *(note.changed for deck in decks for note in deck.notes))
    with closing(sqlite3.connect(":memory:")) as connection:
        genanki.Package(decks).write_to_db(connection.cursor(), newest, _rows(package, ids))
        connection.execute("UPDATE col SET mod = ?, scm = ?", (newest * 1000, newest * 1000))
        connection.commit()
        connection.execute("VACUUM")
        return connection.serialize()


def _rows(package: Package, ids: Mapping[str, RowIds]) -> Iterator[int]:
    """Yield row ids in the order in which genanki asks for them: a note, then its cards."""
    for note in package.notes:
        yield ids[note.key].note
        yield from ids[note.key].cards


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


def _deck(deck: Deck, models: Mapping[Kind, _Model], ledger: Ledger) -> Any:
    made = genanki.Deck(_deck_id(deck.name), deck.name)
    for note in deck.notes:
        row = _Note(models[note.kind], list(note.fields), guid=note.guid, tags=list(note.tags))
        row.cards = [genanki.Card(ordinal) for ordinal in note.cards]
        row.changed = ledger.note(note).changed
        made.add_note(row)
    return made


def _number(decks: Iterable[Any]) -> None:
    """Number the new cards through the package, so that they are learned in the order of the records."""
    for due, note in enumerate((note for deck in decks for note in deck.notes), start=1):
        note.due = due


def _deck_id(name: str) -> int:
    """Return a stable id; Anki matches decks by name and gives them ids of its own."""
    return 1 << 40 | int.from_bytes(sha256(name.encode()).digest()[:4])
