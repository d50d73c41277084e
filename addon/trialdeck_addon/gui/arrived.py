"""Find out whether an edition that looks new is here already: a sync has brought what another computer has written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import profile
from .update_flow import StoppedError, UpdateFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..core.update import Plan, Report
    from ..core.updating.news import News


class ArrivalCheck:
    """Fetches and compares editions, one after the other, and remembers those that are here; no note is written.

    Args:
        news: The subscriptions with an edition that may be here.
        checked: Is given those whose edition is not here, or cannot be had; not called after `stop`.
    """

    def __init__(self, news: Sequence[News], checked: Callable[[Sequence[News]], object]) -> None:
        self._left = list(news)
        self._new: list[News] = []
        self._checked = checked
        self._flow: UpdateFlow | None = None
        self._is_stopped = False

    def start(self) -> None:
        """Begin with the next one."""
        if not self._left:
            self._checked(self._new)
            return
        news = self._left.pop(0)
        self._flow = UpdateFlow(
            profile.window(),
            news.subscription,
            progressed=lambda _done, _of: None,
            planned=_remember_if_here,
            ended=lambda _flow, report, error: self._ended(news, report, error),
        )
        self._flow.start()

    def stop(self) -> None:
        """Stop, because the profile is being closed."""
        self._is_stopped = True
        if self._flow is not None:
            self._flow.stop()

    def _ended(self, news: News, report: Report | None, error: Exception | None) -> None:
        if self._is_stopped:
            return
        if error is not None and not isinstance(error, StoppedError):
            profile.log_error(error)
        if report is None:
            self._new.append(news)
        self.start()


def _remember_if_here(flow: UpdateFlow, plan: Plan) -> None:
    """Let an update that has nothing to write be remembered as done, and leave any other to the learner."""
    if plan.is_empty:
        flow.apply({}, profile.settings().retired)
    else:
        flow.stop()
