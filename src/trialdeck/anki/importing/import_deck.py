"""Import a deck of another author: turn its notes into records, trial by trial."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.anki.importing.deck_map import DeckMap
from trialdeck.anki.importing.known_notes import FILE, KnownNote, known_notes_file, note_digest, read_known_notes
from trialdeck.anki.importing.media import DeckMedia, copy_media, plan_media
from trialdeck.anki.importing.records import Outcome, Target, written
from trialdeck.anki.importing.source_deck import SourceDeck
from trialdeck.anki.importing.take import NotTaken, TakenNote, label_of
from trialdeck.anki.importing.take_notes import NumberedNote, take_notes
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
    def is_nothing(self) -> bool:
        """Whether no note was taken, and none was there."""
        return not self.taken and not self.known


def import_deck(deck: SourceDeck, deck_map: DeckMap, folder: Path) -> ImportedDeck:
    """Return the records that a deck gives, in a folder; nothing is written.

    Raises TrialdeckError if an existing record cannot be read or changed.
    """
    known = read_known_notes(folder)
    targets = Targets(folder, known)
    result = ImportedDeck(len(deck.notes))
    digests: dict[str, str] = {}
    new: list[NumberedNote] = []
    for number, note in enumerate(_distinct(deck.notes), start=1):
        digest = digests[note.guid] = note_digest(note, deck_map)
        line = known.get(note.guid)
        if line and line.note == digest and targets.is_there(line.trial):
            result.known += 1
            result.not_taken += _lost_before(line, note, number)
        else:
            new.append((number, note))
    outcomes = list(take_notes(new, deck_map))
    notes = [outcome.taken for outcome in outcomes if outcome.taken]
    targets.place(notes)
    for outcome in outcomes:
        result.unmapped.update(outcome.unmapped)
    names = dict.fromkeys(name for note in notes for part in note.parts for name in part.media)
    media = result.media = plan_media(deck, names, folder)
    missing = [*(entry for outcome in outcomes for entry in outcome.not_taken), *_media_faults(notes, media)]
    result.not_taken += missing
    lost = defaultdict[int, list[tuple[str, str]]](list)
    for entry in missing:
        lost[entry.number].append((entry.reason, entry.field))
    for target in targets.by_id.values():
        outcome = written(target, media)
        _count(result, target, outcome, folder)
        known |= {line.guid: line for line in _lines(target, outcome, digests, lost)}
    _add_lists(result, deck, folder, known)
    return result


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
        yield NotTaken(number, label_of(note), reason, field, is_whole_note=False)


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


def _lines(
    target: Target, outcome: Outcome, digests: Mapping[str, str], lost: Mapping[int, Sequence[tuple[str, str]]]
) -> Iterator[KnownNote]:
    for note in target.notes:
        guid = note.note.guid
        line = target.known.get(guid)
        origin = line.origin if line else note.origin
        missing = tuple(lost.get(note.number, ()))
        yield KnownNote(guid, target.trial, origin, digests[guid], outcome.entries[guid], missing)


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
