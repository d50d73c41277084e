"""Offer decks that are new in the groups that the learner follows; none is followed unless he says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqt.qt import QMessageBox

from ..core import TrialdeckError
from . import profile
from .widgets import ask, button, show_error
from .windows.subscription_texts import offer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aqt.qt import QWidget

    from ..core.feed import Feed, FeedDeck


def offer_decks(
    parent: QWidget, address: str, feed: Feed, decks: Sequence[FeedDeck], answered: Callable[[bool], object]
) -> None:
    """Ask whether to follow new decks; either answer is remembered, and "Later" is none.

    Args:
        parent: The window before the question.
        address: The subscription.
        feed: Its feed.
        decks: The new decks.
        answered: Is told, once the answer is saved, whether they are followed now.
    """
    ids = [deck.id for deck in decks]

    def answer(follows: bool) -> None:
        try:
            profile.change(lambda settings: settings.with_answer(address, ids, follows=follows))
        except TrialdeckError as error:
            show_error(parent, error)
        else:
            answered(follows)

    box = ask(parent, offer_of(feed, decks), "Follow", lambda: answer(True), name="trialdeck-new-decks")
    box.addButton(button("Not interested", "no", lambda: answer(False)), QMessageBox.ButtonRole.RejectRole)
    later = box.button(QMessageBox.StandardButton.Cancel)
    assert later is not None
    later.setText("Later")
    # A key that was meant for a card must not answer for good.
    box.setDefaultButton(later)
    later.setFocus()
