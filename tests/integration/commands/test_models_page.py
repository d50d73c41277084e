"""The pages on language models and on tables: every command of them runs, and says what the page quotes."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialdeck.cli import main

ROOT = Path(__file__).parents[3]
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"^    (\S.*)$", re.MULTILINE)


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(script: str) -> str:
    """Run the commands of a script, with `> FILE`; return all that they say."""
    said = ""
    for line in script.splitlines():
        command, _, target = line.partition(" > ")
        program, *words = shlex.split(command)
        assert program == "trialdeck"
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.stderr
        if target:
            Path(target).write_text(result.stdout, encoding="utf-8")
        said += result.stdout + result.stderr
    return said


def test_the_commands_of_the_page_on_models_run_and_say_what_it_quotes(examples: Path) -> None:
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    said = "".join(map(run, SHELL.findall(page)))
    assert [line for line in QUOTED.findall(page) if line not in said] == []
    record = (examples / "new" / "dawn-1-with-page.yaml").read_text(encoding="utf-8")
    assert "# stated by a model, not read in a source: tested\n" in record
    assert "# written by a model: enzyme-dawnol, side-effect-frequent-dawnol\n" in record
    assert "review: {status: unreviewed}" in record


def test_the_commands_of_the_page_on_tables_run(examples: Path) -> None:
    page = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    said = "".join(map(run, SHELL.findall(page)))
    assert "taken 3 of 3 notes" in said
    assert "not taken: field Level of Table, not in the map: text in 2 notes" in said
    assert sorted(path.name for path in (examples / "new").glob("*.yaml")) == ["dawn-1.yaml", "dusk-2.yaml"]
    checked = CliRunner().invoke(main, ["check", "new"])
    assert checked.exit_code == 0, checked.stdout


def test_ingest_makes_of_a_table_what_import_makes(examples: Path) -> None:
    run("trialdeck import docs/examples/questions.csv > map.yaml")
    proposed = CliRunner().invoke(main, ["ingest", "docs/examples/questions.csv"])
    assert proposed.stdout == Path("map.yaml").read_text(encoding="utf-8")
    assert "trialdeck import docs/examples/questions.csv --map FILE" in proposed.stderr
    run("trialdeck import docs/examples/questions.csv --map map.yaml -o one")
    run("trialdeck ingest docs/examples/questions.csv --map map.yaml -o other")
    one, other = ({path.name: path.read_bytes() for path in Path(name).iterdir()} for name in ("one", "other"))
    assert one == other
    assert "dusk-2.yaml" in one


def test_ingest_reads_a_text_export_of_anki_as_import_does(examples: Path) -> None:
    Path("notes.txt").write_text(
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
        "a1\tBasic\tDAWN-1\tWhat does dawnol block?\t<b>Dawnase</b>\tdawn\n"
        "a2\tCloze\tDAWN-1\tDawnol blocks {{c1::dawnase}}.\t\t\n",
        encoding="utf-8",
    )
    run("trialdeck ingest notes.txt > map.yaml")
    run("trialdeck ingest notes.txt --map map.yaml -o one")
    run("trialdeck import notes.txt --map map.yaml -o other")
    one, other = ({path.name: path.read_bytes() for path in Path(name).iterdir()} for name in ("one", "other"))
    assert one == other
    assert b"**Dawnase**" in one["dawn-1.yaml"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["docs/examples/questions.csv", "docs/examples/dawn-1.txt", "--map", "map.yaml"],
            "--map says what the fields",
        ),
        (["docs/examples/dawn-1.txt", "--map", "map.yaml"], "--map says what the fields"),
        (["docs/examples/questions.csv", "--map", "map.yaml", "-o", "map.yaml"], "name a folder with -o"),
    ],
)
def test_a_map_is_for_one_file_of_notes(examples: Path, words: list[str], message: str) -> None:
    run("trialdeck import docs/examples/questions.csv > map.yaml")
    result = CliRunner().invoke(main, ["ingest", *words])
    assert result.exit_code == 1
    assert message in result.stderr
    assert sorted(path.name for path in examples.iterdir()) == ["docs", "map.yaml"]


def test_a_table_from_a_pipe_is_refused_with_what_to_do(examples: Path) -> None:
    content = Path("docs/examples/questions.csv").read_bytes()
    result = CliRunner().invoke(main, ["ingest", "-"], input=content)
    assert result.exit_code == 1
    assert "-: this is a table" in result.stderr
    assert "save it in a file" in result.stderr


def test_cards_about_another_trial_do_not_go_into_a_record(examples: Path) -> None:
    run("trialdeck ingest docs/examples/dawn-1.txt -o dawn-1.yaml")
    before = Path("dawn-1.yaml").read_bytes()
    Path("cards.json").write_text('{"trial": "DUSK-2", "cards": [{"q": "What is duskol?", "a": "A drug."}]}')
    result = CliRunner().invoke(main, ["ingest", "cards.json", "--into", "dawn-1.yaml"])
    assert result.exit_code == 1
    assert "cards.json: it is about 'DUSK-2', and dawn-1.yaml is about 'dawn-1'" in result.stderr
    assert Path("dawn-1.yaml").read_bytes() == before


def test_a_second_time_nothing_is_added(examples: Path) -> None:
    run("trialdeck ingest docs/examples/dawn-1.txt -o dawn-1.yaml")
    run("trialdeck ingest docs/examples/dawn-1-model.txt --into dawn-1.yaml")
    before = Path("dawn-1.yaml").read_bytes()
    said = run("trialdeck ingest docs/examples/dawn-1-model.txt --into dawn-1.yaml")
    assert "dawn-1.yaml: 0 parts added" in said
    assert "questions 1: the same as the record" in said
    assert Path("dawn-1.yaml").read_bytes() == before
