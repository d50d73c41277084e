"""The bundled JSON Schemas, and how trialdeck reads them: the types of scalars, patterns, repeated entries."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.yamlfile.document import Plain

NUMBER = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?")
"""How a number is written, with at most 30 digits before and after the point."""

_LARGEST_WHOLE = 10**18
_BOOLEANS = {"true": True, "false": False}
_OF_EDITORS = frozenset({"number_as_text", "digits_as_text"})
"""The definitions of what an editor takes for a number or a truth value, and trialdeck for text."""


def schema_text(name: str) -> str:
    """Return the JSON text of a schema that trialdeck ships, for example `trial`."""
    file = f"{name}.schema.json"
    shipped = Path(__file__).parents[1] / "schemas" / file
    # In a source checkout the schemas stand beside src, where editors find them.
    path = shipped if shipped.is_file() else Path(__file__).parents[3] / "schemas" / file
    return path.read_text(encoding="utf-8")


@cache
def load_schema(name: str) -> Mapping[str, Any]:
    """Return a shipped schema as data, in the form that typed data has to have.

    An editor takes `p: 0.01` for a number, so the published schema allows numbers where text belongs. `typed` makes
    text of them: here these alternatives are left out, and the others joined to one type.
    """
    schema: Mapping[str, Any] = _as_typed(msgspec.json.decode(schema_text(name)))
    return schema


def _as_typed(part: Any) -> Any:
    if isinstance(part, list):
        return [_as_typed(each) for each in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _as_typed(value) for key, value in part.items() if key not in _OF_EDITORS}
    ways = [way for way in inner.pop("anyOf", ()) if way.get("$ref", "").rpartition("/")[2] not in _OF_EDITORS]
    if not ways:
        return inner
    types = [kind for way in ways for kind in types_of(way)]
    return {
        **inner,
        **{key: value for way in ways for key, value in way.items()},
        "type": types[0] if types[1:] == [] else types,
    }


def typed(value: Any, name: str) -> Any:
    """Return the data with numbers and booleans where the schema wants them; every other scalar stays text.

    Numbers become `Decimal`, so that `0.70` keeps its zero; whole numbers become `int`, `true` and `false` `bool`.
    """
    schema = load_schema(name)
    return _typed(value, schema, schema)


def _typed(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    schema = resolved(schema, root)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        other = schema.get("additionalProperties")
        other = other if isinstance(other, dict) else {}
        return {key: _typed(part, known.get(key, other), root) for key, part in value.items()}
    if isinstance(value, list):
        return [_typed(part, schema.get("items", {}), root) for part in value]
    return _scalar(value, types_of(schema)) if isinstance(value, Plain) else value


def _scalar(value: Plain, types: Sequence[str]) -> Any:
    if "boolean" in types and value in _BOOLEANS:
        return _BOOLEANS[value]
    is_number = bool({"integer", "number"} & set(types)) and NUMBER.fullmatch(value) is not None
    number = Decimal(value) if is_number else Decimal()
    # To JSON Schema, and so to editors, 100.0 is a whole number.
    if is_number and "integer" in types and abs(number) < _LARGEST_WHOLE and number == number.to_integral_value():
        return int(number)
    return number if is_number and "number" in types else str(value)


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a schema that a reference leads to; `root` is the whole schema."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def types_of(schema: Mapping[str, Any]) -> Sequence[str]:
    """Return the kinds of value that a part of a schema allows, as JSON Schema names them."""
    types: str | list[str] = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def python_pattern(pattern: str) -> str:
    """Return a pattern of JSON Schema as Python's `re` needs it: there `$` also matches before a last line break."""
    return pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern


def duplicates(values: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Yield the index and text of every text that is in the list before."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if isinstance(value, str):
            if value in seen:
                yield index, value
            seen.add(value)
