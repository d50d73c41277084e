"""The cards of a trial's page, with their two sides."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from trialdeck.decks.package_plan import Package, TrialNotes
from trialdeck.decks.selection import begins_deck
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.links import anchor_of
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.settings import Order
from trialdeck.site.anki_template import card_html, render_side
from trialdeck.site.model import Card
from trialdeck.site.trusted import on_page

_HEADING_ABOVE = 3


class Shown(msgspec.Struct, frozen=True, dict=True):
    """The notes in packages; each note is on the page of one trial: its own if that has a page."""

    packages: tuple[Package, ...]

    @cached_property
    def trials(self) -> Mapping[str, TrialNotes]:
        """The trials from which any package takes notes, by id, sorted."""
        trials = {entry.trial_notes.id: entry.trial_notes for package in self.packages for entry in package.placed}
        return dict(sorted(trials.items()))

    @cached_property
    def notes(self) -> Mapping[str, Sequence[Note]]:
        """The notes of each trial's page, by the trial's id: first those that begin a deck, then all others."""
        packed = {entry.note.guid for package in self.packages for entry in package.placed}
        pages: dict[str, list[Note]] = {trial: [] for trial in self.trials}
        for trial, trial_notes in self.trials.items():

            def is_at_home(name: str, home: str = trial) -> bool:
                return name == home or name not in self.trials

            for note in trial_notes.notes(is_at_home):
                if note.guid in packed:
                    pages[trial].append(note)
                    packed.remove(note.guid)
            pages[trial].sort(key=lambda note: note.key not in self.first)
        return pages

    @cached_property
    def first(self) -> frozenset[str]:
        """The keys of the takeaways at the beginning of a deck."""
        packages = (package for package in self.packages if package.definition.order is Order.TAKEAWAYS)
        return frozenset(
            entry.note.key
            for package in packages
            for entry in package.placed
            if begins_deck(package.definition.select, entry.note)
        )


def cards_of(trial: str, notes: Sequence[Note]) -> Iterator[Card]:
    """Yield the cards of the page of a trial, in the order of its notes."""
    cards = [(note, ordinal) for note in notes for ordinal in note.cards]
    for number, (note, ordinal) in enumerate(cards, start=1):
        sides = card_html(note, ordinal)
        asks, answers = _question_and_answer(note) if ordinal == note.cards[0] else ("", "")
        yield Card(
            anchor=anchor_of(trial, note.key, ordinal),
            number=number,
            name=_name(note, ordinal),
            perspective=note.perspective,
            audience=note.audience,
            is_reviewed=note.reviewed,
            front=on_page(sides.front, _HEADING_ABOVE),
            back=on_page(sides.back, _HEADING_ABOVE),
            asks=asks,
            answers=answers,
        )


def _name(note: Note, ordinal: int) -> str:
    templates = note_type(note.kind).templates
    return templates[0].name if note.kind is Kind.CLOZE else templates[ordinal].name


def _question_and_answer(note: Note) -> tuple[str, str]:
    """Return the question and the answer of a note, as plain text; a cloze statement has no question."""
    fields = dict(zip(note_type(note.kind).field_names, note.fields, strict=True))
    match note.kind:
        case Kind.QUESTION:
            return readable(fields["Question"]), readable(fields["Response"])
        case Kind.CLOZE:
            whole = render_side("{{cloze:Text}}", fields, note.cards[0] + 1, is_front=False)
            return "", readable(f"{whole} {fields['Back']}")
        case Kind.TRIAL:
            statements = (fields[name] for name in ("Title", "Tested", "Population", "Comparator", "Endpoint"))
            return readable(fields["Name"]), " · ".join(readable(text) for text in statements if text)
