"""Maintain a ledger: rebuild it from packages, set times back, list and forget retired notes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.apkg.reader import PackedNote, PackedType, ReadPackage, read_package
from trialdeck.apkg.row_ids import created_at
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals
from trialdeck.core.problem import nearest
from trialdeck.core.safe_paths import target_of
from trialdeck.core.transactions import finish_commit, locked, replace_files
from trialdeck.editions.clock import clamped
from trialdeck.editions.ledger import (
    FILE,
    LATEST,
    NOTE_TYPE,
    Ledger,
    Line,
    latest,
    look_hash,
    read_ledger,
    readable_lines,
)
from trialdeck.editions.next_edition import day_of
from trialdeck.editions.texts.published_texts import part_digests, text_digest, united
from trialdeck.notes.note import content_hash, label_of, trial_of
from trialdeck.notes.note_types import Kind, NoteType, note_type
from trialdeck.notes.retirement import retired_on
from trialdeck.notes.tags import edition_of, own_tags

_KINDS = {note_type(kind).name: kind for kind in Kind}


def recovered(packages: Iterable[ReadPackage]) -> Ledger:
    """Return the ledger that gave these packages; the lines of a note that is in several are merged (see `latest`).

    What a package does not have is left empty, and the next build fills it in: the files of the records, and the first
    id of a renamed note. Notes and note types that are not of trialdeck are skipped.
    """
    lines = ((*_lines_of_notes(package), *_lines_of_types(package)) for package in packages)
    return Ledger(latest(chain.from_iterable(lines)))


def _lines_of_notes(package: ReadPackage) -> Iterator[Line]:
    for note in package.notes:
        kind = _KINDS.get(note.note_type)
        if kind and note.fields.get("Key"):
            yield _line_of_note(note, kind)


def _line_of_note(note: PackedNote, kind: Kind) -> Line:
    fields = tuple(note.fields.values())
    key, edition = note.fields["Key"], edition_of(note.tags)
    created = _time(created_at(note.guid, trial_of(key), note.row_id))
    return Line(
        key=key,
        guid=note.guid,
        hash=content_hash(kind, fields, note.tags, (card.ordinal for card in note.cards)),
        created=created,
        changed=_time(note.changed),
        since=edition if note.changed == created else "",
        edition=edition,
        retired=retired_on(note.fields.get("Retired", "")),
        kind=str(kind),
        label=label_of(kind, fields[0]),
        tags=own_tags(note.tags),
        kept=fields if note.fields.get("Retired") else (),
        published=(text_digest(kind, [note.fields.get(name, "") for name in note_type(kind).field_names]),),
    )


def _lines_of_types(package: ReadPackage) -> Iterator[Line]:
    for packed_type in package.note_types:
        kind = _KINDS.get(packed_type.name)
        if kind and packed_type.id == note_type(kind).id:
            changed = _time(packed_type.changed)
            parts = _parts(packed_type, note_type(kind))
            yield Line(NOTE_TYPE + kind, str(packed_type.id), _look(packed_type), changed, changed, published=parts)


def _parts(packed: PackedType, ours: NoteType) -> tuple[str, ...]:
    """Return the digests of the style and of those templates that are ours, which Anki knows by their ids."""
    ids = {template.name: template.id for template in ours.templates}
    templates = [
        (ids[template.name], template.front, template.back) for template in packed.templates if template.name in ids
    ]
    return part_digests(packed.style, ours.id, templates)


def _time(found: int) -> int:
    """Return a time of a package within the limits of a line: any program may have made the package."""
    return max(0, min(found, LATEST))


def _look(packed: PackedType) -> str:
    sides = [(template.name, template.front, template.back) for template in packed.templates]
    return look_hash(packed.name, packed.style, sides)


class Clamped(msgspec.Struct, frozen=True):
    """How many notes and note types had a time after now."""

    notes: int
    note_types: int


class Rebuilt(msgspec.Struct, frozen=True):
    """A ledger that was recovered, how many notes keep their former lines, and how many lines were damaged."""

    ledger: Ledger
    kept: int
    damaged: int


def retired_notes(folder: Path) -> tuple[Line, ...]:
    """Return the lines of a folder's ledger whose notes are retired, sorted by key."""
    return read_ledger(folder / FILE).retired


def forget(folder: Path, keys: Sequence[str], before: str) -> tuple[Line, ...]:
    """Remove retired notes from a folder's ledger, so that no further package has them; return their lines.

    Removed are the notes with these keys, and those whose last state learners were sent before a day (YEAR-MONTH-DAY;
    empty for none): a record may give an earlier day as that of the retirement. Raises TrialdeckError if there is no
    ledger, or a key is not that of a retired note; nothing is changed then.
    """
    _refuse_without_ledger(folder)
    with locked(folder):
        finish_commit(folder)
        ledger = read_ledger(folder / FILE)
        for key in keys:
            _refuse_unless_retired(key, ledger)
        forgotten = tuple(line for line in ledger.retired if line.key in keys or _sent_on(line) < before)
        gone = {line.guid for line in forgotten}
        remaining = Ledger({guid: line for guid, line in ledger.lines.items() if guid not in gone})
        replace_files(folder, {FILE: remaining.text.encode()})
    return forgotten


def _sent_on(line: Line) -> str:
    return max(line.retired, day_of(line.changed))


def clamp(folder: Path, now: int) -> Clamped:
    """Set every time in a folder's ledger that is after now, in seconds of Unix time, to now; count what was changed.

    Raises TrialdeckError if there is no ledger; nothing is changed then.
    """
    _refuse_without_ledger(folder)
    with locked(folder):
        finish_commit(folder)
        ledger = read_ledger(folder / FILE)
        lines = {guid: clamped(line, now) for guid, line in ledger.lines.items()}
        changed = [line for guid, line in lines.items() if line != ledger.lines[guid]]
        if changed:
            replace_files(folder, {FILE: Ledger(lines).text.encode()})
    notes = sum(line.is_note for line in changed)
    return Clamped(notes, len(changed) - notes)


def _refuse_without_ledger(folder: Path) -> None:
    _refuse_link(folder)
    if not (folder / FILE).exists():
        raise TrialdeckError(f"there is no ledger {folder / FILE}", "name its folder with --out")


def _refuse_link(folder: Path) -> None:
    """Raise TrialdeckError if the ledger is a link out of its folder, before it is read."""
    with refusals(folder / FILE):
        target_of(folder / FILE, folder)


def _refuse_unless_retired(key: str, ledger: Ledger) -> None:
    retired = [line.key for line in ledger.retired]
    if key in retired:
        return
    if any(line.key == key for line in ledger.notes):
        raise TrialdeckError(f"'{key}' is not retired", "retire it in its record, and build, first")
    near = nearest(key, retired)
    hint = f"did you mean '{near}'?" if near else "`trialdeck retire` lists the notes that are retired"
    raise TrialdeckError(f"the ledger has no note '{key}'", hint)


def rebuild_ledger(packages: Sequence[Path], folder: Path, now: int, *, force: bool) -> Rebuilt:
    """Recover a folder's ledger from published packages and write it; see `recovered`.

    Lines that the packages do not have stay as they are in the present ledger, as far as they can be read, with no time
    after now. The published texts of all other notes stay as well.

    Args:
        packages: All packages of the last edition.
        folder: The folder of the ledger.
        now: The time, in seconds of Unix time.
        force: Whether a ledger that is there may change.

    Raises:
        TrialdeckError: A package cannot be read, none is of trialdeck, or there is a ledger already.
    """
    from_packages = recovered(read_package(path) for path in packages)
    if not from_packages.notes:
        raise TrialdeckError("these packages have no notes of trialdeck", "name packages that `trialdeck build` made")
    _refuse_link(folder)
    with locked(folder):
        finish_commit(folder)
        if (folder / FILE).exists() and not force:
            hint = "move it away, or recover it with --force: lines that the packages do not have stay"
            raise TrialdeckError(f"{folder / FILE} exists already", hint)
        with refusals(folder / FILE):
            present, damaged = readable_lines(folder / FILE)
        kept = {line.guid: clamped(line, now) for line in present.values() if line.guid not in from_packages.lines}
        ledger = Ledger({**_with_texts_of(present, from_packages.lines), **kept})
        replace_files(folder, {FILE: ledger.text.encode()})
    return Rebuilt(ledger, sum(line.is_note for line in kept.values()), damaged)


def _with_texts_of(present: Mapping[str, Line], lines: Mapping[str, Line]) -> dict[str, Line]:
    """Return lines, by guid, with the published texts that the present ledger has of the same notes."""
    return {
        guid: replace(line, published=united(line.published, present[guid].published if guid in present else ()))
        for guid, line in lines.items()
    }
