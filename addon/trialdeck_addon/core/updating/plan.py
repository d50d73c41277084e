"""What an edition would change for a learner: compared note by note, without writing anything."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import TrialdeckError
from ..json_form import shortened
from ..note_types import EXTRA, KEY, NOTE_TYPES, part_digest
from .cards import returning_cards
from .learner import Learner, read_learner
from .merge import Decision, LocalNote, decide, kept_token, token_of
from .places import place_of, siblings_places
from .traces import as_applied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anki.collection import Collection

    from ..contents import PackedNote
    from ..feed import Published
    from ..fetch import Edition
    from ..package import Package
    from ..subscriptions import Subscription

_MADE = frozenset({KEY, "Report", "Link"})
"""Fields that follow from others: nobody has to judge them."""
_LONGEST_LABEL = 100
_TAG = re.compile(r"<[^<>]*>")
_LONGEST_FRONT = 10_000
"""How much of a front is looked at for a label."""
_CLOZE = re.compile(r"\{\{c\d+::|(?:::[^{}:]*)?\}\}")
"""What is around the text of a deletion; each sign is looked at once."""


@dataclass(frozen=True)
class FieldDifference:
    """A field that differs, as HTML: show it as text, or in a view that runs no scripts."""

    name: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Question:
    """A note that both have changed. `token` names these two texts: an answer counts only for them.

    `is_retired` says that the author has withdrawn the note.
    """

    token: str
    note_id: int
    key: str
    label: str
    fields: tuple[FieldDifference, ...]
    is_retired: bool = False


@dataclass(frozen=True)
class Plan:
    """What an update would do, without having done anything; the notes are named by labels in plain text.

    `kept` are notes whose text stays the learner's for good although the author has changed it. `looks` are note types
    whose templates or style are renewed. `returning` is how many cards that former updates have suspended come back.
    `refused` is empty, or one line that says why the update would be refused.
    """

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    looks: tuple[str, ...] = ()
    refused: str = ""
    returning: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the update would change nothing and ask nothing."""
        return not (self.new or self.updated or self.retired or self.questions or self.looks or self.returning)


@dataclass(frozen=True)
class Match:
    """A note that the learner has, and the author's."""

    local: LocalNote
    packed: PackedNote


@dataclass(frozen=True)
class Work:
    """The comparison of an edition with what a learner has.

    `new` has the guids of new notes for each package, `looks` the note types with the parts to renew, `places` the
    learner's decks for those of the packages.
    """

    learner: Learner
    new: Mapping[int, tuple[str, ...]]
    takes: tuple[Match, ...]
    keeps: tuple[Match, ...]
    asks: tuple[Match, ...]
    looks: Mapping[int, frozenset[int]]
    places: Mapping[str, str]


def plan_update(
    col: Collection, edition: Edition, subscription: Subscription, others: frozenset[int] = frozenset()
) -> Plan:
    """Return what an edition would change in a collection; nothing is written.

    `others` are the decks that other subscriptions look after.
    """
    subscription = as_applied(col, subscription)
    try:
        work = compare(col, edition, subscription, others)
    except TrialdeckError as error:
        return Plan(refused=str(error))
    new = [edition.packages[number].notes[guid] for number, guids in work.new.items() for guid in guids]
    return Plan(
        new=tuple(map(label_of, new)),
        updated=tuple(label_of(match.packed) for match in work.takes if not is_retirement(match)),
        retired=tuple(label_of(match.packed) for match in work.takes if is_retirement(match)),
        kept=tuple(label_of(match.packed) for match in work.keeps),
        questions=tuple(map(_question, work.asks)),
        looks=tuple(NOTE_TYPES[type_id].name for type_id in work.looks),
        returning=len(returning_cards(work.learner, work.takes, subscription.suspended)),
    )


def is_retirement(match: Match) -> bool:
    """Whether the author has withdrawn a note that the learner does not yet have as withdrawn."""
    return match.packed.is_retired and not match.local.is_retired


def compare(
    col: Collection, edition: Edition, subscription: Subscription, others: frozenset[int] = frozenset()
) -> Work:
    """Compare an edition with a collection.

    Notes in the decks of other subscriptions (`others`) are theirs: any site can publish the digests of another one,
    and would take its notes over without a question.

    Raises TrialdeckError if the edition is older than what the learner has, or a note type cannot be written.
    """
    _refuse_older(edition, subscription)
    packed = _packed_notes(edition)
    learner = read_learner(col, packed)
    theirs = others - set(subscription.places.values())
    matches = [
        Match(note, packed[note.guid])
        for note in learner.notes
        if _is_match(note, packed) and learner.home_of(note) not in theirs
    ]
    decided: dict[Decision, list[Match]] = {decision: [] for decision in Decision}
    for match in matches:
        decided[_decision(match, edition.published, subscription)].append(match)
    return Work(
        learner=learner,
        new=_new(edition, learner),
        takes=tuple(decided[Decision.TAKE]),
        keeps=tuple(decided[Decision.KEEP]),
        asks=tuple(decided[Decision.ASK]),
        looks=_looks(edition, learner),
        places=_places(edition, learner, matches, subscription),
    )


def _refuse_older(edition: Edition, subscription: Subscription) -> None:
    for package in edition.packages:
        known = [subscription.seen.get(deck_id) for deck_id in (package.deck.id, *package.deck.formerly)]
        seen = next(filter(None, known), None)
        if seen and package.deck.changed < seen.changed:
            name, here = shortened(package.deck.name), shortened(package.deck.edition)
            message = f"the site has an older edition of {name} ({here}) than you have ({shortened(seen.edition)})"
            raise TrialdeckError(f"{message}; nothing was changed")


def _packed_notes(edition: Edition) -> dict[str, PackedNote]:
    """Return the notes of all packages by guid: a note that several have is one note."""
    return {guid: note for package in reversed(edition.packages) for guid, note in package.notes.items()}


def _is_match(note: LocalNote, packed: Mapping[str, PackedNote]) -> bool:
    return note.guid in packed and packed[note.guid].type_id == note.type_id


def _decision(match: Match, published: Published, subscription: Subscription) -> Decision:
    decision = decide(match.local, match.packed, published.notes.get(match.packed.guid, frozenset()))
    is_answered = decision is Decision.ASK and kept_token(match.packed) in subscription.kept
    return Decision.NOTHING if is_answered else decision


def _new(edition: Edition, learner: Learner) -> dict[int, tuple[str, ...]]:
    """Return the notes to import from each package: those with cards that the learner does not have in any form."""
    known = {note.guid for note in learner.notes} | learner.foreign
    new: dict[int, tuple[str, ...]] = {}
    for number, package in enumerate(edition.packages):
        guids = [note.guid for note in package.notes.values() if note.guid not in known and _has_cards(note, learner)]
        if guids:
            new[number] = tuple(guids)
            known.update(guids)
    return new


def _has_cards(note: PackedNote, learner: Learner) -> bool:
    """Whether a note would have a card: a retired one has none, and the learner may have deleted a template."""
    local = learner.types.get(note.type_id)
    if local is None or NOTE_TYPES[note.type_id].is_cloze:
        return bool(note.cards)
    return any(ordinal in local.ordinals for ordinal in note.cards)


def _looks(edition: Edition, learner: Learner) -> dict[int, frozenset[int]]:
    """Return the templates and styles to renew: those that differ, and that the learner has not edited."""
    looks: dict[int, frozenset[int]] = {}
    for type_id, local in learner.types.items():
        packed = next((p.contents.types[type_id].parts for p in edition.packages if type_id in p.contents.types), {})
        present = {type_id: part_digest(local.model["css"])}
        numbers = list(NOTE_TYPES[type_id].templates.values())
        for ours, theirs in local.ordinals.items():
            template = local.model["tmpls"][theirs]
            present[numbers[ours]] = part_digest(template["qfmt"], template["afmt"])
        renewed = frozenset(
            part
            for part, digest in present.items()
            if digest != packed.get(part, digest) and digest in edition.published.parts.get(str(part), ())
        )
        if renewed:
            looks[type_id] = renewed
    return looks


def _places(edition: Edition, learner: Learner, matches: list[Match], subscription: Subscription) -> dict[str, str]:
    """Return the learner's deck for each deck of the packages: by siblings, else as remembered, else by its name."""
    remembered = {
        name: learner.decks[deck_id] for name, deck_id in subscription.places.items() if deck_id in learner.decks
    }
    known = {**remembered, **siblings_places(_pairs(learner, matches))}
    return {name: place_of(name, known) for package in edition.packages for name in _decks_of(package)}


def _pairs(learner: Learner, matches: list[Match]) -> Iterator[tuple[str, str]]:
    for match in matches:
        if match.packed.deck:
            for card in learner.cards.get(match.local.note_id, ()):
                if card.deck_id in learner.decks:
                    yield match.packed.deck, learner.decks[card.deck_id]


def _decks_of(package: Package) -> set[str]:
    return set(package.contents.descriptions) | {note.deck for note in package.notes.values() if note.deck}


def _question(match: Match) -> Question:
    local, packed = match.local, match.packed
    differing = [
        FieldDifference(name, local.fields[name], theirs)
        for name, theirs in packed.fields.items()
        if name != EXTRA and local.fields.get(name, theirs) != theirs
    ]
    written = tuple(field for field in differing if field.name not in _MADE) or tuple(differing)
    token = token_of(local, packed)
    return Question(token, local.note_id, local.key, label_of(packed), written, is_retired=packed.is_retired)


def label_of(note: PackedNote) -> str:
    """Return what a note asks, in plain text and a few words."""
    front = next(iter(note.fields.values()))[:_LONGEST_FRONT]
    text = html.unescape(_TAG.sub(" ", _CLOZE.sub("", front)))
    return shortened(" ".join(text.split()), _LONGEST_LABEL) or note.guid
