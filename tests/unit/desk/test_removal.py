"""A trial is removed whole, after a question that says what that means, and comes back byte for byte."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import trialdeck as td
from desk_client import desk_client
from projects import Project

NAME = "dawn-1.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.record("dawn-1")
    made.define("main", "name: Main", "split: trial")
    return made


@pytest.fixture
def record(project: Project) -> Path:
    return project.seeds / NAME


@pytest.fixture
def client(project: Project, tmp_path: Path) -> TestClient:
    return desk_client(project.folder, tmp_path / "scratch")


def removed(client: TestClient, record: Path) -> Any:
    return client.post(f"/removal/{NAME}", json={"was": td.read_record(record).text})


def test_a_removed_trial_comes_back_byte_for_byte(client: TestClient, record: Path) -> None:
    before = b"\xef\xbb\xbf# Ours.\r\n" + record.read_bytes().replace(b"\n", b"\r\n")
    record.write_bytes(before)
    answer = removed(client, record)
    assert (answer.status_code, answer.json()["address"]) == (200, f"/?removed={NAME}")
    assert not record.exists()
    assert [path.name for path in record.parent.iterdir() if not path.name.startswith(".")] == []
    for address in (answer.json()["address"], "/"):
        assert client.get(address).text.count(f'data-restore="{NAME}"') == 1
    back = client.request("DELETE", "/removal", json={"record": NAME})
    assert back.json()["address"] == f"/trial/{NAME}"
    assert record.read_bytes() == before
    assert "data-restore" not in client.get(answer.json()["address"]).text
    for nothing in (NAME, [NAME], None):
        assert client.request("DELETE", "/removal", json={"record": nothing}).status_code == 400


def test_a_trial_that_is_there_again_is_not_offered(client: TestClient, record: Path) -> None:
    content = record.read_bytes()
    removed(client, record)
    record.write_bytes(content)
    assert "data-restore" not in client.get(f"/?removed={NAME}").text


def test_what_others_have_written_meanwhile_is_not_removed(client: TestClient, record: Path) -> None:
    was = td.read_record(record).text
    record.write_text(f"# Wait!\n{was}")
    answer = client.post(f"/removal/{NAME}", json={"was": was})
    assert (answer.status_code, answer.json()["message"]) == (409, "somebody else has changed this trial meanwhile")
    assert record.read_text().startswith("# Wait!")


def test_a_trial_that_was_written_anew_is_not_overwritten(client: TestClient, record: Path) -> None:
    removed(client, record)
    record.write_text("format: 1\n")
    answer = client.request("DELETE", "/removal", json={"record": NAME})
    assert (answer.status_code, answer.json()["message"]) == (400, f"there is a {NAME} again")
    assert record.read_text() == "format: 1\n"


@pytest.mark.parametrize("name", ["..%2Fdecks%2Fmain.yaml", "%2Fetc%2Fpasswd", "dawn-1.txt"])
def test_nothing_but_a_record_is_removed(client: TestClient, project: Project, name: str) -> None:
    before = (project.decks / "main.yaml").read_text()
    assert client.get(f"/removal/{name}").status_code == 400
    assert client.post(f"/removal/{name}", json={"was": before}).status_code == 400
    assert (project.decks / "main.yaml").read_text() == before


def test_a_trial_that_is_gone_already_is_said_so(client: TestClient, record: Path) -> None:
    was = td.read_record(record).text
    record.unlink()
    assert client.post(f"/removal/{NAME}", json={"was": was}).status_code == 410
    assert client.post(f"/removal/{NAME}", json=[]).json()["message"] == "this is no removal of a trial"


def test_the_question_says_whether_learners_have_it(client: TestClient, project: Project) -> None:
    client.app.app.state.overviews.shown(60)  # type: ignore[attr-defined]
    assert "It is in no edition yet" in client.get(f"/removal/{NAME}").text
    project.build(1_760_000_000)
    client.app.app.state.overviews.shown(60)  # type: ignore[attr-defined]
    asked = client.get(f"/removal/{NAME}").text
    assert "Learners have cards of it, since edition 2025-10-09" in asked
    assert "retire its questions" in asked


def test_other_pages_are_told(client: TestClient, record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(client.app.app.state.workspace.events, "tell", told.append)  # type: ignore[attr-defined]
    removed(client, record)
    client.request("DELETE", "/removal", json={"record": NAME})
    assert told == [{"record": NAME, "tab": ""}] * 2
