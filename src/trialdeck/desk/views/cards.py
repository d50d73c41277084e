"""Cards: front and back, as Anki shows them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page


def _cards(request: Request) -> Response:
    return page(request, "cards.html")


ROUTES = (Route("/cards", _cards),)
FRAME_STYLES: tuple[str, ...] = ()
"""The inline styles of frames that show cards: the policy of all pages allows them by their hashes."""
