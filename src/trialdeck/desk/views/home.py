"""Home: the trials of the project."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _home(request: Request) -> Response:
    return page(request, "home.html")


ROUTES = (Route("/", _home),)
