"""Push: import packages into a running Anki, and report what changed there.

AnkiConnect reports neither guids nor the effects of an import. So our notes are read before and after: the field `Key`
identifies a note, and its id in Anki, which an import never changes, shows whether it was there before.

The learner's text is never missing: Anki imports a copy of the package that has it beside the author's text (see
`trialdeck.anki.import_copy`). If the learner writes during the push, their note is newer than the copy, and Anki keeps
it.
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
from trialdeck.anki.keep import CopyPlan, Deck, Known, PackedCopy, plan_copy
from trialdeck.anki.published import Published
from trialdeck.apkg.reader import read_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted
from trialdeck.editions.ledger import FILE, Line, read_ledger


class Pushed(msgspec.Struct, frozen=True):
    """A package that is in Anki now, with the numbers of its notes that are new, changed, unchanged, or kept there.

    A note is kept if its text in Anki differs from the package and Anki did not replace it, because somebody edited it
    there. `personal` counts the changed notes with text of the learner's: `Extra`, own fields,
    tags.
    """

    path: Path
    new: int
    changed: int
    unchanged: int
    kept: int
    personal: int

    @property
    def summary(self) -> str:
        """What has happened to its notes, in one line of words."""
        parts = [f"{count} {word}" for count, word in ((self.new, "new"), (self.changed, "changed")) if count]
        if not parts:
            parts = ["nothing changed"]
        elif self.unchanged:
            parts.append(f"{self.unchanged} unchanged")
        if self.kept:
            parts.append(f"{self.kept} kept as {'it is' if self.kept == 1 else 'they are'} in Anki")
        own_words = f"; kept what you wrote on {counted(self.personal, 'note')}" if self.personal else ""
        return f"{', '.join(parts)}{own_words}"


def push(paths: Sequence[Path], anki: AnkiConnect, published: Published, now: int) -> Iterator[Pushed]:
    """Yield the effects of each package as soon as it is imported; all are read before the first is sent.

    No package is ever sent twice.

    Args:
        paths: The packages.
        anki: The connection to Anki.
        published: The texts that were pushed before; those of this push are added.
        now: The time, in seconds of Unix time.

    Returns:
        The effects, package by package.

    Raises:
        TrialdeckError: A package cannot be read or is not one of ours, Anki cannot be reached or refuses, or text of
            the learner could not be kept.
        NoAnswerError: It is unknown whether Anki has imported a package.
    """
    for path in paths:
        if path.suffix.lower() != ".apkg":
            raise TrialdeckError(f"{path} is not a package that can be pushed", "name a file that ends in .apkg")
    decks = [_read_deck(path) for path in paths]
    anki.check()
    notes = AnkiNotes(anki)
    known = Known(notes.states(notes.ids()))
    before = known.states
    for deck in decks:
        _import(deck, plan_copy(deck, known, notes.layouts, published, now), anki)
        after = _states_after(deck, before, notes)
        published.remember((note.guid, note.state.text, note.changed) for note in deck.notes.values())
        _refuse_loss(deck, before, after)
        yield _effects(deck, before, after)
        known.update(after)


def packages_to_push(folder: Path) -> list[Path]:
    """Return all packages in a folder, sorted by name; raises TrialdeckError if there is none."""
    packages = sorted(folder.glob("*.apkg"))
    if not packages:
        raise TrialdeckError(f"there is no package in {folder.as_posix()}", "make them: trialdeck build")
    return packages


class _Outcome(Enum):
    NEW = auto()
    CHANGED = auto()
    UNCHANGED = auto()
    KEPT = auto()


def _read_deck(path: Path) -> Deck:
    package = read_package(path)
    if foreign_notes := [note for note in package.notes if not note.fields.get(KEY)]:
        message = (
            f"{path} was not made by trialdeck: {len(foreign_notes)} of its {len(package.notes)} notes have no key"
        )
        raise TrialdeckError(message, "import it in Anki by File → Import; it cannot be told what that changes")
    notes = {
        note.fields[KEY]: PackedCopy(note.guid, note.row_id, note.changed, packed_state(note)) for note in package.notes
    }
    return Deck(path, notes, frozenset(kind.id for kind in package.note_types), _lines_beside(path))


def _lines_beside(path: Path) -> Mapping[str, Line]:
    """Return the lines of the ledger that lies beside a package; none if there is none."""
    ledger = path.parent / FILE
    return read_ledger(ledger).lines if ledger.is_file() else {}


def _import(deck: Deck, differs: CopyPlan, anki: AnkiConnect) -> None:
    """Let Anki import a package, or a copy of it if it needs changes."""
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
    """Return the notes of a package as they are in Anki now: those with the same key, and new ones."""
    try:
        ids = notes.ids()
        likely = [note_id for note_id in ids if note_id not in before or before[note_id].key in deck.notes]
        after = notes.states(likely)
        if deck.notes.keys() - {state.key for state in after.values()}:
            # A note that was renamed in its record had another key before the import.
            after |= notes.states(sorted(set(ids) - set(likely)))
    except TrialdeckError as error:
        message = f"Anki has imported {deck.path}, but it cannot be told what changed: {error.message}"
        raise TrialdeckError(message, error.hint) from error
    return after


def _refuse_loss(deck: Deck, before: Mapping[int, AnkiNoteState], after: Mapping[int, AnkiNoteState]) -> None:
    keys = sorted(
        state.key
        for note_id, state in after.items()
        if note_id in before and state.personal.lacks(before[note_id].personal)
    )
    if keys:
        message = f"Anki has imported {deck.path}, but what you wrote on {len(keys)} of its notes is gone: {keys[0]} …"
        raise TrialdeckError(message, "take the import back in Anki (Edit → Undo, or a backup), and report this")


def _effects(deck: Deck, before: Mapping[int, AnkiNoteState], after: Mapping[int, AnkiNoteState]) -> Pushed:
    # If a learner has duplicated a note in Anki, two notes have the same key.
    ids_of_key = defaultdict(list)
    for note_id, state in after.items():
        ids_of_key[state.key].append(note_id)
    if missing := deck.notes.keys() - ids_of_key.keys():
        message = f"Anki has imported {deck.path}, but {len(missing)} of its notes are not there: {min(missing)} …"
        raise TrialdeckError(message, "import it in Anki by File → Import, which says why")
    outcomes = {key: _outcome(note.state, ids_of_key[key], before, after) for key, note in deck.notes.items()}
    counts = Counter(outcomes.values())
    personal = sum(
        outcome is _Outcome.CHANGED
        and any(before[note_id].personal for note_id in ids_of_key[key] if note_id in before)
        for key, outcome in outcomes.items()
    )
    return Pushed(
        path=deck.path,
        new=counts[_Outcome.NEW],
        changed=counts[_Outcome.CHANGED],
        unchanged=counts[_Outcome.UNCHANGED],
        kept=counts[_Outcome.KEPT],
        personal=personal,
    )


def _outcome(
    packed: AnkiNoteState, ids: Sequence[int], before: Mapping[int, AnkiNoteState], after: Mapping[int, AnkiNoteState]
) -> _Outcome:
    """Return what an import did to a note.

    Args:
        packed: The note in the package.
        ids: The ids in Anki of the notes with its key.
        before: The notes before the import, by id.
        after: The notes after the import, by id.

    Returns:
        The outcome.
    """
    if any(note_id not in before for note_id in ids):
        return _Outcome.NEW
    if any(not before[note_id].says_as(after[note_id]) for note_id in ids):
        return _Outcome.CHANGED
    if any(after[note_id].text == packed.text and packed.tags <= after[note_id].tags for note_id in ids):
        return _Outcome.UNCHANGED
    return _Outcome.KEPT
