"""The fields of the form, made from the schema of a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import trialdeck as td
from trialdeck.desk.forms.words import LEADS, MAIN, NOUNS, Sections, choice_label, hint_of, label_of

Kind = Literal[
    "line", "prose", "number", "day", "choice", "boxes", "words", "cites", "flag", "tick", "interval", "pair", "group",
    "entries", "table", "statements", "id", "retired", "fixed",
]  # fmt: skip
"""How a property is asked for; `form_parts.html` has a macro for each."""

_PROSE = frozenset({"summary", "significance", "history", "text", "question", "response", "alt"})
_MARKED_UP = _PROSE - {"alt"} | {"title", "tested", "population", "comparator", "endpoint", "caption", "reason"}
_BY_NAME: Mapping[str, Kind] = {
    "id": "id",
    "retired": "retired",
    "core": "tick",
    "between": "pair",
    # What a program writes: it is shown, and changed in the text alone.
    **dict.fromkeys(("format", "$schema", "guid"), "fixed"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One property as the form asks for it.

    `entity` is the kind of thing that it is a property of. `choices` are values and what they are called. `fields` are
    those of a group, or of each entry of a list, `noun` what an entry is called. `is_marked_up` tells that the text is
    shown on cards with its markup, `is_main` that the field is seen at once.
    """

    entity: str
    name: str
    kind: Kind
    label: str
    hint: str = ""
    example: str = ""
    is_required: bool = False
    is_main: bool = True
    is_marked_up: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    fields: tuple["Field", ...] = ()
    noun: str = ""

    @property
    def lead(self) -> str:
        """The property by which an entry is known in the list."""
        return LEADS.get(self.fields[0].entity, "") if self.fields else ""

    @property
    def main_fields(self) -> tuple["Field", ...]:
        """The fields of an entry that are seen at once, in the order of the form."""
        order = MAIN.get(self.fields[0].entity, ())
        main = (field for field in self.fields if field.is_main)
        return tuple(sorted(main, key=lambda field: order.index(field.name))) if order else self.fields

    @property
    def more_fields(self) -> tuple["Field", ...]:
        """The fields of an entry that stand below "More"."""
        return tuple(field for field in self.fields if not field.is_main)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form: the name of its place on the page, its heading, a sentence, and its fields."""

    name: str
    heading: str
    lead: str
    fields: tuple[Field, ...]


@cache
def sections() -> tuple[Section, ...]:
    """Return the parts of the form, in their order; every property of a record is in one of them."""
    schema = td.schema("trial")
    fields = {field.name: field for field in _Maker(schema).fields_of("trial", schema)}
    return tuple(
        Section(name, heading, lead, tuple(fields[known] for known in names))
        for name, heading, lead, names in Sections.ALL
    )


class _Maker:
    """Makes fields of the parts of a schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._definitions: Mapping[str, Any] = schema["$defs"]

    def fields_of(self, entity: str, schema: Mapping[str, Any]) -> tuple[Field, ...]:
        """Return the fields of all properties of a thing."""
        required = schema.get("required", ())
        return tuple(self._field(entity, name, part, name in required) for name, part in schema["properties"].items())

    def _field(self, entity: str, name: str, part: Mapping[str, Any], is_required: bool) -> Field:
        schema = self._resolved(part)
        items = schema.get("items", {})
        inner = items if "$ref" in items else part
        kind, inner_entity = self._kind(name, schema), inner.get("$ref", "").rpartition("/")[2]
        inner_schema = self._resolved(inner)
        label = label_of(entity, name, str(schema.get("title", name)))
        hint = hint_of(entity, name, str(schema.get("description", "")))
        examples = [example for example in schema.get("examples", ()) if isinstance(example, str | int | float)]
        return Field(
            entity,
            name,
            kind,
            label,
            "" if hint.rstrip(".") == label else hint,
            str(examples[0]) if examples else "",
            is_required,
            is_main=entity not in MAIN or name in MAIN[entity],
            is_marked_up=name in _MARKED_UP,
            choices=_choices(schema if "enum" in schema else self._resolved(items)),
            fields=self.fields_of(inner_entity, inner_schema) if "properties" in inner_schema else (),
            noun=NOUNS.get(inner_entity, ""),
        )

    def _kind(self, name: str, schema: Mapping[str, Any]) -> Kind:
        if name in _BY_NAME:
            return _BY_NAME[name]
        types = self._types(schema)
        if "array" in types:
            return self._kind_of_list(name, schema)
        if "object" in types:
            return "group" if "properties" in schema else "statements"
        ways: tuple[tuple[Kind, bool], ...] = (
            ("choice", "enum" in schema),
            ("flag", "boolean" in types),
            ("day", schema.get("format") == "date"),
            ("number", bool({"number", "integer"} & types)),
            ("prose", name in _PROSE),
        )
        return next((kind for kind, holds in ways if holds), "line")

    def _kind_of_list(self, name: str, schema: Mapping[str, Any]) -> Kind:
        items = self._resolved(schema["items"])
        if "properties" in items:
            return "table" if name == "arms" else "entries"
        if "enum" in items:
            return "boxes"
        if "number" in self._types(items):
            return "interval"
        return "cites" if name == "results" else "words"

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in part:
            part = self._definitions[part["$ref"].rpartition("/")[2]]
        return part

    def _types(self, schema: Mapping[str, Any]) -> set[str]:
        """Return the types that a value may have; a number that stands for text is text."""
        ways = [schema, *schema.get("anyOf", ())]
        kinds = [kind for way in ways if not way.get("$ref", "").endswith("_as_text") for kind in _listed(way)]
        return {*kinds} - {"null"}


def _listed(schema: Mapping[str, Any]) -> list[str]:
    types: str | list[str] = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _choices(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((value, choice_label(value)) for value in schema.get("enum", ()) if value is not None)
