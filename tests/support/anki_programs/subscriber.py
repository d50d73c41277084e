"""Do in a real Anki what a subscriber does, with the add-on's core, and report what the collection holds then.

A module for tests, and a script that runs in the environment of any Anki release from 24.11 on. As a script it gets on
standard input {"addon": the folder above the add-on, "folder": where the collection is, "steps": a list}:

    [{"import": ["PATH.apkg", …]},         File → Import with default options
     {"update": "SITE", "answer": "mine"}, an update by the add-on from the folder of a site
     {"update": "SITE", "die_at": 3},      the same; at the third stage of it the program is killed
     {"update": "SITE", "die_after": 0.2}, the same; after so many seconds it is killed
     {"live": NAME},                       what a learner does with a collection, see `LIVES`
     {"turn_back": 1700000000},            as if no change had been made after that
     {"state": true}]                      all that the collection holds

Standard output has a list of what each step gave.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

WORDS, TAG = "my own words", "mine::again"
OWN_FIELD = "Mnemonic"
STUDIED = 20


def study(col: Any, count: int = STUDIED) -> None:
    """Study the first new cards."""
    new = "select id from cards where type = 0 and queue = 0 order by due, id limit ?"
    for place, card_id in enumerate(col.db.list(new, count)):
        card = col.get_card(card_id)
        card.start_timer()
        col.sched.answerCard(card, 4 if place % 2 else 3)


def write_into(col: Any, name: str, words: str, every: int = 1) -> None:
    """Write into a field of every note, or of every second, third, …"""
    notes = [col.get_note(note_id) for note_id in col.db.list("select id from notes order by id")[::every]]
    for note in notes:
        note[name] = words
    col.update_notes(notes)


def edit(col: Any, key: str, field: str, words: str) -> None:
    """Write something behind what a field of a note says."""
    note = note_of(col, key)
    note[field] += words
    col.update_note(note)


def note_of(col: Any, key: str) -> Any:
    (note_id,) = col.find_notes(f'"Key:{key}"')
    return col.get_note(note_id)


def live_with_cards(col: Any) -> None:
    """Study, write, tag, flag, suspend, move cards, rename a deck and edit two notes."""
    study(col)
    write_into(col, "Extra", WORDS)
    notes = col.db.list("select id from notes order by id")
    col.tags.bulk_add(notes[::2], TAG)
    cards = col.db.list("select id from cards order by id")
    for flag in (1, 2, 3):
        col.set_user_flag_for_cards(flag, cards[flag::5])
    col.sched.suspend_cards(cards[4::5])
    other = col.decks.id("Favourites")
    col.set_deck(cards_of(col, ["ember-3/question/whom", "frost-1/question/why"]), other)
    col.decks.rename(col.decks.by_name(deck_of(col, "frost-1/summary")), "My own::Frost")
    edit(col, "ember-3/question/doubt", "Response", " <b>I doubt it.</b>")
    edit(col, "frost-1/question/whom", "Response", " Mine.")


def deck_of(col: Any, key: str) -> str:
    card = col.get_card(cards_of(col, [key])[0])
    name: str = col.decks.name(card.did)
    return name


def cards_of(col: Any, keys: Sequence[str]) -> list[int]:
    return [card for key in keys for card in note_of(col, key).card_ids()]


def live_with_note_types(col: Any) -> None:
    """Do the same, and add a field with something in it, edit a template and the style of another note type."""
    live_with_cards(col)
    model = col.models.by_name("Trialdeck Question")
    col.models.add_field(model, col.models.new_field(OWN_FIELD))
    model["tmpls"][0]["afmt"] += "<p>{{Mnemonic}}</p>"
    col.models.update_dict(model)
    cloze = col.models.by_name("Trialdeck Cloze")
    cloze["css"] += " .mine { color: red }"
    col.models.update_dict(cloze)
    ids = col.db.list("select id from notes where mid = ?", model["id"])
    notes = [col.get_note(note_id) for note_id in ids]
    for note in notes:
        note[OWN_FIELD] = "a rhyme"
    col.update_notes(notes)


LIVES: Mapping[str, Callable[[Any], None]] = {"cards": live_with_cards, "note types": live_with_note_types}


class Subscriber:
    """A learner with a collection of their own, in a folder."""

    def __init__(self, folder: Path) -> None:
        import anki.lang
        from anki.collection import Collection

        anki.lang.set_lang("en_US")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.col: Any = Collection(str(folder / "collection.anki2"))
        self.subscription: Any = None

    def close(self) -> None:
        self.col.close()

    def reopen(self) -> None:
        from anki.collection import Collection

        self.col.close()
        self.col = Collection(str(self.folder / "collection.anki2"))

    def imported(self, packages: Sequence[str | Path]) -> None:
        """Import packages by hand."""
        from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

        for package in packages:
            request = ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions())
            self.col.import_anki_package(request)

    @contextlib.contextmanager
    def edition(self, site: str | Path, decks: Sequence[str] = ()) -> Any:
        """Fetch an edition, of all decks or of some."""
        from trialdeck_addon.core.fetch import fetch_edition, fetch_feed, parse_address
        from trialdeck_addon.core.subscriptions import Subscription

        address = parse_address(str(site))
        feed = fetch_feed(address)
        with tempfile.TemporaryDirectory() as folder:
            edition = fetch_edition(address, feed, list(decks) or [deck.id for deck in feed.decks], Path(folder))
            if self.subscription is None:
                self.subscription = Subscription(address.text, feed.name, tuple(deck.id for deck in feed.decks))
            yield edition

    def plan(self, site: str | Path) -> Any:
        """Return what an update would do."""
        from trialdeck_addon.core.update import plan_update

        with self.edition(site) as edition:
            return plan_update(self.col, edition, self.subscription)

    def update(self, site: str | Path, answer: str = "", retired: str = "keep", decks: Sequence[str] = ()) -> Any:
        """Update, with one answer to all questions, or none."""
        from trialdeck_addon.core.update import Answer, Choices, apply_update, plan_update

        with self.edition(site, decks) as edition:
            plan = plan_update(self.col, edition, self.subscription)
            answers = {question.token: Answer(answer) for question in plan.questions} if answer else {}
            report = apply_update(self.col, edition, self.subscription, Choices(answers, retired))
        self.subscription = report.subscription
        return report

    def turn_back(self, seconds: int) -> None:
        """Give what was changed later than this the time stamps that it would have, had it been changed then."""
        for table, column in (("notes", "mod"), ("notetypes", "mtime_secs")):
            self.col.db.execute(f"update {table} set {column} = ? where {column} > ?", seconds, seconds)
        self.reopen()

    def state(self) -> dict[str, Any]:
        """Return all that the collection holds."""
        return state(self.col)


def state(col: Any) -> dict[str, Any]:
    """Return what a collection holds: notes by guid, cards by guid and ordinal, decks by id, note types by name."""
    models = {model["id"]: model for model in col.models.all()}
    notes, guids = {}, {}
    for note_id, guid, type_id, tags, fields in col.db.all("select id, guid, mid, tags, flds from notes order by id"):
        names = [field["name"] for field in models[type_id]["flds"]]
        guids[note_id] = guid
        notes[guid] = {"type": models[type_id]["name"], "tags": sorted(tags.split()),
                       "fields": dict(zip(names, fields.split("\x1f"), strict=True))}  # fmt: skip
    query = "select nid, ord, did, type, queue, due, ivl, factor, reps, lapses, flags from cards order by id"
    cards = {f"{guids[note_id]} {ordinal}": {"deck": deck, "schedule": schedule[:-1], "flag": schedule[-1] & 7}
             for note_id, ordinal, deck, *schedule in col.db.all(query)}  # fmt: skip
    return {
        "notes": notes,
        "cards": cards,
        "decks": {str(deck.id): deck.name for deck in col.decks.all_names_and_ids()},
        "types": {model["name"]: _look(model) for model in models.values() if model["name"].startswith("Trialdeck")},
        "schema": col.db.scalar("select scm from col"),
        "integrity": col.db.scalar("select integrity_check from pragma_integrity_check"),
    }  # fmt: skip


def _look(model: Mapping[str, Any]) -> dict[str, Any]:
    fields = [field["name"] for field in model["flds"]]
    return {"fields": fields, "style": model["css"], "sides": [[side["qfmt"], side["afmt"]] for side in model["tmpls"]]}


def _step(subscriber: Subscriber, step: Mapping[str, Any]) -> Any:
    if "import" in step:
        return subscriber.imported(step["import"])
    if "update" in step:
        if "die_at" in step:
            _die_at(step["die_at"])
        if "die_after" in step:
            _die_after(step["die_after"])
        start = time.perf_counter()
        report = subscriber.update(step["update"], step.get("answer", ""), step.get("retired", "keep"))
        return {
            "seconds": time.perf_counter() - start,
            "words": report.words,
            "new": report.new,
            "updated": report.updated,
            "retired": report.retired,
        }
    if "live" in step:
        return LIVES[step["live"]](subscriber.col)
    if "turn_back" in step:
        return subscriber.turn_back(step["turn_back"])
    return subscriber.state()


def _die_at(stage: int) -> None:
    """Kill this program at one of the calls by which an update writes: a file, the backup, an operation of Anki's."""
    from trialdeck_addon.core import update
    from trialdeck_addon.core.updating import media, steps, writing

    calls = iter(range(1, 1_000))

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            if next(calls) == stage:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return counting

    places = [(update, "_back_up"), (update, "write_media"), (media, "_content"), (writing, "write_copy"),
              (writing, "_import"), (writing, "write_notes"), (steps.Steps, "done"), (steps, "_refuse_full_sync"),
              (update, "described")]  # fmt: skip
    for place, name in places:
        setattr(place, name, counted(getattr(place, name)))


def _die_after(seconds: float) -> None:
    timer = threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGKILL])
    timer.daemon = True
    timer.start()


def _work(plan: Mapping[str, Any]) -> list[Any]:
    sys.path.insert(0, plan["addon"])
    with tempfile.TemporaryDirectory() as folder:
        subscriber = Subscriber(Path(plan.get("folder") or folder))
        try:
            return [_step(subscriber, step) for step in plan["steps"]]
        finally:
            subscriber.close()


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        results = _work(json.load(sys.stdin))
    json.dump(results, sys.stdout)
