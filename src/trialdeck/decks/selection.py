"""Decide whether a deck takes a note."""

from collections.abc import Collection, Mapping

from trialdeck.notes.note import Note
from trialdeck.notes.tags import values_of
from trialdeck.records.settings import Selected


def takes_note(select: Selected, note: Note) -> bool:
    """Tell whether a deck takes this note of a trial that it takes.

    A note that names no audience or no specialty is for everybody and passes these filters.
    """
    return _passes(select, note) and (note.reviewed or not select.reviewed_only)


def warns_of_note(select: Selected, note: Note) -> bool:
    """Tell whether a deck of reviewed notes has to mark this note as disputed by now.

    New learners get no card of it.
    """
    return select.reviewed_only and note.disputed and _passes(select, note)


def begins_deck(select: Selected, note: Note) -> bool:
    """Tell whether a deck that begins with takeaways begins with this note: a takeaway that names its audience.

    A deck that names no audience begins with all takeaways.
    """
    return note.is_takeaway and _is_open_to(select.audiences, note.audience)


def takes_tombstone(select: Selected, stone: Note, current: Mapping[str, str]) -> bool:
    """Tell whether a deck would have taken a note while it was in its record, judged by its tags.

    `current` are the present ids of trials by earlier ones. The note of a trial itself counts for every deck, because
    any record that names the trial may have brought it there.
    """
    trials = [current.get(trial, trial) for trial in stone.trials]
    of_trial = stone.is_of_trial or _is_open_to(select.trials, trials)
    on_topic = _is_open_to(select.topics, values_of(stone.tags, "topic"))
    return of_trial and on_topic and _passes(select, stone)


def _passes(select: Selected, note: Note) -> bool:
    """Tell whether a note passes the filters of a deck by perspective, audience and specialty."""
    return (
        _is_open_to(select.perspectives, (note.perspective,))
        and (not note.audience or _is_open_to(select.audiences, note.audience))
        and (not note.specialties or _is_open_to(select.specialties, note.specialties))
    )


def _is_open_to(wanted: Collection[str], offered: Collection[str]) -> bool:
    return not wanted or any(value in wanted for value in offered)
