"""Settings as forms: every property has a field, values go into the files, what others wrote is not overwritten."""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import trialdeck as td
from desk_client import desk_client
from projects import Project
from trialdeck.desk.forms.settings_form import groups_of
from trialdeck.desk.forms.settings_words import VALUES, WORDS

NOTHING_KNOWN: dict[str, list[tuple[str, str]]] = {"trials": [], "topics": [], "specialties": []}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "trials")
    project.record("dawn-1")
    project.record("noon-1")
    project.settings("root: Trials   # above all", "authors: [Jane Doe]")
    project.define("main", "name: Main", "split: trial")
    return project


@pytest.fixture
def client(project: Project, tmp_path: Path) -> TestClient:
    (tmp_path / "scratch").mkdir()
    return desk_client(project.folder, tmp_path / "scratch")


def values(**parts: tuple[Any, Any]) -> dict[str, object]:
    """The body that a form sends: each value by its path, `select__topics=(was, value)`."""
    return {"values": [{"path": name.split("__"), "was": was, "value": value} for name, (was, value) in parts.items()]}


def properties(schema: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, part in schema["properties"].items():
        if "properties" in part:
            yield from properties(part, (*above, name))
        else:
            yield (*above, name)


@pytest.mark.parametrize("kind", ["project", "deck", "profile"])
def test_every_property_has_a_field_with_plain_words(project: Project, kind: str) -> None:
    read = td.settings(td.load(project.folder))
    file = {"project": read.project, "deck": read.decks[0], "profile": read.profile}[kind]
    fields = [field for group in groups_of(file, NOTHING_KNOWN) for field in group.fields]
    assert {field.path for field in fields} == set(properties(td.schema(file.kind))) - {("format",)}
    assert {field.path for field in fields} <= set(WORDS)
    for field in fields:
        assert not re.search(r"(?i)yaml|slug|markdown|mapping", f"{field.label} {field.hint}"), field.name


def test_every_value_that_can_be_chosen_is_one_of_the_schema() -> None:
    for path, words in VALUES.items():
        schemas = [td.schema(kind) for kind in ("project", "deck", "profile")]
        (enum,) = {found for schema in schemas if (found := enum_at(schema, path))}
        assert set(words) == set(enum)


def enum_at(part: Mapping[str, Any], path: tuple[str, ...]) -> tuple[str, ...]:
    for name in path:
        part = part.get("properties", {}).get(name, {})
    names = part.get("enum") or part.get("items", {}).get("enum") or ()
    return tuple(name for name in names if name is not None)


def test_a_value_is_written_in_place(client: TestClient, project: Project) -> None:
    answer = client.put("/settings/project", json=values(license=(None, "CC0"), authors=(["Jane Doe"], ["A", "B"])))
    assert answer.json()["message"] == "Saved."
    text = (project.decks / "project.yaml").read_text(encoding="utf-8")
    assert text == "format: 1\nroot: Trials   # above all\nlicense: CC0\nauthors: [A, B]\n"


def test_a_wrong_value_is_said_at_its_field_and_not_written(client: TestClient, project: Project) -> None:
    before = (project.decks / "project.yaml").read_bytes()
    answer = client.put("/settings/project", json=values(homepage=(None, "nowhere")))
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["path"] == ["homepage"]
    assert "is not a web address" in fault["message"]
    assert (project.decks / "project.yaml").read_bytes() == before


def test_what_another_window_has_written_is_offered_not_overwritten(client: TestClient, project: Project) -> None:
    assert client.put("/settings/project", json=values(license=(None, "CC0"))).status_code == 200
    answer = client.put("/settings/project", json=values(license=(None, "MIT")))
    assert answer.status_code == 409
    assert answer.json()["now"] == [{"path": ["license"], "value": "CC0"}]
    assert client.put("/settings/project", json=values(license=("CC0", "MIT"))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"values": 1},
        {"values": [{"path": [], "was": None, "value": "x"}]},
        {"values": [{"path": [0], "was": None, "value": "x"}]},
        {"values": [{"path": ["root"], "value": "x"}]},
        {"values": [{"path": ["root"], "was": None, "value": {"deep": {"deeper": "x"}}}]},
        {"values": [{"path": ["root"], "was": None, "value": 3}]},
    ],
)
def test_odd_values_are_refused(client: TestClient, project: Project, body: object) -> None:
    before = (project.decks / "project.yaml").read_bytes()
    assert client.put("/settings/project", json=body).status_code == 400
    assert (project.decks / "project.yaml").read_bytes() == before


def test_a_count_says_what_the_form_would_take(client: TestClient) -> None:
    whole = client.post("/decks/main/count", json=values()).json()["html"]
    half = client.post("/decks/main/count", json=values(select__trials=(None, ["dawn-1"]))).json()["html"]
    assert "2 packages" in whole
    assert "1 package<" in half
    assert int(cards(whole)) > int(cards(half)) > 0
    wrong = client.post("/decks/main/count", json=values(select__topics=(None, ["nothing"]))).json()
    assert "It takes nothing." in wrong["html"]
    assert [(fault["path"], fault["message"]) for fault in wrong["faults"]] == [
        (["select", "topics", 0], "no record has the topic 'nothing'")
    ]


def cards(text: str) -> str:
    found = re.search(r"<b>(\d+)</b> cards", text)
    assert found
    return found[1]


def test_the_list_has_the_count_of_each_deck(client: TestClient) -> None:
    told = client.get("/settings/counts").json()
    assert re.fullmatch(r"\d+ cards in 2 packages", told["main"])


def test_a_deck_is_made_copied_removed_and_brought_back(client: TestClient, project: Project) -> None:
    empty = client.get("/decks/~new").text
    assert "is wrong" not in empty
    assert "2 trials" in empty
    page = client.get("/decks/~new?like=main").text
    assert 'data-address="/decks/~new?like=main"' in page
    assert re.search(r'<option value="trial" selected>', page)
    made = client.put("/decks/~new?like=main", json=values(id=(None, "copy"), name=(None, "Copy")))
    assert made.json()["address"] == "/decks/copy"
    assert "split: trial" in (project.decks / "copy.yaml").read_text(encoding="utf-8")
    taken = client.put("/decks/~new", json=values(id=(None, "copy"), name=(None, "Copy")))
    assert "there is a deck with the id 'copy' already" in taken.json()["message"]
    text = (project.decks / "copy.yaml").read_bytes()
    assert client.request("DELETE", "/decks/copy", json={}).json()["address"] == "/settings?removed=copy"
    assert not (project.decks / "copy.yaml").exists()
    assert "Bring it back" in client.get("/settings?removed=copy").text
    assert client.post("/decks/restore", json={"name": "copy"}).json()["address"] == "/decks/copy"
    assert (project.decks / "copy.yaml").read_bytes() == text
    assert "Bring it back" not in client.get("/settings?removed=copy").text
    assert client.post("/decks/restore", json={"name": "copy"}).status_code == 400


def test_each_removed_deck_can_be_brought_back_even_with_faults(client: TestClient, project: Project) -> None:
    odd = b"format: 1\r\nid: odd\r\nbogus: 1\r\n"
    (project.decks / "odd.yaml").write_bytes(odd)
    for name in ("odd", "main"):
        assert client.request("DELETE", f"/decks/{name}", json={}).status_code == 200
    for address in ("/settings?removed=odd", "/settings"):
        assert client.get(address).text.count('data-restore="odd"') == 1
    assert client.post("/decks/restore", json={"name": "odd"}).json()["address"] == "/decks/odd"
    assert (project.decks / "odd.yaml").read_bytes() == odd
    assert not (project.decks / "main.yaml").exists()


def test_a_file_with_other_ends_of_lines_is_saved_as_text(client: TestClient, project: Project) -> None:
    path = project.decks / "project.yaml"
    path.write_bytes(b"\r\nformat: 1\r\nroot: A\r\n")
    page = client.get("/settings/text/project").text
    # The parser of a browser drops the first line feed of a text area.
    shown = re.search(r"<textarea[^>]*>\n(.*)</textarea>", page, re.DOTALL)
    assert shown
    assert shown[1] == "\nformat: 1\nroot: A\n"
    body = {"text": shown[1].replace("A", "B"), "was": shown[1]}
    assert client.put("/settings/text/project", json=body).status_code == 200
    assert path.read_bytes() == b"\r\nformat: 1\r\nroot: B\r\n"
    assert client.put("/settings/text/project", json=body | {"text": "other"}).json()["now"] == body["text"]


def test_it_is_said_what_removing_a_deck_does(client: TestClient, project: Project) -> None:
    assert "No other deck takes DAWN-1, NOON-1." in html.unescape(client.get("/decks/main").text)
    project.define("other", "name: Other", "select: {trials: [noon-1]}")
    assert "No other deck takes DAWN-1." in client.get("/decks/main").text


@pytest.mark.parametrize("name", ["nothing", "project", "..%2Fseeds%2Fdawn-1", "%2e%2e", "main.yaml"])
def test_other_files_are_no_decks(client: TestClient, name: str) -> None:
    assert client.get(f"/decks/{name}").status_code == 404
    assert client.put(f"/decks/{name}", json=values(name=(None, "x"))).status_code in {404, 405}
    assert client.request("DELETE", f"/decks/{name}", json={}).status_code in {404, 405}
    assert client.get(f"/settings/text/{name}").status_code == (200 if name == "project" else 404)


def test_a_broken_file_is_corrected_as_text(client: TestClient, project: Project) -> None:
    path = project.decks / "project.yaml"
    path.write_text("format: 1\nroot: [\n", encoding="utf-8")
    assert "Correct it as text" in client.get("/settings").text
    body = {"text": "format: 1\nroot: Mine\n", "was": "format: 1\nroot: [\n"}
    assert client.put("/settings/text/project", json=body).json() == {"message": "Saved.", "faults": []}
    again = client.put("/settings/text/project", json={"text": "other", "was": "stale"})
    assert (again.status_code, again.json()["now"]) == (409, "format: 1\nroot: Mine\n")
    assert path.read_text(encoding="utf-8") == "format: 1\nroot: Mine\n"


def test_a_profile_is_made(client: TestClient, project: Project) -> None:
    assert client.put("/settings/profile", json=values(stage=(None, "student"))).status_code == 200
    assert (project.folder / "me.yaml").read_text(encoding="utf-8") == "format: 1\nstage: student\n"
    assert "Download decks for me" in client.get("/settings").text


def test_the_words_of_a_record_are_no_html_of_the_page(client: TestClient, project: Project) -> None:
    project.define("main", "name: Main", "description: <script>alert(1)</script>")
    for address in ("/settings", "/decks/main", "/settings/text/main"):
        assert "<script>alert" not in client.get(address).text


def test_settings_of_a_folder_without_trials_are_shown(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "empty").mkdir()
    client = desk_client(tmp_path / "empty", tmp_path / "scratch")
    assert client.get("/settings").status_code == 200
    assert "takes nothing" in client.get("/decks/~new").text
