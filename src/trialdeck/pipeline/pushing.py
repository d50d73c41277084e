"""Push: send packages into a running Anki, and say what that changed there.

AnkiConnect tells neither guids nor what an import did. So our notes are looked at before and after: which note is which
is told by its field `Key`, and whether it was there before by the id that Anki gave it, which an import never changes.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum, auto
from hashlib import blake2b
from pathlib import Path
from unicodedata import normalize

import msgspec

from trialdeck.decks.reader import PackedNote, read_package
from trialdeck.errors import TrialdeckError
from trialdeck.pipeline.anki_connect import AnkiConnect, NoAnswerError

_KEY = "Key"
_OURS = f"{_KEY}:_*"
"""The search for notes whose field `Key` is not empty."""


class Pushed(msgspec.Struct, frozen=True):
    """A package that is in Anki now, and how many of its notes are new there, changed by it, as before, or kept.

    A note is kept as it is in Anki where that differs from the package and Anki left it so: somebody edited it there
    later than in the record.
    """

    path: Path
    new: int
    changed: int
    unchanged: int
    kept: int


def push(paths: Sequence[Path], anki: AnkiConnect) -> Iterator[Pushed]:
    """Yield what each package changed in Anki, as soon as it is there; all are read before the first is sent.

    Raises TrialdeckError where a package cannot be read or is none of ours, where Anki cannot be reached or refuses,
    and where it is not known whether it has imported. No package is ever sent twice.
    """
    decks = [_deck(path) for path in paths]
    anki.check()
    before = _states(anki, anki.find_notes(_OURS))
    for deck in decks:
        _import(deck, anki)
        after = _states_after(deck, before, anki)
        yield _pushed(deck, before, after)
        before |= after


class _State(msgspec.Struct, frozen=True):
    """What a note says: its key, a digest of the fields that are not empty, and its tags in small letters."""

    key: str
    text: bytes
    tags: frozenset[str]


class _Deck(msgspec.Struct, frozen=True):
    """A package as it is pushed: its notes by key."""

    path: Path
    notes: Mapping[str, _State]


class _Fate(Enum):
    NEW = auto()
    CHANGED = auto()
    UNCHANGED = auto()
    KEPT = auto()


def _deck(path: Path) -> _Deck:
    notes = read_package(path).notes
    if strangers := [note for note in notes if not note.fields.get(_KEY)]:
        message = f"{path} was not made by trialdeck: {len(strangers)} of its {len(notes)} notes have no key"
        raise TrialdeckError(message, "import it in Anki by File → Import; it cannot be told what that changes")
    return _Deck(path, {note.fields[_KEY]: _packed(note) for note in notes})


def _packed(note: PackedNote) -> _State:
    return _state(note.fields, note.tags)


def _state(fields: Mapping[str, str], tags: Collection[str]) -> _State:
    digest = blake2b(digest_size=16)
    for name, html in sorted(fields.items()):
        # A field that a learner has added to the note type says nothing until it is filled.
        if html:
            digest.update(f"{name}\0{normalize('NFC', html)}\0".encode())
    return _State(fields.get(_KEY, ""), digest.digest(), frozenset(tag.casefold() for tag in tags))


def _states(anki: AnkiConnect, ids: Sequence[int]) -> dict[int, _State]:
    return {note.id: _state(note.fields, note.tags) for note in anki.notes(ids)}


def _import(deck: _Deck, anki: AnkiConnect) -> None:
    try:
        anki.import_package(deck.path.resolve())
    except NoAnswerError as error:
        message = f"it is not known whether Anki has imported {deck.path}: {error.message}"
        hint = "look in Anki; to push again is safe, for Anki knows the notes that it has and doubles none"
        raise TrialdeckError(message, hint) from error
    except TrialdeckError as error:
        raise TrialdeckError(f"{deck.path} was not imported: {error.message}", error.hint) from error


def _states_after(deck: _Deck, before: Mapping[int, _State], anki: AnkiConnect) -> dict[int, _State]:
    """Return the notes of a package as Anki has them now: those of the same key, and those that were not there."""
    try:
        ids = anki.find_notes(_OURS)
        likely = [each for each in ids if each not in before or before[each].key in deck.notes]
        after = _states(anki, likely)
        if deck.notes.keys() - {state.key for state in after.values()}:
            # A note that was renamed in its record had another key until now.
            after |= _states(anki, sorted(set(ids) - set(likely)))
    except TrialdeckError as error:
        message = f"Anki has imported {deck.path}, but it cannot be told what changed: {error.message}"
        raise TrialdeckError(message, error.hint) from error
    return after


def _pushed(deck: _Deck, before: Mapping[int, _State], after: Mapping[int, _State]) -> Pushed:
    # A learner may have made a copy of a note in Anki: then two have one key.
    places = defaultdict(list)
    for each, state in after.items():
        places[state.key].append(each)
    if missing := deck.notes.keys() - places.keys():
        message = f"Anki has imported {deck.path}, but {len(missing)} of its notes are not there: {min(missing)} …"
        raise TrialdeckError(message, "import it in Anki by File → Import, which says why")
    fates = Counter(_fate(packed, places[key], before, after) for key, packed in deck.notes.items())
    return Pushed(deck.path, fates[_Fate.NEW], fates[_Fate.CHANGED], fates[_Fate.UNCHANGED], fates[_Fate.KEPT])


def _fate(packed: _State, ids: Sequence[int], before: Mapping[int, _State], after: Mapping[int, _State]) -> _Fate:
    if any(each not in before for each in ids):
        return _Fate.NEW
    if any(before[each] != after[each] for each in ids):
        return _Fate.CHANGED
    if any(after[each].text == packed.text and packed.tags <= after[each].tags for each in ids):
        return _Fate.UNCHANGED
    return _Fate.KEPT
