"""Propose a deck map: from the templates and the names of the fields of every note type."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trialdeck.anki.importing.deck_map import ALL_TAGS
from trialdeck.anki.importing.source.column_names import ANSWERS, QUESTIONS, ROLES, SECTIONS, plain_name
from trialdeck.anki.importing.source.source_deck import SourceDeck
from trialdeck.apkg.reader import PackedNote, PackedType
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted
from trialdeck.yamlfile.writer import Property, write_record

_PLACEHOLDER = re.compile(r"\{\{([^{}]*+)\}\}")
_CLOZE = re.compile(r"\{\{c[0-9]++::")
_TRIAL_TAG = re.compile(r"(?:trial|study)s?::", re.IGNORECASE)
_MOST_TOPICS = 30
"""How many different tags become topics at most, unless the author says which."""


def proposed_map(deck: SourceDeck) -> str:
    """Return a deck map, as YAML, with every note type of a deck that has notes.

    Raises TrialdeckError if the deck has no notes.
    """
    if not deck.notes:
        raise TrialdeckError(f"{deck.path} has no notes", "there is nothing to make questions of")
    return write_record(list(_properties(deck)), list(_head(deck)))


def proposal(deck: SourceDeck) -> dict[str, Any]:
    """Return the data of the map that is proposed for a deck."""
    return {each.name: each.value for each in _properties(deck)}


def map_text(data: Mapping[str, Any]) -> str:
    """Return the text of a deck map."""
    return write_record([Property(name, value) for name, value in data.items()], ())


def _properties(deck: SourceDeck) -> Iterator[Property]:
    notes: dict[str, list[PackedNote]] = {}
    for note in deck.notes:
        notes.setdefault(note.note_type, []).append(note)
    kinds = {kind.name: kind for kind in deck.note_types if kind.name in notes}
    types = {name: _of_type(kind, notes[name]) for name, kind in kinds.items()}
    yield Property("format", 1)
    yield Property("note_types", types)
    tags = sorted({tag for note in deck.notes for tag in note.tags})
    names_trials = any("trial" in mapped or "acronym" in mapped for mapped in types.values())
    prefix = next((match[0] for tag in tags if (match := _TRIAL_TAG.match(tag))), "")
    if prefix and not names_trials:
        yield Property("trial_tag", prefix)
    if 0 < len(tags) <= _MOST_TOPICS and not prefix:
        yield Property("topic_tags", ALL_TAGS)


def _head(deck: SourceDeck) -> Iterator[str]:
    yield "Which field holds what. The note types of this deck, and their fields:"
    fields = {kind.name: kind.fields for kind in deck.note_types}
    for name, count in deck.counts.items():
        yield f"  {name} ({counted(count, 'note')}): {', '.join(fields[name])}"
    yield "A field or a list of fields: question, response, cloze, sections. One field: trial, title, acronym, year,"
    yield "citation, doi, registry, source_url. `take: false` leaves a note type out."
    yield "How a note names its trial: trial: FIELD of its type, trial_tag: PREFIX, or trial_id: ID for all of them;"
    yield "without any of these, each deck becomes a record. perspective: mechanism, clinical or reviewer."
    yield "`trialdeck schema map` has the whole form."


def _of_type(kind: PackedType, notes: Sequence[PackedNote]) -> dict[str, Any]:
    """Return what a map says of one note type."""
    filled = [name for name in kind.fields if any(note.fields[name] for note in notes)]
    front, back = _sides(kind)
    if cloze := _cloze_field(kind, notes):
        return _of_cloze(kind, cloze, filled)
    facts = {role: name for role, names in ROLES.items() if (name := _first(names, filled))}
    apart = set(facts.values())
    asked = [name for name in front or kind.fields[:1] if name in filled and name not in apart]
    named = [name for name in asked if plain_name(name) in QUESTIONS]
    question = named[:1] or asked or filled[:1] or list(kind.fields[:1])
    answer = [name for name in back if name in filled and name not in (*question, *apart)]
    sections: dict[str, str] = {}
    if "trial" in facts or "acronym" in facts:
        left = [name for name in filled if name not in (*question, *apart)]
        sections = {section: name for section, names in SECTIONS.items() if (name := _first(names, left))}
        answer = [name for name in answer if name not in sections.values()]
    rest = [name for name in filled if name not in (*question, *apart, *sections.values())]
    answer = answer or rest[:1] or [name for name in kind.fields if name not in question][:1]
    mapped = {"question": _one(question), "response": _answers(answer)} if answer else {"take": False}
    if answer and _is_reversed(kind, question, answer):
        mapped["reversed"] = True
    return mapped | facts | ({"sections": sections} if sections else {})


def _of_cloze(kind: PackedType, cloze: str, filled: Sequence[str]) -> dict[str, Any]:
    if cloze not in kind.fields or "occlusion" in cloze.casefold():
        # What hides parts of a picture is no statement.
        return {"take": False}
    facts = {role: name for role, names in ROLES.items() if (name := _first(names, filled))}
    _, back = _sides(kind)
    extra = [name for name in back or kind.fields if name in filled and name != cloze and name not in facts.values()]
    return {"cloze": cloze} | ({"response": _answers(extra)} if extra else {}) | facts


def _cloze_field(kind: PackedType, notes: Sequence[PackedNote]) -> str:
    """Return the field with a cloze statement: that of the template, or in a text export one that mostly has gaps."""
    for template in kind.templates:
        for placeholder in _PLACEHOLDER.findall(template.front):
            filters, _, name = placeholder.strip().rpartition(":")
            if "cloze" in filters.split(":"):
                return str(name)
    if kind.templates:
        return ""
    counts = {name: sum(bool(_CLOZE.search(note.fields[name])) for note in notes) for name in kind.fields}
    return next((name for name, count in counts.items() if 2 * count > len(notes)), "")


def _sides(kind: PackedType) -> tuple[list[str], list[str]]:
    """Return the fields on the front of the first card, and those on its back alone."""
    if not kind.templates:
        return _columns(kind)
    first = kind.templates[0]
    front = _fields_on(first.front, kind)
    return front, [name for name in _fields_on(first.back, kind) if name not in front]


def _columns(kind: PackedType) -> tuple[list[str], list[str]]:
    """Return the fields with the question and with the answer of notes without templates: by name, or else by place."""
    facts = {name for names in ROLES.values() for name in names}
    own = [name for name in kind.fields if plain_name(name) not in facts] or list(kind.fields)
    front = [name for name in own if plain_name(name) in QUESTIONS][:1] or own[:1]
    rest = [name for name in own if name not in front]
    return front, [name for name in rest if plain_name(name) in ANSWERS] or rest[:1]


def _fields_on(side: str, kind: PackedType) -> list[str]:
    names = (placeholder.strip().rpartition(":")[2].lstrip("#^/") for placeholder in _PLACEHOLDER.findall(side))
    return [name for name in dict.fromkeys(names) if name in kind.fields]


def _is_reversed(kind: PackedType, question: Sequence[str], answer: Sequence[str]) -> bool:
    """Tell whether the second card of a note type asks for the question, and shows the answer."""
    if len(kind.templates) != 2:
        return False
    front = _fields_on(kind.templates[1].front, kind)
    return bool(set(front) & set(answer)) and not set(front) & set(question)


def _answers(names: Sequence[str]) -> Any:
    """Return the fields of a response: the first as it is, each other below its name."""
    headed = [names[0], *({"field": name, "heading": plain_name(name).capitalize()} for name in names[1:])]
    return headed[0] if len(headed) == 1 else headed


def _one(names: Sequence[str]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _first(names: frozenset[str], fields: Sequence[str]) -> str:
    return next((field for field in fields if plain_name(field) in names), "")
