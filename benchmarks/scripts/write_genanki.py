"""Write prepared notes with genanki, whose packages are stored, not deflated.

python write_genanki.py COLLECTION COUNT OUT.apkg
"""

import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import genanki
from prepared import Prepared, read, reported_seconds

FIELD_ENDS = "\x1f"


class Note(genanki.Note):  # type: ignore[misc]
    """A note that knows its deck."""

    deck: int = 0

    def write_to_db(self, cursor: Any, timestamp: float, deck_id: int, id_gen: Any) -> None:  # noqa: ARG002
        """Write the note and its cards into its own deck."""
        super().write_to_db(cursor, timestamp, self.deck, id_gen)


class Decks(genanki.Deck):  # type: ignore[misc]
    """All decks at once: for each deck genanki writes the list of all decks anew, for thousands that takes minutes."""

    described: Mapping[str, Any] = {}

    def write_to_db(self, cursor: Any, timestamp: float, id_gen: Any) -> None:
        """Write all notes, and then all decks."""
        super().write_to_db(cursor, timestamp, id_gen)
        cursor.execute("UPDATE col SET decks = ?", [json.dumps(self.described)])


def decks_of(rows: Prepared) -> Decks:
    """Return the decks with all notes, as genanki wants them before it writes."""
    models = {int(model_id): model(int(model_id), settings) for model_id, settings in rows.models.items()}
    every = Decks(1, "Default")
    every.described = {
        name: genanki.Deck(int(name), deck["name"], deck["desc"]).to_json() for name, deck in rows.decks.items()
    }
    of_note = rows.decks_by_note
    for note_id, guid, model_id, _mod, _usn, tags, fields, *_rest in rows.notes:
        note = Note(models[model_id], fields.split(FIELD_ENDS), guid=guid, tags=tags.split())
        note.deck = of_note.get(note_id, 1)
        every.add_note(note)
    return every


class Model(genanki.Model):  # type: ignore[misc]
    """A note type that says which fields give a card: what genanki guesses of these templates would leave most out."""

    _req: Any = None


def model(model_id: int, settings: dict[str, Any]) -> Model:
    """Return one of Anki's note types as genanki's."""
    made = Model(
        model_id,
        settings["name"],
        fields=[{"name": field["name"]} for field in settings["flds"]],
        templates=[{name: template[name] for name in ("name", "qfmt", "afmt")} for template in settings["tmpls"]],
        css=settings["css"],
        model_type=settings["type"],
    )
    made._req = settings["req"]
    return made


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # on fields that it takes for broken HTML
    prepared = read(sys.argv[1], int(sys.argv[2]))
    package = genanki.Package(decks_of(prepared))
    with reported_seconds(notes=len(prepared.notes)):
        package.write_to_file(sys.argv[3])
