"""Export records to sheets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.problem import FileLocation
from trialdeck.core.text import counted
from trialdeck.core.transactions import locked, transaction
from trialdeck.records.discovery import Place, survey
from trialdeck.sheets.checks import shape_faults
from trialdeck.sheets.columns import forms
from trialdeck.sheets.files import file_names, is_workbook, parts_in, write_file
from trialdeck.sheets.read import RowFault
from trialdeck.sheets.record_rows import RecordData, spool
from trialdeck.sheets.table import WrittenSheet
from trialdeck.yamlfile.document import content_of, parse_document


class FaultySheetsError(TrialdeckError):
    """Cells or records are faulty, so that nothing was written."""

    def __init__(self, faults: Sequence[RowFault], hint: str) -> None:
        super().__init__(f"nothing was written: {counted(len(faults), 'fault')}", hint)
        self.faults = tuple(faults)


_EMPTY_SHEETS = "for sheets to fill in: `trialdeck sheet template -o trials.xlsx`"
"""What to do where there is nothing to export."""


class Stored(msgspec.Struct, frozen=True):
    """A record of the project: its file, bytes and data."""

    place: Place
    content: bytes
    data: RecordData


def export_sheets(paths: Iterable[Path], out: Path, *, force: bool) -> int:
    """Write the records that the paths name into sheets, and return their number.

    Raises TrialdeckError if there are no records or `out` exists already (without `force`), and FaultySheetsError with
    all faults if records are faulty.
    """
    places = survey(paths).records
    if not places:
        raise TrialdeckError("there are no records here", _EMPTY_SHEETS)
    faults: list[RowFault] = []
    paths_of: dict[str, list[str]] = {}
    with spool() as rows:
        for place in places:
            stored = stored_record(place, faults)
            if stored:
                rows.add(stored.data)
                paths_of.setdefault(stored.data.id, []).append(place.path)
        faults += twins(paths_of)
        if faults:
            raise FaultySheetsError(faults, "correct the records first; `trialdeck check` says more")
        write_sheets(rows.sheets(), out, force=force)
    return len(places)


def write_template(out: Path, *, force: bool) -> None:
    """Write sheets without rows; raises TrialdeckError if `out` exists already (without `force`)."""
    write_sheets([WrittenSheet(form, form.name) for form in forms()], out, force=force)


def write_sheets(sheets: Sequence[WrittenSheet], out: Path, *, force: bool) -> None:
    """Write sheets as a workbook, or as a folder of CSV files.

    Raises TrialdeckError if a file exists already (without `force`), or the folder has further parts of larger sheets.
    """
    names = file_names(sheets, out)
    folder = out.parent if is_workbook(out) else out
    existing = [folder / name for name in names if (folder / name).exists()]
    if existing and not force:
        raise TrialdeckError(f"{existing[0]} exists already", "choose another name, or overwrite it with --force")
    if folder != out:
        with TemporaryFile() as file:
            write_file(sheets, out.name, file)
            file.seek(0)
            replace_file(out, file.read())
        return
    for part in parts_in(folder):
        if part.name not in names:
            raise TrialdeckError(f"{part} is a part of larger sheets", "remove it, or name another folder")
    with locked(folder, leaves_no_file=True), transaction(folder) as change:
        for name in names:
            with change.writing(name) as file:
                write_file(sheets, name, file)
        change.commit()


def stored_record(place: Place, faults: list[RowFault]) -> Stored | None:
    """Return a record; if it cannot be turned into rows, add the reasons to the faults and return `None`."""
    content = content_of(Path(place.real), place.path)
    document, problems = parse_document(content, place.path)
    record_faults = shape_faults(document, problems)
    faults += record_faults
    return Stored(place, content, RecordData(place.path, document.data)) if document and not record_faults else None


def twins(paths_of: Mapping[str, Sequence[str]]) -> Iterator[RowFault]:
    """Yield a fault for every record whose id another record has too, from the paths of records by id."""
    clashes = [(path, trial) for trial, paths in paths_of.items() if len(paths) > 1 for path in paths]
    for path, trial in sorted(clashes):
        yield RowFault(FileLocation(path), f"'{trial}' is the id of two records", "give one of the two another id")
