"""Read earlier packages: the last texts of deleted notes, and notes that the ledger does not know."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from trialdeck.apkg.reader import PackedNote, opened_package
from trialdeck.editions.ledger import Line
from trialdeck.editions.next_edition import Texts
from trialdeck.notes.note import content_hash, trial_of
from trialdeck.notes.note_types import Kind, note_type


def last_texts(folder: Path, lines: Sequence[Line]) -> Texts:
    """Return the fields of notes, by guid, as far as a package in a folder has them.

    `lines` are those of the ledger before the build. A text counts only if it is the one that the ledger knows: what
    learners have, or what only new learners were sent since. The fields are those of today's note types, in their
    order: a package may be older than these. Raises TrialdeckError if a package cannot be read: it may be the one that
    has a text, and a lost text cannot be recovered later.
    """
    wanted = {line.guid: line for line in lines}
    texts: dict[str, tuple[str, ...]] = {}
    for path in _packages(folder, wanted.values()):
        for note in _notes_among(path, wanted):
            is_latest = _hash(note, wanted[note.guid]) == wanted[note.guid].hash
            if is_latest or note.guid not in texts:
                texts[note.guid] = _fields_of_today(note, wanted[note.guid])
            if is_latest:
                del wanted[note.guid]
        if not wanted:
            break
    return texts


def _packages(folder: Path, lines: Iterable[Line]) -> list[Path]:
    """Return the packages of a folder by name, but first those that are named after the trials of the lines."""
    trials = {line.trial for line in lines}
    paths = sorted(folder.glob("*.apkg")) if trials else []
    return sorted(paths, key=lambda path: not any(path.stem.endswith(trial) for trial in trials))


def _notes_among(path: Path, wanted: Mapping[str, Line]) -> Iterator[PackedNote]:
    """Yield the notes of a package that have the content of these lines, by guid."""
    with opened_package(path) as package:
        for note in package.notes():
            line = wanted.get(note.guid)
            if line and _hash(note, line) in {line.hash, line.sent}:
                yield note


def _fields_of_today(note: PackedNote, line: Line) -> tuple[str, ...]:
    return tuple(note.fields.get(name, "") for name in note_type(Kind(line.kind)).field_names)


def _hash(note: PackedNote, line: Line) -> str:
    return content_hash(line.kind, note.fields.values(), note.tags, (card.ordinal for card in note.cards))


def forgotten(new: Mapping[str, str], packages: Iterable[Path], trials: Container[str]) -> list[str]:
    """Return the keys, sorted, of the notes that are new and yet in packages.

    `new` has the keys of new notes by guid. A package that is named after one of the `trials` is opened only if that
    trial has new notes. Raises TrialdeckError if a package cannot be read: it may be the one that has the notes.
    """
    remaining, named = dict(new), {trial_of(key) for key in new.values()}
    names = {note_type(kind).name for kind in Kind}
    keys: list[str] = []
    for path in packages:
        trial = _trial_of(path.stem, trials)
        if remaining and (not trial or trial in named):
            with opened_package(path) as package:
                keys += [remaining.pop(guid) for guid in package.guids(names) if guid in remaining]
    return sorted(keys)


def _trial_of(stem: str, trials: Container[str]) -> str:
    """Return the trial that a package is named after: its name ends with the id; empty if it is named after none."""
    words = stem.split("-")
    ends = ("-".join(words[start:]) for start in range(len(words)))
    return next((end for end in ends if end in trials), "")
