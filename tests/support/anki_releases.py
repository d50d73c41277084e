"""The Anki releases that judge our packages: an environment for each, and what a learner's steps give there."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from environments import python_with
from folders import ANKI_PROGRAMS


@dataclass(frozen=True)
class Release:
    """One release, exactly; what else it needs in its environment; the importer, where it has two."""

    version: str
    needs: tuple[str, ...] = ()
    importer: str = ""

    def __str__(self) -> str:
        return f"{self.version}-{self.importer}" if self.importer else self.version


NEWEST = Release("26.9.3")
# 2.1.66 was delivered with two importers.
RELEASES = (
    Release("2.1.49", needs=("protobuf<4",)),
    Release("2.1.66", importer="legacy"),
    Release("2.1.66"),
    Release("24.11"),
    NEWEST,
)

Step = dict[str, Any]
REPORT: Step = {"report": True}
OUTLINE: Step = {"report": False}
"""The same without the sides of the cards, which take most of its time and space."""
NOTES: Step = {"notes": True}
DECKS: Step = {"decks": True}
MEDIA: Step = {"media": True}
DELETE_EMPTY_CARDS: Step = {"delete_empty_cards": True}


def answer(count: int, of: Iterable[str] = ()) -> Step:
    """Study this many new cards, of all notes or of those with these guids."""
    return {"answer": count, "of": sorted(of)}


def search(query: str, deck: str = "") -> Step:
    """Search notes, as in the browser, while a deck is the current one."""
    return {"search": query, "in": deck}


def forget(count: int) -> Step:
    """Review this many cards that have passed learning, and know none of them."""
    return {"forget": count}


def set_field(guid: str, name: str, value: str) -> Step:
    """Edit a note in Anki."""
    return {"set_field": {"guid": guid, "name": name, "value": value}}


def set_fields(name: str, value: str) -> Step:
    """Edit every note in Anki in the same way."""
    return {"set_fields": {"name": name, "value": value}}


def add_tag(guid: str, tag: str) -> Step:
    """Give a note a tag in Anki."""
    return {"add_tag": {"guid": guid, "tag": tag}}


def turn_back(seconds: int) -> Step:
    """Make it so that whatever was changed later had been changed at this time.

    Anki stamps what a learner edits, and some releases what they import, with the time of the day; an edition that is
    built at a fixed time of the past would never be newer than that.
    """
    return {"turn_back": seconds}


def keep(name: str) -> Step:
    """Put a copy of the collection aside."""
    return {"keep": name}


def go_back(name: str = "") -> Step:
    """Go on from a copy that was put aside, or from a new collection."""
    return {"go_back": name}


@dataclass(frozen=True)
class Note:
    """A note as Anki holds it."""

    guid: str
    notetype: str
    mod: int
    tags: list[str]
    fields: dict[str, str]

    @property
    def key(self) -> str:
        return self.fields["Key"]


@dataclass(frozen=True)
class Card:
    """A card as Anki holds it, and both of its sides as Anki renders them."""

    guid: str
    ordinal: int
    deck: str
    schedule: dict[str, int]
    question: str
    answer: str


@dataclass(frozen=True)
class Report:
    """A whole collection; `empty` is what Anki's Empty Cards would delete, `database` the result of Check Database."""

    notetypes: list[dict[str, Any]]
    notes: list[Note]
    cards: list[Card]
    empty: list[dict[str, Any]]
    database: dict[str, Any]

    def note(self, key: str) -> Note:
        """The one note with this key."""
        (note,) = (note for note in self.notes if note.key == key)
        return note

    def cards_of(self, key: str) -> list[Card]:
        """The cards of the note with this key, by ordinal."""
        guid = self.note(key).guid
        return sorted((card for card in self.cards if card.guid == guid), key=lambda card: card.ordinal)

    def rendered(self) -> Iterator[tuple[Note, Card]]:
        """Every card with its note."""
        notes = {note.guid: note for note in self.notes}
        for card in self.cards:
            yield notes[card.guid], card

    @property
    def schedules(self) -> dict[tuple[str, int], tuple[str, dict[str, int]]]:
        """Deck and scheduling of every card, by guid and ordinal."""
        return {(card.guid, card.ordinal): (card.deck, card.schedule) for card in self.cards}


def run(release: Release, *steps: Path | Step) -> list[Any]:
    """Do the steps, from a new collection of a release on, and return what each gave; a path is a package to import.

    The same steps are done once only, so that many tests can look at one collection. A REPORT or an OUTLINE gives a
    `Report`, NOTES its notes alone, an import its counts of new, updated, duplicate and conflicting notes; see
    `anki_worker.py`.
    """
    imported = {"importer": release.importer} if release.importer else {}
    plan = [{"import": str(step), **imported} if isinstance(step, Path) else step for step in steps]
    return _run(release, json.dumps(plan))


@cache
def _run(release: Release, plan: str) -> list[Any]:
    worker = ANKI_PROGRAMS / "anki_worker.py"
    done = subprocess.run(
        [python_of(release), "-I", worker], input=plan, capture_output=True, encoding="utf-8", timeout=900, check=False
    )
    assert done.returncode == 0, f"Anki {release} failed at {plan}:\n{done.stderr}"
    answer = json.loads(done.stdout)
    assert answer["anki"] == release.version
    steps = zip(json.loads(plan), answer["steps"], strict=True)
    return [_read(step, given) for step, given in steps]


def _read(step: Step, given: Any) -> Any:
    if step == NOTES:
        return _notes(given)
    return _report(given) if step in (REPORT, OUTLINE) else given


def _notes(given: list[dict[str, Any]]) -> list[Note]:
    return [Note(**note) for note in given]


def _report(given: dict[str, Any]) -> Report:
    notes = _notes(given.pop("notes"))
    cards = [Card(**card) for card in given.pop("cards")]
    return Report(notes=notes, cards=cards, **given)


def python_of(release: Release) -> Path:
    """Return the interpreter that has this release: our own, or that of an environment which is made if need be."""
    if release.version == version("anki"):
        return Path(sys.executable)
    return python_with(f"anki-{release.version}", [f"anki=={release.version}", *release.needs], sys.executable)


def desktop_python(release: Release = NEWEST) -> Path:
    """Return an interpreter that has the whole desktop program of a release, with its web views."""
    return python_with(f"aqt-{release}", [f"aqt[qt6]=={release}"], sys.executable)
