"""Settings: the project, its decks, the reader's profile."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _settings(request: Request) -> Response:
    return page(request, "settings.html")


ROUTES = (Route("/settings", _settings),)
