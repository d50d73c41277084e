"""Push: import packages into a running Anki, and report what changed there.

AnkiConnect tells neither guids nor what an import did. So our notes are looked at before and after: which note is which
is told by its field `Key`, and whether it was there before by the id that Anki gave it, which an import never changes.

What the learner has written is never absent: Anki gets a copy of the package that has it beside the author's text (see
`trialdeck.anki.import_copy`). What they write while the push is under way makes their note newer than the copy, so that
Anki keeps it as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from enum import Enum, auto
from pathlib import Path

import msgspec

from trialdeck.anki.collection import KEY, AnkiNotes, AnkiNoteState, packed_state
from trialdeck.anki.connect import AnkiConnect, NoAnswerError
from trialdeck.anki.import_copy import copy_folder, write_fitted
from trialdeck.anki.keep import Deck, Fits, Known, PackedCopy, fits
from trialdeck.anki.published import Published
from trialdeck.apkg.reader import read_package
from trialdeck.core.errors import TrialdeckError


class Pushed(msgspec.Struct, frozen=True):
    """A package that is in Anki now, and how many of its notes are new there, changed by it, as before, or kept.

    A note is kept as it is in Anki where the author's text differs there from the package and Anki left it so: somebody
    edited it there later than in the record. `personal` counts the changed notes that have kept what a learner wrote:
    into `Extra`, into fields of their own, and as tags.
    """

    path: Path
    new: int
    changed: int
    unchanged: int
    kept: int
    personal: int


def push(paths: Sequence[Path], anki: AnkiConnect, published: Published, now: int) -> Iterator[Pushed]:
    """Yield what each package changed in Anki, as soon as it is there; all are read before the first is sent.

    `published` knows what was pushed before, and learns of this; `now` is in seconds of Unix time. Raises
    TrialdeckError where a package cannot be read or is none of ours, where Anki cannot be reached or refuses, where
    what the learner wrote could not be kept, and where it is not known whether Anki has imported. No package is ever
    sent twice.
    """
    decks = [_deck(path) for path in paths]
    anki.check()
    notes = AnkiNotes(anki)
    known = Known(notes.states(notes.ids()))
    before = known.states
    for deck in decks:
        _import(deck, fits(deck, known, notes.layouts, published, now), anki)
        after = _states_after(deck, before, notes)
        published.remember((each.guid, each.state.text, each.changed) for each in deck.notes.values())
        _refuse_loss(deck, before, after)
        yield _pushed(deck, before, after)
        known.update(after)


class _Fate(Enum):
    NEW = auto()
    CHANGED = auto()
    UNCHANGED = auto()
    KEPT = auto()


def _deck(path: Path) -> Deck:
    package = read_package(path)
    if strangers := [note for note in package.notes if not note.fields.get(KEY)]:
        message = f"{path} was not made by trialdeck: {len(strangers)} of its {len(package.notes)} notes have no key"
        raise TrialdeckError(message, "import it in Anki by File → Import; it cannot be told what that changes")
    notes = {
        note.fields[KEY]: PackedCopy(note.guid, note.row_id, note.changed, packed_state(note)) for note in package.notes
    }
    return Deck(path, notes, frozenset(each.id for each in package.note_types))


def _import(deck: Deck, differs: Fits, anki: AnkiConnect) -> None:
    """Have Anki import a package, or its copy where one is needed."""
    with ExitStack() as stack:
        path = deck.path.resolve()
        if differs:
            path = stack.enter_context(copy_folder(deck.path)).resolve() / path.name
            write_fitted(deck.path, path, differs.notes, differs.layouts)
        try:
            anki.import_package(path)
        except NoAnswerError as error:
            message = f"it is not known whether Anki has imported {deck.path}: {error.message}"
            hint = "look in Anki; nothing of yours is lost, and to push again is safe: Anki doubles no note that it has"
            raise NoAnswerError(message, hint) from error
        except TrialdeckError as error:
            raise TrialdeckError(f"{deck.path} was not imported: {error.message}", error.hint) from error


def _states_after(deck: Deck, before: Mapping[int, AnkiNoteState], notes: AnkiNotes) -> dict[int, AnkiNoteState]:
    """Return the notes of a package as Anki has them now: those of the same key, and those that were not there."""
    try:
        ids = notes.ids()
        likely = [each for each in ids if each not in before or before[each].key in deck.notes]
        after = notes.states(likely)
        if deck.notes.keys() - {state.key for state in after.values()}:
            # A note that was renamed in its record had another key until now.
            after |= notes.states(sorted(set(ids) - set(likely)))
    except TrialdeckError as error:
        message = f"Anki has imported {deck.path}, but it cannot be told what changed: {error.message}"
        raise TrialdeckError(message, error.hint) from error
    return after


def _refuse_loss(deck: Deck, before: Mapping[int, AnkiNoteState], after: Mapping[int, AnkiNoteState]) -> None:
    lost = sorted(
        state.key for each, state in after.items() if each in before and state.personal.lacks(before[each].personal)
    )
    if lost:
        message = f"Anki has imported {deck.path}, but what you wrote on {len(lost)} of its notes is gone: {lost[0]} …"
        raise TrialdeckError(message, "take the import back in Anki (Edit → Undo, or a backup), and report this")


def _pushed(deck: Deck, before: Mapping[int, AnkiNoteState], after: Mapping[int, AnkiNoteState]) -> Pushed:
    # A learner may have made a copy of a note in Anki: then two have one key.
    places = defaultdict(list)
    for each, state in after.items():
        places[state.key].append(each)
    if missing := deck.notes.keys() - places.keys():
        message = f"Anki has imported {deck.path}, but {len(missing)} of its notes are not there: {min(missing)} …"
        raise TrialdeckError(message, "import it in Anki by File → Import, which says why")
    fates = {key: _fate(each.state, places[key], before, after) for key, each in deck.notes.items()}
    counts = Counter(fates.values())
    personal = sum(
        fate is _Fate.CHANGED and any(before[each].personal for each in places[key] if each in before)
        for key, fate in fates.items()
    )
    return Pushed(
        path=deck.path,
        new=counts[_Fate.NEW],
        changed=counts[_Fate.CHANGED],
        unchanged=counts[_Fate.UNCHANGED],
        kept=counts[_Fate.KEPT],
        personal=personal,
    )


def _fate(
    packed: AnkiNoteState, ids: Sequence[int], before: Mapping[int, AnkiNoteState], after: Mapping[int, AnkiNoteState]
) -> _Fate:
    if any(each not in before for each in ids):
        return _Fate.NEW
    if any(not before[each].says_as(after[each]) for each in ids):
        return _Fate.CHANGED
    if any(after[each].text == packed.text and packed.tags <= after[each].tags for each in ids):
        return _Fate.UNCHANGED
    return _Fate.KEPT
