"""What becomes of the cards of notes that were written: new ones follow their siblings, retired ones the learner."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..json_form import counted
from ..note_types import NOTE_TYPES
from .learner import LocalCard, cards_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..contents import PackedNote
    from .learner import Learner
    from .merge import LocalNote
    from .plan import Match, Work
    from .steps import Steps

KEEP, SUSPEND, REMOVE = "keep", "suspend", "remove"
_NUMBER = re.compile(r"\{\{c(\d+)::")


@dataclass(frozen=True)
class Retirement:
    """What became of retired notes: cards that were suspended, cards that came back, and lines for the log."""

    suspended: frozenset[int] = frozenset()
    returned: frozenset[int] = frozenset()
    details: tuple[str, ...] = ()


def returning_cards(learner: Learner, takes: Iterable[Match], former: Iterable[int]) -> frozenset[int]:
    """Return the suspended cards to bring back: those that former updates have suspended, and that have a text again.

    Args:
        learner: What the learner has.
        takes: The notes that get the author's text; of others counts the text that they have.
        former: The cards that former updates have suspended.
    """
    suspended = set(former)
    written = {match.local.note_id: match.packed for match in takes}
    return frozenset(
        card.card_id
        for note in (learner.notes if suspended else ())
        for card in learner.cards.get(note.note_id, ())
        if card.card_id in suspended and card.is_suspended
        if _has_text(card, written.get(note.note_id, note))
    )


def _has_text(card: LocalCard, note: LocalNote | PackedNote) -> bool:
    """Whether a card shows something of a note: the note is not retired, and has the deletion of a cloze card."""
    if note.is_retired or not NOTE_TYPES[note.type_id].is_cloze:
        return not note.is_retired
    return card.ordinal in _ordinals(note.fields.get("Text", ""))


def _ordinals(text: str) -> set[int]:
    return {int(number) - 1 for number in _NUMBER.findall(text)}


def follow_siblings(steps: Steps, work: Work, takes: Sequence[Match], returning: Collection[int]) -> None:
    """Move cards that notes have got to the deck of their siblings, and suspend those whose siblings are suspended.

    Siblings that are `returning` are suspended no longer.
    """
    new = _new_cards(steps, work, takes)
    homes: dict[int, list[int]] = {}
    suspended: list[int] = []
    packed = {match.local.note_id: match.packed for match in takes}
    for note in work.learner.notes if new else ():
        siblings = work.learner.cards.get(note.note_id, ())
        for card in new.get(note.note_id, ()):
            home = work.learner.home_of(note)
            if not home and note.note_id in packed and packed[note.note_id].deck:
                home = _deck_id(steps, work.places[packed[note.note_id].deck])
            if home and card.deck_id != home:
                homes.setdefault(home, []).append(card.card_id)
            if siblings and all(each.is_suspended and each.card_id not in returning for each in siblings):
                suspended.append(card.card_id)
    for home, card_ids in homes.items():
        steps.done(steps.col.set_deck(card_ids, home))
    if suspended:
        steps.done(steps.col.sched.suspend_cards(suspended))


def _new_cards(steps: Steps, work: Work, takes: Sequence[Match]) -> dict[int, list[LocalCard]]:
    """Return the cards that existing notes did not have before: those that were written, or all if templates were."""
    before = {card.card_id for cards in work.learner.cards.values() for card in cards}
    written = work.learner.notes if work.looks else [match.local for match in takes]
    now = cards_of(steps.col, (note.note_id for note in written))
    new = {note_id: [card for card in cards if card.card_id not in before] for note_id, cards in now.items()}
    return {note_id: cards for note_id, cards in new.items() if cards}


def _deck_id(steps: Steps, name: str) -> int:
    present = steps.col.decks.id_for_name(name)
    if present:
        return int(present)
    made = steps.col.decks.add_normal_deck_with_name(name)
    steps.done()
    return int(made.id)


def settle_retired(
    steps: Steps, work: Work, takes: Sequence[Match], wish: str, returning: frozenset[int]
) -> Retirement:
    """Keep, suspend or remove what an edition has withdrawn, and bring back what came back.

    Args:
        steps: The step.
        work: The comparison with what the learner has.
        takes: The notes that were written.
        wish: KEEP, SUSPEND or REMOVE. A note on which the learner has written something is never removed.
        returning: The suspended cards to bring back.

    Returns:
        What was done.
    """
    if returning:
        steps.done(steps.col.sched.unsuspend_cards(sorted(returning)))
    withdrawn = [match for match in takes if _has_withdrawn(match, work)]
    if wish == KEEP or not withdrawn:
        return Retirement(returned=returning)
    empty = _empty_cards(steps, {match.local.note_id for match in withdrawn})
    if wish == SUSPEND:
        return Retirement(_suspend(steps, work, withdrawn, empty), returning)
    return Retirement(returned=returning, details=_remove(steps, withdrawn, empty))


def _has_withdrawn(match: Match, work: Work) -> bool:
    """Whether a note is retired now, or has lost the deletion of a card that the learner has."""
    if match.packed.is_retired:
        return not match.local.is_retired
    if not NOTE_TYPES[match.packed.type_id].is_cloze:
        return False
    ordinals = _ordinals(match.packed.fields["Text"])
    return any(card.ordinal not in ordinals for card in work.learner.cards.get(match.local.note_id, ()))


def _empty_cards(steps: Steps, note_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    """Return the cards that Anki itself calls empty, of these notes alone."""
    report = steps.col.get_empty_cards()
    return {note.note_id: list(note.card_ids) for note in report.notes if note.note_id in note_ids}


def _suspend(
    steps: Steps, work: Work, withdrawn: Iterable[Match], empty: Mapping[int, Sequence[int]]
) -> frozenset[int]:
    cards = [
        card.card_id
        for match in withdrawn
        for card in work.learner.cards.get(match.local.note_id, ())
        if not card.is_suspended and (match.packed.is_retired or card.card_id in empty.get(match.local.note_id, ()))
    ]
    if cards:
        steps.done(steps.col.sched.suspend_cards(cards))
    return frozenset(cards)


def _remove(steps: Steps, withdrawn: Iterable[Match], empty: Mapping[int, Sequence[int]]) -> tuple[str, ...]:
    """Remove empty cards, but keep a whole note if the learner has written something on it."""
    cards: list[int] = []
    kept = 0
    for match in withdrawn:
        if match.packed.is_retired and match.local.has_own_words:
            kept += 1
        else:
            cards += empty.get(match.local.note_id, ())
    if cards:
        steps.done(steps.col.remove_cards_and_orphaned_notes(cards))
    removed = (f"removed {counted(len(cards), 'retired card')}",) if cards else ()
    words = "because you have written something there"
    return (*removed, f"did not remove {counted(kept, 'retired note')}, {words}") if kept else removed
