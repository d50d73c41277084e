"""Two stricter JSON Schema keywords for jsonschema: `pattern` and `uniqueItems`."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from trialdeck.records.schema import duplicates, python_pattern

_extend: Any = validators.extend  # jsonschema has no types for it


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not re.search(python_pattern(pattern), instance):
        yield ValidationError("the text does not match the pattern")


def _unique_items(_validator: Any, _wanted: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    # jsonschema compares each entry with each other; our lists of unique entries hold texts.
    if isinstance(instance, list) and any(duplicates(instance)):
        yield ValidationError("an entry is there twice")


Validator: Any = _extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique_items})
"""A validator of Draft 2020-12, in time linear in the length of what it validates."""
