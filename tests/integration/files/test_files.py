"""Files are written whole or not at all, whatever happens on the way."""

import errno
import fcntl
import io
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core import transactions
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.locks import file_lock
from trialdeck.core.transactions import COMMIT, LOCK, STAGING, finish_commit, locked, replace_files

OLD = {"ledger.jsonl": b"old ledger", "aspire.apkg": b"old aspire", "same.apkg": b"same", "other.txt": b"not ours"}
NEW = {"ledger.jsonl": b"new ledger", "same.apkg": b"same", "new.apkg": b"first " * 9, "aspire.apkg": b"new aspire"}
CHANGED = ("ledger.jsonl", "new.apkg", "aspire.apkg")
BOTH = {**OLD, **NEW}


class KilledError(BaseException):
    """Stands for SIGKILL: nothing catches it, and no later step of the process happens either."""


Fault = Callable[[int, str], BaseException | None]
"""What goes wrong with a step, if anything: its number, counted from one, and its name."""


class Disk:
    """Counts the steps that change something on disk, and lets `fault` say what becomes of each."""

    CALLS = ("open", "mkdir", "rmdir", "unlink", "rename", "replace", "chmod")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        self.steps.append(name)
        fault = self.fault(len(self.steps), name)
        if fault is not None:
            raise fault

    @contextmanager
    def watched(self) -> Iterator["Disk"]:
        with pytest.MonkeyPatch.context() as patch:
            for name in self.CALLS:
                patch.setattr(os, name, self._counted(name, getattr(os, name)))
            # Nothing is lost by a simulated kill, so that the disk need not be waited for.
            patch.setattr(os, "fsync", lambda _: self.step("fsync"))
            patch.setattr(io, "open", self._opener(io.open))
            yield self

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **more: Any) -> Any:
            self.step(name)
            return call(*arguments, **more)

        return counted

    def _opener(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
            if "x" not in mode:
                return call(path, mode, *arguments, **more)
            self.step("create")
            halves = _Halves(path, mode, self)
            return io.BufferedRandom(halves) if "+" in mode else io.BufferedWriter(halves)

        return opened


class _Halves(io.FileIO):
    """A file that takes half of what is written at a time, so that a fault can strike in the middle of a content."""

    def __init__(self, path: Any, mode: str, disk: Disk) -> None:
        super().__init__(path, mode)
        self.disk = disk

    def write(self, content: Any) -> int:
        self.disk.step("write")
        return super().write(bytes(content)[: (len(content) + 1) // 2])


def sound() -> Fault:
    return lambda *_: None


def killed_from(moment: int) -> Fault:
    return lambda number, _: KilledError() if number >= moment else None


def once(moment: int, fault: BaseException) -> Fault:
    return lambda number, _: fault if number == moment else None


def refused(code: int) -> OSError:
    return OSError(code, os.strerror(code))


def full_from(moment: int) -> Fault:
    writing = {"mkdir", "create", "write", "fsync"}
    return lambda number, name: refused(errno.ENOSPC) if number >= moment and name in writing else None


def killed(disk: Disk, act: Callable[[], object]) -> bool:
    """Act until the kill, if it comes at all."""
    with disk.watched():
        try:
            act()
        except KilledError:
            return True
    return False


def written(folder: Path, contents: Mapping[str, bytes] = OLD) -> Path:
    """Write files without any of the code under test."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def found(folder: Path) -> dict[str, bytes]:
    """Everything in a folder; a folder in it shows as litter."""
    return {path.name: path.read_bytes() if path.is_file() else b"<folder>" for path in folder.iterdir()}


def visible(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in found(folder).items() if name not in {STAGING, COMMIT}}


def steps_of(act: Callable[[], object]) -> list[str]:
    disk = Disk(sound())
    assert not killed(disk, act)
    return disk.steps


# replace_files


def test_what_changed_is_written_and_named_in_order(tmp_path: Path) -> None:
    assert replace_files(written(tmp_path / "decks"), NEW) == CHANGED
    assert found(tmp_path / "decks") == BOTH


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    assert replace_files(tmp_path / "a" / "b", NEW) == tuple(NEW)
    assert found(tmp_path / "a" / "b") == NEW


def test_what_has_its_content_already_is_not_touched(tmp_path: Path) -> None:
    folder = written(tmp_path)
    before = folder.joinpath("same.apkg").stat()
    replace_files(folder, NEW)
    after = folder.joinpath("same.apkg").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_folder_in_which_nothing_changes_is_not_touched_either(tmp_path: Path) -> None:
    folder = written(tmp_path)
    assert steps_of(partial(replace_files, folder, OLD)) == []
    assert replace_files(folder, OLD) == ()


def test_files_are_moved_in_order_after_all_are_on_disk(tmp_path: Path) -> None:
    folder = written(tmp_path)
    steps = steps_of(partial(replace_files, folder, NEW))
    kept = [step for step in steps if step in {"create", "fsync", "rename", "replace", "rmdir"}]
    # Three files, their folder's names, the mark; the commit, its name; three moves, and the folder's names once more.
    written_down = [*["create"] * 3, *["fsync"] * 3, "fsync"]
    mark = ["create", "fsync", "replace", "fsync"]
    assert kept == [*written_down, *mark, "rename", "fsync", *["replace"] * 3, "rmdir", "fsync"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_of_the_umask(umask: int, mode: int, tmp_path: Path) -> None:
    former = os.umask(umask)
    try:
        replace_files(tmp_path, {"new": b"1"})
        replace_file(tmp_path / "single", b"1")
    finally:
        os.umask(former)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "single")} == {mode}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444, 0o755])
def test_a_replaced_file_keeps_its_permissions(mode: int, tmp_path: Path) -> None:
    for name in ("several", "single"):
        (tmp_path / name).write_bytes(b"1")
        (tmp_path / name).chmod(mode)
    replace_files(tmp_path, {"several": b"2"})
    replace_file(tmp_path / "single", b"2")
    assert found(tmp_path) == {"several": b"2", "single": b"2"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {mode}


# Links, folders and other things in the way


@pytest.fixture(params=["replace_files", "replace_file"])
def write(request: pytest.FixtureRequest) -> Callable[[Path, bytes], object]:
    """Both ways to write one file."""
    if request.param == "replace_file":
        return replace_file
    return lambda path, content: replace_files(path.parent, {path.name: content})


Write = Callable[[Path, bytes], object]


@pytest.mark.parametrize("there", [True, False])
def test_the_file_behind_a_link_in_its_folder_is_replaced(there: bool, write: Write, tmp_path: Path) -> None:
    folder = written(tmp_path / "decks", {})
    (folder / "old").mkdir()
    behind, link = folder / "old" / "aspire.apkg", folder / "aspire.apkg"
    link.symlink_to(behind)
    if there:
        behind.write_bytes(b"old")
    write(link, b"new")
    assert behind.read_bytes() == b"new"
    assert link.is_symlink()
    assert found(folder) == {"aspire.apkg": b"new", "old": b"<folder>"}
    assert found(behind.parent) == {"aspire.apkg": b"new"}


@pytest.mark.parametrize("content", [b"old", b"new", None])
def test_a_link_out_of_its_folder_is_refused(content: bytes | None, write: Write, tmp_path: Path) -> None:
    folder, behind = written(tmp_path / "decks", {}), tmp_path / "private"
    link = folder / "aspire.apkg"
    link.symlink_to(Path("..", "private"))
    if content is not None:
        behind.write_bytes(content)
    with pytest.raises(TrialdeckError) as caught:
        write(link, b"new")
    assert caught.value.message == f"{link} is a link that leads out of its folder, to {behind}"
    assert "remove the link" in caught.value.hint
    assert (behind.read_bytes() if behind.exists() else None) == content
    assert [path.name for path in folder.iterdir()] == ["aspire.apkg"]


@pytest.mark.parametrize(
    "target", ["ledger.jsonl", "new.apkg", "old", "old/ledger.jsonl", "../aspire.apkg", "old/../ledger.jsonl"]
)
def test_a_link_to_another_file_is_refused(target: str, write: Write, tmp_path: Path) -> None:
    """Two outputs would be one file, or an output would be in the place of what somebody has written."""
    root = tmp_path / "decks"
    folder = written(root / "sub", {"ledger.jsonl": b"old"})
    written(folder / "old", {"ledger.jsonl": b"old"})
    (root / "aspire.apkg").write_bytes(b"old")
    link = folder / "aspire.apkg"
    link.symlink_to(target)
    with pytest.raises(TrialdeckError) as caught:
        write(link, b"new")
    assert caught.value.message.startswith(f"{link} is a link ")
    assert os.path.realpath(link) in caught.value.message
    assert "remove the link" in caught.value.hint
    with pytest.raises(TrialdeckError, match="is a link"):
        replace_file(link, b"new", within=root)
    assert found(folder) == {"ledger.jsonl": b"old", "old": b"<folder>"} | {
        "aspire.apkg": link.read_bytes() if link.is_file() else b"<folder>"
    }
    assert (root / "aspire.apkg").read_bytes() == b"old"


def test_a_hard_link_is_replaced_and_not_written_through(write: Write, tmp_path: Path) -> None:
    folder, private = written(tmp_path / "decks", {}), tmp_path / "private"
    private.write_bytes(b"old")
    (folder / "aspire.apkg").hardlink_to(private)
    write(folder / "aspire.apkg", b"new")
    assert private.read_bytes() == b"old"
    assert found(folder) == {"aspire.apkg": b"new"}


def test_a_folder_that_is_itself_a_link_is_written(write: Write, tmp_path: Path) -> None:
    folder = written(tmp_path / "real", {"aspire.apkg": b"old"})
    (tmp_path / "decks").symlink_to(folder)
    write(tmp_path / "decks" / "aspire.apkg", b"new")
    assert found(folder) == {"aspire.apkg": b"new"}


def test_a_link_to_another_file_system_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "decks", {"ledger.jsonl": b"old"})
    other = folder / "other"
    other.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(other)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        (folder / "aspire.apkg").symlink_to(written(other, {"aspire.apkg": b"old"}) / "aspire.apkg")
        with pytest.raises(TrialdeckError, match=r"aspire\.apkg: it is a link to another file system"):
            replace_files(folder, NEW)
        assert found(folder) == {"ledger.jsonl": b"old", "aspire.apkg": b"old", "other": b"<folder>"}
        assert found(other) == {"aspire.apkg": b"old"}
    finally:
        subprocess.run(["umount", str(other)], check=True)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_folder, "it is a folder"),
        (os.mkfifo, "it is not a file"),
        (make_loop, os.strerror(errno.ELOOP)),
        (lambda path: path.symlink_to(path.with_name("missing") / path.name), os.strerror(errno.ENOENT)),
    ],
    ids=["folder", "pipe", "loop", "link-to-nowhere"],
)
def test_what_cannot_be_replaced_is_refused_before_anything_changes(
    make: Callable[[Path], object], reason: str, write: Write, tmp_path: Path
) -> None:
    folder = written(tmp_path, {"ledger.jsonl": b"old"})
    make(folder / "zenith.apkg")
    before = sorted(folder.iterdir())
    with pytest.raises(TrialdeckError) as caught:
        write(folder / "zenith.apkg", b"new")
    assert caught.value.message == f"cannot write {folder / 'zenith.apkg'}: {reason}"
    assert caught.value.hint == "nothing was changed there"
    with pytest.raises(TrialdeckError, match=reason):
        replace_files(folder, {"ledger.jsonl": b"new", "zenith.apkg": b"new"})
    assert sorted(folder.iterdir()) == before
    assert (folder / "ledger.jsonl").read_bytes() == b"old"


def test_a_folder_that_cannot_be_made_is_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "decks").write_bytes(b"a file")
    with pytest.raises(TrialdeckError, match=r"cannot write .*decks.*: (Not a directory|File exists)"):
        write(tmp_path / "decks" / "aspire.apkg", b"new")
    assert found(tmp_path) == {"decks": b"a file"}


# Kills


def test_a_kill_at_any_step_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    count = len(steps_of(partial(replace_files, written(tmp_path / "whole"), NEW)))
    outcomes = []
    for moment in range(1, count + 1):
        folder = written(tmp_path / f"killed at {moment}")
        assert killed(Disk(killed_from(moment)), partial(replace_files, folder, NEW))
        # What a program sees that knows nothing of commits: whole files, and new ones in their order.
        seen = visible(folder)
        moved = [name for name in CHANGED if seen.get(name) == NEW[name]]
        assert moved == list(CHANGED[: len(moved)])
        assert seen == {**OLD, **{name: NEW[name] for name in moved}}
        finish_commit(folder)
        assert found(folder) in (OLD, BOTH)
        outcomes.append(found(folder) == BOTH)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


def test_a_kill_of_the_recovery_loses_nothing_either(tmp_path: Path) -> None:
    count = len(steps_of(partial(replace_files, written(tmp_path / "whole"), NEW)))
    for moment in range(1, count + 1):
        for second in range(1, count + 1):
            folder = written(tmp_path / f"{moment} {second}")
            killed(Disk(killed_from(moment)), partial(replace_files, folder, NEW))
            committed = (folder / COMMIT).exists() or visible(folder) == BOTH
            again = killed(Disk(killed_from(second)), partial(finish_commit, folder))
            finish_commit(folder)
            assert found(folder) == (BOTH if committed else OLD)
            if not again:
                break


def test_a_kill_leaves_a_single_file_whole(tmp_path: Path) -> None:
    count = len(steps_of(partial(replace_file, written(tmp_path / "whole") / "aspire.apkg", b"new aspire")))
    outcomes = []
    for moment in range(1, count + 1):
        path = written(tmp_path / f"killed at {moment}") / "aspire.apkg"
        assert killed(Disk(killed_from(moment)), partial(replace_file, path, b"new aspire"))
        assert path.read_bytes() in {b"old aspire", b"new aspire"}
        outcomes.append(path.read_bytes() == b"new aspire")
        replace_file(path, b"new aspire")
        assert path.read_bytes() == b"new aspire"
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


def test_an_interruption_by_the_user_leaves_no_litter(tmp_path: Path) -> None:
    steps = steps_of(partial(replace_files, written(tmp_path / "whole"), NEW))
    for moment in range(1, steps.index("rename") + 2):
        folder = written(tmp_path / f"interrupted at {moment}")
        with Disk(once(moment, KeyboardInterrupt())).watched(), pytest.raises(KeyboardInterrupt):
            replace_files(folder, NEW)
        assert found(folder) == OLD


names = st.sampled_from(["ledger.jsonl", "aspire.apkg", "größe.apkg", "two words.apkg", "-.apkg", "EDITIONS.md"])
states = st.dictionaries(names, st.binary(max_size=40), max_size=6)


@given(old=states, builds=st.lists(st.tuples(states, st.integers(1, 60)), min_size=1, max_size=4))
def test_builds_that_are_killed_one_after_the_other_leave_whole_states(
    old: dict[str, bytes], builds: list[tuple[dict[str, bytes], int]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = written(Path(name), old)
        expected = [old]
        for contents, moment in builds:
            dead = killed(Disk(killed_from(moment)), partial(replace_files, folder, contents))
            after = [{**state, **contents} for state in expected]
            expected = expected + after if dead else after
        finish_commit(folder)
        assert found(folder) in expected


# Faults of the disk


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES], ids=os.strerror)
def test_a_fault_at_any_step_is_told_and_leaves_a_whole_state(code: int, tmp_path: Path) -> None:
    state = os.environ["TRIALDECK_STATE"]
    steps = steps_of(partial(replace_files, written(tmp_path / "whole"), NEW))
    for moment in range(1, len(steps) + 1):
        folder = written(tmp_path / f"fault at {moment}")
        error = error_of(Disk(once(moment, refused(code))), partial(replace_files, folder, NEW))
        if error is None:
            # A folder that is there already need not be made, and a temporary file or a mark that stays does no harm.
            assert steps[moment - 1] in {"mkdir", "unlink"}
            assert found(folder) == BOTH
            continue
        # What is wrong with the mark names its place, which is in another folder.
        assert error.message.startswith((f"cannot write {folder}", f"cannot write {state}"))
        assert error.message.endswith(f": {os.strerror(code)}")
        if moment <= steps.index("rename") + 1:
            assert error.hint.startswith("nothing was changed")
            assert found(folder) == OLD
        else:
            assert "the next build puts them in place" in error.hint
            finish_commit(folder)
            assert found(folder) == BOTH


def error_of(disk: Disk, act: Callable[[], object]) -> TrialdeckError | None:
    with disk.watched():
        try:
            act()
        except TrialdeckError as error:
            return error
    return None


def test_a_full_disk_leaves_every_old_file_and_no_litter(tmp_path: Path) -> None:
    steps = steps_of(partial(replace_files, written(tmp_path / "whole"), NEW))
    reason = os.strerror(errno.ENOSPC)
    said = set()
    for moment in range(1, steps.index("rename") + 1):
        folder = written(tmp_path / f"full from {moment}")
        with Disk(full_from(moment)).watched(), pytest.raises(TrialdeckError) as caught:
            replace_files(folder, NEW)
        assert caught.value.hint.startswith("nothing was changed")
        assert found(folder) == OLD
        place = re.sub(r"/\w+\.commit", "/mark", caught.value.message)
        said.add(place.replace(str(folder), "decks").replace(os.environ["TRIALDECK_STATE"], "state"))
    names = ("decks", *(f"decks/{each}" for each in CHANGED), "state/mark")
    assert said == {f"cannot write {name}: {reason}" for name in names}


def test_a_fault_leaves_a_single_file_whole_and_no_litter(tmp_path: Path) -> None:
    steps = steps_of(partial(replace_file, written(tmp_path / "whole") / "aspire.apkg", b"new aspire"))
    # The first step is to make the folder, which is there.
    for moment in range(2, steps.index("replace") + 2):
        path = written(tmp_path / f"fault at {moment}") / "aspire.apkg"
        with (
            Disk(once(moment, refused(errno.ENOSPC))).watched(),
            pytest.raises(TrialdeckError, match=r"cannot write .*aspire\.apkg: No space left on device"),
        ):
            replace_file(path, b"new aspire")
        assert found(path.parent) == OLD


def failing_folder_sync(code: int, patch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise refused(code)

    patch.setattr(os, "fsync", fail)


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_folders_will_do(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_folder_sync(code, monkeypatch)
    assert replace_files(tmp_path, NEW) == tuple(NEW)


# finish_commit


def committed(folder: Path, moves: int = 0) -> Path:
    """A folder with a commit of which so many files have been moved."""

    def fault(number: int, name: str) -> BaseException | None:
        return KilledError() if disk.steps.count("replace") > moves + 1 else None  # one puts the mark in place

    disk = Disk(fault)
    assert killed(disk, partial(replace_files, written(folder), NEW))
    assert (folder / COMMIT).is_dir()
    return folder


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_the_next_call_completes_a_commit_first(moves: int, tmp_path: Path) -> None:
    folder = committed(tmp_path / "decks", moves)
    assert replace_files(folder, {"later.apkg": b"later"}) == ("later.apkg",)
    assert found(folder) == {**BOTH, "later.apkg": b"later"}


def test_there_is_nothing_to_finish_where_there_is_nothing(tmp_path: Path) -> None:
    finish_commit(tmp_path / "missing")
    assert found(tmp_path) == {}


def test_a_file_that_was_written_since_is_not_lost_to_an_old_commit(tmp_path: Path) -> None:
    folder = committed(tmp_path / "decks")
    ledger = folder / "ledger.jsonl"
    ledger.write_bytes(b"merged by git")
    staged = max(path.stat().st_mtime_ns for path in (folder / COMMIT).iterdir())
    os.utime(ledger, ns=(staged + 1, staged + 1))
    finish_commit(folder)
    assert found(folder) == {**OLD, "ledger.jsonl": b"merged by git"}


def test_a_file_that_a_file_manager_left_in_the_commit_does_no_harm(tmp_path: Path) -> None:
    folder = committed(tmp_path / "decks", moves=1)
    (folder / COMMIT / ".DS_Store").write_bytes(b"")
    finish_commit(folder)
    assert found(folder) == BOTH


def test_a_commit_that_cannot_be_completed_says_what_to_do(tmp_path: Path) -> None:
    folder = committed(tmp_path / "decks", moves=1)
    (folder / "new.apkg").mkdir()
    os.utime(folder / "new.apkg", ns=(0, 0))
    with pytest.raises(TrialdeckError, match=r"cannot write .*new\.apkg: Is a directory") as caught:
        finish_commit(folder)
    assert str(folder / COMMIT) in caught.value.hint
    (folder / "new.apkg").rmdir()
    finish_commit(folder)
    assert found(folder) == BOTH


# Whose commits are completed


def test_a_commit_of_another_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = committed(tmp_path / "decks")
    monkeypatch.setenv("TRIALDECK_STATE", str(tmp_path / "another machine"))
    before = found(folder)
    with pytest.raises(TrialdeckError, match="this machine did not begin it") as caught:
        finish_commit(folder)
    assert f"rm -r {folder / COMMIT}" in caught.value.hint
    assert found(folder) == before
    shutil.rmtree(folder / COMMIT)
    assert replace_files(folder, NEW) == CHANGED


def test_a_commit_that_was_moved_with_its_project_is_refused(tmp_path: Path) -> None:
    committed(tmp_path / "decks").rename(tmp_path / "clone")
    with pytest.raises(TrialdeckError, match="this machine did not begin it"):
        finish_commit(tmp_path / "clone")


def put_more(commit: Path) -> None:
    (commit / "000009-other.txt").write_bytes(b"not ours")


def put_other(commit: Path) -> None:
    (commit / "000000-ledger.jsonl").write_bytes(b"not ours")


def put_link(commit: Path) -> None:
    (commit / "000000-ledger.jsonl").rename(commit.parent.parent / "same bytes")
    (commit / "000000-ledger.jsonl").symlink_to(commit.parent.parent / "same bytes")


def put_folder(commit: Path) -> None:
    (commit / "000000-ledger.jsonl").unlink()
    (commit / "000000-ledger.jsonl").mkdir()


@pytest.mark.parametrize("change", [put_more, put_other, put_link, put_folder])
def test_a_commit_that_holds_what_this_machine_did_not_write_is_refused(
    change: Callable[[Path], None], tmp_path: Path
) -> None:
    folder = committed(tmp_path / "decks")
    change(folder / COMMIT)
    with pytest.raises(TrialdeckError, match="is not as this machine wrote it"):
        finish_commit(folder)
    assert visible(folder) == OLD


def test_a_link_that_came_after_the_commit_is_not_followed(tmp_path: Path) -> None:
    folder, private = committed(tmp_path / "decks"), tmp_path / "private"
    private.write_bytes(b"private")
    os.utime(private, ns=(0, 0))
    (folder / "new.apkg").symlink_to(private)
    with pytest.raises(TrialdeckError, match=r"new\.apkg is a link that leads out of its folder"):
        finish_commit(folder)
    assert private.read_bytes() == b"private"
    (folder / "new.apkg").unlink()
    finish_commit(folder)
    assert found(folder) == BOTH


@pytest.mark.parametrize("name", [STAGING, COMMIT])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_the_place_of_a_folder_of_ours_is_refused(name: str, there: bool, tmp_path: Path) -> None:
    folder, private = written(tmp_path / "decks"), tmp_path / "private"
    if there:
        written(private, {"000000-ledger.jsonl": b"private"})
    (folder / name).symlink_to(private)
    with pytest.raises(TrialdeckError, match=f"{name} is a link to {private}"):
        replace_files(folder, NEW)
    assert not there or found(private) == {"000000-ledger.jsonl": b"private"}
    assert visible(folder) == OLD


def test_without_a_place_for_the_mark_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRIALDECK_STATE", str(tmp_path / "file" / "state"))
    with pytest.raises(TrialdeckError, match=r"cannot write .*state.*: Not a directory") as caught:
        replace_files(written(tmp_path / "decks"), NEW)
    assert "TRIALDECK_STATE" in caught.value.hint
    assert found(tmp_path / "decks") == OLD


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x92\xc4\x01/\x80"], ids=["empty", "damaged", "another folder"])
def test_a_mark_that_says_nothing_of_the_folder_does_not_count(content: bytes, tmp_path: Path) -> None:
    folder = committed(tmp_path / "decks")
    (mark,) = Path(os.environ["TRIALDECK_STATE"]).iterdir()
    mark.write_bytes(content)
    with pytest.raises(TrialdeckError, match="this machine did not begin it"):
        finish_commit(folder)


def test_a_mark_goes_with_its_commit_and_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALDECK_STATE", str(tmp_path / "state"))
    folder = committed(tmp_path / "decks")
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert len(found(tmp_path / "state")) == 1
    finish_commit(folder)
    assert found(tmp_path / "state") == {}


def test_the_name_of_a_file_is_no_path(tmp_path: Path) -> None:
    for name in ("../private", "deep/file", "/etc/file", "..", "."):
        with pytest.raises(ValueError, match="is not the name of a file"):
            replace_files(tmp_path / "decks", {name: b"new"})
    assert not (tmp_path / "private").exists()


# locked


@pytest.mark.parametrize("there", [True, False])
def test_a_lock_that_is_a_link_is_refused(there: bool, tmp_path: Path) -> None:
    folder, private = written(tmp_path / "decks", {}), tmp_path / "private"
    if there:
        private.write_bytes(b"private")
    (folder / LOCK).symlink_to(private)
    with pytest.raises(TrialdeckError, match=rf"\{LOCK} is a link to"), locked(folder, leaves_no_file=True):
        pytest.fail("the lock was given")
    assert (private.read_bytes() if private.exists() else b"") == (b"private" if there else b"")
    assert (folder / LOCK).is_symlink()


def test_a_folder_is_locked_for_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "WAIT", 0.05)
    with (
        locked(tmp_path / "decks"),
        pytest.raises(TrialdeckError, match="another build") as caught,
        locked(tmp_path / "decks"),
    ):
        pytest.fail("the lock was given twice")
    assert caught.value.hint
    with locked(tmp_path / "decks"):
        assert (tmp_path / "decks").is_dir()


def test_a_lock_is_released_when_what_it_guards_fails(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="as it is"), locked(tmp_path):
        raise OSError("as it is")
    with FileLock(tmp_path / ".trialdeck.lock", timeout=0):
        assert found(tmp_path) == {".trialdeck.lock": b""}


def test_the_lock_of_a_file_that_went_meanwhile_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, lock = tmp_path / "lock", fcntl.flock
    path.touch()
    opened: list[int] = []

    def removed_before(descriptor: int, operation: int) -> None:
        opened.append(os.fstat(descriptor).st_ino)
        if len(opened) == 1:
            path.unlink()
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", removed_before)
    with file_lock(path, 5.0):
        assert path.stat().st_ino == opened[1]
        with pytest.raises(TimeoutError), file_lock(path, 0.0):
            pytest.fail("two have it")


def test_a_folder_that_cannot_be_locked_is_an_error(tmp_path: Path) -> None:
    disk = Disk(lambda _, name: refused(errno.EROFS) if name == "open" else None)
    with disk.watched(), pytest.raises(TrialdeckError) as caught, locked(tmp_path):
        pytest.fail("a lock was given that does not exist")
    assert caught.value.message == f"cannot write {tmp_path}: Read-only file system"
    assert caught.value.hint == "nothing was changed there"
