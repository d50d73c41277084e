"""Work out what the copy of a package must hold so that a push keeps the learner's fields and tags.

A note that the learner has only written `Extra` into, or tagged, is newer in Anki than an edition that was built
before, and Anki would leave the author's correction out. If the author's fields are as an earlier push brought them,
nobody has edited them: then the copy says that the note changed just after it did in Anki. If the learner edits it in
the meantime, it is newer again, and stays.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from trialdeck.anki.collection import AnkiNoteState, is_complete
from trialdeck.anki.collection_diff import PERSONAL
from trialdeck.anki.import_copy import Fitting, Layout
from trialdeck.anki.published import Published
from trialdeck.core.errors import TrialdeckError
from trialdeck.notes.note import guid_of, trial_of


class PackedCopy(msgspec.Struct, frozen=True):
    """A note of a package; `row_id` is its id there, `changed` in seconds of Unix time."""

    guid: str
    row_id: int
    changed: int
    state: AnkiNoteState


class Deck(msgspec.Struct, frozen=True):
    """A package as it is pushed: its notes by key, and the ids of its note types."""

    path: Path
    notes: Mapping[str, PackedCopy]
    type_ids: frozenset[int]


class Known:
    """Our notes in Anki by id, which are found by key and guid."""

    def __init__(self, states: Mapping[int, AnkiNoteState]) -> None:
        self.states: dict[int, AnkiNoteState] = {}
        self._by_key = defaultdict[str, set[int]](set)
        self._by_guid = defaultdict[str, set[int]](set)
        self.update(states)

    def update(self, states: Mapping[int, AnkiNoteState]) -> None:
        """Take the states of notes in place of those that are known."""
        for each, state in states.items():
            if former := self.states.get(each):
                self._by_key[former.key].discard(each)
            self.states[each] = state
            self._by_key[state.key].add(each)
            # The guid is that of the first key, which a note keeps until it is renamed.
            self._by_guid[guid_of(state.key)].add(each)

    def find(self, key: str, packed: PackedCopy, others: Collection[str]) -> AnkiNoteState | None:
        """Return the note in Anki that a note of a package is; `others` are the keys in the package."""
        # The guid comes first: a retired note may have had the key that another has now.
        same = self._by_guid.get(packed.guid) or self._by_key.get(key)
        if same:
            # A copy that the learner made in Anki has the same key, another guid and a later id.
            return self.states[packed.row_id if packed.row_id in same else min(same)]
        # One that was renamed more than once since the learner's edition still has the id of its row.
        state = self.states.get(packed.row_id)
        renamed = state is not None and state.key not in others and trial_of(state.key) == trial_of(key)
        return state if renamed else None


class Fits(msgspec.Struct, frozen=True):
    """How a copy of a package differs from it: notes by guid, and the fields of note types by id."""

    notes: Mapping[str, Fitting]
    layouts: Mapping[int, Layout]

    def __bool__(self) -> bool:
        return bool(self.notes or self.layouts)


def fits(deck: Deck, known: Known, layouts: Mapping[int, Layout], published: Published, now: int) -> Fits:
    """Return how the copy of a package must differ from it, for the notes that are known in Anki.

    Raises TrialdeckError where a field that the learner has added cannot be told from one of ours.
    """
    complete = {
        type_id: layout
        for type_id, layout in layouts.items()
        if type_id in deck.type_ids and is_complete(layout, type_id)
    }
    found = dict[str, Fitting]()
    for key, packed in deck.notes.items():
        state = known.find(key, packed, deck.notes)
        if state is None:
            continue
        if state.personal.added and state.type_id not in complete:
            raise _mixed(deck, state)
        time = _new_time(packed, state, published, now)
        if state.personal or time is not None:
            found[packed.guid] = _fitting(state, time)
    return Fits(found, complete)


def _fitting(state: AnkiNoteState, changed: int | None) -> Fitting:
    own = state.personal
    extra = {PERSONAL: own.extra} if own.extra else {}
    return Fitting({**extra, **own.added}, own.tags, changed)


def _new_time(packed: PackedCopy, state: AnkiNoteState, published: Published, now: int) -> int | None:
    """Return when a note of the copy changed, if Anki would otherwise take it for older than the learner's."""
    if state.text == packed.state.text and packed.state.tags <= state.tags:
        return None
    if state.changed is not None and state.changed < packed.changed:
        return None
    since = published.changed(packed.guid, state.text)
    if since is None or since >= packed.changed:
        return None
    # Where AnkiConnect does not tell the time, this is one before the notes were looked at.
    return now if state.changed is None else state.changed + 1


def _mixed(deck: Deck, state: AnkiNoteState) -> TrialdeckError:
    names = ", ".join(sorted(state.personal.added))
    message = f"{deck.path} was not imported: the note type of {state.key} lacks fields of ours in Anki and has {names}"
    return TrialdeckError(message, "give the field its former name again (Tools → Manage Note Types → Fields)")
