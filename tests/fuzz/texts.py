"""Targets that read texts: records, settings, pages, SVG, cloze statements and the cells of sheets."""

import re
import tempfile
from functools import cache
from pathlib import Path

from defusedxml.ElementTree import fromstring

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.drafts.draft import draft, draft_record
from trialdeck.drafts.page import read_page
from trialdeck.drafts.prose.read import read_pages
from trialdeck.markdown.cloze import MAX_NUMBER, parse_cloze
from trialdeck.markdown.math import find_formulas
from trialdeck.markdown.render import escape_markdown
from trialdeck.notes.links import Addresses
from trialdeck.project.record_loader import Raw, problems_of, read_raw
from trialdeck.records.load import load_record_text
from trialdeck.records.media.svg_file import plain_svg
from trialdeck.records.settings import load_settings_text, settings_of
from trialdeck.sheets.cells import CellFault, cell_text, cell_value, is_unchanged
from trialdeck.sheets.columns import CellKind, forms
from trialdeck.sheets.csv_files import csv_table, guarded, unguarded
from trialdeck.sheets.read import read_entries
from trialdeck.yamlfile.document import parse_document

_LINE_END = re.compile("\r\n|\n|\r")


def text_of(content: bytes) -> str:
    """Any bytes as a text: what is not UTF-8 shows as U+FFFD."""
    return content.decode("utf-8", errors="replace")


def stands_in(content: bytes, problems: tuple[Problem, ...]) -> None:
    """Every problem names a place that the file has."""
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        text = content[: error.start].decode("utf-8").lstrip("\ufeff")
    lines = _LINE_END.split(text)
    for problem in problems:
        assert 1 <= problem.line <= len(lines), problem
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, problem
        assert problem.message
        assert problem.severity in Severity


def yaml(content: bytes) -> None:
    """A record: read, checked, and made into notes."""
    document, problems = parse_document(content, "x.yaml")
    assert document is not None or problems
    stands_in(content, problems)
    again, same = parse_document(content, "x.yaml")
    assert same == problems
    assert (again and again.data) == (document and document.data)
    if document:
        record = load_record_text(content, "x.yaml")
        found = problems_of(record)
        stands_in(content, found)
        assert found == problems_of(record)
        assert read_raw(Raw(content, Addresses())) == read_raw(Raw(content, Addresses()))


def settings(content: bytes) -> None:
    """The settings of a project, and the definition of a deck."""
    for name in ("decks/project.yaml", "decks/x.yaml"):
        file = load_settings_text(content, name)
        stands_in(content, file.problems)
        assert settings_of(file) is not None or file.problems


def page(content: bytes) -> None:
    """A trial page: any bytes give a draft that passes the check, or one error."""
    try:
        drafted = draft(content, None, None)
    except TrialdeckError:
        return
    assert all(notice.line >= 1 for notice in drafted.notices)
    problems = problems_of(load_record_text(drafted.text.encode(), "x.yaml"))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert not errors, errors
    assert read_page(content) == read_page(content)


def notes(content: bytes) -> None:
    """Notes of educators: any bytes give drafts that pass the check, or one error."""
    try:
        drafted = [draft_record(page, escape_markdown) for page in read_pages(content, splits=True)]
    except TrialdeckError:
        return
    for made in drafted:
        problems = problems_of(load_record_text(made.text.encode(), "x.yaml"))
        assert [problem for problem in problems if problem.severity is Severity.ERROR] == [], problems


def html(content: bytes) -> None:
    """A trial page that was saved as HTML."""
    page(b"<!doctype html>" + content)


def cloze(content: bytes) -> None:
    """A cloze statement: deletions in order, apart from each other and from formulas."""
    text = text_of(content)
    statement = parse_cloze(text)
    assert statement == parse_cloze(text)
    end = 0
    for deletion in statement.deletions:
        assert end <= deletion.start < deletion.inside < deletion.hint <= deletion.close < deletion.end <= len(text)
        assert text[deletion.start :].startswith("{{")
        assert text[deletion.close : deletion.end] == "}}"
        assert 1 <= deletion.number <= MAX_NUMBER
        end = deletion.end
    end = 0
    for formula in find_formulas(text):
        assert end <= formula.start < formula.end <= len(text)
        end = formula.end


def svg(content: bytes) -> None:
    """A drawing: what is left of it is a drawing to which nothing has to be done."""
    plain, fault = plain_svg(content)
    assert bool(plain) is not bool(fault)
    if plain:
        assert plain_svg(plain) == (plain, "")
        for element in fromstring(plain).iter():
            assert not element.tag.endswith(("}script", "}foreignObject")), element.tag
            assert not any(name.lower().startswith("on") for name in element.attrib), element.attrib


def cells(content: bytes) -> None:
    """A cell of a sheet, in every column: what it stands for comes back from what is written for it."""
    text = text_of(content)
    assert unguarded(guarded(text)) == text
    for form in forms():
        for column in form.columns:
            value = cell_value(text, column)
            if not isinstance(value, CellFault):
                again = cell_value(cell_text(value, column), column)
                # Parts without a name are not written; what is left of them comes back whole.
                value = again if column.kind is CellKind.PARTS else value
                assert is_unchanged(value, cell_value(cell_text(value, column), column)), (column.name, value)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="trialdeck-fuzz-"))


def csv(content: bytes) -> None:
    """A sheet as CSV, under the name of each kind of sheet."""
    path = _folder() / f"{forms()[len(content) % len(forms())].name}.csv"
    path.write_bytes(content)
    try:
        sheets = read_entries([csv_table(path)])
    except TrialdeckError:
        return
    assert sheets
