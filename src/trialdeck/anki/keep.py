"""Plan the copy of a package so that a push keeps the learner's fields and tags, and the text that they have edited.

Anki decides by times alone: it would skip a correction if the learner has filled `Extra` since it was built, and
replace what they have edited before. So the copy gets the times by which Anki does what `trialdeck.anki.decide` says. A
correction gets a time just after that of the note in Anki: if the learner edits it in the meantime, it is newer again.

Which texts were published the ledger beside the package says, and a cache of earlier pushes. Of a note that neither
knows, Anki alone decides.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from trialdeck.anki.collection import AnkiNoteState, is_complete
from trialdeck.anki.collection_diff import PERSONAL
from trialdeck.anki.decide import Decision, decide
from trialdeck.anki.import_copy import Fitting, Layout
from trialdeck.anki.published import Published
from trialdeck.core.errors import TrialdeckError
from trialdeck.editions.ledger import Line
from trialdeck.editions.texts.published_texts import published_texts
from trialdeck.notes.note import guid_of, trial_of

_LONG_AGO = 1
"""A time of change, in seconds of Unix time, that no note of a learner's is older than."""


class PackedCopy(msgspec.Struct, frozen=True):
    """A note of a package; `row_id` is its id there, `changed` is in seconds of Unix time."""

    guid: str
    row_id: int
    changed: int
    state: AnkiNoteState


class Deck(msgspec.Struct, frozen=True):
    """A package to push: its notes by key, the ids of its note types, and the ledger's lines beside it, by guid."""

    path: Path
    notes: Mapping[str, PackedCopy]
    type_ids: frozenset[int]
    lines: Mapping[str, Line]


class Known:
    """Our notes in Anki by id, with look-up by key and guid."""

    def __init__(self, states: Mapping[int, AnkiNoteState]) -> None:
        self.states: dict[int, AnkiNoteState] = {}
        self._by_key = defaultdict[str, set[int]](set)
        self._by_guid = defaultdict[str, set[int]](set)
        self.update(states)

    def update(self, states: Mapping[int, AnkiNoteState]) -> None:
        """Replace the states of notes, or add them."""
        for note_id, state in states.items():
            if former := self.states.get(note_id):
                self._by_key[former.key].discard(note_id)
            self.states[note_id] = state
            self._by_key[state.key].add(note_id)
            # The guid is that of the first key, which a note keeps until it is renamed.
            self._by_guid[guid_of(state.key)].add(note_id)

    def find(self, key: str, packed: PackedCopy, others: Collection[str]) -> AnkiNoteState | None:
        """Return the state in Anki of a note of a package, if it is there; `others` are the keys in the package."""
        # Look up the guid first: the key may have belonged to a note that is retired now.
        ids = self._by_guid.get(packed.guid) or self._by_key.get(key)
        if ids:
            # A duplicate that the learner made in Anki has the same key, another guid and a later id.
            return self.states[packed.row_id if packed.row_id in ids else min(ids)]
        # A note that was renamed more than once since the learner's edition still has its row id.
        state = self.states.get(packed.row_id)
        is_renamed = state is not None and state.key not in others and trial_of(state.key) == trial_of(key)
        return state if is_renamed else None


class CopyPlan(msgspec.Struct, frozen=True):
    """The changes of a copy to its package: notes by guid, and the fields of note types by id."""

    notes: Mapping[str, Fitting]
    layouts: Mapping[int, Layout]

    def __bool__(self) -> bool:
        return bool(self.notes or self.layouts)


def plan_copy(deck: Deck, known: Known, layouts: Mapping[int, Layout], published: Published, now: int) -> CopyPlan:
    """Return the changes that the copy of a package needs, for the notes that are in Anki.

    Args:
        deck: The package.
        known: Our notes in Anki.
        layouts: The fields of the note types that the learner has changed, by id.
        published: The texts that were pushed before.
        now: A time just before the notes were read, in seconds of Unix time.

    Returns:
        The changes; none if the package itself can be imported.

    Raises:
        TrialdeckError: A field that the learner has added cannot be distinguished from one of ours.
    """
    complete_layouts = {
        type_id: layout
        for type_id, layout in layouts.items()
        if type_id in deck.type_ids and is_complete(layout, type_id)
    }
    fittings = dict[str, Fitting]()
    for key, packed in deck.notes.items():
        state = known.find(key, packed, deck.notes)
        if state is None:
            continue
        if state.personal.added and state.type_id not in complete_layouts:
            raise _mixed_fields_error(deck, state)
        time = _new_time(packed, state, _known_texts(packed, state, deck.lines.get(packed.guid), published), now)
        if state.personal or time is not None:
            fittings[packed.guid] = _fitting(state, time)
    return CopyPlan(fittings, complete_layouts)


def _fitting(state: AnkiNoteState, changed: int | None) -> Fitting:
    own = state.personal
    extra = {PERSONAL: own.extra} if own.extra else {}
    return Fitting({**extra, **own.added}, own.tags, changed)


def _known_texts(packed: PackedCopy, state: AnkiNoteState, line: Line | None, published: Published) -> frozenset[str]:
    """Return the published texts that the package may replace: an older package replaces none that is newer."""
    texts = published_texts(line) if line and line.changed <= packed.changed else ()
    since = published.changed(packed.guid, state.text)
    return frozenset([*texts, state.text] if since is not None and since < packed.changed else texts)


def _new_time(packed: PackedCopy, state: AnkiNoteState, known: Collection[str], now: int) -> int | None:
    """Return a new time of change for a note of the copy, if Anki would otherwise not do what is right.

    Args:
        packed: The note in the package.
        state: The note in Anki.
        known: The published texts of the note; none if nothing is known of it.
        now: A time just before the notes were read.

    Returns:
        Seconds of Unix time; `None` keeps the time of the package.
    """
    is_newer = None if state.changed is None else state.changed < packed.changed
    if not known or (state.text == packed.state.text and packed.state.tags <= state.tags):
        return None
    if decide(state, packed.state, known) is not Decision.TAKE:
        return None if is_newer is False else _LONG_AGO
    # If AnkiConnect does not report the time, `now` is a time just before the notes were read.
    return None if is_newer else now if state.changed is None else state.changed + 1


def _mixed_fields_error(deck: Deck, state: AnkiNoteState) -> TrialdeckError:
    names = ", ".join(sorted(state.personal.added))
    message = f"{deck.path} was not imported: the note type of {state.key} lacks fields of ours in Anki and has {names}"
    return TrialdeckError(message, "give the field its former name again (Tools → Manage Note Types → Fields)")
