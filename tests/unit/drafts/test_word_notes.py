"""Notes in Word files: headings by style and by bold lines, and what mammoth does not give is listed."""

import io
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.draft import Draft, draft_record
from trialdeck.drafts.prose.read import read_pages

docx = pytest.importorskip("docx")

DELETED = (
    '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:del w:id="1" w:author="a">'
    "<w:r><w:delText>an old finding</w:delText></w:r></w:del><w:ins w:id='2' w:author='a'><w:r><w:t>A new finding"
    "</w:t></w:r></w:ins></w:p>"
)
EQUATION = (
    '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:oMath><m:r><m:t>x=2</m:t></m:r></m:oMath>'
    "</w:p>"
)


def written(fill: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    fill(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def fill_whole(document: Any) -> None:
    document.add_heading("Results", 1)
    document.add_paragraph("It works.")


WHOLE = written(fill_whole)


def drafted(content: bytes) -> Draft:
    (page,) = read_pages(content)
    return draft_record(page, str)


def test_headings_by_style_and_by_bold_lines() -> None:
    def fill(document: Any) -> None:
        document.add_heading("DAWN-1", 0)
        document.add_heading("Background", 1)
        document.add_paragraph("There was nothing.")
        document.add_paragraph().add_run("Results").bold = True
        document.add_paragraph("Relapse came later", style="List Bullet")
        point = document.add_paragraph("Cells fell to 10", style="List Bullet")
        point.add_run("9").font.superscript = True
        label = document.add_paragraph()
        label.add_run("Limitations: ").bold = True
        label.add_run("few patients")

    data = yaml.load(drafted(written(fill)).text, Loader=yaml.BaseLoader)
    assert (data["id"], data["title"], data["history"]) == ("dawn-1", "DAWN-1", "There was nothing.")
    assert [point["text"] for point in data["key_findings"]] == ["Relapse came later", "Cells fell to 10⁹"]
    assert [point["text"] for point in data["limitations"]] == ["few patients"]


def test_tables_stay_tables() -> None:
    def fill(document: Any) -> None:
        document.add_heading("Results", 1)
        table = document.add_table(rows=2, cols=3)
        for row in range(2):
            for column in range(3):
                table.cell(row, column).text = f"{row}{column}"

    data = yaml.load(drafted(written(fill)).text, Loader=yaml.BaseLoader)
    assert data["key_findings"][0]["text"] == "| 00 | 01 | 02 |\n| --- | --- | --- |\n| 10 | 11 | 12 |"


def test_what_mammoth_does_not_give_is_listed() -> None:
    def fill(document: Any) -> None:
        document.add_heading("Results", 1)
        document.add_paragraph("It works.")
        for xml in (DELETED, EQUATION):
            document.element.body.insert(2, docx.oxml.parse_xml(xml))
        document.sections[0].header.paragraphs[0].text = "Journal club"

    draft = drafted(written(fill))
    listed = {notice.text: notice.message for notice in draft.not_taken}
    assert listed == {
        "an old finding": "deleted in a tracked change",
        "x=2": "an equation; write it as \\(…\\)",
        "Journal club": "in the header of the Word file",
    }
    assert "A new finding" in draft.text
    assert draft.balance.endswith("3 not taken")


def test_without_mammoth_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mammoth", None)
    with pytest.raises(TrialdeckError) as error:
        read_pages(written(lambda document: document.add_paragraph("a")))
    assert error.value.hint == 'pip install "trialdeck[word]"'


def archive(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in parts.items():
            made.writestr(f"word/{name}.xml", text)
    return buffer.getvalue()


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=6))
def test_any_damage_is_an_error_or_harmless(place: int, damage: bytes) -> None:
    whole = bytearray(WHOLE)
    start = place % len(whole)
    whole[start : start + len(damage)] = damage
    with suppress(TrialdeckError):
        read_pages(b"PK\x03\x04" + bytes(whole[4:]))


BOMB = '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'


@pytest.mark.parametrize(
    "content", [archive(), archive(document="<a"), archive(document=BOMB), archive(document="<a/>"), b"PK\x03\x04word"]
)
def test_a_damaged_file_is_an_error(content: bytes) -> None:
    with pytest.raises(TrialdeckError) as error:
        read_pages(content)
    assert error.value.hint


def test_a_table_of_names_below_the_questions_is_about_the_trial_and_no_answer() -> None:
    def fill(document: Any) -> None:
        document.add_heading("Discussion Questions", 1)
        document.add_paragraph("Why does dawnol work?")
        document.add_paragraph("It blocks dawnase.")
        table = document.add_table(rows=2, cols=2)
        for row, texts in enumerate((("Population", "Adults"), ("Sponsor", "Nobody"))):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text

    made = drafted(written(fill))
    data = yaml.safe_load(made.text)
    assert [pair["response"] for pair in data["questions"]] == ["It blocks dawnase."]
    assert data["population"] == "Adults"
    assert [notice.text for notice in made.not_taken] == ["Sponsor | Nobody"]
