"""The commands as a user calls them."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click import Group, Option
from click.testing import CliRunner, Result

from commands import commands_of
from packages import open_package
from trialdeck import __version__
from trialdeck.cli import main
from trialdeck.cli.group import CommandEntry
from trialdeck.cli.records.schema import SCHEMAS
from trialdeck.review import card_report as appraising

Write = Callable[..., Path]


def run(*arguments: str | Path, **more: Any) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **more)


def test_version_and_help() -> None:
    assert run("--version").output == f"trialdeck, version {__version__}\n"
    assert "Anki decks out" in run("--help").output
    assert run("-h").output == run("--help").output


def test_python_dash_m_works() -> None:
    done = subprocess.run([sys.executable, "-m", "trialdeck", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"trialdeck, version {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("biuld", "No such command 'biuld'. Did you mean 'build'?"),
        ("chekc", "No such command 'chekc'. Did you mean 'check'?"),
        ("frobnicate", "No such command 'frobnicate'."),
    ],
)
def test_a_command_that_is_misspelt_is_recognised(typed: str, said: str) -> None:
    result = run(typed)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"\nError: {said}\n")


@pytest.mark.parametrize("command", sorted(commands_of(main)))
def test_every_command_and_option_has_help(command: str) -> None:
    described = commands_of(main)[command]
    assert described.help
    assert described.get_short_help_str()
    assert [option.name for option in described.params if isinstance(option, Option) and not option.help] == []


def test_every_line_of_help_fits_80_columns() -> None:
    def long_lines(group: Group, *names: str) -> Iterator[str]:
        for name, command in commands_of(group).items():
            lines = run(*names, name, "--help", terminal_width=80).output.splitlines()
            yield from (line for line in lines if len(line) > 80)
            if isinstance(command, Group):
                yield from long_lines(command, *names, name)

    assert list(long_lines(main)) == []


@pytest.mark.parametrize(("name", "entry"), sorted(main.entries.items()))
def test_the_list_of_commands_says_what_their_help_says(name: str, entry: CommandEntry) -> None:
    help_text = commands_of(main)[name].help or ""
    assert entry.summary == " ".join(help_text.partition("\n\n")[0].split())


def help_lines(group: Group, *names: str) -> Iterator[str]:
    """The lines of the lists of commands, as the help prints them in 80 columns."""
    yield from run(*names, "--help", terminal_width=80).output.splitlines()
    for name, command in commands_of(group).items():
        if isinstance(command, Group):
            yield from help_lines(command, *names, name)


def test_every_command_has_a_line_of_its_own_that_is_not_cut() -> None:
    lines = list(help_lines(main))
    groups = [group for group in commands_of(main).values() if isinstance(group, Group)]
    for group in (main, *groups):
        for name, command in commands_of(group).items():
            summary = " ".join((command.help or "").partition("\n\n")[0].split())
            assert len(summary) <= 45
            assert any(line.split(maxsplit=1) == [name, summary] for line in lines), (name, summary)


def test_the_list_of_commands_is_in_groups() -> None:
    lines = run("--help").output.splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings[1:] == ["Write records:", "Check them:", "Build decks:", "Share them:"]
    columns = {line.index(entry.summary) for entry in main.entries.values() for line in lines if entry.summary in line}
    assert len(columns) == 1


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["biuld"]])
def test_no_command_is_imported_before_it_is_called(arguments: list[str]) -> None:
    code = f"""
import sys
from trialdeck.cli import main
from trialdeck.cli.group import CommandEntry
try:
    main({arguments!r})
finally:
    print(*(name for name in sys.modules if name.startswith(("trialdeck.cli.packages", "trialdeck.cli.records"))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize(
    "heavy", ["genanki", "jsonschema", "yaml", "nh3", "markdown_it", "rich", "bs4", "ruamel", "slugify"]
)
def test_help_imports_nothing_heavy(heavy: str) -> None:
    code = f"import sys, trialdeck.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_build_imports_nothing_that_one_plain_record_has_no_need_of(write_record: Write, tmp_path: Path) -> None:
    code = f"""
import sys
from trialdeck.cli import main
from trialdeck.cli.group import CommandEntry
main(["build", {str(write_record())!r}, "--out", {str(tmp_path / "out")!r}], standalone_mode=False)
print(*sorted({{each.partition(".")[0] for each in sys.modules}}))
"""
    settings = {**os.environ, "TRIALDECK_CACHE": str(tmp_path / "cache")}
    heavy = {"filelock", "jsonschema", "multiprocessing", "pickle", "platformdirs", "rich"}
    to_write = {"asyncio", "genanki", "tempfile"}
    for needed in (to_write, set()):  # the second build finds its package up to date
        done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
        assert (heavy | to_write).intersection(done.stdout.splitlines()[-1].split()) == needed


# check


def test_check_is_silent_about_good_records_but_counts_them(write_record: Write) -> None:
    result = run("check", "--ignore", "TD6", write_record())
    assert (result.exit_code, result.output) == (0, "1 record, 0 errors, 0 warnings\n")


def test_check_names_file_line_column_code_and_hint(
    write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_record(changes={"perspective: mechanism": "perspectve: mechanism"})
    monkeypatch.chdir(tmp_path)
    result = run("check", "dawn-1.yaml")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "dawn-1.yaml:32:5: error [TD104] 'perspective' is missing",
        "  32 | - id: why",
        "     |   ^~",
        "    for example `perspective: mechanism`",
        "dawn-1.yaml:33:5: error [TD103] unknown property 'perspectve'",
        "  33 | perspectve: mechanism",
        "     | ^~~~~~~~~~",
        "    did you mean 'perspective'?",
        "1 record, 2 errors, 0 warnings",
    ]


def test_check_json_carries_the_same(write_record: Write) -> None:
    record = write_record(changes={"doi: 10.1000/dawn": "doi: dawn"})
    result = run("check", record, "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.output) == {
        "problems": [
            {
                "path": record.as_posix(),
                "line": 5,
                "column": 15,
                "code": "TD113",
                "message": "'dawn' is not a DOI",
                "hint": "write the bare DOI, for example 10.1056/NEJMoa1516282, without https://doi.org/",
                "severity": "error",
            }
        ],
        "summary": {"records": 1, "deck_definitions": 0, "errors": 1, "warnings": 0},
    }


def test_check_for_github_writes_annotations(write_record: Write) -> None:
    record = write_record(
        "a,b.yaml", {"doi: 10.1000/dawn": 'doi: "50%"', "summary: Dawnol delayed relapse.": "summary:"}
    )
    lines = run("check", record, "--format", "github").output.splitlines()
    path = record.as_posix().replace(",", "%2C")
    assert lines[0].startswith(f"::error file={path},line=5,col=15,title=TD113::'50%25' is not a DOI: write")
    assert lines[1].startswith(f"::warning file={path},line=12,col=1,title=TD401::")


def test_check_strict_turns_warnings_into_errors(write_record: Write) -> None:
    record = write_record(changes={"summary: Dawnol delayed relapse.": "summary:"})
    assert run("check", record).exit_code == 0
    assert run("check", record, "--strict").exit_code == 1


def test_check_takes_the_project_from_within(write_record: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    record = write_record("seeds/deep/dawn-1.yml")
    monkeypatch.chdir(record.parent)
    result = run("check", "--ignore", "TD6")
    assert (result.exit_code, result.output) == (0, "1 record, 0 errors, 0 warnings\n")


def test_check_without_a_path_checks_the_settings_too(
    write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_record("seeds/dawn-1.yaml")
    write_record("decks/dawn.yaml", text="format: 1\nid: dawn\nname: Dawn\nsplit: trials\n")
    write_record("decks/noon.yaml", text="format: 1\nid: noon\nname: Noon\n")
    write_record("decks/project.yaml", text="format: 1\nedition: 2026/1\n")
    monkeypatch.chdir(tmp_path / "seeds")
    result = run("check", "--ignore", "TD6")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "../decks/dawn.yaml:4:8: error [TD108] unknown split 'trials'",
        "   4 | split: trials",
        "     |        ^~~~~~",
        "    did you mean 'trial'? allowed: trial, perspective, none",
        "../decks/project.yaml:2:10: error [TD108] '2026/1' cannot be the name of an edition",
        "   2 | edition: 2026/1",
        "     |          ^~~~~~",
        "    use letters, digits, dots, hyphens and underscores, for example 2026.1",
        "1 record, 2 deck definitions, 2 errors, 0 warnings",
    ]
    assert run("check", "--ignore", "TD6", "dawn-1.yaml").output == "1 record, 0 errors, 0 warnings\n"
    assert run("check", "--ignore", "TD6", "../decks/noon.yaml").output == "1 deck definition, 0 errors, 0 warnings\n"
    assert (
        run("check", "--ignore", "TD6", "../decks/project.yaml").output.splitlines()[-1]
        == "project settings, 1 error, 0 warnings"
    )
    summary = json.loads(run("check", "--ignore", "TD6", "--format", "json").output)["summary"]
    assert summary == {"records": 1, "deck_definitions": 2, "errors": 2, "warnings": 0}


def test_check_without_a_project_is_a_wrong_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("check")
    assert result.exit_code == 2
    assert "there is no seeds folder here or above; name a record or a folder" in result.output


def test_a_path_that_does_not_exist_is_a_wrong_call() -> None:
    result = run("check", "nowhere.yaml")
    assert result.exit_code == 2
    assert "'nowhere.yaml' does not exist" in result.output


def test_a_folder_without_records_is_an_error(tmp_path: Path) -> None:
    result = run("check", tmp_path)
    assert result.exit_code == 1
    assert result.stderr == (
        "error: there are no records here\n"
        "    records are files that end in .yaml or .json; `trialdeck new`, `ingest` and `sheet import` make them\n"
    )


def test_a_file_that_may_not_be_read_is_a_problem(write_record: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    record = write_record()

    def refuse(path: Path, _most: int) -> bytes:
        assert path == record
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("trialdeck.yamlfile.document.read_input", refuse)
    result = run("check", record)
    assert result.exit_code == 1
    assert "1:1: error [TD100] cannot read the file: Permission denied" in result.output


def test_control_characters_of_the_input_do_not_reach_the_terminal(write_record: Write) -> None:
    record = write_record(changes={"doi: 10.1000/dawn": r'doi: "\e[31mred"'})
    output = run("check", record).output
    assert "\x1b" not in output
    assert r"'\x1b[31mred' is not a DOI" in output


# build


def size_of(folder: Path, *patterns: str) -> str:
    return f"{sum(path.stat().st_size for pattern in patterns for path in folder.glob(pattern)) / 1000:.1f}"


def test_one_package_is_told_in_a_line(write_record: Write, tmp_path: Path) -> None:
    result = run("build", write_record(), "--out", tmp_path / "out")
    assert result.exit_code == 0
    path, size = (tmp_path / "out" / "dawn-1.apkg").as_posix(), size_of(tmp_path / "out", "dawn-1.apkg")
    assert result.output.splitlines() == [
        f"{path}: Landmark Trials::DAWN-1, 10 notes, 15 cards, {size} kB",
        "notes: 10 new",
    ]


def test_several_packages_are_told_in_a_table(write_record: Write, tmp_path: Path) -> None:
    write_record("seeds/noon-1.yaml", changes={"dawn-1": "noon-1", "DAWN-1": "NOON-1", "10.1000/dawn": "10.1000/noon"})
    write_record("seeds/dawn-1.yaml")
    result = run("build", tmp_path / "seeds", "--out", tmp_path / "out", env={"COLUMNS": "80"})
    assert result.exit_code == 0
    head, above, row, second, counted, step = result.output.splitlines()
    folder = (tmp_path / "out").as_posix()
    assert counted == f"19 notes, 27 cards in 2 packages, in {folder}/; each note is counted once"
    assert step == "notes: 19 new"
    assert head.split() == ["deck", "notes", "cards", "size", "file"]
    assert above == "Landmark Trials"
    size = size_of(tmp_path / "out", "dawn-1.apkg")
    assert row.split() == ["DAWN-1", "10", "15", size, "kB", "dawn-1.apkg"]
    # The note of a trial that both name is in the package of the first alone.
    assert second.split()[:3] == ["NOON-1", "9", "12"]


def test_of_many_packages_the_last_row_is_for_the_rest(write_record: Write, tmp_path: Path) -> None:
    for number in range(30):
        named = f"10.1000/d{number}"
        changes = {"dawn-1": f"d-{number:02}", "DAWN-1": f"D-{number:02}", "10.1000/dawn": named}
        write_record(f"seeds/d-{number:02}.yaml", changes=changes)
    result = run("build", tmp_path / "seeds", "--out", tmp_path / "out", env={"COLUMNS": "80"})
    assert result.exit_code == 0
    *rows, last, counted, step = result.output.splitlines()[2:]
    assert counted.startswith("271 notes, 363 cards in 30 packages, in ")
    assert step == "notes: 271 new"
    assert [row.split()[0] for row in rows] == [f"D-{number:02}" for number in range(19)]
    size = size_of(tmp_path / "out", "d-19.apkg", "d-2*.apkg")
    assert last.split() == ["and", "11", "more", "99", "132", size, "kB"]


def test_build_writes_nothing_when_there_are_errors(write_record: Write, tmp_path: Path) -> None:
    result = run("build", write_record(changes={"10.1000/dawn": "dawn"}), "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "TD113" in result.stderr
    assert "error: the records have errors" in result.stderr
    assert not (tmp_path / "out").exists()


def test_build_defaults_to_the_project(write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_record("seeds/dawn-1.yaml")
    monkeypatch.chdir(tmp_path / "seeds")
    assert run("build").exit_code == 0
    assert (tmp_path / "decks" / "dawn-1.apkg").is_file()


def test_build_takes_a_loose_file_with_no_project_around(
    write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_record()
    monkeypatch.chdir(tmp_path)
    result = run("build", "dawn-1.yaml", "--by", "perspective")
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "decks").glob("*.apkg")) == [
        "clinical.apkg",
        "mechanism.apkg",
        "reviewer.apkg",
    ]


def test_build_filters(write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    options = [
        "--perspective",
        "mechanism",
        "--perspective",
        "clinical",
        "--audience",
        "fellow",
        "--specialty",
        "oncology",
    ]
    assert run("build", record, *options, "--out", tmp_path).exit_code == 0
    assert set(open_package(tmp_path / "dawn-1.apkg").notes) == {"dawn-1/takeaway/start"}


def test_build_names_what_it_does_not_know(write_record: Write) -> None:
    result = run("build", write_record(), "--audience", "nurse")
    assert result.exit_code == 2
    assert "'nurse' is not one of" in result.stderr


def test_build_time_may_be_stated(write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    for folder in ("a", "b"):
        run("build", record, "--out", tmp_path / folder, env={"SOURCE_DATE_EPOCH": "1790000000"})
    assert (tmp_path / "a" / "dawn-1.apkg").read_bytes() == (tmp_path / "b" / "dawn-1.apkg").read_bytes()
    assert set(open_package(tmp_path / "a" / "dawn-1.apkg").changed.values()) == {1790000000}
    wrong = run("build", record, "--out", tmp_path, env={"SOURCE_DATE_EPOCH": "today"})
    assert wrong.exit_code == 2
    assert "SOURCE_DATE_EPOCH is a number of seconds, not 'today'" in wrong.stderr


def test_build_into_a_file_is_a_wrong_call(write_record: Write, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run("build", write_record(), "--out", tmp_path / "file").exit_code == 2


def test_build_where_nothing_can_be_written_is_an_error(write_record: Write, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("build", write_record(), "--out", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert "error: cannot write" in result.stderr
    assert "Not a directory" in result.stderr


# schema


def test_schema_prints_every_schema(root: Path) -> None:
    files = sorted((root / "schemas").iterdir())
    assert {path.name for path in files} == {f"{name}.schema.json" for name in SCHEMAS}
    for path in files:
        assert run("schema", path.name.split(".")[0]).output == path.read_text(encoding="utf-8")


# faults of our own


def test_no_traceback_reaches_a_user(write_record: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("no such\x1b table")

    monkeypatch.setattr(appraising, "appraise", broken)
    monkeypatch.delenv("TRIALDECK_DEBUG", raising=False)
    result = run("check", write_record())
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        r"error: OperationalError: no such\x1b table",
        "    this is a fault of trialdeck; set TRIALDECK_DEBUG=1 to see where, and report it",
    ]
    debug = run("check", write_record(), env={"TRIALDECK_DEBUG": "1"})
    assert isinstance(debug.exception, sqlite3.OperationalError)


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 1), (BrokenPipeError, 141)])
def test_an_interruption_ends_quietly(
    error: type[BaseException], code: int, write_record: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(appraising, "appraise", stopped)
    result = run("check", write_record())
    assert result.exit_code == code
    assert "Traceback" not in result.output
