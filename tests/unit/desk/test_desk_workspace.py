"""What a session keeps: records by safe names, changes from outside, port and token."""

import json
import os
import stat
from pathlib import Path

import pytest

import trialdeck as td
from trialdeck.desk.doors import open_door
from trialdeck.desk.guard import Door
from trialdeck.desk.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "project" / "seeds" / "deep").mkdir(parents=True)
    (tmp_path / "project" / "decks").mkdir()
    return Workspace(tmp_path / "project", tmp_path / "scratch", tmp_path / "cache")


@pytest.mark.parametrize("name", ["dawn-1.yaml", "deep/dusk.yml", "Étude 2.json", "a.b.yaml"])
def test_a_record_has_a_name(workspace: Workspace, name: str) -> None:
    path = workspace.record_path(name)
    assert path == workspace.seeds / name
    assert workspace.record_name(path) == name


ODD_NAMES = [
    *("", ".", "..", "../decks/project.yaml", "deep/../../x.yaml", "/etc/x.yaml", "//x.yaml", "deep//x.yaml", "deep/"),
    *("..\\x.yaml", "C:x.yaml", "C:\\x.yaml", ".hidden.yaml", ".trialdeck.commit/x.yaml", "x.yaml\0", "a\nb.yaml"),
    *("con.yaml", "deep/NUL.yaml", "x.txt", "x", "x.yaml.", "x.yaml ", "x.YAML\u202e", "x?.yaml", "x|.yaml"),
    *(f"{'x' * 300}.yaml", "\udcff.yaml"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_name_of_a_record_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(td.TrialdeckError) as refused:
        workspace.record_path(name)
    assert refused.value.hint


def test_links_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.yaml").write_text("secret", encoding="utf-8")
    (workspace.seeds / "x.yaml").symlink_to(tmp_path / "elsewhere" / "x.yaml")
    (workspace.seeds / "there").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    for name in ("x.yaml", "there/x.yaml", "there/new.yaml"):
        with pytest.raises(td.TrialdeckError, match="is a link"):
            workspace.record_path(name)


def test_a_folder_of_records_that_is_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "seeds").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(td.TrialdeckError, match="leads out of the project"):
        Workspace(tmp_path / "project", tmp_path).record_path("x.yaml")


def heard(workspace: Workspace) -> list[dict[str, object]]:
    """What open pages would be told from now on."""
    told: list[dict[str, object]] = []
    workspace.events.tell = told.append  # type: ignore[method-assign, assignment]
    return told


def test_the_desk_does_not_take_its_own_writes_for_those_of_others(workspace: Workspace) -> None:
    told, path = heard(workspace), workspace.seeds / "x.yaml"
    path.write_text("one", encoding="utf-8")
    workspace.wrote("x.yaml", "tab-1")
    workspace.changed(path)
    path.write_text("another", encoding="utf-8")
    workspace.changed(path)
    path.unlink()
    workspace.changed(path)
    workspace.wrote("x.yaml")
    workspace.changed(path)
    outside = {"record": "x.yaml", "outside": True}
    assert told == [{"record": "x.yaml", "tab": "tab-1"}, outside, outside, {"record": "x.yaml", "tab": ""}]


def test_settings_are_told_as_files_and_hidden_files_not_at_all(workspace: Workspace) -> None:
    told = heard(workspace)
    for name in ("decks/project.yaml", "seeds/.x.yaml.1f.tmp", "decks/.trialdeck.lock", "README.md", "seeds/dot.png"):
        workspace.changed(workspace.folder / name)
    assert [event["file"] for event in told] == ["decks/project.yaml", "seeds/dot.png"]


def opened(folder: Path, cache: Path, port: int = 0) -> Door:
    door, listening = open_door(folder, cache, port)
    listening.close()
    return door


def test_port_and_token_of_a_folder_stay(tmp_path: Path) -> None:
    first = opened(tmp_path, tmp_path / "cache")
    assert opened(tmp_path, tmp_path / "cache") == first
    assert opened(tmp_path / "other", tmp_path / "cache").token != first.token
    (file, _) = sorted((tmp_path / "cache" / "desks").iterdir(), key=lambda path: first.token not in path.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_desk_on_a_folder_has_a_door_of_its_own(tmp_path: Path) -> None:
    first, listening = open_door(tmp_path, tmp_path / "cache")
    with listening:
        second = opened(tmp_path, tmp_path / "cache")
    assert second.port != first.port
    assert second.token != first.token


def test_a_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    first, listening = open_door(tmp_path, tmp_path / "cache")
    with listening, pytest.raises(td.TrialdeckError, match=f"cannot serve at port {first.port}") as refused:
        open_door(tmp_path, tmp_path / "cache", first.port)
    assert "--port" in refused.value.hint


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"port": 1}', '{"port": 80.5, "token": "x"}', '{"port": 5000, "token": "short"}', "null"],
)
def test_a_damaged_door_is_made_anew(tmp_path: Path, content: str) -> None:
    first = opened(tmp_path, tmp_path / "cache")
    (file,) = (tmp_path / "cache" / "desks").iterdir()
    file.write_text(content, encoding="utf-8")
    assert opened(tmp_path, tmp_path / "cache").token != first.token


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_door_that_others_could_read_is_made_anew(tmp_path: Path) -> None:
    first = opened(tmp_path, tmp_path / "cache")
    (file,) = (tmp_path / "cache" / "desks").iterdir()
    file.chmod(0o644)
    assert opened(tmp_path, tmp_path / "cache").token != first.token
    assert json.loads(file.read_text(encoding="utf-8"))["token"] != first.token


def test_the_collection_has_the_name_that_learners_see(workspace: Workspace) -> None:
    assert workspace.title == "project"
    (workspace.decks / "project.yaml").write_text("format: 1\nroot: Heart\n", encoding="utf-8")
    assert workspace.title == "Heart"
    (workspace.decks / "project.yaml").write_text("format: [", encoding="utf-8")
    assert workspace.title == "project"
