"""The schemas: they explain themselves, they know which scalars are numbers, and their faults are put in words."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from inspect import signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from trialdeck.core.problem import Problem
from trialdeck.records import model, settings
from trialdeck.records.schema import load_schema, schema_text, typed
from trialdeck.records.validation.schema_errors import SAYINGS, validate
from trialdeck.yamlfile.document import Plain, parse_document

SCHEMA = load_schema("trial")
SCHEMAS = {name: load_schema(name) for name in ("trial", "deck", "project", "profile", "map")}

HEAD = "format: 1\nid: dawn-1\ntitle: Dawnol for Example Disease\n"


def definitions(path: str) -> Mapping[str, Any]:
    """The parts that a schema refers to; its name stands first in the path of each of its parts."""
    shared: Mapping[str, Any] = SCHEMAS[path.partition(".")[0]].get("$defs", {})
    return shared


def resolved(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = definitions(name)[schema["$ref"].removeprefix("#/$defs/")]
    return schema


def described(schema: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every part of a schema that an author can meet, with references followed, and its path."""
    schema = resolved(schema, name)
    yield name, schema
    for key, part in schema.get("properties", {}).items():
        yield from described(part, f"{name}.{key}")
    if "items" in schema:
        yield from described(schema["items"], f"{name}[]")
    if schema.get("additionalProperties"):
        yield from described(schema["additionalProperties"], f"{name}.*")
    if "propertyNames" in schema:
        yield from described(schema["propertyNames"], f"{name}.key")


PARTS = {path: part for name, schema in SCHEMAS.items() for path, part in described(schema, name)}


def faults(text: str) -> list[Problem]:
    """What the schema alone finds in a record."""
    document, problems = parse_document(text.encode(), "dawn-1.yaml")
    assert problems == ()
    assert document is not None
    return sorted(set(validate(document, typed(document.data, "trial"), "trial")))


def places(text: str) -> list[tuple[str, int, int]]:
    return [(fault.code, fault.line, fault.column) for fault in faults(text)]


def only(text: str) -> Problem:
    [fault] = faults(text)
    return fault


# The schema itself


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_a_json_schema(name: str) -> None:
    assert json.loads(schema_text(name))["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMAS[name]["$id"] == f"urn:trialdeck:{name}:1"
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_the_schemas_reach_every_corner() -> None:
    corners = {"trial.questions[].cloze.*", "trial.questions[].cloze.key", "trial.results[].arms[].percent"}
    assert corners | {"deck.select.audiences[]", "project.authors[]"} <= PARTS.keys()
    shared = [part for name in SCHEMAS for part in definitions(name).values()]
    assert {id(part) for part in PARTS.values()} >= {id(part) for part in shared}


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_title_description_and_valid_examples(name: str) -> None:
    part = PARTS[name]
    assert part["title"].strip()
    assert part["description"].strip().endswith(".")
    assert part["examples"]
    whole = {**part, "$defs": definitions(name)}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for example in part["examples"]:
        validator.validate(example)


@pytest.mark.parametrize("name", [name for name, part in PARTS.items() if "properties" in part])
def test_every_mapping_knows_its_properties(name: str) -> None:
    assert PARTS[name]["additionalProperties"] is False
    assert set(PARTS[name].get("required", [])) <= PARTS[name]["properties"].keys()


def property_names(part: str) -> set[str]:
    return set(PARTS[part]["properties"])


def field_names(kind: Any) -> set[str]:
    own = set(signature(kind).parameters)
    return (own - {"statement"}) | (field_names(model.Statement) if "statement" in own else set())


def test_the_schema_and_the_model_have_the_same_parts() -> None:
    assert property_names("trial") == field_names(model.Trial) | {"$schema", "format"}
    assert property_names("trial.source") == field_names(model.Source)
    assert property_names("trial.review") == field_names(model.Review)
    assert property_names("trial.design[]") == field_names(model.Item)
    assert property_names("trial.questions[]") == field_names(model.Question)
    assert property_names("trial.results[]") == field_names(model.Result)
    assert property_names("trial.questions[].figures[]") == field_names(model.Figure) - {"media"}
    assert property_names("trial.results[].arms[]") == field_names(model.Arm) - {"median_reached"}
    assert property_names("trial.related_trials[]") == field_names(model.RelatedTrial)
    assert property_names("trial.takeaways[]") == field_names(model.Takeaway)
    assert property_names("deck") == field_names(settings.DeckDefinition) | {"format"}
    assert property_names("deck.select") == field_names(settings.Selected)
    assert property_names("project") == field_names(settings.ProjectSettings) | {"format"}


def test_the_schema_and_the_model_have_the_same_choices() -> None:
    assert PARTS["trial.questions[].perspective"]["enum"] == list(model.Perspective)
    assert PARTS["trial.questions[].audience[]"]["enum"] == list(model.Audience)
    assert PARTS["deck.select.perspectives[]"]["enum"] == list(model.Perspective)
    assert PARTS["deck.select.audiences[]"]["enum"] == list(model.Audience)
    assert PARTS["deck.split"]["enum"] == PARTS["deck.subdecks"]["enum"] == [*settings.Split, None]
    assert PARTS["deck.order"]["enum"] == [*settings.Order, None]


def test_the_schema_and_the_model_have_the_same_defaults() -> None:
    assert PARTS["project.root"]["default"] == settings.ProjectSettings().root
    definition = settings.DeckDefinition("dawn", "Dawn")
    assert (PARTS["deck.split"]["default"], PARTS["deck.order"]["default"]) == (definition.split, definition.order)
    assert PARTS["deck.select.reviewed_only"]["default"] is definition.select.reviewed_only


@pytest.mark.parametrize("kind", [settings.ProjectSettings, settings.Selected, settings.DeckDefinition])
def test_settings_are_frozen(kind: Any) -> None:
    assert kind.__struct_config__.frozen


def test_the_schemas_agree_on_the_form_of_ids_and_names() -> None:
    slug, deck_name = PARTS["trial.topics[]"], PARTS["trial.acronym"]
    for name in ("trial.id", "deck.id", "deck.select.trials[]", "deck.select.topics[]", "deck.select.specialties[]"):
        assert (PARTS[name]["pattern"], PARTS[name]["maxLength"]) == (slug["pattern"], slug["maxLength"])
    for name in ("deck.name", "project.root"):
        assert (PARTS[name]["pattern"], PARTS[name]["maxLength"]) == (deck_name["pattern"], deck_name["maxLength"])
    assert PARTS["project.homepage"]["pattern"] == PARTS["trial.source.url"]["pattern"]


# Numbers and booleans


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0.70", "0.70"),
        ("1.10", "1.10"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1", "-1"),
        ("+1", "1"),
        ("007", "7"),
        ("1e3", "1E+3"),
    ],
)
def test_a_number_keeps_its_digits(written: str, number: str) -> None:
    value = typed({"results": [{"estimate": Plain(written)}]}, "trial")["results"][0]["estimate"]
    assert isinstance(value, Decimal)
    assert str(value) == number


@pytest.mark.parametrize(
    "written",
    [
        "0x1F",
        "0o17",
        "1_000",
        "1,000",
        "12:30",
        "2016-11-01",
        ".inf",
        "NaN",
        "1e",
        "1e9999",
        ".",
        "-",
        "½",
        "٣",
        "5 mg",
    ],
)
def test_what_is_no_decimal_number_stays_text(written: str) -> None:
    assert typed({"results": [{"estimate": Plain(written)}]}, "trial") == {"results": [{"estimate": written}]}


def test_a_quoted_number_stays_text() -> None:
    assert typed({"results": [{"estimate": "0.70"}]}, "trial") == {"results": [{"estimate": "0.70"}]}


def test_whole_numbers_are_whole() -> None:
    """As JSON Schema and so editors see it, 100.0 is one."""
    written = ("360", "-5", "100.0", "1e2", "9.5", "1e-2", "9" * 19, "1e99")
    arms = typed({"results": [{"arms": [{"n": Plain(text)} for text in written]}]}, "trial")["results"][0]["arms"]
    assert [arm["n"] for arm in arms] == [360, -5, 100, 100, "9.5", "1e-2", "9" * 19, "1e99"]
    assert [type(arm["n"]) for arm in arms] == [int] * 4 + [str] * 4


@pytest.mark.parametrize(
    "data",
    [
        {"title": Plain("1.10")},
        {"results": [{"p": Plain("0.010")}]},
        {"topics": [Plain("2016")]},
        {"questions": [{"cloze": {"a": Plain("5")}}]},
        {"review": {"on": Plain("2016-11-01")}},
        {"unknown": [{"deep": Plain("1.0")}]},
        {"results": Plain("1.0")},
        Plain("1.0"),
    ],
    ids=str,
)
def test_text_stays_plain_text(data: Any) -> None:
    result = typed(data, "trial")
    assert result == data
    while isinstance(result, (dict, list)):
        result = next(iter(result.values() if isinstance(result, dict) else result))
    assert type(result) is str


@pytest.mark.parametrize(("written", "value"), [("true", True), ("false", False), ("True", "True"), ("yes", "yes")])
def test_only_true_and_false_are_booleans(written: str, value: object) -> None:
    assert typed({"select": {"reviewed_only": Plain(written)}}, "deck") == {"select": {"reviewed_only": value}}
    assert typed({"select": {"reviewed_only": "true"}}, "deck") == {"select": {"reviewed_only": "true"}}
    assert typed({"name": Plain(written)}, "deck") == {"name": written}


def test_nothing_stays_nothing() -> None:
    assert typed({"results": None, "review": {"on": None}}, "trial") == {"results": None, "review": {"on": None}}


# Faults in words


def test_a_sound_record_has_no_fault(record_text: str) -> None:
    assert faults(record_text) == []


def assert_said(text: str, code: str, said: str, hint: str) -> None:
    """The record has one fault, at the mark `⟦`, and it is put in these words."""
    before, after = f"{HEAD}{text}\n".split("⟦")
    fault = only(before + after)
    assert (fault.code, fault.line, fault.column) == (code, before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert said in fault.message
    assert hint in fault.hint
    assert bool(hint) == bool(fault.hint)


@pytest.mark.parametrize(
    ("text", "code", "said", "hint"),
    [
        ("⟦summery: x", "TD103", "unknown property 'summery'", "did you mean 'summary'?"),
        ("source: {⟦pmid: x}", "TD103", "unknown property 'pmid'", "known here: citation, doi, registry, url"),
        ("design: [⟦{text: x}]", "TD104", "'id' is missing", "for example `id: pfs`"),
        ("takeaways: [⟦{id: a}]", "TD104", "'text' is missing", "for example `text: Weigh convenience"),
        ("topics: ⟦relapse", "TD105", "'topics' should be a list, not text", "write a list: [relapse]"),
        ("summary: ⟦[x]", "TD105", "'summary' should be text, not a list", "write one text, without"),
        ("summary: ⟦{x: y}", "TD105", "'summary' should be text, not a mapping", "a colon in it belongs in quotes"),
        ("topics: ⟦{x: y}", "TD105", "'topics' should be a list, not a mapping", "a dash and a space"),
        ("source: ⟦x", "TD105", "'source' should be a mapping of properties, not text", "`name: value`"),
        ("design: [⟦x]", "TD105", "entry 1 of 'design' should be a mapping of properties, not text", "`name:"),
        ("topics: [a, ⟦[b]]", "TD105", "entry 2 of 'topics' should be text, not a list", "write one text"),
        ("acronym: ⟦A::B", "TD108", "'A::B' cannot name a deck", "leave out :"),
        (f"acronym: ⟦{'A' * 81}", "TD108", "'acronym' has 81 characters; at most 80", "shorten"),
        ("review: {status: ⟦checked}", "TD108", "unknown status 'checked'", "allowed: unreviewed, reviewed, disputed"),
        ("design: [{id: a, text: b, perspective: ⟦Clinical}]", "TD109", "'Clinical'", "did you mean 'clinical'? allow"),
        ("takeaways: [{id: a, text: b, audience: [⟦nurse]}]", "TD110", "'nurse'", "allowed: student, resident"),
        ("takeaways: [{id: a, text: b, audience: [⟦all]}]", "TD110", "'all'", "leave the audience empty"),
        ("results: [{id: a, endpoint: b, measure: ⟦HR}]", "TD108", "'HR'", "did you mean 'hazard ratio'? allowed"),
        ("results: [{id: a, endpoint: b, measure: ⟦RR}]", "TD108", "'RR'", "mean 'risk ratio' or 'rate ratio'?"),
        ("topics: [⟦Example Disease]", "TD111", "'Example Disease' is not an id", "did you mean 'example-disease'?"),
        (f"topics: [⟦{'ß' * 60}]", "TD111", f"'{'ß' * 60}' is not an id", f"did you mean '{'s' * 80}'?"),
        ("topics: [⟦'!']", "TD111", "'!' is not an id", "write small letters"),
        ("design: [{id: a, text: b, cloze: {⟦A b: c}}]", "TD111", "'A b' is not an id", "did you mean 'a-b'?"),
        ("source: {doi: ⟦'doi:10.1000/x'}", "TD113", "'doi:10.1000/x' is not a DOI", "bare DOI"),
        ("source: {registry: ⟦NCT1}", "TD114", "'NCT1' is not a registry number", "eight digits"),
        ("source: {url: ⟦www.example.org}", "TD115", "'www.example.org' is not a web address", "https://"),
        ("review: {on: ⟦20160101}", "TD116", "'20160101' is not a date", "2016-11-01"),
        ("review: {as_of: ⟦2019-02-29}", "TD116", "'2019-02-29' is not a date", "2016-11-01"),
        ("design: [{id: a, ⟦text: }]", "TD117", "'text' is empty", "remove the line"),
        ("design: [{id: a, text: ⟦' '}]", "TD117", "'text' is empty", "remove the property"),
        ("topics: [a, ⟦~]", "TD117", "entry 2 of 'topics' is empty", "remove the line"),
        ("topics: [a, b, ⟦a]", "TD124", "'a' stands twice in 'topics'", "keep one"),
    ],
)
def test_a_fault_is_put_in_words(text: str, code: str, said: str, hint: str) -> None:
    assert_said(text, code, said, hint)


@pytest.mark.parametrize(
    ("text", "code", "said", "hint"),
    [
        ("estimate: ⟦'1'", "TD105", "'estimate' should be a number, not text", "without quotes"),
        ("estimate: ⟦1 mg", "TD105", "'estimate' should be a number, not text", "digits alone"),
        ("estimate: ⟦[1]", "TD105", "'estimate' should be a number, not a list", ""),
        ("ci: [1, ⟦x]", "TD105", "entry 2 of 'ci' should be a number, not text", "digits alone"),
        ("ci: ⟦1", "TD105", "'ci' should be a list, not text", "write a list: [0.59, 0.94]"),
        ("ci: ⟦0.6–0.9", "TD105", "'ci' should be a list, not text", "write a list: [0.6, 0.9]"),
        ("ci: ⟦-3.1 to −1.9", "TD105", "'ci' should be a list, not text", "write a list: [-3.1, -1.9]"),
        ("estimate: ⟦−2.5", "TD105", "'estimate' should be a number, not text", "write -2.5"),
        ("estimate: ⟦0·74", "TD105", "'estimate' should be a number, not text", "write 0.74"),
        ("ci: ⟦[1]", "TD119", "'ci' has 1 entries; it needs at least 2", ""),
        ("ci: ⟦[1, 2, 3]", "TD119", "'ci' has 3 entries; it needs at most 2", ""),
        ("ci_level: ⟦0", "TD118", "'ci_level' is 0; it must be at least 50", ""),
        (
            "ci_level: ⟦0.95",
            "TD118",
            "'ci_level' is 0.95; it must be at least 50",
            "the level is in per cent: write 95",
        ),
        ("ci_level: ⟦100", "TD118", "'ci_level' is 100; it must be less than 100", ""),
        ("measure: ⟦hazard", "TD108", "unknown measure 'hazard'", "did you mean 'hazard ratio'?"),
        ("arms: [{name: c, n: ⟦1.5}]", "TD105", "'n' should be a whole number, not text", "without quotes"),
        ("arms: [{name: c, n: ⟦0}]", "TD118", "'n' is 0; it must be at least 1", ""),
        ("arms: [{name: c, percent: ⟦100.5}]", "TD118", "'percent' is 100.5; it must be at most 100", ""),
        ("arms: [{name: c, median: ⟦-0.5}]", "TD118", "'median' is -0.5; it must be at least 0", ""),
        ("arms: [{name: c, median: ⟦'1'}]", "TD108", "'1' is neither a number nor", "without quotes"),
    ],
)
def test_a_fault_in_a_number_is_put_in_words(text: str, code: str, said: str, hint: str) -> None:
    assert_said(f"results: [{{id: a, endpoint: b, {text}}}]", code, said, hint)


@pytest.mark.parametrize("value", ["2", "0", "-1"])
def test_another_format_is_unknown(value: str) -> None:
    fault = only(HEAD.replace("1", value, 1))
    assert (fault.code, fault.line, fault.column) == ("TD123", 1, 9)
    assert f"format {value} is not known" in fault.message
    assert "`format: 1`" in fault.hint


@pytest.mark.parametrize("value", ["'1'", "1.5", "one", "[1]"])
def test_a_format_of_a_wrong_kind_is_one_fault(value: str) -> None:
    fault = only(HEAD.replace("1", value, 1))
    assert (fault.code, fault.line, fault.column) == ("TD105", 1, 9)
    assert "whole number" in fault.message


def test_a_choice_of_a_wrong_kind_is_one_fault() -> None:
    assert_said(
        "design: [{id: a, text: b, perspective: ⟦[clinical]}]", "TD105", "should be text, not a list", "write one text"
    )
    assert_said("design: [{id: a, text: b, ⟦perspective: }]", "TD117", "'perspective' is empty", "remove the line")


@pytest.mark.parametrize(("text", "code"), [("", "TD117"), ("# soon\n", "TD117"), ("- a", "TD105"), ("Dawn", "TD105")])
def test_a_record_is_a_mapping(text: str, code: str) -> None:
    fault = only(text)
    assert (fault.code, fault.line, fault.column) == (code, 1, 1)
    assert fault.message.startswith("the record ")
    assert fault.hint
    assert "the line" not in fault.hint


def test_everything_that_is_missing_is_named() -> None:
    assert [fault.message for fault in faults("acronym: DAWN-1\n")] == [
        "'format' is missing",
        "'id' is missing",
        "'title' is missing",
    ]


def test_every_unknown_property_is_pointed_at() -> None:
    assert places(f"{HEAD}a: 1\nsummary: x\nb: 2\n") == [("TD103", 4, 1), ("TD103", 6, 1)]


def test_every_repetition_is_pointed_at() -> None:
    assert places(f"{HEAD}topics: [a, a, b, a, b]\n") == [("TD124", 4, 13), ("TD124", 4, 19), ("TD124", 4, 22)]


def test_a_long_value_is_cut_in_what_is_said() -> None:
    assert only(f"{HEAD}source: {{doi: {'x' * 60}}}\n").message == f"'{'x' * 60}' is not a DOI"
    assert only(f"{HEAD}source: {{doi: {'x' * 61}}}\n").message == f"'{'x' * 59}…' is not a DOI"


OPTIONAL = sorted(SCHEMA["properties"].keys() - SCHEMA["required"])


def test_only_three_properties_must_hold_something() -> None:
    assert faults(HEAD + "".join(f"{name}:\n" for name in OPTIONAL)) == []
    assert places("format:\nid:\ntitle:\n") == [("TD117", 1, 1), ("TD117", 2, 1), ("TD117", 3, 1)]


@pytest.mark.parametrize("end", ["\n", "\n\n", "\\n"])
def test_a_line_break_does_not_end_an_id(end: str) -> None:
    assert [fault.code for fault in faults(f"{HEAD}topics:\n- |+\n  relapse{end}\n")] == ["TD111"]


REGISTERED = (
    "NCT01564537 ISRCTN12345678 2015-000123-42 2022-500123-42-00 ACTRN12600000000000 DRKS00000001 jRCT1031180000 "
    "jRCTs031180000 UMIN000000001 JPRN-UMIN000000001 PACTR202001234567890 NTR1234 NL1234 "
    "CTRI/2020/01/012345 ChiCTR2000012345"
)


@pytest.mark.parametrize("number", REGISTERED.split())
def test_the_registries_of_the_world_are_known(number: str) -> None:
    assert faults(f"{HEAD}source: {{registry: {number}}}\n") == []
    assert places(f"{HEAD}source: {{registry: x{number}}}\n") == [("TD114", 4, 20)]
    assert places(f"{HEAD}source: {{registry: {number}x}}\n") == [("TD114", 4, 20)]


@pytest.mark.parametrize("date", ["2016-11-01", "2020-02-29"])
def test_dates_are_days_of_the_calendar(date: str) -> None:
    assert faults(f"{HEAD}review: {{on: {date}, as_of: {date}}}\n") == []


@given(st.text(max_size=100))
def test_the_hint_for_an_id_is_an_id(text: str) -> None:
    document, _ = parse_document(b"", "dawn-1.yaml")
    assert document is not None

    def found(trial_id: str) -> list[Problem]:
        data = {"format": 1, "id": trial_id, "title": "Dawnol"}
        return [fault for fault in validate(document, data, "trial") if fault.code == "TD111"]

    for fault in found(text):
        better = re.fullmatch(r"did you mean '(.*)'\?", fault.hint)
        assert better is None or found(better[1]) == []
        assert better or fault.hint == "write small letters, digits and single hyphens"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_keyword_of_the_schema_has_a_saying(name: str) -> None:
    applied = {"$ref", "properties", "items", "propertyNames"}  # these lead to parts, which have keywords of their own
    told = {"$schema", "$id", "$defs", "title", "description", "default", "examples"}

    def keywords(schema: dict[str, Any]) -> set[str]:
        found = set(schema) - applied - told
        parts = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
        parts += [schema[name] for name in ("items", "propertyNames", "additionalProperties") if schema.get(name)]
        return found.union(*(keywords(part) for part in parts))

    assert keywords(dict(SCHEMAS[name])) <= set(SAYINGS)


def test_no_author_can_fill_the_learners_own_field() -> None:
    """`Extra` belongs to the learner: no property of any file that an author writes is called so."""
    own = {path: part for path, part in PARTS.items() if path.split(".")[0] != "map"}
    assert not [path for path in own if path.rpartition(".")[2].lower() == "extra"]
    assert [each.message for each in faults(f"{HEAD}extra: mine\n")] == ["unknown property 'extra'"]
    entry = "questions: [{id: a, perspective: clinical, question: Who?, response: I., extra: mine}]\n"
    assert [each.message for each in faults(HEAD + entry)] == ["unknown property 'extra'"]
