"""Which entry of a record a card asks, and which notes ask an entry."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from trialdeck.core.problem import Problem
from trialdeck.markdown.cloze_numbers import cloze_numbers
from trialdeck.notes.lists import POINTS
from trialdeck.notes.note import Note
from trialdeck.records.model import Trial
from trialdeck.records.results.comparable import comparables_of
from trialdeck.records.sections import ENTRY_LISTS, RELATED_TRIALS, RESULTS, SECTIONS, TEXT_SECTIONS
from trialdeck.yamlfile.document import DataPath, Document

_TEXTS = frozenset(section.property for section in TEXT_SECTIONS)
_BY_SLUG = {section.slug: section for section in SECTIONS}


def entry_at(path: Sequence[str | int]) -> DataPath:
    """Return the path of the entry that a path lies in; of a text section, its own; empty for the rest of a record."""
    match tuple(path[:2]):
        case (str(name), int(index)) if name in ENTRY_LISTS:
            return (name, index)
        case (str(name), *_) if name in _TEXTS:
            return (name,)
    return ()


def path_of(note: Note, ordinal: int, trial: Trial, present: Callable[[str], str]) -> DataPath:
    """Return the path of what a card asks, in the record that it is made from.

    Args:
        note: The note of the card.
        ordinal: The ordinal of the card.
        trial: The trial of the record.
        present: Returns the present id of a trial by any of its ids.

    Returns:
        The path of an entry, of one of its cloze statements, or of a text section; empty for the trial itself.
    """
    _, *names = note.key.split("/")
    if note.is_across_trials:
        rows = (result.index for result in comparables_of(trial) if result.outcome == names[0])
        return next(((RESULTS.property, index) for index in rows), ())
    if note.is_of_trial:
        is_this = note.trial == trial.id
        return () if is_this else _place(trial, RELATED_TRIALS.property, lambda entry: present(entry.id) == note.trial)
    section = _BY_SLUG[names[0]]
    match names[1:]:
        case []:
            return (section.property,)
        case [name] if name == POINTS and section.has("text"):
            numbers = cloze_numbers(point.first_id for point in getattr(trial, section.property))
            return _place(trial, section.property, lambda point: numbers[point.first_id] == ordinal + 1)
        case [name, *cloze]:
            return (*_place(trial, section.property, lambda entry: entry.id == name), *cloze)
    return (section.property,)


def entry_of_key(data: Any, key: str) -> DataPath:
    """Return the path of what a note asks, in the data of its record; of its section, if the entry is not there."""
    _, *names = key.split("/")
    section = _BY_SLUG.get(names[0]) if names else None
    if section is None or not isinstance(data, dict):
        return ()
    entries = data.get(section.property)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and names[1:2] and names[1] in (entry.get("id"), *(entry.get("formerly") or ())):
            return (section.property, index)
    return (section.property,)


def _place(trial: Trial, name: str, is_meant: Callable[[Any], bool]) -> DataPath:
    places = (index for index, entry in enumerate(getattr(trial, name)) if is_meant(entry))
    index = next(places, None)
    return () if index is None else (name, index)


def problems_at(problems: Iterable[Problem], document: Document, entry: DataPath) -> tuple[Problem, ...]:
    """Return those problems of a record that an entry has, or the list that it is in.

    If the path is empty, they are those of the record outside of entries.
    """
    spots = sorted((document.key_spot(*path), path) for path in document.values)
    starts = [location for location, _ in spots]

    def is_here(problem: Problem) -> bool:
        path = spots[max(bisect_right(starts, problem.location) - 1, 0)][1]
        return entry_at(path) == entry or (len(path) == 1 and path == entry[:1])

    return tuple(filter(is_here, problems))
