"""The ways to build: checked, dry, of some decks, watched; and what the name of an edition does."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from packages import open_package
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.notes.tags import edition_of

LATER = NOW + DAY
WHY = "dawn-1/question/why"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with one record and two decks, from within it."""
    made = Project(tmp_path)
    made.record("dawn-1")
    made.define("all", "name: All")
    made.define("by", "name: By", "split: perspective")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str | Path, at: int = NOW, **more: Any) -> Result:
    env = {"SOURCE_DATE_EPOCH": str(at)}
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=env, **more)


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """All files and folders below a folder, with contents and times of change."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


MADE = [
    "would make decks/.gitattributes",
    "would make decks/EDITIONS.md",
    "would make decks/all.apkg",
    "would make decks/by-clinical.apkg",
    "would make decks/by-mechanism.apkg",
    "would make decks/by-reviewer.apkg",
    "would make decks/ledger.jsonl",
]


def said(result: Result) -> list[str]:
    """What was printed, the files sorted."""
    lines = result.stdout.splitlines()
    return [*sorted(lines[:-1]), lines[-1]]


# --check and --dry-run


@pytest.mark.parametrize(("option", "code"), [("--check", 1), ("--dry-run", 0)])
def test_before_the_first_build_everything_would_be_made(option: str, code: int, project: Project) -> None:
    before = everything(project.folder)
    result = run("build", option)
    assert (result.exit_code, said(result)) == (code, [*MADE, "notes: 10 new"])
    assert everything(project.folder) == before


@pytest.mark.parametrize("option", ["--check", "--dry-run"])
def test_a_folder_that_is_not_there_is_not_made(option: str, project: Project) -> None:
    run("build", option, "--out", "new/decks")
    assert not (project.folder / "new").exists()


@pytest.mark.parametrize("option", ["--check", "--dry-run"])
def test_after_a_build_everything_is_up_to_date(option: str, project: Project) -> None:
    run("build")
    (project.decks / ".trialdeck.lock").unlink()
    before = everything(project.folder)
    result = run("build", option, at=LATER)
    assert (result.exit_code, result.output) == (0, "everything is up to date\n")
    assert everything(project.folder) == before


def remove_package(project: Project) -> None:
    (project.decks / "all.apkg").unlink()


def edit_package(project: Project) -> None:
    path = project.decks / "all.apkg"
    path.write_bytes(path.read_bytes() + b"\0")


def edit_record(project: Project) -> None:
    project.edit("dawn-1", response="It blocks")


def lose_ledger(project: Project) -> None:
    (project.decks / "ledger.jsonl").unlink()


REPLACED = f"low risk, content-replaced: Anki replaces the text of 1 note ({WHY}), and what learners wrote into it"


def restyle_deck(project: Project) -> None:
    project.define("all", "name: All", "description: New words.")


def remove_question(project: Project) -> None:
    project.edit("dawn-1", why="")


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (remove_package, ["would make decks/all.apkg", "no note has changed"]),
        (edit_package, ["would change decks/all.apkg", "no note has changed"]),
        (restyle_deck, ["would change decks/all.apkg", "no note has changed"]),
        (
            edit_record,
            [
                REPLACED,
                "would change decks/EDITIONS.md",
                "would change decks/all.apkg",
                "would change decks/by-mechanism.apkg",
                "would change decks/ledger.jsonl",
                "notes: 1 changed",
            ],
        ),
    ],
)
@pytest.mark.parametrize(("option", "code"), [("--check", 1), ("--dry-run", 0)])
def test_what_does_not_match_the_records_is_named(
    option: str, code: int, deed: Callable[[Project], None], expected: list[str], project: Project
) -> None:
    run("build")
    deed(project)
    before = everything(project.folder)
    result = run("build", option, at=LATER)
    assert (result.exit_code, said(result)) == (code, expected)
    assert everything(project.folder) == before
    # What was foretold is what is done.
    assert run("build", at=LATER).exit_code == 0
    after = everything(project.folder)
    changed = {name for name in after if after[name] != before.get(name)} - {"decks", "decks/.trialdeck.lock"}
    assert changed == {line.split()[-1] for line in expected if line.startswith("would ")}
    assert run("build", "--check", at=LATER + DAY).exit_code == 0


@pytest.mark.parametrize(("deed", "last"), [(lose_ledger, "a build is refused"), (remove_question, "notes: 1 retired")])
def test_check_sees_a_lost_ledger_and_a_removed_question(
    deed: Callable[[Project], None], last: str, project: Project
) -> None:
    run("build")
    deed(project)
    before = everything(project.folder)
    result = run("build", "--check", at=LATER)
    assert (result.exit_code, said(result)[-1]) == (1, last)
    assert everything(project.folder) == before


@pytest.mark.parametrize("option", ["--check", "--dry-run"])
def test_a_fault_in_a_record_is_told_as_in_a_build(option: str, project: Project) -> None:
    project.edit("dawn-1", status="status: unknown")
    before = everything(project.folder)
    result = run("build", option)
    assert result.exit_code == 1
    assert "seeds/dawn-1.yaml:" in result.stderr
    assert "error: the records have errors" in result.stderr
    assert everything(project.folder) == before


def test_check_of_one_deck_looks_at_that_deck_alone(project: Project) -> None:
    run("build", "--deck", "all")
    assert run("build", "--check", "--deck", "all").exit_code == 0
    assert run("build", "--check").exit_code == 1


def test_check_of_one_file_uses_its_own_packages(project: Project) -> None:
    run("build", "seeds/dawn-1.yaml", "--out", "one")
    assert run("build", "--check", "seeds/dawn-1.yaml", "--out", "one").output == "everything is up to date\n"


# --deck


def test_a_deck_is_built_alone(project: Project) -> None:
    assert run("build", "--deck", "by").exit_code == 0
    assert {path.name for path in project.decks.glob("*.apkg")} == {
        "by-clinical.apkg",
        "by-mechanism.apkg",
        "by-reviewer.apkg",
    }


def test_several_decks_are_built_by_their_ids(project: Project) -> None:
    project.define("third", "name: Third")
    assert run("build", "--deck", "third", "--deck", "all").exit_code == 0
    assert {path.name for path in project.decks.glob("*.apkg")} == {"all.apkg", "third.apkg"}


def test_an_unknown_deck_is_an_error_that_names_those_that_are_known(project: Project) -> None:
    before = everything(project.folder)
    result = run("build", "--deck", "al")
    assert result.exit_code == 1
    assert result.stderr == "error: the project has no deck definition 'al'\n    defined are: all, by\n"
    assert everything(project.folder) == before


def test_without_definitions_no_deck_has_an_id(project: Project) -> None:
    for name in ("all", "by"):
        (project.decks / f"{name}.yaml").unlink()
    result = run("build", "--deck", "all")
    assert result.exit_code == 1
    assert "    its decks folder defines none\n" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--deck", "all", "seeds"],
        ["--deck", "all", "--by", "trial"],
        ["--deck", "all", "--perspective", "clinical"],
        ["--deck", "all", "--audience", "fellow"],
        ["--deck", "all", "--specialty", "oncology"],
        ["--check", "--dry-run"],
        ["--check", "--watch"],
        ["--dry-run", "--watch"],
        ["--check", "--dry-run", "--watch"],
    ],
)
def test_options_that_exclude_each_other_are_a_wrong_call(options: list[str], project: Project) -> None:
    before = everything(project.folder)
    result = run("build", *options)
    assert result.exit_code == 2
    assert "leave out PATH" in result.stderr or "exclude each other" in result.stderr
    assert everything(project.folder) == before


def test_a_filter_leaves_the_definitions_aside(project: Project) -> None:
    assert run("build", "--perspective", "mechanism").exit_code == 0
    assert {path.name for path in project.decks.glob("*.apkg")} == {"dawn-1.apkg"}


# editions


def editions(project: Project) -> dict[str, str]:
    package = open_package(project.decks / "all.apkg")
    return {key: edition_of(tags) for key, tags in package.tags.items()}


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is fourteen hours ahead of UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Pacific/Kiritimati")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_without_a_name_an_edition_is_the_day_of_the_build_in_utc(project: Project) -> None:
    midnight = NOW - NOW % DAY + DAY
    run("build", at=midnight - 1)
    assert set(editions(project).values()) == {"2026-09-21"}
    edit_record(project)
    run("build", at=midnight)
    assert {key for key, edition in editions(project).items() if edition == "2026-09-22"} == {WHY}


@pytest.mark.parametrize(("first", "second"), [("1", "2"), ("a.b_c", "a.b"), ("2026.1", "2026.10"), ("-", "_")])
def test_a_new_name_alone_changes_no_note(first: str, second: str, project: Project) -> None:
    project.settings(f"edition: '{first}'")
    run("build")
    before = open_package(project.decks / "all.apkg")
    ledger = (project.decks / "ledger.jsonl").read_bytes()
    project.settings(f"edition: '{second}'")
    result = run("build", at=LATER)
    assert result.output.splitlines()[-1] == "no note has changed"
    after = open_package(project.decks / "all.apkg")
    assert (after.changed, after.tags, after.notes) == (before.changed, before.tags, before.notes)
    assert (project.decks / "ledger.jsonl").read_bytes() == ledger
    assert set(editions(project).values()) == {first}
    edit_record(project)
    run("build", at=LATER)
    assert editions(project).pop(WHY) == second
    assert set(editions(project).values()) == {first, second}
    assert {key for key, edition in editions(project).items() if edition == second} == {WHY}


def test_an_edition_may_take_an_earlier_name_again(project: Project) -> None:
    for day, (edition, response) in enumerate((("one", "It binds"), ("two", "It blocks"), ("one", "It helps"))):
        project.settings(f"edition: {edition}")
        project.record("dawn-1", response=response)
        run("build", at=NOW + day * DAY)
    assert set(editions(project).values()) == {"one"}
    line = project.line(WHY)
    assert (line.since, line.edition, line.created, line.changed) == ("one", "one", NOW, NOW + 2 * DAY)


def test_a_note_has_one_tag_of_an_edition(project: Project) -> None:
    for day in range(3):
        project.record("dawn-1", response=f"It binds {day}")
        run("build", at=NOW + day * DAY)
    tags = open_package(project.decks / "all.apkg").tags[WHY]
    assert [tag for tag in tags if "::edition::" in tag] == ["trialdeck::edition::2026-09-23"]
    assert tags == sorted(tags)


@pytest.mark.parametrize("stated", ["0", "-1", "²", "today", "1e9", " 5", "99999999999999", "1790000000.5"])
def test_a_build_time_that_no_package_can_have_is_a_wrong_call(stated: str, project: Project) -> None:
    before = everything(project.folder)
    for option in ([], ["--check"]):
        result = CliRunner().invoke(main, ["build", *option], env={"SOURCE_DATE_EPOCH": stated})
        assert result.exit_code == 2
        assert "SOURCE_DATE_EPOCH is " in result.stderr
    assert everything(project.folder) == before


@pytest.mark.parametrize("stated", ["315532800", "9999999999"])
def test_far_build_times_give_ids_that_anki_can_have(stated: str, project: Project) -> None:
    assert run("build", at=int(stated)).exit_code == 0
    assert min(open_package(project.decks / "all.apkg").row_ids) > 0
    assert run("build", "--check", at=int(stated)).exit_code == 0


# places


def test_two_records_of_one_file_name_in_different_folders(project: Project) -> None:
    (project.seeds / "deep").mkdir()
    path = project.record("noon-1")
    path.rename(project.seeds / "deep" / "dawn-1.yaml")
    assert run("build").exit_code == 0
    (project.seeds / "deep" / "dawn-1.yaml").unlink()
    run("build", at=LATER)
    assert {line.trial for line in project.ledger.retired} == {"noon-1"}


def test_a_record_outside_any_project_is_built_beside_it(
    tmp_path_factory: pytest.TempPathFactory, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "dawn-1.yaml").write_bytes((project.seeds / "dawn-1.yaml").read_bytes())
    monkeypatch.chdir(elsewhere)
    assert run("build", "dawn-1.yaml").exit_code == 0
    assert {path.name for path in (elsewhere / "decks").glob("*.apkg")} == {"dawn-1.apkg"}
    assert run("build").exit_code == 2


@pytest.mark.parametrize("out", ["seeds/out", "decks/out", "."])
def test_packages_may_go_anywhere_in_the_project(out: str, project: Project) -> None:
    assert run("build", "--out", out).exit_code == 0
    assert run("build", "--check", "--out", out, at=LATER).exit_code == 0
    assert {path.name for path in (project.folder / out).glob("*.apkg")} >= {"all.apkg"}


def test_a_package_behind_a_link_in_the_folder_is_replaced_there(project: Project) -> None:
    run("build")
    project.decks.joinpath("real").mkdir()
    real = project.decks / "real" / "all.apkg"
    (project.decks / "all.apkg").rename(real)
    (project.decks / "all.apkg").symlink_to(real)
    assert run("build", "--check", at=LATER).exit_code == 0
    edit_record(project)
    run("build", at=LATER)
    assert (project.decks / "all.apkg").is_symlink()
    assert "It blocks" in open_package(real).notes[WHY]["Response"]


# --watch


class Watched:
    """A process that keeps building, and what it says, line by line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: queue.Queue[str] = queue.Queue()
        self.heard: list[str] = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, words: str) -> list[str]:
        """What it says until it says this."""
        start = len(self.heard)
        while not self.heard[start:] or words not in self.heard[-1]:
            try:
                self.heard.append(self.lines.get(timeout=20))
            except queue.Empty:
                pytest.fail(f"never said: {words}; said: {self.heard}")
        return self.heard[start:]

    def end(self) -> list[str]:
        """Press Ctrl-C, and return what else it says."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=20) == 0
        self.reader.join(timeout=20)
        rest = []
        while not self.lines.empty():
            rest.append(self.lines.get())
        return rest


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[Watched]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "trialdeck", "build", "--watch", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    try:
        yield Watched(process)
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def saved_as_editors_do(path: Path, text: str) -> None:
    """Write a new file and move it into the place of the old one."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def test_watching_builds_on_every_save_until_ctrl_c(project: Project) -> None:
    record = project.seeds / "dawn-1.yaml"
    text = record.read_text(encoding="utf-8")
    with watching(project.folder) as watched:
        first = watched.until("Ctrl-C ends")
        assert "notes: 10 new" in first
        assert first[-1] == "watching decks, seeds; Ctrl-C ends"
        record.write_text(text.replace("It binds", "It blocks"), encoding="utf-8")
        watched.until("notes: 1 changed")
        assert "It blocks" in project.opened("all").notes[WHY]["Response"]
        saved_as_editors_do(record, text.replace("perspective: mechanism", "perspective: mechanic"))
        told = watched.until("`trialdeck check` lists them")
        assert any(line.startswith("seeds/dawn-1.yaml:") and "mechanic" in line for line in told)
        assert "It blocks" in project.opened("all").notes[WHY]["Response"]
        saved_as_editors_do(record, text.replace("It binds", "It helps"))
        watched.until("notes: 1 changed")
        assert "It helps" in project.opened("all").notes[WHY]["Response"]
        project.define("third", "name: Third")
        watched.until("no note has changed")
        assert (project.decks / "third.apkg").is_file()
        # What a build writes is no save: it would never end.
        assert not watched.end()
        assert not any("Traceback" in line for line in watched.heard)


def test_watching_one_file_hears_of_every_save_and_of_a_broken_start(project: Project) -> None:
    record = project.seeds / "dawn-1.yaml"
    text = record.read_text(encoding="utf-8")
    record.write_text("format: 1\n", encoding="utf-8")
    with watching(project.folder, "seeds/dawn-1.yaml", "--out", "one") as watched:
        watched.until("Ctrl-C ends")
        assert any("TD104" in line for line in watched.heard)
        saved_as_editors_do(record, text)
        watched.until("notes: 10 new")
        saved_as_editors_do(record, text.replace("It binds", "It blocks"))
        watched.until("notes: 1 changed")
        saved_as_editors_do(record, text.replace("It binds", "It helps"))
        watched.until("notes: 1 changed")
        assert not watched.end()


def test_watching_without_its_library_says_what_to_install(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = run("build", "--watch")
    assert result.exit_code == 1
    assert "trialdeck[watch]" in result.stderr
    assert not (project.decks / "ledger.jsonl").exists()


def test_a_deck_that_is_named_twice_is_built_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record()
    project.define("all", "name: All")
    assert project.build(NOW, "all", "all").outputs.keys() == {"all.apkg"}
