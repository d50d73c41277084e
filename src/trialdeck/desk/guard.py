"""Who may ask: one guard around the whole app.

Any page that the author has open in a browser can send requests to a server on the same machine, and so can any other
program. The guard answers only a browser that has shown the token of this desk, at the address of this desk, on behalf
of a page of this desk.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST: Final = "127.0.0.1"
"""The only address that the desk listens at: nobody else's machine can reach it."""
_READING = {"GET", "HEAD"}
_CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
_REFUSAL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not this way</title></head>
<body><h1>{title}</h1><p>{remedy}</p></body></html>"""


def is_token(text: str) -> bool:
    """Tell whether a text has the form of a token."""
    return _CREDENTIAL.match(text) is not None


def new_token() -> str:
    """Return a new token: 256 random bits."""
    return secrets.token_urlsafe(32)


def content_policy(inline_styles: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy of all pages.

    Nothing comes from anywhere else, and no script is inline. A sandboxed frame with its content in `srcdoc` inherits
    this policy: `inline_styles` are the hashes of the styles in such frames (as `sha256-…`).
    """
    styles = " ".join(["'self'", *(f"'{digest}'" for digest in inline_styles)])
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; media-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    )


@dataclass(slots=True)
class Door:
    """What opens one desk: its port, its token, and tickets.

    A ticket is a token that opens once. The browser is started with one: what its command line says, other users of the
    machine can read.
    """

    port: int
    token: str = field(default_factory=new_token, repr=False)
    _tickets: set[str] = field(default_factory=set, repr=False)

    @property
    def cookie(self) -> str:
        """The name of the cookie: cookies of one host are shared by all its ports."""
        return f"desk-{self.port}"

    @property
    def address(self) -> str:
        """The address that opens the desk in any browser, any number of times."""
        return self.address_with(self.token)

    def address_with(self, credential: str) -> str:
        """Return the address of the front page with a token or a ticket."""
        return f"http://{HOST}:{self.port}/?token={credential}"

    def new_ticket(self) -> str:
        """Return a ticket, which opens once."""
        ticket = new_token()
        self._tickets.add(ticket)
        return ticket

    def opens(self, credential: str) -> bool:
        """Tell whether a token or a ticket opens the desk; a ticket is used up by that."""
        if _equal(credential, self.token):
            return True
        used = [ticket for ticket in self._tickets if _equal(credential, ticket)]
        self._tickets.difference_update(used)
        return bool(used)

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which a browser may ask for this desk."""
        bare = {HOST, "localhost"}
        return frozenset({f"{name}:{self.port}" for name in bare} | (bare if self.port == 80 else set()))


@dataclass(frozen=True, slots=True)
class Guard:
    """The app behind the door; every answer, refusals too, has the headers that bind the browser."""

    app: ASGIApp
    door: Door
    policy: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the app answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            answer = self._refusal(request) or self._admission(request) or self.app
            await answer(scope, receive, self._bound(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, request: Request) -> Response | None:
        """Refuse what a page of another site has sent, and what asks under another name (DNS rebinding)."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.door.hosts:
            return _refused("This is not the name of the desk", "Open the address that the terminal shows.")
        origins = request.headers.getlist("origin")
        sites = request.headers.getlist("sec-fetch-site")
        is_change = request.method not in _READING
        if any(origin != f"http://{hosts[0]}" for origin in origins) or (is_change and set(sites) - {"same-origin"}):
            return _refused("Another page has sent this", "Nothing was changed. Only pages of the desk may ask it.")
        return None

    def _admission(self, request: Request) -> Response | None:
        """Admit who has the cookie; exchange a token in the address for the cookie; refuse everybody else."""
        # First: a ticket is used up also by a browser that has the cookie already.
        if request.method == "GET" and self.door.opens(request.query_params.get("token", "")):
            return self._admitted(request)
        if _equal(request.cookies.get(self.door.cookie, ""), self.door.token):
            return None
        return _refused("The desk does not know this browser", "Open the address that the terminal shows, whole.")

    def _admitted(self, request: Request) -> Response:
        rest = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "token"])
        # A path that begins with two slashes would lead to another host.
        path = "/" + request.scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
        answer.set_cookie(self.door.cookie, self.door.token, httponly=True, samesite="strict")
        return answer

    def _bound(self, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, "Content-Security-Policy": self.policy}.items():
                    headers.setdefault(name, value)
            await send(message)

        return send_with_headers


def _equal(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), secret.encode())


def _refused(title: str, remedy: str) -> Response:
    return HTMLResponse(_REFUSAL.format(title=title, remedy=remedy), 403)
