"""Take parts of parsed data by type; a part of another type counts as absent.

The schema has already complained about a wrong kind; a builder of a model need not look again.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

_Choice = TypeVar("_Choice", bound=StrEnum)


def text_of(data: dict[str, Any], key: str) -> str:
    """Return a text, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def list_of(data: dict[str, Any], key: str) -> list[Any]:
    """Return a list, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, list) else []


def texts_of(data: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(value for value in list_of(data, key) if isinstance(value, str))


def mapping_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a mapping, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def mappings_of(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the mappings of a list; an entry of another kind becomes an empty mapping."""
    # An entry of a wrong kind keeps its place, so that the places of the others still hold.
    return [value if isinstance(value, dict) else {} for value in list_of(data, key)]


def flag_of(data: dict[str, Any], key: str) -> bool | None:
    """Return a truth value, or None."""
    value = data.get(key)
    return value if isinstance(value, bool) else None


def number_of(data: dict[str, Any], key: str) -> Decimal | None:
    """Return a number, or None."""
    value = data.get(key)
    return Decimal(value) if isinstance(value, (int, Decimal)) else None


def choice_of(data: dict[str, Any], key: str, default: _Choice) -> _Choice:
    """Return one of the choices to which the default belongs, or the default."""
    choices: Mapping[str, _Choice] = _choices(type(default))
    return choices.get(text_of(data, key), default)


def choices_of(data: dict[str, Any], key: str, kind: type[_Choice]) -> tuple[_Choice, ...]:
    """Return what a list names of the choices of a kind."""
    choices: Mapping[str, _Choice] = _choices(kind)
    return tuple(choices[value] for value in texts_of(data, key) if value in choices)


@cache
def _choices(kind: type[_Choice]) -> Mapping[str, _Choice]:
    return {str(choice): choice for choice in kind}
