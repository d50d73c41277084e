"""Read a deck map: which fields of each note type hold what."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.apkg.reader import PackedNote, PackedType
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, nearest, shortened
from trialdeck.core.text import counted
from trialdeck.records.model import STATEMENT_PARTS, Perspective
from trialdeck.records.schema import typed
from trialdeck.records.sections import KEY_FINDINGS, LIST_SECTIONS, TEXT_SECTIONS
from trialdeck.records.validation.schema_errors import validate
from trialdeck.yamlfile.document import DataPath, Document, parse_document, read_document
from trialdeck.yamlfile.edit import value_at
from trialdeck.yamlfile.tree import choice_of, list_of, mapping_of, text_of

FACTS = ("trial", "title", "acronym", "year", "citation", "doi", "registry", "source_url")
"""What a field says of the trial as a whole, by the properties of a map."""
SECTIONS = (*STATEMENT_PARTS, *(section.property for section in (*TEXT_SECTIONS, *LIST_SECTIONS)))
"""The sections of a record that fields can fill."""
ALL_TAGS = "all"


class FieldText(msgspec.Struct, frozen=True):
    """A field whose text is taken, and the heading in bold above it; no heading means none."""

    field: str
    heading: str = ""


class NoteTypeMap(msgspec.Struct, frozen=True, kw_only=True):
    """Which fields of one note type hold what.

    `facts` are fields by the names in FACTS, `sections` by those in SECTIONS. `is_reversed` makes a second question of
    notes that have a second card. `cloze` is a field with a cloze statement, which goes to the list `section`.
    """

    question: tuple[FieldText, ...] = ()
    response: tuple[FieldText, ...] = ()
    is_reversed: bool = False
    cloze: str = ""
    section: str = KEY_FINDINGS.property
    facts: Mapping[str, str] = {}
    sections: Mapping[str, tuple[FieldText, ...]] = {}
    perspective: Perspective = Perspective.CLINICAL
    is_taken: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all fields that it takes, each once."""
        texts = [*self.question, *self.response, *(text for texts in self.sections.values() for text in texts)]
        names = [*(text.field for text in texts), *([self.cloze] if self.cloze else []), *self.facts.values()]
        return tuple(dict.fromkeys(names))


class DeckMap(msgspec.Struct, frozen=True, kw_only=True):
    """A deck map: the note types by name, and `every` for a map that names none.

    A note names its trial by a field (`facts`), a tag that begins with `trial_tag`, or `trial_id` for all; else its
    deck does. `topic_tags` is the beginning of tags that become topics, or ALL_TAGS.
    """

    note_types: Mapping[str, NoteTypeMap] = {}
    every: NoteTypeMap | None = None
    trial_tag: str = ""
    trial_id: str = ""
    topic_tags: str = ""

    def of(self, note: PackedNote) -> NoteTypeMap | None:
        """Return what holds of a note; None if its type is not in the map."""
        if self.every and {text.field for text in (*self.every.question, *self.every.response)} <= note.fields.keys():
            return self.every
        return self.note_types.get(note.note_type)


class FaultyMapError(TrialdeckError):
    """A deck map has problems, or does not fit the deck."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        hint = "correct it; `trialdeck import DECK` prints a map that fits the deck"
        super().__init__(f"the deck map {path} has {counted(len(problems), 'fault')}", hint)
        self.problems = tuple(problems)


def read_deck_map(path: Path, note_types: Sequence[PackedType]) -> DeckMap:
    """Read a deck map for a deck that has some note types; raises FaultyMapError with all problems."""
    return _checked_map(path, *read_document(path, str(path)), note_types)


def read_deck_map_text(text: str, note_types: Sequence[PackedType]) -> DeckMap:
    """Read a deck map as `read_deck_map` does, from the text of such a file."""
    path = Path("map.yaml")
    return _checked_map(path, *parse_document(text.encode(), str(path)), note_types)


def _checked_map(
    path: Path, document: Document | None, problems: Sequence[Problem], note_types: Sequence[PackedType]
) -> DeckMap:
    if document is None:
        raise FaultyMapError(path, problems)
    data = typed(document.data, "map")
    faults = sorted({*problems, *validate(document, data, "map")})
    if not faults:
        faults = sorted(_misfits(document, data, note_types))
    if faults:
        raise FaultyMapError(path, faults)
    return deck_map_of(data)


def deck_map_of(data: dict[str, Any]) -> DeckMap:
    """Return the deck map that valid data states."""
    perspective = choice_of(data, "perspective", Perspective.CLINICAL)
    every = _note_type_map(data, perspective) if _is_short(data) else None
    named = text_of(data, "note_type")
    listed = mapping_of(data, "note_types").items()
    trial = text_of(data, "trial_field")
    note_types = {name: _note_type_map(part, perspective, trial) for name, part in listed}
    if every and named:
        note_types.setdefault(named, every)
    return DeckMap(
        note_types=note_types,
        every=None if named else every,
        trial_tag=text_of(data, "trial_tag"),
        trial_id=text_of(data, "trial_id"),
        topic_tags=text_of(data, "topic_tags"),
    )


def _is_short(data: dict[str, Any]) -> bool:
    return "question" in data or "response" in data


def _note_type_map(data: dict[str, Any], perspective: Perspective, trial: str = "") -> NoteTypeMap:
    facts = {name: text_of(data, name) for name in FACTS if text_of(data, name)}
    if own := text_of(data, "trial_field") or trial:
        facts.setdefault("trial", own)
    sections = mapping_of(data, "sections")
    return NoteTypeMap(
        question=_texts(data, "question"),
        response=_texts(data, "response"),
        is_reversed=data.get("reversed") is True,
        cloze=text_of(data, "cloze"),
        section=text_of(data, "section") or KEY_FINDINGS.property,
        facts=facts,
        sections={name: texts for name in SECTIONS if (texts := _texts(sections, name))},
        perspective=choice_of(data, "perspective", perspective),
        is_taken=data.get("take") is not False,
    )


def _texts(data: dict[str, Any], key: str) -> tuple[FieldText, ...]:
    parts = list_of(data, key) or ([text_of(data, key)] if text_of(data, key) else [])
    return tuple(
        FieldText(part) if isinstance(part, str) else FieldText(text_of(part, "field"), text_of(part, "heading"))
        for part in parts
    )


_MISFIT = "TD305"


def _misfits(document: Document, data: dict[str, Any], note_types: Sequence[PackedType]) -> Iterator[Problem]:
    """Yield a problem for each note type and field that the map names and the deck lacks."""
    deck_map, types = deck_map_of(data), {kind.name: kind for kind in note_types}
    if not deck_map.note_types and not deck_map.every:
        yield document.problem(_MISFIT, document.spot(), "it names no field", "list the note types under `note_types`")
    for name, mapped in deck_map.note_types.items():
        path: DataPath = ("note_types", name) if name in mapping_of(data, "note_types") else ("note_type",)
        if name not in types:
            hint = _meant(name, list(types), "the deck has")
            yield document.problem(_MISFIT, document.key_spot(*path), f"the deck has no note type '{name}'", hint)
        else:
            root = path if path[0] == "note_types" else ()
            yield from _missing_fields(document, root, mapped, types[name])
            yield from _half_maps(document, path, mapped)
    if every := deck_map.every:
        yield from _half_maps(document, (), every)
        if note_types and not any(set(every.fields) <= set(kind.fields) for kind in note_types):
            likely = max(note_types, key=lambda kind: len(set(kind.fields) & set(every.fields)))
            yield from _missing_fields(document, (), every, likely)


def _missing_fields(
    document: Document, root: DataPath, mapped: NoteTypeMap, note_type: PackedType
) -> Iterator[Problem]:
    for field in mapped.fields:
        if field not in note_type.fields:
            spot = _spot_of(document, root, field)
            message = f"the note type '{note_type.name}' has no field '{shortened(field)}'"
            yield document.problem(_MISFIT, spot, message, _meant(field, note_type.fields, "it has"))


def _half_maps(document: Document, path: DataPath, mapped: NoteTypeMap) -> Iterator[Problem]:
    """Yield a problem where a note type has a question without a response, or takes nothing at all."""
    if mapped.is_taken and bool(mapped.question) != bool(mapped.response) and not mapped.cloze:
        lacks = "response" if mapped.question else "question"
        yield document.problem("TD104", document.key_spot(*path), f"'{lacks}' is missing", f"add `{lacks}:`")
    elif mapped.is_taken and not (mapped.question or mapped.cloze or mapped.sections):
        hint = "add `question:` and `response:`, or `cloze:`, or write `take: false`"
        yield document.problem(_MISFIT, document.key_spot(*path), "nothing is taken of this note type", hint)


def _spot_of(document: Document, root: DataPath, field: str) -> Any:
    """Return where a map names a field of a note type."""
    is_value = (
        path for path in document.values if path[: len(root)] == root and value_at(document.data, path) == field
    )
    return document.spot(*next(is_value, root))


def _meant(name: str, known: Sequence[str], has: str) -> str:
    likely = nearest(name, known)
    return f"did you mean '{likely}'?" if likely else f"{has}: {shortened(', '.join(known), 200)}"
