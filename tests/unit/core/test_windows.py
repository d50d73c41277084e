"""What Windows does in other ways, simulated: no machine with it is at hand."""

import ast
import errno
import importlib.util
import mimetypes
import ntpath
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import filelock
import mypy
import pytest

import trialdeck as td
from conftest import RECORD
from folders import ROOT
from trialdeck.core import locks
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals, replace_file
from trialdeck.core.system import windows
from trialdeck.core.system.extras import install_hint
from trialdeck.core.system.windows import is_device, patiently, relative_path
from trialdeck.core.transactions import COMMIT, replace_files
from trialdeck.project.parallel import processes, workers
from trialdeck.records.slugs import refuse_id
from trialdeck.site.server import Preview

SOURCE = ROOT / "src" / "trialdeck"
STUBS = Path(mypy.__file__).with_name("typeshed") / "stdlib"
OTHER_HALVES = {
    ("os", "sched_getaffinity"): "on Linux alone; elsewhere the number of cores",
    ("os", "posix_fadvise"): "on Linux alone: it only makes writing faster",
    ("os", "POSIX_FADV_DONTNEED"): "the same",
    ("os", "O_NOFOLLOW"): "in the half of core/locks.py that is not for Windows, where filelock takes its place",
    ("os", "getuid"): "on POSIX alone: files of the user's folder are the user's on Windows",
    ("signal", "pthread_sigmask"): "not on Windows, which has no such masks; workers there ignore Ctrl-C once they run",
    ("signal", "SIG_BLOCK"): "the same",
    ("signal", "SIG_SETMASK"): "the same",
}
"""The calls that Windows lacks, and what takes their place there."""
LACKING = {"fcntl": "core/locks.py", "resource": ""}
"""Modules that Windows lacks: they are imported where `sys.platform` says that it is another system."""


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let our own code take the system for Windows; returns the waits, which are not waited."""
    waits: list[float] = []
    for module in (windows, sys.modules["trialdeck.core.files"], sys.modules["trialdeck.core.transactions"]):
        monkeypatch.setattr(module, "IS_WINDOWS", True)
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


# --- Every call that Windows lacks has its other half


def not_on_windows(stub: Path) -> set[str]:
    """The names of a module of the standard library that are there on other systems only, as typeshed has them."""
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    return set(_names(tree.body, "linux")) - set(_names(tree.body, "win32"))


def _names(body: list[ast.stmt], platform: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If):
            if is_taken(node.test, platform):
                yield from _names(node.body, platform)
            else:
                yield from _names(node.orelse, platform)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def is_taken(test: ast.expr, platform: str) -> bool:
    """Evaluate a condition of a stub: on the platform and the version of Python."""
    code = compile(ast.Expression(test), "stub", "eval")
    return bool(eval(code, {"sys": type("sys", (), {"platform": platform, "version_info": sys.version_info})}))


def test_every_call_that_windows_lacks_has_its_other_half() -> None:
    lacking = {("os", name) for name in not_on_windows(STUBS / "os" / "__init__.pyi")} | {
        ("signal", name) for name in not_on_windows(STUBS / "signal.pyi")
    }
    lacking |= {("time", name) for name in not_on_windows(STUBS / "time.pyi")}
    assert {("os", "fork"), ("os", "geteuid"), ("signal", "SIGKILL"), ("time", "tzset")} <= lacking
    used = {
        (node.value.id, node.attr)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert used & lacking == OTHER_HALVES.keys()


def test_modules_that_windows_lacks_are_imported_elsewhere_only() -> None:
    absent = {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            names |= {str(node.module)} if isinstance(node, ast.ImportFrom) else set()
            if names & absent:
                assert names <= LACKING.keys(), path
                text = path.read_text(encoding="utf-8")
                assert 'sys.platform == "win32"' in text[: text.index(f"import {min(names)}")], path


# --- Locks, moves, paths


def of_windows(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module as it is imported on Windows; filelock, which it imports there, stays that of this system."""
    assert filelock.__name__ in sys.modules
    monkeypatch.setattr(sys, "platform", "win32")
    spec = importlib.util.spec_from_file_location("of_windows", str(module.__file__))
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.undo()
    return made


def test_the_lock_of_windows_keeps_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = of_windows(locks, monkeypatch), of_windows(locks, monkeypatch)
    path = tmp_path / "lock"
    with one.file_lock(path, 0.1), pytest.raises(TimeoutError), other.file_lock(path, 0.1):
        pass
    with other.file_lock(path, 0.1, leaves_no_file=True):
        pass
    assert not path.exists()


def refusing(times: int, action: Callable[..., object]) -> Callable[..., object]:
    """An action that is refused some times, as while a virus scanner has the file open."""
    left = iter(range(times))

    def refused(*arguments: object) -> object:
        if next(left, None) is not None:
            raise PermissionError(errno.EACCES, "Access is denied")
        return action(*arguments)

    return refused


def test_what_is_refused_for_a_moment_is_tried_again(on_windows: list[float]) -> None:
    done: list[int] = []
    patiently(refusing(3, lambda: done.append(1)))
    assert (len(on_windows), done) == (3, [1])


def test_elsewhere_a_refusal_is_believed_at_once() -> None:
    with pytest.raises(PermissionError):
        patiently(refusing(1, lambda: None))


def test_a_file_that_is_open_for_a_moment_is_replaced(
    on_windows: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "replace", refusing(2, Path.replace))
    replace_file(tmp_path / "dawn-1.yaml", b"x")
    assert (tmp_path / "dawn-1.yaml").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["dawn-1.yaml"]
    monkeypatch.setattr(Path, "rename", refusing(2, Path.rename))
    replace_files(tmp_path / "decks", {"a.apkg": b"1", "b.apkg": b"2"})
    assert sorted(path.name for path in (tmp_path / "decks").iterdir()) == ["a.apkg", "b.apkg"]
    assert len(on_windows) == 4


def test_a_package_that_stays_open_is_told_and_the_next_build_completes_it(
    on_windows: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decks = tmp_path / "decks"
    replace_files(decks, {"a.apkg": b"1"})
    with monkeypatch.context() as patch:
        patch.setattr(windows, "_PATIENCE", 0.0)
        patch.setattr(Path, "replace", refusing(99, Path.replace))
        # The mark of the commit is a file too.
        patch.setattr("trialdeck.core.transactions.leave_mark", lambda *_: None)
        with pytest.raises(TrialdeckError, match=r"cannot write .*Access is denied") as refused:
            replace_files(decks, {"a.apkg": b"2"})
    assert refused.value.hint.startswith("close the program that has it open, such as Anki or Excel")
    assert (decks / "a.apkg").read_bytes() == b"1"
    assert (decks / COMMIT).is_dir()
    assert not on_windows


@pytest.mark.parametrize(
    ("error", "name", "hint"),
    [
        (PermissionError(errno.EACCES, "Access is denied"), "a.apkg", "close the program that has it open"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "a" * 300, "characters, and Windows takes 259"),
        (OSError(errno.EINVAL, "Invalid argument"), "con.yaml", "Windows keeps the name con for a device"),
        (OSError(errno.ENOSPC, "No space left"), "a.apkg", "nothing was changed there"),
    ],
)
def test_a_refusal_of_windows_says_what_to_do(
    error: OSError, name: str, hint: str, on_windows: list[float], tmp_path: Path
) -> None:
    with pytest.raises(TrialdeckError) as refused, refusals(tmp_path / name):
        raise error
    assert hint in refused.value.hint
    assert refused.value.hint.endswith("nothing was changed there")


def test_a_project_on_a_share_has_paths_though_none_is_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    share = "\\\\hospital\\share\\decks\\seeds\\dawn-1.yaml"
    with pytest.raises(ValueError, match="mount"):
        ntpath.relpath(share, "Z:\\decks")
    monkeypatch.setattr(os.path, "relpath", lambda path: ntpath.relpath(path, "Z:\\decks"))
    assert relative_path(share) == share
    assert relative_path("Z:\\decks\\seeds\\dawn-1.yaml") == "seeds\\dawn-1.yaml"


# --- Names of devices


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("con", True), ("NUL.apkg", True), ("com1", True), ("lpt9.tar.gz", True), ("aux ", True),
     ("con-trial", False), ("concord", False), ("com10", False), ("", False)],
)  # fmt: skip
def test_names_of_devices(name: str, is_one: bool) -> None:
    assert is_device(name) == is_one


def test_no_new_trial_gets_the_name_of_a_device() -> None:
    with pytest.raises(TrialdeckError, match="a file called 'con' cannot be on Windows") as refused:
        refuse_id("con")
    assert "'con-trial'" in refused.value.hint
    refuse_id("con-trial")


def test_check_warns_of_them(tmp_path: Path) -> None:
    td.begin(tmp_path)
    text = RECORD.replace("id: dawn-1\n", "id: con\n").replace("[example-disease]", "[aux]")
    (tmp_path / "seeds" / "x.yaml").write_text(text, encoding="utf-8")
    definition = tmp_path / "decks" / "trials.yaml"
    definition.write_text(definition.read_text(encoding="utf-8").replace("id: trials", "id: nul"), encoding="utf-8")
    problems = [problem for problem in td.check(td.load(tmp_path)).problems if problem.code == "TD426"]
    assert [problem.message.partition("'")[2].partition("'")[0] for problem in problems] == ["nul", "con", "aux"]
    assert all(problem.hint for problem in problems)


# --- Texts and types


def test_line_ends_of_windows_change_no_note(tmp_path: Path) -> None:
    notes = []
    for ends in ("\n", "\r\n"):
        folder = tmp_path / str(len(ends))
        td.begin(folder)
        (folder / "seeds" / "dawn-1.yaml").write_bytes(RECORD.replace("\n", ends).encode())
        notes.append([(note.key, note.guid, note.fields) for note in td.load(folder).notes()])
    assert notes[0]
    assert notes[0] == notes[1]


def test_scripts_are_scripts_whatever_the_registry_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/plain", None))
    preview = Preview(tmp_path, reloads=False)
    threading.Thread(target=preview.server.serve_forever, args=[0.05], daemon=True).start()
    try:
        for name, kind in {
            "search.js": "text/javascript",
            "site.css": "text/css",
            "a.json": "application/json",
        }.items():
            (tmp_path / name).write_text("x", encoding="utf-8")
            with urllib.request.urlopen(preview.address + name) as answer:
                assert answer.headers["Content-Type"] == kind
    finally:
        preview.server.shutdown()
        preview.server.server_close()


def test_workers_are_started_as_windows_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert workers._reachable() <= 61  # as many as Windows waits for at once
    assert processes._start_method() == "spawn"
    with processes._sigint_blocked():
        pass


# --- What is missing is installed by what installed trialdeck


@pytest.mark.parametrize(
    ("left", "command"),
    [
        ("pipx_metadata.json", 'pipx install --force "trialdeck[desk]"'),
        ("uv-receipt.toml", 'uv tool install "trialdeck[desk]"'),
        ("pyvenv.cfg", 'pip install "trialdeck[desk]"'),
    ],
)
def test_a_hint_names_what_installed_trialdeck(
    left: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / left).touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr("trialdeck.core.system.extras._origin", lambda: "")
    assert install_hint("desk") == command
    assert "'" not in command


@pytest.mark.parametrize(
    ("left", "said", "command"),
    [
        ("pipx_metadata.json", '{"main_package": {"package_or_url": "./t.whl[desk,word]"}}', "pipx install --force"),
        ("uv-receipt.toml", 'requirements = [{ name = "trialdeck", extras = ["desk", "word"] }]', "uv tool install"),
    ],
)
def test_a_hint_keeps_the_extras_and_the_file_that_were_installed(
    left: str, said: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / left).write_text(said, encoding="utf-8")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    installed = SimpleNamespace(read_text=lambda _: '{"url": "file:///home/t.whl", "archive_info": {}}')
    monkeypatch.setattr("importlib.metadata.distribution", lambda _: installed)
    assert install_hint("sheets") == f'{command} "trialdeck[desk,sheets,word] @ file:///home/t.whl"'
