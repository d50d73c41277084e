"""From one edition to the next: what is new, has changed, is retired or has come back, as the ledger tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from trialdeck.cards.labels import label_of
from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import NoteType
from trialdeck.cards.tags import own_tags
from trialdeck.decks.ledger import NOTE_TYPE, Ledger, Line, note_hash, type_hash
from trialdeck.decks.tombstone import tombstone
from trialdeck.records.project import SEEDS


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is built, in seconds of Unix time, and the name of the edition that it belongs to."""

    time: int
    edition: str

    @property
    def day(self) -> str:
        """The day of the build, YEAR-MONTH-DAY, in UTC: no time zone of a machine changes it."""
        return day_of(self.time)


def day_of(time: int) -> str:
    """Return the day of a Unix time, YEAR-MONTH-DAY, in UTC."""
    return datetime.fromtimestamp(time, UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a build has looked at: records (by file, as the ledger names them), whole folders of them, and trials.

    Only from what was looked at can it follow that a note is gone: a build of one file says nothing of the others.
    """

    records: frozenset[str]
    folders: frozenset[str]
    trials: frozenset[str]

    def covers(self, line: Line) -> bool:
        """Tell whether the record of a line was looked at, or would have been if it still were there.

        Of a line that was recovered from a package the file is not known: then a look at the whole project settles it.
        """
        if not line.record:
            return line.trial in self.trials or SEEDS in self.folders
        return line.record in self.records or line.record.partition("/")[0] in self.folders

    def may_hold(self, line: Line) -> bool:
        """Tell whether a retired line may be of a record that was looked at; better one tombstone too many."""
        return self.covers(line) or (not line.record and bool(self.folders))


@dataclass(frozen=True, slots=True)
class Sourced:
    """A note, and the file of its record as the ledger names it."""

    note: Note
    record: str


def next_edition(
    ledger: Ledger, notes: Iterable[Sourced], note_types: Iterable[NoteType], scope: Scope, moment: Moment
) -> Ledger:
    """Return the ledger after a build: what is new or has changed gets the build time, everything else stays.

    A note is known by its guid, so that one whose key was renamed (`formerly`) keeps its line. A line that `scope`
    covers and that no note has any more is retired.
    """
    lines = dict(ledger.lines)
    live = {each.note.guid: each for each in notes}
    for guid, each in live.items():
        lines[guid] = _next(lines.get(guid), _line_of(each, moment), moment)
    for note_type in note_types:
        lines[str(note_type.id)] = _next(lines.get(str(note_type.id)), _line_of_type(note_type, moment), moment)
    for guid, line in ledger.lines.items():
        if line.is_note and line.kind and not line.retired and guid not in live and scope.covers(line):
            lines[guid] = _retired(line, moment)
    return Ledger(lines)


def _next(former: Line | None, fresh: Line, moment: Moment) -> Line:
    if former is None:
        return fresh
    kept = replace(fresh, created=former.created, since=former.since)
    if former.hash == fresh.hash and not former.retired:
        return replace(kept, changed=former.changed, edition=former.edition)
    return replace(kept, changed=_later(former, moment))


def _retired(line: Line, moment: Moment) -> Line:
    stone = replace(line, retired=moment.day, edition=moment.edition, changed=_later(line, moment))
    return replace(stone, hash=note_hash(tombstone(stone)))


def _later(former: Line, moment: Moment) -> int:
    # A clock that was set back must not make a change look older than what learners have.
    return max(moment.time, former.changed + 1)


def _line_of(sourced: Sourced, moment: Moment) -> Line:
    note = sourced.note
    return Line(
        key=note.key,
        guid=note.guid,
        hash=note_hash(note),
        created=moment.time,
        changed=moment.time,
        since=moment.edition,
        edition=moment.edition,
        first=note.identity if note.identity != note.key else "",
        kind=str(note.kind),
        label=label_of(note.kind, note.fields[0]),
        record=sourced.record,
        tags=own_tags(note.tags),
    )


def _line_of_type(note_type: NoteType, moment: Moment) -> Line:
    key, guid, content = NOTE_TYPE + note_type.kind, str(note_type.id), type_hash(note_type)
    return Line(key, guid, content, moment.time, moment.time, moment.edition, moment.edition)


@dataclass(frozen=True, slots=True)
class Step:
    """What one build did to the lines of a ledger; `note_types` are those whose templates or style changed."""

    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    retired: tuple[Line, ...]
    returned: tuple[Line, ...]
    note_types: tuple[Line, ...]

    def __bool__(self) -> bool:
        return any((self.new, self.changed, self.retired, self.returned, self.note_types))


def step_between(before: Ledger, after: Ledger) -> Step:
    """Return what has happened between two states of a ledger, each part sorted by key."""
    touched = {line.guid: before.lines.get(line.guid) for line in _touched(before.lines, after)}
    of_notes = [(line, touched[line.guid]) for line in after.notes if line.guid in touched]
    return Step(
        new=tuple(line for line, former in of_notes if former is None),
        changed=tuple(line for line, former in of_notes if former and not line.retired and not former.retired),
        retired=tuple(line for line, former in of_notes if former and line.retired and not former.retired),
        returned=tuple(line for line, former in of_notes if former and not line.retired and former.retired),
        note_types=tuple(
            line for line in _touched(before.lines, after) if not line.is_note and line.guid in before.lines
        ),
    )


def _touched(before: Mapping[str, Line], after: Ledger) -> Iterable[Line]:
    for guid, line in after.lines.items():
        former = before.get(guid)
        if former is None or former.changed != line.changed:
            yield line
