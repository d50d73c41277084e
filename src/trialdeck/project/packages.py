"""Write the packages whose key has changed: those of one trial in workers, larger ones in this process."""

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from trialdeck.apkg.rows import PackageEntry, Timestamp
from trialdeck.core.serialise import unpacked
from trialdeck.core.temporary import scratch_folder
from trialdeck.core.transactions import Transaction
from trialdeck.decks.counts import tally_entry
from trialdeck.decks.description import DeckFacts, describe_deck
from trialdeck.decks.package_plan import Package, TrialNotes
from trialdeck.editions.ledger import decoded
from trialdeck.editions.ledger_file import LedgerFile
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.note import Note, OwnNotes
from trialdeck.notes.note_types import Kind
from trialdeck.project.build_index import Output
from trialdeck.project.cross_references import CrossReferenceNotes
from trialdeck.project.note_repository import NoteRepository, completed, notes_with
from trialdeck.project.package_keys import PackageKeys, trials_at_home
from trialdeck.records.discovery import NO_FILE, Signature, file_signature
from trialdeck.records.model import Media, Perspective, Trial
from trialdeck.records.settings import DeckDefinition
from trialdeck.records.summary import RecordSummary


class PackageCounts(msgspec.Struct, array_like=True):
    """How many notes with cards, cards, and notes without cards a package has; `tally_entries` are for a `Tally`.

    A note has no cards if it is `retired`, or if it is `disputed` in a deck of reviewed notes.
    """

    notes: int = 0
    cards: int = 0
    retired: int = 0
    disputed: int = 0
    tally_entries: bytearray = msgspec.field(default_factory=bytearray)


class Contents(msgspec.Struct):
    """What the notes of a package showed while it was written: the names of media files, and the facts of decks."""

    media: set[str] = msgspec.field(default_factory=set)
    decks: dict[str, DeckFacts] = msgspec.field(default_factory=lambda: defaultdict(DeckFacts))


class Timestamps:
    """When notes were first built and last changed, from the rows of the ledger of their trials."""

    def __init__(self, rows: Callable[[str], bytes]) -> None:
        self._rows = rows
        self._of_trial = lru_cache(64)(self._read)

    def of(self, trial: str, guid: str) -> Timestamp:
        """Return the stamp of a note."""
        return self._of_trial(trial)[guid]

    def _read(self, trial: str) -> Mapping[str, Timestamp]:
        return {line.guid: line for line in _STAMPED.decode_lines(self._rows(trial))}


class _Stamped(Timestamp, frozen=True, kw_only=True):
    """The times of a note in a line of the ledger; the rest of the line is not decoded."""

    guid: str


_STAMPED = msgspec.json.Decoder(_Stamped)


def entries_of(
    package: Package, stamps: Timestamps, counts: PackageCounts, contents: Contents
) -> Iterator[PackageEntry]:
    """Yield what goes into a package, notes without cards last.

    Args:
        package: The package.
        stamps: The time stamps of its notes.
        counts: Counts the entries.
        contents: Collects what the notes show.
    """
    for placed in package.entries():
        note = placed.note
        counts.notes += 1
        counts.cards += len(note.cards)
        counts.tally_entries += tally_entry(note)
        contents.decks[placed.deck].add(placed)
        contents.decks[placed.deck].is_shared = bool(package.common) and note.is_across_trials
        contents.media.update(note.media)
        yield PackageEntry(note, stamps.of(note.trial, note.guid), placed.deck, placed.due)
    for note in package.disputed():
        counts.disputed += 1
        contents.media.update(note.media)
        yield PackageEntry(replace(note, cards=()), stamps.of(note.trial, note.guid))
    for stone in package.tombstones:
        counts.retired += 1
        yield PackageEntry(stone, stamps.of(stone.trial, stone.guid))


class PackTask(msgspec.Struct, frozen=True, array_like=True):
    """A package of one trial at most, in bytes: any process can write it.

    `notes` are the own notes of the trial, and `linked` what was made for it and for the trials that it names, packed;
    `at_home` are the trials whose notes stand in this package, `common` is the deck above all of the definition, and
    `rows` are the lines of the ledger that they need, by trial, `stones` those of the retired notes, and `warned` the
    guids of the notes that learners got as reviewed and that are disputed now.
    """

    title: str
    description: str
    definition: DeckDefinition
    perspective: Perspective | None
    type_times: dict[str, int]
    outline: RecordSummary | None
    notes: bytes
    linked: tuple[bytes, ...]
    current: dict[str, str]
    rows: dict[str, bytes]
    stones: bytes
    media: tuple[Media, ...]
    warned: frozenset[str]
    at_home: tuple[str, ...]
    common: str


class PackedPackage(msgspec.Struct, frozen=True, array_like=True):
    """A package as the bytes of its file, and its counts; an empty one has no bytes."""

    content: bytes
    counts: PackageCounts


def pack(task: PackTask) -> PackedPackage:
    """Write a package into memory."""
    trials = (TrialNotes(task.outline, _Source(task)),) if task.outline else ()
    stones = tuple(tombstone(line) for line in decoded(task.stones))
    package = Package(
        "",
        task.title,
        task.definition,
        trials,
        stones,
        task.perspective,
        task.warned,
        dict.fromkeys(task.at_home, task.outline.id) if task.outline else {},
        task.common,
    )
    if package.is_empty:
        return PackedPackage(b"", PackageCounts())
    buffer = io.BytesIO()
    counts = write(package, buffer, task.description, task.type_times, Timestamps(task.rows.__getitem__))
    return PackedPackage(buffer.getvalue(), counts)


def write(  # noqa: PLR0913 - one parameter an ingredient
    package: Package,
    target: BinaryIO,
    description: str,
    type_times: Mapping[str, int],
    stamps: Timestamps,
    *,
    scratch: Path | None = None,
) -> PackageCounts:
    """Write a package and return its counts.

    Args:
        package: The package.
        target: The file that it is written into.
        description: The HTML below the names of its decks, after what is the own of each.
        type_times: When each note type last changed, by its kind.
        stamps: The time stamps of its notes.
        scratch: A temporary folder for a package whose notes need not fit into memory.
    """
    from trialdeck.apkg.writer import Cover, StreamedPackage  # noqa: PLC0415 - genanki is slow to import

    counts, contents = PackageCounts(), Contents()
    times = {Kind(name): changed for name, changed in type_times.items()}
    cover = Cover(package.title, description, times, lambda deck: describe_deck(contents.decks[deck]))
    entries = entries_of(package, stamps, counts, contents)
    # Which files are shown is known once all entries have been taken.
    StreamedPackage(cover, entries, lambda: package.media_among(contents.media), scratch=scratch).write_to_file(target)
    return counts


class _Source:
    """The one trial of a task."""

    def __init__(self, task: PackTask) -> None:
        self._task = task
        self._linked = [unpacked(linked, CrossReferenceNotes) for linked in task.linked]
        self._trials = {name: note for linked in self._linked for name, note in linked.trials.items()}
        self._own = unpacked(task.notes, OwnNotes)

    def notes(self, trial: str, of_trials: Callable[[str], bool]) -> Iterable[Note]:
        yield from completed(self._own, self._trials.__getitem__, self._task.current, of_trials)
        for linked in self._linked:
            yield from notes_with(trial, linked.across)

    def media(self, _trial: str) -> Mapping[str, Media]:
        return {media.name: media for media in self._task.media}

    def trial(self, trial: str) -> Trial:
        raise NotImplementedError(f"a task has the notes of {trial}, not its record")


def file_of(package: Package) -> str:
    """Return the name of a package's file."""
    return f"{package.stem}.apkg"


class PackageWriter(msgspec.Struct, frozen=True, dict=True):
    """Writes packages; `known` are those that the last build wrote, `there` the signatures of files in the folder."""

    repository: NoteRepository
    ledger: LedgerFile
    package_keys: PackageKeys
    known: Mapping[str, Output] = msgspec.field(default_factory=dict)
    there: Mapping[str, Signature] = msgspec.field(default_factory=dict)

    def write(self, packages: Sequence[Package], change: Transaction) -> dict[str, Output]:
        """Write the packages that are not up to date; return all of them, empty ones too, by file name."""
        made: dict[str, Output] = {}
        small: list[tuple[Package, bytes, str]] = []
        large: list[tuple[Package, bytes, str]] = []
        for package in packages:
            key, description = self.package_keys.of(package)
            former = self.known.get(file_of(package))
            if former and former.key == key and self._is_in_place(former, file_of(package)):
                made[file_of(package)] = former
            else:
                (small if len(package.trials) <= 1 else large).append((package, key, description))
        for (package, key, _), packed in zip(small, self._packed(small), strict=True):
            if packed.content:
                change.put(file_of(package), packed.content)
            made[file_of(package)] = _output(package, key, packed.counts)
        self.repository.loader.workers.shut_down_idle()
        for package, key, description in large:
            counts = self._write_here(package, description, change)
            made[file_of(package)] = _output(package, key, counts)
        return {file_of(package): made[file_of(package)] for package in packages}

    def _is_in_place(self, output: Output, name: str) -> bool:
        return output.is_empty or self.there.get(name) == output.signature

    def _write_here(self, package: Package, description: str, change: Transaction) -> PackageCounts:
        if package.is_empty:
            return PackageCounts()
        with change.writing(file_of(package)) as target, scratch_folder() as scratch:
            stamps = Timestamps(self.ledger.rows)
            return write(package, target, description, self.package_keys.type_times, stamps, scratch=scratch)

    def _packed(self, small: Sequence[tuple[Package, bytes, str]]) -> Iterator[PackedPackage]:
        if not small:
            return iter(())
        loader = self.repository.loader
        tasks = (self._task(package, description) for package, _, description in small)
        return loader.progress(loader.workers.map(pack, tasks), "writing packages", len(small))

    def _task(self, package: Package, description: str) -> PackTask:
        references, outline = self.repository.references, None
        notes, made, at_home, across = b"", tuple[bytes, ...](), list[str](), list[str]()
        for trial_notes in package.trials:
            outline = trial_notes.outline
            at_home = [trial_notes.id, *trials_at_home(package, trial_notes, references)]
            notes, made = self.repository.packed_notes(trial_notes.id, at_home)
            across = list(references.across_of.get(trial_notes.id, ()))
        needed = dict.fromkeys([*at_home, *across, *(stone.trial for stone in package.tombstones)])
        named = list(outline.related) if outline else []
        return PackTask(
            title=package.title,
            description=description,
            definition=package.definition,
            perspective=package.perspective,
            type_times=self.package_keys.type_times,
            outline=outline,
            notes=notes,
            linked=made,
            current={name: references.current[name] for name in named if name in references.current},
            rows={trial: self.ledger.rows(trial) for trial in needed},
            stones=self.package_keys.rows_of(package),
            media=tuple(media for trial_notes in package.trials for media in trial_notes.media.values()),
            warned=package.warned,
            at_home=tuple(at_home),
            common=package.common,
        )


def _output(package: Package, key: bytes, counts: PackageCounts) -> Output:
    """Return the output of a package; its signature follows once the file is in place."""
    entries = bytes(counts.tally_entries)
    return Output(key, package.title, counts.notes, counts.cards, counts.retired, counts.disputed, NO_FILE, entries)


def in_place(outputs: Mapping[str, Output], folder: Path) -> dict[str, Output]:
    """Return outputs with the signatures of their files; those of packages that were up to date have one already."""
    return {
        name: output
        if output.is_empty or output.signature != NO_FILE
        else replace(output, signature=file_signature(folder / name))
        for name, output in outputs.items()
    }
