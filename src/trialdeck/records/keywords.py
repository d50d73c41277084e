"""Two keywords of JSON Schema, read more strictly and faster than jsonschema reads them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

_extend: Any = validators.extend  # jsonschema has no types for it


def repeated(values: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Yield the index and text of every text that has stood in the list before."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if isinstance(value, str):
            if value in seen:
                yield index, value
            seen.add(value)


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    # In Python alone, `$` also matches before a last line break.
    whole = pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(whole, instance):
        yield ValidationError("the text does not match the pattern")


def _unique_items(_validator: Any, _wanted: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    # jsonschema compares everything with everything; the lists that must not repeat themselves hold texts.
    if isinstance(instance, list) and any(repeated(instance)):
        yield ValidationError("an entry stands twice")


Validator: Any = _extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique_items})
"""A validator of Draft 2020-12, in time linear in the length of what it validates."""
