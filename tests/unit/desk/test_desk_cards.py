"""Cards in the desk: what the pages say, and what is answered while an author types."""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from conftest import RECORD
from desk_client import desk_client
from forest_trials import trial_text
from projects import Project
from trialdeck.desk.card_frames import FRAME_STYLE, frame_document
from trialdeck.desk.deck_listing import form_address


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    for name in ("DAWN-1", "DUSK-2", "NOON-3"):
        project.text(name.lower(), trial_text(name))
    project.define("by-trial", "name: By Trial", "split: trial")
    return project


@pytest.fixture
def client(project: Project, tmp_path: Path) -> TestClient:
    return desk_client(project.folder, tmp_path / "scratch")


def listed(html: str) -> list[str]:
    """The labels of the list of cards."""
    rows = re.findall(r'<span class="deck-label">(.*?)</span>', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]


def frames(html: str) -> list[str]:
    """The documents of the frames."""
    return [unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', html)]


def test_the_deck_is_in_the_order_of_study(client: TestClient) -> None:
    html = client.get("/cards").text
    first = listed(html)[:4]
    assert first[0] == "DAWN-1 Trial → What was tested"
    assert first[1].endswith("gap 1 of 3")
    assert first[2:] == ["DUSK-2 Trial → What was tested", "NOON-3 Trial → What was tested"]
    assert "Card 1 of 15" in html
    front, back = frames(html)
    assert "What did" in front
    assert "Dawnol added to standard care" in back


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("perspective=mechanism", 3),
        ("perspective=mechanism&trial=dusk-2.yaml", 1),
        ("trial=across", 3),
        ("audience=fellow", 15),
        ("core=1", 0),
        ("deck=by-trial", 21),
        ("at=99", 15),
        ("at=-1", 15),
        ("at=²", 15),
    ],
)
def test_filters(client: TestClient, query: str, count: int) -> None:
    html = client.get(f"/cards?{query}").text
    assert len(listed(html)) == count
    assert ("No card is like that" in html) is (count == 0)


def test_the_cards_of_one_trial_are_its_own_and_its_forests(client: TestClient) -> None:
    labels = listed(client.get("/cards/dusk-2.yaml").text)
    assert len(labels) == 7
    assert [label for label in labels if "gap" in label] != []
    assert not any("DAWN-1" in label or "NOON-3" in label for label in labels)


def test_a_long_deck_is_listed_in_parts(project: Project, client: TestClient) -> None:
    for number in range(30):
        project.text(f"rain-{number}", trial_text(f"RAIN-{number}", topics=f"topic-{number}"))
    html = client.get("/cards?at=60").text
    assert len(listed(html)) == 50
    assert 'href="/cards?at=1">Earlier cards' in html
    assert 'href="/cards?at=101">Later cards' in html


def test_what_cannot_be_shown_says_why(project: Project, client: TestClient, tmp_path: Path) -> None:
    assert client.get("/cards?deck=none").status_code == 400
    assert client.get("/cards/..%2F..%2Fetc%2Fpasswd").status_code in {200, 400}


def test_without_trials_there_is_a_way_to_add_one(tmp_path: Path) -> None:
    for made in ("seeds", "decks"):
        assert "There are no trials yet" in desk_client(tmp_path / "new", tmp_path / "scratch").get("/cards").text
        (tmp_path / "new" / made).mkdir(parents=True)
    (tmp_path / "new" / "seeds" / ".gitkeep").touch()
    assert "There are no trials yet" in desk_client(tmp_path / "new", tmp_path / "scratch").get("/cards").text


def test_trials_with_errors_are_named(project: Project, client: TestClient) -> None:
    project.text("noon-3", "title: [")
    html = client.get("/cards").text
    assert '1 trial with errors is missing here: <a href="/trial/noon-3.yaml">noon-3.yaml</a>' in html
    assert listed(html)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ((), "/trial/a%20b/x.yaml"),
        (("summary",), "/trial/a%20b/x.yaml#f-summary"),
        (("questions", 0, "cloze", "y"), "/trial/a%20b/x.yaml#f-questions-0-body"),
    ],
)
def test_a_card_leads_to_its_place_in_the_form(entry: tuple[str | int, ...], address: str) -> None:
    assert form_address("a b/x.yaml", entry) == address


def preview(client: TestClient, *path: str | int, name: str = "dawn-1.yaml", **more: Any) -> Any:
    return client.post(f"/cards/preview/{name}", json={"path": list(path), **more}).json()


def test_what_is_typed_is_shown_and_not_written(project: Project, client: TestClient) -> None:
    before = (project.seeds / "dawn-1.yaml").read_bytes()
    typed = {"path": ["questions", 0, "response"], "value": "It **blocks**.", "was": "It binds."}
    answer = preview(client, "questions", 0, "response", changes=[typed])
    assert [card["key"] for card in answer["cards"]] == ["dawn-1/question/why"]
    assert "<strong>blocks</strong>" in answer["cards"][0]["back"]
    assert (project.seeds / "dawn-1.yaml").read_bytes() == before


def test_faults_of_the_entry_stand_in_place_of_its_card(client: TestClient) -> None:
    typed = {"path": ["questions", 0, "response"], "value": "", "was": "It binds."}
    answer = preview(client, "questions", 0, changes=[typed])
    assert answer["cards"] == []
    assert answer["message"] == "There is no card as long as this is wrong:"
    assert answer["problems"] == [{"message": "“Answer” is missing", "hint": "fill it in"}]


def test_reading_says_that_no_card_asks_it(project: Project, client: TestClient) -> None:
    project.text("dawn-1", RECORD.replace("cards: [summary, key_findings, limitations]\n", ""))
    assert preview(client, "limitations", 0)["message"] == "No card asks this."
    assert preview(client, "history")["message"] == "Nothing is written here yet."


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("dawn-1.yaml", {"path": [None]}),
        ("dawn-1.yaml", {"path": [], "changes": [{"value": "x"}]}),
        ("dawn-1.yaml", []),
        ("..%2Fdecks%2Fby-trial.yaml", {"path": []}),
        ("none.yaml", {"path": []}),
    ],
)
def test_a_wrong_request_is_refused_in_words(client: TestClient, name: str, body: Any) -> None:
    answer = client.post(f"/cards/preview/{name}", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_frame_allows_no_script_and_nothing_from_elsewhere(client: TestClient) -> None:
    html = client.get("/cards?trial=across").text
    assert html.count('sandbox="allow-same-origin"') == html.count("<iframe") == 2
    for document in frames(html):
        assert "default-src 'none'" in document
        assert "script-src" not in document
        assert '<base target="_blank">' in document
        assert " style=" not in document
        assert "data-place=" in document
    digest = b64encode(sha256(FRAME_STYLE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in client.get("/cards").headers["content-security-policy"]


@pytest.mark.parametrize(("cookie", "look"), [("night", "nightMode"), ("day", "dayMode"), ("x", "")])
def test_a_frame_has_the_colours_of_the_desk(client: TestClient, cookie: str, look: str) -> None:
    client.cookies.set("desk-look", cookie)
    assert frames(client.get("/cards").text)[0].startswith(f'<!doctype html><html lang="en" class="{look}">')


def test_the_style_of_a_frame_does_not_end_early() -> None:
    assert frame_document("<p>x</p>", "").count("</style>") == 1
