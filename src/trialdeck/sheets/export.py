"""Export records to sheets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.problem import FileLocation
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
    """Cells or records are at fault, so that nothing was written."""

    def __init__(self, faults: Sequence[RowFault], hint: str) -> None:
        count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        super().__init__(f"nothing was written: {count}", hint)
        self.faults = tuple(faults)


class Stored(msgspec.Struct, frozen=True):
    """A record of the project: where it is, its bytes, and its data."""

    place: Place
    content: bytes
    data: RecordData


def export_sheets(paths: Iterable[Path], out: Path, *, force: bool) -> int:
    """Write the records that the paths name into sheets, and return how many there are.

    Raises TrialdeckError where there are none, `out` is there already (and not `force`), or a record is faulty: of
    those, a FaultySheetsError names all.
    """
    places = survey(paths).records
    if not places:
        raise TrialdeckError("there are no records here", "records are files that end in .yaml")
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
    """Write sheets without rows; raises TrialdeckError where `out` is there already (and not `force`)."""
    write_sheets([WrittenSheet(form, form.name) for form in forms()], out, force=force)


def write_sheets(sheets: Sequence[WrittenSheet], out: Path, *, force: bool) -> None:
    """Write sheets as a workbook, or as a folder of CSV files."""
    names = file_names(sheets, out)
    folder = out.parent if is_workbook(out) else out
    taken = [folder / name for name in names if (folder / name).exists()]
    if taken and not force:
        raise TrialdeckError(f"{taken[0]} exists already", "choose another name, or overwrite it with --force")
    if folder != out:
        with TemporaryFile() as file:
            write_file(sheets, out.name, file)
            file.seek(0)
            replace_file(out, file.read())
        return
    for left in parts_in(folder):
        if left.name not in names:
            raise TrialdeckError(f"{left} is a part of larger sheets", "remove it, or name another folder")
    with locked(folder, leaves_no_file=True), transaction(folder) as change:
        for name in names:
            with change.writing(name) as file:
                write_file(sheets, name, file)
        change.commit()


def stored_record(place: Place, faults: list[RowFault]) -> Stored | None:
    """Return a record; where its form is not that of a record, add what is wrong to the faults."""
    content = content_of(Path(place.real), place.path)
    document, problems = parse_document(content, place.path)
    found = shape_faults(document, problems)
    faults += found
    return Stored(place, content, RecordData(place.path, document.data)) if document and not found else None


def twins(paths_of: Mapping[str, Sequence[str]]) -> Iterator[RowFault]:
    """Yield a fault for every record whose trial has another record as well, from the paths of records by id."""
    clashes = [(path, trial) for trial, paths in paths_of.items() if len(paths) > 1 for path in paths]
    for path, trial in sorted(clashes):
        yield RowFault(FileLocation(path), f"'{trial}' is the id of two records", "give one of the two another id")
