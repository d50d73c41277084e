"""What the server tells open pages: server-sent events.

One tab of a browser listens, and relays to the others: each stream takes one of the six connections that a browser
has for a host.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

_QUIET = 15.0
"""After how many seconds without an event a comment keeps the stream alive."""
_WAITING = 1000
"""How many events may wait for a page that does not read; then its stream ends, and the page connects again."""


class Events:
    """The open streams. `tell` may be called in any thread; the streams are used in the event loop only."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._streams: set[asyncio.Queue[str | None]] = set()
        self._closed = False

    def tell(self, event: Mapping[str, object]) -> None:
        """Tell all open pages what happened, such as `{"record": "aspire.yaml"}`."""
        self._put(json.dumps(event))

    def close(self) -> None:
        """End all streams: a server that is shutting down waits for them."""
        self._closed = True
        self._put(None)

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield what one page is told, in the format of server-sent events."""
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | None] = asyncio.Queue(_WAITING)
        self._streams.add(queue)
        try:
            yield b"retry: 500\n\n: open\n\n"
            while not self._closed:
                try:
                    text = await asyncio.wait_for(queue.get(), _QUIET)
                except TimeoutError:
                    yield b": still there\n\n"
                    continue
                if text is None:
                    return
                yield f"data: {text}\n\n".encode()
        finally:
            self._streams.discard(queue)

    def _put(self, text: str | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, text)

    def _deliver(self, text: str | None) -> None:
        for queue in tuple(self._streams):
            if queue.full():
                # It missed something: end the stream. The page connects again and reads everything anew.
                self._streams.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(text)


async def _events(request: Request) -> Response:
    events: Events = request.app.state.workspace.events
    return StreamingResponse(events.stream(), media_type="text/event-stream")


ROUTES = (Route("/events", _events),)
