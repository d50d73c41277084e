"""Find and repair a ledger whose times lie in the future.

A build on a machine whose clock was wrong, or with a `SOURCE_DATE_EPOCH` in the future, writes such times. Anki updates
a note whose time stamp is newer than that of the learner's copy, so until that time every import overwrites what
learners wrote into it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import open_input
from trialdeck.core.problem import FileLocation, Problem
from trialdeck.core.text import counted
from trialdeck.editions.ledger import LATEST, MENDING, NOTE_TYPE, Line
from trialdeck.editions.next_edition import day_of
from trialdeck.editions.texts.published_texts import published_texts, united
from trialdeck.editions.tombstone import tombstone

TOLERANCE = 3600
"""By how many seconds the clocks of two machines may differ without a warning."""

REPAIRS = (
    "run `trialdeck ledger clamp` if the packages were never shared; "
    "else `trialdeck ledger rebuild --force old/*.apkg` with all packages of the last edition before that"
)
"""How to set the times back; `trialdeck ledger clamp --help` says what each costs."""

_CHANGED = re.compile(rb'"changed":\s*(\d{1,18})(?!\d)')
_GUID = re.compile(rb'"guid":\s*("(?:[^"\\]|\\.)*")')
_OF_TYPE = re.compile(rb'\{"key":\s*"' + NOTE_TYPE.encode())


class ClockAhead(msgspec.Struct, frozen=True):
    """How many notes and note types count as changed after now, and until when at the latest, in seconds of Unix time.

    `line` is the number of the first such line in the file, if it was read from there.
    """

    notes: int
    note_types: int
    until: int
    line: int = 0

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        counts = [(self.notes, "note"), (self.note_types, "note type")]
        named = " and ".join(counted(count, noun) for count, noun in counts if count)
        counts_as = "counts" if self.notes + self.note_types == 1 else "count"
        return (
            f"{named} {counts_as} as changed up to {day_of(self.until)}, which is after now: "
            "until then every import overwrites what learners wrote"
        )


def ahead(lines: Iterable[Line], now: int) -> ClockAhead | None:
    """Return how far lines are ahead of a time, in seconds of Unix time, or None if none is by more than an hour."""
    notes = note_types = until = 0
    for line in lines:
        if is_ahead(line.changed, now):
            notes, note_types = notes + line.is_note, note_types + (not line.is_note)
            until = max(until, line.changed)
    return ClockAhead(notes, note_types, until) if until else None


def is_ahead(time: int, now: int) -> bool:
    """Tell whether a time is so far after now that clocks which differ a little do not explain it."""
    return time > now + TOLERANCE


def ahead_in(path: Path, now: int) -> ClockAhead | None:
    """Return how far a ledger's file is ahead of a time, with the number of the first such line.

    Damaged lines are skipped; reading the ledger reports them. Raises TrialdeckError if the file
    cannot be read; without a file nothing is ahead.
    """
    first, until, are_notes = 0, 0, dict[bytes, bool]()
    try:
        with open_input(path) as file:
            for number, row in enumerate(file, start=1):
                changed = _CHANGED.search(row)
                time = int(changed[1]) if changed else 0
                if is_ahead(time, now) and time <= LATEST and (guid := _GUID.search(row)):
                    first, until = first or number, max(until, time)
                    are_notes[guid[1]] = _OF_TYPE.match(row) is None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", MENDING) from error
    notes = sum(are_notes.values())
    return ClockAhead(notes, len(are_notes) - notes, until, first) if are_notes else None


def problem_of(found: ClockAhead, path: str) -> Problem:
    """Return the warning about a ledger, whose file goes by this path."""
    return Problem(FileLocation(path, found.line, 1), "TD420", found.message, REPAIRS)


def clamped(line: Line, now: int) -> Line:
    """Return a line with no time after now; editions that are named by the day of such a time get today's name."""
    since, edition = _named(line.since, line.created, now), _named(line.edition, line.changed, now)
    times = replace(
        line, created=min(line.created, now), changed=min(line.changed, now), since=since, edition=edition,
        reworded=min(line.reworded, day_of(now)),
    )  # fmt: skip
    return _clamped_stone(times, day_of(now)) if line.retired > day_of(now) else times


def _named(edition: str, time: int, now: int) -> str:
    is_of_day = now < time and edition == day_of(time)
    return day_of(now) if is_of_day else edition


def _clamped_stone(line: Line, today: str) -> Line:
    """Return the line of a note that was retired on a day after today, with today as that day.

    The day is on the card, so the hash changes with it; learners may have the former text all the same.
    """
    if tombstone(line).digest != line.hash:
        return line
    kept = tuple(text.replace(line.retired, today, 1) if text.startswith(line.retired) else text for text in line.kept)
    stone = replace(line, retired=today, kept=kept)
    note = tombstone(stone)
    published = united(published_texts(line), published_texts(stone))
    return replace(stone, hash=note.digest, own=note.own, published=published)
