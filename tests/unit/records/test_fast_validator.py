"""The fast validator and jsonschema agree on which data is valid."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from folders import ROOT
from matrices import IS_FULL, examples
from trialdeck.records.schema import load_schema, schema_text, typed, types_of
from trialdeck.records.validation.fast_validator import fast_validator, fast_validator_of
from trialdeck.records.validation.schema_errors import validate
from trialdeck.records.validation.strict_keywords import Validator
from trialdeck.yamlfile.document import parse_document

Draw = Callable[[st.SearchStrategy[Any]], Any]
FILES = {
    "trial": ["seeds/*.yaml", "tests/support/broken/*.yaml", "tests/support/broken_many/*.yaml"],
    "deck": ["decks/*.yaml", "tests/support/broken_settings/deck/*.yaml"],
    "project": ["decks/project.yaml", "tests/support/broken_settings/project/*.yaml"],
}


def validator_of(schema: Any) -> Any:
    return Validator(schema, format_checker=Validator.FORMAT_CHECKER)


@cache
def validator(name: str) -> Any:
    return validator_of(load_schema(name))


@cache
def fast(schema: str) -> Callable[[Any], bool]:
    return fast_validator_of(schema)


def is_whole(value: Any) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()


def is_valid(by: Any, data: Any) -> bool:
    """What jsonschema says, but 1.0 is an integer, as JSON Schema has it: where one belongs, the reader makes none."""
    return all(
        error.validator == "type" and "integer" in types_of(error.schema) and is_whole(error.instance)
        for error in by.iter_errors(data)
    )


def exact(value: Any) -> Any:
    """What JSON text says, with the numbers that the reader makes."""
    return json.loads(json.dumps(value), parse_float=Decimal)


def definitions(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load_schema(name).get("$defs", {})
    return found


def parts(name: str) -> Iterator[dict[str, Any]]:
    """Every part of a schema, the whole first."""

    def within(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield schema
        inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
        inner += [schema[key] for key in ("items", "propertyNames", "additionalProperties") if schema.get(key)]
        for part in inner:
            yield from within(part)

    yield from within(dict(load_schema(name)))


def read(path: Path, name: str) -> Iterator[Any]:
    document, _ = parse_document(path.read_bytes(), path.name)
    if document is not None:
        yield typed(document.data, name)


@cache
def bases(name: str) -> tuple[Any, ...]:
    """What the schema has for examples, and every file of the kind."""
    paths = sorted(path for glob in FILES[name] for path in ROOT.glob(glob))
    return (*exact(load_schema(name)["examples"]), *(data for path in paths for data in read(path, name)))


def within(value: Any) -> Iterator[Any]:
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(part)


@cache
def leaves(name: str) -> tuple[Any, ...]:
    """Values of every part of a schema and of the files, near its bounds and beyond."""
    found = [value for part in parts(name) for value in exact(part.get("examples", []))]
    found += [value for base in bases(name)[:12] for value in within(base) if not isinstance(value, (dict, list))]
    found += [value for part in parts(name) for value in part.get("enum", [])]
    return tuple({repr(value): value for value in found}.values())


@cache
def names(name: str) -> tuple[str, ...]:
    return tuple(sorted({key for part in parts(name) for key in part.get("properties", {})} | {"x", "", "Id", "id\n"}))


NUMBERS = (
    st.sampled_from([-1, 0, 1, 2, 99, 100, 101, 10**18])
    | st.sampled_from(["-0.0", "0.00", "-0.1", "0.1", "1.0", "99.9", "100.0", "100.01", "1E+3"]).map(Decimal)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
TEXTS = (
    st.text(max_size=5)
    | st.sampled_from(
        ["", " ", "\n", "\x85", "0", "1", "true", "not reached", "not reached\n", "a@b.org", "NCT01564537"]
    )
    | st.sampled_from([79, 80, 81]).map(lambda length: "x" * length)
    | st.sampled_from(
        ["2016-02-29", "2015-02-29", "20160229", "2016-W01-1", "2016-02-29\n", "٢٠١٦-٠٢-٠٣", "0000-01-01"]
    )
    | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]\n?", fullmatch=True)
    | st.from_regex(r"[a-z0-9]{1,3}(-[a-z0-9]{1,3}){0,2}[\n-]?", fullmatch=True)
)
OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, [], {}, [None], [[]], ["a", "a"], [1, 1], {"x": 1}]
)


def values(name: str) -> st.SearchStrategy[Any]:
    return NUMBERS | TEXTS | OTHERS | st.sampled_from(leaves(name)).map(deepcopy)


def slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value within something."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from slots(part)


CHANGES = ["remove", "replace", "replace", "edit", "edit", "add", "repeat", "rename"]


def changed(draw: Draw, data: Any, name: str) -> Any:
    """Change one place of the data."""
    found = list(slots(data))
    if not found:
        return draw(values(name))
    holder, key = draw(st.sampled_from(found))
    change = draw(st.sampled_from(CHANGES))
    if change == "remove":
        del holder[key]
    elif change == "edit":
        holder[key] = edited(draw, holder[key])
    elif change == "add" and isinstance(holder, dict):
        holder[draw(st.sampled_from(names(name)))] = draw(values(name))
    elif change == "rename" and isinstance(holder, dict):
        holder[draw(st.sampled_from(names(name)) | TEXTS)] = holder.pop(key)
    elif change == "repeat" and isinstance(holder, list):
        holder.append(deepcopy(holder[key]))
    else:
        holder[key] = draw(values(name))
    return data


def edited(draw: Draw, value: Any) -> Any:
    if isinstance(value, str):
        return draw(
            st.sampled_from([value + "\n", value.upper(), f" {value}", value[1:], value * 20, value + ":", [value]])
        )
    if isinstance(value, (int, Decimal)):
        return draw(
            st.sampled_from([-value, value * 100, value + Decimal("0.5"), str(value), bool(value), Decimal(value)])
        )
    return None


@cache
def valid(name: str) -> tuple[Any, ...]:
    return tuple(base for base in bases(name) if validator(name).is_valid(base))


@st.composite
def mutants(draw: st.DrawFn, name: str) -> list[Any]:
    """Data that is changed once, twice and so on; each stage is kept."""
    stages = [deepcopy(draw(st.sampled_from(valid(name)) | st.sampled_from(bases(name))))]
    for _ in range(draw(st.integers(1, 4))):
        stages.append(changed(draw, deepcopy(stages[-1]), name))
    return stages


@pytest.mark.parametrize("name", FILES)
def test_files_are_judged_alike(name: str) -> None:
    said = [fast_validator(name)(data) for data in bases(name)]
    assert said == [validator(name).is_valid(data) for data in bases(name)]
    assert {True, False} == set(said)


@pytest.mark.parametrize("path", sorted(ROOT.glob("seeds/*.yaml")), ids=lambda path: path.stem)
def test_seeds_are_valid(path: Path) -> None:
    assert [fast_validator("trial")(data) for data in read(path, "trial")] == [True]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=examples(300))
@given(draw=st.data())
def test_changed_data_is_judged_alike(name: str, draw: st.DataObject) -> None:
    for data in draw.draw(mutants(name)):
        assert fast_validator(name)(data) is is_valid(validator(name), data)


def kinds_of_parts() -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """A part for everything that a schema demands anywhere."""
    seen: set[str] = set()
    for name in FILES:
        for part in parts(name):
            demanded = json.dumps({key: wanted for key, wanted in part.items() if key not in TOLD})
            if "$ref" not in part and demanded not in seen:
                seen.add(demanded)
                yield f"{name}-{len(seen)}", (name, part)


TOLD = {"title", "description", "examples", "default"}
PARTS = dict(kinds_of_parts())


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=40 if IS_FULL else 8)
@given(draw=st.data())
def test_every_part_alone_is_judged_alike(part: str, draw: st.DataObject) -> None:
    name, schema = PARTS[part]
    whole = {**schema, "$defs": definitions(name)}
    own = st.sampled_from(exact(schema["examples"])).map(deepcopy)
    data = draw.draw(own | values(name) | st.lists(own | values(name), max_size=3))
    passes, full = fast(json.dumps(whole)), validator_of(whole)
    for _ in range(4):
        assert passes(data) is is_valid(full, data)
        data = changed(draw.draw, deepcopy(data), name)


@given(st.text("0123456789-W\n٠", max_size=11) | st.dates().map(str) | TEXTS)
def test_a_date_is_what_jsonschema_takes_for_one(text: str) -> None:
    assert fast('{"format": "date"}')(text) is validator_of({"format": "date"}).is_valid(text)


@given(NUMBERS, st.integers(-100, 100), st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]))
def test_a_bound_is_exact(number: Any, bound: int, keyword: str) -> None:
    assert fast(json.dumps({keyword: bound}))(number) is validator_of({keyword: bound}).is_valid(number)


@pytest.mark.parametrize("pattern", [r"\S", r"^[^\s]$"])
def test_white_space_is_that_of_python(pattern: str) -> None:
    by = fast(json.dumps({"pattern": pattern}))
    characters = map(chr, [*range(0xD800), *range(0xE000, 0x10000)])
    wrong = [text for text in characters if by(text) is bool(re.fullmatch(r"\s", text))]
    assert wrong == ["\ufeff"], "the byte order mark, white space in JavaScript alone"


def test_what_only_jsonschema_finds_valid_is_valid() -> None:
    document, _ = parse_document((ROOT / "seeds" / "aspire.yaml").read_bytes(), "aspire.yaml")
    assert document
    data = {**typed(document.data, "trial"), "title": "\ufeff"}
    assert not fast_validator("trial")(data)
    assert list(validate(document, data, "trial")) == []


def test_white_space_is_between_brackets_in_all_schemas() -> None:
    for name in SCHEMAS:
        assert not re.search(r"\\[sS]", re.sub(r"\[[^]]*\]", "", schema_text(name)).replace('"\\\\S"', "")), name


@pytest.mark.parametrize("data", [{"population": "\ud800"}, {1: "x"}, "\ud800"], ids=repr)
def test_what_json_cannot_hold_is_not_valid(data: Any) -> None:
    assert not fast_validator("trial")(data)


SCHEMAS = sorted(path.name.partition(".")[0] for path in ROOT.glob("schemas/*.json"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_bundled_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(schema_text(name)))
    assert fast_validator(name) is fast_validator(name)


def test_what_is_valid_never_loads_jsonschema() -> None:
    program = (
        "import sys; from pathlib import Path; from trialdeck.records.load import load_record; "
        "print(load_record(Path(sys.argv[1]), 'x').problems, 'jsonschema' in sys.modules)"
    )
    seed = str(ROOT / "seeds" / "aspire.yaml")
    done = subprocess.run([sys.executable, "-c", program, seed], capture_output=True, text=True, check=True)
    assert done.stdout == "() False\n"
