"""What is typed into a form as the value of a record: numbers and truth values where the schema has them."""

from collections.abc import Mapping
from typing import Any

from trialdeck.records.schema import NUMBER, load_schema, resolved, types_of
from trialdeck.yamlfile.document import DataPath, Plain

_NUMBERS = {"number", "integer"}
_TRUTHS = frozenset({"true", "false"})


def schema_at(path: DataPath) -> Mapping[str, Any]:
    """Return the part of the schema of a record that a path leads to; empty where it knows nothing."""
    root = load_schema("trial")
    schema: Mapping[str, Any] = root
    for part in path:
        other = schema.get("additionalProperties")
        inner = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part, other)
        schema = resolved(inner, root) if isinstance(inner, dict) else {}
    return schema


def order_at(path: DataPath) -> tuple[str, ...]:
    """Return the names of the properties of a mapping, in the order of the schema."""
    return tuple(schema_at(path).get("properties", ()))


def has_free_text(path: DataPath) -> bool:
    """Tell whether any text may stand at a path, so that line breaks at its end do no harm."""
    return str(schema_at(path).get("pattern", r"\S")) == r"\S"


def typed_value(value: Any, path: DataPath) -> Any:
    """Return a value as it is written: a number without quotes, a text without the blanks at its ends.

    Empty parts are left out; only before an entry of a list None keeps its place: a lower bound is yet to be typed.
    """
    if isinstance(value, dict):
        parts = {str(name): typed_value(part, (*path, str(name))) for name, part in value.items()}
        return {name: part for name, part in parts.items() if not is_empty(part)}
    if isinstance(value, list | tuple):
        entries = [None if is_empty(part) else typed_value(part, (*path, 0)) for part in value]
        return entries[: max((index + 1 for index, part in enumerate(entries) if part is not None), default=0)]
    if value is None:
        return None
    if isinstance(value, bool):
        return Plain(str(value).lower())
    text = str(value).replace("\r\n", "\n").strip()
    types = set(types_of(schema_at(path)))
    is_number = bool(types & _NUMBERS) and NUMBER.fullmatch(text) is not None
    return Plain(text) if is_number or ("boolean" in types and text in _TRUTHS) else text


def is_empty(value: Any) -> bool:
    """Tell whether a value says nothing: no text but white space, nothing in a list or mapping."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return value is None or (isinstance(value, list) and all(map(is_empty, value)))


def is_as_seen(now: Any, seen: Any) -> bool:
    """Tell whether a value is the one that an author has seen; line breaks at the end of a text are not seen."""
    if isinstance(now, str) and isinstance(seen, str):
        return now.rstrip() == seen.replace("\r\n", "\n").rstrip()
    if isinstance(now, dict) and isinstance(seen, dict):
        return now.keys() == seen.keys() and all(is_as_seen(part, seen[name]) for name, part in now.items())
    if isinstance(now, list) and isinstance(seen, list):
        return len(now) == len(seen) and all(map(is_as_seen, now, seen))
    return is_empty(now) and is_empty(seen)
