"""Nothing that a file holds, or is called, can steer the terminal of whoever opens it, in any command."""

import json
import re
import shutil
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from anki_connect_stub import StubAnki, error, serving
from commands import commands_of
from conftest import RECORD
from sheets import FULL
from trialdeck.cli import main

Call = list[str | Path]
# A title of the window, a cleared screen, a colour, a line written over, a bell, and text from right to left.
STEER = "\x1b]0;x\x07\x1b[2J\x1b[95m\x9b2J\r\x08\x7f\u202e\u2066\u200b\ufeff"
IN_RECORDS = "\u202e\u2066\u200b"
IN_QUOTES = r'"\e]0;x\a\e[2J\x9b\r\b\u202e \0"'
NAME = f"a{STEER}b"
_OWN_STYLE = re.compile(r"\x1b\[(?:0|1|2|3[0-7]|9)(?:;[0-9]+)*m")


def steering(text: str) -> list[str]:
    """What of a text is more than text, line ends and the styles of the program itself."""
    return sorted({char for char in _OWN_STYLE.sub("", text) if not char.isprintable()} - {"\n"})


def run(*arguments: str | Path, answers: str | None = None, **variables: str) -> Result:
    """Run a command as in a terminal with colours; what it says steers nothing."""
    words = list(map(str, arguments))
    result = CliRunner().invoke(main, words, input=answers, env=variables, color=True)
    assert steering(result.output) == [], words
    assert "fault of trialdeck" not in result.output
    return result


def sound_record() -> str:
    """A record with what steers a terminal in all of its texts, as far as `check` lets it through."""
    words = "look|2016;374|Adults|First paragraph|Folded text|Why|It binds|Whom|Doe J|Elsewhere|A. Reviewer|arm|early"
    text = re.sub(rf"\b(?:{words})\b", rf"\g<0>{IN_RECORDS}", FULL)
    assert text.count(IN_RECORDS) > len(words.split("|"))
    return text


FAULTY = f"""format: 1
id: {IN_QUOTES}
{IN_QUOTES}: x
title: {IN_QUOTES}
acronym: {IN_QUOTES}
source: {{doi: {IN_QUOTES}, registry: {IN_QUOTES}, url: {IN_QUOTES}}}
topics: [{IN_QUOTES}, {IN_QUOTES}]
figures: [{{file: {IN_QUOTES}, alt: x}}]
results: [{{id: a, endpoint: x, estimate: {IN_QUOTES}}}]
questions:
  - {{id: a, perspective: {IN_QUOTES}, audience: [{IN_QUOTES}], question: x, response: x, results: [{IN_QUOTES}]}}
  - {{id: b, perspective: reviewer, question: x, response: y, cloze: {{a: {IN_QUOTES}}}, review: {{on: {IN_QUOTES}}}}}
"""
BROKEN = ["a: &\x1b[2J\u202e x\n", "a: !\u202e x\n", "a: *\u202e\n", "\u202e: {\n", 'a: "\u202e', f"a: {STEER}\n"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project that is called so, with a sound record that is called so, built once."""
    folder = tmp_path_factory.mktemp("terminal") / NAME
    (folder / "seeds").mkdir(parents=True)
    (folder / "seeds" / f"{NAME}.yaml").write_text(sound_record(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SOURCE_DATE_EPOCH", "1760000000")
        patch.setenv("TRIALDECK_ANKI_URL", "http://127.0.0.1:9")
        patch.setenv("http_proxy", "http://127.0.0.1:9")
        yield folder


@pytest.fixture(scope="module")
def built(folder: Path) -> Path:
    """The package of that project, under such a name."""
    assert run("build").exit_code == 0
    (package,) = folder.glob("decks/*.apkg")
    return Path(shutil.copy(package, folder / f"{NAME}.apkg"))


@pytest.fixture(scope="module")
def foreign(built: Path) -> Path:
    """The same package after somebody has put what steers a terminal into every text of it."""
    target = built.with_name(f"foreign-{NAME}.apkg")
    with zipfile.ZipFile(built) as archive, zipfile.ZipFile(target, "w") as packed:
        for member in archive.namelist():
            content = archive.read(member)
            if member == "collection.anki2":
                content = steered(content)
            if member == "media":
                content = json.dumps({"0": f"{NAME}.png", "1": f"../{NAME}.png"}).encode()
            packed.writestr(member, content)
    return target


def steered(database: bytes) -> bytes:
    """A database whose texts have that at their ends, each note a second younger."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(database)
        for row, fields in connection.execute("SELECT id, flds FROM notes").fetchall():
            values = [f"{value}{STEER}" if value and "/" not in value else value for value in fields.split("\x1f")]
            connection.execute(
                "UPDATE notes SET flds = ?, tags = tags || ? || ' ', mod = mod + 1 WHERE id = ?",
                ("\x1f".join(values), f"mine{STEER}", row),
            )
        for column in ("decks", "models"):
            (text,) = connection.execute(f"SELECT {column} FROM col").fetchone()
            named = {key: value | {"name": f"{value['name']}{STEER}"} for key, value in json.loads(text).items()}
            connection.execute(f"UPDATE col SET {column} = ?", (json.dumps(named),))
        connection.commit()
        return connection.serialize()


def write(folder: Path, content: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{NAME}.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_steering_text_is_seen() -> None:
    assert steering(click.style("x", fg="red", bold=True) + "\n") == []
    assert len(steering(STEER)) == len(set(STEER) - set("]0;x[2J95m"))


def test_a_name_is_no_markup_of_tables(tmp_path: Path) -> None:
    name = "A [/b] :smile: [red]"
    for number in (1, 2):
        text = RECORD.replace("dawn-1", f"dawn-{number}").replace("acronym: DAWN-1\n", "")
        text = re.sub("^title: .*$", f"title: '{name} {number}'", text, flags=re.MULTILINE)
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    assert f"{name} 1" in run("status", tmp_path).output
    assert run("check", tmp_path, "--stats").exit_code == 0
    assert run("build", tmp_path, "--out", tmp_path / "decks").exit_code == 0


@pytest.mark.parametrize("form", ["text", "json", "github"])
@pytest.mark.parametrize("content", [FAULTY, *BROKEN])
def test_faults_of_a_record(content: str, form: str, folder: Path) -> None:
    path = write(folder / "faulty", content)
    assert run("check", path, "--format", form).exit_code == 1


def test_a_sound_record(folder: Path, built: Path) -> None:
    assert built.exists()
    for form in ("text", "json", "github"):
        assert run("check", "--format", form).exit_code == 0
    calls: list[Call] = [
        ["check", "--stats"],
        ["status"],
        ["status", "--format", "json"],
        ["build", "--out", NAME],
        ["build", "--dry-run"],
        ["build", "--dry-run", "--by", "perspective"],
        ["build", "--check"],
        ["diff"],
        ["retire"],
        ["sheet", "export", "-o", f"{NAME}.xlsx"],
        ["sheet", "import", f"{NAME}.xlsx"],
        ["site", "--out", f"site-{NAME}"],
        ["ledger", "rebuild", built, "--out", f"ledger-{NAME}"],
        ["schema", "trial"],
        ["push", built],
    ]
    for command in calls:
        result = run(*command)
        assert result.exit_code == (1 if command[0] == "push" else 0), result.output
    refused = run("review", "--by", NAME, answers="y\n")
    assert "the name holds a character that is not text: U+001B" in refused.output
    by = f"A. Reader{IN_RECORDS}"
    assert "signed: 2" in run("review", "--by", by, "--on", "2026-01-01", answers="y\ny\nq\n").output
    assert run("diff").exit_code == 0


def test_faults_stop_the_other_commands(folder: Path) -> None:
    path = write(folder / "faulty", FAULTY)
    out = folder / f"out-{NAME}"
    calls: list[Call] = [["build", "--out", out], ["diff", "--out", out], ["site", "--out", out]]
    calls += [["status"], ["review"], ["sheet", "export", "-o", folder / "x.xlsx"]]
    for command in calls:
        assert run(*command, path).exit_code in {0, 1}
    assert run("build", "--profile", path).exit_code == 1


def test_packages(folder: Path, built: Path, foreign: Path) -> None:
    calls: list[Call] = [
        ["inspect", foreign],
        ["inspect", foreign, "--notes"],
        ["inspect", foreign, "--format", "json"],
        ["diff", built, foreign],
        ["diff", built, foreign, "--format", "json"],
        ["diff", built, foreign, "--format", "markdown"],
        ["pull", foreign],
    ]
    for command in calls:
        assert run(*command).exit_code == 0
    # What goes into a file says the names as they are.
    proposed = CliRunner().invoke(main, ["import", str(foreign)])
    assert proposed.exit_code == 0
    assert {unicodedata.category(char) for char in steering(proposed.output)} == {"Cf"}
    (folder / "map.yaml").write_text(
        "format: 1\nnote_type: Question\nquestion: Question\nresponse: Response\n", encoding="utf-8"
    )
    run("import", foreign, "--map", "map.yaml", "-o", f"imported-{NAME}")
    for number, content in enumerate((b"x", foreign.read_bytes()[:4_000])):
        path = folder / f"{number}{NAME}.apkg"
        path.write_bytes(content)
        for name in ("inspect", "pull", "import", "push"):
            assert run(name, path).exit_code == 1
        assert run("diff", built, path).exit_code == 1


def test_what_an_anki_answers(foreign: Path, built: Path) -> None:
    with serving(StubAnki()) as anki:
        assert run("push", foreign, TRIALDECK_ANKI_URL=anki.url).exit_code == 0
        assert run("push", built, TRIALDECK_ANKI_URL=anki.url).exit_code == 0
        anki.spoiled["importPackage"] = error(f"no{STEER}")
        assert "no\\x1b]0;x" in run("push", foreign, TRIALDECK_ANKI_URL=anki.url).output


def test_sheets_and_pages(folder: Path) -> None:
    sheets = folder / f"sheets-{NAME}"
    sheets.mkdir()
    cell = f'"{STEER}"'
    (sheets / "Trials.csv").write_text(f"id,title,{cell}\n{cell},{cell},{cell}\nnoon-4,{cell},\n", encoding="utf-8")
    (sheets / f"{NAME}.csv").write_text("a,b\n", encoding="utf-8")
    assert run("sheet", "import", sheets).exit_code == 1
    assert run("sheet", "import", sheets / f"{NAME}.csv").exit_code == 1
    page = folder / f"{NAME}.txt"
    page.write_text(f"Title {STEER}\n\nKey Findings\n\n1\n\nOne {STEER}\n{STEER}\n", encoding="utf-8")
    for out in ([], ["-o", f"drafted-{NAME}.yaml"]):
        run("ingest", page, *out)
    assert run("new", NAME).exit_code == 1
    assert run("new", "noon-9", "--title", STEER, "--doi", STEER, "-o", f"new-{NAME}.yaml").exit_code == 1
    run("new", "noon-9", "-o", f"new-{NAME}.yaml")


def commands(group: click.Group, *before: str) -> Iterator[list[str]]:
    for name, command in commands_of(group).items():
        yield from commands(command, *before, name) if isinstance(command, click.Group) else [[*before, name]]


@pytest.mark.parametrize("command", list(commands(main)), ids=" ".join)
def test_a_wrong_call(command: list[str], folder: Path) -> None:
    assert folder.is_dir()
    # Where there is a folder, a desk would be served until somebody ends it.
    name = f"missing-{NAME}" if command == ["desk"] else NAME
    for argument in (name, f"--{NAME}", f"--out={NAME}/{NAME}"):
        run(*command, argument)
