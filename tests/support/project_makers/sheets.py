"""What the tests of sheets share: a record with every property, a project, and a workbook as somebody edits it."""

import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from click.testing import CliRunner, Result
from hypothesis import strategies as st

from conftest import RECORD
from folders import ROOT
from trialdeck.cli import main
from trialdeck.sheets.columns import CellKind, SheetForm, forms
from trialdeck.sheets.record_rows import RecordData, rows_of
from trialdeck.sheets.table import WrittenSheet
from trialdeck.yamlfile.document import Plain, parse_document

FORMS = {form.name: form for form in forms()}
KINDS = ("trials.xlsx", "trials")
"""A workbook, and a folder of CSV files."""

FULL = r"""
# A record with every property.
format: 1
id: noon-3
acronym: NOON-3
title: 'Noonol: a "first" | look'
formerly: [noon, noon-2]
source: {citation: "Doe J. 2016;374:1–9.", doi: 10.1000/noon, registry: NCT00000002, url: "https://example.org/a?b=c"}
specialties: [cardiology, oncology]   # two
topics: [example-disease]
tested: Noonol
population: Adults
comparator: Placebo
endpoint: Survival
summary: |
  First paragraph,
  two lines.

  - a list
  - of two
significance: =SUM(A1) is no formula
history: >-
  Folded text
  of two lines.
key_findings:
  - id: one
    text: "-3.5 points"
    perspective: reviewer
    audience: [student, peer-reviewer]
    formerly: [uno]
    source: {citation: Elsewhere}
    review: {status: reviewed, by: "A. Reviewer", on: 2016-11-01, as_of: 2017-01-02}
    cloze:
      # a comment on a statement
      first: "It {{c1::binds}}: so."
      second: |
        Two paragraphs {{c1::here}}

        and here
    results: [os]
    figures: []
design:
  - {id: one, text: "@home"}
limitations:
  - id: one
    text: |-
      Line
        indented
      line
    retired:
      on: 2026-09-22
      reason: Long enough.
results:
  - id: os
    endpoint: Overall survival
    data_cut: Final
    measure: hazard ratio
    estimate: 0.70
    ci: [0.60, 0.80]   # from the paper
    ci_level: 95
    p: "0.010"
    unit: months
    arms:
      - {name: 'noonol | \(x\) arm', n: 100, median: 12.0}   # first
      - {name: placebo, median: not reached, percent: 7.50}
    perspective: clinical
    audience: [fellow]
    formerly: [survival]
    source: {doi: 10.1000/other}
    review: {status: disputed, reason: It is wrong.}
  - id: difference
    endpoint: A difference
    outcome: pressure
    analysis: subgroup
    timepoint: Week 12
    population: Per protocol
    measure: mean difference
    estimate: -1.50
    ci: [-2.10, -0.90]
    unit: mmHg
    between: ["noonol, 5 mg", placebo]
    hypothesis: noninferiority
    margin: 1.0
    method: ANCOVA
    arms:
      - {name: "noonol, 5 mg", n: 40, events: 0, mean: -3.0, sd: 1.20, se: 0.190, ci: [-3.40, -2.60], ci_level: 90}
      - {name: placebo, rate: 4.20, rate_unit: per 100 patient-years}
    retired: {on: 2026-09-22, reason: "Not *planned* | = here", instead: os}
questions:
  - id: why
    perspective: mechanism
    audience: [student]   # for whom
    question: Why?
    response: It binds.
    cloze: {binds: "It {{c1::binds}}."}
    results: [os]
    formerly: [wherefore]
    source: {registry: NCT00000002}
    review: {status: unreviewed}
  # the second one
  - id: whom
    perspective: clinical
    question: Whom?
    response: Adults.
related_trials:
  - {id: dusk-2, name: DUSK-2, tested: Duskol, population: Adults, comparator: Placebo, endpoint: Survival,
     retired: {on: 2026-09-22, reason: Withdrawn.}}
takeaways:
  - {id: start, audience: [fellow], specialties: [oncology], text: Start early., perspective: reviewer,
     formerly: [begin], source: {citation: Here}, review: {status: unreviewed, by: ''}}
review: {status: unreviewed, by: '', on: , as_of: 2018-01-01}
"""


def make_project(folder: Path) -> Path:
    """Make a project of the shipped records, one with every property, and one with a mark and lines of Windows."""
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    (folder / "seeds" / "deep").mkdir()
    (folder / "seeds" / "deep" / "noon-3.yaml").write_text(FULL, encoding="utf-8")
    (folder / "seeds" / "dawn-1.yaml").write_bytes(b"\xef\xbb\xbf" + RECORD.replace("\n", "\r\n").encode())
    return folder


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["sheet", *words])
    assert result.exit_code == code, result.output
    return result


def snapshot(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project / "seeds").rglob("*")) if path.is_file()}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before | after if before.get(name) != after.get(name)}


class Book:
    """A workbook as somebody edits it."""

    def __init__(self, path: Path = Path("trials.xlsx")) -> None:
        self.path = path
        self.book: Any = openpyxl.load_workbook(path)

    def column(self, sheet: str, name: str) -> Any:
        return next(cell.column for cell in self.book[sheet][1] if cell.value == name)

    def row(self, sheet: str, *keys: str) -> Any:
        return next(
            row[0].row
            for row in self.book[sheet].iter_rows(min_row=2)
            if tuple(c.value for c in row[: len(keys)]) == keys
        )

    def cell(self, sheet: str, keys: Sequence[str], name: str) -> Any:
        return self.book[sheet].cell(self.row(sheet, *keys), self.column(sheet, name))

    def put(self, sheet: str, keys: Sequence[str], name: str, value: Any) -> str:
        """Type something into a cell, and return where that is."""
        cell = self.cell(sheet, keys, name)
        cell.value = value
        return f"{self.path}: {sheet}!{cell.coordinate}"

    def add(self, sheet: str, **values: str) -> int:
        page = self.book[sheet]
        row = page.max_row + 1
        for name, value in values.items():
            page.cell(row, self.column(sheet, name)).value = value
        return int(row)

    def save(self) -> None:
        self.book.save(self.path)


def data_of(content: bytes) -> Any:
    document, problems = parse_document(content, "record.yaml")
    assert document, problems
    return document.data


def rewritten(path: Path, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            is_sheet = name.startswith("xl/worksheets/sheet")
            archive.writestr(name, change(content.decode()).encode() if is_sheet else content)


TEN: list[tuple[str, tuple[str, ...], str, str, str, str]] = [
    ("Trials", ("noon-3",), "tested", "Noonol, daily", "tested: Noonol\n", "tested: Noonol, daily\n"),
    ("Trials", ("noon-3",), "specialties", "cardiology, surgery", "[cardiology, oncology]", "[cardiology, surgery]"),
    ("Trials", ("noon-3",), "source_doi", "10.1000/noon-2", "doi: 10.1000/noon,", "doi: 10.1000/noon-2,"),
    ("Questions", ("noon-3", "why"), "response", "It blocks.", "response: It binds.", "response: It blocks."),
    ("Questions", ("noon-3", "whom"), "audience", "fellow", "response: Adults.\n", "response: Adults.\n"),
    ("Items", ("noon-3", "design", "one"), "text", "@work", '"@home"', '"@work"'),
    ("Items", ("noon-3", "key_findings", "one"), "review_on", "2016-11-30", "on: 2016-11-01", "on: 2016-11-30"),
    ("Results", ("noon-3", "os"), "ci_high", "0.90", "[0.60, 0.80]   # from", "[0.60, 0.90]   # from"),
    ("Results", ("noon-3", "os"), "estimate", "0.75", "estimate: 0.70\n", "estimate: 0.75\n"),
    ("Related", ("noon-3", "dusk-2"), "tested", "Dusk", "tested: Duskol", "tested: Dusk"),
]
"""Cells to edit: the sheet, keys, column and new value; what is replaced in FULL, and by what."""

ANY = st.text(max_size=60) | st.text(st.sampled_from("ab|\\=n\n: -'+@\t\r_x05F,;\"\u2028\x00\x1b￾"), max_size=40)
SAID = ANY.filter(lambda text: bool(text.strip()))
SLUG = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,3}){0,2}", fullmatch=True)
ARMS = next(column for column in FORMS["Results"].columns if column.kind is CellKind.PARTS)
CLOZE = next(column for column in FORMS["Items"].columns if column.kind is CellKind.STATEMENTS)
BETWEEN = next(column for column in FORMS["Results"].columns if column.kind is CellKind.LINES)
WORDS = next(column for column in FORMS["Items"].columns if column.kind is CellKind.WORDS)
NUMBERS = st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True).map(Plain)


def sheets_of(record: RecordData) -> list[WrittenSheet]:
    """The sheets with the rows of one record."""
    return [written_sheet(form, rows_of(record, form)) for form in forms()]


def written_sheet(form: SheetForm, rows: Sequence[Sequence[str]]) -> WrittenSheet:
    """A sheet with some rows."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return WrittenSheet(form, form.name, len(rows), widths, lambda: (("record.yaml", row) for row in rows))
