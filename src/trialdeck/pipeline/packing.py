"""The third heavy stage: from the notes of one trial to its package; larger packages are written where the store is."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind
from trialdeck.cards.slots import OwnNotes
from trialdeck.cards.tally import tally_entry
from trialdeck.decks.arrange import Chapter, Package
from trialdeck.decks.ledger import decoded
from trialdeck.decks.rows import Entry, Stamp
from trialdeck.decks.tombstone import tombstone
from trialdeck.pipeline.chapters import completed
from trialdeck.pipeline.codec import unpacked
from trialdeck.pipeline.linking import Linked
from trialdeck.records.model import Media, Perspective, Trial
from trialdeck.records.outline import Outline
from trialdeck.records.settings import DeckDefinition


class Counts(msgspec.Struct, array_like=True):
    """How many notes with cards, cards, and notes without cards a package has; `held` are its entries for a `Tally`.

    A note has no cards if it is `retired`, or if it is `disputed` in a deck of reviewed notes.
    """

    notes: int = 0
    cards: int = 0
    retired: int = 0
    disputed: int = 0
    held: bytearray = msgspec.field(default_factory=bytearray)


class Stamps:
    """When notes were first built and last changed, from the rows of the ledger of their trials."""

    def __init__(self, rows: Callable[[str], bytes]) -> None:
        self._rows = rows
        self._of_trial = lru_cache(64)(self._read)

    def of(self, trial: str, guid: str) -> Stamp:
        """Return the stamp of a note."""
        return self._of_trial(trial)[guid]

    def _read(self, trial: str) -> Mapping[str, Stamp]:
        return {line.guid: line for line in _STAMPED.decode_lines(self._rows(trial))}


class _Stamped(Stamp, frozen=True, kw_only=True):
    """What a line of the ledger says of when its note was built; the rest of the line is not looked at."""

    guid: str


_STAMPED = msgspec.json.Decoder(_Stamped)


def entries_of(package: Package, stamps: Stamps, counts: Counts, shown: set[str]) -> Iterator[Entry]:
    """Yield what goes into a package, notes without cards last, and note what it shows and counts."""
    for each in package.entries():
        note = each.note
        counts.notes += 1
        counts.cards += len(note.cards)
        counts.held += tally_entry(note)
        shown.update(note.media)
        yield Entry(note, stamps.of(note.trial, note.guid), each.deck, each.due)
    for note in package.disputed():
        counts.disputed += 1
        shown.update(note.media)
        yield Entry(replace(note, cards=()), stamps.of(note.trial, note.guid))
    for stone in package.tombstones:
        counts.retired += 1
        yield Entry(stone, stamps.of(stone.trial, stone.guid))


class PackTask(msgspec.Struct, frozen=True, array_like=True):
    """A package of one trial at most, in bytes: any process can write it.

    `notes` are the own notes of the trial and `linked` what was made for it and for those that it names, packed;
    `rows` are the lines of the ledger that they need, by trial, `stones` those of the notes without cards,
    `warned` the guids of those that are disputed and were not.
    """

    title: str
    description: str
    definition: DeckDefinition
    perspective: Perspective | None
    looks: dict[str, int]
    outline: Outline | None
    notes: bytes
    linked: tuple[bytes, ...]
    current: dict[str, str]
    rows: dict[str, bytes]
    stones: bytes
    media: tuple[Media, ...]
    warned: frozenset[str]


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A package as the bytes of its file, and its counts; one that turned out empty has no bytes."""

    content: bytes
    counts: Counts


def pack(task: PackTask) -> Packed:
    """Write a package into memory."""
    chapters = (Chapter(task.outline, _Source(task)),) if task.outline else ()
    stones = tuple(tombstone(line) for line in decoded(task.stones))
    package = Package("", task.title, task.definition, chapters, stones, task.perspective, task.warned)
    if package.is_empty:
        return Packed(b"", Counts())
    buffer = io.BytesIO()
    counts = write(package, buffer, task.description, task.looks, Stamps(task.rows.__getitem__))
    return Packed(buffer.getvalue(), counts)


def write(  # noqa: PLR0913 - one parameter an ingredient
    package: Package,
    target: BinaryIO,
    description: str,
    looks: Mapping[str, int],
    stamps: Stamps,
    *,
    scratch: Path | None = None,
) -> Counts:
    """Write a package and return its counts; with a folder `scratch`, its notes need not fit into memory."""
    from trialdeck.decks.package import Cover, StreamedPackage  # noqa: PLC0415 - genanki is slow to import

    counts, shown = Counts(), set[str]()
    cover = Cover(package.title, description, {Kind(name): changed for name, changed in looks.items()})
    entries = entries_of(package, stamps, counts, shown)
    # Which files are shown is known once all entries have been taken.
    StreamedPackage(cover, entries, lambda: package.media_among(shown), scratch=scratch).write_to_file(target)
    return counts


class _Source:
    """The one trial of a task."""

    def __init__(self, task: PackTask) -> None:
        self._task = task
        self._linked = [unpacked(each, Linked) for each in task.linked]
        self._trials = {name: note for each in self._linked for name, note in each.trials.items()}
        self._own = unpacked(task.notes, OwnNotes)

    def notes(self, _trial: str, of_trials: Callable[[str], bool]) -> Iterable[Note]:
        return completed(self._own, self._linked[0].across, self._trials.__getitem__, self._task.current, of_trials)

    def media(self, _trial: str) -> Mapping[str, Media]:
        return {media.name: media for media in self._task.media}

    def trial(self, trial: str) -> Trial:
        raise NotImplementedError(f"a task has the notes of {trial}, not its record")
