"""The cards of a trial's page, and their two sides."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from trialdeck.decks.package_plan import Package, TrialNotes
from trialdeck.decks.selection import begins_deck
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.settings import Order
from trialdeck.site.anki_template import card_html, render_side
from trialdeck.site.model import Card
from trialdeck.site.trusted import on_page

_HEADING_ABOVE = 3


class Shown(msgspec.Struct, frozen=True, dict=True):
    """What the packages hold: each note stands on the page of one trial, its own if that has a page."""

    packages: tuple[Package, ...]

    @cached_property
    def trials(self) -> Mapping[str, TrialNotes]:
        """The trials that any package takes notes from, by id, sorted."""
        found = {each.trial_notes.id: each.trial_notes for package in self.packages for each in package.placed}
        return dict(sorted(found.items()))

    @cached_property
    def notes(self) -> Mapping[str, Sequence[Note]]:
        """The notes of each trial's page, by the trial's id, in the order of the record, behind what comes first."""
        packed = {each.note.guid for package in self.packages for each in package.placed}
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
        """The keys of the takeaways that a deck begins with."""
        ordered = (package for package in self.packages if package.definition.order is Order.TAKEAWAYS)
        return frozenset(
            each.note.key
            for package in ordered
            for each in package.placed
            if begins_deck(package.definition.select, each.note)
        )


def cards_of(trial: str, notes: Sequence[Note]) -> Iterator[Card]:
    """Yield the cards of the page of a trial, in the order of its notes."""
    places = [(note, ordinal) for note in notes for ordinal in note.cards]
    for number, (note, ordinal) in enumerate(places, start=1):
        sides = card_html(note, ordinal)
        asks, answers = _words(note) if ordinal == note.cards[0] else ("", "")
        yield Card(
            anchor=anchor_of(trial, note, ordinal),
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


def anchor_of(trial: str, note: Note, ordinal: int) -> str:
    """Return the place of a card on the page of a trial, for example `card.question.why-combine.1`."""
    key = note.key.removeprefix(f"{trial}/").replace("/", ".")
    return f"card.{key}.{ordinal + 1}"


def _name(note: Note, ordinal: int) -> str:
    templates = note_type(note.kind).templates
    return templates[0].name if note.kind is Kind.CLOZE else templates[ordinal].name


def _words(note: Note) -> tuple[str, str]:
    """Return what a note asks and what it answers, as plain text; a cloze statement asks nothing of its own."""
    fields = dict(zip(note_type(note.kind).field_names, note.fields, strict=True))
    match note.kind:
        case Kind.QUESTION:
            return readable(fields["Question"]), readable(fields["Response"])
        case Kind.CLOZE:
            whole = render_side("{{cloze:Text}}", fields, note.cards[0] + 1, is_front=False)
            return "", readable(f"{whole} {fields['Back']}")
        case Kind.TRIAL:
            stated = (fields[name] for name in ("Title", "Tested", "Population", "Comparator", "Endpoint"))
            return readable(fields["Name"]), " · ".join(readable(text) for text in stated if text)
