"""Notes that a ledger has forgotten: they would be new, but packages of earlier builds have them.

Anki would take each of them for one that has just changed, and replace what learners wrote into it.
"""

from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from trialdeck.cards.note import trial_of
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.decks.reader import opened_package


def forgotten(new: Mapping[str, str], packages: Iterable[Path], trials: Container[str]) -> list[str]:
    """Return the keys, sorted, of the notes that are new and yet in packages.

    `new` has the keys of new notes by guid. A package that is named after one of the `trials` is opened only if that
    trial has new notes. Raises TrialdeckError where a package cannot be read: it may be the one that has the notes.
    """
    left, named = dict(new), {trial_of(key) for key in new.values()}
    names = {note_type(kind).name for kind in Kind}
    found: list[str] = []
    for path in packages:
        trial = _trial_of(path.stem, trials)
        if left and (not trial or trial in named):
            with opened_package(path) as package:
                found += [left.pop(guid) for guid in package.guids(names) if guid in left]
    return sorted(found)


def _trial_of(stem: str, trials: Container[str]) -> str:
    """Return the trial that a package is named after: its name ends with the id; empty where there is none."""
    words = stem.split("-")
    ends = ("-".join(words[start:]) for start in range(len(words)))
    return next((end for end in ends if end in trials), "")
