"""What to write in place of a value of the wrong kind."""

import re
from collections.abc import Mapping
from typing import Any

from trialdeck.core.problem import shortened
from trialdeck.records.schema import NUMBER, types_of
from trialdeck.records.validation.likely import likely_number, likely_truth


def type_hint(schema: Mapping[str, Any], instance: Any, *, in_json: bool) -> str:
    """Return what to write in place of a value, as YAML or JSON has it; empty if nothing is likely."""
    types = types_of(schema)
    if isinstance(instance, str) and (hint := _text_hint(schema, instance, in_json=in_json)):
        return hint
    known = _OTHER_KINDS_IN_JSON if in_json else _OTHER_KINDS
    return next((hint for kind, wanted, hint in known if isinstance(instance, kind) and wanted in types), "")


def _text_hint(schema: Mapping[str, Any], text: str, *, in_json: bool) -> str:
    """Return what to write in place of a text, where a list, a number, or true or false is wanted."""
    types = types_of(schema)
    if "array" in types:
        quote = '"' if in_json and "number" not in types_of(schema.get("items", {})) else ""
        return f"write a list: [{quote}{_entries(schema, text)}{quote}]"
    if "boolean" in types:
        return f"write {likely_truth(text) or 'true or false'}, in small letters and without quotes"
    if not {"number", "integer"} & set(types):
        return ""
    if NUMBER.fullmatch(text.strip()):
        return "write it without quotes"
    number = likely_number(text)
    return f"write {number}" if number else "write digits alone; units and signs have places of their own"


def _entries(schema: Mapping[str, Any], text: str) -> str:
    """Return a text as the entries of the list that it should be: two numbers, or the text itself."""
    item = schema.get("items", {})
    numbers = _NUMBERS.findall(text)
    if "number" in types_of(item):
        return ", ".join(map(likely_number, numbers)) if len(numbers) == 2 else str(schema["examples"][0])[1:-1]
    return shortened(text)


# A hyphen or dash between two numbers is no sign of the second one.
_NUMBERS = re.compile(r"(?<![0-9.])[-−–]?[0-9]+(?:[.·][0-9]+)?")


_OTHER_KINDS = (
    (dict, "string", "a text with a colon in it belongs in quotes"),
    (dict, "array", "begin every entry of the list with a dash and a space"),
    (list, "object", "write the properties without a dash or a bracket before them"),
    (list, "string", "write one text, without a dash or a bracket before it"),
    (list, "boolean", "write true or false alone"),
    (str, "object", "write each of its properties as `name: value`, in a line of its own"),
)


_OTHER_KINDS_IN_JSON = (
    (dict, "string", "write one text in double quotes"),
    (dict, "array", "put its entries between brackets: [ … ]"),
    (list, "object", "write its properties in braces, without a bracket before them"),
    (list, "string", "write one text, without a bracket before it"),
    (list, "boolean", "write true or false alone"),
    (str, "object", "write its properties in braces"),
)
