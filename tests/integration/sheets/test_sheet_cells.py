"""Cells of sheets and what they stand for: any text survives, and what is edited changes alone."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from conftest import RECORD
from matrices import examples
from sheets import (
    ANY,
    ARMS,
    BETWEEN,
    CLOZE,
    FORMS,
    FULL,
    KINDS,
    NUMBERS,
    SAID,
    SLUG,
    WORDS,
    data_of,
    sheets_of,
    written_sheet,
)
from trialdeck.core.problem import letters
from trialdeck.records.schema import load_schema, resolved
from trialdeck.sheets import table as sheet_table
from trialdeck.sheets.cells import CellFault, cell_text, cell_value, is_unchanged
from trialdeck.sheets.columns import NOT_IN_SHEET, CellKind, Column, forms
from trialdeck.sheets.csv_files import guarded, unguarded
from trialdeck.sheets.export import write_sheets
from trialdeck.sheets.files import opened_tables
from trialdeck.sheets.merge import merged, new_record
from trialdeck.sheets.read import read_entries
from trialdeck.sheets.record_rows import RecordData
from trialdeck.sheets.table import WrittenSheet
from trialdeck.sheets.workbook.read_xlsx import escaped, unescaped
from trialdeck.yamlfile.document import Plain
from trialdeck.yamlfile.edit import Put, edited

# --- columns


def test_every_property_of_the_schema_has_a_column_or_is_named_as_not_in_the_sheets() -> None:
    root = load_schema("trial")
    lists = {name for form in forms() for name in form.lists}
    for form in forms():
        for name in form.lists or ("",):
            entry = resolved(resolved(root["properties"][name], root)["items"], root) if name else root
            said = {str(column.path[0]) for column in form.columns if column.path}
            assert set(entry["properties"]) - said <= NOT_IN_SHEET | (set() if name else lists)
    assert [column.name for column in FORMS["Results"].columns][:13] == [
        "trial", "id", "endpoint", "outcome", "analysis", "timepoint", "population", "data_cut", "measure", "estimate",
        "ci_low", "ci_high", "ci_level",
    ]  # fmt: skip
    assert [form.name for form in forms()] == ["Trials", "Questions", "Items", "Results", "Related", "Takeaways"]


def test_lists_of_one_sheet_have_the_same_properties() -> None:
    root = load_schema("trial")
    for form in forms():
        assert len({str(resolved(root["properties"][name], root)["items"]) for name in form.lists}) <= 1


def test_columns_are_lettered_as_spreadsheet_programs_do_it() -> None:
    assert [letters(index) for index in (1, 26, 27, 52, 53, 702, 703)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


# --- cells


def stripped(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.dictionaries(SLUG, SAID.map(stripped), min_size=1, max_size=4))
def test_statements_survive_their_cell(statements: dict[str, str]) -> None:
    back = cell_value(cell_text(statements, CLOZE), CLOZE)
    assert back == {name: text.rstrip("\n") for name, text in statements.items()}


@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": SAID.map(stripped)},
            optional={
                "n": NUMBERS,
                "median": NUMBERS | st.just("not reached"),
                "percent": NUMBERS,
                "events": NUMBERS,
                "ci": st.lists(NUMBERS, min_size=2, max_size=2),
            },
        ),
        min_size=1,
        max_size=3,
    )
)
def test_arms_survive_their_cell(arms: list[dict[str, str]]) -> None:
    back = cell_value(cell_text(arms, ARMS), ARMS)
    assert [{**arm, "name": arm["name"].strip()} for arm in arms] == [
        {**arm, "name": arm["name"].strip()} for arm in back
    ]


@given(st.lists(SAID.map(stripped).filter(lambda name: "\n" not in name), min_size=2, max_size=2))
def test_names_of_arms_survive_their_cell(names: list[str]) -> None:
    assert cell_value(cell_text(names, BETWEEN), BETWEEN) == [name.strip() for name in names]


def test_an_interval_of_an_arm_may_be_wrong_and_says_so_in_the_record() -> None:
    assert cell_value("low dose | mean=-2.1 | ci=-3.0 to -1.2", ARMS) == [
        {"name": "low dose", "mean": "-2.1", "ci": ["-3.0", "-1.2"]}
    ]
    assert cell_value("low dose | ci=-3.0 and more", ARMS) == [{"name": "low dose", "ci": "-3.0 and more"}]


@given(st.lists(SLUG, min_size=1, unique=True))
def test_words_survive_their_cell(words: list[str]) -> None:
    assert cell_value(cell_text(words, WORDS), WORDS) == words
    assert cell_value(" ;\n".join(words), WORDS) == words


@given(ANY)
def test_what_looks_like_a_formula_is_guarded_in_csv_and_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {*"=+@\t\r"}
    if guarded(text).startswith("-"):
        assert float(text) < 1


@given(ANY)
def test_what_xml_cannot_hold_is_escaped_and_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not set(escaped(text)) & {*map(chr, range(9)), "\r", "\x1b", "\x00"}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("a\n\nb\n", "a\r\n\r\nb", True), ("a  b", "a b", True), ("a \nb", "a\nb", True), ("0.70", "0.7", True),
        (None, "", True), ("", None, True), ([], None, True), ("12.0", "12", True), ("1e-4", "0.0001", True),
        ("a\nb", "a b", False), ("a\n  b", "a\nb", False), ("a\n\nb", "a\nb", False), ("0.70", "0.71", False),
        ("a\u00a0b", "a b", False), (["a", "b"], ["b", "a"], False), (["a"], None, False), ("It’s", "It's", False),
    ],
)  # fmt: skip
def test_what_is_a_change(old: Any, new: Any, same: bool) -> None:
    assert is_unchanged(old, new) is same


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (CellKind.NUMBER, " 0.70 ", "0.70"), (CellKind.NUMBER, "−3", "-3"), (CellKind.DATE, "1.11.2016", "2016-11-01"),
        (CellKind.DATE, "2016/11/1", "2016-11-01"), (CellKind.DATE, "2016-11-01 00:00:00", "2016-11-01"),
        (CellKind.DATE, "11/1/2016", "11/1/2016"), (CellKind.WORDS, "a , b;c\nd,", ["a", "b", "c", "d"]),
        (CellKind.TEXT, " ", None),
    ],
)  # fmt: skip
def test_cells_as_people_fill_them_in(kind: CellKind, text: str, value: Any) -> None:
    assert cell_value(text, Column("x", ("x",), kind, "")) == value


NUMBERED = Column("x", ("x",), CellKind.NUMBER, "")


@pytest.mark.parametrize(
    ("column", "text", "message", "hint"),
    [
        (Column("x", ("x",), CellKind.NUMBER, ""), "0,70", "'0,70' is not a number", "0.70"),
        (
            Column("x", ("x",), CellKind.NUMBER, ""),
            "1,234",
            "'1,234' is not a number",
            "write 1234, or 1.234,",
        ),
        (Column("x", ("x",), CellKind.NUMBER, ""), "1,234.5", "'1,234.5' is not a number", "write 1234.5"),
        (Column("x", ("x",), CellKind.NUMBER, ""), "92.9%", "not a number", "write 92.9 alone"),
        (CLOZE, "one: a\ntwo lines", "the line 'two lines' has no id", "two spaces"),
        (CLOZE, "one: a\none: b", "'one' stands twice", "another id"),
        (ARMS, "IRd | m=3", "'m=3' is not one of n, events, median, percent", "write `IRd | n=360 | median=20.6`"),
        (ARMS, "IRd | mean -1.4", "'mean -1.4' is not one of n, events", "write `mean=-1.4`"),
        (ARMS, "IRd | SD: 0.4", "'SD: 0.4' is not one of n, events", "write `sd=0.4`"),
        (ARMS, "A: -2.9 ± 0.3; B: -4.6 ± 0.3", "has values without bars", "`IRd | n=360 | mean=-2.1 | sd=0.4`"),
        (ARMS, "A, n=9, 1 (11%) vs B, n=8, 2 (25%)", "has values without bars", "`IRd | 129/360 (35.8%)`"),
        (NUMBERED, "0.80 (0.73-0.87)", "'0.80 (0.73-0.87)' is not a number", "write 0.80 alone; unit and interval"),
        (NUMBERED, "\u22121.0%", "not a number", "write -1.0 alone"),
        (NUMBERED, "about 3", "not a number", "write digits alone, for example 0.74"),
        (CLOZE, "It binds {{c1::dawnase}}.", "has no id", "`dawnase: It binds {{c1::dawnase}}.`"),
        (CLOZE, "It binds {{dawnase}}.", "has no id", "`dawnase: It binds {{c1::dawnase}}.`"),
        (ARMS, "IRd | n=3 | n=4", "'n' stands twice", "keep one"),
    ],
)
def test_cells_that_stand_for_nothing(column: Column, text: str, message: str, hint: str) -> None:
    flaw = cell_value(text, column)
    assert isinstance(flaw, CellFault)
    assert message in flaw.message
    assert hint in flaw.hint


# --- files


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=examples(40))
@given(texts=st.lists(ANY, min_size=12, max_size=12))
def test_any_text_survives_the_file(tmp_path_factory: pytest.TempPathFactory, name: str, texts: list[str]) -> None:
    out = tmp_path_factory.mktemp("sheets") / name
    form = FORMS["Related"]
    row = ("a", *texts)[: len(form.columns)]
    assert len(row) == len(form.columns)
    write_sheets([written_sheet(form, [row])], out, force=True)
    with opened_tables(out) as (table,):
        _, second = table.rows
    found = [*second.cells, *[""] * len(row)][: len(row)]
    assert found == list(row)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=examples(25))
@given(said=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=40) | SAID)
def test_any_text_of_a_record_survives(tmp_path_factory: pytest.TempPathFactory, name: str, said: str) -> None:
    said = "".join(char for char in said if char == "\n" or char.isprintable())
    # A response of nothing but spaces is an empty cell, which a new row must not have.
    said = said if said.strip() else "?"
    content = edited(RECORD.encode(), [Put(("questions", 0, "response"), said)], "dawn-1.yaml")
    rows, there = round_trip(content, tmp_path_factory.mktemp("sheets") / name)
    merge = merged(data_of(content), rows, there, delete=True)
    assert (merge.edits, merge.changes, merge.faults, merge.missing) == ([], [], [], [])
    text, merge = new_record(rows, "")
    new = edited(text.encode(), merge.edits, "dawn-1.yaml")
    assert is_unchanged(data_of(new), data_of(content))


def round_trip(content: bytes, out: Path) -> tuple[list[Any], list[Any]]:
    write_sheets(sheets_of(RecordData("record.yaml", data_of(content))), out, force=True)
    with opened_tables(out) as tables:
        sheets = read_entries(tables)
    assert (sheets.faults, sheets.notices) == ([], [])
    return sheets.entries, sheets.forms


# --- changes

TYPED = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=30
)
LINES = st.lists(TYPED.filter(str.strip), min_size=1, max_size=3).map("\n\n".join).map(str.strip).filter(bool)


def values_for(column: Column) -> st.SearchStrategy[Any]:
    """What somebody may write into a cell of a column."""
    words = st.lists(st.sampled_from(column.allowed) if column.allowed else SLUG, min_size=1, max_size=3, unique=True)
    parts = st.fixed_dictionaries(
        {"name": TYPED.filter(str.strip).map(str.strip)},
        optional={"n": st.just(Plain("7")), "median": NUMBERS | st.just("not reached"), "percent": NUMBERS},
    )
    found: dict[CellKind, st.SearchStrategy[Any]] = {
        CellKind.TEXT: st.sampled_from(column.allowed) if column.allowed else SLUG if column.is_id else LINES,
        CellKind.NUMBER: NUMBERS,
        CellKind.FLAG: st.sampled_from(column.allowed).map(Plain) if column.allowed else st.nothing(),
        CellKind.DATE: st.dates().map(str),
        CellKind.WORDS: words,
        CellKind.LINES: st.lists(TYPED.map(str.strip).filter(bool), min_size=2, max_size=2, unique=True),
        CellKind.STATEMENTS: st.dictionaries(
            SLUG | st.sampled_from(["first", "second", "binds"]), LINES, min_size=1, max_size=3
        ),
        CellKind.PARTS: st.lists(parts, min_size=1, max_size=3, unique_by=lambda part: part["name"]),
    }
    may_be_empty = not column.is_required and not column.is_bound
    return found[column.kind] | st.none() if may_be_empty else found[column.kind]


@settings(max_examples=examples(150))
@given(data=st.data())
def test_whatever_is_typed_into_some_cells_changes_these_values_and_no_others(data: st.DataObject) -> None:
    before = sheets_of(RecordData("noon-3.yaml", data_of(FULL.encode())))
    tables = [sheet_table.Table(each.form.name, "", each.form.name, rows_of(each)) for each in before]
    entries = read_entries(tables).entries
    cells = [
        (index, column)
        for index, entry in enumerate(entries)
        for column in entry.form.columns
        if column.path and column.name != "id" and (not column.is_bound or entry.values["ci_low"])
    ]
    wanted = {}
    for index, column in data.draw(st.lists(st.sampled_from(cells), min_size=1, max_size=6, unique=True)):
        value = data.draw(values_for(column))
        wanted[entries[index].key, column.name] = value
        entries[index] = replace(entries[index], values={**entries[index].values, column.name: value})
    merge = merged(data_of(FULL.encode()), entries, forms(), delete=True)
    assert merge.faults == []
    after = edited(FULL.encode(), merge.edits, "noon-3.yaml")
    found = read_entries(
        [
            sheet_table.Table(each.form.name, "", "", rows_of(each))
            for each in sheets_of(RecordData("noon-3.yaml", data_of(after)))
        ]
    ).entries
    assert [entry.key for entry in found] == [entry.key for entry in entries]
    for old, new in zip(entries, found, strict=True):
        for name, value in old.values.items():
            assert is_unchanged(value, new.values[name]), (old.key, name)
    same = [line for line in FULL.splitlines() if line.strip().startswith("#")]
    if not any(name == "cloze" for _, name in wanted):
        assert [line for line in after.decode().splitlines() if line in same] == same


def rows_of(sheet: WrittenSheet) -> list[sheet_table.Row]:
    header = [column.name for column in sheet.form.columns]
    return [
        sheet_table.Row(number, cells) for number, cells in enumerate([header, *(row for _, row in sheet.rows())], 1)
    ]
