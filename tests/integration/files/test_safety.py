"""Nothing that happens to a build harms what is there: kills, full and read-only disks, other builds, git, time."""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen

import pytest
from click.testing import CliRunner
from filelock import FileLock

from packages import open_package
from repositories import git
from trialdeck.cli import main
from trialdeck.core.transactions import COMMIT, STAGING
from trialdeck.editions.ledger import read_ledger

NOW = 1_790_000_000
DAY = 24 * 60 * 60
LEDGER = "ledger.jsonl"
EDITIONS = "EDITIONS.md"
LOCK = ".trialdeck.lock"
SPLITS = ("trial", "perspective")
TRIALS = ("dawn-1", "noon-1", "rain-1")

# How many builds are killed, over how many tests: these run on all cores.
KILLS = int(os.environ.get("TRIALDECK_KILLS", "10"))
SHARES = max(1, KILLS // 5)


@dataclass(frozen=True)
class Project:
    """A project of three records. Each of its editions changes every package, by trial and by perspective."""

    folder: Path
    text: str

    @property
    def decks(self) -> Path:
        return self.folder / "decks"

    def write(self, edition: int = 0, trials: Sequence[str] = TRIALS) -> None:
        (self.folder / "seeds").mkdir(parents=True, exist_ok=True)
        for trial in trials:
            (self.folder / "seeds" / f"{trial}.yaml").write_text(self._record(trial, edition), encoding="utf-8")

    def _record(self, trial: str, edition: int) -> str:
        changes = {"id: dawn-1": f"id: {trial}", "DAWN-1": trial.upper()}
        changes |= {text: f"{text} in {edition}" for text in ("It binds", "Follow-up was short", "Dawnol delayed")}
        return replaced(self.text, changes)

    def start(self, at: int, out: Path | None = None, by: str = "trial", before: Sequence[str] = ()) -> Popen[str]:
        """Start a build in a process of its own, by default into the project's own folder."""
        command = [*before, sys.executable, "-m", "trialdeck", "build", "--by", by, "--out", str(out or self.decks)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(at)}
        return Popen(command, cwd=self.folder, env=environment, stdout=PIPE, stderr=PIPE, text=True)

    def build(
        self, at: int, out: Path | None = None, by: str = "trial", before: Sequence[str] = ()
    ) -> CompletedProcess[str]:
        return ended(self.start(at, out, by, before))

    def build_well(self, at: int, out: Path | None = None, by: str = "trial") -> None:
        done = self.build(at, out, by)
        assert (done.returncode, done.stderr) == (0, "")

    def prepare(self, at: int, out: Path | None = None, by: str = "trial") -> None:
        """Build in this process, which is quicker, where that build is not what a test is about."""
        arguments = ["build", str(self.folder / "seeds"), "--by", by, "--out", str(out or self.decks)]
        assert CliRunner().invoke(main, arguments, env={"SOURCE_DATE_EPOCH": str(at)}).exit_code == 0


def ended(process: Popen[str]) -> CompletedProcess[str]:
    said, complained = process.communicate(timeout=120)
    return CompletedProcess(process.args, process.returncode, said, complained)


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"nothing to replace: {old}"
        text = text.replace(old, new)
    return text


@pytest.fixture
def project(tmp_path: Path, record_text: str) -> Project:
    made = Project(tmp_path / "project", record_text)
    made.write()
    return made


def found(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but the lock; a folder in it shows as litter."""
    return {
        path.name: path.read_bytes() if path.is_file() else b"<folder>"
        for path in folder.iterdir()
        if path.name != LOCK
    }


def stamps(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """The inode, the time and the content of every file."""
    states = {path.name: path.stat() for path in folder.iterdir()}
    return {name: (s.st_ino, s.st_mtime_ns, (folder / name).read_bytes()) for name, s in states.items()}


def packages(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.apkg"))


def changed(folder: Path) -> dict[str, int]:
    """When each note and note type was changed, by key, as the ledger has it."""
    return {line.key: line.changed for line in read_ledger(folder / LEDGER).lines.values()}


# Kills


@dataclass(frozen=True)
class Course:
    """How long a build took, in seconds, and how many changes of its folder could be seen from outside."""

    whole: float
    changes: int


def view(out: Path) -> list[tuple[str, int]]:
    try:
        return sorted((path.name, path.stat().st_mtime_ns) for path in out.iterdir())
    except FileNotFoundError:  # the folder is not there yet, or a file goes while one looks
        return []


def changes(process: Popen[str], out: Path) -> Iterator[int]:
    """Count the changes of a folder as they are seen, while a build runs."""
    seen, count = view(out), 0
    while process.poll() is None:
        now = view(out)
        if now != seen:
            seen, count = now, count + 1
            yield count
        if not count:  # afterwards they come within a millisecond
            time.sleep(0.0002)


def watched(process: Popen[str], out: Path) -> Course:
    """Measure an undisturbed build."""
    start = time.monotonic()
    seen = max(changes(process, out), default=0)
    whole = time.monotonic() - start
    done = ended(process)
    assert (done.returncode, done.stderr) == (0, "")
    return Course(whole, seen)


def kill_by_the_clock(process: Popen[str], out: Path, course: Course, part: float) -> None:
    time.sleep(course.whole * part)
    process.kill()


def kill_while_writing(process: Popen[str], out: Path, course: Course, part: float) -> None:
    """Kill at one of the changes: these are a small part of the time, and the one in which most could go wrong."""
    moment = 1 + int(course.changes * part)
    next((count for count in changes(process, out) if count == moment), None)
    process.kill()


def assert_whole(out: Path) -> None:
    """Whatever a kill has left, everybody who looks sees whole files that fit the ledger."""
    ledger = read_ledger(out / LEDGER)
    for path in packages(out):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
        package = open_package(path)  # which checks the integrity of the database
        assert package.notes
        for key, changed_in_package in package.changed.items():
            assert changed_in_package <= ledger.lines[package.guids[key]].changed, f"{path.name}: {key}"


def state_after(process: Popen[str], out: Path) -> str:
    if process.returncode == 0:
        return "ended before the kill"
    assert process.returncode < 0
    if (out / STAGING).exists():
        return "killed before the commit"
    if (out / COMMIT).exists():
        return f"killed after the commit, {len(list((out / COMMIT).iterdir()))} files to move"
    return "killed with nothing to make good"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("share", range(SHARES))
def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_makes_it_good(
    share: int, project: Project, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    undisturbed, victim = tmp_path / "undisturbed", tmp_path / "victim"
    numbers = range(share, KILLS, SHARES)
    kills = (kill_by_the_clock, kill_while_writing)
    # Evenly spread over the time that a build takes, and no two at the same moment.
    parts = [(number + 0.5) / KILLS for number in range(KILLS)]
    random.Random(1).shuffle(parts)
    states: Counter[str] = Counter()
    course = Course(0, 0)
    for edition, number in enumerate(numbers):
        project.write(edition)
        at, by = NOW + edition * DAY, SPLITS[edition // 2 % 2]
        if edition == 0:
            course = watched(project.start(at, undisturbed, by), undisturbed)
        else:
            project.prepare(at, undisturbed, by)
        process = project.start(at, victim, by)
        kills[(edition + share) % 2](process, victim, course, parts[number])
        ended(process)
        assert_whole(victim)
        states[state_after(process, victim)] += 1
        # What makes it good is measured for the next kill; it has nothing to write where the kill came too late.
        again = watched(project.start(at, victim, by), victim)
        course = Course(again.whole, max(again.changes, course.changes))
        assert found(victim) == found(undisturbed)
    record_property("states", dict(sorted(states.items())))  # which --junitxml writes down
    assert states.total() == len(numbers)
    assert any(state.startswith("killed") for state in states)


# Disks


def mounted(place: Path, options: str) -> None:
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")


def remounted(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    if not (sys.platform == "linux" and shutil.which("mount")):
        pytest.skip("only Linux can mount a small file system in memory")
    place = tmp_path / "disk"
    mounted(place, "size=1m,nr_inodes=100")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def pages(size: int) -> int:
    return -(-size // os.sysconf("SC_PAGESIZE"))


def fill(disk: Path, left: int) -> None:
    """Fill a disk but for so many pages."""
    state = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(bytes((state.f_bavail - left) * state.f_bsize))
    assert os.statvfs(disk).f_bavail == left


def use_up_names(disk: Path) -> None:
    (disk / "filler").mkdir()
    for number in range(os.statvfs(disk).f_ffree):
        (disk / "filler" / str(number)).touch()
    assert os.statvfs(disk).f_ffree == 0


def assert_refused(done: CompletedProcess[str], place: str, reason: str) -> None:
    """It says so in one line, with a hint, and nothing else."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(f"error: cannot write {place}: {reason}\n    nothing was changed there\n", done.stderr)


@pytest.mark.parametrize(
    "room", [0, 1, 0.5, -1, None], ids=["no page", "one page", "half of it", "all but one page", "no name"]
)
def test_a_build_that_does_not_fit_on_the_disk_changes_nothing(
    room: float | None, project: Project, disk: Path, tmp_path: Path
) -> None:
    out, elsewhere = disk / "decks", tmp_path / "elsewhere"
    for folder in (out, elsewhere):
        project.prepare(NOW, folder)
    before = stamps(out)
    project.write(1)
    project.prepare(NOW + DAY, elsewhere)
    new = [content for name, content in found(elsewhere).items() if content != before[name][2]]
    needed = sum(pages(len(content)) for content in new)
    if room is None:
        use_up_names(disk)
    else:
        fill(disk, {0.5: needed // 2, -1: needed - 1}.get(room, int(room)))
    place = re.escape(str(out)) + r"(/[\w.-]+)?"
    assert_refused(project.build(NOW + DAY, out), place, "No space left on device")
    assert stamps(out) == before
    filler = disk / "filler"
    shutil.rmtree(filler) if filler.is_dir() else filler.unlink()
    project.build_well(NOW + DAY, out)
    assert found(out) == found(elsewhere)


def test_a_first_build_that_does_not_fit_on_the_disk_leaves_nothing(project: Project, disk: Path) -> None:
    out = disk / "decks"
    fill(disk, 3)
    assert_refused(project.build(NOW, out), re.escape(str(out)) + r"/[\w.-]+", "No space left on device")
    assert found(out) == {}


@pytest.mark.parametrize("there", ["decks and lock", "decks", "nothing"])
def test_a_read_only_disk_is_told_and_left_alone(there: str, project: Project, disk: Path) -> None:
    out = disk / "decks"
    if there != "nothing":
        project.prepare(NOW, out)
    if there == "decks":
        (out / LOCK).unlink()
    before = stamps(out) if out.exists() else {}
    project.write(1)
    remounted(disk, "ro")
    assert_refused(project.build(NOW + DAY, out), re.escape(str(out)), "Read-only file system")
    assert (stamps(out) if out.exists() else {}) == before
    remounted(disk, "rw")
    project.build_well(NOW + DAY, out)
    assert len(packages(out)) == len(TRIALS)


def test_a_folder_that_is_not_ours_to_write_is_told_and_left_alone(project: Project) -> None:
    # The superuser may write everywhere, unless that power is taken away.
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    if powerless and not shutil.which("setpriv"):
        pytest.skip("the superuser may write everywhere, and there is no setpriv")
    project.prepare(NOW)
    before = stamps(project.decks)
    project.write(1)
    project.decks.chmod(0o555)
    done = project.build(NOW + DAY, before=powerless)
    project.decks.chmod(0o755)
    assert_refused(done, re.escape(str(project.decks)) + r"(/[\w.-]+)?", "Permission denied")
    assert stamps(project.decks) == before


# Other builds


def test_builds_at_once_wait_for_each_other(project: Project, tmp_path: Path) -> None:
    start = time.monotonic()
    for by in SPLITS:
        project.build_well(NOW, tmp_path / "one after the other", by)
    took = time.monotonic() - start
    out = tmp_path / "at once"
    out.mkdir()
    with FileLock(out / LOCK):
        processes = [project.start(NOW, out, by) for by in (*SPLITS, *SPLITS)]
        time.sleep(took)
        assert [process.poll() for process in processes] == [None] * 4
        assert found(out) == {}
    assert [(done.returncode, done.stderr) for done in map(ended, processes)] == [(0, "")] * 4
    assert found(out) == found(tmp_path / "one after the other")


# Surroundings and time


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in which the order of files is that of their making, where there is one: on most disks it is not."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)


def built_under(project: Project, surroundings: dict[str, str], umask: int, start: str) -> dict[str, dict[str, bytes]]:
    """Build two editions with both splits, as somebody else would on another machine."""
    states = {}
    for edition in (0, 1):
        if edition:
            project.write(edition, trials=("noon-1",))
        for by in SPLITS:
            environment = {**os.environ, **surroundings, "SOURCE_DATE_EPOCH": str(NOW + edition * DAY)}
            command = [sys.executable, "-m", "trialdeck", "build", "--by", by]
            done = subprocess.run(
                command, cwd=project.folder / start, env=environment, umask=umask, capture_output=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, b"")
            states[f"{edition} by {by}"] = found(project.decks)
    return states


def test_surroundings_do_not_change_a_byte(tmp_path: Path, other_disk: Path, record_text: str) -> None:
    one, other = Project(tmp_path / "clone", record_text), Project(other_disk / "ein Klön", record_text)
    one.write(trials=TRIALS)
    other.write(trials=TRIALS[::-1])
    for record in (other.folder / "seeds").iterdir():
        os.utime(record, (NOW - 7 * DAY, NOW - 7 * DAY))
    here = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C", "COLUMNS": "40"}
    there = {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "HOME": "/", "PYTHONUTF8": "1"}
    built = built_under(one, here, 0o022, ".")
    assert set(built["1 by perspective"]) == {
        *(f"{name}.apkg" for name in (*TRIALS, "mechanism", "clinical", "reviewer")),
        *(".gitattributes", EDITIONS, LEDGER),
    }
    assert len({built[state][LEDGER] for state in built}) == 2
    assert built_under(other, there, 0o077, "seeds") == built


def test_a_rebuild_with_nothing_changed_touches_nothing(project: Project) -> None:
    for by in SPLITS:
        project.build_well(NOW, by=by)
    before = stamps(project.decks)
    for by in SPLITS:
        project.build_well(NOW + 400 * DAY, by=by)
    assert stamps(project.decks) == before


# Git


ABROAD = """\
  - id: abroad
    perspective: reviewer
    question: Does it hold elsewhere?
    response: Nobody has tried.
"""
EDITS = {
    "dawn-1/question/abroad": ("Nobody has tried", "Somebody has tried"),
    "dawn-1/question/whom": ("Adults with example disease.", "Children with example disease."),
    "dawn-1/question/why": ("It binds", "It blocks"),
    "dawn-1/takeaway/start": ("Start early", "Start late"),
}


def commit(project: Project, at: int) -> None:
    project.prepare(at)
    git(project.folder, "add", ".")
    git(project.folder, "commit", "-m", "An edition")


def edit(project: Project, key: str) -> None:
    record = project.folder / "seeds" / "dawn-1.yaml"
    record.write_text(replaced(record.read_text(encoding="utf-8"), dict([EDITS[key]])), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, record_text: str) -> Project:
    """A project in git, with a first edition."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    made = Project(tmp_path / "repository", record_text.replace("  - id: why\n", f"{ABROAD}  - id: why\n"))
    made.write(trials=("dawn-1",))
    (made.folder / ".gitignore").write_text("*.apkg\n.trialdeck.*\n", encoding="utf-8")
    git(made.folder, "init", "--initial-branch", "main")
    commit(made, NOW)
    return made


def branches_built(repository: Project, first: str, second: str, apart: int) -> None:
    """Change and build on two branches, the second later by so many seconds."""
    for branch, key, at in (("first", first, NOW + DAY), ("second", second, NOW + DAY + apart)):
        git(repository.folder, "checkout", "-b", branch, "main")
        edit(repository, key)
        commit(repository, at)


def merge(repository: Project, source: str, target: str) -> None:
    git(repository.folder, "checkout", target)
    git(repository.folder, "merge", "--no-edit", source)
    assert git(repository.folder, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("first", "second", "between", "source", "target"),
    [
        ("dawn-1/question/whom", "dawn-1/question/why", 0, "first", "second"),
        ("dawn-1/question/why", "dawn-1/question/whom", 0, "second", "first"),
        ("dawn-1/question/abroad", "dawn-1/question/why", 1, "first", "second"),
        ("dawn-1/question/abroad", "dawn-1/takeaway/start", 4, "second", "first"),
    ],
)
def test_branches_that_change_different_notes_merge(
    first: str, second: str, between: int, source: str, target: str, repository: Project
) -> None:
    decks, base = repository.decks, changed(repository.decks)
    places = sorted(base)
    assert abs(places.index(first) - places.index(second)) == between + 1
    branches_built(repository, first, second, apart=DAY)
    merge(repository, source, target)
    repository.build_well(NOW + 30 * DAY)
    assert changed(decks) == {**base, first: NOW + DAY, second: NOW + 2 * DAY}
    package = open_package(decks / "dawn-1.apkg")
    assert package.changed == {key: changed(decks)[key] for key in package.changed}
    assert EDITS[first][1] in package.notes[first]["Response"]
    assert EDITS[second][1] in package.notes[second]["Response"]
    rows = (decks / LEDGER).read_text(encoding="utf-8").splitlines()
    assert len(rows) == len(base)
    assert rows == sorted(rows, key=lambda row: row.split('"')[3])


@pytest.mark.parametrize("apart", [DAY, 60], ids=["two editions", "one edition"])
@pytest.mark.parametrize("source", ["first", "second"])
def test_release_notes_of_two_branches_merge(source: str, apart: int, repository: Project) -> None:
    keys = ("dawn-1/question/whom", "dawn-1/question/why")
    branches_built(repository, *keys, apart)
    merge(repository, source, "second" if source == "first" else "first")
    repository.build_well(NOW + 30 * DAY)
    text = (repository.decks / EDITIONS).read_text(encoding="utf-8")
    days = {"2026-09-21", "2026-09-22", *(["2026-09-23"] if apart == DAY else [])}
    sections = dict(re.findall(r"(?ms)^## (\S+)$(.*?)(?=^## |\Z)", text))
    assert set(sections) == days
    # A section without an end mark would swallow the next one when it is written again.
    assert re.findall(r"<!-- (edition|end)", text) == ["edition", "end"] * len(days)
    assert [text.count(f"`{key}`") for key in keys] == [1, 1]
