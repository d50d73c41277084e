"""The updates that a window runs, one after the other, with the windows that ask and report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import profile
from .update_flow import StoppedError, UpdateFlow
from .widgets import show_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..core.feed import Feed
    from ..core.subscriptions import Subscription
    from ..core.update import Answer, Plan, Report
    from .widgets import Window


class Updates:
    """The updates of a window.

    Args:
        parent: The window.
        progressed: Is told how far a download is: bytes that are there, and bytes of all (0 if not known yet).
        refreshed: Is called when an update begins and when it has ended.
        updated: Is told the address and the feed of an update that was written.
    """

    def __init__(
        self,
        parent: Window,
        *,
        progressed: Callable[[int, int], object],
        refreshed: Callable[[], object],
        updated: Callable[[str, Feed], object],
    ) -> None:
        self._parent = parent
        self._progressed, self._refreshed, self._updated = progressed, refreshed, updated
        self._queue: list[str] = []
        self._flow: UpdateFlow | None = None
        self._shows_first = False

    @property
    def is_busy(self) -> bool:
        """Whether an update is on its way."""
        return self._flow is not None

    def begin(self, addresses: Sequence[str], *, shows_first: bool = False) -> None:
        """Update these subscriptions; let the learner see first what would change if `shows_first`."""
        self._queue += addresses
        self._shows_first = shows_first or (self._shows_first and self._flow is not None)
        if self._flow is None:
            self._next()

    def stop(self) -> None:
        """Stop what is on its way; nothing of it was changed."""
        self._queue.clear()
        if self._flow is not None:
            self._flow.stop()

    def _next(self) -> None:
        found = self._next_subscription()
        if found is not None:
            self._show_progress(0, 0)
            self._flow = UpdateFlow(
                self._parent, found, progressed=self._show_progress, planned=self._decide, ended=self._end
            )
            self._flow.start()
        self._refreshed()

    def _next_subscription(self) -> Subscription | None:
        """Return the next one of the queue that the learner has not removed meanwhile."""
        settings = profile.settings()
        while self._queue:
            found = settings.subscription(self._queue.pop(0))
            if found is not None:
                return found
        return None

    def _show_progress(self, done: int, of: int) -> None:
        if not self._parent.is_closed:
            self._progressed(done, of)

    def _decide(self, flow: UpdateFlow, plan: Plan) -> None:
        """Let the learner look first if he wants to, and answer for notes that both he and the authors have changed."""
        from .windows.ask import AskWindow
        from .windows.plan import PlanWindow

        if self._shows_first:
            self._shows_first = False
            PlanWindow(self._parent, flow.subscription.name, plan, lambda agrees: self._seen(flow, plan, agrees)).open()
        elif plan.questions:
            AskWindow(self._parent, plan.questions, lambda answers: self._answered(flow, answers)).open()
        else:
            self._answered(flow, {})

    def _seen(self, flow: UpdateFlow, plan: Plan, agrees: bool) -> None:
        if agrees:
            self._decide(flow, plan)
        else:
            flow.stop()

    def _answered(self, flow: UpdateFlow, answers: Mapping[str, Answer] | None) -> None:
        if answers is None:
            flow.stop()
        else:
            flow.apply(answers, profile.settings().retired)

    def _end(self, flow: UpdateFlow, report: Report | None, error: Exception | None) -> None:
        from .windows.report import ReportWindow

        self._flow = None
        if report is not None and flow.edition is not None:
            self._updated(flow.subscription.address, flow.edition.feed)
        if self._parent.is_closed:
            return
        if error is not None and not isinstance(error, StoppedError):
            show_error(self._parent, error)
        elif report is not None and flow.edition is not None:
            ReportWindow(self._parent, flow, report).open()
        self._next()
