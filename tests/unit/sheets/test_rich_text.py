"""Text that a workbook raises, lowers or strikes out by its font."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from trialdeck.core.errors import TrialdeckError
from trialdeck.sheets.cells import CellFault
from trialdeck.sheets.workbook.read_xlsx import workbook_tables


def run(text: str, look: str = "") -> str:
    """Return a part of a text, as Excel writes it."""
    return f'<r><rPr><b/>{look}</rPr><t xml:space="preserve">{text}</t></r>'


RAISED, LOWERED, STRUCK = '<vertAlign val="superscript"/>', '<vertAlign val="subscript"/>', "<strike/>"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([run("50×10"), run("9", RAISED), run("/L")], "50×10⁹/L"),
        ([run("10"), run("−", RAISED), run("3 ", RAISED), run("mol")], "10⁻³ mol"),
        ([run("CO"), run("2", LOWERED)], "CO₂"),
        ([run("5"), run("th", RAISED)], r"5\(^{\text{th}}\)"),
        ([run("x"), run("~", RAISED)], "x^~"),
        ([run("was"), run(" 5 ", STRUCK), run("7")], "was ~~5~~ 7"),
        ([run("bold"), run(" "), run(" ", RAISED), run("text")], "bold  text"),
        ([run("a_x000A_b")], "a\nb"),
        (["<t>plain</t>"], "plain"),
    ],
)
def test_a_text_says_what_its_cell_shows(tmp_path: Path, parts: list[str], text: str) -> None:
    path = tmp_path / "Questions.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "to be replaced"
    book.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain, zipfile.ZipFile(path, "w") as written:
        for name in plain.namelist():
            content = plain.read(name).decode()
            content = re.sub(r'<c r="A1".*?</c>', '<c r="A1" t="s"><v>0</v></c>', content)
            part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/></Types>'
            written.writestr(name, content.replace("</Types>", part))
        texts = f'<sst xmlns="{SHEET_MAIN_NS}"><si>{"".join(parts)}</si></sst>'
        written.writestr("xl/sharedStrings.xml", texts)
    with workbook_tables(path) as [table]:
        assert [list(row.cells) for row in table.rows] == [[text]]


@pytest.mark.parametrize(
    ("value", "font", "cell"),
    [
        ("20", Font(strike=True), "~~20~~"),
        ("9", Font(vertAlign="superscript"), "⁹"),
        ("2", Font(vertAlign="subscript"), "₂"),
        ("bold", Font(b=True), "bold"),
    ],
)
def test_a_whole_cell_may_be_raised_or_struck_out(tmp_path: Path, value: str, font: Font, cell: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = value
    book.active["A1"].font = font
    book.save(tmp_path / "a.xlsx")
    with workbook_tables(tmp_path / "a.xlsx") as [table]:
        assert [list(row.cells) for row in table.rows] == [[cell]]


def test_a_number_that_is_struck_out_is_a_fault(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 0.74
    book.active["A1"].font = Font(strike=True)
    book.save(tmp_path / "a.xlsx")
    with workbook_tables(tmp_path / "a.xlsx") as [table]:
        [[fault]] = [list(row.cells) for row in table.rows]
    assert isinstance(fault, CellFault)
    assert "struck out" in fault.message


@pytest.mark.parametrize("font", [InlineFont(vertAlign="superscript"), InlineFont(strike=True)])
def test_marks_in_texts_of_the_sheet_itself_are_refused(tmp_path: Path, font: InlineFont) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = CellRichText("10", TextBlock(font, "9"))
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(TrialdeckError, match="in a form that cannot be read"), workbook_tables(tmp_path / "a.xlsx"):
        pass
