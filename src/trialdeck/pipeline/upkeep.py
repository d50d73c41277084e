"""Look after a ledger: recover it, set its times back, list what is retired, and forget that."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from trialdeck.decks.clock import clamped
from trialdeck.decks.editions import day_of
from trialdeck.decks.ledger import FILE, Ledger, Line, read_ledger, readable_lines
from trialdeck.errors import TrialdeckError
from trialdeck.files import refusals
from trialdeck.links import target_of
from trialdeck.records.problem import nearest
from trialdeck.transactions import finish_commit, locked, replace_files


class Clamped(msgspec.Struct, frozen=True):
    """How many notes and note types had a time after now."""

    notes: int
    note_types: int


class Rebuilt(msgspec.Struct, frozen=True):
    """A ledger that was recovered: of how many notes it keeps the former lines, and how many lines were damaged."""

    ledger: Ledger
    kept: int
    damaged: int


def retired_notes(folder: Path) -> tuple[Line, ...]:
    """Return the lines of a folder's ledger whose notes are retired, sorted by key."""
    return read_ledger(folder / FILE).retired


def forget(folder: Path, keys: Sequence[str], before: str) -> tuple[Line, ...]:
    """Take retired notes out of a folder's ledger, so that no further package has them; return their lines.

    Taken out are those with these keys, and those of which learners were sent the last state before a day
    (YEAR-MONTH-DAY; empty for none): a record may give an earlier day as that of the retirement.
    Raises TrialdeckError where there is no ledger, or a key is not that of a retired note; nothing is changed then.
    """
    _refuse_without_ledger(folder)
    with locked(folder):
        finish_commit(folder)
        ledger = read_ledger(folder / FILE)
        for key in keys:
            _refuse_unless_retired(key, ledger)
        forgotten = tuple(line for line in ledger.retired if line.key in keys or _told_on(line) < before)
        gone = {line.guid for line in forgotten}
        left = Ledger({guid: line for guid, line in ledger.lines.items() if guid not in gone})
        replace_files(folder, {FILE: left.text.encode()})
    return forgotten


def _told_on(line: Line) -> str:
    return max(line.retired, day_of(line.changed))


def clamp(folder: Path, now: int) -> Clamped:
    """Set every time in a folder's ledger that is after now, in seconds of Unix time, to now; count what was changed.

    Raises TrialdeckError if there is no ledger; nothing is changed then.
    """
    _refuse_without_ledger(folder)
    with locked(folder):
        finish_commit(folder)
        ledger = read_ledger(folder / FILE)
        lines = {guid: clamped(line, now) for guid, line in ledger.lines.items()}
        changed = [line for guid, line in lines.items() if line != ledger.lines[guid]]
        if changed:
            replace_files(folder, {FILE: Ledger(lines).text.encode()})
    notes = sum(line.is_note for line in changed)
    return Clamped(notes, len(changed) - notes)


def _refuse_without_ledger(folder: Path) -> None:
    _refuse_link(folder)
    if not (folder / FILE).exists():
        raise TrialdeckError(f"there is no ledger {folder / FILE}", "name its folder with --out")


def _refuse_link(folder: Path) -> None:
    """Raise TrialdeckError where the ledger is a link out of its folder, before it is read."""
    with refusals(folder / FILE):
        target_of(folder / FILE, folder)


def _refuse_unless_retired(key: str, ledger: Ledger) -> None:
    retired = [line.key for line in ledger.retired]
    if key in retired:
        return
    if any(line.key == key for line in ledger.notes):
        raise TrialdeckError(f"'{key}' is not retired", "retire it in its record, and build, first")
    near = nearest(key, retired)
    hint = f"did you mean '{near}'?" if near else "`trialdeck retire` lists the notes that are retired"
    raise TrialdeckError(f"the ledger has no note '{key}'", hint)


def rebuild_ledger(packages: Sequence[Path], folder: Path, now: int, *, force: bool) -> Rebuilt:
    """Recover a folder's ledger from published packages and write it; see `trialdeck.decks.recovery`.

    What the packages do not have stays as the present ledger has it, as far as its lines can be read, with no time
    after now, in seconds of Unix time. Raises TrialdeckError where a package cannot be read or none is of trialdeck,
    and where there is a ledger already, unless `force` says that it may change.
    """
    from trialdeck.decks.reader import read_package  # noqa: PLC0415
    from trialdeck.decks.recovery import recovered  # noqa: PLC0415

    found = recovered(read_package(path) for path in packages)
    if not found.notes:
        raise TrialdeckError("these packages have no notes of trialdeck", "name packages that `trialdeck build` made")
    _refuse_link(folder)
    with locked(folder):
        finish_commit(folder)
        if (folder / FILE).exists() and not force:
            hint = "move it away, or recover it with --force: lines that the packages do not have stay"
            raise TrialdeckError(f"{folder / FILE} exists already", hint)
        with refusals(folder / FILE):
            present, damaged = readable_lines(folder / FILE)
        kept = {line.guid: clamped(line, now) for line in present.values() if line.guid not in found.lines}
        ledger = Ledger({**found.lines, **kept})
        replace_files(folder, {FILE: ledger.text.encode()})
    return Rebuilt(ledger, sum(line.is_note for line in kept.values()), damaged)
