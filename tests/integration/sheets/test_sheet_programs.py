"""Sheets as other programs write them, and files that mean harm."""

import csv
import datetime
import gc
import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from folders import ROOT
from sheets import TEN, Book, changed, data_of, make_project, rewritten, run, snapshot
from trialdeck.core.problem import letters
from trialdeck.sheets import csv_files as sheet_csv
from trialdeck.sheets import table as sheet_table
from trialdeck.sheets.workbook import read_xlsx as sheet_xlsx


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with several records, and the current folder in it."""
    monkeypatch.chdir(tmp_path)
    return make_project(tmp_path)


def edit_csv(path: Path, change: Callable[[list[list[str]]], None]) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    change(rows)
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8-sig", newline="")


def test_numbers_dates_and_formulas_as_programs_write_them(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    # What is the same, only typed: no change.
    for name, value in (("estimate", 0.7), ("ci_low", 0.6), ("ci_level", 95.0), ("p", 0.01)):
        cell = book.cell("Results", ("noon-3", "os"), name)
        cell.value, cell.number_format = value, "General"
    on = book.cell("Items", ("noon-3", "key_findings", "one"), "review_on")
    on.value, on.number_format = datetime.datetime(2016, 11, 1), "dd.mm.yyyy"
    book.save()
    assert run("import", "trials.xlsx").output == "nothing differs from the records\n"
    for name, number in (("estimate", 0.1 + 0.2 + 0.4), ("ci_low", 0.65), ("ci_level", 90.0)):
        book.cell("Results", ("noon-3", "os"), name).value = number
    on.value = datetime.date(2017, 2, 3)
    book.save()
    run("import", "trials.xlsx")
    text = (project / "seeds" / "deep" / "noon-3.yaml").read_text(encoding="utf-8")
    assert "    estimate: 0.7\n" in text or "    estimate: 0.70\n" in text
    assert "    ci: [0.65, 0.80]   # from the paper\n    ci_level: 90\n" in text
    assert data_of(text.encode())["key_findings"][0]["review"]["on"] == "2017-02-03"


def test_a_formula_counts_as_its_value(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    place = book.put("Trials", ("dawn-1",), "tested", '=CONCATENATE("Dawnol", " daily")')
    error = book.cell("Trials", ("dawn-1",), "comparator")
    error.value = "#REF!"
    assert error.data_type == "e"
    book.save()
    output = run("import", "trials.xlsx", code=1).output
    assert f"{place}: the formula here has no value yet\n    open the file in a spreadsheet program" in output
    assert f"Trials!{error.coordinate}: the cell holds the error #REF!" in output
    # As Excel leaves it: the formula, and the value that it had.
    error.value = "Placebo"
    book.save()
    rewritten(
        Path("trials.xlsx"),
        # With lxml, openpyxl writes the empty value as two tags.
        lambda xml: re.sub(r"</f><v(?: ?/>|></v>)", "</f><v>Dawnol daily</v>", xml),
    )
    with zipfile.ZipFile("trials.xlsx") as archive:
        patched = archive.read("xl/worksheets/sheet2.xml").decode()
    assert "<v>Dawnol daily</v>" in patched
    rewritten(Path("trials.xlsx"), lambda xml: xml.replace("><f>CONC", ' t="str"><f>CONC'))
    assert run("import", "trials.xlsx").output == "seeds/dawn-1.yaml: 1 value changed\n"
    assert "tested: Dawnol daily\r\n" in (project / "seeds" / "dawn-1.yaml").read_bytes().decode()


def test_percentages_are_not_taken_for_fractions(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    cell = book.cell("Results", ("noon-3", "os"), "ci_level")
    cell.value, cell.number_format = 0.95, "0%"
    book.save()
    assert f"Results!{cell.coordinate}: '95%' is not a number" in run("import", "trials.xlsx", code=1).output


def test_headers_are_read_whatever_their_case_and_others_left_aside(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    page, place = book.book["Questions"], "trials.xlsx: Questions!"
    for cell in page[1]:
        cell.value = f" {cell.value.replace('_', ' ').upper()} "
    column = page.max_column + 1
    page.cell(1, column).value = "respons"
    page.cell(2, column).value = "mine"
    page.cell(2, column + 1).value = "no header"
    page.insert_rows(3)
    book.put("Trials", ("dawn-1",), "tested", "Dawnol daily")
    book.save()
    assert run("import", "trials.xlsx", "--delete").output.splitlines() == [
        "seeds/dawn-1.yaml: 1 value changed",
        f"{place}{letters(column)}: the column 'respons' is not known; it is left aside; did you mean 'response'?",
        f"{place}{letters(column + 1)}: the column has no name; it is left aside",
    ]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_as_programs_write_it(project: Path, delimiter: str, encoding: str) -> None:
    run("export", "-o", "sheets")
    for path in sorted(Path("sheets").glob("*.csv")):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([[], *rows[:1], [], *rows[1:]])
        path.write_bytes(stream.getvalue().encode(encoding))
        path.rename(path.with_name(path.name.lower()))
    assert run("import", "sheets", "--delete").output == "nothing differs from the records\n"


def test_csv_of_other_kinds_is_refused_with_words(project: Path) -> None:
    run("export", "-o", "sheets")
    path = Path("sheets/Questions.csv")
    whole = path.read_text(encoding="utf-8-sig")
    path.write_bytes(whole.replace("\u2013", "-").encode("cp1252", "replace").replace(b"binds", b"bind\xe9s"))
    assert "sheets/Questions.csv: the file is not in UTF-8: see line" in run("import", "sheets", code=1).output
    path.write_text(whole, encoding="utf-16-le")
    assert (
        "sheets/Questions.csv: the file is not in UTF-8: it has bytes of zero" in run("import", "sheets", code=1).output
    )
    path.write_text(f'{whole}dawn-1,"never closed', encoding="utf-8")
    assert "sheets/Questions.csv: the file is broken after row" in run("import", "sheets", code=1).output
    path.write_text(f"sep=,\n{whole}", encoding="utf-8")
    assert run("import", "sheets").output == "nothing differs from the records\n"


def test_changes_in_csv(project: Path) -> None:
    run("export", "seeds/deep", "-o", "sheets")

    def change(rows: list[list[str]]) -> None:
        rows[1][rows[0].index("significance")] = "'-it is new"

    edit_csv(Path("sheets/Trials.csv"), change)
    assert run("import", "sheets").output == "seeds/deep/noon-3.yaml: 1 value changed\n"
    assert data_of((project / "seeds" / "deep" / "noon-3.yaml").read_bytes())["significance"] == "-it is new"


def test_apostrophes_of_csv_files_that_became_workbooks_are_no_change(project: Path) -> None:
    run("export", "seeds/deep", "-o", "trials.xlsx")
    book = Book()
    book.put("Trials", ("noon-3",), "significance", "'=SUM(A1) is no formula")
    point = book.put("Items", ("noon-3", "key_findings", "one"), "text", "'-3.5 points")
    book.save()
    assert run("import", "trials.xlsx").output == "nothing differs from the records\n"
    book.book["Items"][point.split("!")[1]].value = "'-3.5 points or more"
    book.save()
    run("import", "trials.xlsx")
    data = data_of((project / "seeds" / "deep" / "noon-3.yaml").read_bytes())
    assert data["key_findings"][0]["text"] == "-3.5 points or more"


# --- hostile files


def test_what_is_no_sheet_is_refused_with_words(project: Path) -> None:
    Path("a.xlsx").write_bytes(b"no workbook")
    assert "a.xlsx is not an Excel workbook, or is damaged" in run("import", "a.xlsx", code=1).output
    with zipfile.ZipFile("b.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types")
    assert "b.xlsx cannot be read as a workbook" in run("import", "b.xlsx", code=1).output
    Path("c.xls").write_bytes(b"")
    assert "c.xls is neither a workbook nor a CSV file" in run("import", "c.xls", code=1).output
    Path("d").mkdir()
    assert "d has no sheet of trialdeck" in run("import", "d", code=1).output
    openpyxl.Workbook().save("e.xlsx")
    assert "e.xlsx has no sheet of trialdeck" in run("import", "e.xlsx", code=1).output


def test_entities_are_never_expanded(project: Path) -> None:
    run("export", "-o", "trials.xlsx")
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
    rewritten(Path("trials.xlsx"), lambda xml: bomb + xml.replace("<sheetData>", "<sheetData><row><c>&c;</c></row>"))
    assert "cannot be read as a workbook" in run("import", "trials.xlsx", code=1).output


def test_a_workbook_that_cannot_be_read_is_let_go(project: Path) -> None:
    with zipfile.ZipFile("trials.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types")
    assert "cannot be read as a workbook" in run("import", "trials.xlsx", code=1).output
    # A weak reference to what is gone raises at `isinstance`.
    left = [thing for thing in gc.get_objects() if issubclass(type(thing), io.FileIO) and not thing.closed]
    assert "trials.xlsx" not in [file.name for file in left]


def test_too_large_files_are_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("export", "-o", "trials.xlsx")
    run("export", "-o", "sheets")
    with monkeypatch.context() as patch:
        patch.setattr(sheet_xlsx, "LARGEST", 10_000)
        patch.setattr(sheet_xlsx, "DENSEST", 1)
        assert "when it is unpacked" in run("import", "trials.xlsx", code=1).output
        patch.setattr(sheet_csv, "LARGEST", 100)
        assert "has more than" in run("import", "sheets", code=1).output
    with monkeypatch.context() as patch:
        for module in (sheet_xlsx, sheet_csv, sheet_table):
            patch.setattr(module, "MAX_ROWS", 3)
        for name in ("trials.xlsx", "sheets"):
            assert "has a sheet of more than 3 rows" in run("import", name, code=1).output
    rewritten(
        Path("trials.xlsx"),
        lambda xml: xml.replace("</sheetData>", '<row r="99999999999"><c r="A1"/></row></sheetData>'),
    )
    assert "has a sheet of more than" in run("import", "trials.xlsx", code=1).output


def test_without_openpyxl_csv_still_works(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("export", "-o", "trials.xlsx")
    for module in [name for name in sys.modules if name.startswith(("openpyxl", "trialdeck.sheets.workbook."))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for words in (["export", "-o", "other.xlsx"], ["import", "trials.xlsx"], ["template", "-o", "t.xlsx"]):
        assert 'pip install "trialdeck[sheets]"' in run(*words, code=1).output
    run("export", "-o", "sheets")
    assert run("import", "sheets").output == "nothing differs from the records\n"


def test_wrong_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("export", "--template", str(ROOT / "seeds"), "-o", "a.xlsx", code=2)
    run("export", code=2)
    run("template", "-o", "a.xlsx")
    assert "there is no seeds folder here or above" in run("import", "a.xlsx", code=1).output


# --- another program


SOFFICE = shutil.which("soffice")
UTF8 = "Text - txt - csv (StarCalc):44,34,76,1"
"""How LibreOffice calls CSV with commas, in UTF-8."""


def office(source: Path, kind: str, out: Path, *more: str) -> Path:
    """Let LibreOffice open a file and save it as another."""
    assert SOFFICE
    profile = f"-env:UserInstallation=file://{out.absolute()}/profile"
    words = [SOFFICE, profile, "--headless", *more, "--convert-to", kind, "--outdir", str(out), str(source)]
    subprocess.run(words, check=True, capture_output=True, timeout=300)
    return out / source.with_suffix(f".{kind.partition(':')[0]}").name


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice (soffice) is not installed")
def test_what_libreoffice_saves_changes_nothing_but_what_was_edited(project: Path) -> None:
    before = snapshot(project)
    run("export", "-o", "trials.xlsx")
    saved = office(Path("trials.xlsx"), "xlsx", Path("office"))
    assert run("import", str(saved), "--delete").output == "nothing differs from the records\n"
    book = Book(saved)
    for sheet, keys, column, value, _, _ in TEN:
        book.put(sheet, keys, column, value)
    book.save()
    again = office(saved, "xlsx", Path("again"))
    assert run("import", str(again), "--delete").output == "seeds/deep/noon-3.yaml: 10 values changed\n"
    assert changed(before, snapshot(project)) == {"noon-3.yaml"}


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice (soffice) is not installed")
def test_csv_through_libreoffice_changes_nothing_but_what_was_edited(project: Path) -> None:
    before = snapshot(project)
    run("export", "-o", "trials.xlsx")
    # All sheets, as UTF-8 with semicolons: `trials-Questions.csv` and so on.
    office(
        Path("trials.xlsx"),
        "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1",
        Path("out"),
    )
    Path("sheets").mkdir()
    for file in Path("out").glob("trials-*.csv"):
        file.rename(Path("sheets") / file.name.removeprefix("trials-"))
    assert len(list(Path("sheets").iterdir())) == 7
    assert run("import", "sheets", "--delete").output == "nothing differs from the records\n"
    whole = Path("sheets/Questions.csv").read_text(encoding="utf-8")
    Path("sheets/Questions.csv").write_text(whole.replace("It binds.", "It blocks."), encoding="utf-8")
    assert run("import", "sheets", "--delete").output == "seeds/deep/noon-3.yaml: 1 value changed\n"
    assert changed(before, snapshot(project)) == {"noon-3.yaml"}


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice (soffice) is not installed")
def test_our_csv_opened_and_saved_by_libreoffice(project: Path) -> None:
    run("export", "-o", "sheets")
    for file in sorted(Path("sheets").glob("*.csv")):
        office(file, f"csv:{UTF8}", Path("out"), f"--infilter={UTF8}")
    assert run("import", "out", "--delete").output == "nothing differs from the records\n"
