"""Release: what learners will get."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _release(request: Request) -> Response:
    return page(request, "release.html")


ROUTES = (Route("/release", _release),)
