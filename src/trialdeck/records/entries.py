"""The entries of a record, and which of them are retired.

A retired entry stays in its record with its text, but nothing asks, lists or counts it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from trialdeck.core.problem import Problem, nearest, shortened
from trialdeck.records.model import Cloze, Entry, Item, Question, Retirement, Trial
from trialdeck.records.sections import ENTRY_LISTS, RESULTS
from trialdeck.yamlfile.document import DataPath, Document


class Retirable(Protocol):
    """An entry that may be retired."""

    @property
    def id(self) -> str:
        """The id of the entry."""

    @property
    def retired(self) -> Retirement | None:
        """When and why it was retired, if it was."""


_Entry = TypeVar("_Entry", bound=Retirable)


def entries(trial: Trial) -> Iterator[tuple[DataPath, Any]]:
    """Yield every entry with an id, retired ones too, and its path in the document."""
    for name in ENTRY_LISTS:
        for index, entry in enumerate(getattr(trial, name)):
            yield (name, index), entry


def statements(trial: Trial) -> Iterator[tuple[DataPath, Item | Question, Cloze]]:
    """Yield every cloze statement: its path in the document, the entry that it belongs to, and itself."""
    for path, entry in entries(trial):
        if isinstance(entry, (Item, Question)):
            for cloze in entry.cloze:
                yield (*path, "cloze", cloze.id), entry, cloze


def current(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    """Return the entries that are not retired, in their order."""
    return tuple(entry for entry in entries if entry.retired is None)


def numbered(entries: Iterable[_Entry]) -> Iterator[tuple[int, _Entry]]:
    """Yield the entries that are not retired, each with its place in the list of the record."""
    return ((index, entry) for index, entry in enumerate(entries) if entry.retired is None)


def last_retired(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    """Return the entries that were retired on the latest day: the others had left their list before."""
    days = [(entry, entry.retired.on) for entry in entries if entry.retired]
    last = max((day for _, day in days), default="")
    return tuple(entry for entry, day in days if day == last)


def without_retired(trial: Trial) -> Trial:
    """Return a trial without its retired entries; their places in the record are lost."""
    return replace(trial, **{name: current(getattr(trial, name)) for name in ENTRY_LISTS})


def replacement(trial: Trial, section: str, name: str) -> Retirable | None:
    """Return the entry with an id: of the same list if that has one, else of the first list that does."""
    lists = (section, *(section_name for section_name in ENTRY_LISTS if section_name != section))
    every = (entry for section_name in lists for entry in getattr(trial, section_name))
    return next((entry for entry in every if entry.id == name), None)


def retirements_are_complete(trial: Trial, document: Document) -> Iterator[Problem]:
    """A retired entry is replaced by another entry of the record that is not retired itself."""
    for section in ENTRY_LISTS:
        for index, entry in enumerate(getattr(trial, section)):
            if entry.retired and entry.retired.instead:
                spot = document.spot(section, index, "retired", "instead")
                other = replacement(trial, section, entry.retired.instead)
                if other is None or other is entry:
                    yield document.problem("TD217", spot, *_nothing_instead(trial, section, entry))
                elif other.retired:
                    named = other.retired.instead
                    hint = f"name '{named}'" if named else "name an entry that is not retired, or leave `instead` out"
                    message = f"'{other.id}', named as the replacement of '{entry.id}', is retired itself"
                    yield document.problem("TD413", spot, message, hint)


def _nothing_instead(trial: Trial, section: str, entry: Retirable) -> tuple[str, str]:
    assert entry.retired
    others = [other.id for other in current(getattr(trial, section)) if other.id]
    likely = nearest(entry.retired.instead, others)
    hint = f"did you mean '{likely}'?" if likely else f"name an entry of this record: {shortened(', '.join(others))}"
    if not others:
        hint = "name an entry of this record, or leave `instead` out"
    return f"there is no other entry '{entry.retired.instead}' in this record", hint


def retired_results_are_not_cited(trial: Trial, document: Document) -> Iterator[Problem]:
    """An entry that is not retired cites no result that is: its numbers have been withdrawn."""
    withdrawn = {result.id for result in trial.results if result.retired}
    for section in ENTRY_LISTS if withdrawn else ():
        for index, entry in numbered(getattr(trial, section)):
            for position, name in enumerate(getattr(entry, RESULTS.property, ())):
                if name in withdrawn:
                    spot = document.spot(section, index, RESULTS.property, position)
                    hint = "check the numbers in its text, and cite the result that holds now"
                    yield document.problem("TD414", spot, f"'{entry.id}' cites '{name}', which is retired", hint)


def cited_by(entry: Entry, trial: Trial) -> list[str]:
    """Return the ids of the results that an entry cites; a retired result is cited by retired entries only."""
    withdrawn = {result.id for result in trial.results if result.retired and not entry.retired}
    return [name for name in getattr(entry, RESULTS.property, ()) if name not in withdrawn]
