"""The ledger: what has been built before, so that a rebuild touches only what changed.

One line of JSON a note and one a note type, sorted by key: small differences in git, and merges line by line. A lost
ledger costs learners one full update, in which what they wrote into their notes is replaced; a damaged one is an error
and is never overwritten.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import whole_input
from trialdeck.notes.note import Note, text_hash, trial_of
from trialdeck.notes.note_types import Kind, NoteType

FILE = "ledger.jsonl"
NOTE_TYPE = ":notetype/"
"""What the keys of note types begin with; no trial's id does."""

LATEST = 9 * 10**15
"""The latest time that a line may have, in seconds of Unix time: the ids of rows, in milliseconds, fit into SQLite.

Milliseconds and microseconds in place of seconds are below it: such a line can be read, and set back to now.
"""
_Time = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]

_CONFLICT = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})")
MENDING = (
    "restore the file from git, or recover it from all packages of the last edition: "
    "`trialdeck ledger rebuild --force decks/*.apkg`; "
    "without it, every learner gets one full update"
)
"""What to do about a damaged ledger."""
_FIRST_CARD = (0,)


class Line(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The line of one note or note type; times are in seconds of Unix time.

    `hash` is that of its content, `created` when it was first built, `changed` when its content last changed: the time
    stamp by which Anki tells whether to update it. `since` and `edition` name the editions of these two times.
    `retired` is the day (YEAR-MONTH-DAY) on which it was retired: the day that its record says, or that of the build
    that found its entry deleted; it is empty for other notes. The rest says what a note
    was, for when its record is gone: the first key that it had, if that was another; its note type; a few words; the
    file of its record, from the folder of the records on; and its tags. Of a note that was reviewed, `signed` is by
    whom and when, `words` the hash of what it says, and `reworded` the day on which that changed after the review.

    `own` is the hash of the note's own content, without what it shares with the other notes of its trial; a ledger of
    trialdeck 0.4 or older has none. Only a change of own content changes `changed`. `sent` is the `hash` that the note
    had at `changed`, if shared content has changed since; it is empty if `hash` is what learners were sent. `kept` are
    the fields of a retired note, in the order of the note type, so that packages are made from the ledger alone; it is
    empty if the text is not known. `cards` are the ordinals of its cards if it has others than the first one alone; see
    `ordinals`. `disputed` says that learners got the note as a reviewed one, and that it is disputed now. `withdrawn`
    names the edition that retired a note if it has changed since, for example its reason. `published` are the digests
    of all texts of the note that packages ever had, sorted, and those of the style and the templates of a note type
    (`trialdeck.editions.texts.published_texts`). `thanks` has
    the edition that thanked each contributor for a correction of the note (`trialdeck.editions.thanks`).
    """

    key: str
    guid: str
    hash: str
    created: _Time
    changed: _Time
    since: str = ""
    edition: str = ""
    retired: str = ""
    first: str = ""
    kind: str = ""
    label: str = ""
    record: str = ""
    tags: tuple[str, ...] = ()
    signed: str = ""
    words: str = ""
    reworded: str = ""
    own: str = ""
    sent: str = ""
    kept: tuple[str, ...] = ()
    cards: tuple[int, ...] = ()
    disputed: bool = False
    withdrawn: str = ""
    published: tuple[str, ...] = ()
    thanks: Mapping[str, str] = {}

    @property
    def ordinals(self) -> tuple[int, ...] | None:
        """The ordinals of the cards of a note, of a retired one those that it had; None if an old ledger has none."""
        return (self.cards or _FIRST_CARD) if self.own else None

    @property
    def is_pending(self) -> bool:
        """Whether shared content of the note has changed that learners who have the note were not sent."""
        return bool(self.sent)

    @property
    def is_note(self) -> bool:
        """Whether this is the line of a note, not of a note type."""
        return not self.key.startswith(NOTE_TYPE)

    @property
    def trial(self) -> str:
        """The id of the trial that a note is about."""
        return trial_of(self.key)

    @property
    def identity(self) -> str:
        """The key that the guid is derived from."""
        return self.first or self.key

    @property
    def text(self) -> str:
        """The line as it stands in the file; what is empty is left out, but a time may be 0."""
        return msgspec.json.encode(self).decode()


class Ledger(msgspec.Struct, frozen=True):
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
        """The lines of the retired notes, sorted by key."""
        return tuple(line for line in self.notes if line.retired)

    @property
    def text(self) -> str:
        """The ledger's file."""
        return encoded(sorted_lines(self.lines.values())).decode()


def sorted_lines(lines: Iterable[Line]) -> list[Line]:
    """Return lines in the order of the file."""
    return sorted(lines, key=lambda line: (line.key, line.guid))


def encoded(lines: Iterable[Line]) -> bytes:
    """Return lines as they stand in the file, each with its end."""
    return _ENCODER.encode_lines(lines)


def decoded(rows: bytes) -> list[Line]:
    """Return the lines of a part of the file; raises ValueError if one is damaged."""
    lines = _DECODER.decode_lines(rows)
    if any(not line.key or not line.guid or (line.retired and not line.kind) for line in lines):
        raise ValueError("a line lacks what every line has")
    if unknown := {line.kind for line in lines}.difference(_KINDS):
        raise ValueError(f"the kind of note '{min(unknown)}' is unknown")
    return lines


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Line)
_KINDS = frozenset({"", *Kind})


def read_ledger(path: Path) -> Ledger:
    """Read a ledger; without a file it is empty. Raises TrialdeckError if a line is damaged or in conflict.

    Lines of the same note are merged: see `latest`.
    """
    try:
        rows = whole_input(path)
    except FileNotFoundError:
        return Ledger({})
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", MENDING) from error
    return Ledger(latest(checked(rows, path)))


def readable_lines(path: Path) -> tuple[dict[str, Line], int]:
    """Return the lines of a ledger that can be read, by guid, and how many rows cannot; without a file there is none.

    Marks of a conflict count as rows that cannot be read; lines of the same note are merged: see `latest`.
    """
    lines: list[Line] = []
    rows = [row for row in whole_input(path).split(b"\n") if row.strip()] if path.exists() else []
    for row in rows:
        # Rows that cannot be read are counted.
        with suppress(ValueError):
            lines += decoded(row)
    return latest(lines), len(rows) - len(lines)


def latest(lines: Iterable[Line]) -> dict[str, Line]:
    """Return one line for each guid: lines that git's union merge left of the same note are merged.

    The order of the lines does not matter, nor under which keys they stand.
    """
    lines_by_guid: dict[str, Line] = {}
    twins: dict[str, list[Line]] = {}
    for line in lines:
        known = lines_by_guid.setdefault(line.guid, line)
        if known is not line:
            twins.setdefault(line.guid, [known]).append(line)
    lines_by_guid.update((guid, _merged(same)) for guid, same in twins.items())
    return lines_by_guid


def _merged(lines: Sequence[Line]) -> Line:
    """Merge the lines of one note from several branches: the line with the newest `changed` wins, whatever its key.

    If two branches sent learners different contents with the same time stamp, a learner may have either. The merged
    line then has no hashes and is not retired, so that the next build finds that the note has changed, or that its
    entry is gone, and gives it a later time.

    The ids of rows follow from `created`. The earliest one is taken: it is what the package of the branch that built
    the note first already has, and it cannot lie ahead of a clock that was right on the other branch.

    Learners may have the texts of any branch: the published texts of all are kept.
    """
    newest = max(lines, key=lambda line: (line.changed, line.text))
    oldest = min(lines, key=lambda line: (line.created, line.since))
    published = tuple(sorted({digest for line in lines for digest in line.published}))
    # Of two editions that thank for the same correction, the last one taken is the earlier.
    thanks = dict(sorted((thanked for line in lines for thanked in line.thanks.items()), reverse=True))
    merged = replace(newest, created=oldest.created, since=oldest.since, published=published,
                     thanks=dict(sorted(thanks.items())))  # fmt: skip
    sent = {line.sent or line.hash for line in lines if line.changed == newest.changed}
    return merged if len(sent) == 1 else replace(merged, hash="", own="", sent="", retired="")


def checked(rows: bytes, path: Path, first: int = 1) -> list[Line]:
    """Return the lines of a part of a ledger's file, which begins with the line of number `first`.

    Raises TrialdeckError, with the file and the line, if a line is damaged or in conflict.
    """
    try:
        lines = decoded(rows)
    except ValueError:
        lines = []
    # A blank row is no line either.
    if len(lines) != rows.count(b"\n") + (not rows.endswith(b"\n")):
        numbered = enumerate(rows.removesuffix(b"\n").split(b"\n") if rows else [], start=first)
        lines = [_line(row, f"{path}:{number}:1") for number, row in numbered]
    return lines


def _line(row: bytes, place: str) -> Line:
    if _CONFLICT.match(row):
        hint = "remove the marks and keep the lines of both sides; lines of the same note are merged"
        raise TrialdeckError(f"{place}: a merge conflict is not resolved", hint)
    try:
        [line] = decoded(row)
    except ValueError as error:
        if "kind of note" in str(error):
            raise TrialdeckError(
                f"{place}: {error}", "a newer trialdeck may have written it: update trialdeck"
            ) from error
        raise TrialdeckError(f"{place}: this line of the ledger is damaged", MENDING) from error
    return line


def type_hash(note_type: NoteType) -> str:
    """Return the hash of a note type as learners get it."""
    templates = [(template.name, template.front, template.back) for template in note_type.templates]
    return look_hash(note_type.name, note_type.style, templates)


def look_hash(name: str, style: str, templates: Iterable[tuple[str, str, str]]) -> str:
    """Return the hash of a note type's name and style and of the name, front and back of its templates."""
    return text_hash([name, style, *(part for template in templates for part in template)])
