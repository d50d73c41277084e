"""What `trialdeck desk` says when it cannot serve."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk_client import PORT, client_of_app
from trialdeck.cli import main
from trialdeck.desk.app import create_app
from trialdeck.desk.guard import Door
from trialdeck.desk.workspace import Workspace


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("library", ["starlette", "uvicorn", "watchfiles"])
def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: str) -> None:
    for name in [name for name in sys.modules if name.startswith(("trialdeck.desk.", f"{library}."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    result = run("desk", str(tmp_path))
    assert result.exit_code == 1
    assert f"the desk needs the library {library}" in result.stderr
    assert 'pip install "trialdeck[desk]"' in result.stderr


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    result = run("desk", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "there is no folder" in result.stderr


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    result = run("desk", str(tmp_path))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize(
    ("system", "variables", "shows"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "wslview"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_no_browser_is_opened_where_nobody_would_see_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, variables: dict[str, str], *, shows: bool
) -> None:
    def serve(_folder: Path, announce: Callable[[str], object], *_: object, opens: bool, **__: object) -> None:
        announce("http://127.0.0.1:5000/")
        opened.append(opens)

    opened: list[bool] = []
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("trialdeck.desk.serve.serve", serve)
    monkeypatch.setattr(sys, "platform", system)
    result = run("desk", str(tmp_path))
    unopened = run("desk", str(tmp_path), "--no-open")
    monkeypatch.undo()
    assert opened == [shows, False]
    assert "http://127.0.0.1:5000/" in result.stderr
    assert ("this machine has no display" in result.stderr) is not shows
    assert "display" not in unopened.stderr


def test_a_fault_of_the_desk_itself_is_reported_and_answered_in_words(tmp_path: Path) -> None:
    reported: list[Exception] = []
    workspace = Workspace(tmp_path / "gone", tmp_path / "scratch")
    client = client_of_app(create_app(workspace, Door(PORT), lambda: None, reported.append), raises=False)
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "Something went wrong inside the desk" in answer.text
    assert "Traceback" not in answer.text
    assert [type(error) for error in reported] == [FileNotFoundError]
