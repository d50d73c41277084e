"""Describe a package without loading it whole: decks, note types, notes, cards, media, editions."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec

from trialdeck.apkg.container import ContainerFormat, MediaList
from trialdeck.apkg.reader import MISSING_DECK, OpenedPackage
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.tags import RETIRED, edition_of

OPENS = {
    ContainerFormat.OLD: "every Anki from 2.1 on",
    ContainerFormat.NEWER: "every Anki from 2.1 on",
    ContainerFormat.COMPRESSED: "Anki from 2.1.50 on",
}
"""Which releases of Anki open a package of a format; measured from 2.1.49 to 26.9.3."""


class DeckFacts(msgspec.Struct, frozen=True):
    """A deck: the number of its cards, and its description as text."""

    name: str
    cards: int
    description: str


class TypeFacts(msgspec.Struct, frozen=True):
    """A note type: the names of its fields and templates, and how many notes have it."""

    name: str
    fields: tuple[str, ...]
    templates: tuple[str, ...]
    notes: int


class Inspection(msgspec.Struct, frozen=True):
    """A package in numbers.

    `size` is that of the file in bytes, `editions` the number of notes that last changed in each.
    """

    path: Path
    size: int
    form: ContainerFormat
    schema: int
    notes: int
    cards: int
    studied: int
    retired: int
    editions: Mapping[str, int]
    decks: tuple[DeckFacts, ...]
    note_types: tuple[TypeFacts, ...]
    media: MediaList


def inspect(path: Path, package: OpenedPackage, media: MediaList) -> Inspection:
    """Return what an opened package holds."""
    tags = Counter(row[0] for row in package.connection.execute("SELECT CAST(tags AS TEXT) FROM notes"))
    editions: Counter[str] = Counter()
    retired = 0
    for text, count in tags.items():
        names = text.split()
        retired += count if RETIRED in names else 0
        if edition := edition_of(names):
            editions[edition] += count
    by_type = dict(package.connection.execute("SELECT mid, count(*) FROM notes GROUP BY mid"))
    return Inspection(
        path=path,
        size=path.stat().st_size,
        form=package.form,
        schema=package.schema,
        notes=package.count,
        cards=package.number("SELECT count(*) FROM cards"),
        studied=package.number("SELECT count(*) FROM cards WHERE reps > 0"),
        retired=retired,
        editions=dict(sorted(editions.items())),
        decks=_decks(package),
        note_types=tuple(
            TypeFacts(
                its_type.name, its_type.fields, tuple(part.name for part in its_type.templates), by_type[its_type.id]
            )
            for its_type in package.note_types
            if its_type.id in by_type
        ),
        media=media,
    )


def _decks(package: OpenedPackage) -> tuple[DeckFacts, ...]:
    """Return the decks with cards, by name."""
    query = "SELECT iif(odid, odid, did), count(*) FROM cards GROUP BY 1"
    facts = []
    for deck, cards in package.connection.execute(query):
        name, text = package.decks.get(deck, (MISSING_DECK, ""))
        facts.append(DeckFacts(name, cards, readable(text)))
    return tuple(sorted(facts, key=lambda deck: deck.name))
