"""Do in a real Anki what a learner does, and report what the collection holds then.

A script of its own: it runs in the environment of any Anki release from 2.1.49 on, and knows nothing of trialdeck.
Standard input has a plan, a JSON list of steps that are done in order, the first of them in a new collection:

    [{"import": "PATH.apkg"},                                          default options, this release's importer
     {"import": "PATH.apkg", "importer": "legacy"},                    the importer of old, where a release has two
     {"answer": 5},                                                    study five new cards: Good, Easy, Good, …
     {"answer": 5, "of": ["GUID", …]},                                 the same, new cards of these notes only
     {"forget": 2},                                                    review two cards of those: Again
     {"set_field": {"guid": "…", "name": "Retired", "value": "…"}},    edit a note, as the learner would
     {"set_fields": {"name": "Extra", "value": "…"}},                  edit every note in this way
     {"add_tag": {"guid": "…", "tag": "…"}},                           give a note a tag of the learner's own
     {"delete_empty_cards": true},                                     Tools → Empty Cards → Delete
     {"turn_back": 1700000000},                                        as if no change had been made after that
     {"keep": "NAME"},                                                 put a copy of the collection aside
     {"go_back": "NAME"},                                              go on from that copy; of no name: from nothing
     {"media": true},                                                  the files beside the collection, and Check Media
     {"decks": true},                                                  its decks: cards and description
     {"search": "tag:x deck:current", "in": "DECK"},                   the Keys of the notes that a search finds there
     {"notes": true},                                                  the notes that the collection holds now
     {"report": false},                                                all that it holds now
     {"report": true}]                                                 the same, with rendered cards

Standard output has one JSON document: {"anki": the release, "steps": what each step gave}.
"""

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
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
        shelf = _Shelf(Path(folder))
        try:
            return [_result(shelf, step) for step in plan]
        finally:
            shelf.col.close()


class _Shelf:
    """The open collection, and copies of it that were put aside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.col: Any = None
        self.go_back("")

    def keep(self, name: str) -> None:
        """Put a copy aside; the collection is closed meanwhile, so that its file is whole."""
        self.col.close()
        shutil.copy(self.col.path, self.folder / f"{name}.kept")
        self.col = Collection(self.col.path)

    def go_back(self, name: str) -> None:
        """Go on from a copy, or from a new collection if no name is given."""
        if self.col:
            self.col.close()
        collection = Path(tempfile.mkdtemp(dir=self.folder)) / "collection.anki2"
        if name:
            shutil.copy(self.folder / f"{name}.kept", collection)
        self.col = Collection(str(collection))

    def turn_back(self, seconds: int) -> None:
        """Give what was changed later than this the time stamps that it would have, had it been changed then."""
        for table, column in (("notes", "mod"), ("notetypes", "mtime_secs")):
            self.col.db.execute(f"update {table} set {column} = ? where {column} > ?", seconds, seconds)
        # Anki reads the stamps of note types when it opens a collection.
        self.col.close()
        self.col = Collection(self.col.path)


def _result(shelf: _Shelf, step: Json) -> Any:
    (name, value), *options = step.items()
    match name:
        case "keep":
            return shelf.keep(value)
        case "go_back":
            return shelf.go_back(value)
        case "turn_back":
            return shelf.turn_back(value)
    return _STEPS[name](shelf.col, value, **dict(options))


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


def _answer(col: Any, count: int, of: Sequence[str] = ()) -> list[list[Any]]:
    """Study the first new cards, of all notes or of some, and return which: guid and ordinal."""
    new = "select c.id, n.guid, c.ord from cards c join notes n on n.id = c.nid where c.type = 0 order by c.due, c.id"
    studied = [row for row in col.db.all(new) if not of or row[1] in of][:count]
    _fill_queues(col)
    for place, (card_id, _, _) in enumerate(studied):
        card = col.get_card(card_id)
        card.start_timer()
        easy = col.sched.answerButtons(card)
        col.sched.answerCard(card, easy if place % 2 else easy - 1)
    return [[guid, ordinal] for _, guid, ordinal in studied]


def _forget(col: Any, count: int) -> None:
    """Review the first cards that have passed learning, and know none of them."""
    _fill_queues(col)
    for card_id in col.db.list("select id from cards where type = 2 order by id limit ?", count):
        card = col.get_card(card_id)
        card.start_timer()
        col.sched.answerCard(card, 1)


def _fill_queues(col: Any) -> None:
    if hasattr(col.sched, "reset"):  # the schedulers of old keep queues, which are to be filled first
        col.sched.reset()


def _set_field(col: Any, edit: Json) -> None:
    note = _note_of(col, edit["guid"])
    note[edit["name"]] = edit["value"]
    col.update_note(note)


def _set_fields(col: Any, edit: Json) -> None:
    for guid in col.db.list("select guid from notes order by id"):
        _set_field(col, edit | {"guid": guid})


def _add_tag(col: Any, edit: Json) -> None:
    note = _note_of(col, edit["guid"])
    note.tags.append(edit["tag"])
    col.update_note(note)


def _note_of(col: Any, guid: str) -> Any:
    return col.get_note(col.db.scalar("select id from notes where guid = ?", guid))


def _delete_empty_cards(col: Any, _: bool) -> int:
    """Delete what Anki calls empty, as its dialog does, and return how many cards that were."""
    cards = [card for note in col.get_empty_cards().notes for card in note.card_ids]
    col.remove_cards_and_orphaned_notes(cards)
    return len(cards)


def _report(col: Any, is_rendered: bool) -> Json:
    # Check Database comes last: it may repair what the others are to show.
    report = {
        "notetypes": [_notetype(each) for each in col.models.all()],
        "notes": _notes(col, True),
        "cards": [_card(col, is_rendered, *row) for row in col.db.all(_CARDS)],
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
        "style": notetype["css"],
    }


def _notes(col: Any, _: bool) -> list[Json]:
    return [_note(col, *row) for row in col.db.all("select guid, mid, mod, tags, flds from notes order by id")]


def _note(col: Any, guid: str, notetype: int, mod: int, tags: str, fields: str) -> Json:
    model = col.models.get(notetype)
    values = dict(zip((field["name"] for field in model["flds"]), fields.split("\x1f"), strict=True))
    return {"guid": guid, "notetype": model["name"], "mod": mod, "tags": tags.split(), "fields": values}


def _card(col: Any, is_rendered: bool, guid: str | None, card_id: int, ordinal: int, deck: int, *schedule: int) -> Json:
    shown = col.get_card(card_id).render_output() if is_rendered else None
    names = ("type", "queue", "due", "interval", "ease", "reps", "lapses", "left")
    return {
        "guid": guid,
        "ordinal": ordinal,
        "deck": col.decks.name(deck),
        "schedule": dict(zip(names, schedule, strict=True)),
        "question": shown.question_text if shown else "",
        "answer": shown.answer_text if shown else "",
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


def _media(col: Any, _: bool) -> Json:
    """Return the files of the collection's media folder with their hashes, and what Check Media finds."""
    found = {file.name: sha256(file.read_bytes()).hexdigest() for file in Path(col.media.dir()).iterdir()}
    checked = col.media.check()
    return {"files": found, "missing": list(checked.missing), "unused": list(checked.unused)}


def _decks(col: Any, _: bool) -> Json:
    """Return the decks but for Anki's own one, by name: how many cards lie in each itself, and its description."""
    count = "select count() from cards where did = ?"
    return {
        deck["name"]: {"cards": col.db.scalar(count, deck["id"]), "description": deck["desc"]}
        for deck in col.decks.all()
        if deck["id"] != 1
    }


def _search(col: Any, query: str, **where: str) -> list[str]:
    """Return the keys of the notes that a search finds while a deck is the current one."""
    if deck := where.get("in"):
        col.decks.select(col.decks.id(deck))
    return sorted(col.get_note(note)["Key"] for note in col.find_notes(query))


_STEPS: dict[str, Callable[..., Any]] = {
    "import": _import,
    "answer": _answer,
    "forget": _forget,
    "set_field": _set_field,
    "set_fields": _set_fields,
    "add_tag": _add_tag,
    "delete_empty_cards": _delete_empty_cards,
    "media": _media,
    "notes": _notes,
    "decks": _decks,
    "search": _search,
    "report": _report,
}

if __name__ == "__main__":
    # Anki prints warnings of its own to standard output.
    with contextlib.redirect_stdout(sys.stderr):
        anki.lang.set_lang("en_US")
        steps = work(json.load(sys.stdin))
    json.dump({"anki": version("anki"), "steps": steps}, sys.stdout)
