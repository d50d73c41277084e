"""The desk without a server: its app, asked as by the browser that has its cookie."""

from pathlib import Path

from starlette.testclient import TestClient

from trialdeck.desk.app import create_app
from trialdeck.desk.guard import Door, Guard
from trialdeck.desk.workspace import Workspace

PORT = 5000
ROOT_ADDRESS = f"http://127.0.0.1:{PORT}"


def desk_client(folder: Path, scratch: Path, *, is_admitted: bool = True) -> TestClient:
    """Return a client of the desk of a folder."""
    return client_of(Workspace(folder, scratch, cache=scratch / "cache"), is_admitted=is_admitted)


def client_of(workspace: Workspace, *, is_admitted: bool = True) -> TestClient:
    """Return a client of the desk of a workspace, with the cookie unless it is not admitted."""
    door = Door(PORT)
    return client_of_app(create_app(workspace, door, lambda: None), is_admitted=is_admitted)


def client_of_app(app: Guard, *, is_admitted: bool = True, raises: bool = True) -> TestClient:
    """Return a client of an app; `raises` says whether errors that no view expects end the test."""
    cookies = {app.door.cookie: app.door.token} if is_admitted else {}
    return TestClient(
        app, base_url=ROOT_ADDRESS, cookies=cookies, follow_redirects=False, raise_server_exceptions=raises
    )
