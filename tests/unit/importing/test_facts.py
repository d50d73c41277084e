"""What a note says of its source: what no record gets is named."""

import pytest

from trialdeck.anki.importing.deck_map import NoteTypeMap
from trialdeck.anki.importing.facts import read_facts
from trialdeck.anki.importing.trial_name import TrialName
from trialdeck.apkg.reader import PackedNote


@pytest.mark.parametrize(
    ("fact", "html", "facts", "faults"),
    [
        ("year", "2014", {"year": "2014"}, []),
        ("year", "20155", {}, [("F", "no year of a publication")]),
        ("acronym", "DAWN-1", {"acronym": "DAWN-1"}, []),
        ("acronym", "a long name", {}, [("F", "no acronym")]),
        ("source_url", "see paper", {}, [("F", "no web address")]),
        (
            "source_url",
            '<a href="https://example.org/a">https://example.org/a</a>',
            {"url": "https://example.org/a"},
            [],
        ),
        (
            "source_url",
            "https://example.org/a https://example.org/b",
            {"url": "https://example.org/a"},
            [("F", "a second source: https://example.org/b")],
        ),
        (
            "registry",
            "NCT01564537, NCT01564538",
            {"registry": "NCT01564537"},
            [("F", "a second source: NCT01564538")],
        ),
        ("title", "", {}, []),
    ],
)
def test_what_a_fact_does_not_hold_is_named(
    fact: str, html: str, facts: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    note = PackedNote("g", "Basic", {"F": html}, (), 0, 1, ())
    assert read_facts(note, NoteTypeMap(facts={fact: "F"}), TrialName("")) == (facts, faults)
