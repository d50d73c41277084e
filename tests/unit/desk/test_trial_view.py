"""The trial's page asks and answers: what the desk writes is what the API writes, and nothing is overwritten."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import trialdeck as td
from conftest import RECORD
from desk_client import desk_client
from trialdeck.desk.overviews import Shown

PAGE = "/trial/dawn-1.yaml"
WAS = "Why does dawnol work?"
WHY: dict[str, Any] = {"path": ["questions", 0, "question"], "names": ["why"], "value": "Why so?", "was": WAS}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "seeds" / "dawn-1.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(RECORD)
    return path


@pytest.fixture
def client(record: Path, tmp_path: Path) -> TestClient:
    return desk_client(record.parents[1], tmp_path / "scratch")


def test_the_page_has_the_form_and_what_scripts_need(client: TestClient) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Why does dawnol work?" in page.text
    state = page.text.partition('id="state">')[2].partition("</script>")[0]
    assert json.loads(state)["data"]["acronym"] == "DAWN-1"
    assert client.get("/trial/dusk-2.yaml").status_code == 404


def test_the_desk_writes_the_bytes_that_the_api_writes(client: TestClient, record: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    shutil.copy(record, other)
    told = client.post(PAGE, json={"changes": [WHY]}).json()
    change = td.Change(("questions", 0, "question"), "Why so?", WAS, names=("why",))
    edited = td.edit(other, [change])
    assert record.read_bytes() == other.read_bytes()
    assert (told["text"], told["data"]["questions"][0]["question"]) == (edited.text, "Why so?")
    back = client.post(PAGE, json={"changes": told["undo"], "together": True})
    assert back.status_code == 200
    assert record.read_text() == RECORD


def test_a_conflict_says_what_is_there_now(client: TestClient, record: Path) -> None:
    title = {"path": ["title"], "value": "Dawnol", "was": "Dawnol for Example Disease"}
    answer = client.post(PAGE, json={"changes": [{**WHY, "was": "Why?"}, title]})
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == [{"index": 0, "now": "Why does dawnol work?", "gone": False}]
    assert record.read_text() == RECORD.replace("title: Dawnol for Example Disease", "title: Dawnol")
    refused = client.post(PAGE, json={"changes": [{**WHY, "value": "\x02"}]}).json()
    assert (refused["conflicts"], refused["refused"][0]["index"]) == ([], 0)


def test_an_entry_is_added_gets_its_id_and_is_renamed(client: TestClient, record: Path) -> None:
    added = client.post(PAGE, json={"add": {"path": ["questions"]}, "form": True}).json()
    assert added["data"]["questions"][2] == {"id": "question-3", "perspective": "clinical"}
    assert "New question" in added["form"]
    place = {"path": ["questions", 2], "names": ["question-3"]}
    client.post(PAGE, json={"changes": [{"path": ["questions", 2, "question"], "value": "Which dose was best?"}]})
    settled = client.post(PAGE, json={"settle": place}).json()
    assert settled["data"]["questions"][2]["id"] == "dose-best"
    stale = client.post(PAGE, json={"rename": {**place, "id": "dose"}})
    assert (stale.status_code, stale.json()["message"]) == (400, "this entry is no longer there")
    named = {"path": ["questions", 2], "names": ["dose-best"], "id": "dose", "history": True}
    renamed = client.post(PAGE, json={"rename": named}).json()
    assert renamed["data"]["questions"][2]["formerly"] == ["dose-best"]
    taken = client.post(PAGE, json={"rename": {**named, "names": ["dose"], "id": "why"}})
    assert taken.json()["message"] == "the id 'why' is taken in this list"
    trial = client.post(PAGE, json={"rename": {"id": "dawn-one"}}).json()
    assert (trial["data"]["id"], trial["data"]["formerly"]) == ("dawn-one", ["dawn-1"])
    arm = client.post(PAGE, json={"add": {"path": ["results", 0, "arms"], "names": ["rfs"]}}).json()
    assert arm["data"]["results"][0]["arms"][2] == {}
    assert td.read_record(record).data == arm["data"]


def test_the_further_fields_of_an_entry_come_when_they_are_opened(client: TestClient) -> None:
    assert 'id="f-questions-0-source-doi"' not in client.get(PAGE).text
    place = [{"path": ["questions", 0], "names": ["why"]}]
    more = client.get(PAGE, params={"part": "more", "opened": json.dumps(place)})
    assert 'id="f-questions-0-source-doi"' in more.text
    move = {"path": ["questions", 0], "names": ["why"], "action": "move", "to": 1}
    moved = client.post(PAGE, json={"changes": [move], "form": True, "opened": place}).json()["form"]
    assert 'id="f-questions-1-source-doi"' in moved
    assert 'id="f-questions-0-source-doi"' not in moved
    for odd in ("[", "[1]", '[{"path": ["nothing", 7]}]', "[]"):
        assert client.get(PAGE, params={"part": "more", "opened": odd}).status_code in {400, 410}


def test_an_entry_is_found_by_its_name_where_others_have_moved_it(client: TestClient, record: Path) -> None:
    first = "  - {id: first, perspective: clinical, question: First?, response: A.}\n"
    record.write_text(RECORD.replace("questions:\n", f"questions:\n{first}"))
    place = {"path": ["questions", 0], "names": ["why"]}
    more = client.get(PAGE, params={"part": "more", "opened": json.dumps([place])})
    assert 'id="f-questions-1-source-doi"' in more.text
    settled = client.post(PAGE, json={"settle": place}).json()
    assert [each["id"] for each in settled["data"]["questions"]] == ["first", "dawnol-work", "whom"]


def test_problems_have_their_place_and_fixes_that_can_be_sent_back(client: TestClient) -> None:
    change = {"path": ["results", 0, "measure"], "names": ["rfs"], "value": "HR", "was": "hazard ratio"}
    problems = client.post(PAGE, json={"changes": [change]}).json()["problems"]
    problem = next(each for each in problems if each["path"] == ["results", 0, "measure"])
    assert (problem["severity"], problem["hint"].startswith("did you mean 'hazard ratio'? ")) == ("error", True)
    assert problem["said"] == {"message": "unknown measure 'HR'", "hint": "choose one that the form has"}
    mended = client.post(PAGE, json={"changes": problem["fixes"][0]["changes"], "together": True}).json()
    assert mended["data"]["results"][0]["measure"] == "hazard ratio"
    assert not [each for each in mended["problems"] if each["severity"] == "error"]


def test_what_only_a_comparison_finds_has_its_place_too(client: TestClient, record: Path) -> None:
    (record.parent / "after.yaml").write_text(
        RECORD.replace("Why does dawnol work?", "How does dawnol work?").replace("tested: Duskol", "tested: Another")
    )
    client.app.app.state.overviews.shown(60)  # type: ignore[attr-defined]
    told = client.get("/trial/dawn-1.yaml", params={"part": "compared"}).json()
    places = {(problem["said"]["message"], *problem["path"]) for problem in told["problems"]}
    assert told["is_current"]
    assert ("the trial id 'dawn-1' is taken by after.yaml", "id") in places
    assert "“What was tested” of dusk-2 differs from what after.yaml says in line 42" in {said for said, *_ in places}
    assert not {problem["message"] for problem in told["problems"]} & {
        problem["message"] for problem in client.get(PAGE, params={"part": "state"}).json()["problems"]
    }


def test_a_comparison_that_is_not_made_yet_is_asked_for_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.app.app.state.overviews, "shown", lambda _patience: Shown())  # type: ignore[attr-defined]
    assert client.get(PAGE, params={"part": "compared"}).json() == {"is_current": False, "problems": []}


def test_the_text_is_written_whole_or_merged(client: TestClient, record: Path) -> None:
    ours = RECORD.replace("Start early.", "Start late.")
    client.post(PAGE, json={"changes": [WHY]})
    answer = client.put(PAGE, json={"text": ours, "was": RECORD})
    assert answer.status_code == 200
    assert record.read_text() == ours.replace("Why does dawnol work?", "Why so?")
    refused = client.put(PAGE, json={"text": RECORD.replace("Start early.", "Never."), "was": RECORD})
    assert (refused.status_code, refused.json()["now"]) == (409, record.read_text())


def test_a_record_that_cannot_be_read_opens_as_text(client: TestClient, record: Path) -> None:
    record.write_text("format: 1\ntitle: [\n")
    page = client.get(PAGE)
    assert 'id="view-form" role="tabpanel" aria-labelledby="tab-form" hidden' in page.text
    answer = client.post(PAGE, json={"changes": [WHY]})
    assert answer.status_code == 422
    (problem,) = answer.json()["state"]["problems"]
    assert problem["line"]
    assert problem["said"] == {"message": problem["message"], "hint": problem["hint"]}
    assert client.put(PAGE, json={"text": RECORD, "was": "format: 1\ntitle: [\n"}).status_code == 200


def test_a_file_that_is_gone_is_written_anew(client: TestClient, record: Path) -> None:
    record.unlink()
    assert client.post(PAGE, json={"changes": [WHY]}).status_code == 410
    gone = client.put(PAGE, json={"text": RECORD, "was": RECORD})
    assert (gone.status_code, gone.json()["now"]) == (409, None)
    assert client.put(PAGE, json={"text": RECORD, "was": None}).status_code == 200
    assert record.read_text() == RECORD


def test_other_pages_are_told_of_what_was_written(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    events = client.app.app.state.workspace.events  # type: ignore[attr-defined]
    monkeypatch.setattr(events, "tell", told.append)
    client.post(PAGE, json={"changes": [WHY]}, headers={"Desk-Tab": "one"})
    client.post(PAGE, json={"changes": [WHY]}, headers={"Desk-Tab": "one"})
    assert told == [{"record": "dawn-1.yaml", "tab": "one"}]


@pytest.mark.parametrize(
    "body", [{"changes": [{"path": "title"}]}, {"changes": [{"path": [], "action": "eat"}]}, [], {"add": 1}]
)
def test_what_is_no_change_is_refused(client: TestClient, record: Path, body: Any) -> None:
    answer = client.post(PAGE, json=body)
    assert (answer.status_code, record.read_text()) == (400, RECORD)
    assert answer.json()["hint"] == "reload the page and try again"


@pytest.mark.parametrize("path", [[], ["questions", -1], ["questions", 9, "question"], ["x" * 300], ["results", "0"]])
def test_odd_paths_change_nothing_and_raise_nothing(client: TestClient, path: list[str | int]) -> None:
    for action in ("set", "insert", "move", "remove"):
        answer = client.post(PAGE, json={"changes": [{"path": path, "value": "x", "action": action}]})
        assert answer.status_code in {200, 400, 409}


def test_a_hostile_record_is_text_on_the_page(client: TestClient, record: Path) -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\" onfocus=alert(3)"
    record.write_text(RECORD.replace("Why does dawnol work?", json.dumps(hostile)))
    page = client.get(PAGE).text
    assert page.count("<script") == page.count("</script>")
    assert "alert(1)</script>" not in page
    assert "<img src=x" not in page


def test_a_formula_is_drawn_or_said_to_be_unfinished(client: TestClient) -> None:
    assert "<mfrac>" in client.post("/formula", json={"tex": r"\frac{1}{2}"}).json()["mathml"]
    assert client.post("/formula", json={"tex": r"\frac"}).json() == {"mathml": ""}
    hostile = client.post("/formula", json={"tex": r"\text{<script>alert(1)</script>}\href{javascript:a}{b}"}).text
    assert "<script" not in hostile
    assert "javascript" not in hostile
