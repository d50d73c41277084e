"""Home without a browser: the trials, a new one, a new project."""

import json
from concurrent.futures import Future
from pathlib import Path
from unittest.mock import Mock

import pytest
from starlette.testclient import TestClient

import trialdeck as td
from conftest import RECORD
from desk_client import client_of
from trialdeck.desk.overviews import Overviews, Shown
from trialdeck.desk.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    seeds = tmp_path / "project" / "seeds"
    seeds.mkdir(parents=True)
    (seeds / "dawn-1.yaml").write_text(RECORD, encoding="utf-8")
    return Workspace(tmp_path / "project", tmp_path / "scratch", tmp_path / "cache")


@pytest.fixture
def client(workspace: Workspace) -> TestClient:
    return client_of(workspace)


def trials_of(client: TestClient) -> str:
    """The list of trials that the page asks for: it is as the disk is."""
    *_, last = client.get("/trials").text.splitlines()
    html: str = json.loads(last)["html"]
    return html


def test_a_trial_is_listed_with_its_figures(client: TestClient, workspace: Workspace) -> None:
    html = trials_of(client)
    cards = sum(len(note.cards) for note in workspace.project.notes())
    assert "DAWN-1" in html
    assert "Dawnol for Example Disease" in html
    assert f"{cards} cards</a>" in html
    assert "0 of 7 reviewed" in html
    assert "In no edition yet" in html
    assert "2 warnings" in html


def test_a_record_that_cannot_be_read_is_listed_by_its_file(client: TestClient, workspace: Workspace) -> None:
    (workspace.seeds / "torn.yaml").write_text("title: [", encoding="utf-8")
    html = trials_of(client)
    assert 'href="/trial/torn.yaml"' in html
    assert "1 error" in html


def test_of_many_changes_only_the_last_one_is_looked_at(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(wraps=td.overview)
    monkeypatch.setattr(td, "overview", made)
    overviews = Overviews(workspace)
    with overviews._turn:
        for number in range(3):
            (workspace.seeds / f"other-{number}.yaml").write_text("format: 1\n", encoding="utf-8")
            assert not overviews.shown(0).is_current
    shown = overviews.shown(60)
    assert shown.is_current
    assert made.call_count == 1


def test_what_fails_for_one_state_is_made_for_the_next(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    overviews = Overviews(workspace)
    later: list[Future[Shown]] = []

    def fail(*_: object, **__: object) -> td.Overview:
        # Somebody asks for a later state while this one is being made.
        monkeypatch.undo()
        (workspace.seeds / "dawn-1.yaml").write_text(f"# Later.\n{RECORD}", encoding="utf-8")
        overviews.shown(0)
        assert overviews._making
        later.append(overviews._making[1])
        raise MemoryError

    monkeypatch.setattr(td, "overview", fail)
    with pytest.raises(MemoryError):
        overviews.shown(60)
    assert later[0].result(60).is_current


def test_the_list_follows_the_disk(client: TestClient, workspace: Workspace) -> None:
    assert "DUSK-2" not in trials_of(client)
    text = RECORD.replace("dawn-1", "dusk-9").replace("DAWN-1", "DUSK-9")
    (workspace.seeds / "dusk-9.yaml").write_text(text, encoding="utf-8")
    assert "DUSK-9" in trials_of(client)
    (workspace.seeds / "dusk-9.yaml").unlink()
    assert "DUSK-9" not in trials_of(client)


def test_a_damaged_ledger_is_said(client: TestClient, workspace: Workspace) -> None:
    workspace.decks.mkdir()
    (workspace.decks / "ledger.jsonl").write_text("no line\n", encoding="utf-8")
    assert "restore the file from git" in trials_of(client)


def test_work_on_the_list_ends_with_the_desk(workspace: Workspace) -> None:
    workspace.end()
    error = Overviews(workspace).shown(patience=60).error
    assert error is not None
    assert error.message == "the desk has ended"


def test_texts_of_a_record_are_texts_in_the_list(client: TestClient, workspace: Workspace) -> None:
    text = RECORD.replace("title: Dawnol for Example Disease", "title: Dawnol <script>alert(1)</script> & `<b>`")
    (workspace.seeds / "dawn-1.yaml").write_text(text, encoding="utf-8")
    html = trials_of(client)
    assert "<script" not in html
    assert "<b>&" not in html


def test_a_new_trial_is_what_the_command_writes(client: TestClient, workspace: Workspace, tmp_path: Path) -> None:
    given = {"title": "Duskol for Example Disease", "acronym": "DUSK-9", "specialties": "cardiology, nephrology"}
    answer = client.post("/new", json=given)
    assert answer.json() == {"record": "dusk-9.yaml", "address": "/trial/dusk-9.yaml"}
    (tmp_path / "other" / "seeds").mkdir(parents=True)
    path = td.new_record(
        td.load(tmp_path / "other"), title=given["title"], acronym="DUSK-9", specialties=["cardiology", "nephrology"]
    )
    assert (workspace.seeds / "dusk-9.yaml").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"title": " "}, "a record needs a title"),
        ({"title": "Dawn", "acronym": "DAWN-1"}, "exists already"),
        ({"title": "Dawn", "acronym": "N", "registry": "none"}, "registry"),
        ({"title": ["Dawn"]}, "the form was not sent as texts"),
        ([], "the form was not sent as texts"),
    ],
)
def test_a_new_trial_that_cannot_be_is_refused(client: TestClient, given: object, message: str) -> None:
    answer = client.post("/new", json=given)
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert answer.json()["hint"]


def test_a_body_that_is_not_json_is_refused(client: TestClient) -> None:
    answer = client.post("/new", content=b"{")
    assert answer.status_code == 400
    assert "this is not JSON" in answer.json()["message"]


def test_a_folder_without_a_project_begins_one(tmp_path: Path) -> None:
    folder = tmp_path / "heart-failure"
    folder.mkdir()
    client = client_of(Workspace(folder, tmp_path / "scratch", tmp_path / "cache"))
    assert "Begin a collection" in client.get("/").text
    given = {
        "name": "Heart Failure",
        "license": "CC BY 4.0",
        "report": "errors@example.org",
        "authors": "Jane Doe, Ann Lee",
    }
    answer = client.post("/begin", json=given)
    assert "decks/project.yaml" in answer.json()["written"]
    assert "authors: [Jane Doe, Ann Lee]" in (folder / "decks" / "project.yaml").read_text(encoding="utf-8")
    assert "Three ways to the first trial" in trials_of(client)


def test_what_cannot_be_a_project_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    client = client_of(Workspace(tmp_path, tmp_path, tmp_path / "cache"))
    answer = client.post("/begin", json={"name": "A::B", "report": "nobody"})
    assert answer.status_code == 400
    assert "neither a web address nor a mail address" in answer.json()["message"]
    assert not (tmp_path / "decks").exists()


def test_an_unknown_address_has_a_page_for_people_and_json_for_scripts(client: TestClient) -> None:
    assert "There is nothing at this address" in client.get("/nothing", headers={"Accept": "text/html"}).text
    assert client.get("/nothing").json()["message"] == "There is nothing at this address"


VIEWS = ("/", "/new", "/add", "/cards", "/review", "/release", "/anki", "/settings")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("begins", [False, True])
def test_every_view_has_something_to_say_before_the_first_trial(tmp_path: Path, view: str, *, begins: bool) -> None:
    folder = tmp_path / "heart-failure"
    folder.mkdir()
    client = client_of(Workspace(folder, tmp_path / "scratch", tmp_path / "cache"))
    if begins:
        td.begin(folder)
    answer = client.get(view, headers={"Accept": "text/html"})
    if answer.status_code == 303:
        answer = client.get(answer.headers["location"], headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "<h1" in answer.text
