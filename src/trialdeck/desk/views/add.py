"""Add: any file becomes a draft that can be looked at before anything is written."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _add(request: Request) -> Response:
    return page(request, "add.html")


ROUTES = (Route("/add", _add),)
