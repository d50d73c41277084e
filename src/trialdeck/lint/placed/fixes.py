"""Changes that mend a problem: what the hint says to write, ready to be made.

A fix follows from the code of a problem, the value that it is about and the schema, never from the words of a message.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from trialdeck.core.problem import Problem, nearest
from trialdeck.records.editing.change import Change, names_on
from trialdeck.records.editing.ids import is_of_statement, suggested_id
from trialdeck.records.editing.values import schema_at
from trialdeck.records.schema import NUMBER, types_of
from trialdeck.records.sections import RESULTS
from trialdeck.records.validation.likely import (
    EVERYBODY,
    likely_day,
    likely_number,
    likely_truth,
    likely_words,
    slug_for,
)
from trialdeck.yamlfile.document import DataPath
from trialdeck.yamlfile.edit import value_at
from trialdeck.yamlfile.tree import mappings_of, text_of


class Fix(msgspec.Struct, frozen=True):
    """Changes, to be made together, that mend a problem; `label` says in words what they do."""

    label: str
    changes: tuple[Change, ...]


Mender = Callable[[Any, DataPath], Iterator[Fix]]


def fixes_of(problem: Problem, data: Any, path: DataPath) -> tuple[Fix, ...]:
    """Return the fixes of a problem that is about the value at a path; there may be none, or several to choose from."""
    mender = _MENDERS.get(problem.code)
    return tuple(mender(data, path)) if mender and isinstance(data, dict) else ()


def _writing(data: Any, path: DataPath, new: Any, label: str = "") -> Fix:
    was = value_at(data, path)
    change = Change(path, new, was, names=names_on(data, path))
    return Fix(label or f"Write {new}", (change,))


def _removing(data: Any, path: DataPath, label: str = "Remove it") -> Fix:
    was, names = value_at(data, path), names_on(data, path)
    if isinstance(path[-1], int):
        return Fix(label, (Change(path, was=was, action="remove", names=names),))
    return Fix(label, (Change(path, None, was, names=names),))


def _rename_property(data: Any, path: DataPath) -> Iterator[Fix]:
    there = value_at(data, path[:-1])
    known = [name for name in sorted(schema_at(path[:-1]).get("properties", ())) if name not in there]
    if likely := nearest(str(path[-1]), known):
        yield _calling(data, path, likely)
    yield _removing(data, path)


def _write_missing(data: Any, path: DataPath) -> Iterator[Fix]:
    schema = schema_at(path)
    if path[-1:] == ("id",):
        yield _writing(data, path, suggested_id(data, path[:-1]))
    elif "const" in schema:
        yield _writing(data, path, str(schema["const"]))


def _write_id(data: Any, path: DataPath) -> Iterator[Fix]:
    better = slug_for(str(path[-1] if is_of_statement(path) else value_at(data, path)))
    if better and is_of_statement(path):
        if better not in value_at(data, path[:-1]):
            yield _calling(data, path, better)
    elif better:
        yield _writing(data, path, better)


def _calling(data: Any, path: DataPath, name: str) -> Fix:
    """Return the fix that gives a property another name."""
    value, names = value_at(data, path), names_on(data, path)
    moved = Change((*path[:-1], name), value, names=names), Change(path, None, value, names=names)
    return Fix(f"Call it {name}", moved)


def _write_other_id(data: Any, path: DataPath) -> Iterator[Fix]:
    yield _writing(data, path, suggested_id(data, path[:-1]))


def _write_kind(data: Any, path: DataPath) -> Iterator[Fix]:
    """Write a text as the list, number or truth value that belongs there."""
    text, types = value_at(data, path), set(types_of(schema_at(path)))
    if not isinstance(text, str):
        return
    if "array" in types and "string" in types_of(schema_at((*path, 0))):
        yield _writing(data, path, [text], "Make a list of it")
    if "boolean" in types and (truth := likely_truth(text)):
        yield _writing(data, path, truth)
    number = likely_number(text)
    if "number" in types or ("integer" in types and number.isdigit()):
        is_quoted = NUMBER.fullmatch(text.strip()) is not None
        if number:
            yield _writing(data, path, number, "Write it as a number" if is_quoted else "")


def _write_word(data: Any, path: DataPath) -> Iterator[Fix]:
    text, schema = str(value_at(data, path)), schema_at(path)
    allowed = [str(word) for word in schema.get("enum", ()) if word is not None]
    if allowed and "audience" in path and text.lower() in EVERYBODY:
        yield _removing(data, path[: path.index("audience") + 1], "Leave it empty: for everybody")
    for word in likely_words(text.lower(), allowed):
        yield _writing(data, path, word)


def _write_matching(data: Any, path: DataPath) -> Iterator[Fix]:
    """Write the end of a text that has the form which is needed, in capitals if need be, or put https:// before it."""
    text, pattern = str(value_at(data, path)).strip(), str(schema_at(path).get("pattern", ""))
    if not pattern:
        return
    inner = re.search(f"(?<![0-9A-Za-z])(?:{pattern.removeprefix('^')})", text, re.IGNORECASE)
    end = inner[0] if inner else text
    candidates = (end, end.upper(), f"https://{text}" if "://" not in text else "")
    if fitting := next((part for part in candidates if part != text and re.search(pattern, part)), ""):
        yield _writing(data, path, fitting)


def _write_day(data: Any, path: DataPath) -> Iterator[Fix]:
    if day := likely_day(str(value_at(data, path))):
        yield _writing(data, path, day)


def _remove(data: Any, path: DataPath) -> Iterator[Fix]:
    if path:
        yield _removing(data, path)


def _remove_optional(data: Any, path: DataPath) -> Iterator[Fix]:
    if path and path[-1] not in schema_at(path[:-1]).get("required", ()):
        yield _removing(data, path)


def _cite_nearest(data: Any, path: DataPath) -> Iterator[Fix]:
    if path[-1:] == ("id",):
        yield _removing(data, path[:-1], "Remove this related trial")
        return
    cited = value_at(data, path[:-1]) or []
    known = [name for name in _named_by(data, path) if name not in cited]
    if likely := nearest(str(value_at(data, path)), known):
        yield _writing(data, path, likely)
    yield _removing(data, path)


def _named_by(data: Any, path: DataPath) -> list[str]:
    """Return what a reference may name: the arms of its result, or the results of the record."""
    if "between" in path:
        return [text_of(arm, "name") for arm in mappings_of(value_at(data, path[:-2]), "arms")]
    return [text_of(entry, "id") for entry in mappings_of(data, RESULTS.property)]


def _name_replacement(data: Any, path: DataPath) -> Iterator[Fix]:
    section, index, *_ = path
    entries = [entry for position, entry in enumerate(mappings_of(data, str(section))) if position != index]
    known = [text_of(entry, "id") for entry in entries if not entry.get("retired")]
    if likely := nearest(str(value_at(data, path)), known):
        yield _writing(data, path, likely)
    yield _removing(data, path)


def _put_margin_on_other_side(data: Any, path: DataPath) -> Iterator[Fix]:
    number = likely_number(str(value_at(data, path)))
    if number:
        yield _writing(data, path, str(-Decimal(number)))


def _say_sides(data: Any, path: DataPath) -> Iterator[Fix]:
    """Say of a P value how many sides its test has; of one within a text, only the author can find the place."""
    if path[-1:] == ("p",):
        for sides in ("two-sided", "one-sided"):
            yield _writing(data, path, f"{value_at(data, path)} ({sides})")


_MENDERS: Mapping[str, Mender] = {
    "TD103": _rename_property,
    "TD104": _write_missing,
    "TD105": _write_kind,
    "TD108": _write_word,
    "TD109": _write_word,
    "TD110": _write_word,
    "TD111": _write_id,
    "TD113": _write_matching,
    "TD114": _write_matching,
    "TD115": _write_matching,
    "TD116": _write_day,
    "TD117": _remove_optional,
    "TD123": _write_missing,
    "TD124": _remove,
    "TD201": _write_other_id,
    "TD206": _cite_nearest,
    "TD208": _remove,
    "TD217": _name_replacement,
    "TD413": _name_replacement,
    "TD414": _remove,
    "TD416": _remove,
    "TD434": _put_margin_on_other_side,
    "TD443": _remove,
    "TD614": _say_sides,
}
"""How the problems of a code are mended."""
