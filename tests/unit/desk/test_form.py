"""The form of a record: every property of the schema has its field, with a label in plain words and its value."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

import trialdeck as td
from conftest import RECORD
from trialdeck.desk.forms.fields import Field, sections
from trialdeck.desk.forms.filled import filled_form
from trialdeck.desk.forms.words import LABELS, Sections
from trialdeck.yamlfile.document import parse_document

FULL = RECORD.replace(
    "    audience: [student]\n",
    "    audience: [student]\n    formerly: [target]\n    guid: abc\n    review: {status: disputed, reason: Why?}\n"
    "    cloze: {binds: 'Dawnol binds {{c1::dawnin}}.'}\n    results: [rfs]\n    core: true\n    card: false\n"
    "    figures: [{file: a.png, alt: A, license: CC0}]\n    retired: {on: 2026-01-01, reason: Old.}\n",
)
NOT_PLAIN = re.compile(r"slug|yaml|mapping|markdown|\bcloze\b|boolean|string|array|null", re.IGNORECASE)


def properties_of_the_schema() -> Iterator[tuple[str, str]]:
    """Every property, with the definition that it is of."""
    schema = td.schema("trial")
    yield from (("trial", name) for name in schema["properties"])
    for entity, definition in schema["$defs"].items():
        yield from ((entity, name) for name in definition.get("properties", ()))


def fields_below(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from fields_below(field.fields)


EVERY = [field for section in sections() for field in fields_below(section.fields)]


def test_every_property_of_the_schema_has_a_field() -> None:
    assert {(field.entity, field.name) for field in EVERY} == set(properties_of_the_schema())


def test_no_word_is_kept_for_a_property_that_is_not_there() -> None:
    known = {f"{entity}.{name}" for entity, name in properties_of_the_schema()}
    known |= {f"*.{name}" for _, name in properties_of_the_schema()}
    assert set(LABELS) <= known
    assert {name for *_, names in Sections.ALL for name in names} == set(td.schema("trial")["properties"])


@pytest.mark.parametrize("field", EVERY, ids=lambda field: f"{field.entity}.{field.name}")
def test_labels_and_hints_are_plain_words(field: Field) -> None:
    assert field.label[0].isupper() or field.label[0] == "%"
    assert not NOT_PLAIN.search(f"{field.label} {field.hint}"), (field.label, field.hint)


def page_of(text: str, render: Any) -> BeautifulSoup:
    document, _ = parse_document(text.encode(), "dawn-1.yaml")
    assert document
    return BeautifulSoup(render(document.data), "html.parser")


@pytest.fixture
def render() -> Any:
    """The template of the form, as the page has it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    def opened(data: Any) -> list[tuple[str | int, ...]]:
        return [(name, index) for name, value in data.items() if isinstance(value, list) for index in range(len(value))]

    environment = Environment(loader=PackageLoader("trialdeck.desk"), autoescape=True, undefined=StrictUndefined)
    return lambda data: environment.get_template("form.html").render(form=filled_form(data, opened(data)))


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a record for which the form has one field."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path, value


def said_by(field: Tag) -> Any:
    if field["data-kind"] in {"boxes", "cites"}:
        return [box["value"] for box in field.select("input[checked]")]
    if field["data-kind"] in {"interval", "pair"}:
        return [each["value"] for each in field.select("input, option[selected]")]
    if field["data-kind"] == "tick":
        return "true" if field.has_attr("checked") else "false"
    if field["data-kind"] in {"choice", "flag"}:
        return field.select_one("option[selected]")["value"]  # type: ignore[index]
    text = field.get_text().removeprefix("\n") if field.name == "textarea" else str(field["value"])
    return text.split(", ") if field["data-kind"] == "words" else text


def test_every_value_stands_in_its_field(render: Any) -> None:
    page = page_of(FULL, render)
    data = parse_document(FULL.encode(), "dawn-1.yaml")[0]
    assert data
    fields = {field["data-path"]: field for field in page.select("[data-kind]:not(button)")}
    shown_only = {("id",), ("format",)}
    for path, value in leaves(data.data):
        if path in shown_only or path[-1] in {"id", "guid"}:
            assert value in page.get_text()
            continue
        field = fields[json.dumps(path, separators=(",", ":"))]
        said = said_by(field)
        assert (
            said == value
            if not isinstance(value, list) or field["data-kind"] == "interval"
            else set(said) == set(value)
        ), path


def test_fields_have_names_for_everybody_and_ids_of_their_own(render: Any) -> None:
    page = page_of(FULL, render)
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))
    labelled = {each["for"] for each in page.select("label[for]")}
    for field in page.select("input, select, textarea"):
        is_named = field.get("id") in labelled or field.get("aria-label") or field.find_parent("label")
        assert is_named, field
    for field in page.select("[aria-describedby]"):
        assert set(str(field["aria-describedby"]).split()) <= set(ids), field


@pytest.mark.parametrize(
    "line",
    [
        "estimate: [0.70]",
        "ci: 0.60 to 0.90",
        "arms: two",
        "audience: student",
        "source: NEJM",
        "cloze: [a]",
        "id: {a: b}",
    ],
)
def test_what_the_form_cannot_show_is_named_and_lost_nowhere(line: str, render: Any) -> None:
    name = line.partition(":")[0]
    head = "format: 1\n" if name == "id" else "format: 1\nid: dawn-1\n"
    entries = f"questions:\n  - question: Why?\n    {line}\nresults:\n  - endpoint: A\n    {line}\n"
    page = page_of(f"{head}{entries}{line}\n", render)
    odd = page.select(".kind-odd")
    assert odd
    assert all("Change it in the text" in each.get_text() for each in odd)


def test_a_record_of_nothing_has_a_form(render: Any) -> None:
    page = page_of("format: 1\nquestions:\n  - text\n  -\nresults:\nreview:\n", render)
    assert len(page.select(".entry")) == 2
    assert "another way than the form can show" in page.select(".entry")[0].get_text()
