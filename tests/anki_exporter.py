"""Do in a real Anki what an author who works in Anki does, and export packages in each of its formats.

A script of its own, so that Anki's global state stays out of the tests. Standard input has a JSON list of steps, each
an object with one name and its value:

    [{"import": "PATH.apkg"},
     {"add": {"guid": "…", "type": "Basic", "deck": "A::B", "fields": ["…", "…"], "tags": ["…"]}},
     {"set_field": {"guid": "…", "name": "Back", "value": "…"}},
     {"add_tag": {"guid": "…", "tag": "…"}},
     {"move": {"guid": "…", "deck": "A::C"}},
     {"study_filtered": "SEARCH"},                                  put what is found into a filtered deck
     {"describe": {"deck": "A::B", "text": "…"}},                   a description for a deck
     {"retype": {"type": "Basic", "style": "…", "front": "…"}},     style and first template of a note type
     {"export": {"path": "PATH.apkg", "legacy": true, "scheduling": false}},
     {"export_collection": {"path": "PATH.colpkg", "legacy": true}}]
"""

import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import anki.lang
from anki.collection import (
    Collection,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)


def do(col: Any, step: dict[str, Any]) -> None:
    match step:
        case {"import": path}:
            col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=ImportAnkiPackageOptions()))
        case {"add": {"guid": guid, "type": name, "deck": deck, "fields": fields, "tags": tags}}:
            note = col.new_note(col.models.by_name(name))
            note.guid, note.fields, note.tags = guid, fields, tags
            col.add_note(note, col.decks.id(deck))
        case {"set_field": {"guid": guid, "name": name, "value": value}}:
            note = note_of(col, guid)
            note[name] = value
            col.update_note(note)
        case {"add_tag": {"guid": guid, "tag": tag}}:
            note = note_of(col, guid)
            note.add_tag(tag)
            col.update_note(note)
        case {"move": {"guid": guid, "deck": deck}}:
            col.set_deck(note_of(col, guid).card_ids(), col.decks.id(deck))
        case {"study_filtered": search}:
            deck = col.sched.get_or_create_filtered_deck(deck_id=0)
            deck.config.search_terms[0].search = search
            col.sched.add_or_update_filtered_deck(deck)
        case {"describe": {"deck": name, "text": text}}:
            deck = col.decks.by_name(name)
            deck["desc"] = text
            col.decks.save(deck)
        case {"retype": {"type": name, "style": style, "front": front}}:
            notetype = col.models.by_name(name)
            notetype["css"], notetype["tmpls"][0]["qfmt"] = style, front
            col.models.update_dict(notetype)
        case {"export": {"path": path, "legacy": legacy, "scheduling": scheduling}}:
            options = ExportAnkiPackageOptions(with_scheduling=scheduling, with_media=True, legacy=legacy)
            col.export_anki_package(out_path=path, options=options, limit=None)
        case {"export_collection": {"path": path, "legacy": legacy}}:
            col.export_collection_package(path, True, legacy)
            col.reopen()
        case _:
            raise ValueError(f"unknown step: {step}")


def note_of(col: Any, guid: str) -> Any:
    return col.get_note(col.db.scalar("select id from notes where guid = ?", guid))


if __name__ == "__main__":
    # Anki prints warnings of its own to standard output.
    with contextlib.redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
        anki.lang.set_lang("en_US")
        collection = Collection(str(Path(folder) / "collection.anki2"))
        for each in json.load(sys.stdin):
            do(collection, each)
        collection.close()
