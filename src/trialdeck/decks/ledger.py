"""The ledger: what has been built before, so that a rebuild touches only what changed.

One line of JSON a note and one a note type, sorted by key: small differences in git, and merges line by line. A lost
ledger costs learners one full update, in which what they wrote into their notes is replaced; a damaged one is an error
and is never overwritten.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, NoteType
from trialdeck.cards.tags import own_tags
from trialdeck.errors import TrialdeckError

FILE = "ledger.jsonl"
NOTE_TYPE = ":notetype/"
"""What the keys of note types begin with; no trial's id does."""

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})")
_MENDING = (
    "restore the file from git, or `trialdeck ledger rebuild` it from published packages; "
    "without it, every learner gets one full update"
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one note or note type; times are in seconds of Unix time.

    `hash` is that of its content, `created` when it was first built, `changed` when its content last changed: the time
    stamp by which Anki tells whether to update it. `since` and `edition` name the editions of these two times.
    `retired` is the day (YEAR-MONTH-DAY) from which its record no longer had it, or empty. The rest says what a note
    was, for when its record is gone: the first key that it had, if that was another; its note type; a few words; the
    file of its record, from the folder of the records on; and its tags.
    """

    key: str
    guid: str
    hash: str
    created: int
    changed: int
    since: str = ""
    edition: str = ""
    retired: str = ""
    first: str = ""
    kind: str = ""
    label: str = ""
    record: str = ""
    tags: tuple[str, ...] = ()

    @property
    def is_note(self) -> bool:
        """Whether this is the line of a note, not of a note type."""
        return not self.key.startswith(NOTE_TYPE)

    @property
    def trial(self) -> str:
        """The id of the trial that a note is about."""
        return self.key.partition("/")[0]

    @property
    def identity(self) -> str:
        """The key that the guid is derived from."""
        return self.first or self.key

    @property
    def text(self) -> str:
        """The line as it stands in the file; what is empty is left out, but a time may be 0."""
        stated = {name: value for name, value in asdict(self).items() if value or type(value) is int}
        return json.dumps(stated, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines, by guid."""

    lines: Mapping[str, Line]

    def note(self, note: Note) -> Line:
        """Return the line of a note."""
        return self.lines[note.guid]

    def note_type(self, note_type: NoteType) -> Line:
        """Return the line of a note type."""
        return self.lines[str(note_type.id)]

    @property
    def notes(self) -> tuple[Line, ...]:
        """The lines of all notes, retired ones too, sorted by key."""
        return tuple(line for line in sorted_lines(self.lines.values()) if line.is_note)

    @property
    def retired(self) -> tuple[Line, ...]:
        """The lines of the notes that their records no longer have, sorted by key."""
        return tuple(line for line in self.notes if line.retired)

    @property
    def text(self) -> str:
        """The ledger's file."""
        return "".join(f"{line.text}\n" for line in sorted_lines(self.lines.values()))


def sorted_lines(lines: Iterable[Line]) -> list[Line]:
    """Return lines in the order of the file."""
    return sorted(lines, key=lambda line: (line.key, line.guid))


def read_ledger(path: Path) -> Ledger:
    """Read a ledger; without a file it is empty. Raises TrialdeckError where a line is damaged or in conflict.

    A note that stands twice, as git's union merge leaves it where neighbouring lines were changed on two branches, is
    taken as it was changed last.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Ledger({})
    except (OSError, UnicodeDecodeError) as error:
        raise TrialdeckError(f"cannot read {path}: {error}", _MENDING) from error
    lines: dict[str, Line] = {}
    # Only "\n" ends a line: a label may hold characters that splitlines() takes for line breaks.
    for number, row in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        line = _line(row, f"{path}:{number}:1")
        lines[line.guid] = max(line, lines.get(line.guid, line), key=_recency)
    return Ledger(lines)


def _recency(line: Line) -> tuple[int, str]:
    return line.changed, line.text


def _line(row: str, place: str) -> Line:
    if _CONFLICT.match(row):
        hint = "remove the marks and keep the lines of both sides; of a note that stands twice, the later one counts"
        raise TrialdeckError(f"{place}: a merge conflict is not resolved", hint)
    try:
        line = Line(**_parsed(json.loads(row)))
    except (ValueError, TypeError, AttributeError) as error:
        raise TrialdeckError(f"{place}: this line of the ledger is damaged", _MENDING) from error
    wrong = any(type(getattr(line, name)) is not kind for name, kind in _KINDS.items())
    if wrong or not line.key or not line.guid or (line.retired and not line.kind):
        raise TrialdeckError(f"{place}: this line of the ledger is damaged", _MENDING)
    if line.kind not in {"", *Kind}:
        hint = "a newer trialdeck may have written it: update trialdeck"
        raise TrialdeckError(f"{place}: the kind of note '{line.kind}' is unknown", hint)
    return line


_KINDS = {field.name: {"created": int, "changed": int, "tags": tuple}.get(field.name, str) for field in fields(Line)}


def _parsed(values: dict[str, Any]) -> dict[str, Any]:
    tags = values.get("tags", [])
    if not all(isinstance(tag, str) for tag in tags):
        raise TypeError("a tag is text")
    return {**values, "tags": tuple(tags)}


def note_hash(note: Note) -> str:
    """Return the hash of what a learner gets of a note."""
    return content_hash(note.kind, note.fields, note.tags, note.cards)


def content_hash(kind: str, fields: Iterable[str], tags: Iterable[str], cards: Iterable[int]) -> str:
    """Return the hash of a note's content: note type, fields (the key is one of them), tags and ordinals of cards.

    The tag of the edition is not part of it: that alone never makes a note count as changed.
    """
    return _hash([kind, *fields, "", *own_tags(tags), "", *map(str, cards)])


def type_hash(note_type: NoteType) -> str:
    """Return the hash of what learners get of a note type."""
    templates = [(template.name, template.front, template.back) for template in note_type.templates]
    return look_hash(note_type.name, note_type.style, templates)


def look_hash(name: str, style: str, templates: Iterable[tuple[str, str, str]]) -> str:
    """Return the hash of a note type's name and style and of the name, front and back of its templates."""
    return _hash([name, style, *(part for template in templates for part in template)])


def _hash(parts: Iterable[str]) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:24]
