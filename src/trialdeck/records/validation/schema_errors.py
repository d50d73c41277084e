"""Explain schema errors in an author's words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.problem import Location, Problem, first_faults, nearest, shortened
from trialdeck.records.schema import duplicates, load_schema, resolved, types_of
from trialdeck.records.validation.fast_validator import fast_validator
from trialdeck.records.validation.likely import EVERYBODY, likely_words, slug_for
from trialdeck.records.validation.type_hints import type_hint
from trialdeck.yamlfile.document import DataPath, Document, is_json

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of properties",
}
_FILES = {
    "trial": "record",
    "deck": "deck definition",
    "project": "settings file",
    "profile": "profile",
    "map": "deck map",
}


@cache
def _validator(name: str) -> Any:
    # To import jsonschema takes longer than to read many records, and valid data does not need it.
    from trialdeck.records.validation.strict_keywords import Validator  # noqa: PLC0415

    return Validator(load_schema(name), format_checker=Validator.FORMAT_CHECKER)


class _Fault(msgspec.Struct, frozen=True):
    """What jsonschema found: the keyword that failed and its value, the part that failed it, and where that stands."""

    document: Document
    path: DataPath
    keyword: str
    value: Any
    instance: Any
    schema: Mapping[str, Any]
    schema_name: str
    of_key: bool

    @property
    def file(self) -> str:
        """What kind of file the document is."""
        return _FILES[self.schema_name]

    @property
    def named(self) -> str:
        """What the faulty part is called: its property, or the whole file."""
        return _named(self.path) or f"the {self.file}"

    def problem(self, code: str, message: str, hint: str = "", spot: Location | None = None) -> Problem:
        """Return the problem of this fault.

        Args:
            code: Its code.
            message: What is wrong.
            hint: What to do about it.
            spot: Where it is, if not at the value or the key of the fault.

        Returns:
            The problem.

        """
        location = self.document.key_spot(*self.path) if self.of_key else self.document.spot(*self.path)
        return self.document.problem(code, spot or location, message, hint)


def validate(document: Document, data: Any, name: str) -> Iterator[Problem]:
    """Yield the faults that the schema finds in `data`, the typed data of `document`."""
    if not fast_validator(name)(data):
        yield from first_faults(_faults(document, data, name))


def _faults(document: Document, data: Any, name: str) -> Iterator[Problem]:
    faults = [_fault(document, error, name) for error in _validator(name).iter_errors(data)]
    wrong_kind = {fault.path for fault in faults if fault.keyword == "type"}
    for fault in faults:
        # What is of a wrong kind has no other fault beside it.
        if fault.keyword == "type" or fault.path not in wrong_kind:
            yield from SAYINGS[fault.keyword](fault)


def _fault(document: Document, error: "ValidationError", name: str) -> _Fault:
    of_key = "propertyNames" in error.absolute_schema_path
    path: DataPath = tuple(error.absolute_path)
    if of_key:
        path = (*path, str(error.instance))
    schema: Any = error.schema
    return _Fault(document, path, str(error.validator), error.validator_value, error.instance, schema, name, of_key)


def _say_unknown(fault: _Fault) -> Iterator[Problem]:
    known = sorted(fault.schema["properties"])
    for key in fault.instance:
        if key not in known:
            likely = nearest(key, known)
            hint = f"did you mean '{likely}'?" if likely else f"known here: {', '.join(known)}"
            spot = fault.document.key_spot(*fault.path, key)
            yield fault.problem("TD103", f"unknown property '{shortened(key)}'", hint, spot)


def _say_missing(fault: _Fault) -> Iterator[Problem]:
    for key in fault.value:
        if key not in fault.instance:
            example = _example(fault.schema["properties"][key], load_schema(fault.schema_name))
            hint = f"for example `{key}: {example}`" if example else f"add `{key}:`"
            # What is missing has no place of its own: this is that of the mapping around it.
            spot = fault.document.spot(*fault.path, key)
            yield fault.problem("TD104", f"'{key}' is missing", hint, spot)


def _example(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    example = next(iter(resolved(schema, root).get("examples", [])), "")
    return str(example) if isinstance(example, (str, int)) else ""


def _say_type(fault: _Fault) -> Iterator[Problem]:
    if fault.instance is None:
        spot = fault.document.key_spot(*fault.path)
        hint = f"`trialdeck schema {fault.schema_name}` shows what a {fault.file} holds"
        hint = "write it, or remove the line" if fault.path else hint
        yield fault.problem("TD117", f"{fault.named} is empty", hint, spot)
        return
    types = types_of(fault.schema)
    wanted = " or ".join(_KINDS[kind] for kind in types if kind != "null")
    message = f"{fault.named} should be {wanted}, not {_kind(types, fault.instance)}"
    yield fault.problem("TD105", message, type_hint(fault.schema, fault.instance, in_json=is_json(fault.document.path)))


def _kind(types: Sequence[str], instance: Any) -> str:
    if isinstance(instance, str) and "boolean" in types:
        return f"'{shortened(instance)}'"
    kinds: dict[type, str] = {str: "text", list: "a list", dict: "a mapping"}
    return next((word for kind, word in kinds.items() if isinstance(instance, kind)), "a number")


def _say_enum(fault: _Fault) -> Iterator[Problem]:
    allowed = [str(value) for value in fault.value if value is not None]
    field = next((str(part) for part in reversed(fault.path) if isinstance(part, str)), "")
    field = {"perspectives": "perspective", "audiences": "audience", "allow": "change"}.get(field, field)
    code = {"perspective": "TD109", "audience": "TD110", "stage": "TD110"}.get(field, "TD108")
    word = str(fault.instance).lower()
    hint = f"{_likely(word, allowed)}allowed: {', '.join(allowed)}"
    if field == "audience" and word in EVERYBODY:
        hint = "leave the audience empty: that means everybody"
    yield fault.problem(code, f"unknown {field} '{shortened(fault.instance)}'", hint)


def _likely(word: str, allowed: Sequence[str]) -> str:
    """Return the question whether one of the allowed words was meant."""
    shown = " or ".join(f"'{each}'" for each in likely_words(word, allowed))
    return f"did you mean {shown}? " if shown else ""


def _say_pattern(fault: _Fault) -> Iterator[Problem]:
    shown = shortened(fault.instance)
    if fault.value == load_schema("trial")["$defs"]["slug"]["pattern"]:
        yield fault.problem("TD111", f"'{shown}' is not an id", _slug_hint(fault.instance))
    elif fault.value == r"\S":
        yield fault.problem("TD117", f"{fault.named} is empty", "write it, or remove the property")
    else:
        # An item of a list is called as the list.
        name = next((part for part in reversed(fault.path) if isinstance(part, str)), "")
        code, message, hint = _FORMS.get(name, ("TD108", "has not the form that is needed", ""))
        yield fault.problem(code, f"'{shown}' {message}", hint)


_ADDRESS = ("TD115", "is not a web address", "write a whole address that starts with https://")
_DECK_NAME = (
    "TD108",
    "cannot name a deck",
    'leave out : " \\ * _ { } < > [ ] ` $ & and spaces at the ends; Anki gives some of them another meaning',
)
_NOT_REACHED = ("TD108", "is neither a number nor `not reached`", "write a number without quotes, or not reached")
_FORMS = {
    "doi": ("TD113", "is not a DOI", "write the bare DOI, for example 10.1056/NEJMoa1516282, without https://doi.org/"),
    "registry": ("TD114", "is not a registry number", "for example NCT01564537: NCT and eight digits"),
    "url": _ADDRESS,
    "language": ("TD108", "is not a language tag", "write it as BCP 47 has it, for example de, ar or pt-BR"),
    "median": _NOT_REACHED,
    "ci": _NOT_REACHED,
    "acronym": _DECK_NAME,
    "name": _DECK_NAME,
    "root": _DECK_NAME,
    "edition": (
        "TD108",
        "cannot be the name of an edition",
        "use letters, digits, dots, hyphens and underscores, for example 2026.1",
    ),
    "homepage": _ADDRESS,
    "moved_to": _ADDRESS,
    "report": (
        "TD115",
        "is neither a web address nor a mail address",
        "write a whole address that starts with https://, or a mail address without mailto:",
    ),
}


def _slug_hint(text: str) -> str:
    better = slug_for(text)
    return f"did you mean '{better}'?" if better else "write small letters, digits and single hyphens"


def _say_format(fault: _Fault) -> Iterator[Problem]:
    message = f"'{shortened(fault.instance)}' is not a date"
    yield fault.problem("TD116", message, "write YEAR-MONTH-DAY, for example 2016-11-01")


def _say_const(fault: _Fault) -> Iterator[Problem]:
    message = f"format {shortened(fault.instance)} is not known to this trialdeck"
    yield fault.problem("TD123", message, f"write `format: {fault.value}`")


def _say_range(fault: _Fault) -> Iterator[Problem]:
    bound = f"{_BOUNDS[fault.keyword]} {fault.value}"
    hint = ""
    if fault.path[-1] == "ci_level" and 0 < fault.instance < 1:
        hint = f"the level is in per cent: write {(fault.instance * 100).normalize():f}"
    yield fault.problem("TD118", f"{fault.named} is {fault.instance}; it must be {bound}", hint)


_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def _say_items(fault: _Fault) -> Iterator[Problem]:
    wanted = f"{'at least' if fault.keyword == 'minItems' else 'at most'} {fault.value}"
    yield fault.problem("TD119", f"{fault.named} has {len(fault.instance)} entries; it needs {wanted}")


def _say_long(fault: _Fault) -> Iterator[Problem]:
    message = f"{fault.named} has {len(fault.instance)} characters; at most {fault.value} are allowed"
    yield fault.problem("TD108", message, "shorten it")


def _say_unique(fault: _Fault) -> Iterator[Problem]:
    for index, text in duplicates(fault.instance):
        message = f"'{shortened(text)}' stands twice in {fault.named}"
        yield fault.problem("TD124", message, "keep one of the two", fault.document.spot(*fault.path, index))


SAYINGS: Mapping[str, Callable[[_Fault], Iterator[Problem]]] = {
    "additionalProperties": _say_unknown,
    "required": _say_missing,
    "type": _say_type,
    "enum": _say_enum,
    "pattern": _say_pattern,
    "format": _say_format,
    "const": _say_const,
    "minimum": _say_range,
    "maximum": _say_range,
    "exclusiveMinimum": _say_range,
    "exclusiveMaximum": _say_range,
    "minItems": _say_items,
    "maxItems": _say_items,
    "maxLength": _say_long,
    "uniqueItems": _say_unique,
}
"""Who says what is wrong, for every keyword of JSON Schema that the schemas use."""


def _named(path: DataPath) -> str:
    if not path:
        return ""
    last = path[-1]
    return f"'{shortened(last)}'" if isinstance(last, str) else f"entry {last + 1} of {_named(path[:-1])}"
