"""No address of the desk leads out of the folder: every route that has a name in it is tried with hostile names."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from httpx2 import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from conftest import RECORD
from desk_client import client_of
from trialdeck.desk import app as desk_app
from trialdeck.desk.workspace import Workspace

SECRET = "DUSK-SECRET"
NAMES = (
    *(
        "../secret.yaml",
        "../../secret.yaml",
        "..%2fsecret.yaml",
        "%2e%2e/secret.yaml",
        "..\\secret.yaml",
        "seeds/../../secret.yaml",
    ),
    *(
        "link.yaml",
        "linked/secret.yaml",
        "/etc/passwd",
        "//etc/passwd",
        "C:/secret.yaml",
        "x\0.yaml",
        ".",
        "..",
        "",
        "con.yaml",
    ),
    *(
        "secret.apkg",
        "../secret.apkg",
        "link.apkg",
        "ledger.jsonl",
        "../decks/project.yaml",
        "a" * 5000,
        "\U0010ffff\u202e",
    ),
)
ROUTES = [route for view in desk_app._VIEWS for route in view.ROUTES if "{" in route.path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with secrets beside it, and links to them."""
    around = tmp_path_factory.mktemp("around")
    project = around / "project"
    (project / "seeds").mkdir(parents=True)
    (project / "decks").mkdir()
    text = RECORD.replace("DAWN-1", SECRET).replace("dawn-1", "dusk-secret")
    for path in (around / "secret.yaml", around / "secret.apkg", around / "elsewhere" / "secret.yaml"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (project / "seeds" / "dawn-1.yaml").write_text(RECORD, encoding="utf-8")
    (project / "decks" / "project.yaml").write_text("format: 1\nroot: Heart\n", encoding="utf-8")
    return project


@pytest.fixture
def links(folder: Path) -> Iterator[None]:
    """Links out of the project, where records and packages are."""
    made = [folder / "seeds" / "link.yaml", folder / "seeds" / "linked", folder / "decks" / "link.apkg"]
    for path, target in zip(made, ("secret.yaml", "elsewhere", "secret.apkg"), strict=True):
        path.symlink_to(folder.parent / target)
    yield
    for path in made:
        path.unlink()


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'-'.join(sorted(route.methods))} {route.path}")
def test_no_name_leads_out_of_the_folder(folder: Path, tmp_path: Path, route: Route) -> None:
    client = client_of(Workspace(folder, tmp_path, tmp_path / "cache"))
    before = contents(folder.parent)
    for name in NAMES:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = asked(client, method, route, name)
            assert answer.status_code < 500, (method, name, answer.text)
            assert SECRET not in answer.text, (method, name)
    assert contents(folder.parent) == before


@pytest.mark.usefixtures("links")
def test_links_out_of_the_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    client = client_of(Workspace(folder, tmp_path, tmp_path / "cache"))
    before = contents(folder.parent)
    for route in [route for view in desk_app._VIEWS for route in view.ROUTES if route.path != "/events"]:
        for name in ("link.yaml", "linked/secret.yaml", "link.apkg", "dawn-1.yaml", "trials", "project"):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                answer = asked(client, method, route, name)
                assert answer.status_code < 500, (method, route.path, answer.text)
                assert SECRET not in answer.text, (method, route.path, name)
    assert "is a link that leads out of the folder" in client.get("/trials").text
    # A project that is begun gets files that it lacks.
    assert before.items() <= contents(folder.parent).items()


def asked(client: TestClient, method: str, route: Route, name: str) -> Response:
    address = re.sub(r"\{[^}]*\}", lambda _: quote(name, safe="/%"), route.path)
    return client.request(method, address, json={} if method != "GET" else None)


def test_uploads_stay_in_their_box(folder: Path, tmp_path: Path) -> None:
    client = client_of(Workspace(folder, tmp_path / "scratch", tmp_path / "cache"))
    (tmp_path / "scratch").mkdir()
    before = contents(folder.parent)
    box = client.post("/add", json={}).json()["box"]
    for name in NAMES:
        assert client.put(f"/add/{box}/files/{quote(name, safe='')}", content=b"x").status_code < 500
        assert client.put(f"/add/{quote(name, safe='')}/files/x.txt", content=b"x").status_code >= 400 or not name
    written = {path.relative_to(tmp_path).parts[:3] for path in tmp_path.rglob("*") if path.is_file()}
    assert {parts[0] for parts in written} == {"scratch"}
    assert len({parts[:3] for parts in written}) == 1
    assert contents(folder.parent) == before
