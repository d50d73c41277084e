"""Do in a real Anki what a learner does, and report what the collection holds then.

A script of its own: it runs in the environment of any Anki release from 2.1.49 on, and knows nothing of trialdeck.
Standard input has a plan, a JSON list of steps that are done in order in one new collection:

    [{"import": "PATH.apkg"},                                          default options, this release's importer
     {"import": "PATH.apkg", "importer": "legacy"},                    the importer of old, where a release has two
     {"answer": 5},                                                    study five new cards: Good, Easy, Good, …
     {"set_field": {"guid": "…", "name": "Retired", "value": "…"}},    edit a note, as the learner would
     {"delete_empty_cards": true},                                     Tools → Empty Cards → Delete
     {"report": true}]                                                 what the collection holds now

Standard output has one JSON document: {"anki": the release, "steps": what each step gave}.
"""

import contextlib
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

# In some releases anki.collection cannot be the first module of Anki that is imported.
import anki.lang
from anki.collection import Collection

Json = dict[str, Any]


def work(plan: list[Json]) -> list[Any]:
    """Do every step in a new collection and return what each gave."""
    with tempfile.TemporaryDirectory() as folder:
        # Old releases share one temporary folder, and each of them deletes it when it ends.
        tempfile.tempdir = folder
        col = Collection(str(Path(folder) / "collection.anki2"))
        try:
            return [_step(col, **step) for step in plan]
        finally:
            col.close()


def _step(col: Any, **step: Any) -> Any:
    match step:
        case {"import": path, **options}:
            return _import(col, path, **options)
        case {"answer": count}:
            return _answer(col, count)
        case {"set_field": {"guid": guid, "name": name, "value": value}}:
            return _set_field(col, guid, name, value)
        case {"delete_empty_cards": _}:
            return _delete_empty_cards(col)
        case {"report": _}:
            return _report(col)
    raise ValueError(f"unknown step: {step}")


def _import(col: Any, path: str, importer: str = "") -> Json:
    """Import a package and return how many notes were new, updated, duplicate and conflicting."""
    if importer == "legacy" or not hasattr(col, "import_anki_package"):
        return _import_legacy(col, path)
    log = _import_modern(col, path).log
    return {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate", "conflicting")}


def _import_modern(col: Any, path: str) -> Any:
    try:
        from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest
    except ImportError:  # before 23.10 there are no options
        return col.import_anki_package(path)
    request = ImportAnkiPackageRequest(package_path=path, options=ImportAnkiPackageOptions())
    return col.import_anki_package(request)


def _import_legacy(col: Any, path: str) -> Json:
    from anki.importing.apkg import AnkiPackageImporter

    importer = AnkiPackageImporter(col, path)
    importer.run()
    return {
        "new": importer.added,
        "updated": importer.updated,
        "duplicate": importer.dupes,
        "conflicting": len(importer._ignoredGuids),
    }


def _answer(col: Any, count: int) -> list[list[Any]]:
    """Study the first new cards and return which: guid and ordinal."""
    first = "select c.id, n.guid, c.ord from cards c join notes n on n.id = c.nid where c.type = 0 order by c.due, c.id"
    studied = col.db.all(f"{first} limit ?", count)
    if hasattr(col.sched, "reset"):  # the schedulers of old keep queues, which are to be filled first
        col.sched.reset()
    for place, (card_id, _, _) in enumerate(studied):
        card = col.get_card(card_id)
        card.start_timer()
        easy = col.sched.answerButtons(card)
        col.sched.answerCard(card, easy if place % 2 else easy - 1)
    return [[guid, ordinal] for _, guid, ordinal in studied]


def _set_field(col: Any, guid: str, name: str, value: str) -> None:
    note = col.get_note(col.db.scalar("select id from notes where guid = ?", guid))
    note[name] = value
    col.update_note(note)


def _delete_empty_cards(col: Any) -> int:
    """Delete what Anki calls empty, as its dialog does, and return how many cards that were."""
    cards = [card for note in col.get_empty_cards().notes for card in note.card_ids]
    col.remove_cards_and_orphaned_notes(cards)
    return len(cards)


def _report(col: Any) -> Json:
    # Check Database comes last: it may repair what the others are to show.
    report = {
        "notetypes": [_notetype(each) for each in col.models.all()],
        "notes": [_note(col, *row) for row in col.db.all("select guid, mid, mod, tags, flds from notes order by id")],
        "cards": [_card(col, *row) for row in col.db.all(_CARDS)],
        "empty": _empty(col),
    }
    message, ok = col.fix_integrity()
    return report | {"database": {"ok": ok, "message": message}}


_CARDS = """select n.guid, c.id, c.ord, c.did, c.type, c.queue, c.due, c.ivl, c.factor, c.reps, c.lapses, c.left
            from cards c left join notes n on n.id = c.nid order by c.id"""


def _notetype(notetype: Json) -> Json:
    return {
        "name": notetype["name"],
        "id": notetype["id"],
        "fields": [[field["name"], field.get("id")] for field in notetype["flds"]],
        "templates": [[template["name"], template.get("id")] for template in notetype["tmpls"]],
    }


def _note(col: Any, guid: str, notetype: int, mod: int, tags: str, fields: str) -> Json:
    model = col.models.get(notetype)
    values = dict(zip((field["name"] for field in model["flds"]), fields.split("\x1f"), strict=True))
    return {"guid": guid, "notetype": model["name"], "mod": mod, "tags": tags.split(), "fields": values}


def _card(col: Any, guid: str | None, card_id: int, ordinal: int, deck: int, *schedule: int) -> Json:
    shown = col.get_card(card_id).render_output()
    names = ("type", "queue", "due", "interval", "ease", "reps", "lapses", "left")
    return {
        "guid": guid,
        "ordinal": ordinal,
        "deck": col.decks.name(deck),
        "schedule": dict(zip(names, schedule, strict=True)),
        "question": shown.question_text,
        "answer": shown.answer_text,
    }


def _empty(col: Any) -> list[Json]:
    """Return the notes of Anki's empty-cards report, with the ordinals of the cards that it would delete."""
    return [
        {
            "guid": col.db.scalar("select guid from notes where id = ?", note.note_id),
            "ordinals": sorted(col.get_card(card).ord for card in note.card_ids),
            "whole_note": note.will_delete_note,
        }
        for note in col.get_empty_cards().notes
    ]


if __name__ == "__main__":
    # Anki prints warnings of its own to standard output.
    with contextlib.redirect_stdout(sys.stderr):
        anki.lang.set_lang("en_US")
        steps = work(json.load(sys.stdin))
    json.dump({"anki": version("anki"), "steps": steps}, sys.stdout)
