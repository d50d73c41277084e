"""Import a deck of another author: turn its notes into records, trial by trial."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.anki.importing.deck_map import DeckMap
from trialdeck.anki.importing.known_notes import FILE, KnownNote, known_notes_file, note_digest, read_known_notes
from trialdeck.anki.importing.media import DeckMedia, copy_media, plan_media
from trialdeck.anki.importing.records import Outcome, Target, written
from trialdeck.anki.importing.source.source_deck import SourceDeck
from trialdeck.anki.importing.take import NotTaken, TakenNote, label_of
from trialdeck.anki.importing.take_notes import NumberedNote, showable, take_notes
from trialdeck.anki.importing.targets import Targets
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import whole_input
from trialdeck.core.safe_paths import is_inside
from trialdeck.records.discovery import home_of
from trialdeck.yamlfile.write_records import Rewrite, write_together


class ImportedDeck(msgspec.Struct):
    """What a deck gives: the files with their content, and what is counted.

    `counts` has the number of new entries by record. Of `notes` notes, `taken` are new, `known` were there, of which
    `updated` were changed. `unmapped` counts the notes with text in a field that the map does not name, by note type
    and field.
    """

    notes: int
    files: list[Rewrite] = msgspec.field(default_factory=list)
    counts: dict[Path, int] = msgspec.field(default_factory=dict)
    taken: int = 0
    known: int = 0
    updated: int = 0
    media: DeckMedia = msgspec.field(default_factory=DeckMedia)
    not_taken: list[NotTaken] = msgspec.field(default_factory=list)
    unmapped: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    list_file: Path | None = None

    @property
    def whole_notes(self) -> Counter[str]:
        """How many notes were not taken, by reason."""
        return Counter(entry.kind for entry in self.not_taken if entry.is_whole_note)

    @property
    def notes_in_part(self) -> int:
        """How many notes were taken without a part: a look, a field, a picture."""
        parts, whole = (
            {entry.number for entry in self.not_taken if entry.is_whole_note is each} for each in (False, True)
        )
        return len(parts - whole)

    @property
    def is_nothing(self) -> bool:
        """Whether no note was taken, and none was there."""
        return not self.taken and not self.known


def import_deck(deck: SourceDeck, deck_map: DeckMap, folder: Path) -> ImportedDeck:
    """Return the records that a deck gives, in a folder; nothing is written.

    Raises TrialdeckError if an existing record cannot be read or changed.
    """
    return _Import(deck, deck_map, folder).run()


class _Import:
    """One import: which notes are new, where they go, and what is written."""

    def __init__(self, deck: SourceDeck, deck_map: DeckMap, folder: Path) -> None:
        self.deck, self.deck_map, self.folder = deck, deck_map, folder
        self.known = read_known_notes(folder)
        self.targets = Targets(folder, self.known)
        self.result = ImportedDeck(len(deck.notes))
        self.digests: dict[str, str] = {}
        # By the number of the note: the reasons and fields of what no record got of it.
        self.lost = defaultdict[int, list[tuple[str, str]]](list)

    def run(self) -> ImportedDeck:
        notes = self._take(list(self._unknown()))
        self.targets.place(notes)
        self._plan_media(notes)
        for target in self.targets.by_id.values():
            record = written(target, self.result.media)
            _count(self.result, target, record, self.folder)
            self.known |= {line.guid: line for line in self._lines(target, record)}
        _add_lists(self.result, self.deck, self.folder, self.known)
        return self.result

    def _unknown(self) -> Iterator[NumberedNote]:
        """Yield the notes that are new, or were changed in the deck since they were taken."""
        for number, note in enumerate(_distinct(self.deck.notes), start=1):
            digest = self.digests[note.guid] = note_digest(note, self.deck_map)
            line = self.known.get(note.guid)
            if line and line.note == digest and self.targets.is_there(line.trial):
                self.result.known += 1
                self.result.not_taken += _lost_before(line, note, number)
            else:
                yield number, note

    def _take(self, numbered: Sequence[NumberedNote]) -> list[TakenNote]:
        taken = []
        for outcome in take_notes(numbered, self.deck_map):
            if outcome.taken:
                taken.append(outcome.taken)
            self._miss(outcome.not_taken)
            self.result.unmapped.update(outcome.unmapped)
        return taken

    def _plan_media(self, notes: Sequence[TakenNote]) -> None:
        names = dict.fromkeys(name for note in notes for part in note.parts for name in part.media)
        self.result.media = plan_media(self.deck, names, self.folder)
        self._miss(_media_faults(notes, self.result.media))

    def _miss(self, entries: Iterable[NotTaken]) -> None:
        for entry in entries:
            self.result.not_taken.append(entry)
            self.lost[entry.number].append((entry.reason, entry.field))

    def _lines(self, target: Target, record: Outcome) -> Iterator[KnownNote]:
        """Yield what is remembered of the notes of a record."""
        for note in target.notes:
            guid = note.note.guid
            line = target.known.get(guid)
            origin = line.origin if line else note.origin
            missing = tuple(self.lost.get(note.number, ()))
            yield KnownNote(guid, target.trial, origin, self.digests[guid], record.entries[guid], missing)


def write(deck: SourceDeck, imported: ImportedDeck, folder: Path) -> None:
    """Copy the pictures and sounds, then write all records or none.

    Raises TrialdeckError if a record was changed meanwhile, or the disk refuses.
    """
    copy_media(deck, imported.media, folder)
    write_together(imported.files, "import the deck again")


def _distinct(notes: Iterable[PackedNote]) -> Iterator[PackedNote]:
    """Yield notes; one that has the guid of an earlier one gets a number behind it."""
    seen = Counter[str]()
    for note in notes:
        seen[note.guid] += 1
        yield replace(note, guid=f"{note.guid}~{seen[note.guid]}") if seen[note.guid] > 1 else note


def _lost_before(line: KnownNote, note: PackedNote, number: int) -> Iterator[NotTaken]:
    """Yield the parts of a note that no record got when it was taken, so that a later import lists them again."""
    for reason, field in line.lost:
        yield NotTaken(number, label_of(showable(note)), reason, field, is_whole_note=False)


def _media_faults(notes: Iterable[TakenNote], media: DeckMedia) -> Iterator[NotTaken]:
    for note in notes:
        for name in dict.fromkeys(name for part in note.parts for name in part.media):
            if name in media.faults:
                yield NotTaken(note.number, label_of(note.note), media.faults[name], is_whole_note=False)


def _count(result: ImportedDeck, target: Target, outcome: Outcome, folder: Path) -> None:
    result.taken += len(outcome.news)
    result.known += len(target.notes) - len(outcome.news)
    result.updated += outcome.updated
    result.not_taken += outcome.not_taken
    before = target.existing.content if target.existing else b""
    if outcome.content != before:
        result.files.append(_rewrite(target.path, folder, before, outcome.content))
        result.counts[target.path] = outcome.added


def _add_lists(result: ImportedDeck, deck: SourceDeck, folder: Path, known: dict[str, KnownNote]) -> None:
    """Add the file of known notes, and the one of what was not taken."""
    if known:
        _add(result, folder / FILE, folder, known_notes_file(known.values()))
    path = folder / f"{deck.path.stem}.not-taken.txt"
    if result.not_taken:
        head = f"What records did not get of {deck.path.name}: the notes by their place in the deck.\n"
        lines = [f"{entry}\n" for entry in sorted(result.not_taken, key=lambda entry: entry.number)]
        _add(result, path, folder, "".join([head, *lines]).encode("utf-8", "replace"))
        result.list_file = path


def _add(result: ImportedDeck, path: Path, folder: Path, content: bytes) -> None:
    try:
        before = whole_input(path) if path.exists() else b""
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", "nothing was written") from error
    if before != content:
        result.files.append(_rewrite(path, folder, before, content))


def _rewrite(path: Path, folder: Path, before: bytes, after: bytes) -> Rewrite:
    home = home_of(folder / "record")
    # A folder that was named may itself be a link out of the project.
    within = home if is_inside(folder, home) else folder
    return Rewrite(path.as_posix(), path.resolve(), within, before, after)
