"""The last texts of notes, read from the packages that earlier builds left in a folder."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from trialdeck.cards.note import content_hash
from trialdeck.decks.editions import Texts
from trialdeck.decks.ledger import Line
from trialdeck.decks.reader import PackedNote, opened_package


def last_texts(folder: Path, lines: Sequence[Line]) -> Texts:
    """Return the fields of notes, by guid, as far as a package in a folder has them.

    `lines` are those of the ledger before the build. A text counts only if it is the one that the ledger knows: what
    learners have, or what only new learners were sent since. Raises TrialdeckError where a package cannot be read: it
    may be the one that has a text, and what is lost is lost for good.
    """
    wanted = {line.guid: line for line in lines}
    texts: dict[str, tuple[str, ...]] = {}
    for path in _packages(folder, wanted.values()):
        for note in _notes_among(path, wanted):
            is_latest = _hash(note, wanted[note.guid]) == wanted[note.guid].hash
            if is_latest or note.guid not in texts:
                texts[note.guid] = tuple(note.fields.values())
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


def _hash(note: PackedNote, line: Line) -> str:
    return content_hash(line.kind, note.fields.values(), note.tags, (card.ordinal for card in note.cards))
