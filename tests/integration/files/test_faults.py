"""Every command that writes, with every call of the system that fails once, is the last, or meets another command."""

import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from faults import System, at
from matrices import IS_FULL
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.core.transactions import COMMIT, STAGING
from writing import COMMANDS, SEALED, Command, Prepare, exported, foreign, in_sheets, retired, returned

pytestmark = [
    pytest.mark.uncounted,
    pytest.mark.skipif(sys.platform != "linux", reason="the paths of open files are those of Linux"),
]

KILLS = int(os.environ.get("TRIALDECK_KILLS", "10"))
"""How many processes are killed, over all commands; all moments of all commands for more than there are."""
LOCK = ".trialdeck.lock"


class Stage:
    """A folder with a project and what a user has beside it, which can be put back to what it was before."""

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

    @property
    def places(self) -> dict[str, str]:
        """The variables that name the folders of the user."""
        return {"TRIALDECK_CACHE": str(self.root / "cache"), "TRIALDECK_STATE": str(self.root / "state")}

    def run(self, system: System | None = None) -> Result:
        """Call the command in its project."""
        former = Path.cwd()
        environment = {**SEALED, **self.places, "TRIALDECK_DEBUG": None}
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
    monkeypatch.setattr("trialdeck.project.parallel.processes._START_TAKES", {"fork": 1e9, "spawn": 1e9})


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


def chosen_of(steps: Sequence[str], ends: Sequence[int] = (0, -1)) -> list[tuple[int, str]]:
    """The moments at which something happens: all, or by default the first and the last of those that are alike.

    Alike are the same call to the same kind of file, at its place, staged or committed: the first has everything before
    it, the last everything but the end behind it. Those in between are the same line of code at one more record.
    """
    moments = list(enumerate(steps, 1))
    if IS_FULL:
        return moments
    alike: dict[tuple[str, str, bool, bool], list[tuple[int, str]]] = {}
    for moment, step in moments:
        call, _, path = step.partition(" ")
        kind = (call, Path(path).suffix, STAGING in path, COMMIT in path)
        alike.setdefault(kind, []).append((moment, step))
    return sorted({same[end] for same in alike.values() for end in ends})


def litter(found: dict[str, bytes]) -> list[str]:
    return [name for name in found if re.search(f"{STAGING}|{COMMIT}|[.]tmp$|^temporary/", name)]


def only_files(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in found.items() if content != b"<folder>"}


TELLS = re.compile(
    r"(error: cannot .*[/\w.-]+.*|(error: )?[\w/.-]+:1:1: error \[TD100\] cannot read the file)"
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
    record_property("faults", len(chosen_of(steps)))
    complaints = []
    for moment, step in chosen_of(steps):
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
    chosen = chosen_of(steps, [-1])
    record_property("interruptions", len(chosen))
    complaints = []
    for moment, step in chosen:
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
    environment = {**os.environ, **SEALED, **stage.places}
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
