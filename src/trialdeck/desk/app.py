"""The app: all views behind the guard."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from importlib import resources

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk import events
from trialdeck.desk.guard import Door, Guard, content_policy
from trialdeck.desk.overviews import Overviews
from trialdeck.desk.pages import failure, page, refusal
from trialdeck.desk.views import add, cards, from_anki, home, release, removal, review, settings, trial
from trialdeck.desk.workspace import Workspace
from trialdeck.site.styles import site_style

_VIEWS = (home, add, trial, removal, cards, review, release, from_anki, settings, events)
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
"""The media types of static files; those that the system knows may be wrong."""


def create_app(
    workspace: Workspace,
    door: Door,
    quit_desk: Callable[[], None],
    report: Callable[[Exception], object] = lambda _error: None,
) -> Guard:
    """Return the app of a workspace.

    Args:
        workspace: What the views work on.
        door: Who is let in.
        quit_desk: Called when the author quits.
        report: Gets the errors that no view expects; the browser is told what to do.
    """
    static = Route("/static/{name}", _static)
    routes = [route for view in _VIEWS for route in view.ROUTES]
    app = Starlette(
        routes=[*routes, static, Route("/quit", _quit, methods=["POST"])],
        exception_handlers={td.TrialdeckError: refusal, HTTPException: refusal, Exception: failure},
    )
    app.state.workspace = workspace
    app.state.quit = quit_desk
    app.state.report = report
    app.state.removed_trials = {}
    app.state.overviews = Overviews(workspace)
    return Guard(app, door, content_policy(map(_hash, cards.FRAME_STYLES)))


def _hash(style: str) -> str:
    return f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"


def _static(request: Request) -> Response:
    """Answer with a style, a script or a picture of the desk; the colours are those of the site."""
    name: str = request.path_params["name"]
    kind = _TYPES.get(name.rpartition(".")[2])
    if name == "site.css":
        return Response(site_style(), media_type="text/css")
    files = {file.name: file for file in resources.files("trialdeck.desk").joinpath("static").iterdir()}
    if kind is None or name not in files:
        raise HTTPException(404)
    return Response(files[name].read_bytes(), media_type=kind)


def _quit(request: Request) -> Response:
    """End the desk, after the answer."""
    answer = page(request, "ended.html")
    answer.background = BackgroundTask(request.app.state.quit)
    return answer
