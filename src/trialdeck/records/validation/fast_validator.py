"""Validate data fast against a bundled schema; jsonschema then explains what is wrong.

jsonschema-rs needs a hundredth of jsonschema's time, so jsonschema is loaded only for data that is not valid.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator, RegexOptions

from trialdeck.records.schema import load_schema

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHITE_SPACE = {r"\\S": r"[^\\s]", r"\\s": r"\\s\\u001c-\\u001f\\u0085"}
"""jsonschema-rs reads patterns as JavaScript does, whose white space lacks five characters of Python's.

In our schemas it is named only as a whole pattern or between brackets.
"""


@cache
def fast_validator(name: str) -> Callable[[Any], bool]:
    """Return a fast validator for a bundled schema: `False` means `validate()` must explain why."""
    return fast_validator_of(msgspec.json.encode(load_schema(name)).decode())


def fast_validator_of(text: str) -> Callable[[Any], bool]:
    """Return a fast validator for the JSON text of a schema."""
    for shorthand, meant in _WHITE_SPACE.items():
        text = text.replace(shorthand, meant)
    formats = {"date": _is_date}
    # The default engine knows more kinds of pattern, but does not promise linear time.
    validator = Draft202012Validator(text, formats=formats, validate_formats=True, pattern_options=RegexOptions())

    def is_valid(data: Any) -> bool:
        try:
            return validator.is_valid(data)
        except ValueError:  # half of a surrogate pair, or a key that is no text: nothing that JSON can hold
            return False

    return is_valid


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
