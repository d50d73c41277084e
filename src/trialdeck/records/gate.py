"""A gate: whether typed data is certainly valid, said quickly and without a word about why not.

A JSON Schema is made into tables of tests once. jsonschema needs more than ten times as long, and is loaded for what
does not pass alone: it says what is wrong (`trialdeck.records.validate`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from trialdeck.records.schema import load_schema, types_of

Test = Callable[[Any], object]
"""What a value has to pass: the answer counts as yes or no."""

Table = dict[type, Test | None]
"""For every type that is allowed, the test that a value of it has to pass; None where there is nothing to test."""

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, Decimal),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_TYPES = frozenset(kind for kinds in _KINDS.values() for kind in kinds)
_OF_THE_WHOLE = frozenset({"$schema", "$id", "$defs"})
_TOLD = frozenset({"title", "description", "default", "examples"})
_OF_MAPPINGS = frozenset({"properties", "additionalProperties", "propertyNames"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@cache
def gate(name: str) -> Callable[[Any], bool]:
    """Return what says of typed data whether it is certainly valid by a shipped schema."""
    return gate_of(load_schema(name))


def gate_of(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Return the gate of a schema; a ValueError says which part of the schema no gate can hold data against."""
    table = _Maker(schema.get("$defs", {})).table(
        {keyword: wanted for keyword, wanted in schema.items() if keyword not in _OF_THE_WHOLE}
    )
    return lambda value: _passes(table, value)


def whole(pattern: str) -> str:
    """Return a pattern of JSON Schema as Python has it."""
    # In Python alone, `$` also matches before a last line break.
    return pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern


def repeated(values: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Yield the index and text of every text that has stood in the list before."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if isinstance(value, str):
            if value in seen:
                yield index, value
            seen.add(value)


def _passes(table: Table, value: Any) -> bool:
    test = table.get(type(value), _refuse)
    return not test or bool(test(value))


def _refuse(_value: object) -> bool:
    return False


class _Maker:
    """Makes the tables of one schema; parts that refer to the same definition share its table."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._shared: dict[str, Table] = {}

    def table(self, schema: Any) -> Table:
        """Return the table of a part of the schema."""
        if schema is True or schema is False:
            raise ValueError(f"no gate knows a schema that is {schema!r}")
        if "$ref" in schema:
            if schema.keys() - _TOLD != {"$ref"}:
                raise ValueError("no gate knows a reference that has other keywords beside it")
            return self._definition(schema["$ref"])
        table: Table = {}
        self._fill(table, schema)
        return table

    def _definition(self, reference: str) -> Table:
        if reference not in self._shared:
            # It is there before it is filled: a definition may refer to itself.
            self._shared[reference] = {}
            self._fill(self._shared[reference], self._definitions[reference.removeprefix("#/$defs/")])
        return self._shared[reference]

    def _fill(self, table: Table, schema: Mapping[str, Any]) -> None:
        if "$ref" in schema:
            raise ValueError("no gate knows a definition that is a reference")
        tests: dict[type, list[Test]] = {kind: [] for name in types_of(schema) or _KINDS for kind in _KINDS[name]}
        for keyword in schema.keys() - _TOLD - _OF_MAPPINGS - {"type"}:
            for kind, test in self._tests(keyword, schema[keyword]):
                tests.get(kind, []).append(test)
        if dict in tests and schema.keys() & _OF_MAPPINGS:
            tests[dict].append(self._mapping(schema))
        table.update({kind: _all(of_kind) for kind, of_kind in tests.items()})

    def _tests(self, keyword: str, wanted: Any) -> Iterator[tuple[type, Test]]:
        """Yield for every type that a keyword has something to say of the test of it."""
        if keyword == "items":
            yield list, _items(self.table(wanted))
        elif keyword in {"enum", "const"}:
            yield from _one_of(wanted if keyword == "enum" else [wanted])
        elif keyword in _TESTS:
            kinds, make = _TESTS[keyword]
            test = make(wanted)
            yield from ((kind, test) for kind in kinds)
        else:
            raise ValueError(f"no gate knows the keyword {keyword}")

    def _mapping(self, schema: Mapping[str, Any]) -> Test:
        known = {key: self.table(part) for key, part in schema.get("properties", {}).items()}
        additional = schema.get("additionalProperties", {})
        other = {} if additional is False else self.table(additional)
        names = self.table(schema["propertyNames"]) if "propertyNames" in schema else None

        def test(value: dict[Any, Any]) -> bool:
            for key, part in value.items():
                found = known.get(key, other).get(type(part), _refuse)
                if (found and not found(part)) or (names and not _passes(names, key)):
                    return False
            return True

        return test


def _all(tests: list[Test]) -> Test | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    if len(tests) == 2:
        first, second = tests
        return lambda value: first(value) and second(value)
    return lambda value: all(test(value) for test in tests)


def _items(table: Table) -> Test:
    def test(values: list[Any]) -> bool:
        for value in values:
            found = table.get(type(value), _refuse)
            if found and not found(value):
                return False
        return True

    return test


def _one_of(values: list[Any]) -> Iterator[tuple[type, Test]]:
    if not {type(value) for value in values} <= {str, int, type(None)}:
        raise ValueError(f"no gate knows all of the values {values!r}")
    allowed = frozenset(values)
    # JSON keeps apart what is equal in Python: true is not 1.
    yield from ((kind, _refuse if kind in {bool, list, dict} else allowed.__contains__) for kind in _TYPES)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _pattern(pattern: str) -> Test:
    pattern = whole(pattern)
    # Not every pattern meets a text; to compile them all would take longer than to check a record.
    return lambda text: _compiled(pattern).search(text)


def _format(name: str) -> Test:
    if name != "date":
        raise ValueError(f"no gate knows the format {name}")
    return _is_date


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _required(names: list[str]) -> Test:
    return frozenset(names).issubset


def _unique(wanted: bool) -> Test:
    if not wanted:
        raise ValueError("no gate knows a list whose entries may repeat themselves")
    return lambda values: not any(repeated(values))


_NUMBERS = (int, Decimal)
_TESTS: Mapping[str, tuple[tuple[type, ...], Callable[[Any], Test]]] = {
    "pattern": ((str,), _pattern),
    "format": ((str,), _format),
    "minLength": ((str,), lambda least: lambda text: len(text) >= least),
    "maxLength": ((str,), lambda most: lambda text: len(text) <= most),
    "minimum": (_NUMBERS, lambda least: lambda number: number >= least),
    "maximum": (_NUMBERS, lambda most: lambda number: number <= most),
    "exclusiveMinimum": (_NUMBERS, lambda bound: lambda number: number > bound),
    "exclusiveMaximum": (_NUMBERS, lambda bound: lambda number: number < bound),
    "minItems": ((list,), lambda least: lambda values: len(values) >= least),
    "maxItems": ((list,), lambda most: lambda values: len(values) <= most),
    "uniqueItems": ((list,), _unique),
    "required": ((dict,), _required),
}
