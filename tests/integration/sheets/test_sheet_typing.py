"""Sheets as people fill them in: without ids, with names for ids, with what Excel makes of texts."""

import csv
import datetime
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import RECORD
from sheets import FORMS, Book, data_of, make_project, run, snapshot
from trialdeck.markdown.render import render

Sheets = Mapping[str, Sequence[Mapping[str, str]]]

TYPED: Sheets = {
    "Trials": [
        {
            "acronym": "PARADIGM-HF",
            "title": "Angiotensin-Neprilysin Inhibition versus Enalapril in Heart Failure",
            "source_doi": "https://doi.org/10.1056/NEJMoa1409077",
            "topics": "Heart Failure",
            "summary": "First line,\nsecond line.\n\nNext paragraph.",
        }
    ],
    "Questions": [
        {
            "trial": "PARADIGM-HF",
            "perspective": "Clinical",
            "audience": "Resident, Peer Reviewer",
            "question": "Whom does sacubitril help?",
            "response": "Adults with:\nheart failure\nand a low ejection fraction.",
        },
        {
            "trial": "paradigm-hf",
            "perspective": "Mechanism",
            "question": "Whom does sacubitril help?",
            "response": "Patients whose neprilysin it inhibits.",
        },
    ],
    "Items": [{"trial": "PARADIGM-HF", "section": "Key findings", "text": "Fewer deaths than with enalapril."}],
    "Results": [
        {
            "trial": "Paradigm HF",
            "endpoint": "Death from cardiovascular causes or hospitalization",
            "data_cut": "Final",
            "measure": "Hazard Ratio",
            "estimate": "0.80",
            "arms": "LCZ696 | 914/4187 (21.8%)\nEnalapril: 1117/4212 (26.5%)",
        }
    ],
    "Related": [{"trial": "PARADIGM-HF", "name": "SOLVD Treatment", "tested": "Enalapril"}],
    "Takeaways": [{"trial": "PARADIGM-HF", "audience": "Fellow", "text": "Replace the ACE inhibitor."}],
}
"""What somebody types who has read no word of the instructions."""

MADE = {
    "questions": ["sacubitril-help", "sacubitril-help-2"],
    "key_findings": ["fewer-deaths-enalapril"],
    "results": ["death-cardiovascular-causes-hospitalization"],
    "related_trials": ["solvd-treatment"],
    "takeaways": ["replace-ace-inhibitor"],
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one record, and the current folder in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "dawn-1.yaml").write_text(RECORD)
    return tmp_path


def workbook(sheets: Sheets) -> str:
    run("template", "-o", "trials.xlsx", "--force")
    book = Book()
    for sheet, rows in sheets.items():
        for row in rows:
            book.add(sheet, **row)
    book.save()
    return "trials.xlsx"


def csv_folder(sheets: Sheets) -> str:
    run("template", "-o", "trials", "--force")
    for sheet, rows in sheets.items():
        names = [column.name for column in FORMS[sheet].columns]
        with Path("trials", f"{sheet}.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([row.get(name, "") for name in names] for row in rows)
    return "trials"


KINDS = pytest.mark.parametrize("written", [workbook, csv_folder])


@KINDS
def test_sheets_without_ids_become_records(project: Path, written: Any) -> None:
    output = run("import", written(TYPED)).output
    assert "seeds/paradigm-hf.yaml: a new record with 1 key finding, 1 result, 2 questions" in output
    content = (project / "seeds" / "paradigm-hf.yaml").read_bytes()
    data = data_of(content)
    assert (data["id"], data["topics"]) == ("paradigm-hf", ["heart-failure"])
    assert data["source"] == {"doi": "10.1056/NEJMoa1409077"}
    assert {name: [entry["id"] for entry in data[name]] for name in MADE} == MADE
    first, second = data["questions"]
    assert (first["perspective"], second["perspective"]) == ("clinical", "mechanism")
    assert first["audience"] == ["resident", "peer-reviewer"]
    (result,) = data["results"]
    assert (result["measure"], result["estimate"]) == ("hazard ratio", "0.80")
    assert result["arms"] == [
        {"name": "LCZ696", "events": "914", "n": "4187", "percent": "21.8"},
        {"name": "Enalapril", "events": "1117", "n": "4212", "percent": "26.5"},
    ]


@KINDS
def test_what_is_read_otherwise_than_it_was_typed_is_said(project: Path, written: Any) -> None:
    source = written(TYPED)
    output = run("import", source, "--dry-run").output
    place = "trials.xlsx: Questions!" if source.endswith("x") else "trials/Questions.csv: "
    trials = place.replace("Questions", "Trials")
    for said in (
        f"{trials}A2: the id is empty; it becomes 'paradigm-hf'",
        f"{place}A2: 'PARADIGM-HF' is read as 'paradigm-hf' (also in 3 other cells)",
        f"{place}C2: 'Clinical' is read as 'clinical'",
        f"{place}D2: 'Resident, Peer Reviewer' is read as 'resident, peer-reviewer'",
        f"{place}B2: the id is empty; it becomes 'sacubitril-help'",
        f"{place}B3: the id is empty; it becomes 'sacubitril-help-2'",
        "'https://doi.org/10.1056/NEJMoa1409077' is read as '10.1056/NEJMoa1409077'",
    ):
        assert f"{said}\n" in output
    assert "LCZ696 | events=914 | n=4187 | percent=21.8" in output
    assert not (project / "seeds" / "paradigm-hf.yaml").exists()


@KINDS
def test_sheets_without_ids_are_imported_once_more_without_a_change(project: Path, written: Any) -> None:
    source = written(TYPED)
    run("import", source)
    before = snapshot(project)
    assert run("import", source, "--delete").output.endswith("nothing differs from the records\n")
    assert snapshot(project) == before
    run("export", "-o", "again.xlsx")
    assert run("import", "again.xlsx", "--delete").output == "nothing differs from the records\n"
    assert snapshot(project) == before


def test_an_id_that_is_made_is_free(project: Path) -> None:
    rows = [
        {"trial": "DAWN-1", "perspective": "clinical", "question": "Why?", "response": "A."},
        {"trial": "DAWN-1", "perspective": "clinical", "question": "Whom does dawnol help?", "response": "Adults."},
        {"trial": "DAWN-1", "perspective": "clinical", "question": "Which dose?", "response": "B.", "id": "dose"},
        {"trial": "DAWN-1", "perspective": "clinical", "question": "What is the dose?", "response": "C."},
    ]
    run("import", workbook({"Questions": rows}))
    ids = [entry["id"] for entry in data_of((project / "seeds" / "dawn-1.yaml").read_bytes())["questions"]]
    assert ids == ["why", "whom", "why-2", "dose", "dose-2"]


def test_a_trial_is_known_by_the_acronym_of_its_row(project: Path) -> None:
    rows: Sheets = {
        "Trials": [{"id": "mm1", "acronym": "TOURMALINE-MM1", "title": "T"}],
        "Questions": [{"trial": "Tourmaline MM1", "perspective": "clinical", "question": "Who?", "response": "I."}],
    }
    assert "seeds/mm1.yaml: a new record with 1 question\n" in run("import", workbook(rows)).output
    # An id that is written as one is never taken for another.
    rows["Questions"][0]["trial"] = "tourmaline-mm1"  # type: ignore[index]
    assert "there is no trial 'tourmaline-mm1'" in run("import", workbook(rows), code=1).output


# --- what Excel makes of texts


@pytest.mark.parametrize("name", ["trial", "id"])
def test_a_day_in_an_id_is_a_fault_that_says_what_excel_did(project: Path, name: str) -> None:
    workbook({"Questions": [{"trial": "dawn-1", "id": "x", "perspective": "clinical", "question": "?"}]})
    book = Book()
    cell = book.book["Questions"].cell(2, book.column("Questions", name))
    cell.value, cell.number_format = datetime.datetime(2026, 3, 1), "d-mmm"
    book.book["Questions"].cell(2, book.column("Questions", "response")).value = "!"
    book.save()
    before = snapshot(project)
    output = run("import", "trials.xlsx", code=1).output
    assert f"Questions!{cell.coordinate}: the cell holds the day 2026-03-01, not what was typed: Excel turns" in output
    assert f"format the cell as text, and type the {name} again" in output
    assert "nothing was written: 1 fault\n" in output
    assert snapshot(project) == before


@pytest.mark.parametrize("day", ["1-Mar", "Mar-26", "2026-03-01", "3/1/2026"])
@pytest.mark.parametrize("name", ["trial", "id"])
def test_a_day_in_an_id_of_a_csv_file_is_a_fault_too(project: Path, name: str, day: str) -> None:
    row = {"trial": "dawn-1", "id": "x", "perspective": "clinical", "question": "?", "response": "!", name: day}
    output = run("import", csv_folder({"Questions": [row]}), code=1).output
    assert f"the cell holds the day {day}, not what was typed: Excel turns" in output


def test_a_day_of_a_new_trial_is_a_fault(project: Path) -> None:
    output = run("import", csv_folder({"Trials": [{"id": "2026-03-01", "title": "T", "summary": "S."}]}), code=1).output
    assert "trials/Trials.csv: A2: the cell holds the day 2026-03-01" in output


def test_an_id_of_a_record_may_look_like_a_day(project: Path) -> None:
    (project / "seeds" / "day.yaml").write_text(RECORD.replace("dawn-1", "2026-03-01").replace("DAWN-1", "MARCH-1"))
    run("export", "-o", "trials")
    assert run("import", "trials").output == "nothing differs from the records\n"


def test_numbers_keep_the_decimals_that_their_format_shows(project: Path) -> None:
    workbook({"Results": [{"trial": "dawn-1", "id": "os", "endpoint": "Survival"}]})
    book = Book()
    for name, value, number_format in (
        ("estimate", 0.5, "0.00"),
        ("ci_low", 0.4, "0.000"),
        ("ci_high", 1234, "#,##0"),
        ("p", 0.05, "0.000"),
        ("data_cut", 1234, "#,##0"),
        ("unit", 0.12, "0.0%"),
    ):
        cell = book.book["Results"].cell(2, book.column("Results", name))
        cell.value, cell.number_format = value, number_format
    book.save()
    run("import", "trials.xlsx")
    result = data_of((project / "seeds" / "dawn-1.yaml").read_bytes())["results"][1]
    assert (result["estimate"], result["ci"], result["p"]) == ("0.50", ["0.400", "1234"], "0.050")
    assert (result["data_cut"], result["unit"]) == ("1,234", "12.0%")


def test_digits_that_a_format_hides_are_read_and_said(project: Path) -> None:
    workbook({"Results": [{"trial": "dawn-1", "id": "os", "endpoint": "Survival"}]})
    book = Book()
    cell = book.book["Results"].cell(2, book.column("Results", "estimate"))
    cell.value, cell.number_format = 0.745, "0.00"
    book.save()
    output = run("import", "trials.xlsx").output
    assert f"Results!{cell.coordinate}: the cell shows 0.75; 0.745, which it holds, is read\n" in output
    assert "estimate: 0.745\n" in (project / "seeds" / "dawn-1.yaml").read_text()


@KINDS
def test_line_breaks_in_cells_are_kept(project: Path, written: Any) -> None:
    run("import", written(TYPED))
    data = data_of((project / "seeds" / "paradigm-hf.yaml").read_bytes())
    assert data["questions"][0]["response"] == "Adults with:\nheart failure\nand a low ejection fraction."
    assert data["summary"].strip() == "First line,\nsecond line.\n\nNext paragraph."
    assert render(data["questions"][0]["response"]).count("<br>") == 2


# --- all faults in one run


def test_rows_that_belong_to_no_record_have_their_faults_told_too(project: Path) -> None:
    rows: Sheets = {
        "Questions": [
            {"trial": "dusk-9", "id": "a", "perspective": "clincal", "question": "?", "response": "!"},
            {"trial": "dawn-1", "id": "why", "perspective": "clinical", "question": "?", "response": "!"},
            {"trial": "dawn-1", "id": "why", "perspective": "clinical", "question": "?", "source_doi": "x"},
        ],
        "Items": [{"trial": "dawn-1", "section": "desing", "id": "a", "text": "b", "review_on": "soon"}],
        "Trials": [{"summary": "Something.", "source_url": "example.org"}],
    }
    output = run("import", workbook(rows), code=1).output
    for said in (
        "there is no trial 'dusk-9'", "unknown perspective 'clincal'", "'why' stands here for the second time",
        "'response' is empty", "'x' is not a DOI", "unknown section 'desing'", "'soon' is not a date", "'id' is empty",
        "'title' is empty", "'example.org' is not a web address",
    ):  # fmt: skip
        assert output.count(said) == 1, (said, output)
    assert "nothing was written: 10 faults" in output


def test_every_fault_of_a_new_record_is_told(project: Path) -> None:
    rows: Sheets = {
        "Trials": [{"id": "noon-9", "summary": "bad _x0001_", "review_status": "checked"}],
        "Questions": [{"trial": "noon-9", "perspective": "clincal", "question": "Who?", "response": "I."}],
    }
    output = run("import", workbook(rows), code=1).output
    for said in ("'title' is empty", "U+0001", "unknown status 'checked'", "unknown perspective 'clincal'"):
        assert output.count(said) == 1, (said, output)
    assert "nothing was written: 4 faults" in output


def test_broken_files_are_all_told(project: Path) -> None:
    csv_folder({"Questions": [{"trial": "dawn-1", "id": "x", "perspective": "clincal", "question": "?"}]})
    Path("trials/Items.csv").write_bytes(b"trial,section,id,text\ndawn-1,design,a,caf\xe9\n")
    Path("trials/Related.csv").write_bytes(b'trial,id,name\ndawn-1,a,"b\n')
    output = run("import", "trials", code=1).output
    assert "trials/Items.csv: the file is not in UTF-8: see line 2\n" in output
    assert "trials/Related.csv: the file is broken after row" in output
    assert "unknown perspective 'clincal'" in output
    assert "'response' is empty" in output


# --- a project as it is


def test_an_export_of_every_property_is_read_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_project(tmp_path)
    text = (
        (tmp_path / "seeds" / "dawn-1.yaml").read_bytes().replace(b"{name: dawnol,", b"{name: A 1/2 (3%), events: 3,")
    )
    (tmp_path / "seeds" / "dawn-1.yaml").write_bytes(text)
    lone = text.replace(b"{name: A 1/2 (3%), events: 3, n: 100, median: 12.0}", b"{name: A 1/2 (3%)}")
    for content in (text, lone):
        (tmp_path / "seeds" / "dawn-1.yaml").write_bytes(content)
        for name in ("trials.xlsx", "trials"):
            run("export", "-o", name, "--force")
            assert run("import", name, "--delete").output == "nothing differs from the records\n"
    shutil.rmtree("trials")
    assert openpyxl.load_workbook("trials.xlsx")["Results"].max_row > 2
