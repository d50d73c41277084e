"""Check records that come from sheets, and report problems by cell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.core.problem import FileLocation, Location, Problem, Severity
from trialdeck.core.text import is_blank
from trialdeck.lint.cross_record import check_collection
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import Record, build_trial, load_record_text
from trialdeck.records.schema import typed
from trialdeck.records.sections import ENTRY_LISTS
from trialdeck.records.summary import known
from trialdeck.records.validation.schema_errors import validate
from trialdeck.sheets.merge import Merge, entry_paths, new_data
from trialdeck.sheets.read import RowEntry, RowFault
from trialdeck.yamlfile.document import DataPath, Document, Plain, parse_document
from trialdeck.yamlfile.edit import value_at

_WRONG_KIND = "TD105"
_MISSING = "is missing"
_ANY_ID = "x"
_ADVICE = "correct it in the record first; `trialdeck check` says more"


def shape_faults(document: Document | None, problems: Sequence[Problem]) -> list[RowFault]:
    """Return what keeps a record from becoming rows: it is unreadable, a type is wrong, an entry has no id."""
    if document is None:
        return [_fault(problem) for problem in problems]
    wrong_types = [
        fault for fault in validate(document, typed(document.data, "trial"), "trial") if fault.code == _WRONG_KIND
    ]
    if wrong_types or not isinstance(document.data, dict):
        return [_fault(problem) for problem in wrong_types]
    return list(_faults_of_ids(document))


def _faults_of_ids(document: Document) -> Iterator[RowFault]:
    if not document.data.get("id"):
        yield RowFault(FileLocation(document.path, 1), "the record has no id", _ADVICE)
    for name in ENTRY_LISTS:
        seen = set()
        for index, entry in enumerate(document.data.get(name) or ()):
            position = FileLocation(document.path, document.spot(name, index).line)
            key = entry.get("id")
            if is_blank(key):
                yield RowFault(position, f"entry {index + 1} of '{name}' has no id", _ADVICE)
            elif key in seen:
                yield RowFault(position, f"id '{key}' is taken", _ADVICE)
            seen.add(key)


def _fault(problem: Problem) -> RowFault:
    return RowFault(FileLocation(problem.path, problem.line), problem.message, problem.hint or _ADVICE)


class _Cells(msgspec.Struct):
    """The locations of cells by the path of their value in a record, in the order of the sheets."""

    shown: str
    spots: dict[DataPath, Location] = msgspec.field(default_factory=dict)

    def document(self, data: Any) -> Document:
        """Return data as a document whose values stand in cells; what is in no cell counts as in the first one."""
        whole: dict[DataPath, Location] = {(): next(iter(self.spots.values()), FileLocation(self.shown))}
        spots = whole | self.spots
        keys = {path: spot for path, spot in spots.items() if value_at(data, path) is not None}
        return Document(self.shown, data, keys, spots)

    def ordered(self, problems: Sequence[Problem]) -> list[Problem]:
        """Return problems in the order of the sheets."""
        order = {location: number for number, location in enumerate(dict.fromkeys(self.spots.values()))}
        return sorted(problems, key=lambda each: (order.get(each.location, -1), each.code, each.message))


def faults_of(
    before: bytes, after: bytes, rows: Sequence[RowEntry], shown: str
) -> tuple[list[RowFault], list[RowFault]]:
    """Return the errors and the warnings that an import adds to a record, by cell.

    Args:
        before: The record before the import; empty if there was none. Its own problems are not faults of the sheet.
        after: The record after the import.
        rows: The rows of the record.
        shown: The path of the record in messages.

    Returns:
        The errors, and the warnings.
    """
    former = Counter((problem.code, problem.message) for problem in _problems(before, _Cells(shown)))
    document, _ = parse_document(after, shown)
    assert document  # the edited record can be read again
    cells = _cells(document.data, rows, shown)
    errors_and_warnings: tuple[list[RowFault], list[RowFault]] = ([], [])
    for problem in cells.ordered(_problems(after, cells)):
        kind = (problem.code, problem.message)
        if former[kind]:
            former[kind] -= 1
            continue
        is_warning = problem.severity is Severity.WARNING
        errors_and_warnings[is_warning].append(RowFault(problem.location, problem.message, problem.hint))
    return errors_and_warnings


def loose_faults(rows: Sequence[RowEntry], shown: str) -> Iterator[RowFault]:
    """Yield what is wrong with the cells of rows that belong to no record, beside what keeps them from one.

    `shown` is the path of the sheets.
    """
    for row in rows:
        list_name = row.key[1]
        placed = replace(row, key=(_ANY_ID, list_name, _ANY_ID if list_name else ""))
        merge = Merge()
        entry = new_data(placed, merge)
        data = {"format": Plain("1"), "id": _ANY_ID, "title": _ANY_ID, list_name: [entry]} if list_name else entry
        cells = _cells(data, [placed], shown)
        keys = {row.places[name] for name in row.form.keys if name in row.places}
        faulty = set(row.places.values()) - keys - {fault.location for fault in merge.faults}
        yield from merge.faults
        for fault in validate(cells.document(data), typed(data, "trial"), "trial"):
            if fault.location in faulty and not fault.message.endswith(_MISSING):
                yield RowFault(fault.location, fault.message, fault.hint)


def _cells(data: Mapping[str, Any], rows: Sequence[RowEntry], shown: str) -> _Cells:
    cells = _Cells(shown)
    paths = entry_paths(data)
    for row in sorted(rows, key=lambda row: bool(row.key[1])):
        path = paths.get(row.key[1:])
        if path is not None:
            cells.spots[path] = row.place
            for column in row.form.columns:
                if column.path and column.name in row.places:
                    cells.spots[*path, *column.path] = row.places[column.name]
                    if column.is_bound:
                        cells.spots.setdefault((*path, *column.path[:-1]), cells.spots[*path, *column.path])
    return cells


def _problems(content: bytes, cells: _Cells) -> tuple[Problem, ...]:
    if not content:
        return ()
    parsed, problems = parse_document(content, cells.shown)
    if parsed is None:
        return problems
    document = cells.document(parsed.data)
    data = typed(parsed.data, "trial")
    faults = tuple(validate(document, data, "trial"))
    return problems_of(Record(cells.shown, document, build_trial(data), faults))


def collection_faults(
    before: Mapping[str, bytes], after: Mapping[str, bytes], shown: Mapping[str, Location]
) -> Iterator[RowFault]:
    """Yield the errors between records that an import adds.

    `before` are all records of the project, `after` the changed ones; `shown` is where a fault of a changed record is
    reported.
    """
    former = Counter((problem.path, problem.message) for problem in _errors_between(before))
    for problem in _errors_between({**before, **after}):
        if not former[problem.path, problem.message]:
            position = shown.get(problem.path) or FileLocation(problem.path, problem.line)
            yield RowFault(position, problem.message, problem.hint)


def _errors_between(contents: Mapping[str, bytes]) -> list[Problem]:
    records = [known(load_record_text(content, path)) for path, content in sorted(contents.items())]
    return [problem for problem in check_collection(records) if problem.severity is Severity.ERROR]
