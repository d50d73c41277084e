"""Every command that writes, with every call of the system that fails once, is the last, or meets another command."""

import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import genanki
import pytest
from click.testing import CliRunner, Result

from faults import System, at
from projects import DAY, NOW, Project
from sheets import Book
from trialdeck.cards.keys import guid_of
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cli import main
from trialdeck.files import COMMIT, STAGING

pytestmark = [
    pytest.mark.uncounted,
    pytest.mark.skipif(sys.platform != "linux", reason="the paths of open files are those of Linux"),
]

KILLS = int(os.environ.get("TRIALDECK_KILLS", "25"))
"""How many processes are killed, over all commands; all moments of all commands for more than there are."""
LOCK = ".trialdeck.lock"
QUESTION = note_type(Kind.QUESTION)
MODEL = genanki.Model(
    1607392319,
    "Facts",
    fields=[{"name": name} for name in ("Ask", "Tell", "Study")],
    templates=[{"name": "Card", "qfmt": "{{Ask}}", "afmt": "{{Tell}}"}],
)
Prepare = Callable[[Project], None]


@dataclass(frozen=True)
class Command:
    """A command as it is called in a project, what there is before, and how many calls of the system it makes."""

    words: tuple[str, ...]
    prepare: Prepare
    least: int


def two_records(project: Project) -> None:
    project.record("dawn-1")
    project.record("noon-1", related="{id: noon-9, name: NOON-9, tested: Noonol, endpoint: Survival}")


def built(project: Project) -> None:
    two_records(project)
    project.build(NOW - DAY)


def edited(project: Project) -> None:
    built(project)
    project.edit("dawn-1", response="It blocks")
    project.edit("noon-1", summary="Noonol did.\n")


def defined(project: Project) -> None:
    project.define("whole", "name: All of it")
    project.define("views", "name: Views", "split: perspective")
    edited(project)


def retired(project: Project) -> None:
    two_records(project)
    project.build(NOW - 2 * DAY)
    project.edit("dawn-1", why="")
    project.build(NOW - DAY)


def lost(project: Project) -> None:
    built(project)
    (project.decks / "ledger.jsonl").unlink()


def returned(project: Project) -> None:
    """Records in two folders, and a package as somebody has edited its notes."""
    built(project)
    (project.seeds / "deep").mkdir()
    (project.seeds / "noon-1.yaml").rename(project.seeds / "deep" / "noon-1.yaml")
    model = genanki.Model(
        QUESTION.id,
        QUESTION.name,
        fields=[{"name": each.name} for each in QUESTION.fields],
        templates=[{"name": each.name, "qfmt": each.front, "afmt": each.back} for each in QUESTION.templates],
    )
    deck = genanki.Deck(1, "Landmark Trials")
    for trial in ("dawn-1", "noon-1"):
        packed = project.opened(trial)
        key = f"{trial}/question/why"
        values = {**packed.notes[key], "Response": "<p>It binds tightly.</p>"}
        deck.add_note(
            genanki.Note(
                model, [values[each.name] for each in QUESTION.fields], guid=guid_of(key), tags=packed.tags[key]
            )
        )
    fresh = QUESTION.filled(Question="Is it dawn?", Response="Yes", Trial="DAWN-1")
    deck.add_note(genanki.Note(model, list(fresh), guid="p3Q8Yx"))
    genanki.Package(deck).write_to_file(project.folder / "from-anki.apkg", timestamp=NOW)


def in_sheets(project: Project) -> None:
    """Records in two folders, and a workbook that changes both and has a new one."""
    two_records(project)
    (project.seeds / "deep").mkdir()
    (project.seeds / "noon-1.yaml").rename(project.seeds / "deep" / "noon-1.yaml")
    sheets = project.folder / "trials.xlsx"
    assert CliRunner().invoke(main, ["sheet", "export", str(project.seeds), "-o", str(sheets)]).exit_code == 0
    book = Book(sheets)
    for trial in ("dawn-1", "noon-1"):
        book.put("Trials", (trial,), "tested", "Dawnol daily")
    book.add("Trials", id="new-1", title="A title", summary="Something.")
    book.save()


def foreign(project: Project) -> None:
    """A deck of somebody else, of one trial that has a record and of one that has none."""
    two_records(project)
    deck = genanki.Deck(1, "Facts")
    for study in ("DAWN-1", "DUSK-2"):
        deck.add_note(genanki.Note(MODEL, [f"What of {study}?", "It works.", study]))
    genanki.Package(deck).write_to_file(project.folder / "facts.apkg", timestamp=NOW)
    form = "format: 1\nquestion: Ask\nresponse: Tell\ntrial_field: Study\n"
    (project.folder / "map.yaml").write_text(form, encoding="utf-8")


def saved_page(project: Project) -> None:
    two_records(project)
    page = "EVE-2 Trial\n\nSummary\n\nEvenol worked.\n"
    (project.folder / "page.txt").write_text(page, encoding="utf-8")


def with_site(project: Project) -> None:
    """A site of before, of which pages change and go."""
    built(project)
    result = CliRunner().invoke(main, ["site", str(project.seeds), "--out", str(project.folder / "site")], env=SEALED)
    assert result.exit_code == 0, result.output
    (project.seeds / "noon-1.yaml").unlink()
    project.edit("dawn-1", response="It blocks")


def exported(project: Project) -> None:
    """Sheets of before."""
    two_records(project)
    for out in ("trials.xlsx", "sheets"):
        call = ["sheet", "export", str(project.seeds), "-o", str(project.folder / out)]
        assert CliRunner().invoke(main, call).exit_code == 0
    project.edit("dawn-1", response="It blocks")


SEALED = {"SOURCE_DATE_EPOCH": str(NOW)}
BUILD = ("build", "--workers", "1")
COMMANDS = {
    "first build": Command(BUILD, two_records, 40),
    "build": Command(BUILD, edited, 40),
    "build of definitions": Command(BUILD, defined, 40),
    "retire": Command(("retire", "--before", "2100-01-01"), retired, 10),
    "ledger rebuild": Command(("ledger", "rebuild", "decks/dawn-1.apkg", "decks/noon-1.apkg", "--force"), lost, 10),
    "pull": Command(("pull", "from-anki.apkg", "--apply"), returned, 20),
    "sheet import": Command(("sheet", "import", "trials.xlsx"), in_sheets, 20),
    "sheet export": Command(("sheet", "export", "-o", "trials.xlsx", "--force"), exported, 4),
    "sheet export of CSV": Command(("sheet", "export", "-o", "sheets", "--force"), exported, 10),
    "import": Command(("import", "facts.apkg", "--map", "map.yaml"), foreign, 15),
    "new": Command(("new", "eve-2", "--title", "Evenol", "-o", "seeds/eve-2.yaml", "--force"), two_records, 4),
    "ingest": Command(("ingest", "page.txt", "-o", "seeds/eve-2.yaml", "--force"), saved_page, 4),
    "site": Command(("site",), with_site, 40),
}
BUILDS = ("first build", "build", "build of definitions")


class Stage:
    """A folder with a project, the cache and temporary files, which can be put back to what it was before."""

    def __init__(self, folder: Path, command: Command) -> None:
        self.command = command
        self.root = folder / "stage"
        self.saved = folder / "saved"
        (self.saved / "temporary").mkdir(parents=True)
        # What belongs to a project depends on where it is: it is made where it will be used.
        self.saved.rename(self.root)
        command.prepare(Project(self.root / "project"))
        shutil.copytree(self.root, self.saved)
        self.before = self.files()

    def reset(self) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(self.saved, self.root)

    def run(self, system: System | None = None) -> Result:
        """Call the command in its project."""
        former = Path.cwd()
        environment = {**SEALED, "TRIALDECK_CACHE": str(self.root / "cache"), "TRIALDECK_DEBUG": None}
        os.chdir(self.root / "project")
        try:
            with (system or System(self.root)).watched():
                return CliRunner().invoke(main, self.command.words, env=environment)
        finally:
            os.chdir(former)

    def files(self) -> dict[str, bytes]:
        """Everything in the project and among temporary files, but locks; of folders, that they are there."""
        return {
            path.relative_to(self.root).as_posix(): content_of(path) if path.is_file() else b"<folder>"
            for top in ("project", "temporary")
            for path in (self.root / top).rglob("*")
            if path.name != LOCK
        }


def content_of(path: Path) -> bytes:
    """The content of a file; of a workbook, which has the time in it, that of all its other parts."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return repr([(name, archive.read(name)) for name in archive.namelist() if "core.xml" not in name]).encode()


@pytest.fixture(params=list(COMMANDS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody else work: whether workers are worth their start depends on how fast a machine is just then."""
    monkeypatch.setattr("trialdeck.pipeline.processes._START_TAKES", {"fork": 1e9, "spawn": 1e9})


@pytest.fixture
def stage(name: str, tmp_path: Path) -> Stage:
    return Stage(tmp_path, COMMANDS[name])


def undisturbed(stage: Stage) -> tuple[dict[str, bytes], list[str]]:
    """The result of the command, and the calls that it makes."""
    system = System(stage.root)
    done = stage.run(system)
    assert done.exit_code == 0, done.output
    result = stage.files()
    assert result != stage.before
    assert not litter(result)
    stage.reset()
    return result, system.steps


def litter(found: dict[str, bytes]) -> list[str]:
    return [name for name in found if re.search(f"{STAGING}|{COMMIT}|[.]tmp$|^temporary/", name)]


def only_files(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in found.items() if content != b"<folder>"}


TELLS = re.compile(
    r"(error: cannot .*[/\w.-]+.*|(error: )?[\w/.-]+:1:1: TD100 cannot read the file)"
    r": (No space left on device|Permission denied|Input/output error)"
)


def assert_told(done: Result, step: str) -> None:
    """One error, or a problem of a record before it, says in a line what is wrong and where, and a hint what to do."""
    assert done.exit_code == 1, step
    assert isinstance(done.exception, SystemExit), (step, done.exception)
    assert "fault of trialdeck" not in done.stderr, (step, done.stderr)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, (step, done.stderr)
    assert any(TELLS.fullmatch(line) for line in done.stderr.splitlines()), (step, done.stderr)


def test_whatever_the_system_refuses_nothing_is_half_done(
    name: str, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    result, steps = undisturbed(stage)
    assert len(steps) >= stage.command.least
    record_property("faults", len(steps))
    complaints = []
    for moment, step in enumerate(steps, 1):
        stage.reset()
        done = stage.run(System(stage.root, at(moment, "fail")))
        found = stage.files()
        try:
            if done.exit_code == 0:
                assert without(found, litter(found)) == result, step
                assert not litter(found) or step.startswith(("open", "rmdir", "unlink")), (step, litter(found))
            else:
                assert_told(done, step)
                is_committed = any(COMMIT in name for name in found)
                # Everything may be in place, but for the word of the disk that it will stay.
                is_unsure = step.startswith(("open", "fsync")) and found == result
                is_old = only_files(without(found, litter(found))) == only_files(stage.before)
                assert is_committed or is_old or is_unsure or is_site(name, found, stage, result), step
                is_removal = step.startswith(("open", "rmdir", "unlink"))
                # openpyxl removes its temporary files when the process ends.
                left = [each for each in litter(found) if "temporary/openpyxl." not in each]
                assert is_committed or is_removal or not left, (step, left)
            again = stage.run()
            assert again.exit_code == 0, (step, again.output)
            assert without(stage.files(), [name for name in found if "temporary/" in name]) == result, step
        except AssertionError as error:
            complaints.append(f"{step}: {str(error)[:600]}")
    assert not complaints, "\n".join(complaints)


def without(found: dict[str, bytes], names: Iterable[str]) -> dict[str, bytes]:
    return {name: found[name] for name in found.keys() - set(names)}


def is_site(name: str, found: dict[str, bytes], stage: Stage, result: dict[str, bytes]) -> bool:
    """A site goes forward file by file, the front page last: each is the old one or the new one."""
    return name == "site" and are_whole(found, stage, result)


def are_whole(found: dict[str, bytes], stage: Stage, result: dict[str, bytes]) -> bool:
    rest = set(found) - set(litter(found)) - {"project/site/site-files.json"}
    return all(found[name] in {stage.before.get(name), result.get(name)} for name in rest)


def test_whenever_it_is_interrupted_the_old_files_are_there_or_all_new_ones(
    name: str, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    result, steps = undisturbed(stage)
    record_property("interruptions", len(steps))
    complaints = []
    for moment, step in enumerate(steps, 1):
        stage.reset()
        done = stage.run(System(stage.root, at(moment, "interrupt")))
        found = stage.files()
        try:
            assert done.exit_code == 1, (step, done.exit_code)
            assert done.stderr.splitlines()[-1] == "Aborted!", (step, done.stderr)
            # openpyxl removes its temporary files when the process ends.
            left = [each for each in litter(found) if "temporary/openpyxl." not in each]
            assert not left, (step, left)
            whole = only_files(without(found, litter(found)))
            is_old_or_new = whole in [only_files(stage.before), only_files(result)]
            assert is_old_or_new or is_site(name, found, stage, result), step
            assert stage.run().exit_code == 0, step
            assert without(stage.files(), [name for name in found if "temporary/" in name]) == result, step
        except AssertionError as error:
            complaints.append(f"{step}: {str(error)[:600]}")
    assert not complaints, "\n".join(complaints)


# Kills


def killed_at(stage: Stage, moment: int, what: str) -> bool:
    """Run the command in a process of its own up to some moment; whether that was the end of it."""
    child = os.fork()
    if not child:
        stage.run(System(stage.root, at(moment, what)))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_whenever_it_is_killed_the_next_call_makes_it_good(
    name: str, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    result, steps = undisturbed(stage)
    moments = [(number, what) for number in range(1, len(steps) + 1) for what in ("before", "after")]
    share = max(2, KILLS // len(COMMANDS))
    chosen = moments[:: max(1, len(moments) // share)]
    complaints = []
    for number, what in chosen:
        step = f"{what} {steps[number - 1]}"
        stage.reset()
        assert killed_at(stage, number, what), step
        found = stage.files()
        # The next call comes when nobody can be writing into these any more.
        for left in (stage.root / each for each in found if each.endswith(".tmp")):
            os.utime(left, (NOW - DAY, NOW - DAY))
        if not are_whole(found, stage, result):
            complaints.append(f"{step}: half a file")
        done = stage.run()
        again = {name: content for name, content in stage.files().items() if "temporary/" not in name}
        if done.exit_code or again != result:
            differing = [name for name in again | result if again.get(name) != result.get(name)]
            complaints.append(f"{step}: {done.output} {differing}")
    record_property("kills", len(chosen))
    assert chosen
    assert not complaints, "\n".join(complaints)


def test_an_import_of_sheets_that_ends_between_two_folders_is_completed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, COMMANDS["sheet import"])
    result, steps = undisturbed(stage)
    commits = [number for number, step in enumerate(steps, 1) if step.startswith("rename") and STAGING in step]
    assert len(commits) == 2
    assert killed_at(stage, commits[1], "before")
    found = stage.files()
    new = [name for name in result if found.get(name) == result[name] != stage.before.get(name)]
    assert sorted(new) == ["project/seeds/dawn-1.yaml", "project/seeds/new-1.yaml"]
    assert found["project/seeds/deep/noon-1.yaml"] == stage.before["project/seeds/deep/noon-1.yaml"]
    assert stage.run().exit_code == 0
    assert stage.files() == result


# Two at once


def started(stage: Stage, words: tuple[str, ...]) -> subprocess.Popen[str]:
    environment = {**os.environ, **SEALED, "TRIALDECK_CACHE": str(stage.root / "cache")}
    command = [sys.executable, "-m", "trialdeck", *words]
    return subprocess.Popen(
        command,
        cwd=stage.root / "project",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(stage: Stage, *calls: tuple[str, ...], at_once: bool) -> dict[str, bytes]:
    """What commands leave, one after the other or all at once; one that came too late says what to do."""
    stage.reset()
    running = []
    for words in calls:
        running.append(started(stage, words))
        if not at_once:
            running[-1].wait()
    for process in running:
        _, complained = process.communicate(timeout=120)
        assert process.returncode == 0 or (at_once and re.search("meanwhile|under way|there already", complained)), (
            complained
        )
    return stage.files()


@pytest.mark.parametrize(
    ("one", "other", "prepare"),
    [
        ("pull", "pull", returned),
        ("sheet import", "sheet import", in_sheets),
        ("sheet export of CSV", "sheet export of CSV", exported),
        ("import", "import", foreign),
        ("retire", "build", retired),
        ("build", "pull", returned),
    ],
)
def test_two_at_once_leave_what_one_after_the_other_leaves(
    one: str, other: str, prepare: Prepare, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, Command((), prepare, 0))
    calls = [COMMANDS[one].words, COMMANDS[other].words]
    orders = [outcome(stage, *order, at_once=False) for order in {tuple(calls), tuple(calls[::-1])}]
    for _ in range(max(1, KILLS // 100)):
        found = outcome(stage, *calls, at_once=True)
        assert not litter(found)
        differing = {name for order in orders for name in found | order if found.get(name) != order.get(name)}
        # A build may see the records of one folder from before the other command, and those of another from after it.
        of_all = ("ledger.jsonl", "EDITIONS.md")
        is_mixed = "build" in {one, other} and all(
            found.get(name) in [order.get(name) for order in orders] or name.endswith(of_all) for name in differing
        )
        assert found in orders or is_mixed, differing
