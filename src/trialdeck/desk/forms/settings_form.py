"""Settings as forms, made from their schemas: each property has a field, whatever a later version adds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import trialdeck as td
from trialdeck.desk.forms.settings_words import OF_PROFILE, UNSET, VALUES, WORDS

Path = tuple[str, ...]
Control = Literal["line", "text", "tick", "choice", "ticks", "lines", "pairs"]
"""How a value is written: in a line, in several lines, by one box, from a list, by boxes, as texts with one a line, or
as names with a text each."""

_MOST_BOXES = 60
"""Of how many things one can be ticked; of more, they are written, one a line."""

_LONG = {("description",)}
_LEFT_OUT = {("format",)}
_HEADINGS = {"select": "What it takes"}
_AFTER = "How it is divided"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the path of its value, what it is called, how it is written, and what is wrong with it.

    `choices` are values with their words, `unset` those for no value; `value` is a text, a truth value, a list of
    texts, or pairs of texts. `file` is the value as the file has it, None if it has none.
    """

    path: Path
    label: str
    hint: str
    control: Control
    value: Any
    file: Any
    required: bool = False
    unset: str = ""
    choices: Sequence[tuple[str, str]] = ()
    faults: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        """The name of the field in the page."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, below a heading; the first ones have none."""

    label: str
    fields: tuple[Field, ...]


def groups_of(
    file: td.SettingsFile, known: Mapping[str, Sequence[tuple[str, str]]], faults: Sequence[tuple[Any, td.Problem]] = ()
) -> tuple[Group, ...]:
    """Return the fields of a settings file.

    Args:
        file: The file.
        known: What a list of ids can choose from, each with its words, by the last part of its path.
        faults: Its problems, each with the path of the value that it is about.
    """
    schema = td.schema(file.kind)
    form = _Form(file, schema, known, faults)
    parts: list[tuple[str, list[Field]]] = [("", [])]
    for name, part in schema["properties"].items():
        if "properties" in part:
            # What stands below a property of its own has a heading, and so has what follows it.
            parts += [(_HEADINGS.get(name, part["title"]), list(form.fields((name,), part))), (_AFTER, [])]
        elif (name,) not in _LEFT_OUT:
            parts[-1][1].append(form.field((name,), part, required=name in schema.get("required", ())))
    return tuple(Group(label, tuple(fields)) for label, fields in parts if fields)


@dataclass(frozen=True, slots=True)
class _Form:
    file: td.SettingsFile
    schema: Mapping[str, Any]
    known: Mapping[str, Sequence[tuple[str, str]]]
    faults: Sequence[tuple[Any, td.Problem]]

    def fields(self, above: Path, part: Mapping[str, Any]) -> Iterator[Field]:
        required = part.get("required", ())
        for name, schema in part["properties"].items():
            yield self.field((*above, name), schema, required=name in required)

    def field(self, path: Path, schema: Mapping[str, Any], *, required: bool) -> Field:
        """Return the field of a property."""
        schema = self._resolved(schema)
        own: Mapping[Path, tuple[str, str]] = OF_PROFILE if self.file.kind == "profile" else {}
        label, hint = own.get(path) or WORDS.get(path) or (schema["title"], schema["description"])
        value = self.file.value(path)
        choices = self._choices(path, schema, value)
        control = _control(path, schema, choices)
        shown, faults = _shown(value, control), tuple(self._faults(path))
        return Field(path, label, hint, control, shown, value, required, UNSET.get(path, ""), choices, faults)

    def _choices(self, path: Path, schema: Mapping[str, Any], value: Any) -> Sequence[tuple[str, str]]:
        items = self._resolved(schema.get("items", {}))
        words = VALUES.get(path, {})
        values = [name for name in (items.get("enum") or schema.get("enum") or ()) if name is not None]
        if values:
            return [(name, words.get(name, name.replace("-", " "))) for name in values]
        known = list(self.known.get(path[-1], ())) if schema.get("type") and "array" in schema["type"] else []
        # What stands in the file and is known to no record stays a box that is ticked.
        others = [name for name in (value if isinstance(value, list) and known else ()) if name not in dict(known)]
        return [*known, *((str(name), str(name)) for name in others)]

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a part of the schema itself, where it is a reference; of several forms of a value, the first one."""
        if "$ref" in schema:
            schema = self.schema["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**schema, **self._resolved(schema["anyOf"][0])} if "anyOf" in schema else schema

    def _faults(self, path: Path) -> Iterator[tuple[str, str]]:
        for place, problem in self.faults:
            if tuple(place[: len(path)]) == path:
                yield problem.message, problem.hint


def _control(path: Path, schema: Mapping[str, Any], choices: Sequence[object]) -> Control:
    types = schema.get("type", "string")
    if "boolean" in types:
        return "tick"
    if "array" in types:
        return "ticks" if 0 < len(choices) <= _MOST_BOXES else "lines"
    if "object" in types:
        return "pairs"
    return "choice" if choices else "text" if path in _LONG else "line"


def _shown(value: Any, control: Control) -> Any:
    if control in {"ticks", "lines"}:
        return [str(part) for part in value] if isinstance(value, list) else []
    if control == "pairs":
        return [(str(name), str(text)) for name, text in value.items()] if isinstance(value, Mapping) else []
    if control == "tick":
        return value is True
    return "" if value is None else str(value)
