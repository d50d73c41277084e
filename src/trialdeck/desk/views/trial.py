"""Trial: one record as a form."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trialdeck.desk.pages import page, workspace_of


def _trial(request: Request) -> Response:
    name: str = request.path_params["file"]
    workspace_of(request).record_path(name)
    return page(request, "trial.html", name=name)


ROUTES = (Route("/trial/{file:path}", _trial),)
