"""Decide where a note stands that several records have: the note of a trial, and a note across trials.

Anki keeps a note in the deck of the first package that brings it. Two packages of one deck definition must therefore
not put the same note into different decks: whichever a learner imports first would take cards from the other.
"""

from collections.abc import Iterable, Mapping

from trialdeck.records.summary import RecordSummary

ACROSS_TRIALS = "Across trials"
"""The sub-deck of the notes that belong to several trials; all packages of a definition have the same one."""


def trial_homes(outlines: Iterable[RecordSummary], current: Mapping[str, str]) -> dict[str, str]:
    """Return the record with which the note of each trial itself stands, by the present id of the trial.

    That is the trial's own record, or else the first record (by id) that names the trial and has not retired it; if all
    have retired it, the first of them.

    Args:
        outlines: The records that a deck takes.
        current: The present ids of trials, by earlier ones.
    """
    ordered = sorted(outlines, key=lambda outline: outline.id)
    homes = {outline.id: outline.id for outline in ordered}
    for is_withdrawn in (False, True):
        for outline in ordered:
            for position, name in enumerate(outline.related):
                if (position in outline.withdrawn) is is_withdrawn:
                    homes.setdefault(current.get(name, name), outline.id)
    return homes


def across_deck(common: str) -> str:
    """Return the deck of the notes that belong to several trials.

    `common` is the deck above all decks of a definition, or above those of one perspective.
    """
    return f"{common}::{ACROSS_TRIALS}"
