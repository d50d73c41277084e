"""The schema for language models: each vendor's own code accepts it, and what it allows is taken whole."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.cli import main
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import drafts_of
from trialdeck.drafts.model_output.content_schema import VENDORS, WITHHELD, content_schema
from trialdeck.records.schema import load_schema


def objects(schema: dict[str, Any], depth: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a schema with their depth."""
    if "properties" in schema:
        yield depth, schema
        for part in schema["properties"].values():
            yield from objects(part, depth + 1)
    if "items" in schema:
        yield from objects(schema["items"], depth + 1)


def words(part: Any) -> Iterator[str]:
    """Yield the keywords that a schema uses."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield key
            yield from (
                (word for each in value.values() for word in words(each)) if key == "properties" else words(value)
            )


def test_it_is_derived_from_the_schema_of_records() -> None:
    own, records = content_schema()["properties"], load_schema("trial")["properties"]
    assert set(own) <= set(records)
    assert set(records) - set(own) >= {"results", "review", "id", "format", "figures"}
    entries = own["questions"]["items"]["properties"]
    assert {"perspective", "audience", "question", "response", "cloze"} <= set(entries)
    assert not WITHHELD & {name for _, part in objects(content_schema()) for name in part["properties"]}


def test_it_says_of_each_part_what_belongs_there() -> None:
    for _, part in objects(content_schema()):
        assert all(described["description"] for described in part["properties"].values())


def test_openai_strict_mode_has_nothing_to_add() -> None:
    pydantic = pytest.importorskip("openai.lib._pydantic", reason="openai is not installed")
    schema = content_schema("openai")
    assert pydantic._ensure_strict_json_schema(deepcopy(schema), path=(), root=schema) == schema


def test_it_keeps_within_the_published_limits_of_strict_modes() -> None:
    schema = content_schema("openai")
    parts = list(objects(schema))
    assert max(depth for depth, _ in parts) <= 5
    assert sum(len(part["properties"]) for _, part in parts) <= 100
    assert all(part["required"] == list(part["properties"]) for _, part in parts)
    assert all(part["additionalProperties"] is False for _, part in parts)
    allowed = {"title", "description", "type", "properties", "required", "additionalProperties", "items", "enum"}
    assert set(words(schema)) <= allowed
    assert len(json.dumps(schema)) < 100_000


def test_anthropic_transforms_it_into_itself() -> None:
    anthropic = pytest.importorskip("anthropic", reason="anthropic is not installed")
    schema = content_schema("anthropic")
    assert anthropic.transform_schema(deepcopy(schema)) == schema


def test_gemini_takes_it_as_a_schema_of_its_own() -> None:
    transformers = pytest.importorskip("google.genai._transformers", reason="google-genai is not installed")
    types = pytest.importorskip("google.genai.types")
    schema = content_schema("gemini")
    processed = deepcopy(schema)
    transformers.process_schema(processed, None)
    assert processed == schema
    taken = types.Schema.model_validate(schema)
    assert taken.properties["questions"].items.property_ordering == list(
        schema["properties"]["questions"]["items"]["properties"]
    )
    assert types.GenerateContentConfig(response_json_schema=schema, response_mime_type="application/json")


def test_gemini_takes_the_general_form_as_json_schema() -> None:
    types = pytest.importorskip("google.genai.types", reason="google-genai is not installed")
    made = types.Schema.from_json_schema(
        json_schema=types.JSONSchema.model_validate(content_schema()), raise_error_on_unsupported_field=True
    )
    assert set(made.properties) == set(content_schema()["properties"])


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_command_prints_it(vendor: str) -> None:
    result = CliRunner().invoke(main, ["schema", "trial", "--for", vendor])
    assert result.exit_code == 0
    printed = json.loads(result.output)
    assert printed == content_schema(vendor)
    jsonschema.Draft202012Validator.check_schema(printed)


def test_only_trials_are_written_by_models() -> None:
    result = CliRunner().invoke(main, ["schema", "deck", "--for", "openai"])
    assert result.exit_code == 2
    assert "--for goes with trial" in result.output


WORDS = st.lists(st.text("abcdefghij", min_size=3, max_size=8), min_size=2, max_size=4).map(" ".join)
FORMS = {
    "doi": st.from_regex(r"10\.[0-9]{4,6}/[a-z]{3,8}", fullmatch=True),
    "registry": st.from_regex(r"NCT[0-9]{8}", fullmatch=True),
    "url": st.from_regex(r"https://example\.org/[a-z]{3,8}", fullmatch=True),
    "acronym": st.from_regex(r"[A-Z]{4,8}-[1-9]", fullmatch=True),
    "cloze": st.tuples(WORDS, WORDS).map(lambda parts: f"{parts[0]} {{{{c1::{parts[1]}}}}}"),
}


def values(name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return what a part of the schema allows, in the forms that its description asks for."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "object":
        return st.fixed_dictionaries({key: values(key, part) for key, part in schema["properties"].items()})
    if schema["type"] == "array":
        return st.lists(values(name, schema["items"]), max_size=3)
    if schema["type"] == "boolean":
        return st.booleans()
    text = FORMS.get(name, WORDS)
    return text if name in {"title", "question", "response", "text", "name", "cloze"} else text | st.just("")


@settings(max_examples=examples(40), deadline=None)
@given(values("", content_schema()))
def test_what_the_schema_allows_is_taken_whole(output: dict[str, Any]) -> None:
    jsonschema.validate(output, content_schema())
    material = read_material(json.dumps(output).encode(), "trial.json")
    (drafted,) = drafts_of([material])
    # Two entries of random words may say the same, and a trial may be named as its own related trial.
    left = [notice for notice in drafted.draft.not_taken if "the same as" not in notice.message]
    assert left == []
    told = [*(notice.text for notice in drafted.draft.not_taken), drafted.draft.text]
    record = " ".join(" ".join(told).split())
    for text in (output["title"], output["summary"], *(entry["response"] for entry in output["questions"])):
        assert text in record
    for entry in (*output["key_findings"], *output["questions"]):
        assert all(statement in record for statement in entry["cloze"])
