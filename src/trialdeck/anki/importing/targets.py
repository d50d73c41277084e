"""Decide which record gets which note: by the trial that it names, or else by its deck."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from trialdeck.anki.importing.known_notes import KnownNote
from trialdeck.anki.importing.records import Existing, Target, read_existing
from trialdeck.anki.importing.take import Part, TakenNote
from trialdeck.records.discovery import ENDINGS
from trialdeck.records.slugs import name_slug, unique

MOST_ENTRIES = 1_000
"""How many entries a record gets: it may have 20,000 values, and an editor should open it at once."""
MOST_TEXT = 300_000
"""How many characters of new text a record gets: it may have 1 MB."""


class Targets:
    """The records that get notes, by id; a deck with too many notes for one goes on in a second one."""

    def __init__(self, folder: Path, known: Mapping[str, KnownNote]) -> None:
        self.folder, self.known = folder, known
        self.by_id: dict[str, Target] = {}
        self._existing: dict[str, Existing | None] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        # The first record of an origin, and the last one, which gets new notes.
        self._first: dict[str, str] = {}
        self._last: dict[str, str] = {}
        there: dict[str, set[str]] = {}
        for line in known.values():
            if self.is_there(line.trial):
                there.setdefault(line.origin, set()).add(line.trial)
        for origin, trials in there.items():
            first = self._first[origin] = min(trials, key=lambda trial: (len(trial), trial))
            self._last[origin] = max(trials, key=lambda trial: _part_of(trial, first))

    def is_there(self, trial: str) -> bool:
        """Tell whether the record of a trial is there; one that was removed is made anew."""
        return self._file(trial).exists()

    def place(self, notes: Sequence[TakenNote]) -> None:
        """Put notes into records, in their order."""
        ids = self._ids_of(notes)
        for note in notes:
            line = self.known.get(note.note.guid)
            is_known = line is not None and self.is_there(line.trial)
            trial = line.trial if line and is_known else self._with_room(note, ids[note.origin])
            target = self._target(trial, note, ids[note.origin])
            if line and is_known:
                target.known[line.guid] = line
            target.notes.append(note)

    def _file(self, trial: str) -> Path:
        names = (self.folder / f"{trial}{ending}" for ending in ENDINGS)
        return next((file for file in names if file.exists()), self.folder / f"{trial}.yaml")

    def _ids_of(self, notes: Iterable[TakenNote]) -> dict[str, str]:
        """Return the id of the first record of each origin."""
        origins = {note.origin: note for note in notes}
        ids = {origin: self._first[origin] for origin in origins if origin in self._first}
        ids |= {origin: origin for origin, note in origins.items() if not note.is_deck and origin not in ids}
        decks = [origin for origin, note in origins.items() if note.is_deck and origin not in ids]
        # An id that another deck had in an earlier import is taken.
        return ids | deck_ids(decks, {*self._first.values(), *ids.values()})

    def _with_room(self, note: TakenNote, first: str) -> str:
        """Return the record that gets a new note: the last one of its origin, or the next."""
        trial = self._last.get(note.origin, first)
        entries, characters = self._size(trial)
        new, text = len(note.parts), sum(map(_length, note.parts))
        if entries and (entries + new > MOST_ENTRIES or characters + text > MOST_TEXT):
            trial = f"{first}-part-{_part_of(trial, first) + 1}"
            entries, characters = self._size(trial)
        self._last[note.origin] = trial
        self._sizes[trial] = entries + new, characters + text
        return trial

    def _size(self, trial: str) -> tuple[int, int]:
        if trial not in self._sizes:
            existing = self._read(trial)
            self._sizes[trial] = (len(existing.entries), len(existing.content)) if existing else (0, 0)
        return self._sizes[trial]

    def _read(self, trial: str) -> Existing | None:
        if trial not in self._existing:
            self._existing[trial] = read_existing(self._file(trial), trial)
        return self._existing[trial]

    def _target(self, trial: str, note: TakenNote, first: str) -> Target:
        if trial not in self.by_id:
            existing = self._read(trial)
            name = _title_of(note, first)
            acronym = existing.trial.acronym if existing else note.facts.get("acronym", note.name.acronym)
            part = _part_of(trial, first)
            if part > 1:
                name, acronym = f"{name} (part {part})", f"{acronym} part {part}" if acronym else ""
            self.by_id[trial] = Target(trial, name, acronym, self._file(trial), existing)
        return self.by_id[trial]


def deck_ids(decks: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Return an id for each deck: of the last part of its name, and of more parts where two would have the same.

    `taken` are ids that none of them may have.
    """
    used, ids, depth = set(taken), dict[str, str](), 1
    waiting = list(dict.fromkeys(decks))
    while waiting:
        wanted = {deck: name_slug(" ".join(deck.split("::")[-depth:])) for deck in waiting}
        counts = Counter(wanted.values())
        unclear = [deck for deck, name in wanted.items() if not name or counts[name] > 1 or name in used]
        ids |= {deck: name for deck, name in wanted.items() if deck not in unclear}
        used |= set(ids.values())
        if depth > max(deck.count("::") for deck in waiting):
            break
        waiting, depth = unclear, depth + 1
    rest = [deck for deck in waiting if deck not in ids]
    names = [name_slug(" ".join(deck.split("::"))) for deck in rest]
    return ids | dict(zip(rest, unique([*used, *names], "deck")[len(used) :], strict=True))


def _title_of(note: TakenNote, first: str) -> str:
    """Return what the record is called: the trial, or as many parts of the name of its deck as its id has."""
    if not note.is_deck:
        return note.name.name or first
    parts = note.origin.split("::")
    depths = (depth for depth in range(1, len(parts)) if name_slug(" ".join(parts[-depth:])) == first)
    return " – ".join(parts[-next(depths, len(parts)) :]) or first


def _length(part: Part) -> int:
    return sum(map(len, part.texts.values())) + sum(map(len, part.cloze)) + 100


def _part_of(trial: str, first: str) -> int:
    """Return the number of a record among those of one origin: 2 for `large-part-2`, of which `large` is the first."""
    number = trial.removeprefix(f"{first}-part-")
    return int(number) if number != trial and number.isdecimal() else 1
