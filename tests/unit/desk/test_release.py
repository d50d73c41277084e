"""The release page: what learners will get, the build, what can be taken away; asked as a browser asks."""

import io
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import trialdeck as td
from anki_connect_stub import StubAnki, serving
from desk_client import desk_client
from projects import DAY, NOW, Project
from trialdeck.core.locks import file_lock
from trialdeck.core.transactions import LOCK


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "trials")
    project.record("dawn-1")
    project.settings()
    project.define("main", "name: Main", "split: trial")
    return project


@pytest.fixture
def client(project: Project, tmp_path: Path) -> TestClient:
    (tmp_path / "scratch").mkdir()
    return desk_client(project.folder, tmp_path / "scratch")


def lines(client: TestClient, address: str, body: object = None) -> list[dict[str, Any]]:
    answer = client.post(address, json=body or {})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def last(client: TestClient, address: str, body: object = None) -> dict[str, Any]:
    return lines(client, address, body)[-1]


def test_an_empty_folder_leads_to_the_page_that_adds_a_trial(tmp_path: Path) -> None:
    page = desk_client(tmp_path, tmp_path / "scratch").get("/release").text
    assert 'href="/add"' in page
    assert 'id="build"' not in page


def test_a_comparison_tells_how_far_it_is_and_ends_with_what_is_new(client: TestClient) -> None:
    told = lines(client, "/release/changes")
    assert {"stage": "reading records", "done": 0, "total": 1} in told
    assert told[-1]["edition"]
    assert "<b>13</b> new" in told[-1]["html"] or " new" in told[-1]["html"]
    assert "DAWN-1" in told[-1]["html"]


def test_words_are_shown_as_words_not_as_marks(client: TestClient, project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", response="It <b>blocks</b> & stops")
    html = last(client, "/release/changes")["html"]
    assert "<del>binds</del>" in html
    assert "Answer" in html
    assert "<script" not in html


def test_the_text_of_a_record_is_no_html_of_the_page(client: TestClient, project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", why_question="Why `<img src=x onerror=alert(1)>`?")
    html = last(client, "/release/changes")["html"]
    assert "&lt;img src=x" in html
    assert "<img" not in html


def test_a_build_writes_what_the_command_line_writes(client: TestClient, project: Project, tmp_path: Path) -> None:
    done = last(client, "/release/build", {"edition": "2026.1"})
    assert done["edition"] == "2026.1"
    assert "main-dawn-1.apkg" in done["html"]
    assert 'edition: "2026.1"' in (project.decks / "project.yaml").read_text(encoding="utf-8")
    assert td.build(td.load(project.folder)).up_to_date
    page = client.get("/release").text
    assert "Nothing has changed since the last build" in page or "data-current" in page


def test_the_name_of_an_edition_that_another_window_has_changed_is_not_overwritten(
    client: TestClient, project: Project
) -> None:
    project.settings("edition: theirs")
    refused = last(client, "/release/build", {"edition": "mine", "edition_was": ""})
    assert refused["failed"]
    assert "was changed meanwhile" in refused["html"]
    assert not list(project.decks.glob("*.apkg"))


def test_a_bad_name_of_an_edition_says_why(client: TestClient, project: Project) -> None:
    refused = last(client, "/release/build", {"edition": "May 2026"})
    assert "cannot be the name of an edition" in refused["html"].replace("&#39;", "'")
    assert not list(project.decks.glob("*.apkg"))


def test_a_build_that_fails_says_that_the_edition_has_its_name(client: TestClient, project: Project) -> None:
    """The page begins with that name when the author thinks of another one."""
    project.edit("dawn-1", title="")
    told = lines(client, "/release/build", {"edition": "first"})
    assert [line["named"] for line in told if "named" in line] == ["first"]
    assert told[-1]["failed"]
    again = lines(client, "/release/build", {"edition": "second", "edition_was": "first"})
    assert [line["named"] for line in again if "named" in line] == ["second"]
    same = lines(client, "/release/build", {"edition": "second", "edition_was": "second"})
    assert not [line for line in same if "named" in line]


def test_faults_lead_to_the_trial_and_to_the_settings(client: TestClient, project: Project) -> None:
    record = project.seeds / "dawn-1.yaml"
    text = record.read_text(encoding="utf-8").replace("    question: Why does dawnol work?\n", "    question:\n")
    record.write_text(f"{text}bogus: 1\n", encoding="utf-8")
    project.define("main", "name: Main", "split: topic")
    html = last(client, "/release/build")["html"]
    line = len(record.read_text(encoding="utf-8").splitlines())
    assert f">dawn-1.yaml, line {line}</a>" in html
    assert 'href="/trial/dawn-1.yaml#f-questions-0-question"' in html
    assert ": “Question” is empty<br>" in html
    assert 'href="/decks/main"' in html


def test_what_is_refused_is_asked_and_then_done(client: TestClient, project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", why="")
    for package in project.decks.glob("*.apkg"):
        package.unlink()
    for address in ("/release/changes", "/release/build"):
        html = last(client, address)["html"]
        assert 'name="allow" value="texts-lost"' in html
        assert "I know that learners lose the text of these cards for good." in html
        assert '<a href="/trial/dawn-1.yaml#f-questions">' in html
    done = last(client, "/release/build", {"allow": ["texts-lost"]})
    assert "1 withdrawn" in done["report"]


def test_what_is_refused_leads_to_its_place_in_the_form(client: TestClient, project: Project) -> None:
    project.build(NOW - DAY)
    record = project.seeds / "dawn-1.yaml"
    text = record.read_text(encoding="utf-8")
    record.rename(project.seeds / "the-first.yaml").write_text(text.replace("id: why\n", "id: how\n"), encoding="utf-8")
    client.app.app.state.overviews.shown(60)  # type: ignore[attr-defined]
    for address in ("/release/changes", "/release/build"):
        html = last(client, address)["html"]
        assert 'value="history-cut"' in html
        assert '<li><a href="/trial/the-first.yaml#f-questions-0-body">Why does dawnol work?</a></li>' in html


def test_new_facts_are_sent_if_the_author_wants_that(client: TestClient, project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", title="Dawnol for Everybody")
    assert 'name="refresh" value="dawn-1"' in last(client, "/release/changes")["html"]
    done = last(client, "/release/build", {"refresh": ["dawn-1"]})
    assert " changed" in done["report"]
    assert not td.diff(td.load(project.folder)).new_facts


@pytest.mark.parametrize(
    "body", [[], "x", {"allow": "texts-lost"}, {"allow": [1]}, {"edition": 3}, {"more": 1}, {"allow": ["everything"]}]
)
def test_odd_wishes_are_refused(client: TestClient, project: Project, body: object) -> None:
    answer = client.post("/release/build", json=body)
    told = answer.json() if answer.status_code == 400 else json.loads(answer.text.splitlines()[-1])
    assert told["message"]
    assert not list(project.decks.glob("*.apkg"))


def test_one_build_at_a_time(client: TestClient, project: Project) -> None:
    """The first build waits for a lock that another program holds; the second window is told, and cancels it."""
    told: list[dict[str, Any]] = []
    with file_lock(project.decks / LOCK, 0):
        first = threading.Thread(target=lambda: told.extend(lines(client, "/release/build")))
        first.start()
        while "A build is under way" not in client.get("/release").text:
            assert first.is_alive()
        second = client.post("/release/build", json={})
        assert second.json()["message"] == "A build is under way in another window"
        assert client.post("/release/cancel", json={}).json() == {"cancelled": True}
        first.join(60)
    assert told[-1] == {"cancelled": True, "message": "A build was cancelled", "hint": "Nothing was written."}
    assert not list(project.decks.glob("*.apkg"))
    assert "edition" in last(client, "/release/build")


def test_a_cancelled_build_says_that_the_name_of_the_edition_is_saved(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object, progress: Callable[[td.Progress], None], **__: object) -> None:
        client.post("/release/cancel", json={})
        progress(td.Progress("reading", 0, 1))

    monkeypatch.setattr(td, "build", build)
    told = last(client, "/release/build", {"edition": "2026.1", "edition_was": ""})
    assert told["hint"] == "No deck was written. The name of the edition is saved."
    assert td.settings(td.load(project.folder)).project.value(("edition",)) == "2026.1"


def test_before_the_first_edition_no_card_looks_different(client: TestClient) -> None:
    html = last(client, "/release/changes")["html"]
    assert "New (" in html
    assert "another look" not in html
    assert "Look of the cards" not in html


def test_a_fault_of_the_settings_leads_there_wherever_the_desk_was_started(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder.parent)
    (project.decks / "project.yaml").write_text("root: [")
    html = last(client, "/release/build")["html"]
    assert '<a href="/settings">Settings, project.yaml</a>' in html


def test_without_trials_there_is_nothing_to_release(client: TestClient, project: Project) -> None:
    (project.seeds / "dawn-1.yaml").unlink()
    html = client.get("/release").text
    assert "There are no trials yet" in html
    assert "Compare" not in html


def test_packages_are_saved_with_their_names(client: TestClient, project: Project) -> None:
    last(client, "/release/build")
    answer = client.get("/release/package/main-dawn-1.apkg")
    assert answer.content == (project.decks / "main-dawn-1.apkg").read_bytes()
    assert answer.headers["content-disposition"] == 'attachment; filename="main-dawn-1.apkg"'
    assert answer.headers["content-type"] == "application/octet-stream"
    notes = client.get("/release/EDITIONS.md")
    assert notes.content == (project.decks / "EDITIONS.md").read_bytes()
    assert notes.headers["content-disposition"].startswith("attachment")


def test_all_packages_come_in_one_file_that_leaves_nothing_behind(
    client: TestClient, project: Project, tmp_path: Path
) -> None:
    last(client, "/release/build")
    answer = client.get("/release/packages.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="trials-decks.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["EDITIONS.md", "main-dawn-1.apkg"]
        assert archive.read("main-dawn-1.apkg") == (project.decks / "main-dawn-1.apkg").read_bytes()
    assert not list((tmp_path / "scratch").glob("*.zip"))


@pytest.mark.parametrize(
    "name",
    [
        "ledger.jsonl",
        "project.yaml",
        "..%2Fseeds%2Fdawn-1.yaml",
        "%2Fetc%2Fpasswd",
        "linked.apkg",
        "main.apkg",
        "folder.apkg",
    ],
)
def test_nothing_else_is_given_away(client: TestClient, project: Project, tmp_path: Path, name: str) -> None:
    last(client, "/release/build")
    (tmp_path / "secret.apkg").write_bytes(b"secret")
    (project.decks / "linked.apkg").symlink_to(tmp_path / "secret.apkg")
    (project.decks / "folder.apkg").mkdir()
    assert client.get(f"/release/package/{name}").status_code == 404
    assert b"secret" not in client.get("/release/packages.zip").content


def test_the_site_is_made_served_at_another_port_and_saved(client: TestClient, project: Project) -> None:
    assert client.get("/release/site/open").status_code == 404
    assert client.get("/release/site.zip").status_code == 404
    done = last(client, "/release/site")
    assert "It is a preview: the decks have not been built yet" in done["html"]
    answer = client.get("/release/site/open")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://127.0.0.1:")
    with zipfile.ZipFile(io.BytesIO(client.get("/release/site.zip").content)) as archive:
        assert {"index.html", "trials/dawn-1.html", "packages/main-dawn-1.apkg"} <= set(archive.namelist())
    assert not list(project.decks.glob("*.apkg"))


def test_packages_for_one_reader_are_made_for_the_download_alone(client: TestClient, project: Project) -> None:
    (project.folder / "me.yaml").write_text("format: 1\nstage: student\n", encoding="utf-8")
    before = sorted(project.decks.iterdir())
    answer = client.get("/release/for-me.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["dawn-1.apkg"]
    assert sorted(project.decks.iterdir()) == before


def test_no_anki_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALDECK_ANKI_URL", "http://127.0.0.1:9")
    told = client.post("/release/anki", json={}).json()
    assert not told["runs"]
    assert "Anki is not running" in told["message"]


def test_packages_are_sent_into_anki(client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    last(client, "/release/build")
    with serving(StubAnki()) as anki:
        monkeypatch.setenv("TRIALDECK_ANKI_URL", anki.url)
        assert client.post("/release/anki", json={}).json()["runs"]
        done = last(client, "/release/push", {"packages": ["main-dawn-1.apkg", "../seeds/dawn-1.yaml"]})
        assert "main-dawn-1.apkg</b>: " in done["html"]
        assert " new" in done["html"]
        assert anki.notes
    assert client.post("/release/push", json={"packages": ["nothing.apkg"]}).status_code == 400
    assert last(client, "/release/push", {"packages": ["main-dawn-1.apkg"]})["failed"]
