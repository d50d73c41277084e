"""Editors that read the published schemas say what `check` says, and their programs can read the schemas."""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from folders import ROOT
from mutations import REFUSED, TAKEN, Mutation, mutated
from trialdeck.records.load import load_record_text
from trialdeck.records.schema import load_schema, schema_text
from trialdeck.yamlfile.document import parse_document

SEEDS = sorted(ROOT.glob("seeds/*.yaml"))
NAMES = ("trial", "deck", "project", "profile", "map")
AJV = shutil.which("ajv")
"""The command of ajv-cli; ajv-formats is installed beside it."""


class CoreLoader(yaml.CSafeLoader):
    """YAML 1.2 in its core schema, as editors read it: no dates, no `yes`, no `1_000`."""


CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+0123456789.")),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda _, node: float(node.value))


@cache
def published() -> Any:
    """A validator of the schema as an editor reads it."""
    return Draft202012Validator(json.loads(schema_text("trial")), format_checker=Draft202012Validator.FORMAT_CHECKER)


def editor_takes(text: str) -> bool:
    return bool(published().is_valid(yaml.load(text, Loader=CoreLoader)))


def check_takes(text: str) -> bool:
    document, problems = parse_document(text.encode(), "record.yaml")
    assert document, problems
    return not load_record_text(text.encode(), "record.yaml").problems


@cache
def mutant(mutation: Mutation) -> str:
    """One of the shipped records with a mutation; which one depends on the mutation."""
    first = len(str(mutation)) % len(SEEDS)
    texts = (path.read_text(encoding="utf-8") for path in (*SEEDS[first:], *SEEDS[:first]))
    return next(text for each in texts if (text := mutated(each, mutation)) is not None)


def test_the_shipped_records_are_taken() -> None:
    for path in SEEDS:
        text = path.read_text(encoding="utf-8")
        assert check_takes(text)
        assert editor_takes(text)


def test_there_are_many_mutations() -> None:
    assert len(REFUSED) >= 85
    assert len(TAKEN) >= 85
    assert len({*REFUSED, *TAKEN}) == len(REFUSED) + len(TAKEN)


@pytest.mark.parametrize("mutation", REFUSED, ids=str)
def test_what_check_refuses_editors_refuse(mutation: Mutation) -> None:
    assert (check_takes(mutant(mutation)), editor_takes(mutant(mutation))) == (False, False)


@pytest.mark.parametrize("mutation", TAKEN, ids=str)
def test_what_check_takes_editors_take(mutation: Mutation) -> None:
    assert (check_takes(mutant(mutation)), editor_takes(mutant(mutation))) == (True, True)


# --- programs


def test_no_pattern_has_an_escape_that_javascript_refuses() -> None:
    """With the flag `u`, which ajv sets, only marks of the syntax and `/` may be escaped."""
    for name in NAMES:
        for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', schema_text(name)):
            escapes = re.findall(r"\\(.)", json.loads(pattern))
            assert set(escapes) <= set("sSdDwWnrt^$\\.*+?()[]{}|/-"), pattern


def test_no_value_has_two_types() -> None:
    """In its strict mode ajv refuses a choice of types, other than null; alternatives stand under `anyOf`."""

    def choices(part: Any) -> Any:
        if isinstance(part, dict):
            types = part.get("type")
            if isinstance(types, list):
                yield set(types) - {"null"}
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from choices(inner)

    for name in NAMES:
        found = list(choices(json.loads(schema_text(name))))
        assert found
        assert all(len(types) == 1 for types in found), name


def test_every_text_that_may_look_like_a_number_has_that_alternative() -> None:
    """A text that the schema gives neither a choice nor the form of an address, a date or a number of a registry."""

    def texts(part: Any, path: str = "") -> Any:
        if isinstance(part, dict):
            types = part.get("type", [])
            if "string" in types and not {"enum", "format"} & part.keys():
                yield path, part
            for key, inner in part.items():
                yield from texts(inner, f"{path}/{key}")
        elif isinstance(part, list):
            for number, inner in enumerate(part):
                yield from texts(inner, f"{path}/{number}")

    closed = ("^10", "^http", "^(http", "^(NCT", "^not reached$", "^[A-Za-z]{2,3}")
    for name in NAMES:
        for path, part in texts(json.loads(schema_text(name))):
            is_open = not part.get("pattern", "").startswith(closed) and "propertyNames" not in path
            assert ("/anyOf/0" in path) is is_open or not is_open, f"{name}{path}"


def test_the_alternatives_of_editors_stay_in_the_published_schemas() -> None:
    for name in NAMES:
        assert "anyOf" not in json.dumps(load_schema(name))
        assert "as_text" not in json.dumps(load_schema(name))


@pytest.mark.skipif(not AJV, reason="ajv (npm: ajv-cli, ajv-formats) is not installed")
def test_ajv_says_what_check_says(tmp_path: Path) -> None:
    schema = tmp_path / "trial.schema.json"
    schema.write_text(schema_text("trial"), encoding="utf-8")
    for wanted, mutations in (("invalid", REFUSED), ("valid", TAKEN)):
        folder = tmp_path / wanted
        folder.mkdir()
        for number, mutation in enumerate(mutations):
            data = yaml.load(mutant(mutation), Loader=CoreLoader)
            (folder / f"{number:03}.json").write_text(json.dumps(data), encoding="utf-8")
        assert AJV
        words = [AJV, "validate", "--spec=draft2020", "--strict=true", "-c", "ajv-formats", "-s", str(schema)]
        # Into a file: node ends before all that it has written into a pipe is there.
        with (tmp_path / "output").open("w", encoding="utf-8") as output:
            subprocess.run([*words, "-d", f"{folder}/*.json"], stdout=output, stderr=output, check=False)
        text = (tmp_path / "output").read_text(encoding="utf-8")
        said = re.findall(r"(\d{3})\.json (valid|invalid)", text)
        assert sorted(said) == [(f"{number:03}", wanted) for number in range(len(mutations))], text[:2000]
