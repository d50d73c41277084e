"""The ledger: what has been built before, so that a rebuild touches only what changed.

One line of JSON a note and one a note type, sorted by key: small differences in git, and merges line by line. A lost
ledger costs learners one full update, in which what they wrote into their notes is replaced; a damaged one is an error
and is never overwritten.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import NoteType
from trialdeck.errors import TrialdeckError

FILE = "ledger.jsonl"
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})")
_NOTE_TYPE = ":notetype/"


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one note or note type; times are in seconds of Unix time.

    `hash` is that of its content, `created` when it was first built, `changed` when its content last changed: the time
    stamp by which Anki tells whether to update it.
    """

    key: str
    guid: str
    hash: str
    created: int
    changed: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines, by key."""

    lines: Mapping[str, Line]

    def note(self, note: Note) -> Line:
        """Return the line of a note."""
        return self.lines[note.key]

    def note_type(self, note_type: NoteType) -> Line:
        """Return the line of a note type."""
        return self.lines[_NOTE_TYPE + note_type.kind]

    @property
    def text(self) -> str:
        """The ledger's file."""
        rows = (json.dumps(asdict(self.lines[key]), ensure_ascii=False) for key in sorted(self.lines))
        return "".join(f"{row}\n" for row in rows)


def read_ledger(path: Path) -> Ledger:
    """Read a ledger; without a file it is empty. Raises TrialdeckError where a line is damaged or in conflict."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Ledger({})
    except (OSError, UnicodeDecodeError) as error:
        raise TrialdeckError(f"cannot read {path}: {error}", _MENDING) from error
    lines: dict[str, Line] = {}
    for number, row in enumerate(text.splitlines(), start=1):
        line = _line(row, f"{path}:{number}:1")
        if line.key in lines:
            hint = "keep the line with the later `changed`"
            raise TrialdeckError(f"{path}:{number}:1: '{line.key}' stands twice", hint)
        lines[line.key] = line
    return Ledger(lines)


_MENDING = "restore the file from git; or delete it, which costs every learner one full update"


def _line(row: str, place: str) -> Line:
    if _CONFLICT.match(row):
        hint = "keep both sides' lines and remove the marks; where a key stands twice, keep the later `changed`"
        raise TrialdeckError(f"{place}: a merge conflict is not resolved", hint)
    try:
        line = Line(**json.loads(row))
    except (ValueError, TypeError) as error:
        raise TrialdeckError(f"{place}: this line of the ledger is damaged", _MENDING) from error
    if [type(value) for value in asdict(line).values()] != [str, str, str, int, int]:
        raise TrialdeckError(f"{place}: this line of the ledger is damaged", _MENDING)
    return line


def advance(ledger: Ledger, notes: Iterable[Note], note_types: Iterable[NoteType], built_at: int) -> Ledger:
    """Return the ledger after a build: what is new or has changed gets the build time, everything else stays.

    A note is known by its guid, so that one whose key was renamed (`formerly`) keeps its line.
    """
    lines = {line.guid: line for line in ledger.lines.values()}
    for note in notes:
        lines[note.guid] = _entered(lines.get(note.guid), note.key, note.guid, _note_hash(note), built_at)
    for note_type in note_types:
        key, guid = _NOTE_TYPE + note_type.kind, str(note_type.id)
        lines[guid] = _entered(lines.get(guid), key, guid, _type_hash(note_type), built_at)
    return Ledger({line.key: line for line in lines.values()})


def _entered(former: Line | None, key: str, guid: str, content: str, built_at: int) -> Line:
    if former is None:
        return Line(key, guid, content, built_at, built_at)
    if former.hash == content:
        return former
    # A clock that was set back must not make a change look older than what learners have.
    return Line(key, guid, content, former.created, max(built_at, former.changed + 1))


def _note_hash(note: Note) -> str:
    """Return the hash of what a learner gets of a note: note type, fields (the key is one of them), tags and cards."""
    return _hash([note.kind, *note.fields, "", *note.tags, "", *map(str, note.cards)])


def _type_hash(note_type: NoteType) -> str:
    sides = [part for template in note_type.templates for part in (template.name, template.front, template.back)]
    return _hash([note_type.name, note_type.style, *sides])


def _hash(parts: Iterable[str]) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:24]
