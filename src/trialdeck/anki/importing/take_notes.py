"""Take the notes of a deck, on all cores: to read the HTML of ten thousand notes takes a while."""

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from trialdeck.anki.importing.deck_map import DeckMap
from trialdeck.anki.importing.take import NotTaken, TakenNote, Taker
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.text import unshowable
from trialdeck.project.parallel.workers import default_count, workers

NumberedNote = tuple[int, PackedNote]
"""A note, and its number in the deck from 1."""


class NoteOutcome(msgspec.Struct, frozen=True):
    """What records get of one note, what they do not get, and the fields with text that the map does not name."""

    taken: TakenNote | None
    not_taken: tuple[NotTaken, ...]
    unmapped: tuple[tuple[str, str], ...]


def take_notes(notes: Sequence[NumberedNote], deck_map: DeckMap) -> Iterator[NoteOutcome]:
    """Yield what becomes of each note, in their order."""
    with workers(default_count(len(notes))) as pool:
        yield from pool.map(partial(_take_note, deck_map), notes)


def _take_note(deck_map: DeckMap, numbered: NumberedNote) -> NoteOutcome:
    taker, (number, note) = Taker(deck_map), numbered
    taken = taker.take(showable(note), number)
    return NoteOutcome(taken, tuple(taker.not_taken), tuple(taker.unmapped))


def showable(note: PackedNote) -> PackedNote:
    """Return a note without control characters, which nobody sees and no record can hold."""
    hidden = {ord(match[0]): None for html in note.fields.values() for match in unshowable(html)}
    if not hidden:
        return note
    return replace(note, fields={name: html.translate(hidden) for name, html in note.fields.items()})
