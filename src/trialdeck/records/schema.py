"""Hold a document against its JSON Schema and say every fault in an author's words."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema.exceptions import ValidationError

from trialdeck.records.document import DataPath, Document, Plain
from trialdeck.records.keywords import Validator, repeated
from trialdeck.records.problem import Problem, Spot, shortened

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "array": "a list",
    "object": "a mapping of properties",
    "null": "nothing",
}


def schema_text(name: str) -> str:
    """Return the JSON text of a schema that trialdeck ships, for example `trial`."""
    file = f"{name}.schema.json"
    shipped = resources.files("trialdeck").joinpath("schemas", file)
    # In a source checkout the schemas stand beside src, where editors find them.
    found = shipped if shipped.is_file() else Path(__file__).parents[3] / "schemas" / file
    return found.read_text(encoding="utf-8")


@cache
def load_schema(name: str) -> Mapping[str, Any]:
    """Return a shipped schema as data."""
    schema: Mapping[str, Any] = json.loads(schema_text(name))
    return schema


@cache
def _validator(name: str) -> Any:
    return Validator(load_schema(name), format_checker=Validator.FORMAT_CHECKER)


def typed(value: Any, name: str) -> Any:
    """Return the data with numbers where the schema wants numbers; every other scalar stays text.

    Numbers become `Decimal`, so that `0.70` keeps its zero; whole numbers become `int`.
    """
    schema = load_schema(name)
    return _typed(value, schema, schema)


def _typed(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    schema = _resolved(schema, root)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        other = schema.get("additionalProperties")
        other = other if isinstance(other, dict) else {}
        return {key: _typed(part, known.get(key, other), root) for key, part in value.items()}
    if isinstance(value, list):
        return [_typed(part, schema.get("items", {}), root) for part in value]
    return _number(value, _types(schema)) if isinstance(value, Plain) else value


def _number(value: Plain, types: Sequence[str]) -> Any:
    if "integer" in types and _INTEGER.fullmatch(value):
        return int(value)
    if "number" in types and _NUMBER.fullmatch(value):
        return Decimal(value)
    return str(value)


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _types(schema: Mapping[str, Any]) -> Sequence[str]:
    types: str | list[str] = schema.get("type", [])
    return [types] if isinstance(types, str) else types


@dataclass(frozen=True, slots=True)
class _Fault:
    """What jsonschema found: the keyword that failed and its value, the part that failed it, and where that stands."""

    document: Document
    path: DataPath
    keyword: str
    value: Any
    instance: Any
    schema: Mapping[str, Any]
    root: Mapping[str, Any]
    of_key: bool

    def problem(self, code: str, message: str, hint: str = "", spot: Spot | None = None) -> Problem:
        found = self.document.key_spot(*self.path) if self.of_key else self.document.spot(*self.path)
        return self.document.problem(code, spot or found, message, hint)


def validate(document: Document, data: Any, name: str) -> Iterator[Problem]:
    """Yield every fault that the schema finds in `data`, the typed data of `document`."""
    faults = [_fault(document, error, load_schema(name)) for error in _validator(name).iter_errors(data)]
    wrong_kind = {fault.path for fault in faults if fault.keyword == "type"}
    for fault in faults:
        # What is of a wrong kind has no other fault beside it.
        if fault.keyword == "type" or fault.path not in wrong_kind:
            yield from SAYINGS[fault.keyword](fault)


def _fault(document: Document, error: ValidationError, root: Mapping[str, Any]) -> _Fault:
    of_key = "propertyNames" in error.absolute_schema_path
    path: DataPath = tuple(error.absolute_path)
    if of_key:
        path = (*path, str(error.instance))
    schema: Any = error.schema
    return _Fault(document, path, str(error.validator), error.validator_value, error.instance, schema, root, of_key)


def _say_unknown(fault: _Fault) -> Iterator[Problem]:
    known = sorted(fault.schema["properties"])
    for key in fault.instance:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
            spot = fault.document.key_spot(*fault.path, key)
            yield fault.problem("TD103", f"unknown property '{shortened(key)}'", hint, spot)


def _say_missing(fault: _Fault) -> Iterator[Problem]:
    for key in fault.value:
        if key not in fault.instance:
            example = _example(fault.schema["properties"][key], fault.root)
            hint = f"for example `{key}: {example}`" if example else f"add `{key}:`"
            yield fault.problem("TD104", f"'{key}' is missing", hint)


def _example(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    example = next(iter(_resolved(schema, root).get("examples", [])), "")
    return str(example) if isinstance(example, (str, int)) else ""


def _say_type(fault: _Fault) -> Iterator[Problem]:
    if fault.instance is None:
        spot = fault.document.key_spot(*fault.path)
        hint = "write it, or remove the line" if fault.path else "`trialdeck schema trial` shows what a record holds"
        yield fault.problem("TD117", f"{_named(fault.path)} is empty", hint, spot)
        return
    types = _types(fault.schema)
    wanted = " or ".join(_KINDS[kind] for kind in types if kind != "null")
    message = f"{_named(fault.path)} should be {wanted}, not {_kind(fault.instance)}"
    yield fault.problem("TD105", message, _type_hint(types, fault.instance))


def _type_hint(types: Sequence[str], instance: Any) -> str:
    if isinstance(instance, str) and "array" in types:
        return f"write a list: [{shortened(instance)}]"
    if isinstance(instance, str) and ("number" in types or "integer" in types):
        bare = _NUMBER.fullmatch(instance.strip())
        return "write it without quotes" if bare else "write digits alone; units and signs have places of their own"
    if isinstance(instance, dict) and "string" in types:
        return "a text with a colon in it belongs in quotes"
    return ""


def _kind(instance: Any) -> str:
    kinds: dict[type, str] = {str: "text", list: "a list", dict: "a mapping"}
    return next((word for kind, word in kinds.items() if isinstance(instance, kind)), "a number")


def _say_enum(fault: _Fault) -> Iterator[Problem]:
    allowed = [str(value) for value in fault.value if value is not None]
    field = next((str(part) for part in reversed(fault.path) if isinstance(part, str)), "")
    code = {"perspective": "TD109", "audience": "TD110"}.get(field, "TD108")
    near = get_close_matches(str(fault.instance).lower(), allowed, n=1)
    hint = (f"did you mean '{near[0]}'? " if near else "") + f"allowed: {', '.join(allowed)}"
    yield fault.problem(code, f"unknown {field} '{shortened(fault.instance)}'", hint)


def _say_pattern(fault: _Fault) -> Iterator[Problem]:
    shown = shortened(fault.instance)
    if fault.value == fault.root["$defs"]["slug"]["pattern"]:
        yield fault.problem("TD111", f"'{shown}' is not a slug", _slug_hint(fault.instance))
    elif fault.value == r"\S":
        yield fault.problem("TD117", f"{_named(fault.path)} is empty", "write it, or remove the property")
    else:
        code, message, hint = _FORMS.get(str(fault.path[-1]), ("TD108", "has not the form that is needed", ""))
        yield fault.problem(code, f"'{shown}' {message}", hint)


_FORMS = {
    "doi": ("TD113", "is not a DOI", "write the bare DOI, for example 10.1056/NEJMoa1516282, without https://doi.org/"),
    "registry": ("TD114", "is not a registry number", "for example NCT01564537: NCT and eight digits"),
    "url": ("TD115", "is not a web address", "write a whole address that starts with https://"),
    "median": ("TD108", "is neither a number nor `not reached`", "write a number without quotes, or not reached"),
    "acronym": (
        "TD108",
        "cannot name a deck",
        'leave out : " \\ * _ { } < > [ ] ` $ & and spaces at the ends; Anki gives some of them another meaning',
    ),
}


def _slug_hint(text: str) -> str:
    from slugify import slugify  # noqa: PLC0415 - needed for a fault only

    better = slugify(text[:200], max_length=80)
    return f"for example '{better}'" if better else "use small letters, digits and single hyphens"


def _say_format(fault: _Fault) -> Iterator[Problem]:
    message = f"'{shortened(fault.instance)}' is not a date"
    yield fault.problem("TD116", message, "write YEAR-MONTH-DAY, for example 2016-11-01")


def _say_const(fault: _Fault) -> Iterator[Problem]:
    message = f"format {shortened(fault.instance)} is not known to this trialdeck"
    yield fault.problem("TD123", message, f"write `format: {fault.value}`")


def _say_range(fault: _Fault) -> Iterator[Problem]:
    bound = f"{_BOUNDS[fault.keyword]} {fault.value}"
    yield fault.problem("TD118", f"{_named(fault.path)} is {fault.instance}; it must be {bound}")


_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def _say_items(fault: _Fault) -> Iterator[Problem]:
    wanted = f"{'at least' if fault.keyword == 'minItems' else 'at most'} {fault.value}"
    yield fault.problem("TD119", f"{_named(fault.path)} has {len(fault.instance)} entries; it needs {wanted}")


def _say_long(fault: _Fault) -> Iterator[Problem]:
    message = f"{_named(fault.path)} has {len(fault.instance)} characters; at most {fault.value} are allowed"
    yield fault.problem("TD108", message, "shorten it")


def _say_unique(fault: _Fault) -> Iterator[Problem]:
    for index, text in repeated(fault.instance):
        message = f"'{shortened(text)}' stands twice in {_named(fault.path)}"
        yield fault.problem("TD124", message, "keep one of the two", fault.document.spot(*fault.path, index))


SAYINGS: Mapping[str, Callable[[_Fault], Iterator[Problem]]] = {
    "additionalProperties": _say_unknown,
    "required": _say_missing,
    "type": _say_type,
    "enum": _say_enum,
    "pattern": _say_pattern,
    "format": _say_format,
    "const": _say_const,
    "minimum": _say_range,
    "maximum": _say_range,
    "exclusiveMinimum": _say_range,
    "exclusiveMaximum": _say_range,
    "minItems": _say_items,
    "maxItems": _say_items,
    "maxLength": _say_long,
    "uniqueItems": _say_unique,
}
"""Who says what is wrong, for every keyword of JSON Schema that the schemas use."""


def _named(path: DataPath) -> str:
    if not path:
        return "the record"
    last = path[-1]
    return f"'{shortened(last)}'" if isinstance(last, str) else f"entry {last + 1} of {_named(path[:-1])}"
