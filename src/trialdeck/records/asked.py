"""Which parts of a record cards ask; the rest is reading, which pages and the folded part of cards show.

A card asks one thing that can be graded: a question, a cloze statement, what the trial tested, a primary result. Texts,
lists, takeaways and other results are cards only where the record says so.
"""

from collections.abc import Sequence

from trialdeck.records.entries import current
from trialdeck.records.model import Item, Question, Result, Takeaway, Trial
from trialdeck.records.sections import Section

PRIMARY = "primary"
_NEVER_FIRST = frozenset({"later", "subgroup", "safety"})


def is_text_asked(trial: Trial, section: Section) -> bool:
    """Tell whether a card asks a section that is a text."""
    return section.property in trial.cards


def asked_points(trial: Trial, section: Section, points: Sequence[Item]) -> tuple[Item, ...]:
    """Return those points of a list that cards ask: all, if the list is asked, or those that say so."""
    is_list_asked = section.property in trial.cards
    return tuple(point for point in points if (is_list_asked if point.card is None else point.card))


def is_asked(trial: Trial, entry: Question | Result | Takeaway) -> bool:
    """Tell whether a card asks an entry, if it is not retired; a result without numbers has nothing to ask."""
    match entry:
        case Result():
            is_meant = entry in primary_results(trial) if entry.card is None else entry.card
            return is_meant and entry.states_numbers
        case Question():
            return entry.card is not False
        case Takeaway():
            return entry.card is True


def primary_results(trial: Trial) -> tuple[Result, ...]:
    """Return the results of the primary analysis that state numbers.

    Where no result says that it is of the primary analysis, the first that states numbers counts, unless it is of a
    later, a subgroup or a safety analysis: an interim analysis may be the one that was published first.
    """
    results = [result for result in current(trial.results) if result.states_numbers]
    primary = tuple(result for result in results if result.analysis == PRIMARY)
    return primary or tuple(result for result in results if result.analysis not in _NEVER_FIRST)[:1]


def statements_are_core(trial: Trial, entry: Item | Question, section: Section) -> bool:
    """Tell whether the cloze statements of an entry are core: those of a core entry that no card of its own asks."""
    has_card = is_asked(trial, entry) if isinstance(entry, Question) else bool(asked_points(trial, section, (entry,)))
    return entry.core and not has_card
