"""Sheets that trialdeck exported, or that were filled in: what they change in the records."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trialdeck.api.projects import Project
from trialdeck.core.problem import CellLocation
from trialdeck.records.discovery import SEEDS
from trialdeck.sheets.export import FaultySheetsError
from trialdeck.sheets.files import texts_of
from trialdeck.sheets.import_sheets import Import, import_sheets


@dataclass(frozen=True, slots=True)
class CellChange:
    """What a row changes: the entry (empty for the record itself), the column, the text before and after.

    `how` is changed, added or removed; an entry that was added or removed has no column.
    """

    entry: str
    column: str
    before: str
    after: str
    how: str


@dataclass(frozen=True, slots=True)
class SheetRecord:
    """What sheets do to one record; `missing` are its entries that have no row."""

    path: Path
    trial: str
    is_new: bool
    changes: tuple[CellChange, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault of a cell: its place (`trials.xlsx: Questions!D12`), what it holds, what is wrong, and the remedy."""

    place: str
    text: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class OwnSheets:
    r"""Sheets of trialdeck, and what they change; with `faults`, nothing can be written.

    >>> import trialdeck as td
    >>> from pathlib import Path
    >>> Path("Trials.csv").write_text("id,acronym,title\ndawn-1,DAWN-1,Dawnol\n", encoding="utf-8")
    38
    >>> (sheets,) = td.intake(td.load("."), "Trials.csv").arrivals
    >>> sheets.faults[0].place, sheets.faults[0].message
    ('Trials.csv: A2', 'the record has nothing to ask about')

    `notices` are what was read otherwise than it was typed, or ignored. `deletes` says that entries without a row are
    removed.
    """

    files: tuple[str, ...]
    records: tuple[SheetRecord, ...] = ()
    notices: tuple[str, ...] = ()
    faults: tuple[CellFault, ...] = ()
    deletes: bool = False
    _project: Project = field(repr=False, compare=False, kw_only=True)
    _source: Path = field(repr=False, compare=False, kw_only=True)
    way: Literal["sheets"] = "sheets"

    @property
    def is_nothing(self) -> bool:
        """Whether nothing differs from the records."""
        return not any(record.is_new or record.changes for record in self.records)

    def chosen(self, *, deletes: bool) -> "OwnSheets":
        """Return the same, with or without the removal of entries that have no row."""
        return own_sheets(self._project, self._source, self.files, deletes=deletes)

    def write(self) -> tuple[Path, ...]:
        """Write the records, as `trialdeck sheet import` does; return their files.

        Raises TrialdeckError if cells are faulty, or a record was changed meanwhile.
        """
        seeds = self._project.path / SEEDS
        done = import_sheets(self._source, seeds, delete=self.deletes, dry_run=False)
        return tuple(Path(record.path) for record in done.records if record.after != record.before)


def own_sheets(project: Project, source: Path, files: tuple[str, ...], *, deletes: bool = False) -> OwnSheets:
    """Return what sheets change; raises TrialdeckError if they cannot be read."""
    try:
        done = import_sheets(source, project.path / SEEDS, delete=deletes, dry_run=True)
    except FaultySheetsError as error:
        return OwnSheets(files, faults=_faults(error, source), deletes=deletes, _project=project, _source=source)
    notices = (*done.differences, *done.notices)
    return OwnSheets(files, _records(done), notices, deletes=deletes, _project=project, _source=source)


def _faults(error: FaultySheetsError, source: Path) -> tuple[CellFault, ...]:
    cells = [fault.location for fault in error.faults if isinstance(fault.location, CellLocation)]
    texts = texts_of(source, cells)
    return tuple(
        CellFault(
            str(fault.location).replace(f"{source.parent}/", ""),
            texts.get(fault.location, "") if isinstance(fault.location, CellLocation) else "",
            fault.message,
            fault.hint,
        )
        for fault in error.faults
    )


def _records(done: Import) -> tuple[SheetRecord, ...]:
    return tuple(
        SheetRecord(
            path=Path(record.path),
            trial=record.trial,
            is_new=record.is_new,
            changes=tuple(
                CellChange(
                    f"{change.section}/{change.id}" if change.section else "", change.column, change.old, change.new,
                    str(change.how.value),
                )
                for change in record.changes
            ),
            missing=tuple(f"{section}/{key}" for section, key in record.missing),
        )
        for record in done.records
    )  # fmt: skip
