"""Bring an edition into a collection: all of it, or nothing, as one step that can be undone.

Anki imports only notes that are new; notes that exist are merged and written here. Everything is written in one
transaction of the database: if Anki ends in the middle, nothing has happened, and the update is done by running again.
Only media come before it, because they are files; a file too many does no harm.

Call `plan_update` and `apply_update` in operations of Anki's own (`QueryOp`, `CollectionOp`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from . import TrialdeckError
from .json_form import shortened
from .subscriptions import Seen, Subscription
from .updating.cards import KEEP, REMOVE, SUSPEND, Retirement, returning_cards
from .updating.decks import described
from .updating.media import write_media
from .updating.merge import kept_token, token_of
from .updating.plan import FieldDifference, Match, Plan, Question, Work, compare, is_retirement, label_of, plan_update
from .updating.report import Report
from .updating.steps import Steps, in_one_step
from .updating.traces import as_applied, traces_of
from .updating.writing import Wishes, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anki.collection import Collection, OpChanges

    from .fetch import Edition

__all__ = [
    "KEEP", "REMOVE", "SUSPEND", "Answer", "Choices", "FieldDifference", "Plan", "Question", "Report", "apply_update",
    "plan_update",
]  # fmt: skip
STEP = "Update Trialdeck decks"
"""What Anki's Edit menu calls an update."""


class Answer(Enum):
    """Whose text a note gets that both the learner and the author have changed."""

    MINE = "mine"
    THEIRS = "theirs"
    MINE_ALWAYS = "mine always"


@dataclass(frozen=True)
class Choices:
    """What the learner wants of an update.

    `answers` are for the tokens of questions; a note without an answer stays as it is, and is asked again. `retired` is
    KEEP, SUSPEND or REMOVE. `backup_folder` is where Anki keeps its backups; without it none is made. `others` are the
    decks that other subscriptions look after: their notes are left as they are.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    retired: str = KEEP
    backup_folder: Path | None = None
    others: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Settled:
    """A comparison whose questions are answered, as far as they are."""

    work: Work
    takes: tuple[Match, ...]
    kept: tuple[Match, ...]
    always_mine: tuple[Match, ...]
    unanswered: tuple[Match, ...]
    returning: frozenset[int]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write into the collection."""
        return not (self.takes or self.work.new or self.work.looks or self.always_mine or self.returning)


def apply_update(col: Collection, edition: Edition, subscription: Subscription, choices: Choices) -> Report:
    """Bring an edition into a collection.

    Args:
        col: The collection. It is compared anew: an answer counts only for the texts that were shown.
        edition: The verified files.
        subscription: What is known of former updates.
        choices: What the learner wants.

    Returns:
        What was done, with the subscription to save.

    Raises:
        TrialdeckError: Nothing was changed, and why.
    """
    subscription = as_applied(col, subscription)
    settled = _settle(compare(col, edition, subscription, choices.others), choices.answers, subscription)
    changes, retirement = None, Retirement()
    if settled.is_empty:
        details = write_media(col, edition.packages)
    else:
        _back_up(col, choices.backup_folder)
        details = write_media(col, edition.packages)
        wishes = Wishes(settled.always_mine, choices.retired, settled.returning, subscription)
        changes, retirement = _write(col, edition, settled, wishes)
    details = [*_details(settled), *details, *retirement.details]
    followed = _followed(col, edition, settled, retirement, subscription)
    own = {name: deck_id for name, deck_id in followed.places.items() if _is_own(name, deck_id, subscription, choices)}
    return _report(settled, replace(followed, places=own), changes, details)


def _is_own(name: str, deck_id: int, subscription: Subscription, choices: Choices) -> bool:
    """Whether a deck is looked after by this subscription: it was so before, or no other one has it."""
    return subscription.places.get(name) == deck_id or deck_id not in choices.others


def _settle(work: Work, answers: Mapping[str, Answer], subscription: Subscription) -> _Settled:
    by_answer: dict[Answer | None, list[Match]] = {answer: [] for answer in (*Answer, None)}
    for match in work.asks:
        by_answer[answers.get(token_of(match.local, match.packed))].append(match)
    takes = (*work.takes, *by_answer[Answer.THEIRS])
    return _Settled(
        work,
        takes=takes,
        kept=tuple(by_answer[Answer.MINE]),
        always_mine=tuple(by_answer[Answer.MINE_ALWAYS]),
        unanswered=tuple(by_answer[None]),
        returning=returning_cards(work.learner, takes, subscription.suspended),
    )


def _back_up(col: Collection, folder: Path | None) -> None:
    """Let Anki make a backup, which it does unless nothing has changed since the last one."""
    if folder is None:
        return
    try:
        col.create_backup(backup_folder=str(folder), force=True, wait_for_completion=True)
    except Exception as error:
        reason = shortened(str(error), 200)
        raise TrialdeckError(f"Anki could not make a backup ({reason}); nothing was changed") from error


def _write(col: Collection, edition: Edition, settled: _Settled, wishes: Wishes) -> tuple[OpChanges, Retirement]:
    done: list[Retirement] = []

    def write_all(steps: Steps) -> None:
        done.append(write(steps, edition, settled.work, settled.takes, wishes))

    changes = in_one_step(col, STEP, write_all)
    return changes, done[-1]


def _followed(
    col: Collection, edition: Edition, settled: _Settled, retirement: Retirement, subscription: Subscription
) -> Subscription:
    """Return what is to be known at the next update."""
    decks = {name: col.decks.id_for_name(place) for name, place in settled.work.places.items()}
    present = {deck_id: edition.feed.deck(deck_id) for deck_id in subscription.decks}
    return subscription.updated(
        {} if settled.is_empty else traces_of(col, settled.work, settled.takes),
        name=edition.feed.name,
        decks=tuple(dict.fromkeys(deck.id if deck else deck_id for deck_id, deck in present.items())),
        report=edition.feed.report,
        seen={**subscription.seen, **{p.deck.id: Seen(p.deck.edition, p.deck.changed) for p in edition.packages}},
        places={**subscription.places, **{name: int(deck_id) for name, deck_id in decks.items() if deck_id}},
        descriptions={**subscription.descriptions, **described(col, edition, settled.work.places)},
        kept=_kept(settled, subscription),
        suspended=_suspended(settled, retirement, subscription),
        waiting=len(settled.unanswered),
        known=subscription.known or tuple(deck.id for deck in edition.feed.decks),
    )


def _suspended(settled: _Settled, retirement: Retirement, subscription: Subscription) -> tuple[int, ...]:
    """Return the cards that updates have suspended and nobody else has unsuspended since."""
    cards = (card for cards in settled.work.learner.cards.values() for card in cards if card.is_suspended)
    still = {card.card_id for card in cards}.intersection(subscription.suspended)
    return tuple(sorted({*still, *retirement.suspended} - retirement.returned))


def _kept(settled: _Settled, subscription: Subscription) -> tuple[str, ...]:
    """Return the answers "mine" that still hold: one for each note, and none for those that got the author's text."""
    decided = {match.packed.guid for match in (*settled.takes, *settled.kept, *settled.always_mine)}
    former = (token for token in subscription.kept if token.partition(" ")[0] not in decided)
    return tuple(sorted({*former, *(kept_token(match.packed) for match in settled.kept)}))


def _report(settled: _Settled, subscription: Subscription, changes: OpChanges | None, details: list[str]) -> Report:
    retired = sum(map(is_retirement, settled.takes))
    theirs = {match.local.note_id for match in settled.work.asks} & {match.local.note_id for match in settled.takes}
    beside = sum(match.local.has_own_words for match in settled.takes)
    return Report(
        new=sum(map(len, settled.work.new.values())),
        updated=len(settled.takes) - retired,
        retired=retired,
        kept=beside + len(settled.kept) + len(settled.always_mine) + len(settled.work.keeps),
        unanswered=len(settled.unanswered),
        details=tuple([*details, f"took the author's text in place of yours on {len(theirs)}"] if theirs else details),
        subscription=subscription,
        changes=changes,
        returned=len(settled.returning),
        has_new_look=bool(settled.work.looks),
    )


def _details(settled: _Settled) -> list[str]:
    """Return a line for each note whose text was written over or kept, by its key: the log says what became of it."""
    groups = (
        ("updated", [match for match in settled.takes if not is_retirement(match)]),
        ("retired", [match for match in settled.takes if is_retirement(match)]),
        ("kept yours", [*settled.kept, *settled.always_mine, *settled.work.keeps]),
        ("waits for your answer", settled.unanswered),
    )
    return [f"{words}: {match.local.key or label_of(match.packed)}" for words, matches in groups for match in matches]
