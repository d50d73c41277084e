"""The part of a record that a language model may write, as a schema that vendors accept for structured output.

It is derived from the schema of records, so that there is no second truth. Left out is what a model cannot know or must
not say: results, reviews, ids, files. All vendors want every property required and nothing beside them, so that a text
or list is empty where nothing is known. `ingest` leaves empty ones out.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from trialdeck.records.schema import load_schema, resolved, types_of
from trialdeck.records.sections import TAKEAWAYS

VENDORS = ("openai", "anthropic", "gemini")
"""The vendors for which `trialdeck schema trial --for` prints a schema."""
WITHHELD = frozenset({
    "$schema", "format", "id", "formerly", "language", "figures", "results", "review", "guid", "retired",
    "card", "cards", "contributors",
})  # fmt: skip
"""The properties of records and entries that no model writes."""
_OF_RECORDS = frozenset({"source", "specialties"})
"""Properties that a model states once, for the whole record, although entries may have them as well."""
_OF_TAKEAWAYS = frozenset({"specialties"})
_OWN_ID = ", each under an id of its own"
_EMPTY = {"string": "Leave the text empty if it is not known.", "array": "Leave the list empty if there is nothing."}
_INTRODUCTION = (
    "What you say about one clinical trial, from the source that you were given and from nothing else. Every question "
    "asks one thing, stands alone, and names the trial or the treatment. No numerical results: they come from the "
    "registry."
)


def content_schema(vendor: str = "") -> dict[str, Any]:
    """Return the schema of what a model may write, for one of VENDORS or for all of them."""
    schema = {"title": "Trial", "description": _INTRODUCTION, **_content()}
    return _FORMS[vendor](schema) if vendor in _FORMS else schema


def content_schema_text(vendor: str) -> str:
    """Return `content_schema` as JSON text."""
    return f"{json.dumps(content_schema(vendor), indent=2, ensure_ascii=False)}\n"


@cache
def _content() -> Mapping[str, Any]:
    root = load_schema("trial")
    return _object(root, root, WITHHELD)


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], withheld: frozenset[str]) -> dict[str, Any]:
    required = schema.get("required", ())
    parts = {name: resolved(part, root) for name, part in schema["properties"].items() if name not in withheld}
    properties = {
        name: made for name, part in parts.items() if (made := _part(name, part, root, may_lack=name not in required))
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _part(name: str, schema: Mapping[str, Any], root: Mapping[str, Any], *, may_lack: bool) -> dict[str, Any]:
    """Return what a model may write for a property; empty if nothing."""
    kind = next((each for each in types_of(schema) if each != "null"), "")
    text = str(schema.get("description", ""))
    if kind == "object" and "properties" in schema:
        return {"description": text} | _object(schema, root, WITHHELD)
    if kind == "object":
        # A mapping with free keys is a list to a model: the keys are ids, which are made from the texts.
        kind, items = "array", resolved(schema["additionalProperties"], root)
        text = text.replace(_OWN_ID, "")
    else:
        items = resolved(schema.get("items", {}), root)
    empty = f" {_EMPTY[kind]}" if may_lack and kind in _EMPTY and "enum" not in schema else ""
    described = {"description": f"{text}{empty}"}
    if kind == "array":
        return described | {"type": kind, "items": _entry(name, items, root)}
    if "enum" in schema:
        return described | {"type": kind, "enum": [choice for choice in schema["enum"] if choice is not None]}
    return described | {"type": kind} if kind in {"string", "boolean"} else {}


def _entry(name: str, schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    if "properties" not in schema:
        return _part(name, schema, root, may_lack=False)
    stated_once = _OF_RECORDS - (_OF_TAKEAWAYS if name == TAKEAWAYS.property else frozenset())
    return {"description": schema["description"]} | _object(schema, root, WITHHELD | stated_once)


def _for_anthropic(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema as Anthropic's own client gives it: a choice among values has no `type`."""
    return {key: _inside(key, value, _for_anthropic) for key, value in schema.items()
            if not (key == "type" and "enum" in schema)}  # fmt: skip


def _for_gemini(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema in Gemini's subset: no `additionalProperties`, and the order of the properties said."""
    made = {key: _inside(key, value, _for_gemini) for key, value in schema.items() if key != "additionalProperties"}
    return made | ({"propertyOrdering": list(schema["properties"])} if "properties" in schema else {})


def _inside(key: str, value: Any, form: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    if key == "properties":
        return {name: form(part) for name, part in value.items()}
    return form(value) if key == "items" else value


_FORMS = {"anthropic": _for_anthropic, "gemini": _for_gemini}
