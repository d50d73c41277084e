"""From notes to rows of a package's database, in bulk: Python puts many together fastest column by column."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import Any

import msgspec

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.tags import edition_tag
from trialdeck.decks.row_ids import RowIds

_AT_ONCE = 2_000_000
"""How many characters of notes are sorted and put into the database together."""
_BATCH = 500
"""How many notes are taken at once."""


class Stamp(msgspec.Struct, frozen=True):
    """When a note was first built and last changed, in seconds of Unix time, and the edition of the latter."""

    created: int
    changed: int
    edition: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A note on its way into a package; a tombstone has no cards and no deck."""

    note: Note
    stamp: Stamp
    deck: str = ""
    due: int = 0


Rows = list[tuple[Any, ...]]


class Collection(msgspec.Struct):
    """Turns notes into rows, and gathers what the collection says of decks and note types.

    `title` is the deck above all of its decks. `decks` are ids by name, `kinds` those of the notes, and `newest` is the
    newest stamp of all.
    """

    title: str
    newest: int
    ids: RowIds = msgspec.field(default_factory=RowIds)
    decks: dict[str, int] = msgspec.field(default_factory=dict)
    kinds: set[Kind] = msgspec.field(default_factory=set)
    tags: dict[tuple[tuple[str, ...], str], str] = msgspec.field(default_factory=dict)

    def rows(self, entries: Iterable[Entry]) -> Iterator[tuple[Rows, Rows]]:
        """Yield the rows of some notes and of their cards, sorted by their ids: so pages are filled in turn."""
        columns, remaining = _Columns(), iter(entries)
        while some := list(islice(remaining, _BATCH)):
            decks = [self.decks.get(each.deck) or self._new_deck(each.deck) for each in some]
            tags = [self.tags.get((each.note.tags, each.stamp.edition)) or self._new_tags(each) for each in some]
            columns.add(some, decks, tags)
            self.kinds |= {each.note.kind for each in some}
            if columns.characters > _AT_ONCE:
                yield self._sorted_rows(columns)
                columns = _Columns()
                # Notes that come one after the other often have the same tags; all of them would be a lot.
                self.tags.clear()
        yield self._sorted_rows(columns)
        # There may be half a million of them.
        self.ids = RowIds()

    def _sorted_rows(self, columns: "_Columns") -> tuple[Rows, Rows]:
        self.newest = max([self.newest, *columns.changed])
        note_ids = self.ids.notes(columns.guids, columns.trials, columns.created)
        notes = zip(
            note_ids,
            columns.guids,
            columns.types,
            columns.changed,
            columns.tags,
            columns.texts,
            columns.fronts,
            strict=True,
        )
        card_ids = iter(self.ids.cards(note_ids, columns.cards))
        cards = [
            (next(card_ids), note_id, deck, ordinal, changed, due)
            for note_id, deck, changed, due, ordinals in zip(
                note_ids, columns.decks, columns.changed, columns.due, columns.cards, strict=True
            )
            for ordinal in ordinals
        ]
        return sorted(notes, key=_first), sorted(cards, key=_first)

    def _new_deck(self, name: str) -> int:
        # Tombstones have no cards and so no deck in Anki; genanki has them in one.
        name = name or next(iter(self.decks), self.title)
        return self.decks.setdefault(name, _deck_id(name))

    def _new_tags(self, entry: Entry) -> str:
        """Return the tags of a note as its row has them, and remember them: many notes have the same."""
        tags, edition = entry.note.tags, entry.stamp.edition
        every = sorted((*tags, edition_tag(edition))) if edition else tags
        found = self.tags[tags, edition] = f" {' '.join(every)} "
        return found


@cache
def _type_id(kind: Kind, fields: int) -> int:
    """Return the id of a note type; raises ValueError where it has not so many fields: Anki refuses such a package."""
    wanted = note_type(kind)
    if fields != len(wanted.fields):
        raise ValueError(f"a note of the type {wanted.name} has {len(wanted.fields)} fields, not {fields}")
    return wanted.id


class _Columns(msgspec.Struct):
    """What becomes rows, column by column: that is how Python puts many of them together fastest."""

    guids: list[str] = msgspec.field(default_factory=list)
    trials: list[str] = msgspec.field(default_factory=list)
    created: list[int] = msgspec.field(default_factory=list)
    types: list[int] = msgspec.field(default_factory=list)
    changed: list[int] = msgspec.field(default_factory=list)
    tags: list[str] = msgspec.field(default_factory=list)
    texts: list[str] = msgspec.field(default_factory=list)
    fronts: list[str] = msgspec.field(default_factory=list)
    decks: list[int] = msgspec.field(default_factory=list)
    due: list[int] = msgspec.field(default_factory=list)
    cards: list[tuple[int, ...]] = msgspec.field(default_factory=list)
    characters: int = 0

    def add(self, entries: Sequence[Entry], decks: Sequence[int], tags: Sequence[str]) -> None:
        notes = [each.note for each in entries]
        stamps = [each.stamp for each in entries]
        texts = ["\x1f".join(note.fields) for note in notes]
        self.guids += [note.guid for note in notes]
        self.trials += [note.trial for note in notes]
        self.created += [stamp.created for stamp in stamps]
        self.types += [_type_id(note.kind, len(note.fields)) for note in notes]
        self.changed += [stamp.changed for stamp in stamps]
        self.tags += tags
        self.texts += texts
        self.fronts += [note.fields[0] for note in notes]
        self.decks += decks
        self.due += [each.due for each in entries]
        self.cards += [note.cards for note in notes]
        self.characters += sum(map(len, texts))


_first = itemgetter(0)


def _deck_id(name: str) -> int:
    """Return a stable id; Anki matches decks by name and gives them ids of its own."""
    return 1 << 40 | int.from_bytes(sha256(name.encode()).digest()[:4])
