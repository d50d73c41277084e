"""Who may ask the desk: a browser with its cookie, under its name, on behalf of its pages."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk_client import PORT, ROOT_ADDRESS, client_of_app, desk_client
from trialdeck.desk.app import create_app
from trialdeck.desk.guard import Door
from trialdeck.desk.workspace import Workspace


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return desk_client(tmp_path, tmp_path / "scratch")


def test_a_browser_with_the_cookie_is_answered(client: TestClient) -> None:
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"LOCALHOST:{PORT}", "", "[::1]"],
)
def test_another_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert "not the name of the desk" in answer.text


def test_localhost_is_a_name_of_the_desk(client: TestClient) -> None:
    assert client.get("/", headers={"Host": f"localhost:{PORT}"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", f"http://localhost:{PORT}", f"https://127.0.0.1:{PORT}"]
)
def test_another_origin_is_refused(client: TestClient, method: str, origin: str) -> None:
    answer = client.request(method, "/quit", headers={"Origin": origin})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_change_that_another_site_asks_for_is_refused(client: TestClient, site: str) -> None:
    assert client.post("/quit", headers={"Sec-Fetch-Site": site}).status_code == 403


def test_a_change_of_the_own_pages_is_done(client: TestClient) -> None:
    headers = {"Origin": ROOT_ADDRESS, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/quit", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/static/desk.css", "/events", "/nothing", "/?token=", "/?token=" + "x" * 43])
def test_without_the_token_nothing_is_answered(tmp_path: Path, path: str) -> None:
    answer = desk_client(tmp_path, tmp_path / "scratch", is_admitted=False).get(path)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_wrong_cookie_is_refused(tmp_path: Path) -> None:
    stranger = desk_client(tmp_path, tmp_path / "scratch", is_admitted=False)
    assert stranger.get("/", headers={"Cookie": f"desk-{PORT}={'x' * 43}"}).status_code == 403


def test_every_answer_binds_the_browser(client: TestClient) -> None:
    for answer in (client.get("/"), client.get("/nothing"), client.get("/", headers={"Host": "evil.example"})):
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_ticket_opens_once() -> None:
    door = Door(PORT)
    ticket = door.new_ticket()
    assert [door.opens(ticket), door.opens(ticket), door.opens(door.token), door.opens(door.token)] == [
        True,
        False,
        True,
        True,
    ]


def test_a_browser_that_is_admitted_uses_up_its_ticket_too(tmp_path: Path) -> None:
    """What stands on the command line of a browser opens nothing afterwards, whatever cookie the browser had."""
    app = create_app(Workspace(tmp_path, tmp_path / "scratch", cache=tmp_path / "cache"), Door(PORT), lambda: None)
    address = f"/?token={app.door.new_ticket()}"
    assert client_of_app(app).get(address).status_code == 303
    assert client_of_app(app, is_admitted=False).get(address).status_code == 403
