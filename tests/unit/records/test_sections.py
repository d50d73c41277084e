"""The table of sections agrees with the schema and with the model."""

from trialdeck.records.model import STATEMENT_PARTS, Trial
from trialdeck.records.schema import load_schema, resolved
from trialdeck.records.sections import ENTRY_LISTS, SECTIONS, TEXT_SECTIONS

SCHEMA = load_schema("trial")


def test_every_list_of_entries_is_a_section() -> None:
    lists = [
        name
        for name, part in SCHEMA["properties"].items()
        if "id" in resolved(resolved(part, SCHEMA).get("items", {}), SCHEMA).get("properties", {})
    ]
    assert tuple(lists) == ENTRY_LISTS


def test_sections_stand_in_the_order_of_a_record() -> None:
    names = [section.property for section in SECTIONS]
    assert names == [name for name in SCHEMA["properties"] if name in names]
    assert names == [name for name in Trial.__struct_fields__ if name in names]


def test_names_of_sections_are_unique() -> None:
    assert len({section.slug for section in SECTIONS}) == len(SECTIONS)
    assert all(section.noun and section.sheet for section in SECTIONS if section not in TEXT_SECTIONS)


def test_parts_of_a_statement_are_properties() -> None:
    assert [name for name in SCHEMA["properties"] if name in STATEMENT_PARTS] == list(STATEMENT_PARTS)
    related = SCHEMA["$defs"]["related_trial"]["properties"]
    assert [name for name in related if name in STATEMENT_PARTS] == list(STATEMENT_PARTS)
