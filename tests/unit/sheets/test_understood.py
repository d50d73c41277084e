"""What people type into cells, and what sheets that trialdeck wrote keep."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets import ARMS, FORMS, NUMBERS, SAID, SLUG, WORDS
from trialdeck.sheets.cells import CellFault, DateCell, NumberCell, cell_text, cell_value
from trialdeck.sheets.columns import Column
from trialdeck.sheets.understood import is_day, understood, understood_text


def column(sheet: str, name: str) -> Column:
    return next(each for each in FORMS[sheet].columns if each.name == name)


@pytest.mark.parametrize(
    ("sheet", "name", "typed", "read"),
    [
        ("Questions", "trial", "PARADIGM-HF", "paradigm-hf"),
        ("Questions", "trial", " CheckMate 067", "checkmate-067"),
        ("Questions", "trial", "MONALEESA–3", "monaleesa-3"),
        ("Questions", "trial", "paradigm-hf", "paradigm-hf"),
        ("Questions", "trial", "a/b", "a/b"),
        ("Questions", "id", "Why_Combine", "why-combine"),
        ("Questions", "id", "1-Mar", "1-Mar"),
        ("Questions", "perspective", "Clinical", "clinical"),
        ("Questions", "perspective", "clincal", "clincal"),
        ("Questions", "audience", "Student, Peer reviewer", "student, peer-reviewer"),
        ("Questions", "audience", "student; fellow", "student; fellow"),
        ("Questions", "review_status", "Reviewed", "reviewed"),
        ("Questions", "response", "Clinical", "Clinical"),
        ("Questions", "source_doi", "https://doi.org/10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("Questions", "source_doi", "http://dx.doi.org/10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("Questions", "source_doi", "doi:10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("Questions", "source_doi", "DOI: 10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("Questions", "source_doi", "10.1000/ends.", "10.1000/ends."),
        ("Questions", "source_doi", "see the paper", "see the paper"),
        ("Items", "section", "Key findings", "key_findings"),
        ("Results", "measure", "Hazard Ratio", "hazard ratio"),
        ("Trials", "source_registry", "nct 01035255", "NCT01035255"),
        ("Trials", "source_registry", "NCT0103525", "NCT0103525"),
        ("Results", "measure", "HR", "hazard ratio"),
        ("Results", "measure", "RR", "RR"),
        ("Questions", "audience", "Students, residents", "student, resident"),
        ("Questions", "audience", "Fellow/Attending", "fellow, attending"),
        ("Questions", "perspective", "Mechanisms", "mechanism"),
        ("Results", "arms", "A 3/7 (43%) vs B 1/7 (14%)", "A 3/7 (43%) vs B 1/7 (14%)"),
        ("Trials", "topics", "Heart Failure, hfref", "heart-failure, hfref"),
        ("Trials", "acronym", "PARADIGM-HF", "PARADIGM-HF"),
        ("Results", "arms", "A | 386/2373 (16.3%)", "A | events=386 | n=2373 | percent=16.3"),
        ("Results", "arms", "A | 386 of 2,373 (16·3 %)", "A | events=386 | n=2373 | percent=16.3"),
        ("Results", "arms", "A: 386/2373 (16.3%)", "A | events=386 | n=2373 | percent=16.3"),
        ("Results", "arms", "A 3/7 (43%)\nB 1 (5%)", "A | events=3 | n=7 | percent=43\nB | events=1 | percent=5"),
        ("Results", "arms", "A | 386/2373", "A | events=386 | n=2373"),
        ("Results", "arms", "A | 12.0%", "A | percent=12.0"),
        ("Results", "arms", "A | n=1,234 | percent=12.0%", "A | n=1234 | percent=12.0"),
        ("Results", "arms", "Dose 1/2", "Dose 1/2"),
        ("Results", "arms", "A | 386", "A | 386"),
        ("Results", "arms", "A | n=3 | median=not reached", "A | n=3 | median=not reached"),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(sheet: str, name: str, typed: str, read: str) -> None:
    found = understood(typed, column(sheet, name))
    assert found.text == read
    assert found.said == (f"'{typed.strip()}' is read as '{read}'" if typed != read else "")


def test_counts_become_numbers_of_the_arm() -> None:
    text = understood_text("LCZ696 | 914/4187 (21.8%)", ARMS)
    assert cell_value(text, ARMS) == [{"name": "LCZ696", "events": "914", "n": "4187", "percent": "21.8"}]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": SAID.map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n").strip())
                | st.sampled_from(["A 1/2 (3%)", "A | 1/2", "5%"])
            },
            optional={"n": NUMBERS, "median": NUMBERS | st.just("not reached"), "percent": NUMBERS, "events": NUMBERS},
        ),
        min_size=1,
        max_size=3,
    )
)
def test_arms_as_they_are_written_stay(arms: list[dict[str, str]]) -> None:
    assert understood_text(cell_text(arms, ARMS), ARMS) == cell_text(arms, ARMS)
    assert cell_value(cell_text(arms, ARMS), ARMS) == arms


@given(st.lists(SLUG, min_size=1, unique=True))
def test_words_as_they_are_written_stay(words: list[str]) -> None:
    assert understood_text(cell_text(words, WORDS), WORDS) == cell_text(words, WORDS)


@given(SAID, st.sampled_from([each for form in FORMS.values() for each in form.columns]))
def test_what_is_understood_is_understood_once(text: str, each: Column) -> None:
    once = understood_text(text, each)
    assert understood_text(once, each) == once


def test_numbers_of_workbooks_are_bare_only_where_numbers_stand() -> None:
    cell = NumberCell("1,234", "1234")
    assert understood(cell, column("Results", "estimate")).text == "1234"
    assert understood(cell, column("Results", "p")).text == "1,234"
    assert understood(NumberCell("301.00", "301"), column("Questions", "id")).text == "301"


@pytest.mark.parametrize(
    ("sheet", "name", "is_fault"),
    [
        ("Questions", "trial", True), ("Questions", "id", True), ("Trials", "id", True), ("Trials", "topics", True),
        ("Trials", "acronym", True),
        ("Results", "estimate", True), ("Results", "measure", True), ("Results", "arms", True),
        ("Questions", "review_on", False), ("Results", "data_cut", False), ("Questions", "response", False),
    ],
)  # fmt: skip
def test_a_day_where_no_day_belongs_is_a_fault_that_says_what_excel_did(sheet: str, name: str, is_fault: bool) -> None:
    found: Any = understood(DateCell("2026-03-01"), column(sheet, name))
    assert isinstance(found.text, CellFault) is is_fault
    if is_fault:
        assert "2026-03-01" in found.text.message
        assert "Excel turns texts such as MAR-1" in found.text.message
        assert f"type the {name} again" in found.text.hint
    else:
        assert found.text == "2026-03-01"


@pytest.mark.parametrize("text", ["1-Mar", "01-Mar-26", "Mar-26", "2026-03-01", "3/1/2026", "1.3.2026", "01/03/26"])
def test_days_as_spreadsheet_programs_show_them(text: str) -> None:
    assert is_day(text)


@pytest.mark.parametrize(
    "text", ["mar-1", "march-26", "DEC-10", "4s", "re-ly", "keynote-189", "2026", "12-13-14", "1.2.3"]
)
def test_ids_that_are_no_days(text: str) -> None:
    assert not is_day(text)


def test_a_number_with_a_comparator_is_none_for_a_column_of_numbers() -> None:
    below = NumberCell("<0.001", "0.001")
    assert understood(below, column("Results", "estimate")).text == "<0.001"
    assert understood(below, column("Results", "p")).text == "<0.001"
    months = understood(NumberCell("12 months", "12"), column("Results", "estimate"))
    assert (months.text, months.said) == ("12", "the cell shows 12 months; 12, which it holds, is read")
