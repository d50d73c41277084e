"""Tables as notes: the first row names the fields, in CSV with any sign between columns, TSV and workbooks."""

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.anki.importing.propose import proposal
from trialdeck.anki.importing.source.column_names import names_columns
from trialdeck.anki.importing.source.source_deck import read_source_deck
from trialdeck.core.errors import TrialdeckError

ROWS = [
    ["Trial", "Question", "Answer"],
    ["DAWN-1", "Why, and how?", "It blocks\ndawnase."],
    ["DUSK-2", "p <0.05?", "5"],
]


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.txt", "\t")])
def test_any_sign_between_columns(tmp_path: Path, name: str, sign: str) -> None:
    lines = [sign.join(f'"{cell}"' for cell in row) for row in ROWS[1:]]
    deck = read_source_deck(written(tmp_path / name, "\n".join([sign.join(ROWS[0]), *lines])))
    assert [kind.fields for kind in deck.note_types] == [("Trial", "Question", "Answer")]
    assert [note.fields["Answer"] for note in deck.notes] == ["It blocks<br>dawnase.", "5"]
    assert deck.notes[1].fields["Question"] == "p &lt;0.05?"
    assert proposal(deck)["note_types"]["Table"] == {"question": "Question", "response": "Answer", "trial": "Trial"}


def test_a_workbook_has_a_note_type_for_each_sheet_with_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Cards"
    for row in [["Front", "Back", "Tags"], ["Why?", 5.5, "a, b"]]:
        first.append(row)
    first["B2"].number_format = "0.00"
    book.create_sheet("Empty")
    book.save(tmp_path / "cards.xlsx")
    deck = read_source_deck(tmp_path / "cards.xlsx")
    assert [kind.name for kind in deck.note_types] == ["Cards"]
    assert deck.notes[0].fields == {"Front": "Why?", "Back": "5.50"}
    assert deck.notes[0].tags == ("a", "b")


def test_columns_without_a_name_and_names_that_are_there_twice(tmp_path: Path) -> None:
    deck = read_source_deck(written(tmp_path / "a.csv", "Question,,Answer,Answer\nq,x,a,b\n"))
    assert deck.note_types[0].fields == ("Question", "Column 2", "Answer", "Answer (column 4)")


def test_a_row_is_known_by_the_column_that_tells_all_rows_apart(tmp_path: Path) -> None:
    before = read_source_deck(written(tmp_path / "a.csv", "Trial,Question,Answer\nDAWN-1,q1,a\nDAWN-1,q2,a\n"))
    after = read_source_deck(written(tmp_path / "a.csv", "Trial,Question,Answer\nDAWN-1,q2,b\nDAWN-1,q1,c\n"))
    assert {note.guid for note in before.notes} == {note.guid for note in after.notes}
    assert before.notes[0].guid == after.notes[1].guid


def test_a_text_with_tabs_and_without_usual_names_is_no_table(tmp_path: Path) -> None:
    deck = read_source_deck(written(tmp_path / "a.txt", "Why?\tBecause.\nHow?\tThus.\n"))
    assert len(deck.notes) == 2
    assert not names_columns(["Why?", "Because."])


def test_a_sheet_that_trialdeck_exported_goes_elsewhere(tmp_path: Path) -> None:
    path = written(tmp_path / "Questions.csv", "trial,id,question,response\ndawn-1,why,Why?,Because.\n")
    with pytest.raises(TrialdeckError, match=r"is a sheet of trialdeck") as error:
        read_source_deck(path)
    assert "trialdeck sheet import" in error.value.hint


def test_a_cell_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Question", "Answer"])
    sheet.append(["Why?", "=1/0"])
    book.save(tmp_path / "cards.xlsx")
    with pytest.raises(TrialdeckError) as error:
        read_source_deck(tmp_path / "cards.xlsx")
    assert "B2" in error.value.message
    assert error.value.hint


@given(st.lists(st.lists(st.text(max_size=5), min_size=3, max_size=3), max_size=5))
def test_any_cells_are_notes_or_refused(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path = tmp_path_factory.mktemp("table") / "a.csv"
    path.write_bytes("\n".join(["Trial,Question,Answer", *lines]).encode("utf-8", "replace"))
    try:
        deck = read_source_deck(path)
    except TrialdeckError as error:
        said = bool(error.hint)
    else:
        said = all(set(note.fields) == set(kind.fields) for kind in deck.note_types for note in deck.notes)
    assert said
