"""Somebody's deck or table: notes that a map makes records of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from trialdeck.anki.importing import import_deck as importing
from trialdeck.anki.importing.deck_map import (
    FACTS,
    SECTIONS,
    DeckMap,
    FaultyMapError,
    deck_map_of,
    read_deck_map_text,
)
from trialdeck.anki.importing.import_deck import ImportedDeck, import_deck
from trialdeck.anki.importing.propose import map_text, proposal
from trialdeck.anki.importing.source.source_deck import SourceDeck, read_source_deck
from trialdeck.anki.importing.take_notes import take_notes
from trialdeck.api.projects import Project
from trialdeck.core.problem import Problem, shortened
from trialdeck.core.text import counted
from trialdeck.markdown.cloze import filled
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.discovery import SEEDS
from trialdeck.yamlfile.write_records import complete_left

_SAMPLED = 40
"""How many notes are looked at for the first cards."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class ForeignType:
    """A note type of somebody's deck, or a sheet of a table: its fields, each with what the first note has in it."""

    name: str
    notes: int
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FirstCard:
    """What one note becomes: the trial that it names, the section of the record, and both sides as HTML."""

    trial: str
    section: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class NotesCounts:
    """How many notes there are, are taken as new, were there already, and how many of these are updated."""

    notes: int
    taken: int
    known: int
    updated: int


@dataclass(frozen=True)
class ForeignNotes:
    """Notes that others made, and the map that says which field holds what.

    `map` is the data of a deck map: the proposed one, until another is chosen. `problems` are those of the map; with
    any, nothing can be written.
    """

    files: tuple[str, ...]
    types: tuple[ForeignType, ...]
    map: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    _project: Project = field(repr=False, compare=False, kw_only=True)
    _source: SourceDeck = field(repr=False, compare=False, kw_only=True)
    _deck_map: DeckMap = field(repr=False, compare=False, kw_only=True)
    way: Literal["import"] = "import"
    ROLES = ("question", "response", "cloze", *FACTS, *(f"sections.{name}" for name in SECTIONS))
    """What a field may hold."""

    def chosen(self, deck_map: Mapping[str, Any]) -> "ForeignNotes":
        """Return the same with another map; `problems` says what is wrong with it.

        >>> import trialdeck as td
        >>> (notes,) = td.intake(td.load("."), "docs/examples/questions.csv").arrivals
        >>> fields = notes.map["note_types"]["Table"]
        >>> fields["question"], fields["response"], fields["trial"]
        ('Question', 'Answer', 'Trial')
        >>> swapped = notes.chosen({"format": 1, "note_types": {"Table": {**fields, "response": "Anser"}}})
        >>> swapped.problems[0].hint
        "did you mean 'Answer'?"
        >>> notes.counts.taken, notes.first_cards(1)[0].answer
        (3, '<p>Dawnase.</p>')
        """
        try:
            read = read_deck_map_text(map_text(deck_map), self._source.note_types)
        except FaultyMapError as error:
            return replace(self, map=deck_map, problems=error.problems)
        return replace(self, map=deck_map, problems=(), _deck_map=read)

    def first_cards(self, most: int = 3) -> tuple[FirstCard, ...]:
        """Return what the first notes become."""
        cards: list[FirstCard] = []
        for card in self._cards():
            cards.append(card)
            if len(cards) == most:
                break
        return tuple(cards)

    def _cards(self) -> Iterator[FirstCard]:
        numbered = list(enumerate(self._source.notes[:_SAMPLED], start=1))
        for outcome in take_notes(numbered, self._deck_map):
            taken = outcome.taken
            for part in taken.parts if taken else ():
                question = part.texts.get("question") or (filled(part.cloze[0]) if part.cloze else "")
                answer = part.texts.get("response") or part.texts.get("text", "")
                assert taken
                yield FirstCard(taken.name.acronym or taken.origin, part.section, render(question), render(answer))

    @cached_property
    def _imported(self) -> ImportedDeck:
        return import_deck(self._source, self._deck_map, self._project.path / SEEDS)

    @property
    def counts(self) -> NotesCounts:
        """How many notes are taken."""
        imported = self._imported
        return NotesCounts(imported.notes, imported.taken, imported.known, imported.updated)

    @property
    def records(self) -> tuple[tuple[Path, int], ...]:
        """The records, each with the number of its new entries."""
        return tuple(self._imported.counts.items())

    @property
    def not_taken(self) -> tuple[str, ...]:
        """What no record gets, in one line each: whole notes, parts of notes, and fields that the map does not name."""
        listed = sorted(self._imported.not_taken, key=lambda entry: entry.number)
        unmapped = sorted(self._imported.unmapped.items())
        fields = (f"field {name} of {kind}: text in {counted(count, 'note')}" for (kind, name), count in unmapped)
        return (*map(str, listed), *fields)

    @property
    def media(self) -> int:
        """How many pictures and sounds come along."""
        return len(self._imported.media.files)

    def write(self) -> tuple[Path, ...]:
        """Write the records, as `trialdeck import` does with this map; return their files.

        Raises TrialdeckError if the map has problems, or a record was changed meanwhile.
        """
        if self.problems:
            raise FaultyMapError(Path("map.yaml"), self.problems)
        folder = self._project.path / SEEDS
        folder.mkdir(exist_ok=True)
        complete_left([folder])
        imported = import_deck(self._source, self._deck_map, folder)
        importing.write(self._source, imported, folder)
        return tuple(imported.counts)


def foreign_notes(project: Project, file: Path) -> ForeignNotes:
    """Return the notes of a deck or a table with the map that is proposed.

    Raises TrialdeckError if the file cannot be read, or has no notes.
    """
    source = read_source_deck(file)
    data = proposal(source)
    return ForeignNotes(
        (file.name,), tuple(_types(source)), data,
        _project=project, _source=source, _deck_map=deck_map_of(data),
    )  # fmt: skip


def _types(source: SourceDeck) -> Iterator[ForeignType]:
    firsts: dict[str, dict[str, str]] = {}
    for note in source.notes:
        known = firsts.setdefault(note.note_type, dict(note.fields))
        known.update({name: html for name, html in note.fields.items() if html and not known.get(name)})
    for kind in source.note_types:
        if count := source.counts[kind.name]:
            shown = ((name, shortened(readable(firsts[kind.name].get(name, "")), _LONGEST)) for name in kind.fields)
            yield ForeignType(kind.name, count, tuple(shown))
