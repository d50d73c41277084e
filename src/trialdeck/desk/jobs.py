"""Long work that a page follows line by line: one job at a time for all windows, and each can be cancelled."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import trialdeck as td
from trialdeck.desk.pages import refused, workspace_of

_PAUSE = 0.1
"""The least number of seconds between two lines about one stage."""

Line = Mapping[str, object]


class CancelledError(Exception):
    """The author has cancelled the job."""


@dataclass(slots=True)
class Job:
    """One piece of work, such as a build: what it is called, and what it tells the page that has started it."""

    title: str
    after_cancel: str
    """What an author who cancels it is told; the work may change it once it has written something."""
    _loop: asyncio.AbstractEventLoop
    _ended: threading.Event
    _lines: asyncio.Queue[Line | None] = field(default_factory=asyncio.Queue)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _stage: str = ""
    _due: float = 0.0

    def tell(self, line: Line) -> None:
        """Send a line to the page."""
        self._put(line)

    def follow(self, step: td.Progress) -> None:
        """Tell the page how far the work has come; raises CancelledError if the author has cancelled it."""
        self.pause()
        now = time.monotonic()
        if step.stage != self._stage or now >= self._due:
            self._stage, self._due = step.stage, now + _PAUSE
            self.tell({"stage": step.stage, "done": step.done, "total": step.total})

    def pause(self) -> None:
        """Raise CancelledError if the author has cancelled the job, or the desk ends."""
        if self._cancelled.is_set() or self._ended.is_set():
            raise CancelledError

    def cancel(self) -> None:
        """Let the next step end the job."""
        self._cancelled.set()

    def end(self) -> None:
        """End the answer to the page."""
        self._put(None)

    def _put(self, line: Line | None) -> None:
        # The desk may have ended meanwhile: then nobody waits for the line.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield the lines as JSON; a page that goes away cancels the job."""
        try:
            while (line := await self._lines.get()) is not None:
                yield f"{json.dumps(line)}\n".encode()
        finally:
            self.cancel()


@dataclass(slots=True)
class Jobs:
    """The job that runs, if any."""

    running: Job | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, job: Job) -> bool:
        """Let a job run; false if another one does."""
        with self._lock:
            self.running = self.running or job
            return self.running is job

    def finish(self, job: Job) -> None:
        """Make room for the next job."""
        with self._lock:
            if self.running is job:
                self.running = None


_JOBS_LOCK = threading.Lock()


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the desk."""
    with _JOBS_LOCK:
        if not hasattr(request.app.state, "jobs"):
            request.app.state.jobs = Jobs()
        jobs: Jobs = request.app.state.jobs
        return jobs


def run(  # noqa: PLR0913 - the request, the work, and what is said of it
    request: Request,
    title: str,
    work: Callable[[Job], Line],
    explain: Callable[[td.TrialdeckError], Line],
    *,
    writes: bool = True,
    after_cancel: str = "Nothing was written.",
) -> Response:
    """Begin a job in a thread, and answer with its lines; to be called in the event loop.

    Args:
        request: The request.
        title: What the work is called in messages, such as `A build`.
        work: Does it, and returns the last line.
        explain: Returns the last line if the work raises TrialdeckError.
        writes: Whether it writes; of such jobs, one runs at a time.
        after_cancel: What an author who cancels it is told, unless the work says otherwise.

    Returns:
        Lines of JSON (`stage`, `done`, `total`), and what `work` or `explain` returns; 409 if another job runs.
    """
    jobs, job = jobs_of(request), Job(title, after_cancel, asyncio.get_running_loop(), workspace_of(request).ended)
    if writes and not jobs.begin(job):
        other = jobs.running.title if jobs.running else "Something else"
        return refused(f"{other} is under way in another window", "Wait until it has ended, or cancel it.", 409)
    threading.Thread(target=_work, args=[jobs, job, work, explain], daemon=True).start()
    return StreamingResponse(job.lines(), media_type="application/x-ndjson")


def _work(jobs: Jobs, job: Job, work: Callable[[Job], Line], explain: Callable[[td.TrialdeckError], Line]) -> None:
    # What no line below replaces is a fault of the desk: its traceback is for the terminal, not for the page.
    last: Line = {"failed": True, "message": f"{job.title} has failed", "hint": "The terminal says why."}
    try:
        last = work(job)
    except CancelledError:
        last = {"cancelled": True, "message": f"{job.title} was cancelled", "hint": job.after_cancel}
    except td.TrialdeckError as error:
        last = {"failed": True, **explain(error)}
    finally:
        jobs.finish(job)
        job.tell(last)
        job.end()
