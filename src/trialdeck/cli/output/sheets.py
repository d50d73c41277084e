"""What an import of sheets changes, and what is wrong with the sheets, as lines for the terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from trialdeck.cli.output.excerpts import cell_lines
from trialdeck.core.problem import CellLocation, shortened
from trialdeck.core.text import counted, printable
from trialdeck.records.sections import ENTRY_SECTIONS
from trialdeck.sheets.columns import root_order
from trialdeck.sheets.import_sheets import Import, Imported
from trialdeck.sheets.merge import Change, How
from trialdeck.sheets.read import RowFault

_NOUNS: Mapping[str, str] = {"": "value"} | {section.property: section.noun for section in ENTRY_SECTIONS}
_LONGEST = 40


def faults_text(faults: Iterable[RowFault], texts: Mapping[CellLocation, str]) -> Iterator[str]:
    """Yield faults as lines, `trials.xlsx: Questions!D12: message`, each with what its cell holds and its hint.

    `texts` are the contents of the cells, as far as they are known.
    """
    for fault in faults:
        yield f"{printable(str(fault.location))}: {printable(fault.message)}"
        if isinstance(fault.location, CellLocation):
            yield from cell_lines(fault.location, texts.get(fault.location, ""), "red")
        if fault.hint:
            yield f"    {printable(fault.hint)}"


def import_text(done: Import, *, is_detailed: bool) -> Iterator[str]:
    """Yield a line for each record that changes, and what is left as it is; in detail, first a line for each change."""
    for record in done.records:
        if is_detailed:
            for change in record.changes:
                yield f"{printable(record.path)}: {_change(change)}"
        if record.is_new or record.changes:
            yield f"{printable(record.path)}: {_summary(record)}"
    for record in done.records:
        for section, key in record.missing:
            yield f"not in the sheet: {record.trial}/{_slug(section)}/{key}; --delete removes it"
    for notice in (*done.differences, *done.notices):
        yield printable(notice)
    if not any(record.is_new or record.changes for record in done.records):
        yield "nothing differs from the records"


def _summary(record: Imported) -> str:
    changes = record.changes
    counts = Counter((change.how, "" if change.how is How.CHANGED else change.section) for change in changes)
    order = [("", How.CHANGED), *((section, how) for how in (How.ADDED, How.REMOVED) for section in root_order())]
    counted = [(how, _count(counts[how, section], _NOUNS[section])) for section, how in order if counts[how, section]]
    if not record.is_new:
        return ", ".join(f"{count} {how}" for how, count in counted)
    return f"a new record{' with ' if counted else ''}{', '.join(count for _, count in counted)}"


def _change(change: Change) -> str:
    where = f"{_slug(change.section)}/{change.id}" if change.section else ""
    if change.how is not How.CHANGED:
        return f"{where} {change.how}"
    old, new = (f"'{printable(shortened(text, _LONGEST))}'" if text else "nothing" for text in (change.old, change.new))
    return f"{where + ' ' if where else ''}{change.column}: {old} → {new}"


def _slug(section: str) -> str:
    return "design" if section == "design" else _NOUNS[section].replace(" ", "-")


def _count(number: int, noun: str) -> str:
    first, *others = noun.split(" of ")
    return counted(number, noun, " of ".join([f"{first}s", *others]))
