"""Import sheets into the records of a project: all records or none."""

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import CellLocation, FileLocation, Location
from trialdeck.core.text import counted
from trialdeck.records.discovery import Place, home_of, survey
from trialdeck.sheets.checks import collection_faults, faults_of, loose_faults
from trialdeck.sheets.columns import TRIAL, forms
from trialdeck.sheets.export import FaultySheetsError, Stored, stored_record, twins
from trialdeck.sheets.files import form_and_part, opened_tables
from trialdeck.sheets.made_ids import with_ids
from trialdeck.sheets.merge import Change, Merge, merged, new_record
from trialdeck.sheets.read import RowEntry, RowFault, Sheets, did_you_mean, read_entries
from trialdeck.sheets.understood import day_fault, is_day
from trialdeck.yamlfile.document import content_of
from trialdeck.yamlfile.edit import edited
from trialdeck.yamlfile.write_records import Rewrite, complete_left, write_together

_ID = re.compile(rb"""^id[ \t]*:[ \t]*["']?([^\s"'#]+)""", re.MULTILINE)
_MOST_LIKENED = 20
"""The number of unknown trials for which a similar known one is suggested, as each search is slow."""
_ACRONYM = "acronym"
_EARLIER = ("", "formerly")
"""The list and the column of the earlier ids of a trial."""


class Imported(msgspec.Struct, frozen=True):
    """What an import does to one record.

    `is_new` means that there was no record; `before` is empty for a new record, and so are both if nothing changes.
    """

    path: str
    trial: str
    is_new: bool
    changes: tuple[Change, ...]
    missing: tuple[tuple[str, str], ...]
    before: bytes
    after: bytes
    real: Path


class Import(msgspec.Struct, frozen=True):
    """What an import does, record by record.

    `notices` are what the sheets have that was ignored, and new warnings; `differences` what is read otherwise than it
    was typed, such as an id that was made.
    """

    records: tuple[Imported, ...]
    notices: tuple[str, ...]
    differences: tuple[str, ...]


def import_sheets(source: Path, seeds: Path, *, delete: bool, dry_run: bool) -> Import:
    """Change the records in a folder to what the sheets say, and return the changes.

    Args:
        source: The workbook, the folder of CSV files, or the CSV file.
        seeds: The folder of the records.
        delete: Whether to remove entries without a row.
        dry_run: Whether to write nothing.

    Returns:
        The changes, also of a dry run.

    Raises:
        TrialdeckError: The file cannot be read.
        FaultySheetsError: Cells are faulty; it has all faults of all cells, and nothing was written.
    """
    with opened_tables(source) as tables:
        sheets = read_entries(tables)
    if not dry_run:
        complete_left([seeds])
    work = _Work(seeds, sheets, delete=delete)
    records = [record for trial, rows in _by_trial(sheets.entries).items() for record in work.record(trial, rows)]
    changed = [record for record in records if record.after != record.before]
    work.faults += _faults_between_records(work, changed)
    work.add_loose_faults(source.as_posix())
    if work.faults:
        hint = "correct the sheet, and import it again"
        raise FaultySheetsError(_as_in_the_sheets(work.faults), hint)
    if not dry_run:
        rewrites = [
            Rewrite(record.path, record.real, home_of(Path(record.path)), record.before, record.after)
            for record in changed
        ]
        write_together(rewrites, "import the sheet again")
    notices = tuple(dict.fromkeys([*sheets.notices, *work.notices]))
    return Import(tuple(records), notices, (*_differences(sheets), *work.made_ids))


class _Work(msgspec.Struct):
    """An import in progress: the records of the project that the sheets name, and the faults so far."""

    seeds: Path
    sheets: Sheets
    delete: bool
    faults: list[RowFault] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)
    places: tuple[Place, ...] = ()
    stored: dict[str, Place] = msgspec.field(default_factory=dict)
    refused: list[RowFault] = msgspec.field(default_factory=list)
    known: set[str] = msgspec.field(default_factory=set)
    unknown: int = 0
    fault_places: set[Location] = msgspec.field(default_factory=set)
    counted: int = 0
    made_ids: list[str] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        self.faults += self.sheets.faults
        self.places = survey([self.seeds]).records
        names = {entry.key[0] for entry in self.sheets.entries}
        for place in self.places:
            ids = _ids(content_of(Path(place.real), place.path))
            self.known |= ids
            # Parse a record only if it may be one of these trials.
            if ids & names or not ids:
                self._store(place, names)

    def _store(self, place: Place, names: set[str]) -> None:
        # Keep only its place and read it again for the merge: all records together take too much memory.
        stored = stored_record(place, self.refused)
        if stored and stored.data.id in names:
            twin = self.stored.setdefault(stored.data.id, place)
            paths = [twin.path, place.path] if twin is not place else []
            self.faults += twins({stored.data.id: paths})

    def record(self, trial: str, rows: Sequence[RowEntry]) -> Iterator[Imported]:
        """Yield the record of a trial after the import of its rows, unless they are faulty."""
        place = self.stored.get(trial)
        of_record = [row for row in rows if not row.key[1]]
        if place:
            if not of_record and any(not form.lists for form in self.sheets.forms):
                self.notices.append(f"not in the sheet: {trial}, of which other sheets have rows; its record stays")
            stored = stored_record(place, self.faults)
            yield from self._merged(stored, self._with_ids(rows, stored.data.data)) if stored else ()
        elif of_record:
            yield from self._new(trial, self._with_ids([*of_record, *(row for row in rows if row.key[1])], {}))
        else:
            self.sheets.loose += rows
            self.faults += self._faults_of_trial(trial, rows) if self.sheets.is_whole else ()

    def _with_ids(self, rows: Sequence[RowEntry], data: Mapping[str, Any]) -> Sequence[RowEntry]:
        made = with_ids(rows, data)
        self.made_ids += made.said
        return made.rows

    def _faults_of_trial(self, trial: str, rows: Sequence[RowEntry]) -> Iterator[RowFault]:
        """Yield a fault for every row of an unknown trial."""
        if is_day(trial):
            fault = day_fault(trial, TRIAL)
            yield from (RowFault(row.places[TRIAL], fault.message, fault.hint) for row in rows)
            return
        hint = self._similar_trial(trial) or "give it a row in the sheet Trials, or correct the id"
        yield from (RowFault(row.places[TRIAL], f"there is no trial '{trial}'", hint) for row in rows)

    def add_loose_faults(self, shown: str) -> None:
        """Add the faults of the cells of rows that belong to no record; `shown` is the path of the sheets."""
        known = self._places_of_faults()
        self.faults += (fault for fault in loose_faults(self.sheets.loose, shown) if fault.location not in known)

    def _similar_trial(self, trial: str) -> str:
        """Return a hint with the most similar known trial, for the first few unknown ones."""
        self.unknown += 1
        if self.unknown > _MOST_LIKENED:
            return ""
        known_ids = self.known | {row.key[0] for row in self.sheets.entries if not row.key[1]}
        return did_you_mean(trial, sorted(known_ids))

    def _merged(self, stored: Stored, rows: Sequence[RowEntry]) -> Iterator[Imported]:
        place = stored.place
        merge = merged(stored.data.data, rows, self.sheets.forms, delete=self.delete)
        self.faults += merge.faults
        after = self._edited(stored.content, merge, place.path)
        if after is not None:
            self._add_faults(stored.content, after, rows, place.path)
            before, after = (stored.content, after) if after != stored.content else (b"", b"")
            missing = tuple(merge.missing)
            changes = tuple(merge.changes)
            yield Imported(place.path, stored.data.id, False, changes, missing, before, after, Path(place.real))

    def _new(self, trial: str, rows: Sequence[RowEntry]) -> Iterator[Imported]:
        schema = "../schemas/trial.schema.json"
        has_schema = (self.seeds / schema).is_file()
        text, merge = new_record(rows, schema if has_schema else "")
        self.faults += merge.faults
        path = self.seeds / f"{Path(trial).name}.yaml"
        after = self._edited(text.encode(), merge, path.as_posix())
        if after is None:
            return
        self._add_faults(b"", after, rows, path.as_posix())
        if path.exists():
            refused = [fault for fault in self.refused if fault.location.path == path.as_posix()]
            hint = f"{refused[0].message}: correct it first" if refused else "give this trial another id"
            self.faults.append(RowFault(rows[0].place, f"{path.as_posix()} is there already", hint))
        if not rows[0].values.get(_ACRONYM):
            place = rows[0].places.get(_ACRONYM) or rows[0].place
            self.notices.append(f"{place}: without an acronym, cards call the trial by its title")
        real = Path(os.path.realpath(path))
        yield Imported(path.as_posix(), trial, True, tuple(merge.changes), (), b"", after, real)

    def _edited(self, content: bytes, merge: Merge, shown: str) -> bytes | None:
        if not merge.edits:
            return content
        try:
            return edited(content, merge.edits, shown)
        except TrialdeckError as error:
            self.faults.append(RowFault(FileLocation(shown), error.message.removeprefix(f"{shown}: "), error.hint))
        return None

    def _add_faults(self, before: bytes, after: bytes, rows: Sequence[RowEntry], shown: str) -> None:
        """Add the faults and warnings that an import adds to a record.

        Args:
            before: The record before the import; empty if there was none.
            after: The record after the import.
            rows: The rows of the record.
            shown: The path of the record in messages.
        """
        if before != after:
            faults, warnings = faults_of(before, after, rows, shown)
            # Report a faulty cell once: neither again, nor as a missing value of its row.
            faulty_places = self._places_of_faults()
            faulty_rows = {row.place for row in rows if not faulty_places.isdisjoint(row.places.values())}
            self.faults += (
                fault
                for fault in faults
                if fault.location not in faulty_places
                and not (fault.location in faulty_rows and fault.message.endswith("is missing"))
            )
            self.notices += (f"{fault.location}: {fault.message}" for fault in warnings)

    def _places_of_faults(self) -> set[Location]:
        """Return the places of all faults so far."""
        self.fault_places.update(fault.location for fault in self.faults[self.counted :])
        self.counted = len(self.faults)
        return self.fault_places


def _as_in_the_sheets(faults: Sequence[RowFault]) -> tuple[RowFault, ...]:
    """Return faults, each once, in the order in which their cells are gone through: sheet by sheet, row by row."""
    names = [form.name for form in forms()]

    def place(fault: RowFault) -> tuple[int, int, int, int]:
        at = fault.location
        if not isinstance(at, CellLocation):
            return -1, 0, 0, 0
        form, part = form_and_part(at.sheet or Path(at.path).stem)
        return names.index(form) if form else len(names), part, at.line, at.column

    return tuple(sorted(dict.fromkeys(faults), key=place))


def _ids(content: bytes) -> set[str]:
    """Return the ids after `id:` at the start of lines of a record; none if the id is written in another way."""
    return {match.decode("utf-8", "replace") for match in _ID.findall(content.removeprefix(BOM_UTF8))}


def _by_trial(entries: Sequence[RowEntry]) -> dict[str, list[RowEntry]]:
    trials: dict[str, list[RowEntry]] = {}
    for entry in entries:
        trials.setdefault(entry.key[0], []).append(entry)
    return trials


def _differences(sheets: Sheets) -> Iterator[str]:
    """Yield what is read otherwise than it was typed; what was typed into many cells is said once."""
    for said, places in sheets.differences.items():
        others = f" (also in {counted(len(places) - 1, 'other cell')})" if places[1:] else ""
        yield f"{places[0]}: {said}{others}"


def _faults_between_records(work: _Work, changed: Sequence[Imported]) -> Iterator[RowFault]:
    """Yield the faults between records; only new trials and changed earlier ids can clash with others."""
    risky = [
        record
        for record in changed
        if record.is_new or any((change.section, change.column) == _EARLIER for change in record.changes)
    ]
    if risky:
        contents: Mapping[str, bytes] = {place.path: content_of(Path(place.real), place.path) for place in work.places}
        places = {row.key[0]: row.place for row in work.sheets.entries if not row.key[1]}
        shown: dict[str, Location] = {
            record.path: places.get(record.trial) or FileLocation(record.path) for record in changed
        }
        yield from collection_faults(contents, {record.path: record.after for record in changed}, shown)
