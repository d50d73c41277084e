"""A project is begun on the command line: by options, by questions, and where another command misses it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from trialdeck.cli import main, new_project
from trialdeck.cli.records import ingest, new

PAGE = "DAWN-1 Trial\n\nKey Findings\n\n1\n\nDawnol delayed relapse.\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands ask."""
    for module, name in ((new_project, "in_terminal"), (ingest, "in_terminal"), (new, "in_terminal")):
        monkeypatch.setattr(module, name, lambda: True)


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(main, list(words), **more)


def settings(folder: str = ".") -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(Path(folder, "decks", "project.yaml").read_text(encoding="utf-8"))
    return read


def test_a_project_begins_and_builds() -> None:
    done = run("init", "heart-failure", "--license", "CC BY 4.0", "--report", "errors@example.org", "--example")
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("heart-failure: a project; written: decks/project.yaml, ")
    assert "    next: `cd heart-failure`, then `trialdeck desk`" in done.stderr
    assert settings("heart-failure") == {
        "format": 1,
        "root": "Heart Failure",
        "license": "CC BY 4.0",
        "report": "errors@example.org",
    }
    built = run("build", "heart-failure/seeds", "--out", "heart-failure/decks")
    assert built.exit_code == 0, built.output
    assert [path.name for path in Path("heart-failure", "decks").glob("*.apkg")] == ["dawn-1.apkg"]
    assert run("check", "heart-failure/seeds").exit_code == 0


def test_options_take_the_place_of_questions(terminal: None) -> None:
    done = run("init", "x", "--name", "Hearts", "--license", "CC0", "--report", "https://example.org/errors")
    assert done.exit_code == 0
    assert "?" not in done.output
    assert "Name" not in done.output
    assert settings("x")["root"] == "Hearts"


def test_a_terminal_is_asked_until_the_answers_are_valid(terminal: None) -> None:
    done = run("init", "heart-failure", input="A::B\n\nCC BY 4.0\nnobody\n\n")
    assert done.exit_code == 0, done.output
    assert "Name of the collection, as it stands in Anki [Heart Failure]: " in done.stderr
    assert "cannot name a deck" in done.stderr
    assert "neither a web address nor a mail address" in done.stderr
    assert settings("heart-failure") == {"format": 1, "root": "Heart Failure", "license": "CC BY 4.0"}


def test_a_fault_in_an_option_ends_it_before_anything_is_asked(terminal: None) -> None:
    done = run("init", "x", "--report", "nobody", input="")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: 'nobody' is neither a web address nor a mail address\n    ")
    assert not Path("x").exists()


def test_what_is_there_stays() -> None:
    Path("README.md").write_text("mine", encoding="utf-8")
    done = run("init")
    assert ".: there already, and left as it is: README.md\n" in done.stderr
    assert "`cd" not in done.stderr
    assert Path("README.md").read_text(encoding="utf-8") == "mine"
    again = run("init")
    assert again.exit_code == 0
    assert "written" not in again.stderr


@pytest.mark.parametrize("folder", [".", "/"])
def test_a_home_is_no_folder_for_a_project(folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    done = run("init", folder)
    assert done.exit_code == 1
    assert "is no folder for a project" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_inside_another_project_is_refused() -> None:
    assert run("init", "x").exit_code == 0
    done = run("init", "x/seeds/y")
    assert done.exit_code == 1
    assert "is part of the project" in done.stderr


# --- Where there is no project


def test_new_offers_one_and_the_record_goes_into_it(terminal: None) -> None:
    answers = "y\nHearts\n\n\n" + "Dawnol\nDAWN-1\n\n\n\n\n"
    done = run("new", "dawn-1", input=answers)
    assert done.exit_code == 0, done.output
    assert "There is no project here" in done.stderr
    assert settings()["root"] == "Hearts"
    assert Path("seeds", "dawn-1.yaml").exists()
    assert "this is no project yet" not in done.output


def test_without_a_project_a_record_goes_here_as_before(terminal: None) -> None:
    done = run("new", "dawn-1", input="n\nDawnol\nDAWN-1\n\n\n\n\n")
    assert done.exit_code == 0, done.output
    assert [path.name for path in Path().iterdir()] == ["dawn-1.yaml"]
    assert done.stderr.endswith(
        "    this is no project yet: `trialdeck init` makes it one, with folders for records and decks\n"
    )


def test_a_wrong_id_is_refused_before_anything_is_offered(terminal: None) -> None:
    done = run("new", "DAWN 1", input="")
    assert done.exit_code == 1
    assert "There is no project here" not in done.output
    assert list(Path().iterdir()) == []


def test_nobody_is_asked_who_names_the_place(terminal: None) -> None:
    done = run("new", "dawn-1", "--title", "Dawnol", "-o", "x/dawn-1.yaml", input="DAWN-1\n\n\n\n\n")
    assert done.exit_code == 0, done.output
    assert "project" not in done.output


def test_nobody_is_asked_in_a_home(terminal: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    done = run("new", "dawn-1", input="Dawnol\nDAWN-1\n\n\n\n\n")
    assert done.exit_code == 0, done.output
    assert "Begin one" not in done.output


def test_sheets_offer_one_or_name_the_command(terminal: None) -> None:
    assert run("sheet", "template", "-o", "sheets").exit_code == 0
    refused = run("sheet", "import", "sheets", input="n\n")
    assert refused.exit_code == 1
    assert "    go to the folder of your project, or begin one here with `trialdeck init`\n" in refused.stderr
    done = run("sheet", "import", "sheets", input="y\n\n\n\n")
    assert "There is no project here" in done.stderr
    assert Path("decks", "project.yaml").exists()


def test_ingest_says_in_a_terminal_how_one_is_begun(terminal: None) -> None:
    Path("page.txt").write_text(PAGE, encoding="utf-8")
    hint = "    this is no project yet: `trialdeck init`"
    assert hint in run("ingest", "page.txt").stderr
    assert hint in run("ingest", "page.txt", "-o", "dawn-1.yaml").stderr
    assert run("init", "x", input="\n\n\n").exit_code == 0
    assert hint not in run("ingest", "page.txt", "-o", "x/seeds/dawn-1.yaml").stderr


def test_a_program_that_drafts_records_gets_no_hint() -> None:
    Path("page.txt").write_text(PAGE, encoding="utf-8")
    assert "trialdeck init" not in run("ingest", "page.txt").output


@pytest.mark.parametrize(
    "words", [["check"], ["build"], ["diff"], ["status"], ["site"], ["sheet", "export", "-o", "x"]]
)
def test_commands_without_records_name_the_command(words: list[str]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert "begin a project: `trialdeck init`" in " ".join(done.stderr.split())
