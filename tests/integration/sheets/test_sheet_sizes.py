"""What `sheet export` has written is read back, whatever its size; what only pretends to be a sheet is refused."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrices import ONLY_FULL
from sheets import KINDS, make_project, run, snapshot
from trialdeck.core.errors import TrialdeckError
from trialdeck.sheets import csv_files as sheet_csv
from trialdeck.sheets import record_rows as sheet_spool
from trialdeck.sheets.export import write_sheets
from trialdeck.sheets.files import opened_tables
from trialdeck.sheets.read import read_entries
from trialdeck.sheets.record_rows import RecordData, spool
from trialdeck.sheets.table import MAX_ROWS
from trialdeck.sheets.workbook import read_xlsx as sheet_xlsx

ITEMS = 5_000


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with several records, and the current folder in it."""
    monkeypatch.chdir(tmp_path)
    return make_project(tmp_path)


def large_records(rows: int) -> Iterator[RecordData]:
    """Records with so many related trials in all, the last id first."""
    for number in reversed(range(-(-rows // ITEMS))):
        others = [{"id": f"p{index}", "name": f"Trial {index}"} for index in range(ITEMS)]
        yield RecordData(f"seeds/t{number:05}.yaml", {"id": f"t{number:05}", "title": "T", "related_trials": others})


@ONLY_FULL  # the limits are made small for the test of parts below
@pytest.mark.parametrize("name", ["trials", *(["trials.xlsx"] if "TRIALDECK_LARGE" in os.environ else [])])
def test_more_rows_than_a_sheet_takes_go_into_parts(tmp_path: Path, name: str) -> None:
    """The workbook takes a minute or two: set TRIALDECK_LARGE to try it."""
    with spool() as rows:
        for record in large_records(MAX_ROWS + ITEMS):
            rows.add(record)
        write_sheets(rows.sheets(), tmp_path / name, force=False)
    with opened_tables(tmp_path / name) as tables:
        assert [table.name for table in tables if "Related" in table.name] == ["Related", "Related part 2"]
        sheets = read_entries(tables)
    assert (sheets.faults, sheets.notices) == ([], [])
    others = [entry.key for entry in sheets.entries if entry.key[1]]
    assert others == [
        (f"t{number:05}", "related_trials", f"p{index}") for number in range(21) for index in range(ITEMS)
    ]


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_TEXT"])
@pytest.mark.parametrize("name", KINDS)
def test_parts_are_imported_as_one_sheet(project: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: str) -> None:
    monkeypatch.setattr(sheet_spool, limit, 1)
    before = snapshot(project)
    run("export", "-o", name)
    with opened_tables(Path(name)) as tables:
        assert "Questions part 2" in {table.name for table in tables}
    assert run("import", name, "--delete").output == "nothing differs from the records\n"
    assert snapshot(project) == before
    shutil.rmtree(project / "seeds" / "deep")
    run("import", name)
    assert run("import", name, "--delete").output == "nothing differs from the records\n"


def test_an_id_that_stands_in_two_parts_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_spool, "MOST_ROWS", 1)
    run("export", "-o", "trials")
    shutil.copy("trials/Questions.csv", "trials/Questions part 2.csv")
    output = run("import", "trials", code=1).output
    assert "trials/Questions part 2.csv: B2" in output
    assert "it was first used in trials/Questions.csv: B2" in output


def test_a_part_that_is_missing_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_spool, "MOST_ROWS", 1)
    run("export", "-o", "trials")
    Path("trials/Trials part 2.csv").rename("trials/Trials part 9.csv")
    output = run("import", "trials", code=1).output
    assert "trials has the sheet Trials part 3, but not Trials part 2" in output
    Path("trials/Trials.csv").unlink()
    assert "but not Trials\n" in run("import", "trials", code=1).output


def test_parts_of_larger_sheets_are_not_left_beside_new_ones(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sheet_spool, "MOST_ROWS", 1)
        run("export", "-o", "trials")
    output = run("export", "-o", "trials", "--force", code=1).output
    assert "part 2.csv is a part of larger sheets" in output
    for left in Path("trials").glob("* part *.csv"):
        left.unlink()
    run("export", "-o", "trials", "--force")


def test_a_workbook_that_packs_like_a_bomb_is_written_unpacked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_xlsx, "LARGEST", 1)
    monkeypatch.setattr(sheet_xlsx, "DENSEST", 2)
    run("export", "-o", "trials.xlsx")
    with zipfile.ZipFile("trials.xlsx") as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
    assert run("import", "trials.xlsx").output == "nothing differs from the records\n"
    with zipfile.ZipFile("bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert "and 2 times its size, when it is unpacked" in run("import", "bomb.xlsx", code=1).output


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as member:
        for _ in range(210):
            member.write(b" " * 1_000_000)
    assert bomb.stat().st_size < 1_000_000
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(TrialdeckError, match="holds more than 200 MB, and 20 times its size"), opened_tables(bomb):
        pass


def test_a_csv_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_csv, "LARGEST", 1_000_000)
    (tmp_path / "Questions.csv").write_bytes(b"trial,id\n" * 200_000)
    with opened_tables(tmp_path) as tables:
        (fault,) = read_entries(tables).faults
    assert fault.message == "the file has more than 1 MB"
