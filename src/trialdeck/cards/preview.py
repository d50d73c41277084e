"""The cards of one record or of one of its entries, from its file or from a text that is not saved yet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from trialdeck.cards.card import Card, CardFace, Origin, cards_of, face_of
from trialdeck.cards.in_project import InProject
from trialdeck.cards.outline import Outline
from trialdeck.cards.places import entry_at, path_of, problems_at
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.lint.placed.traced import TracedDocument
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline
from trialdeck.notes.builder import own_notes
from trialdeck.notes.links import Addresses
from trialdeck.notes.note import Note
from trialdeck.project.record_loader import problems_of
from trialdeck.records.discovery import Place
from trialdeck.records.load import Record
from trialdeck.records.media.figures import figures_of
from trialdeck.records.model import Review, Trial
from trialdeck.records.sections import ENTRY_LISTS, RELATED_TRIALS, RESULTS, SUMMARY
from trialdeck.yamlfile.document import DataPath

Why = Literal["", "errors", "missing", "reading", "retired"]


@dataclass(frozen=True, slots=True)
class CardPreview:
    """The cards that ask an entry of a record, and the problems of that entry.

    `entry` is its path; empty for the record itself, whose cards are those of its trial. If there are no cards, `why`
    says why: the entry has `errors`, there is none at this path (`missing`), it is for `reading`, or it is `retired`.
    `paths` are those of the values that the problems are about; there are none if the text cannot be read.
    """

    entry: tuple[str | int, ...]
    cards: tuple[Card, ...]
    problems: tuple[Problem, ...]
    why: Why
    paths: tuple[tuple[str | int, ...], ...] = ()


class RecordCards(msgspec.Struct, frozen=True, dict=True):
    """A record that has been read, the place of its file, the addresses of its project, and the project itself."""

    record: Record
    place: Place
    addresses: Addresses
    outline: Callable[[], Outline]

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the record by itself."""
        return problems_of(self.record)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def all(self) -> tuple[Card, ...]:
        """Return all cards of the record, in its order; raises TrialdeckError if it has errors."""
        trial = self.record.trial
        if self.errors or trial is None:
            hint = "correct it first; `trialdeck check` lists everything"
            raise TrialdeckError(f"{self.place.path} has errors, so that it gives no cards", hint, self.problems)
        shown = self._shown(trial)
        notes = shown.in_project.completed(own_notes(trial, self.addresses))
        return tuple(card for note in notes for card in shown.cards(note))

    def preview(self, path: Sequence[str | int]) -> CardPreview:
        """Return the cards of the entry at a path; what is wrong elsewhere in the record does not matter."""
        entry, trial, document = entry_at(path), self.record.trial, self.record.document
        if trial is None or document is None:
            return CardPreview(entry, (), self.problems, "errors")
        problems = problems_at(self.problems, document, entry)
        if any(problem.severity is Severity.ERROR for problem in problems):
            paths = tuple(map(TracedDocument.of(document).path_of, problems))
            return CardPreview(entry, (), problems, "errors", paths)
        if not _is_there(trial, entry):
            return CardPreview(entry, (), (), "missing")
        part = _without_faults(trial, entry) if self.errors else trial
        cards = self._shown(part).of_entry(entry)
        # What the author looks at comes first: a cloze statement before the question that it belongs to.
        cards = sorted(cards, key=lambda found: found[0] == entry or found[0] != tuple(path[: len(found[0])]))
        return CardPreview(entry, tuple(card for _, card in cards), problems, "" if cards else _why(trial, entry))

    def _shown(self, trial: Trial) -> "_Shown":
        return _Shown(trial, InProject(trial, self.place, self.outline), self.addresses)


class _Shown(msgspec.Struct, frozen=True):
    """A trial whose cards are shown."""

    trial: Trial
    in_project: InProject
    addresses: Addresses

    def cards(self, note: Note) -> Iterator[Card]:
        origin = Origin(self.in_project.place.path, readable(render_inline(self.trial.name)))
        return cards_of(note, origin, self._face)

    def _face(self, note: Note, ordinal: int) -> CardFace:
        figures = (figure.media for _, figure in figures_of(self.trial) if figure.media)
        media = {found.name: found for found in figures}
        return face_of(note, ordinal, self._path(note, ordinal), media)

    def _path(self, note: Note, ordinal: int) -> DataPath:
        return path_of(note, ordinal, self.trial, self.in_project.present)

    def of_entry(self, entry: DataPath) -> list[tuple[DataPath, Card]]:
        """Return the cards that ask an entry, each with the path of what it asks."""
        found = [
            (path, card)
            for note in self._notes(entry)
            for card in self.cards(note)
            if (path := self._path(note, card.ordinal))[: len(entry)] == entry and self._asks_this(note, card)
        ]
        if not found and entry == (SUMMARY.property,):
            # No card asks the summary, but the backs of the trial's own cards show it.
            return self.of_entry(())
        return found

    def _asks_this(self, note: Note, card: Card) -> bool:
        """Tell whether a card asks this trial; those of a forest ask each of its trials."""
        return not note.is_across_trials or card.ordinal == self.in_project.own_row(note)

    def _notes(self, entry: DataPath) -> Iterator[Note]:
        """Yield the notes that may ask an entry; those that need other records are made only where they may."""
        if not entry:
            yield self.in_project.trial_note(self.trial.id)
            return
        if entry[0] == RELATED_TRIALS.property:
            related = self.trial.related_trials[int(entry[1])]
            yield self.in_project.trial_note(self.in_project.present(related.id))
            return
        yield from own_notes(self.trial, self.addresses).notes
        if entry[0] == RESULTS.property and self.trial.id:
            yield from self.in_project.across()


def _is_there(trial: Trial, entry: DataPath) -> bool:
    match entry:
        case (str(name), int(index)):
            return 0 <= index < len(getattr(trial, name))
        case (str(name),):
            return bool(getattr(trial, name).strip())
    return True


def _why(trial: Trial, entry: DataPath) -> Why:
    match entry:
        case (str(name), int(index)) if getattr(trial, name)[index].retired:
            return "retired"
    return "reading"


_KNOWN_REVIEWS = frozenset({"reviewed", "disputed", "unreviewed"})


def _without_faults(trial: Trial, entry: DataPath) -> Trial:
    """Return a trial with an entry, its list and the results alone: notes can be made of these.

    What has errors elsewhere might be of any form.
    """
    kept = {RESULTS.property, *entry[:1]}
    lists: dict[str, Any] = {name: () for name in ENTRY_LISTS if name not in kept}
    review = trial.review if trial.review.status in _KNOWN_REVIEWS else Review()
    return replace(trial, review=review, **lists)
