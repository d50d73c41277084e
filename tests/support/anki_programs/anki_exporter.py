"""Do in a real Anki what an author who works in Anki does, and export packages in each of its formats.

A script of its own, so that Anki's global state stays out of the tests. Standard input has a JSON list of steps, each
an object with one name and its value:

    [{"import": "PATH.apkg"},
     {"add": {"guid": "…", "type": "Basic", "deck": "A::B", "fields": ["…", "…"], "tags": ["…"]}},
     {"set_field": {"guid": "…", "name": "Back", "value": "…"}},
     {"add_tag": {"guid": "…", "tag": "…"}},
     {"delete": "GUID"},
     {"move": {"guid": "…", "deck": "A::C"}},
     {"study_filtered": "SEARCH"},                                  put what is found into a filtered deck
     {"describe": {"deck": "A::B", "text": "…"}},                   a description for a deck
     {"retype": {"type": "Basic", "style": "…", "front": "…"}},     style and first template of a note type
     {"rename": {"type": "Basic", "name": "…", "field": "Front", "to": "…"}},   a note type, and one of its fields
     {"change_type": {"guid": "…", "type": "Basic"}},
     {"export": {"path": "PATH.apkg", "legacy": true, "scheduling": false}},
     {"export_collection": {"path": "PATH.colpkg", "legacy": true}}]
"""

import contextlib
import json
import sys
import tempfile
from collections.abc import Callable
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
    ((name, value),) = step.items()
    STEPS[name](col, value)


def import_package(col: Any, path: str) -> None:
    col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=ImportAnkiPackageOptions()))


def add(col: Any, new: dict[str, Any]) -> None:
    note = col.new_note(col.models.by_name(new["type"]))
    note.guid, note.fields, note.tags = new["guid"], new["fields"], new["tags"]
    col.add_note(note, col.decks.id(new["deck"]))


def set_field(col: Any, edit: dict[str, str]) -> None:
    note = note_of(col, edit["guid"])
    note[edit["name"]] = edit["value"]
    col.update_note(note)


def delete(col: Any, guid: str) -> None:
    col.remove_notes([note_of(col, guid).id])


def add_tag(col: Any, edit: dict[str, str]) -> None:
    note = note_of(col, edit["guid"])
    note.add_tag(edit["tag"])
    col.update_note(note)


def move(col: Any, edit: dict[str, str]) -> None:
    col.set_deck(note_of(col, edit["guid"]).card_ids(), col.decks.id(edit["deck"]))


def study_filtered(col: Any, search: str) -> None:
    deck = col.sched.get_or_create_filtered_deck(deck_id=0)
    deck.config.search_terms[0].search = search
    col.sched.add_or_update_filtered_deck(deck)


def describe(col: Any, edit: dict[str, str]) -> None:
    deck = col.decks.by_name(edit["deck"])
    deck["desc"] = edit["text"]
    col.decks.save(deck)


def retype(col: Any, edit: dict[str, str]) -> None:
    notetype = col.models.by_name(edit["type"])
    notetype["css"], notetype["tmpls"][0]["qfmt"] = edit["style"], edit["front"]
    col.models.update_dict(notetype)


def rename(col: Any, edit: dict[str, str]) -> None:
    notetype = col.models.by_name(edit["type"])
    notetype["name"] = edit["name"]
    next(field for field in notetype["flds"] if field["name"] == edit["field"])["name"] = edit["to"]
    col.models.update_dict(notetype)


def change_type(col: Any, edit: dict[str, str]) -> None:
    note = note_of(col, edit["guid"])
    wanted = col.models.by_name(edit["type"])["id"]
    change = col.models.change_notetype_info(old_notetype_id=note.mid, new_notetype_id=wanted).input
    change.note_ids.append(note.id)
    col.models.change_notetype_of_notes(change)


def export(col: Any, asked: dict[str, Any]) -> None:
    options = ExportAnkiPackageOptions(with_scheduling=asked["scheduling"], with_media=True, legacy=asked["legacy"])
    col.export_anki_package(out_path=asked["path"], options=options, limit=None)


def export_collection(col: Any, asked: dict[str, Any]) -> None:
    col.export_collection_package(asked["path"], True, asked["legacy"])
    col.reopen()


STEPS: dict[str, Callable[[Any, Any], None]] = {
    "import": import_package,
    "add": add,
    "set_field": set_field,
    "add_tag": add_tag,
    "delete": delete,
    "move": move,
    "study_filtered": study_filtered,
    "describe": describe,
    "retype": retype,
    "rename": rename,
    "change_type": change_type,
    "export": export,
    "export_collection": export_collection,
}


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
