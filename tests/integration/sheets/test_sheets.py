"""Records as sheets and back: what nobody has changed stays to the byte, and what somebody has changes in place."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import RECORD
from folders import ROOT, SUPPORT
from sheets import FORMS, FULL, KINDS, TEN, Book, changed, data_of, make_project, run, snapshot
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import letters
from trialdeck.records.load import load_record_text
from trialdeck.sheets.cells import is_unchanged


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with several records, and the current folder in it."""
    monkeypatch.chdir(tmp_path)
    return make_project(tmp_path)


# --- files


@pytest.mark.parametrize("name", KINDS)
def test_what_nobody_has_changed_stays_to_the_byte(project: Path, name: str) -> None:
    before = snapshot(project)
    run("export", "-o", name)
    assert run("import", name, "--delete").output == "nothing differs from the records\n"
    assert snapshot(project) == before
    assert sorted(path.name for path in project.iterdir()) == sorted(["seeds", name])


@pytest.mark.parametrize("name", KINDS)
def test_records_can_be_made_from_their_sheets_alone(project: Path, name: str) -> None:
    run("export", "-o", name)
    before = {path: data_of(path.read_bytes()) for path in sorted((project / "seeds").rglob("*.yaml"))}
    shutil.rmtree(project / "seeds")
    (project / "seeds").mkdir()
    output = run("import", name).output
    assert "seeds/noon-3.yaml: a new record with 1 key finding, 1 point of the design, 1 limitation, 2 r" in output
    for path, data in before.items():
        made = (project / "seeds" / path.name).read_bytes()
        data.get("key_findings", [{}])[0].pop("figures", None)
        assert is_unchanged(data, data_of(made))
        assert not load_record_text(made, path.name).problems
    assert b"estimate: 0.70\n" in (project / "seeds" / "noon-3.yaml").read_bytes()
    assert run("import", name, "--delete").output == "nothing differs from the records\n"


@pytest.mark.parametrize("name", KINDS)
def test_results_of_every_kind_stay_and_can_be_made_anew(project: Path, name: str) -> None:
    record = project / "seeds" / "kinds-1.yaml"
    shutil.copy(SUPPORT / "invented_trials" / "kinds-1.yaml", record)
    before, data = snapshot(project), data_of(record.read_bytes())
    run("export", "seeds/kinds-1.yaml", "-o", name)
    assert run("import", name).output == "nothing differs from the records\n"
    assert snapshot(project) == before
    record.unlink()
    run("import", name)
    assert is_unchanged(data, data_of(record.read_bytes()))


def test_a_workbook_is_easy_to_fill_in(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book().book
    assert book.sheetnames == ["Instructions", *FORMS]
    questions = book["Questions"]
    assert questions.freeze_panes == "C2"
    assert "Decks can be built by perspective" in questions["C1"].comment.text
    assert {cell.number_format for row in questions.iter_rows(min_row=2) for cell in row} == {"@"}
    assert {cell.data_type for row in book["Trials"].iter_rows(min_row=2) for cell in row if cell.value} == {"s"}
    choices = {str(each.sqref).split(":")[0]: each.formula1 for each in questions.data_validations.dataValidation}
    assert choices["C2"] == '"mechanism,clinical,reviewer"'
    assert "key_findings,design,limitations" in book["Items"].data_validations.dataValidation[0].formula1
    column = Book().column("Trials", "significance")
    formula = next(row[column - 1] for row in book["Trials"].iter_rows() if row[0].value == "noon-3")
    assert (formula.value, formula.data_type, formula.quotePrefix) == ("=SUM(A1) is no formula", "s", True)


def test_csv_files_are_safe_to_open(project: Path) -> None:
    run("export", "seeds/deep", "-o", "sheets")
    assert (project / "sheets" / "Trials.csv").read_bytes().startswith(b"\xef\xbb\xbfid,acronym,")
    assert ",'=SUM(A1) is no formula," in (project / "sheets" / "Trials.csv").read_text(encoding="utf-8-sig")
    assert ",'-3.5 points," in (project / "sheets" / "Items.csv").read_text(encoding="utf-8-sig")
    assert ",-1.50," in (project / "sheets" / "Results.csv").read_text(encoding="utf-8-sig")


def test_templates(project: Path) -> None:
    for words in (
        ["template", "-o", "one.xlsx"],
        ["export", "--template", "-o", "two.xlsx"],
        ["template", "-o", "csv"],
    ):
        run(*words)
        assert run("import", words[-1]).output == "nothing differs from the records\n"
    assert Book(Path("one.xlsx")).book["Questions"].max_row == 1
    book = Book(Path("one.xlsx"))
    book.add("Trials", id="new-1", title="A new trial")
    book.add("Questions", trial="new-1", id="why", perspective="clinical", question="Why?", response="So: it is.")
    book.save()
    assert run("import", "one.xlsx").output.splitlines() == [
        "seeds/new-1.yaml: a new record with 1 question",
        "one.xlsx: Trials!B2: without an acronym, cards call the trial by its title",
    ]
    wanted = "format: 1\nid: new-1\ntitle: A new trial\n\nquestions:\n  - id: why\n    perspective: clinical\n"
    assert (project / "seeds" / "new-1.yaml").read_text().startswith(wanted)
    assert 'response: "So: it is."' in (project / "seeds" / "new-1.yaml").read_text()


def test_what_is_there_is_not_overwritten_unasked(project: Path) -> None:
    for name in KINDS:
        run("export", "-o", name)
        assert "exists already" in run("export", "seeds/aspire.yaml", "-o", name, code=1).output
        run("export", "seeds/aspire.yaml", "-o", name, "--force")
    assert Book().book["Trials"].max_row == 2
    for name in ("trials.csv", "trials.ods"):
        assert "cannot be written as" in run("export", "-o", name, code=1).output


def test_faulty_records_are_not_exported(project: Path) -> None:
    (project / "seeds" / "a.yaml").write_text("format: 1\nid: a\nquestions: [why]\n")
    (project / "seeds" / "b.yaml").write_text("format: 1\nid: b\nquestions:\n  - question: Why?\n")
    (project / "seeds" / "c.yaml").write_text("a: [")
    output = run("export", "-o", "trials.xlsx", code=1).output
    assert "seeds/a.yaml:3: entry 1 of 'questions' should be a mapping of properties, not text" in output
    assert "seeds/b.yaml:4: entry 1 of 'questions' has no id" in output
    assert "seeds/c.yaml:2:" in output or "seeds/c.yaml:1:" in output
    assert "nothing was written: 3 faults" in output


def test_what_no_cell_can_hold_is_an_error_that_names_it(project: Path) -> None:
    (project / "seeds" / "a.yaml").write_text('format: 1\nid: a\ntitle: A\ntopics: ["b, c"]\n')
    assert "seeds/a.yaml: 'topics' cannot stand in a cell" in run("export", "-o", "x.xlsx", code=1).output
    (project / "seeds" / "a.yaml").write_text(f"format: 1\nid: a\ntitle: A\nsummary: {'word ' * 7000}\n")
    assert "seeds/a.yaml: 'summary' is too long for a workbook" in run("export", "-o", "x.xlsx", code=1).output
    run("export", "-o", "x")
    assert run("import", "x").output == "nothing differs from the records\n"


# --- changes


def test_exactly_what_was_edited_changes(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    wanted = FULL
    for sheet, keys, column, value, old, new in TEN:
        book.put(sheet, keys, column, value)
        assert old in wanted
        wanted = wanted.replace(old, new)
    wanted = wanted.replace(
        "  - id: whom\n    perspective: clinical\n", "  - id: whom\n    perspective: clinical\n    audience: [fellow]\n"
    )
    book.save()
    before = snapshot(project)
    preview = run("import", "trials.xlsx", "--dry-run").output
    assert snapshot(project) == before
    assert "seeds/deep/noon-3.yaml: question/why response: 'It binds.' → 'It blocks.'" in preview
    assert "seeds/deep/noon-3.yaml: question/whom audience: nothing → 'fellow'" in preview
    assert preview.count(" → ") == 10
    assert run("import", "trials.xlsx").output == "seeds/deep/noon-3.yaml: 10 values changed\n"
    after = snapshot(project)
    assert changed(before, after) == {"noon-3.yaml"}
    said = after["noon-3.yaml"].decode().replace("'2016-11-30'", "2016-11-30")
    assert said == wanted
    assert run("import", "trials.xlsx").output == "nothing differs from the records\n"


def test_cells_of_several_values_change_within(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    finding = ("noon-3", "key_findings", "one")
    cloze = book.cell("Items", finding, "cloze")
    cloze.value = cloze.value.replace("so.", "thus.") + "\nthird: A {{c1::third}} one."
    arms = book.cell("Results", ("noon-3", "os"), "arms")
    assert arms.value.startswith("noonol \\| \\\\(x\\\\) arm | n=100 | median=12.0\n")
    arms.value = arms.value.replace("n=100", "n=101").replace("percent=7.50", "percent=7.5") + "\nthird | n=3"
    book.put("Items", finding, "source_registry", "NCT00000009")
    book.put("Items", ("noon-3", "design", "one"), "review_status", "disputed")
    book.put("Items", ("noon-3", "design", "one"), "review_reason", "It is wrong.")
    book.save()
    output = run("import", "trials.xlsx").output
    assert output.startswith("seeds/deep/noon-3.yaml: 5 values changed\n")
    assert "'os' has 3 arms, but not which two the estimate compares" in output
    text = (project / "seeds" / "deep" / "noon-3.yaml").read_text(encoding="utf-8")
    assert '      # a comment on a statement\n      first: "It {{c1::binds}}: thus."\n' in text
    assert "      third: A {{c1::third}} one.\n" in text
    assert "n: 101, median: 12.0}   # first\n      - {name: placebo, median: not reached, percent: 7.50}\n" in text
    assert "      - name: third\n        n: 3\n" in text or "{name: third, n: 3}" in text
    assert "source: {citation: Elsewhere, registry: NCT00000009}" in text
    assert data_of(text.encode())["design"][0]["review"] == {"status": "disputed", "reason": "It is wrong."}


def test_emptied_cells_remove_what_stood_there(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    for name in ("source_citation", "source_doi", "source_registry", "source_url", "formerly", "summary"):
        book.put("Trials", ("noon-3",), name, None)
    for name in ("ci_low", "ci_high", "arms"):
        book.put("Results", ("noon-3", "os"), name, " ")
    book.put("Questions", ("noon-3", "why"), "cloze", "")
    book.save()
    run("import", "trials.xlsx")
    data = data_of((project / "seeds" / "deep" / "noon-3.yaml").read_bytes())
    assert not {"source", "formerly", "summary"} & set(data)
    assert not {"ci", "arms"} & set(data["results"][0])
    assert "cloze" not in data["questions"][0]


def test_the_last_property_can_give_way_to_another(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Results", ("noon-3", "os"), "source_doi", None)
    book.put("Results", ("noon-3", "os"), "source_citation", "A paper")
    book.put("Results", ("noon-3", "difference"), "ci_low", "-2.0")
    book.put("Results", ("noon-3", "difference"), "ci_high", "-1.0")
    book.save()
    run("import", "trials.xlsx")
    data = data_of((project / "seeds" / "deep" / "noon-3.yaml").read_bytes())
    assert data["results"][0]["source"] == {"citation": "A paper"}
    assert data["results"][1]["ci"] == ["-2.0", "-1.0"]


def test_rows_may_come_and_go_and_stand_in_any_order(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.book["Questions"].delete_rows(book.row("Questions", "noon-3", "why"))
    book.add("Questions", trial="noon-3", id="when", perspective="clinical", question="When?", response="Now.")
    page = book.book["Questions"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            page.cell(number, column).value = value
    book.save()
    before = snapshot(project)
    assert run("import", "trials.xlsx").output.splitlines() == [
        "seeds/deep/noon-3.yaml: 1 question added",
        "not in the sheet: noon-3/question/why; --delete removes it",
    ]
    assert changed(before, snapshot(project)) == {"noon-3.yaml"}
    preview = run("import", "trials.xlsx", "--delete", "--dry-run").output
    assert "seeds/deep/noon-3.yaml: question/why removed" in preview
    assert run("import", "trials.xlsx", "--delete").output == "seeds/deep/noon-3.yaml: 1 question removed\n"
    text = (project / "seeds" / "deep" / "noon-3.yaml").read_text(encoding="utf-8")
    assert [entry["id"] for entry in data_of(text.encode())["questions"]] == ["whom", "when"]
    assert "  # the second one\n" in text


def test_all_rows_of_a_list_can_go_and_others_come(project: Path) -> None:
    run("export", "seeds/dawn-1.yaml", "-o", "trials.xlsx")
    book = Book()
    book.put("Takeaways", ("dawn-1", "start"), "id", "begin")
    book.book["Related"].delete_rows(2)
    book.save()
    assert run("import", "trials.xlsx", "--delete").output == (
        "seeds/dawn-1.yaml: 1 takeaway added, 1 related trial removed, 1 takeaway removed\n"
    )
    content = (project / "seeds" / "dawn-1.yaml").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfformat: 1\r\n")
    assert "related_trials" not in data_of(content)
    assert [entry["id"] for entry in data_of(content)["takeaways"]] == ["begin"]


def test_sheets_that_are_not_there_miss_no_row(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    for name in ("Trials", "Items", "Results"):
        del book.book[name]
    book.book.create_sheet("Notes")["A1"] = "anything"
    book.put("Questions", ("dawn-1", "why"), "response", "So.")
    book.save()
    assert run("import", "trials.xlsx", "--delete").output == "seeds/dawn-1.yaml: 1 value changed\n"
    run("export", "-o", "sheets")
    assert run("import", "sheets/Questions.csv", "--delete").output == "nothing differs from the records\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Questions (2)", "; did you mean 'Questions'?"),
        ("Copy of Questions", "; did you mean 'Questions'?"),
        ("Quesstions", "; did you mean 'Questions'?"),
        ("Fragen", ""),
    ],
)
def test_a_sheet_of_another_name_is_told(project: Path, name: str, hint: str) -> None:
    run("export", "-o", "trials.xlsx")
    run("export", "-o", "sheets")
    book = Book()
    book.put("Questions", ("dawn-1", "why"), "response", "So.")
    book.book["Questions"].title = name
    book.save()
    told = f"trials.xlsx: {name}: the sheet is not known; it is left aside{hint}\n"
    assert run("import", "trials.xlsx", "--delete").output == f"{told}nothing differs from the records\n"
    (project / "sheets" / "Questions.csv").rename(project / "sheets" / f"{name}.csv")
    told = f"sheets/{name}.csv: the sheet is not known; it is left aside{hint}\n"
    assert run("import", "sheets").output == f"{told}nothing differs from the records\n"


def test_a_sheet_that_was_added_is_told_unless_it_is_empty(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.book.create_sheet("Sheet1")
    book.book.create_sheet("More results")["A1"] = "trial"
    for cell in ("A1", "A2"):
        book.book.create_sheet(f"Mine {cell}")[cell] = "x"
    book.book["Mine A2"]["A1"] = "y"
    book.save()
    assert run("import", "trials.xlsx").output == (
        "trials.xlsx: Mine A2: the sheet is not known; it is left aside\nnothing differs from the records\n"
    )


@pytest.mark.parametrize("name", ["questions", "QUESTIONS", " Questions "])
def test_the_case_of_a_sheet_makes_no_difference(project: Path, name: str) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Questions", ("dawn-1", "why"), "response", "So.")
    # openpyxl numbers a title that differs in nothing but capitals.
    book.book["Questions"].title = "Away"
    book.book["Away"].title = name
    book.save()
    assert run("import", "trials.xlsx").output == "seeds/dawn-1.yaml: 1 value changed\n"


def test_a_trial_without_its_row_is_told_and_stays(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.book["Trials"].delete_rows(book.row("Trials", "dawn-1"))
    book.save()
    before = snapshot(project)
    assert (
        "not in the sheet: dawn-1, of which other sheets have rows" in run("import", "trials.xlsx", "--delete").output
    )
    assert snapshot(project) == before


def test_figures_are_left_alone(project: Path) -> None:
    text = RECORD.replace("    question: Why", "    figures: [{file: a.png, alt: A, license: B}]\n    question: Why")
    (project / "seeds" / "dawn-1.yaml").write_text(text)
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Questions", ("dawn-1", "why"), "response", "So.")
    book.save()
    run("import", "trials.xlsx", "--delete")
    assert (project / "seeds" / "dawn-1.yaml").read_text() == text.replace("It binds **dawnin**.", "So.")


# --- faults


def test_every_fault_of_every_cell_is_told_at_once(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    why, os, start = ("noon-3", "why"), ("noon-3", "os"), ("noon-3", "start")
    point, dawn, near = ("noon-3", "design", "one"), ("dawn-1", "start"), "\n    did you mean "
    faults = {
        book.put("Questions", why, "perspective", "clincal"): f"unknown perspective 'clincal'{near}'clinical'?",
        book.put("Questions", why, "audience", "fellow, Studnet"): f"unknown audience 'Studnet'{near}'student'?",
        book.put("Questions", why, "response", None): "'response' is empty",
        book.put("Questions", why, "cloze", "binds: It binds."): "'binds' hides nothing",
        book.put("Questions", why, "results", "oss"): "oss",
        book.put("Questions", why, "review_on", "last week"): "'last week' is not a date",
        book.put("Results", os, "estimate", "0,75"): "'0,75' is not a number\n    write it with a point: 0.75",
        book.put("Results", os, "ci_high", None): "'ci_high' is empty\n    an interval has two bounds",
        book.put("Results", os, "measure", "hazard"): "unknown measure 'hazard'",
        book.put("Results", os, "arms", "noonol | n=many"): "'n' should be a whole number, not text",
        book.put("Takeaways", start, "text", "bad _x000B_character"): "U+000B",
        book.put("Takeaways", dawn, "trial", "dawn-11"): f"there is no trial 'dawn-11'{near}'dawn-1'?",
        book.put("Items", point, "section", "desing"): f"unknown section 'desing'{near}'design'?",
        book.put("Trials", ("dawn-1",), "source_doi", "https://doi.org/10.1/x"): "is not a DOI",
    }  # fmt: skip
    row = book.add("Questions", trial="noon-3", id="whom", perspective="clinical", question="?", response="!")
    faults[f"trials.xlsx: Questions!B{row}"] = "'whom' stands here for the second time"
    row = book.add("Questions", trial="noon-3", question="?", response="!")
    faults[f"trials.xlsx: Questions!C{row}"] = "'perspective' is empty"
    row = book.add("Trials", id="New/One", title="A title", summary="Something.")
    faults[f"trials.xlsx: Trials!A{row}"] = "'New/One' is not an id"
    row = book.add("Trials", summary="Something.")
    faults[f"trials.xlsx: Trials!A{row}"] = "'id' is empty"
    faults[f"trials.xlsx: Trials!{letters(book.column('Trials', 'title'))}{row}"] = "'title' is empty"
    row = book.add("Trials", id="new-2", summary="Something.")
    faults[f"trials.xlsx: Trials!{letters(book.column('Trials', 'title'))}{row}"] = "'title' is empty"
    book.save()
    before = snapshot(project)
    output = run("import", "trials.xlsx", code=1).output
    assert snapshot(project) == before
    for place, message in faults.items():
        assert f"\n{place}: " in f"\n{output}", output
        # Without what the cells hold, which stands below the message.
        told = re.sub(r"\n *\w* \| .*", "", output.split(f"{place}: ", 1)[1])
        assert message in told.split("\ntrials.xlsx: ")[0], (place, told[:200])
    assert f"nothing was written: {len(faults)} faults" in output
    place = next(place for place, message in faults.items() if "'clincal'" in message).rpartition("!")[2]
    assert f"\n{place:>4} | clincal\n     | ^~~~~~~\n" in output


def test_what_was_wrong_before_does_not_keep_other_changes_out(project: Path) -> None:
    text = RECORD.replace("mechanism", "mechanics").replace("    response: Adults with example disease.\n", "")
    (project / "seeds" / "dawn-1.yaml").write_text(text)
    run("export", "-o", "trials.xlsx")
    assert run("import", "trials.xlsx").output == "nothing differs from the records\n"
    book = Book()
    book.put("Trials", ("dawn-1",), "tested", "Dawnol daily")
    book.save()
    assert run("import", "trials.xlsx").output == "seeds/dawn-1.yaml: 1 value changed\n"
    assert (project / "seeds" / "dawn-1.yaml").read_text() == text.replace("tested: Dawnol\n", "tested: Dawnol daily\n")


def test_new_warnings_are_told_and_stop_nothing(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Trials", ("dawn-1",), "review_status", "reviewed")
    book.save()
    output = run("import", "trials.xlsx").output
    assert "seeds/dawn-1.yaml: 1 value changed\n" in output
    assert "reviewed, but not by whom and on which day" in output


def test_earlier_ids_are_compared_with_other_records(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    place = book.put("Trials", ("dawn-1",), "formerly", "noon")
    book.save()
    before = snapshot(project)
    output = run("import", "trials.xlsx", code=1).output
    assert "the earlier trial id 'noon' belongs to" in output
    assert f"trials.xlsx: Trials!A{place[-1]}" in output or "noon-3.yaml" in output
    assert snapshot(project) == before


def test_a_new_trial_does_not_take_the_file_of_another(project: Path) -> None:
    run("template", "-o", "trials.xlsx")
    book = Book()
    (project / "seeds" / "new-1.yaml").write_text("a: [")
    book.add("Trials", id="new-1", title="A title", summary="Something.")
    book.save()
    assert "seeds/new-1.yaml is there already" in run("import", "trials.xlsx", code=1).output
    assert (project / "seeds" / "new-1.yaml").read_text() == "a: ["


@pytest.mark.parametrize("trial", ["../dawn-9", "/tmp/x", "a/b"])
def test_no_file_is_written_outside_of_the_seeds(project: Path, trial: str) -> None:
    run("template", "-o", "trials.xlsx")
    book = Book()
    book.add("Trials", id=trial, title="A title", summary="Something.")
    book.save()
    before = sorted(project.rglob("*"))
    assert "is not an id" in run("import", "trials.xlsx", code=1).output
    assert sorted(project.rglob("*")) == before


def test_two_records_of_one_trial_are_refused(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    (project / "seeds" / "twin.yaml").write_text(RECORD)
    assert "'dawn-1' is the id of two records" in run("import", "trials.xlsx", code=1).output
    assert "'dawn-1' is the id of two records" in run("export", "-o", "other.xlsx", code=1).output


def test_columns_that_are_needed(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.book["Items"].delete_cols(2)
    book.book["Questions"]["D1"].value = "perspective"
    book.save()
    output = run("import", "trials.xlsx", code=1).output
    assert "trials.xlsx: Items!A1: there is no column 'section'" in output
    assert "trials.xlsx: Questions!D1: the column 'perspective' stands twice" in output


def test_all_records_are_written_or_none(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Trials", ("dawn-1",), "tested", "Dawnol daily")
    book.put("Trials", ("noon-3",), "tested", "Noonol daily")
    book.add("Trials", id="new-1", title="A title", summary="Something.")
    book.save()
    before = snapshot(project)
    from trialdeck.core import transactions

    commit = transactions.Transaction.commit

    def torn(self: transactions.Transaction) -> None:
        if self.folder.name == "deep":
            raise TrialdeckError("the disk is full")
        commit(self)

    with monkeypatch.context() as patch:
        patch.setattr(transactions.Transaction, "commit", torn)
        assert "the disk is full" in run("import", "trials.xlsx", code=1).output
    assert snapshot(project) == before
    run("import", "trials.xlsx")
    assert changed(before, snapshot(project)) == {"dawn-1.yaml", "noon-3.yaml", "new-1.yaml"}


def test_faults_of_new_entries(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    row = book.add(
        "Results", trial="dawn-1", id="os", endpoint="Survival", estimate="0.5", ci_low="0.4", unit="_x0001_"
    )
    book.save()
    output = run("import", "trials.xlsx", code=1).output
    assert f"trials.xlsx: Results!{letters(book.column('Results', 'ci_high'))}{row}: 'ci_high' is empty" in output
    assert f"trials.xlsx: Results!{letters(book.column('Results', 'unit'))}{row}: character U+0001" in output
    assert "nothing was written: 2 faults" in output


def test_a_record_that_is_written_in_an_odd_way_is_named(project: Path) -> None:
    odd = "format: 1\nid: odd\ntitle: A\nsummary: B\ntopics:\n  - # one - of many\n    a-topic\n"
    (project / "seeds" / "odd.yaml").write_text(odd)
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Trials", ("odd",), "topics", "b-topic")
    book.put("Trials", ("dawn-1",), "tested", "Dawnol daily")
    book.save()
    before = snapshot(project)
    assert "seeds/odd.yaml: cannot change topics.0 in place" in run("import", "trials.xlsx", code=1).output
    assert snapshot(project) == before


def test_a_record_that_somebody_changes_meanwhile_is_not_overwritten(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Trials", ("dawn-1",), "tested", "Dawnol daily")
    book.save()
    from trialdeck.sheets import import_sheets as sheet_import

    def slow(*_: Any) -> Any:
        (project / "seeds" / "dawn-1.yaml").write_text(RECORD + "# meanwhile\n")
        return [], []

    monkeypatch.setattr(sheet_import, "faults_of", slow)
    assert "seeds/dawn-1.yaml was changed meanwhile" in run("import", "trials.xlsx", code=1).output
    assert (project / "seeds" / "dawn-1.yaml").read_text() == RECORD + "# meanwhile\n"


def test_a_fault_is_told_once(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.add("Questions", trial="dawn-1", id="how", perspective="clinical", question="How?", response=" ", cloze="a")
    book.add("Results", trial="dawn-1", id="os", endpoint="Survival", estimate="0.5", ci_low="0.4", ci_high="0,6")
    book.add("Items", trial="dawn-1", section="design", id="one", text="#REF!")
    book.save()
    output = run("import", "trials.xlsx", code=1).output
    for said in ("'response' is empty", "the line 'a' has no id", "'0,6' is not a number", "the error #REF!"):
        assert said in output
    assert "nothing was written: 4 faults" in output


def test_faults_come_in_the_order_of_the_sheets_however_these_are_written(project: Path) -> None:
    run("export", "-o", "sheets")
    for file, new_name, old, new in (
        ("Items.csv", "Items.csv", ",design,", ",desing,"),
        ("Questions.csv", "questions.csv", ",clinical,", ",clincal,"),
    ):
        text = Path("sheets", file).read_text(encoding="utf-8-sig")
        assert old in text
        Path("sheets", file).unlink()
        Path("sheets", new_name).write_text(text.replace(old, new, 1), encoding="utf-8")
    said = run("import", "sheets", code=1).output
    assert -1 < said.find("unknown perspective 'clincal'") < said.find("unknown section 'desing'")


def test_a_sheet_that_cannot_be_unpacked_is_an_error(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    content = bytearray(Path("trials.xlsx").read_bytes())
    start = content.index(b"xl/worksheets/sheet2.xml") + 40
    content[start : start + 60] = b"\xff" * 60
    Path("trials.xlsx").write_bytes(content)
    assert "trials.xlsx cannot be read as a workbook" in run("import", "trials.xlsx", code=1).output


def test_new_records_name_the_schema_that_editors_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("template", "-o", "trials.xlsx")
    book = Book()
    book.add("Trials", id="new-1", title="A new trial", summary="Something.")
    book.save()
    (project / "schemas").mkdir()
    (project / "schemas" / "trial.schema.json").write_bytes((ROOT / "schemas" / "trial.schema.json").read_bytes())
    monkeypatch.chdir(project / "seeds")
    assert run("import", "../trials.xlsx").output.startswith("new-1.yaml: a new record\n")
    first = (project / "seeds" / "new-1.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/trial.schema.json"
