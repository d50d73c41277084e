"""Add prepared notes to a collection of Anki itself and export it as a package.

python write_anki.py COLLECTION COUNT OUT.apkg
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from anki.collection import AddNoteRequest, Collection, ExportAnkiPackageOptions
from anki.decks import DeckId
from anki.models import NotetypeId
from prepared import Prepared, read, reported_seconds

FIELD_ENDS = "\x1f"


def requests_of(collection: Collection, rows: Prepared) -> list[AddNoteRequest]:
    """Return all notes as Anki takes them, and make their note types and decks."""
    note_types = {int(old): note_type(collection, settings) for old, settings in rows.models.items()}
    decks = {int(old): DeckId(collection.decks.id(deck["name"]) or 1) for old, deck in rows.decks.items()}
    of_note = rows.decks_by_note
    requests = []
    for note_id, guid, model_id, _mod, _usn, tags, fields, *_rest in rows.notes:
        note = collection.new_note(note_types[model_id])
        note.guid, note.fields, note.tags = guid, fields.split(FIELD_ENDS), tags.split()
        requests.append(AddNoteRequest(note, decks[of_note.get(note_id, next(iter(decks)))]))
    return requests


def note_type(collection: Collection, settings: dict[str, Any]) -> dict[str, Any]:
    """Add a note type to a collection and return it as the collection has it."""
    added = collection.models.add_dict({**settings, "id": 0})
    made: dict[str, Any] | None = collection.models.get(NotetypeId(added.id))
    assert made
    return made


if __name__ == "__main__":
    prepared = read(sys.argv[1], int(sys.argv[2]))
    with tempfile.TemporaryDirectory() as folder:
        own = Collection(str(Path(folder) / "collection.anki2"))
        asked = requests_of(own, prepared)
        with reported_seconds(notes=len(prepared.notes)):
            own.add_notes(asked)
            own.export_anki_package(out_path=sys.argv[3], options=ExportAnkiPackageOptions(), limit=None)
        own.close()
