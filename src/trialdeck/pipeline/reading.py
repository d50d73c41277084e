"""The heavy stage: from the bytes of one record to what is wrong with it, its outline, and its notes.

It is a function of its argument alone, so that it can run in any process on any machine, and its result can be kept.
"""

from pathlib import Path

import msgspec

from trialdeck.cards.checks import check_fronts
from trialdeck.cards.notes import own_notes
from trialdeck.pipeline.codec import digest, packed
from trialdeck.records.figures import shown_files
from trialdeck.records.load import Record, load_record_text
from trialdeck.records.media import MediaShelf
from trialdeck.records.outline import Outline, outline_of, told_part
from trialdeck.records.problem import Problem, Severity
from trialdeck.records.rules import check_record


class Raw(msgspec.Struct, frozen=True, array_like=True):
    """A record as it stands in its file, and the address for errors that its notes name.

    `folder` is where its figures are looked for; without one they are not.
    """

    content: bytes
    report: str
    folder: str = ""


class Reading(msgspec.Struct, frozen=True, array_like=True):
    """What the rest of a project needs at once: problems (their path is left empty), outline, and names of figures.

    `shown` says of each file that the record shows under which name it travels, or what is wrong with it; `told` is the
    digest of what other records tell of it.
    """

    problems: tuple[Problem, ...]
    outline: Outline | None = None
    shown: tuple[tuple[str, str], ...] = ()
    told: bytes = b""


class Parts(msgspec.Struct, frozen=True, array_like=True):
    """A reading, packed, beside what is needed later: what other records tell of it (a Trial), and its notes."""

    reading: bytes
    told: bytes
    notes: bytes


def read_raw(raw: Raw) -> Parts:
    """Read a record, check it, and make its own notes."""
    folder, shelf = Path(raw.folder) if raw.folder else None, MediaShelf()
    record = load_record_text(raw.content, "", folder, shelf)
    trial = record.trial if record.document else None
    if trial is None:
        return Parts(packed(Reading(record.problems)), b"", b"")
    problems, outline, told = problems_of(record), outline_of(trial), packed(told_part(trial))
    shown = shown_files(outline.figures, folder, shelf) if folder else ()
    # What has errors is never built.
    is_sound = all(problem.severity is not Severity.ERROR for problem in problems)
    notes = packed(own_notes(trial, raw.report)) if is_sound else b""
    return Parts(packed(Reading(problems, outline, shown, digest(told))), told, notes)


def problems_of(record: Record) -> tuple[Problem, ...]:
    """Return what is wrong with a record by itself."""
    found = set(record.problems)
    if record.trial and record.document:
        found.update(check_record(record.trial, record.document))
        found.update(check_fronts(record.trial, record.document))
    return tuple(sorted(found))
