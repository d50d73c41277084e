"""What is no ordinary file is an error at once, for every command that reads what others have written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from measured import measured
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_input
from trialdeck.yamlfile.edit import Put, edited

COMMANDS = [
    ["check", "seeds/x.yaml"],
    ["build", "seeds/x.yaml"],
    ["review", "seeds/x.yaml"],
    ["sheet", "export", "seeds/x.yaml", "-o", "sheets.xlsx"],
    ["sheet", "import", "x.xlsx"],
    ["sheet", "import", "sheets"],
    ["inspect", "x.apkg"],
    ["diff", "x.apkg", "x.apkg"],
    ["pull", "x.apkg"],
    ["import", "x.apkg", "--map", "map.yaml"],
    ["import", "ours.apkg", "--map", "x.yaml"],
    ["build", "--profile", "x.yaml"],
    ["ingest", "x.txt"],
]
NO_FILES: dict[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A project with a record that has been built."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "seeds").mkdir()
    shutil.copy(root / "seeds" / "tourmaline-mm1.yaml", folder / "seeds")
    (folder / "map.yaml").write_text("format: 1\nquestion: Front\nresponse: Back\n", encoding="utf-8")
    assert measured(folder, "build")[0] == 0
    shutil.copy(next(folder.glob("decks/*.apkg")), folder / "ours.apkg")
    return folder


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_no_file_is_an_error_at_once(project: Path, kind: str, command: list[str]) -> None:
    named = next(project / each for each in command if each.startswith(("x.", "seeds/x.", "sheets")) and each != "-o")
    path = project / "sheets" / "Trials.csv" if named.name == "sheets" else named
    path.parent.mkdir(exist_ok=True)
    NO_FILES[kind](path)
    try:
        code, said, told, _ = measured(project, *command)
    finally:
        path.unlink()
    assert code == 1
    assert "it is a pipe or a device, not a file" in said + told
    assert path.name in said + told
    assert "Traceback" not in said + told


WRITTEN = {
    "decks/ledger.jsonl": [
        ["check"],
        ["build"],
        ["build", "--check"],
        ["build", "--dry-run"],
        ["diff"],
        ["site"],
        ["retire"],
        ["retire", "--before", "2100-01-01"],
        ["ledger", "clamp"],
        ["ledger", "rebuild", "ours.apkg", "--force"],
    ],
    "decks/EDITIONS.md": [["build"], ["build", "--check"], ["build", "--dry-run"], ["diff"], ["site"]],
    "decks/tourmaline-mm1.apkg": [["build"], ["build", "--dry-run"]],
    "decks/.trialdeck.staging": [["build"], ["retire", "--before", "2100-01-01"], ["ledger", "clamp"]],
    "decks/.trialdeck.commit": [["build"], ["build", "--dry-run"], ["site"], ["ledger", "clamp"]],
    "seeds/.trialdeck.staging": [["pull", "ours.apkg", "--apply"], ["sheet", "import", "real.xlsx"]],
    "sheets/.trialdeck.staging": [["sheet", "export", "-o", "sheets", "--force"]],
    "sheets/Trials.csv": [["sheet", "export", "-o", "sheets", "--force"]],
    "site/site-files.json": [["site"]],
    "site/index.html": [["site"]],
}
"""What trialdeck itself has written, and the commands that read or replace it."""


@pytest.fixture(scope="module")
def written(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every command has written."""
    folder = tmp_path_factory.mktemp("written") / "project"
    shutil.copytree(project, folder)
    for words in (["site"], ["sheet", "export", "-o", "real.xlsx"], ["sheet", "export", "-o", "sheets"]):
        assert measured(folder, *words)[0] == 0
    return folder


@pytest.mark.parametrize(("name", "command"), [(name, each) for name, some in WRITTEN.items() for each in some])
def test_a_pipe_in_place_of_an_output_is_an_error_at_once(written: Path, name: str, command: list[str]) -> None:
    path, kept = written / name, written / "kept"
    if path.exists():
        path.rename(kept)
    os.mkfifo(path)
    try:
        code, said, told, _ = measured(written, *command)
        assert path.is_fifo()
    finally:
        path.unlink()
        if kept.exists():
            kept.rename(path)
    assert (code, path.name in said + told) == (1, True), said + told
    assert "Traceback" not in said + told


def test_a_file_of_any_size_is_read_up_to_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)
    assert read_input(path, 10) == bytes(11)
    path.write_bytes(b"abc")
    assert read_input(path, 10) == b"abc"
    assert read_input(path, 3) == b"abc"
    assert read_input(path, 2) == b"abc"


def test_a_record_of_any_size_costs_little(project: Path) -> None:
    path = project / "seeds" / "large.yaml"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)
    try:
        code, said, _, peak = measured(project, "check")
    finally:
        path.unlink()
    assert (code, said.splitlines()[0]) == (
        1,
        "seeds/large.yaml:1:1: error [TD125] the file has more than 1,000,000 bytes",
    )
    assert peak < 300_000_000


def test_links_that_lead_nowhere_are_passed_by(project: Path) -> None:
    lost, loop = project / "seeds" / ".#aspire.yaml", project / "seeds" / "loop.yaml"
    lost.symlink_to("somebody@somewhere.1234")
    loop.symlink_to(loop.name)
    try:
        code, said, _, _ = measured(project, "check")
    finally:
        lost.unlink()
        loop.unlink()
    assert (code, said.splitlines()[-1]) == (0, "1 record, 0 errors, 0 warnings")


def test_a_page_without_end_is_an_error(project: Path) -> None:
    code, _, told, peak = measured(project, "ingest", "/dev/zero")
    assert (code, told.splitlines()[0]) == (1, "error: cannot read /dev/zero: it is a pipe or a device, not a file")
    (project / "large.txt").write_bytes(b"Summary\n" + b"Dawnol worked.\n" * 350_000)
    code, _, told, peak = measured(project, "ingest", "large.txt")
    assert (code, told.splitlines()[0]) == (1, "error: large.txt: the page has more than 5,000,000 bytes")
    assert peak < 300_000_000


def test_a_page_that_gives_more_than_a_record_holds_is_an_error(project: Path) -> None:
    (project / "long.txt").write_text(f"DAWN-1 Trial\n\nSummary\n\n{'Dawnol worked. ' * 80_000}\n", encoding="utf-8")
    code, said, told, _ = measured(project, "ingest", "long.txt")
    assert (code, said) == (1, "")
    assert told.startswith("error: long.txt: the record would be too large: the file has more than 1,000,000 bytes\n")
    assert "Traceback" not in told


def test_an_edit_that_makes_a_record_too_large_is_an_error(record_text: str) -> None:
    with pytest.raises(TrialdeckError, match=r"^x\.yaml would be too large: the file has more than 1,000,000 bytes$"):
        edited(record_text.encode(), [Put(("summary",), "Dawnol worked. " * 80_000)], "x.yaml")
