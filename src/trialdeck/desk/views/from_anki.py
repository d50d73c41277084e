"""From Anki: what was edited in Anki, back into the records."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _from_anki(request: Request) -> Response:
    return page(request, "from_anki.html")


ROUTES = (Route("/anki", _from_anki),)
