"""Review: entry by entry, with the source."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _review(request: Request) -> Response:
    return page(request, "review.html")


ROUTES = (Route("/review", _review),)
