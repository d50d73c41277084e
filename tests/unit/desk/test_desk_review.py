"""Review in the desk: what is shown, and what is written into the record: the same bytes as in the terminal."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

import trialdeck as td
from conftest import RECORD
from desk_client import desk_client
from projects import NOW, Project
from trialdeck.cli import main


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))
    project = Project(tmp_path / "project")
    project.record()
    return project


@pytest.fixture
def client(project: Project, tmp_path: Path) -> TestClient:
    return desk_client(project.folder, tmp_path / "scratch")


def items(project: Project) -> dict[str, td.ReviewItem]:
    found = td.review_items(
        td.load(project.seeds / "dawn-1.yaml"), which=("unreviewed", "stale", "disputed", "reviewed")
    )
    return {item.title: item for item in found}


def sign(client: TestClient, item: td.ReviewItem, **more: Any) -> Any:
    said = {"entry": list(item.entry), "seen": item.seen, "verdict": "reviewed", "by": "A. Reader", **more}
    return client.post("/review/dawn-1.yaml", json=said)


def heading(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]*>", "", found[1])).split())


def test_an_item_is_shown_with_its_source_its_texts_and_its_cards(client: TestClient) -> None:
    html = client.get("/review/dawn-1.yaml?at=4").text
    assert heading(html) == "Question why"
    assert "0 of 7 reviewed" in html
    assert 'href="https://doi.org/10.1000/dawn"' in html
    assert 'href="https://clinicaltrials.gov/study/NCT00000001"' in html
    assert "It binds dawnin." in html
    assert "It binds **dawnin**.</textarea>" in html
    assert html.count("<iframe") == 2


def test_a_record_with_faults_leads_to_its_form(client: TestClient, project: Project) -> None:
    project.text("dawn-1", RECORD.replace("response: It binds **dawnin**.", "respons: It binds **dawnin**."))
    html = client.get("/review/dawn-1.yaml").text
    assert heading(html) == "DAWN-1 cannot be reviewed yet"
    assert 'href="/trial/dawn-1.yaml#f-questions-0' in html
    assert "“Answer” is missing" in html
    assert str(project.folder) not in html.partition("<footer")[0]


def test_the_first_open_item_comes_first_and_reading_says_so(client: TestClient, project: Project) -> None:
    project.text("dawn-1", RECORD.replace("cards: [summary, key_findings, limitations]\n", ""))
    html = client.get("/review/dawn-1.yaml").text
    assert heading(html) == "Key findings relapse"
    assert "No card asks this." in client.get("/review/dawn-1.yaml?at=2").text


def test_a_signature_is_the_one_of_the_terminal(client: TestClient, project: Project) -> None:
    path = project.seeds / "dawn-1.yaml"
    for count in range(7):
        assert sign(client, next(iter(td.review_items(td.load(path))))).status_code == 200, count
    by_desk = path.read_bytes()
    project.record()
    typed = ["review", str(path), "--by", "A. Reader"]
    assert CliRunner().invoke(main, typed, input="y\n" * 7).exit_code == 0
    assert path.read_bytes() == by_desk
    assert heading(client.get("/review/dawn-1.yaml").text) == "Nothing is left to review in DAWN-1"


def test_disputes_and_corrections_are_those_of_the_terminal(client: TestClient, project: Project) -> None:
    path, item = project.seeds / "dawn-1.yaml", items(project)["question: why"]
    response = next(text for text in item.texts if text.path[-1] == "response")
    said = {"entry": list(item.entry), "path": list(response.path), "was": response.text, "value": "It *blocks*."}
    assert client.post("/review/correct/dawn-1.yaml", json=said).status_code == 200
    again = items(project)["question: why"]
    assert sign(client, again, verdict="disputed", reason="It does **not**.").status_code == 200
    by_desk = path.read_bytes()
    project.record()
    number = list(items(project)).index("question: why")
    answers = "s\n" * number + "c\n2\nIt *blocks*.\nd\nIt does **not**.\nq\n"
    CliRunner().invoke(main, ["review", str(path), "--by", "A. Reader"], input=answers)
    assert path.read_bytes() == by_desk


def test_an_item_is_shown_with_the_labels_of_the_form(client: TestClient, project: Project) -> None:
    number = list(items(project)).index("question: why") + 1
    html = client.get(f"/review/dawn-1.yaml?at={number}").text
    assert "<dt>Answer</dt>" in html
    assert ">Answer</label>" in html
    assert "Response" not in html.partition('class="review-cards"')[0]


def test_a_correction_that_is_a_fault_is_refused_in_the_words_of_the_form(client: TestClient, project: Project) -> None:
    item = items(project)["question: why"]
    said = {"entry": list(item.entry), "path": [*item.entry, "response"], "was": item.texts[1].text, "value": ""}
    answer = client.post("/review/correct/dawn-1.yaml", json=said)
    assert (answer.status_code, answer.json()) == (400, {"message": "“Answer” is missing", "hint": "fill it in"})


def test_everything_is_taken_back_to_the_byte(client: TestClient, project: Project) -> None:
    before = (project.seeds / "dawn-1.yaml").read_bytes()
    undone = [sign(client, item).json()["undo"] for item in list(items(project).values())[:4]]
    for changes in reversed(undone):
        assert client.post("/review/undo/dawn-1.yaml", json={"changes": changes}).status_code == 200
    assert (project.seeds / "dawn-1.yaml").read_bytes() == before


def test_what_somebody_has_changed_since_is_not_taken_back(client: TestClient, project: Project) -> None:
    first = sign(client, items(project)["question: why"]).json()["undo"]
    sign(client, items(project)["question: why"], by="B. Reader")
    answer = client.post("/review/undo/dawn-1.yaml", json={"changes": first})
    assert (answer.status_code, answer.json()["message"]) == (409, "this was changed again since")


def test_the_next_open_item_comes_next_and_then_those_that_were_skipped(client: TestClient, project: Project) -> None:
    every = items(project)
    titles = list(every)
    fourth = every[titles[3]]
    assert sign(client, fourth, at=4).json()["next"] == "/review/dawn-1.yaml?at=5"
    sign(client, every[titles[4]], at=5)
    sign(client, every[titles[5]], at=6)
    assert sign(client, items(project)[titles[2]], at=3).json()["next"] == "/review/dawn-1.yaml?at=7"
    html = client.get("/review/dawn-1.yaml?at=7").text
    assert "2 entries of this trial are not reviewed yet" in html
    assert 'data-skip="/review/dawn-1.yaml?at=1"' in html


def test_the_record_itself_waits_for_its_entries(client: TestClient, project: Project) -> None:
    answer = sign(client, items(project)["the record's own texts"])
    assert (answer.status_code, answer.json()["message"]) == (409, "its entries are not all reviewed yet: 6 left")
    assert sign(client, items(project)["the record's own texts"], verdict="disputed", reason="No.").status_code == 200


def test_an_unseen_text_is_not_signed(client: TestClient, project: Project) -> None:
    seen = items(project)["question: why"]
    project.edit("dawn-1", response="It holds")
    before = (project.seeds / "dawn-1.yaml").read_bytes()
    answer = sign(client, seen)
    assert answer.status_code == 400
    assert "says something else by now" in answer.json()["message"]
    assert (project.seeds / "dawn-1.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"by": " "}, "a review needs a name"),
        ({"verdict": "disputed"}, "a dispute needs a reason"),
        ({"verdict": "fine"}, "this is no review"),
        ({"entry": ["questions", 9]}, "no longer there"),
        ({"as_of": "soon"}, "'soon' is not a date"),
    ],
)
def test_what_cannot_be_signed_says_why(client: TestClient, project: Project, more: Any, message: str) -> None:
    answer = sign(client, items(project)["question: why"], **more)
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8") == RECORD


def test_a_correction_that_is_an_error_is_refused(client: TestClient, project: Project) -> None:
    item = items(project)["result: rfs"]
    estimate = next(text for text in item.texts if text.path[-1] == "estimate")
    said = {"entry": list(item.entry), "path": list(estimate.path), "was": estimate.text, "value": "0.95"}
    answer = client.post("/review/correct/dawn-1.yaml", json=said)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("the estimate 0.95 lies outside its interval 0.60 to 0.90")
    elsewhere = said | {"path": ["title"], "was": "Dawnol for Example Disease"}
    assert "no longer there" in client.post("/review/correct/dawn-1.yaml", json=elsewhere).json()["message"]
    assert (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8") == RECORD


def test_the_name_is_kept_for_the_session(client: TestClient, project: Project) -> None:
    assert 'name="by" autocomplete="name" value=""' in client.get("/review/dawn-1.yaml").text
    sign(client, items(project)["question: why"])
    assert 'name="by" autocomplete="name" value="A. Reader"' in client.get("/review/dawn-1.yaml").text


def test_what_to_go_through_can_be_chosen(client: TestClient, project: Project) -> None:
    every = items(project)
    sign(client, every["question: why"])
    sign(client, every["question: whom"], verdict="disputed", reason="No.")
    assert heading(client.get("/review/dawn-1.yaml?which=disputed").text) == "Question whom"
    assert "Disputed by A. Reader on 2026-09-21: No." in client.get("/review/dawn-1.yaml?which=disputed").text
    assert heading(client.get("/review/dawn-1.yaml?which=stale").text) == "Nothing here is “out of date”"
    assert client.get("/review/dawn-1.yaml?which=all").text.count('<a class="step ') == 7
    assert client.get("/review/dawn-1.yaml?which=x&at=0").status_code == 200


def test_a_review_that_is_out_of_date_says_why(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(client, items(project)["question: why"])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW + 3 * 365 * 86_400))
    html = client.get("/review/dawn-1.yaml?which=stale").text
    assert heading(html) == "Question why"
    assert "reviewed on 2026-09-21 by A. Reader" in html


def test_a_guideline_claim_asks_for_its_day(client: TestClient, project: Project) -> None:
    project.edit("dawn-1", response="By NCCN category 1 it binds")
    html = client.get("/review/dawn-1.yaml?at=4").text
    assert 'name="as_of" type="date" value="2026-09-21"' in html
    sign(client, items(project)["question: why"], as_of="2026-08-01")
    assert "as_of: '2026-08-01'" in (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8").replace('"', "'")


def test_the_trials_are_listed_with_what_is_left(client: TestClient, project: Project) -> None:
    project.text("torn", "title: [")
    html = client.get("/review").text
    assert "7 left" in html
    assert "to correct first" in html
    assert 'href="/trial/torn.yaml"' in client.get("/review/torn.yaml").text
