"""From notes to rows of a package's database, in bulk: Python puts many together fastest column by column."""

from bisect import bisect
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

    def rows(self, entries: Iterable[Entry]) -> Iterator[tuple[Rows, Rows]]:
        """Yield the rows of some notes and of their cards, sorted by their ids: so pages are filled in turn."""
        remaining = iter(entries)
        some, texts, characters = list[Entry](), list[str](), 0
        while more := list(islice(remaining, _BATCH)):
            joined = ["\x1f".join(each.note.fields) for each in more]
            some += more
            texts += joined
            characters += sum(map(len, joined))
            if characters > _AT_ONCE:
                yield self._sorted_rows(some, texts)
                some, texts, characters = [], [], 0
        yield self._sorted_rows(some, texts)
        # There may be half a million of them.
        self.ids = RowIds()

    def _sorted_rows(self, some: Sequence[Entry], texts: Iterable[str]) -> tuple[Rows, Rows]:
        """Return the rows of notes, whose joined fields are `texts`, and of their cards, column by column."""
        notes = [each.note for each in some]
        stamps = [each.stamp for each in some]
        changed = [stamp.changed for stamp in stamps]
        guids = [note.guid for note in notes]
        types = [_type_id(note.kind, len(note.fields)) for note in notes]
        fronts = [note.fields[0] for note in notes]
        ordinals = [note.cards for note in notes]
        decks = [self.decks.get(each.deck) or self._new_deck(each.deck) for each in some]
        due = [each.due for each in some]
        self.newest = max([self.newest, *changed])
        self.kinds.update([note.kind for note in notes])
        ids = self.ids.notes(guids, [note.trial for note in notes], [stamp.created for stamp in stamps])
        tags = [_tags(note.tags, stamp.edition) for note, stamp in zip(notes, stamps, strict=True)]
        rows = zip(ids, guids, types, changed, tags, texts, fronts, strict=True)
        card_ids = iter(self.ids.cards(ids, ordinals))
        cards = [
            (next(card_ids), note_id, deck, ordinal, time, place)
            for note_id, deck, time, place, every in zip(ids, decks, changed, due, ordinals, strict=True)
            for ordinal in every
        ]
        return sorted(rows, key=_first), sorted(cards, key=_first)

    def _new_deck(self, name: str) -> int:
        # Tombstones have no cards and so no deck in Anki; genanki has them in one.
        name = name or next(iter(self.decks), self.title)
        return self.decks.setdefault(name, _deck_id(name))


def _tags(tags: Sequence[str], edition: str) -> str:
    """Return the tags of a note, which are sorted, as its row has them: with that of the edition in its place."""
    if not edition:
        return f" {' '.join(tags)} "
    added = edition_tag(edition)
    place = bisect(tags, added)
    return f" {' '.join((*tags[:place], added, *tags[place:]))} "


@cache
def _type_id(kind: Kind, fields: int) -> int:
    """Return the id of a note type; raises ValueError where it has not so many fields: Anki refuses such a package."""
    wanted = note_type(kind)
    if fields != len(wanted.fields):
        raise ValueError(f"a note of the type {wanted.name} has {len(wanted.fields)} fields, not {fields}")
    return wanted.id


_first = itemgetter(0)


def _deck_id(name: str) -> int:
    """Return a stable id; Anki matches decks by name and gives them ids of its own."""
    return 1 << 40 | int.from_bytes(sha256(name.encode()).digest()[:4])
