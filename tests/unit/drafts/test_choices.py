"""What may be chosen of a study: publications, results, single adverse events; and how a list is chosen from."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies import analysis, as_file, outcome, study
from trialdeck.cli.terminal.choosing import numbers_in, ranges_of
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.draft import Draft
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import drafts_of
from trialdeck.drafts.registry.choices import Choices, adverse_events, publications_of
from trialdeck.drafts.registry.study import Study


def event(term: str, affected: tuple[object, object] = (3, 4), **more: Any) -> dict[str, Any]:
    stats = [{"groupId": f"EG00{place}", "numEvents": 9, "numAffected": number, "numAtRisk": 100}
             for place, number in enumerate(affected)]  # fmt: skip
    return {"term": term, "organSystem": "Blood", "stats": stats, **more}


def with_events(
    *outcomes: dict[str, Any], serious: tuple[Any, ...] = (), other: tuple[Any, ...] = ()
) -> dict[str, Any]:
    data = study(*(outcomes or (outcome(analysis()),)))
    data["resultsSection"]["adverseEventsModule"] = {
        "timeFrame": "2 years", "frequencyThreshold": "5",
        "eventGroups": [{"id": "EG000", "title": "Placebo"}, {"id": "EG001", "title": "Dawnol 5 mg"}],
        "seriousEvents": list(serious), "otherEvents": list(other),
    }  # fmt: skip
    return data


def drafted(data: dict[str, Any], choices: Choices) -> Draft:
    (made,) = drafts_of([read_material(as_file(data), "x.json")], choices=choices)
    return made.draft


def left(draft: Draft) -> list[tuple[str, str]]:
    return [(notice.place, notice.group) for notice in draft.not_taken if notice.message == "not chosen"]


def test_a_chosen_event_is_a_result_by_arm_and_the_others_are_listed() -> None:
    data = with_events(serious=(event("Anaemia"), event("Sepsis")), other=(event("Anaemia"), event("Rash")))
    draft = drafted(data, Choices(events=frozenset({"serious adverse event 1"})))
    assert (
        "  # Registry, serious adverse event 1: Blood.\n"
        "  # Events, not patients, by arm in the registry's order: 9, 9\n"
        "  - id: anaemia-serious\n"
        "    endpoint: Anaemia (serious)\n"
        "    analysis: safety\n"
        '    timepoint: "2 years"\n'
        "    arms:\n"
        "      - name: Dawnol 5 mg\n        n: 100\n        events: 4\n"
        "      - name: Placebo\n        n: 100\n        events: 3\n"
    ) in draft.text
    assert left(draft) == [("Sepsis", "adverse events that are serious")]
    # Of the other list nothing was chosen: it is one line, as before.
    assert ("otherEvents" in {notice.place.rpartition(".")[2] for notice in draft.not_taken}) is True


def test_a_term_names_it_in_both_lists() -> None:
    data = with_events(serious=(event("Anaemia"),), other=(event("anaemia"), event("Rash")))
    draft = drafted(data, Choices(events=frozenset({"anaemia"})))
    assert "endpoint: Anaemia (serious)" in draft.text
    assert "endpoint: anaemia (not serious)" in draft.text
    assert "Such events are posted above a threshold of 5 %." in draft.text
    assert left(draft) == [("Rash", "adverse events that are not serious")]


def test_an_event_that_no_study_has_is_an_error_with_the_nearest() -> None:
    with pytest.raises(TrialdeckError, match="no study here has an adverse event 'anemia'") as caught:
        drafted(with_events(serious=(event("Anaemia"),)), Choices(events=frozenset({"anemia"})))
    assert caught.value.hint == "did you mean 'anaemia'?"


def test_an_event_whose_numbers_cannot_be_true_is_listed() -> None:
    draft = drafted(with_events(serious=(event("Anaemia", (3, 400)),)), Choices(events=frozenset({"anaemia"})))
    assert "Anaemia" not in draft.text
    assert any(
        notice.place == "serious adverse event 1" and "cannot stand" in notice.message for notice in draft.not_taken
    )


def test_only_chosen_outcomes_are_taken() -> None:
    outcomes = (
        outcome(analysis()),
        outcome(analysis(), title="Death", type="SECONDARY"),
        outcome(title="Pain", type="OTHER"),
    )
    draft = drafted(study(*outcomes), Choices(outcomes=frozenset({2, 3})))
    assert [line for line in draft.text.splitlines() if "endpoint: " in line][1:] == [
        "    endpoint: Death",
        "    endpoint: Pain",
    ]
    assert left(draft) == [("outcome 1, analysis 1", "")]


def test_an_acronym_of_ones_own_leaves_that_of_the_registry_listed() -> None:
    draft = drafted(study(outcome(analysis())), Choices(acronym="DAWN"))
    assert "acronym: DAWN\n" in draft.text
    assert "identificationModule.acronym" in {notice.place for notice in draft.not_taken}
    assert "acronym:" not in drafted(study(outcome(analysis())), Choices(acronym="")).text


def publication(citation: str, kind: str = "RESULT") -> dict[str, str]:
    return {"pmid": "33264825", "type": kind, "citation": citation}


def test_publications_are_read_as_citations_results_first() -> None:
    printed = (
        "Doe J, O'Neil-Roe AB, van der Berg C, Fox D; DAWN Investigators. Dawnol in Disease. N Engl J Med. 2020 "
        "Dec 3;383(23):2219-2229. doi: 10.1056/NEJMoa2025845. Epub 2020 Oct 23."
    )
    data = study(
        referencesModule={"references": [publication("Design of DAWN. 2015.", "BACKGROUND"), publication(printed)]}
    )
    (first, said), (second, also_said) = publications_of(Study(data))
    assert first.source == {
        "citation": "Doe J, O'Neil-Roe AB, van der Berg C, et al. Dawnol in Disease. N Engl J Med. 2020 Dec "
        "3;383(23):2219-2229. Epub 2020 Oct 23.",
        "doi": "10.1056/NEJMoa2025845",
    }
    assert second.source == {"citation": "Design of DAWN. 2015.", "url": "https://pubmed.ncbi.nlm.nih.gov/33264825/"}
    assert (said, also_said) == ("a result, says the registry", "background")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["3", "100", "EG000", "Anaemia"]),
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(
            st.sampled_from(["term", "stats", "groupId", "numAffected", "numAtRisk", "citation", "id"]),
            part,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(serious=JUNK, other=JUNK, groups=JUNK, references=JUNK)
def test_no_shape_of_events_or_publications_breaks_it(serious: Any, other: Any, groups: Any, references: Any) -> None:
    data = study(outcome(analysis()), referencesModule={"references": references})
    data["resultsSection"]["adverseEventsModule"] = {
        "eventGroups": groups,
        "seriousEvents": serious,
        "otherEvents": other,
    }
    events = [one for kind in ("serious", "other") for one in adverse_events(Study(data), kind)]
    publications_of(Study(data))
    draft = drafted(data, Choices(events=frozenset(one.term.casefold() for one in events if one.term)))
    named = {one.key for one in events if one.term}
    placed = [one for one in named if f"Registry, {one}: " in " ".join(draft.text.replace("\n  #", "").split())]
    listed = {notice.place for notice in draft.not_taken}
    assert all(one in placed or one in listed for one in named)


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [("1-3,5", {1, 2, 3, 5}), ("2", {2}), (" 1, 3 ", {1, 3}), ("1 3", {1, 3}), ("1,,3", {1, 3}),
     ("all", {1, 2, 3, 4, 5}), ("None", set()),
     ("0", None), ("6", None), ("3-1", None), ("1-", None), ("x", None), ("", None), ("999999999", None)],
)  # fmt: skip
def test_numbers_are_chosen_by_ranges(answer: str, numbers: set[int] | None) -> None:
    assert numbers_in(answer, 5) == numbers


@given(st.sets(st.integers(1, 30)))
def test_ranges_are_read_as_they_are_written(numbers: set[int]) -> None:
    assert numbers_in(ranges_of(numbers), 30) == frozenset(numbers)
