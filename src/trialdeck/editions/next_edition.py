"""Work out the next edition: which notes are new, changed, retired or returned."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from trialdeck.editions.ledger import NOTE_TYPE, Line, sorted_lines, type_hash
from trialdeck.editions.texts.published_texts import part_digests, published_texts, text_digest, united
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.note import Note, has_same_own_content
from trialdeck.notes.note_types import Kind, NoteType
from trialdeck.notes.retirement import dated, retired_fields, retired_on
from trialdeck.notes.tags import own_tags
from trialdeck.records.discovery import SEEDS


class BuildTime(msgspec.Struct, frozen=True):
    """The time of a build, in seconds of Unix time, and the name of its edition.

    `refreshed` are the trials whose notes are sent to learners even if only their shared content has changed.
    """

    time: int
    edition: str
    refreshed: frozenset[str] = frozenset()

    @property
    def day(self) -> str:
        """The day of the build, YEAR-MONTH-DAY, in UTC, so that it is the same in every time zone."""
        return day_of(self.time)


LAST_DAY = 253_402_300_799
"""The end of the year 9999: later days cannot be written as YEAR-MONTH-DAY."""


def day_of(time: int) -> str:
    """Return the day of a Unix time, YEAR-MONTH-DAY, in UTC; the last day of the year 9999 for a later time."""
    return datetime.fromtimestamp(min(time, LAST_DAY), UTC).date().isoformat()


class Coverage(msgspec.Struct, frozen=True):
    """What a build has read: records (by file, as the ledger names them), whole folders of them, and trials.

    Only a note of a record that was read can be gone: a build of one file retires nothing of the others.
    """

    records: frozenset[str]
    folders: frozenset[str]
    trials: frozenset[str]

    def covers(self, line: Line) -> bool:
        """Tell whether the record of a line was read, or would have been if it still existed.

        A line that was recovered from a package lacks the file: then only a build of the whole project covers it.
        """
        if not line.record:
            return line.trial in self.trials or SEEDS in self.folders
        return line.record in self.records or line.record.partition("/")[0] in self.folders

    def may_hold(self, line: Line) -> bool:
        """Tell whether a retired line may be of a record that was read; in doubt, packages get the tombstone."""
        return self.covers(line) or (not line.record and bool(self.folders))


Texts = Mapping[str, tuple[str, ...]]
"""The last fields of notes, in the order of the note type, by guid."""


def next_lines(  # noqa: PLR0913, PLR0917 - one parameter an ingredient
    former: Iterable[Line], notes: Iterable[Note], record: str, coverage: Coverage, build_time: BuildTime, texts: Texts
) -> list[Line]:
    """Return the lines of a trial after a build, sorted: what is new or changed gets the build time, the rest stays.

    A note is known by its guid, so that one whose key was renamed (`formerly`) keeps its line. A line that `coverage`
    covers and that no note has any more is retired, with its last text if `texts` has it. A note that its record
    retires before it was ever built, or whose line was forgotten, gets no line: no learner has it.

    Args:
        former: The lines that may belong to the notes.
        notes: The notes of the trial now.
        record: The file that the notes are from.
        coverage: What the build has looked at.
        build_time: When the build is, and its edition.
        texts: The last fields of notes, by guid.
    """
    lines = {line.guid: line for line in former}
    live = {note.guid: note for note in notes if note.cards or (note.retired and note.guid in lines)}
    for guid, line in lines.items():
        if guid not in live and line.kind and not line.retired and coverage.covers(line):
            lines[guid] = _retired(line, build_time, texts.get(guid, ()))
    for guid, unstamped in live.items():
        former_line = lines.get(guid)
        note = dated(unstamped, (former_line and former_line.retired) or build_time.day)
        known = former_line and _completed(former_line, note, texts.get(guid, ()))
        lines[guid] = _next(known, _line_of(note, record, build_time), build_time)
    return sorted_lines(lines.values())


def _completed(line: Line, note: Note, text: tuple[str, ...]) -> Line:
    """Return a line with what an older ledger did not have, as far as the last text of the note shows it.

    A ledger of trialdeck 0.4 or older has lines without the hash of own content, and without published texts; one that
    was recovered from packages lacks the first.
    """
    if line.retired or not text or line.kind != note.kind:
        return line
    is_same = not line.own and has_same_own_content(note, text, line.tags)
    published = united(line.published, [text_digest(line.kind, text)])
    return replace(line, own=note.own if is_same else line.own, published=published)


def next_lines_of_types(former: Iterable[Line], note_types: Iterable[NoteType], build_time: BuildTime) -> list[Line]:
    """Return the lines of note types after a build, sorted."""
    lines = {line.guid: line for line in former}
    for note_type in note_types:
        guid = str(note_type.id)
        lines[guid] = _next(lines.get(guid), _line_of_type(note_type, build_time), build_time)
    return sorted_lines(lines.values())


def _next(former: Line | None, fresh: Line, build_time: BuildTime) -> Line:
    """Return the next line of a note: it gets the build time if its content is sent to learners again."""
    if former is None:
        return replace(fresh, disputed=False)
    # A retired note asks nothing: new facts of its trial need no update.
    is_refreshed = fresh.trial in build_time.refreshed and not fresh.retired
    is_sent = _is_own_change(former, fresh) or (_is_pending(former, fresh) and is_refreshed)
    return replace(
        _as_reviewed(former, fresh) if fresh.retired else fresh,
        created=former.created,
        since=former.since,
        changed=_later(former, build_time) if is_sent else former.changed,
        edition=build_time.edition if is_sent else former.edition,
        reworded=former.reworded if fresh.retired else _reworded(former, fresh, build_time),
        sent=_last_sent(former) if _is_pending(former, fresh) and not is_sent else "",
        disputed=fresh.disputed and bool(former.signed or former.disputed),
        withdrawn=_retired_in(former, build_time, is_sent=is_sent) if fresh.retired and former.retired else "",
        published=united(published_texts(former) if former.is_note else former.published, fresh.published),
    )


def _retired_in(former: Line, build_time: BuildTime, *, is_sent: bool) -> str:
    """Return the edition that first retired a note that is still retired; empty if that edition also sent it last."""
    edition = former.withdrawn or (former.edition if is_sent else "")
    return "" if is_sent and edition == build_time.edition else edition


def _is_own_change(former: Line, fresh: Line) -> bool:
    """Tell whether a note's own content differs, or any content if the ledger does not know the own content."""
    if bool(former.retired) is not bool(fresh.retired):
        return True
    return former.own != fresh.own if former.own else former.hash != fresh.hash


def _is_pending(former: Line, fresh: Line) -> bool:
    """Tell whether a note has another content than what learners were sent last."""
    return _last_sent(former) != fresh.hash


def _last_sent(line: Line) -> str:
    return line.sent or line.hash


def _reworded(former: Line, fresh: Line, build_time: BuildTime) -> str:
    """Return the day since which a note differs from what its reviewer has read; empty if it does not."""
    if not fresh.signed or fresh.signed != former.signed:
        return ""
    if fresh.words == former.words:
        return former.reworded
    # A reviewer who signed today may have read what was written today.
    return "" if fresh.signed.startswith(build_time.day) else build_time.day


def _as_reviewed(former: Line, fresh: Line) -> Line:
    """Return the line of a retired note with its former review, which counts again if the note comes back."""
    return replace(fresh, signed=former.signed, words=former.words)


def _retired(line: Line, build_time: BuildTime, text: tuple[str, ...]) -> Line:
    stone = replace(
        line,
        retired=build_time.day,
        edition=build_time.edition,
        changed=_later(line, build_time),
        sent="",
        kept=retired_fields(Kind(line.kind), text, build_time.day) if text else (),
    )
    note = tombstone(stone)
    last = [text_digest(line.kind, text)] if text else []
    return replace(stone, hash=note.digest, own=note.own, published=united(published_texts(stone), last))


def loses_text(former: Line, line: Line) -> bool:
    """Tell whether a build retires a note whose entry was deleted and whose last text no package has.

    Learners who have the note then lose what its card says, beyond a few words.
    """
    return bool(line.retired) and not former.retired and not line.kept


def _later(former: Line, build_time: BuildTime) -> int:
    # A clock that was set back must not make a change look older than what learners have.
    return max(build_time.time, former.changed + 1)


def _line_of(note: Note, record: str, build_time: BuildTime) -> Line:
    return Line(
        key=note.key,
        guid=note.guid,
        hash=note.digest,
        created=build_time.time,
        changed=build_time.time,
        since=build_time.edition,
        edition=build_time.edition,
        first=note.identity if note.identity != note.key else "",
        kind=str(note.kind),
        label=note.label,
        record=record,
        retired=retired_on(note.retired),
        kept=note.fields if note.retired else (),
        tags=own_tags(note.tags),
        signed=note.signed,
        words=note.words if note.signed else "",
        own=note.own,
        cards=note.cards if note.cards != (0,) else (),
        disputed=note.disputed,
        published=(text_digest(note.kind, note.fields),),
    )


def _line_of_type(note_type: NoteType, build_time: BuildTime) -> Line:
    templates = [(template.id, template.front, template.back) for template in note_type.templates]
    return Line(
        key=NOTE_TYPE + note_type.kind,
        guid=str(note_type.id),
        hash=type_hash(note_type),
        created=build_time.time,
        changed=build_time.time,
        since=build_time.edition,
        edition=build_time.edition,
        published=part_digests(note_type.style, note_type.id, templates),
    )


class EditionCounts(msgspec.Struct):
    """How many notes one build made, changed, retired and brought back, and how many note types look different.

    `shared` counts, by trial, the notes whose shared content alone changed, without retired ones: new learners get it,
    others do not. `lost` are the retired notes whose text learners lose; `unsure` are notes of which an older ledger
    does not know what they had before: their own content, so that all counted as such, or their text.
    """

    new: int = 0
    changed: int = 0
    retired: int = 0
    returned: int = 0
    note_types: int = 0
    shared: dict[str, int] = msgspec.field(default_factory=dict)
    lost: list[Line] = msgspec.field(default_factory=list)
    unsure: list[Line] = msgspec.field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.new, self.changed, self.retired, self.returned, self.note_types))

    def count(self, before: Iterable[Line], after: Iterable[Line]) -> None:
        """Add what has happened between two states of the same lines."""
        known = {line.guid: line for line in before}
        for line in after:
            former = known.get(line.guid)
            if former is None:
                self.new += line.is_note
                continue
            self.unsure += [line] * _is_unsure(former, line)
            if former.changed != line.changed:
                self._count_changed(former, line)
            elif former.hash != line.hash and not line.retired:
                self.shared[line.trial] = self.shared.get(line.trial, 0) + 1

    def _count_changed(self, former: Line, line: Line) -> None:
        if not line.is_note:
            self.note_types += 1
        elif line.retired:
            self.retired += not former.retired
            self.changed += bool(former.retired)
            self.lost += [line] * loses_text(former, line)
        elif former.retired:
            self.returned += 1
        else:
            self.changed += 1


def _is_unsure(former: Line, line: Line) -> bool:
    """Tell whether a note has changed of which the ledger does not know what it was; for a retired one, `kept` does."""
    return line.is_note and former.hash != line.hash and not former.retired and not (former.own and former.published)
