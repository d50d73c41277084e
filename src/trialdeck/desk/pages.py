"""Answers: pages and parts of pages from templates, JSON, refusals."""

import json
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

import trialdeck as td
from trialdeck.desk.forms.page_words import hint_on_page
from trialdeck.desk.workspace import Workspace

_Body = TypeVar("_Body")

LOOK = "desk-look"
"""The cookie with the colours that the author chose: `day`, `night`, or none for those of the system."""
_LOOKS = {"day": "dayMode", "night": "nightMode"}
_MOST = 8_000_000
"""The largest JSON body in bytes; a record has a hundredth of it."""


class Place(NamedTuple):
    """An entry of the navigation."""

    address: str
    label: str
    icon: str


NAVIGATION = (
    Place("/", "Home", "home"),
    Place("/add", "Add", "add"),
    Place("/cards", "Cards", "cards"),
    Place("/review", "Review", "review"),
    Place("/release", "Release", "release"),
    Place("/anki", "From Anki", "anki"),
    Place("/settings", "Settings", "settings"),
)


def workspace_of(request: Request) -> Workspace:
    """Return the workspace of the desk."""
    workspace: Workspace = request.app.state.workspace
    return workspace


def tab_of(request: Request) -> str:
    """Return the name that a page has given itself: it need not hear of what it has done itself."""
    return request.headers.get("desk-tab", "")


def title_of(record: td.OpenRecord, name: str) -> str:
    """Return what a trial is called; `name` is that of its record, if that says nothing else."""
    title = (record.data or {}).get("acronym") or (record.data or {}).get("title")
    return title if isinstance(title, str) else name


def look_of(request: Request) -> str:
    """Return the class of the colours that the author chose: `dayMode`, `nightMode`, or empty for the system's."""
    return _LOOKS.get(request.cookies.get(LOOK, ""), "")


def page(request: Request, template: str, status: int = 200, /, **values: object) -> Response:
    """Return a page, or a part of one: whether a template extends `base.html` says which.

    Args:
        request: The request.
        template: The name of the template.
        status: The HTTP status.
        **values: The variables of the template. It has `workspace`, `look` and the navigation as well.
    """
    return HTMLResponse(rendered(request, template, **values), status)


def rendered(request: Request, template: str, /, **values: object) -> str:
    """Return a template as HTML; see `page`."""
    shared = {"workspace": workspace_of(request), "look": look_of(request), "here": _here(request)}
    return _environment().get_template(template).render({**shared, **values})


def refused(message: str, hint: str = "", status: int = 400, **more: object) -> Response:
    """Return why something was not done, as JSON: a message, and what to do about it."""
    return JSONResponse({"message": message, "hint": hint, **more}, status)


def changes(handler: Callable[[Request, Any], Response]) -> Callable[[Request], Any]:
    """Turn a function of a request and its JSON body into an endpoint; it runs in a thread."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, request, await json_body(request))

    return endpoint


def refusal(request: Request, error: Exception) -> Response:
    """Answer a request with an error that the author can correct: a page for a page, JSON for a script."""
    if isinstance(error, td.TrialdeckError):
        named = workspace_of(request).without_folder
        message, hint, status = named(error.message), named(hint_on_page(error.hint)), 400
    else:
        assert isinstance(error, HTTPException)
        is_missing = error.status_code == HTTPStatus.NOT_FOUND
        message = "There is nothing at this address" if is_missing else error.detail
        hint, status = "Go back, or choose from the navigation." if is_missing else "", error.status_code
    return _answer(request, message, hint, status)


def failure(request: Request, error: Exception) -> Response:
    """Answer a request that met a fault of the desk itself: no traceback reaches a browser."""
    request.app.state.report(error)
    hint = "What you typed is kept in this window. The terminal says what happened: please report it."
    return _answer(request, "Something went wrong inside the desk", hint, 500)


def _answer(request: Request, message: str, hint: str, status: int) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return page(request, "refusal.html", status, message=message, hint=hint)
    return refused(message, hint, status)


def converted(body: Any, kind: type[_Body], what: str) -> _Body:
    """Return the body of a request as what the view needs; raises TrialdeckError if it is not `what` it should be."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise td.TrialdeckError(f"this is no {what}: {error}", "reload the page and try again") from error


async def json_body(request: Request) -> Any:
    """Return the JSON body of a request; raises TrialdeckError if it is too large, or none."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST:
            raise td.TrialdeckError("this is more than a record can hold", "make it shorter")
    try:
        return json.loads(body) if body else {}
    except ValueError as error:
        raise td.TrialdeckError(f"this is not JSON: {error}", "reload the page and try again") from error


def _here(request: Request) -> str:
    """Return the address in the navigation that a page belongs to; that of a trial is at home."""
    path = request.url.path
    own = [place.address for place in NAVIGATION if path == place.address or path.startswith(place.address + "/")]
    return own[0] if own else "/settings" if path.startswith("/decks/") else "/"


def sentence(text: str) -> str:
    """Return a message or a hint as a sentence, with its capital and one mark at its end.

    >>> sentence("did you mean 'my-deck'?"), sentence("choose another id")
    ("Did you mean 'my-deck'?", 'Choose another id.')
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!', '…')) else '.'}" if text else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("trialdeck.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["hint_on_page"] = hint_on_page
    environment.filters["sentence"] = sentence
    environment.globals["NAVIGATION"] = NAVIGATION
    environment.globals["version"] = td.__version__
    return environment
