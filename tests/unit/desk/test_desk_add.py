"""Add and From Anki without a browser: files in, what is in them out, and written only on demand."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from conftest import RECORD
from desk_client import ROOT_ADDRESS, client_of
from folders import ROOT
from suggesting import WHY, document, suggestion
from trialdeck.desk import uploads
from trialdeck.desk.uploads import safe_name
from trialdeck.desk.views import add
from trialdeck.desk.workspace import Workspace

EXAMPLES = ROOT / "docs" / "examples"
OTHER = (
    RECORD.replace("id: dawn-1", "id: dawn-7").replace("DAWN-1", "DAWN-7")
    .replace("10.1000/dawn", "10.1000/seven").replace("NCT00000001", "NCT00000007")
)  # fmt: skip
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(1)">'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    seeds = tmp_path / "project" / "seeds"
    seeds.mkdir(parents=True)
    (seeds / "dawn-7.yaml").write_text(OTHER, encoding="utf-8")
    return Workspace(tmp_path / "project", tmp_path / "scratch", tmp_path / "cache")


@pytest.fixture
def client(workspace: Workspace) -> TestClient:
    made = client_of(workspace)
    made.headers["Origin"] = ROOT_ADDRESS
    return made


def dropped(client: TestClient, *files: tuple[str, bytes]) -> str:
    """Send files as a page does; return the name of their box."""
    box: str = client.post("/add", json={}).json()["box"]
    for name, content in files:
        answer = client.put(f"/add/{box}/files/{name}", content=content)
        assert answer.status_code == 200, answer.text
    return box


def example(name: str) -> tuple[str, bytes]:
    return name, (EXAMPLES / name).read_bytes()


def key_in(html: str) -> str:
    found = re.search(r'data-key="([0-9a-f]{16})"', html)
    assert found, html
    return found[1]


def records(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.seeds.iterdir())


def test_a_study_and_a_citation_make_one_trial(client: TestClient, workspace: Workspace) -> None:
    box = dropped(client, example("NCT00000001.json"), example("dawn-1.nbib"))
    html = client.get(f"/add/{box}").text
    said = ("DAWN-1", "Dawnol in example disease", "Which outcomes become results?", "values without an analysis")
    for words in (*said, "Overall Survival", "parts not taken", "things concluded"):
        assert words in html, words
    assert "--all" not in html
    assert records(workspace) == ["dawn-7.yaml"]
    key = key_in(html)
    part = client.post(f"/add/{box}/{key}", json={"outcomes": ["2"], "trial_id": "dawn-1", "events": []}).text
    assert "<li>Overall Survival</li>" in part
    assert "<li>Relapse</li>" not in part
    written = client.post(f"/add/{box}/{key}/write", json={"outcomes": ["2"], "trial_id": "dawn-1"}).json()
    assert written == {"records": ["dawn-1.yaml"], "address": "/trial/dawn-1.yaml"}
    assert records(workspace) == ["dawn-1.yaml", "dawn-7.yaml"]
    assert "Written: 1 trial" in client.get(f"/add/{box}").text
    assert client.post(f"/add/{box}/{key}/write", json={}).status_code == 409


def test_two_windows_do_not_write_one_box_twice(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found the trial new before either writes it, each under another id."""
    box = dropped(client, example("NCT00000001.json"))
    key = key_in(client.get(f"/add/{box}").text)
    both, found = Barrier(2, timeout=20), add._found

    def found_by_both(request: Request) -> Any:
        arrival = found(request)
        both.wait()
        return arrival

    monkeypatch.setattr(add, "_found", found_by_both)

    def write(trial: str) -> int:
        return client.post(f"/add/{box}/{key}/write", json={"trial_id": trial}).status_code

    with ThreadPoolExecutor(2) as windows:
        assert sorted(windows.map(write, ["dawn-1", "dawn-2"])) == [200, 409]
    assert len(records(workspace)) == 2


def test_an_id_that_is_taken_is_said_before_anything_is_written(client: TestClient, workspace: Workspace) -> None:
    box = dropped(client, example("NCT00000001.json"))
    key = key_in(client.get(f"/add/{box}").text)
    part = client.post(f"/add/{box}/{key}", json={"trial_id": "dawn-7"}).text
    assert "dawn-7.yaml exists already" in part
    assert "disabled" in part
    answer = client.post(f"/add/{box}/{key}/write", json={"trial_id": "dawn-7"})
    assert (answer.status_code, answer.json()["message"]) == (400, "dawn-7.yaml exists already")
    assert "Dawnol for Example" in (workspace.seeds / "dawn-7.yaml").read_text(encoding="utf-8")


def test_a_deck_shows_its_first_cards_and_takes_another_map(client: TestClient, workspace: Workspace) -> None:
    box = dropped(client, example("by-genanki.apkg"))
    html = client.get(f"/add/{box}").text
    assert "Which drug did DAWN-1 test?" in html
    key = key_in(html)
    roles = {"Simple Question": {"Question": "response", "Answer": "question"}}
    part = client.post(f"/add/{box}/{key}", json={"roles": roles, "trial_id": "dawn-8", "counted": True}).text
    assert '<div class="first-side"><p>Dawnol</p></div>' in part
    assert "3 of 3 notes" in part
    faulty = client.post(f"/add/{box}/{key}", json={"roles": {"Simple Question": {"Question": "question"}}}).text
    assert "No field holds the answer yet: choose “answer” for one of the fields" in faulty
    client.post(f"/add/{box}/{key}/write", json={"roles": roles, "trial_id": "dawn-8"}).raise_for_status()
    assert "question: Dawnol\n" in (workspace.seeds / "dawn-8.yaml").read_text(encoding="utf-8")


def test_faults_are_shown_with_a_way_out(client: TestClient) -> None:
    box = dropped(client, ("some.nbib", (EXAMPLES / "dawn-1.nbib").read_bytes()), ("x.pdf", b"%PDF-1.7"))
    html = client.get(f"/add/{box}").text
    assert "some.nbib: a citation alone has nothing to ask about" in html
    assert "x.pdf: this is a PDF" in html
    assert "Put everything into a trial" in html
    into = client.get(f"/add/{box}?into=dawn-7.yaml")
    assert into.status_code == 200
    assert client.get(f"/add/{box}?into=../../x.yaml").status_code == 400


def test_edits_and_suggestions_go_to_their_page(client: TestClient, workspace: Workspace) -> None:
    made = suggestion(reason=HOSTILE, contributor=HOSTILE[:100], id="suggestion-9")
    box = dropped(client, ("ada.json", json.dumps(document(made)).encode()))
    moved = client.get(f"/add/{box}")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/anki/{box}")
    html = client.get(f"/anki/{box}").text
    assert "no note of these records has its guid" in html
    assert "<script>alert" not in html
    assert "<img" not in html


def test_a_suggestion_is_accepted_in_other_words(client: TestClient, workspace: Workspace) -> None:
    (workspace.seeds / "dawn-7.yaml").write_text(RECORD, encoding="utf-8")
    box = dropped(client, ("ada.json", json.dumps(document(suggestion())).encode()))
    html = client.get(f"/anki/{box}").text
    for words in ("Table 2 says so.", "doi:10.1000/dawn", "by Ada Example", "<ins> tightly</ins>"):
        assert words in html
    address = re.search(r'data-address="([^"]+)"', html)
    assert address
    texts = {"suggestion-1:Response": "It binds **dawnin** well."}
    done = client.post(address[1], json={"accepted": ["suggestion-1"], "declined": [], "texts": texts})
    assert "The next release notes thank Ada Example" in done.text
    record = (workspace.seeds / "dawn-7.yaml").read_text(encoding="utf-8")
    assert "response: It binds **dawnin** well." in record
    assert f"for: {WHY}" in record
    wrong = client.post(address[1], json={"accepted": "suggestion-1"})
    assert wrong.status_code == 400


def test_an_empty_folder_is_begun_first(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    client = client_of(Workspace(tmp_path / "empty", tmp_path / "scratch"))
    for address in ("/add", "/anki"):
        assert client.get(address).headers["location"] == "/"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\notes.md", "notes.md"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\x00b\nc.json", "a-b-c.json"),
        ("CON.txt", "file CON.txt"),
        ("x" * 300 + ".nbib", "x" * 115 + ".nbib"),
        ("Müller: “x”?.csv", "Müller- “x”-.csv"),
    ],
)
def test_names_are_made_safe(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@given(st.text(max_size=300))
def test_any_name_is_that_of_one_file_in_its_folder(name: str) -> None:
    kept = safe_name(name)
    assert kept
    assert Path(kept).name == kept
    assert not kept.startswith(".")
    assert len(kept.encode()) <= 130
    assert kept.isprintable() or not re.search(r"[\x00-\x1f\x7f]", kept)


def test_a_name_with_a_way_out_stays_in_the_box(client: TestClient, workspace: Workspace) -> None:
    box = dropped(client, ("..%2F..%2F..%2Fevil.json", b"{}"), ("evil.json", b"{}"))
    names = sorted(path.name for path in (workspace.scratch / "boxes" / box / "files").iterdir())
    assert names == ["evil (2).json", "evil.json"]
    assert list(workspace.folder.rglob("evil*")) == []


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1_000_000)
    box = dropped(client)
    answer = client.put(f"/add/{box}/files/large.apkg", content=(b"x" * 100_000 for _ in range(11)))
    assert (answer.status_code, answer.json()["message"]) == (413, "large.apkg is larger than 1 MB")
    assert list((workspace.scratch / "boxes" / box / "files").iterdir()) == []


def test_files_together_are_limited_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_TOGETHER", 1_500_000)
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    box = dropped(client, ("a", b"x" * 1_000_000))
    assert client.put(f"/add/{box}/files/b", content=b"x" * 600_000).status_code == 413
    assert client.put(f"/add/{box}/files/b", content=b"x").status_code == 200
    assert client.put(f"/add/{box}/files/c", content=b"x").json()["message"] == "more than 2 files"


def test_a_box_that_is_gone_is_said(client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BOXES", 2)
    boxes = [dropped(client) for _ in range(3)]
    assert client.get(f"/add/{boxes[0]}", headers={"Accept": "text/html"}).status_code == 400
    assert client.get(f"/add/{boxes[2]}").status_code == 200
    for name in ("x", "a" * 16, "..%5cx"):
        assert client.get(f"/anki/{name}").status_code in {400, 404}
        assert client.put(f"/add/{name}/files/x", content=b"x").status_code in {400, 404, 405}


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = [*suggestion()]


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(PROPERTIES), JSON | st.just(HOSTILE), max_size=3), st.lists(JSON, max_size=2))
def test_any_suggestion_is_refused_or_listed_with_its_reason(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any], others: list[Any]
) -> None:
    """Whatever a file says, the page answers, shows no markup of it, and nothing is written."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "seeds").mkdir()
    (folder / "seeds" / "dawn-1.yaml").write_text(RECORD, encoding="utf-8")
    client = client_of(Workspace(folder, folder / "scratch"))
    client.headers["Origin"] = ROOT_ADDRESS
    text = json.dumps(document({**suggestion(), **changes}, *others))
    box = dropped(client, ("any.json", text.encode()))
    html = client.get(f"/anki/{box}").text
    assert html.count("<script") == 2
    assert "onerror=" not in html.replace("onerror=&#34;", "")
    assert (folder / "seeds" / "dawn-1.yaml").read_text(encoding="utf-8") == RECORD
    shown = html.count("edit-note") + html.count('class="place"') + html.count("form-error")
    assert shown >= 1


OF_A_TERMINAL = re.compile(r"trialdeck [a-z]+|(?<!-)--[a-z]|`|-o FOLDER|\bTD\d{3}|[a-z]_[a-z]|\brecord\b")
TWO_TRIALS = b"# A-1\n\n## Clinical question\n\nDoes it help?\n\n# B-2\n\n## Clinical question\n\nDoes it help?\n"


@pytest.mark.parametrize(
    "file",
    [
        ("two.md", TWO_TRIALS),
        ("paper.pdf", b"%PDF-1.4"),
        ("photo.png", b"\x89PNG\r\n"),
        ("empty.txt", b""),
        ("photo.heic", b"\0\0\0\x18ftypheic" + bytes(50)),
        ("other.json", b'{"hello": 1}'),
        ("archive.gz", b"\x1f\x8b"),
        ("deck.anki2", b"SQLite format 3\x00"),
        ("letter.txt", b"Dear colleague, thank you.\n"),
        example("dawn-1.nbib"),
        example("dawn-2-notes.md"),
        example("dawn-1-model.txt"),
    ],
    ids=lambda file: file[0],
)
def test_what_is_said_of_a_file_names_nothing_of_a_terminal(client: TestClient, file: tuple[str, bytes]) -> None:
    box = dropped(client, file)
    pages = [client.get(f"/{view}/{box}") for view in ("add", "anki")]
    for page in (page for page in pages if page.status_code == 200):
        said = " ".join(re.findall(r'class="(?:form-error|place)".*', page.text))
        assert said
        assert not OF_A_TERMINAL.findall(re.sub(r"<q>.*?</q>|<[^>]+>", " ", said))
    assert {page.status_code for page in pages} <= {200, 303}
