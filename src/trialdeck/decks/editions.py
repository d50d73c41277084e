"""From one edition to the next: what is new, has changed, is retired or has come back, as the ledger tells."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import NoteType
from trialdeck.decks.ledger import NOTE_TYPE, Line, sorted_lines, type_hash
from trialdeck.decks.tombstone import tombstone
from trialdeck.records.project import SEEDS


class Moment(msgspec.Struct, frozen=True):
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


class Scope(msgspec.Struct, frozen=True):
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


def next_lines(former: Iterable[Line], notes: Iterable[Note], record: str, scope: Scope, moment: Moment) -> list[Line]:
    """Return the lines of a trial after a build, sorted: what is new or changed gets the build time, the rest stays.

    `former` are the lines that may belong to its notes, `record` is the file that the notes are from. A note is known
    by its guid, so that one whose key was renamed (`formerly`) keeps its line. A line that `scope` covers and that no
    note has any more is retired.
    """
    lines = {line.guid: line for line in former}
    live = {note.guid: note for note in notes if note.cards}
    for guid, line in lines.items():
        if guid not in live and line.kind and not line.retired and scope.covers(line):
            lines[guid] = _retired(line, moment)
    for guid, note in live.items():
        lines[guid] = _next(lines.get(guid), _line_of(note, record, moment), moment)
    return sorted_lines(lines.values())


def next_lines_of_types(former: Iterable[Line], note_types: Iterable[NoteType], moment: Moment) -> list[Line]:
    """Return the lines of note types after a build, sorted."""
    lines = {line.guid: line for line in former}
    for each in note_types:
        guid = str(each.id)
        lines[guid] = _next(lines.get(guid), _line_of_type(each, moment), moment)
    return sorted_lines(lines.values())


def _next(former: Line | None, fresh: Line, moment: Moment) -> Line:
    if former is None:
        return fresh
    same = former.hash == fresh.hash and not former.retired
    return replace(
        fresh,
        created=former.created,
        since=former.since,
        changed=former.changed if same else _later(former, moment),
        edition=former.edition if same else moment.edition,
        reworded=_reworded(former, fresh, moment),
    )


def _reworded(former: Line, fresh: Line, moment: Moment) -> str:
    """Return the day on which a note began to say something else than what its reviewer has read, or nothing."""
    if not fresh.signed or fresh.signed != former.signed:
        return ""
    if fresh.words == former.words:
        return former.reworded
    # Who has signed today may well have read what was written today.
    return "" if fresh.signed.startswith(moment.day) else moment.day


def _retired(line: Line, moment: Moment) -> Line:
    stone = replace(line, retired=moment.day, edition=moment.edition, changed=_later(line, moment))
    return replace(stone, hash=tombstone(stone).digest)


def _later(former: Line, moment: Moment) -> int:
    # A clock that was set back must not make a change look older than what learners have.
    return max(moment.time, former.changed + 1)


def _line_of(note: Note, record: str, moment: Moment) -> Line:
    return Line(
        key=note.key,
        guid=note.guid,
        hash=note.digest,
        created=moment.time,
        changed=moment.time,
        since=moment.edition,
        edition=moment.edition,
        first=note.identity if note.identity != note.key else "",
        kind=str(note.kind),
        label=note.label,
        record=record,
        tags=note.tags,
        signed=note.signed,
        words=note.words if note.signed else "",
    )


def _line_of_type(note_type: NoteType, moment: Moment) -> Line:
    key, guid, content = NOTE_TYPE + note_type.kind, str(note_type.id), type_hash(note_type)
    return Line(key, guid, content, moment.time, moment.time, moment.edition, moment.edition)


class Step(msgspec.Struct):
    """How many notes one build made, changed, retired and brought back; and the note types whose look it changed."""

    new: int = 0
    changed: int = 0
    retired: int = 0
    returned: int = 0
    note_types: int = 0

    def __bool__(self) -> bool:
        return any((self.new, self.changed, self.retired, self.returned, self.note_types))

    def count(self, before: Iterable[Line], after: Iterable[Line]) -> None:
        """Add what has happened between two states of the same lines."""
        known = {line.guid: line for line in before}
        for line in after:
            former = known.get(line.guid)
            if former is None:
                self.new += line.is_note
            elif former.changed != line.changed:
                self._count_changed(former, line)

    def _count_changed(self, former: Line, line: Line) -> None:
        if not line.is_note:
            self.note_types += 1
        elif line.retired:
            self.retired += not former.retired
        elif former.retired:
            self.returned += 1
        else:
            self.changed += 1
