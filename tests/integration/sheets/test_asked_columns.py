"""What is asked, and what is core, in sheets: columns of true and false, and one with names of sections."""

from pathlib import Path

import pytest

from conftest import RECORD
from sheets import KINDS, Book, data_of, run, snapshot
from trialdeck.sheets.cells import is_unchanged

FLAGGED = RECORD.replace(
    "endpoint: Relapse-free survival\nsummary", "endpoint: Relapse-free survival\ncore: true\nsummary"
)
FLAGGED = FLAGGED.replace(
    "    perspective: mechanism\n", "    perspective: mechanism\n    card: false\n    core: true\n"
)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only record of a project in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "seeds" / "dawn-1.yaml"
    path.parent.mkdir()
    path.write_text(FLAGGED, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", KINDS)
def test_flags_stay_and_can_be_made_anew(record: Path, name: str) -> None:
    before = snapshot(record.parents[1])
    run("export", "-o", name)
    assert run("import", name).output == "nothing differs from the records\n"
    assert snapshot(record.parents[1])["dawn-1.yaml"] == before["dawn-1.yaml"]
    record.unlink()
    run("import", name)
    assert is_unchanged(data_of(FLAGGED.encode()), data_of(record.read_bytes()))
    assert "    card: false\n" in record.read_text(encoding="utf-8")


@pytest.mark.parametrize(("typed", "written"), [("TRUE", "card: true"), ("False", "card: false"), ("", "")])
def test_a_flag_is_typed_as_spreadsheet_programs_have_it(record: Path, typed: str, written: str) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Questions", ("dawn-1", "whom"), "card", typed)
    book.put("Questions", ("dawn-1", "why"), "card", typed)
    book.save()
    run("import", "trials.xlsx")
    text = record.read_text(encoding="utf-8")
    assert text.count("card: ") == (3 if written else 1)
    assert text.count(f"    {written}\n") == (2 if written else 0)


def test_a_word_that_is_no_flag_is_an_error_with_its_cell(record: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Questions", ("dawn-1", "why"), "card", "perhaps")
    book.save()
    output = run("import", "trials.xlsx", code=1).output
    assert "perhaps" in output
    assert "true" in output
    assert record.read_text(encoding="utf-8") == FLAGGED


def test_sections_that_are_asked_are_words_of_a_cell(record: Path) -> None:
    run("export", "-o", "trials.xlsx")
    book = Book()
    book.put("Trials", ("dawn-1",), "cards", "Summary; limitations")
    book.save()
    run("import", "trials.xlsx")
    assert data_of(record.read_bytes())["cards"] == ["summary", "limitations"]
