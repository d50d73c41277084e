"""One update of one subscription: fetch, ask, write. The network and the collection are used on other threads."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from anki.collection import OpChanges
from aqt.operations import CollectionOp, QueryOp

from ..core import TrialdeckError
from ..core.address import moved, parse_address
from ..core.fetch import Edition, fetch_edition, fetch_feed
from ..core.note_types import NOTE_TYPES
from ..core.update import Answer, Choices, Plan, Report, apply_update, plan_update
from . import profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anki.collection import Collection
    from aqt.qt import QWidget

    from ..core.subscriptions import Subscription

_STOPPED = "The update was stopped; nothing was changed."
_BETWEEN = 0.1
"""The seconds between two messages on how far a download is."""


class StoppedError(Exception):
    """The learner has stopped an update; nothing was changed."""


class _Written:
    """A report, the notes that differ, and what Anki wants of an operation: which kinds of things it has changed."""

    def __init__(self, report: Report, note_ids: tuple[int, ...]) -> None:
        self.report = report
        self.note_ids = note_ids
        self.changes = report.changes or OpChanges()


class UpdateFlow:
    """An update on its way. Its steps come one after the other, on the event loop.

    `edition` is there once it is fetched, `plan` once it is compared; `note_ids` are the notes that it has written.

    Args:
        parent: The window that it belongs to.
        subscription: What is updated.
        progressed: Is told, on the main thread, how far the download is: bytes that are there, and bytes of all.
        planned: Is given the plan and decides how it goes on: it calls `apply` or `stop`.
        ended: Is given the report, or the error.
    """

    def __init__(
        self,
        parent: QWidget,
        subscription: Subscription,
        *,
        progressed: Callable[[int, int], None],
        planned: Callable[[UpdateFlow, Plan], None],
        ended: Callable[[UpdateFlow, Report | None, Exception | None], None],
    ) -> None:
        self.subscription = subscription
        self.edition: Edition | None = None
        self.plan = Plan()
        self.note_ids: tuple[int, ...] = ()
        self._parent = parent
        self._progressed, self._planned, self._ended = progressed, planned, ended
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._is_stopped = False
        self._is_waiting = False
        self._told = 0.0

    def start(self) -> None:
        """Begin to fetch."""
        operation = QueryOp(parent=self._parent, op=lambda _: self._fetch(), success=self._fetched)
        operation.without_collection().failure(self._fail).run_in_background()

    def stop(self) -> None:
        """Stop; nothing was changed. A thread that reads or writes files is let go on to its end first."""
        self._is_stopped = True
        if self._is_waiting:
            self._is_waiting = False
            self._end(None, StoppedError(_STOPPED))

    def _fetch(self) -> Edition:
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="trialdeck-")
        except OSError as error:
            raise TrialdeckError(f"the disk refuses: {error.strerror or error}; nothing was changed") from error
        address = parse_address(self.subscription.address)
        return fetch_edition(
            address, fetch_feed(address), self.subscription.decks, Path(self._folder.name), self._report_progress
        )

    def _report_progress(self, done: int, of: int) -> bool:
        """Tell the window how far it is, from the thread of the download, and return whether to go on."""
        now = time.monotonic()
        if now - self._told > _BETWEEN or done == of:
            self._told = now
            profile.window().taskman.run_on_main(lambda: None if self._is_stopped else self._progressed(done, of))
        return not self._is_stopped

    def _fetched(self, edition: Edition) -> None:
        if self._is_gone():
            return
        self.edition = edition
        self._know_again()
        operation = QueryOp(
            parent=self._parent,
            op=lambda col: plan_update(col, edition, self.subscription, self._others()),
            success=self._decide,
        )
        operation.failure(self._fail).run_in_background()

    def _decide(self, plan: Plan) -> None:
        if self._is_gone():
            return
        self.plan = plan
        if plan.refused:
            self._end(None, TrialdeckError(plan.refused))
        else:
            self._is_waiting = True
            self._planned(self, plan)

    def apply(self, answers: Mapping[str, Answer], retired: str) -> None:
        """Write the update as one step that can be undone."""
        edition = self.edition
        assert edition is not None
        if self._is_stopped:
            return  # its window was closed while this one asked
        self._is_waiting = False
        self._know_again()
        folder = Path(profile.window().pm.backupFolder())
        choices = Choices(answers=answers, retired=retired, backup_folder=folder, others=self._others())

        def write(col: Collection) -> _Written:
            before = _notes(col)
            report = apply_update(col, edition, self.subscription, choices)
            return _Written(
                report, tuple(note_id for note_id, note in _notes(col).items() if before.get(note_id) != note)
            )

        operation = CollectionOp(self._parent, write)
        operation.success(self._applied).failure(self._fail).run_in_background()

    def _know_again(self) -> None:
        """Take what is known now: another update of the same subscription may have ended while this one waited."""
        self.subscription = profile.settings().subscription(self.subscription.address) or self.subscription

    def _others(self) -> frozenset[int]:
        """Return the decks that other subscriptions look after."""
        others = (each for each in profile.subscriptions() if each.address != self.subscription.address)
        return frozenset(deck_id for each in others for deck_id in each.places.values())

    def _applied(self, written: _Written) -> None:
        report, self.note_ids = written.report, written.note_ids
        assert self.edition is not None
        target = moved(self.edition.address, self.edition.feed.moved_to)
        address = target.text if target else ""
        try:
            profile.change(lambda found: found.with_update(self.subscription, report.subscription, address))
        except TrialdeckError as error:
            self._end(report, error)
            return
        for line in (f"{self.subscription.name}: {report.words}", *report.details):
            profile.log(line)
        self._end(report, None)

    def _is_gone(self) -> bool:
        """Tell whether the learner has stopped the update, or closed the profile, and end it then."""
        if self._is_stopped or not profile.is_open():
            self._end(None, StoppedError(_STOPPED))
            return True
        return False

    def _fail(self, error: Exception) -> None:
        self._end(None, StoppedError(str(error)) if self._is_stopped else error)

    def _end(self, report: Report | None, error: Exception | None) -> None:
        if self._folder is not None:
            self._folder.cleanup()
        self._ended(self, report, error)


def _notes(col: Collection) -> dict[int, int]:
    """Return what names the text and the tags of each note of ours, by its id."""
    assert col.db is not None
    types = ",".join(map(str, NOTE_TYPES))
    rows = col.db.execute(f"select id, flds, tags from notes where mid in ({types})")  # noqa: S608 - our own ids
    return {note_id: hash((fields, tags)) for note_id, fields, tags in rows}
