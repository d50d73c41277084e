"""A registry file becomes a record: digits, arms, and everything that cannot be taken; each trap is a test."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from matrices import examples
from studies import ARMS, GROUPS, analysis, as_file, outcome, study
from trialdeck.cli.output.problems import drafted_text
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.draft import Draft
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import drafts_of
from trialdeck.drafts.registry.choices import Choices
from trialdeck.drafts.registry.measures import measure_of
from trialdeck.drafts.registry.study import Study, studies_in
from trialdeck.drafts.registry.texts import number, p_value, plain
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text

SAMPLES = Path(__file__).parents[4] / "shared" / "registry"
ANALYSES = {"NCT00763412": 0, "NCT01874431": 35, "NCT02540993": 6, "NCT02545049": 6, "NCT02552212": 10}


def drafted(data: object, *, everything: bool = False) -> Draft:
    (made,) = drafts_of([read_material(as_file(data), "x.json")], choices=Choices(everything))
    assert [
        part for part in problems_of(load_record_text(made.draft.text.encode(), "x")) if part.severity is Severity.ERROR
    ] == []
    return made.draft


def record_of(data: object, **options: bool) -> dict[str, Any]:
    record: dict[str, Any] = yaml.load(drafted(data, **options).text, Loader=yaml.BaseLoader)
    return record


def only(*analyses: dict[str, Any], **fields: Any) -> dict[str, Any]:
    (result,) = record_of(study(outcome(*analyses, **fields)))["results"]
    return dict(result)


def reasons(*outcomes: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (part.place, part.message) for part in drafted(study(*outcomes)).not_taken if part.place.startswith("outcome ")
    ]


def test_an_analysis_is_taken_digit_by_digit_on_the_right_arms() -> None:
    result = only(analysis())
    assert result == {
        "id": "relapse", "endpoint": "Relapse", "analysis": "primary", "timepoint": "Up to 24 months",
        "population": "Full analysis set", "measure": "hazard ratio", "estimate": "0.860", "ci": ["0.747", "0.990"],
        "ci_level": "95", "p": "0.0014", "hypothesis": "superiority", "method": "Log Rank",
        "arms": [{"name": "Dawnol 5 mg", "n": "100", "events": "50"}, {"name": "Placebo", "n": "100", "events": "60"}],
        "source": {"citation": "ClinicalTrials.gov, results posted 2021-07-19", "registry": "NCT01234567"},
    }  # fmt: skip


def test_numbers_that_the_file_has_as_numbers_keep_their_digits() -> None:
    text = json.dumps(study(outcome(analysis(paramValue=0.5)))).replace("0.5,", "0.860,")
    (made,) = drafts_of([read_material(text.encode(), "x.json")])
    assert "estimate: 0.860\n" in made.draft.text


@pytest.mark.parametrize("wrap", [lambda data: data, lambda data: {"study": data}, lambda data: {"studies": [data]}])
def test_a_study_is_found_in_every_wrapping(wrap: Any) -> None:
    record = record_of(wrap(study(outcome(analysis()))))
    assert (record["id"], record["acronym"], record["title"]) == ("dawn-1", "DAWN-1", "Dawnol in Disease")
    assert (record["tested"], record["comparator"], record["endpoint"]) == ("Dawnol 5 mg", "Placebo", "Relapse")


def test_without_an_acronym_the_id_is_the_registry_number() -> None:
    data = study(identificationModule={"nctId": "NCT01234567", "briefTitle": "The GREAT drug in X"})
    record = record_of(data)
    assert (record["id"], record["title"], record.get("acronym")) == ("nct01234567", "The GREAT drug in X", None)


@pytest.mark.parametrize(
    ("posted", "meant"),
    [("mL&#x2F;min", "mL/min"), ("&lt; 60", "< 60"), ("<p>One</p><p>two</p>", "One two"), (r"\> 5 \[a\]", "> 5 [a]"),
     ("m<sup>2</sup>", "m^2"), ("a < b and c > d", "a < b and c > d"), ("&amp;lt;5", "<5"), ("\u200b", "")],
)  # fmt: skip
def test_texts_read_as_the_site_shows_them(posted: str, meant: str) -> None:
    assert plain(posted) == meant


@pytest.mark.parametrize(
    ("posted", "meant"),
    [("= 0.0014", "0.0014"), ("< .0001", "<0.0001"), ("<0.001", "<0.001"), ("0.0406", "0.0406"), ("p=0.03", "0.03"),
     (">0.99", ">0.99"), ("<=0.05", "≤0.05"), ("NS", ""), ("0.01; 0.02", ""), ("", "")],
)  # fmt: skip
def test_p_values_keep_sign_and_digits(posted: str, meant: str) -> None:
    assert p_value(posted) == meant


@pytest.mark.parametrize(
    ("posted", "meant"),
    [("0.860", "0.860"), ("-.5", "-0.5"), ("−2.10", "-2.10"), ("1,234", ""), ("NA", ""), ("007", "7")],
)
def test_numbers_keep_their_digits(posted: str, meant: str) -> None:
    assert number(posted) == meant


@pytest.mark.parametrize(
    ("posted", "kind", "measure"),
    [
        ("Hazard Ratio (HR)", "", "hazard ratio"), ("Odds Ratio (OR)", "", "odds ratio"),
        ("Risk Ratio (RR)", "", "risk ratio"), ("Mean Difference (Final Values)", "", "mean difference"),
        ("LS Mean Difference", "", "mean difference"), ("Least squares mean difference", "", "mean difference"),
        ("Ratio of least squares means", "", "ratio of means"), ("Least square mean ratio", "", "ratio of means"),
        ("Geometric Mean Ratio", "", "ratio of geometric means"), ("Risk Difference (RD)", "", "risk difference"),
        ("Difference", "LEAST_SQUARES_MEAN", "mean difference"), ("Rate Ratio", "", "rate ratio"),
        ("Difference", "NUMBER", None), ("Hazard Ratio, log", "", None), ("Odds Ratio, log", "", None),
        ("Slope", "", None),
        ("Median Difference (Final Values)", "", None), ("Hodges-Lehmann", "", None), ("1 - Hazard Ratio", "", None),
        ("Ratio", "", None), ("", "", None),
    ],
)  # fmt: skip
def test_a_measure_is_known_or_listed_never_bent(posted: str, kind: str, measure: str | None) -> None:
    found = measure_of(posted, kind)
    assert (found.name if found else None) == measure


def test_what_was_concluded_is_marked_beside_the_result_and_counted() -> None:
    made = drafted(study(outcome(analysis(paramType="Difference"), paramType="MEAN", unitOfMeasure="mmHg")))
    assert '# inferred: measure: the registry says "Difference", of means' in made.text
    assert "inferred (arm order, population, measure)" in made.balance


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"paramType": "Slope"}, '"Slope" 0.860 (95 % 0.747 to 0.990) is no measure that a record knows'),
        ({"ciNumSides": "ONE_SIDED"}, "Hazard Ratio (HR) 0.860 (95 % 0.747 to 0.990): its interval has one side"),
        ({"ciLowerLimit": None, "ciUpperLimit": None}, "Hazard Ratio (HR) 0.860: no interval is posted"),
        ({"ciUpperLimit": "NA"}, "Hazard Ratio (HR) 0.860 (95 % 0.747 to NA): a bound of its interval is not a number"),
        ({"paramType": None, "paramValue": None}, "no estimate, only a P value: = 0.0014 (Log Rank)"),
        ({"groupIds": ["OG000", "OG009"]}, "it names a group that the outcome does not list: OG009"),
        ({"groupIds": ["OG001"]}, "it concerns 1 group; an estimate compares two"),
        ({"paramValue": "1.2"}, "the numbers as posted cannot stand in a record"),
    ],
)
def test_an_analysis_that_is_not_taken_is_listed_with_the_reason(fields: dict[str, Any], reason: str) -> None:
    ((place, message),) = reasons(outcome(analysis(**fields)))
    assert place == "outcome 1, analysis 1"
    assert message.startswith(reason)


def test_a_p_value_of_non_inferiority_is_never_one_of_superiority() -> None:
    assert only(analysis(nonInferiorityType="NON_INFERIORITY"))["hypothesis"] == "noninferiority"
    named = analysis(
        nonInferiorityType="NON_INFERIORITY_OR_EQUIVALENCE", nonInferiorityComment="Non-inferiority, margin 1.3"
    )
    assert only(named)["hypothesis"] == "noninferiority"
    made = drafted(study(outcome(analysis(nonInferiorityType="NON_INFERIORITY_OR_EQUIVALENCE"))))
    assert "\n    p:" not in made.text
    assert "P value, not taken (of non-inferiority or equivalence" in made.text


def test_a_one_sided_test_beside_a_two_sided_interval_is_named_and_the_level_is_kept() -> None:
    result = only(analysis(statisticalMethod="t-test, 1 sided", ciPctValue="96.85"))
    assert (result["p"], result["ci_level"]) == ("0.0014 (one-sided)", "96.85")


def test_thresholds_and_hierarchy_that_stand_in_prose_are_beside_the_result() -> None:
    made = drafted(
        study(outcome(analysis(pValueComment="Significant if p &lt; 0.033", nonInferiorityComment="Tested second.")))
    )
    assert "# P value: Significant if p < 0.033" in made.text
    assert "# Hypothesis: Tested second." in made.text


def test_several_pairs_of_arms_are_several_results_with_readable_ids() -> None:
    groups = [*GROUPS, {"id": "OG002", "title": "Dawnol 10 mg"}]
    data = study(outcome(analysis(), analysis(groupIds=["OG002", "OG000"]), groups=groups))
    results = record_of(data)["results"]
    assert [result["id"] for result in results] == ["relapse-dawnol-5-mg", "relapse-dawnol-10-mg"]
    assert [[arm["name"] for arm in result["arms"]] for result in results] == [
        ["Dawnol 5 mg", "Placebo"], ["Dawnol 10 mg", "Placebo"],
    ]  # fmt: skip


def test_an_interval_of_an_arm_is_never_that_of_the_effect() -> None:
    cells = [{"groupId": "OG000", "value": "-1.0", "lowerLimit": "-2.0", "upperLimit": "0.1"},
             {"groupId": "OG001", "value": "-3.50", "lowerLimit": "-4.5", "upperLimit": "-2.5"}]  # fmt: skip
    result = only(
        analysis(paramType="LS Mean Difference", paramValue="-2.5", ciLowerLimit="-3.9", ciUpperLimit="-1.1"),
        paramType="LEAST_SQUARES_MEAN", dispersionType="90% Confidence Interval", unitOfMeasure="mL&#x2F;min",
        classes=[{"categories": [{"measurements": cells}]}],
    )  # fmt: skip
    assert (result["ci"], result["unit"]) == (["-3.9", "-1.1"], "mL/min")
    assert result["arms"][0] == {
        "name": "Dawnol 5 mg",
        "n": "100",
        "mean": "-3.50",
        "ci": ["-4.5", "-2.5"],
        "ci_level": "90",
    }


@pytest.mark.parametrize(
    ("fields", "arm"),
    [
        ({"paramType": "MEAN", "dispersionType": "Standard Deviation"}, {"mean": "50", "sd": "2.10"}),
        ({"paramType": "MEAN", "dispersionType": "Standard Error"}, {"mean": "50", "se": "2.10"}),
        ({"paramType": "MEDIAN"}, {"median": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "percentage of participants"}, {"percent": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "participants"}, {"events": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "participants who died"}, {"events": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "Number of patients with relapse"}, {"events": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "participants with relapse per site"}, {}),
        ({"paramType": "NUMBER", "unitOfMeasure": "patients with relapse (%)"}, {"percent": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "patient visits"}, {}),
        ({"paramType": "NUMBER", "unitOfMeasure": "Patients with event/100 pt-yrs"}, {}),
        ({"paramType": "NUMBER", "unitOfMeasure": "events per 100 patient-years"}, {"rate": "50"}),
        ({"paramType": "NUMBER", "unitOfMeasure": "lesions"}, {}),
        ({"paramType": "COUNT_OF_UNITS", "unitOfMeasure": "eyes"}, {}),
    ],
)
def test_values_of_arms_go_where_they_belong(fields: dict[str, str], arm: dict[str, str]) -> None:
    cells = [{"groupId": group["id"], "value": "50", "spread": "2.10"} for group in GROUPS]
    first = only(analysis(), classes=[{"categories": [{"measurements": cells}]}], **fields)["arms"][0]
    assert {name: value for name, value in first.items() if name not in ("name", "n", "rate_unit")} == arm


def test_a_median_that_was_not_reached_says_so_and_why() -> None:
    cells = [{"groupId": "OG000", "value": "14.7"}, {"groupId": "OG001", "value": "NA", "comment": "Too few events"}]
    made = drafted(study(outcome(analysis(), paramType="MEDIAN", classes=[{"categories": [{"measurements": cells}]}])))
    assert "median: not reached" in made.text
    assert "NA (Too few events)" in made.text.replace("\n  # ", " ")


def test_denominators_that_are_no_participants_are_no_patients() -> None:
    made = drafted(
        study(outcome(analysis(), denoms=[{"units": "Eyes", "counts": [{"groupId": "OG000", "value": "180"}]}]))
    )
    assert "\n        n:" not in made.text
    assert "counts Eyes, not participants" in made.text.replace("\n  # ", " ")


def test_classes_without_an_analysis_are_several_results() -> None:
    cells = [{"groupId": group["id"], "value": "5"} for group in GROUPS]
    classes = [
        {"title": "Fat", "categories": [{"measurements": cells}]},
        {"title": "Lean", "categories": [{"measurements": cells}]},
    ]
    results = record_of(study(outcome(paramType="MEAN", unitOfMeasure="%", classes=classes)))["results"]
    assert [(result["id"], result["endpoint"]) for result in results] == [
        ("relapse-fat", "Relapse: Fat"),
        ("relapse-lean", "Relapse: Lean"),
    ]


def test_two_outcomes_of_one_title_are_two_results() -> None:
    data = study(outcome(analysis()), outcome(analysis(), timeFrame="Up to 48 months"))
    results = record_of(data)["results"]
    assert [(result["id"], result["timepoint"]) for result in results] == [
        ("relapse", "Up to 24 months"), ("relapse-2", "Up to 48 months"),
    ]  # fmt: skip


def test_other_outcomes_bare_values_and_concentrations_are_taken_on_request_only() -> None:
    outcomes = (
        outcome(analysis(), type="OTHER_PRE_SPECIFIED"), outcome(type="SECONDARY"),
        outcome(title="Plasma concentration"),
    )  # fmt: skip
    assert [place for place, _ in reasons(*outcomes)] == ["outcome 3", "outcome 2", "outcome 1, analysis 1"]
    assert len(record_of(study(*outcomes), everything=True)["results"]) == 3


def test_deaths_and_serious_events_are_results_of_safety() -> None:
    groups = [
        {"id": "EG000", "title": "Placebo", "deathsNumAffected": 9, "deathsNumAtRisk": 100, "otherNumAffected": 3},
        {"id": "EG001", "title": "Dawnol 5 mg", "deathsNumAffected": 4, "deathsNumAtRisk": 98, "otherNumAffected": 5},
    ]
    data = study()
    data["resultsSection"] = {
        "adverseEventsModule": {"eventGroups": groups, "timeFrame": "2 years", "otherEvents": [{}]}
    }
    (result,) = record_of(data)["results"]
    assert (result["id"], result["analysis"], result["timepoint"]) == ("deaths", "safety", "2 years")
    assert result["arms"][0] == {"name": "Dawnol 5 mg", "n": "98", "events": "4"}
    assert "adverseEventsModule.otherEvents" in [part.place for part in drafted(data).not_taken]


def test_publications_are_proposed_never_chosen() -> None:
    references = [{"pmid": "1", "type": "RESULT", "citation": "A paper about games."}, {"pmid": "2", "type": "DERIVED"}]
    made = drafted(study(referencesModule={"references": references}))
    assert "# proposed, one of the publications: PMID 1, A paper about games." in made.text
    assert yaml.safe_load(made.text)["source"] == {"registry": "NCT01234567"}
    assert "reference 2" in [part.place for part in made.not_taken]


def test_arms_that_cannot_be_told_apart_keep_the_order_of_the_registry() -> None:
    arms = [{**ARMS[0], "label": "A"}, {**ARMS[0], "label": "B"}]
    groups = [{"id": "OG000", "title": "A"}, {"id": "OG001", "title": "B"}]
    data = study(outcome(analysis(), groups=groups), armsInterventionsModule={"armGroups": arms})
    assert [arm["name"] for arm in record_of(data)["results"][0]["arms"]] == ["A", "B"]
    assert "which one is experimental is not clear" in drafted(data).text.replace("\n  # ", " ")


def test_groups_of_a_crossover_are_told_apart_by_the_name_of_the_control() -> None:
    arms = [{**ARMS[0], "label": "Placebo, then Dawnol"}, {**ARMS[0], "label": "Dawnol, then Placebo"}]
    data = study(outcome(analysis()), armsInterventionsModule={"armGroups": arms})
    assert [arm["name"] for arm in record_of(data)["results"][0]["arms"]] == ["Dawnol 5 mg", "Placebo"]


def test_an_analysis_of_an_outcome_with_classes_is_taken_without_values_of_arms() -> None:
    cells = [{"groupId": group["id"], "value": "5"} for group in GROUPS]
    classes = [{"title": title, "categories": [{"measurements": cells}]} for title in ("Week 4", "Week 8")]
    made = drafted(study(outcome(analysis(), classes=classes)))
    (result,) = yaml.safe_load(made.text)["results"]
    assert result["arms"] == [{"name": "Dawnol 5 mg", "n": 100}, {"name": "Placebo", "n": 100}]
    assert "The outcome has 2 classes" in made.text


def test_every_field_that_has_no_place_is_listed() -> None:
    data = study(oversightModule={"oversightHasDmc": True}, somethingNew={"field": "value"})
    data["documentSection"] = {"largeDocumentModule": {"noSap": False}}
    places = {part.place for part in drafted(data).not_taken}
    assert {"oversightModule.oversightHasDmc", "somethingNew.field", "largeDocumentModule.noSap"} <= places


def printed(data: object) -> list[str]:
    (made,) = drafts_of([read_material(as_file(data), "x.json")])
    return list(drafted_text(made, ""))


def test_fields_that_say_nothing_of_the_trial_share_a_line_for_each_module() -> None:
    lines = printed(study(oversightModule={"oversightHasDmc": True, "isFdaRegulatedDrug": False}))
    assert "x.json:oversightModule: no place in a record: 2 fields (oversightHasDmc, isFdaRegulatedDrug)" in lines


def test_fields_that_an_author_may_want_to_read_have_a_line_each() -> None:
    protocol = {"eligibilityCriteria": "Adults.", "sex": "ALL", "minimumAge": "18 Years"}
    events = {"seriousEvents": [{"term": "Stroke"}], "otherEvents": [{"term": "Nausea"}]}
    lines = printed(study(eligibilityModule=protocol, adverseEventsModule=events))
    assert "x.json:eligibilityModule.eligibilityCriteria: no place in a record: Adults." in lines
    assert "x.json:eligibilityModule: no place in a record: 2 fields (sex, minimumAge)" in lines
    assert "x.json:adverseEventsModule.seriousEvents: no place in a record: 1 entry" in lines
    assert "x.json:adverseEventsModule.otherEvents: no place in a record: 1 entry" in lines


@pytest.mark.parametrize(("citation", "shown"), [
    ("Doe J, Roe R; DAWN Group. Dawnol and sleep. J Ex. 2020.", "PMID 2, Doe J et al. Dawnol and sleep. J Ex. 2020."),
    ("Dawnol and sleep", "PMID 2, Dawnol and sleep"),
])  # fmt: skip
def test_a_publication_that_is_not_proposed_is_listed_with_its_title(citation: str, shown: str) -> None:
    references = [{"pmid": "2", "type": "DERIVED", "citation": citation}]
    message = "x.json:reference 1: a publication that the registry does not call a result (DERIVED): "
    assert f"{message}{shown}" in printed(study(referencesModule={"references": references}))


def test_a_study_with_nothing_to_ask_about_is_refused() -> None:
    with pytest.raises(TrialdeckError, match="nothing to ask about"):
        drafted({"protocolSection": {"identificationModule": {"nctId": "NCT01234567"}}})


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of the registry are not here")
@pytest.mark.parametrize("name", ANALYSES)
def test_every_posted_analysis_of_real_studies_is_taken_digit_by_digit_or_listed(name: str) -> None:
    content = (SAMPLES / f"{name}.json").read_bytes()
    (posted,) = studies_in(json.loads(content, parse_float=str, parse_int=str))
    outcomes = posted["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"]
    analyses = [part for each in outcomes for part in each.get("analyses", [])]
    (made,) = drafts_of([read_material(content, name)])
    results = yaml.load(made.draft.text, Loader=yaml.BaseLoader)["results"]
    stated = Counter((part["estimate"], *part["ci"]) for part in results if "estimate" in part)
    assert len(analyses) == ANALYSES[name]
    assert stated == Counter((part["paramValue"], part["ciLowerLimit"], part["ciUpperLimit"]) for part in analyses)
    errors = [
        part for part in problems_of(load_record_text(made.draft.text.encode(), "x")) if part.severity is Severity.ERROR
    ]
    assert errors == []


WORDS = [
    "OG000",
    "OG001",
    "0.860",
    "NA",
    "PRIMARY",
    "SECONDARY",
    "MEAN",
    "MEDIAN",
    "NUMBER",
    "Hazard Ratio (HR)",
    "&lt;.1",
]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 500), st.text(max_size=8), st.sampled_from(WORDS))
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def mutated(node: Any, draw: st.DrawFn) -> Any:
    """Return JSON in which any part may be something else."""
    if draw(st.integers(0, 25)) == 0:
        return draw(JUNK)
    if isinstance(node, dict):
        return {name: mutated(value, draw) for name, value in node.items() if draw(st.integers(0, 25))}
    return [mutated(part, draw) for part in node] if isinstance(node, (list, tuple)) else node


def a_class(title: str, low: str, high: str) -> dict[str, Any]:
    measured = [{"groupId": "OG000", "value": low}, {"groupId": "OG001", "value": high}]
    return {"title": title, "categories": [{"measurements": measured}]}


CLASSES = [a_class("Month 12 (n=100, 99)", "60", "50"), a_class("Month 24", "70", "65"), a_class("Improved", "5", "6")]


@st.composite
def studies(draw: st.DrawFn) -> Any:
    cells = outcome(paramType="MEAN", unitOfMeasure="mmHg", dispersionType="Standard Deviation", title="Pressure")
    described = analysis(groupDescription="Month 24", nonInferiorityType="NON_INFERIORITY",
                         nonInferiorityComment="Non-inferiority margin of 1.3")  # fmt: skip
    whole = study(
        outcome(analysis(), analysis(groupIds=["OG001", "OG000"])), cells, outcome(described, classes=CLASSES),
        referencesModule={"references": [{"pmid": "1", "type": "RESULT", "citation": "Doe J. A paper. J. 2020."}]},
    )  # fmt: skip
    stats = [{"groupId": f"EG00{place}", "numAffected": 3, "numAtRisk": 100} for place in (0, 1)]
    whole["resultsSection"]["adverseEventsModule"] = {
        "eventGroups": [{"id": "EG000", "title": "Placebo"}, {"id": "EG001", "title": "Dawnol"}],
        "seriousEvents": [{"term": "Anaemia", "stats": stats}], "otherEvents": [{"term": "Rash", "stats": stats}],
    }  # fmt: skip
    return mutated(whole, draw)


CHOICES = st.builds(
    Choices,
    everything=st.booleans(),
    outcomes=st.none() | st.frozensets(st.integers(1, 4)),
    events=st.frozensets(st.sampled_from(["serious adverse event 1", "other adverse event 1"])),
    acronym=st.none() | st.sampled_from(["", "DAWN"]),
)


@settings(max_examples=examples(250), deadline=None)
@given(studies(), CHOICES)
def test_anything_of_that_shape_is_drafted_or_refused_and_nothing_is_lost(data: Any, choices: Choices) -> None:
    found = studies_in(data)
    if len(found) != 1:
        return
    try:
        (drafts,) = drafts_of([read_material(as_file(data), "x.json")], choices=choices)
    except TrialdeckError as error:
        drafts = None
        hint = error.hint
    if drafts is None:
        assert hint
        return
    made = drafts.draft
    assert not any(part.severity is Severity.ERROR for part in problems_of(load_record_text(made.text.encode(), "x")))
    posted = found[0]
    module = Study(posted).module("outcomeMeasuresModule")
    outcomes = module.get("outcomeMeasures")
    listed = Counter(notice.place for notice in made.not_taken)
    placed = set(
        re.findall(r"Registry, ((?:outcome|serious|other)[a-z ]* [0-9]+(?:, analysis [0-9]+)?)", unwrapped(made.text))
    )
    for position, each in enumerate(outcomes if isinstance(outcomes, list) else [], start=1):
        place = f"outcome {position}"
        analyses = each.get("analyses") if isinstance(each, dict) else None
        entries = analyses if isinstance(analyses, list) and any(isinstance(part, dict) for part in analyses) else []
        # Every analysis, and every outcome without one, is a result or listed.
        for index, part in enumerate(entries, start=1):
            assert f"{place}, analysis {index}" in {*placed, *listed}, part
        if not entries:
            assert any(name.startswith(place) for name in (*placed, *listed)), each


def unwrapped(text: str) -> str:
    """The text of a record with each comment in one line."""
    return re.sub(r"\n *# ?", " ", text)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"analyses": ["x", analysis()]}, "outcome 1, analysis 1"),
        ({"analyses": {"paramType": "x"}}, "outcome 1, analyses"),
        ({"classes": [5]}, "outcome 1, class 1"),
        ({"denoms": "many"}, "outcome 1, denoms"),
    ],
)
def test_what_is_not_as_the_registry_writes_it_is_listed(change: dict[str, Any], place: str) -> None:
    listed = {(part.place, part.message) for part in drafted(study({**outcome(), **change})).not_taken}
    assert (place, "not as the registry writes it; it cannot be read") in listed


# What stands in a comment, a class or a name


@pytest.mark.parametrize(
    ("comment", "fields", "margin"),
    [
        ("Non-inferiority margin of 1.30 for the upper limit of the 95 percent confidence interval", {}, "1.30"),
        ("1-sided p-value and the non-inferiority margin is a hazard ratio of 1.3.", {}, "1.3"),
        (
            "Non-inferiority was confirmed if the upper limit of the two-sided 95% CI for the HR was below 1.8.",
            {},
            "1.8",
        ),
        ("Non-inferior if the upper bound of the 95% CI was &lt; 1.25, the margin of 1.25.", {}, "1.25"),
        ("Non-inferiority margin of 1.3; a margin of 1.8 was used at the interim analysis.", {}, None),
        ("A non-inferiority margin of 30% was used.", {}, None),
        ("A margin of 1.3 was used.", {}, None),
        ("Non-inferiority margin of 1.0", {}, None),
        ("If non-inferiority was confirmed, superiority was tested.", {}, None),
        ("Non-inferior if the lower limit of the 95% CI was greater than -0.75 g/dL.", {"kind": "MEAN"}, "-0.75"),
        ("A non-inferiority margin of 0.4% was used.", {"kind": "MEAN", "unit": "percentage of HbA1c"}, None),
        ("Non-inferior if the upper limit was below 0.4%.", {"kind": "MEAN", "unit": "percentage of HbA1c"}, "0.4"),
        ("Non-inferior if the upper limit was below 0.4%.", {"kind": "MEAN", "unit": "mmol/mol"}, None),
    ],
)
def test_a_margin_is_taken_only_where_the_comment_leaves_no_doubt(
    comment: str, fields: dict[str, str], margin: str | None
) -> None:
    posted = {"nonInferiorityType": "NON_INFERIORITY", "nonInferiorityComment": comment}
    if fields.get("kind") == "MEAN":
        posted |= {
            "paramType": "Mean Difference (Net)", "paramValue": "0.1", "ciLowerLimit": "-0.2", "ciUpperLimit": "0.3",
        }  # fmt: skip
        whole = outcome(analysis(**posted), paramType="MEAN", unitOfMeasure=fields.get("unit", "g/dL"))
    else:
        whole = outcome(analysis(**posted))
    made = drafted(study(whole))
    (result,) = yaml.load(made.text, Loader=yaml.BaseLoader)["results"]
    assert result.get("margin") == margin
    # The comment stays beside the result in any case, and what was concluded from it is marked.
    assert "Hypothesis: " in made.text
    assert ("# inferred: margin: " in made.text) == ("margin" in made.balance) == (margin is not None)


def test_a_superiority_test_has_no_margin() -> None:
    assert "margin" not in only(analysis(nonInferiorityComment="Non-inferiority margin of 1.30."))


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Progression-free Survival", "pfs"), ("Progression Free Survival (PFS) as Assessed by BIRC", "pfs"),
        ("Overall Survival (OS)", "os"), ("Kaplan-Meier Estimates of Overall Survival (OS)", "os"),
        ("All-cause Mortality", "death"), ("Time to Death From Any Cause", "death"), ("Objective Response Rate", "orr"),
        ("Number of Participants With Any Major Adverse Cardiovascular Events (MACE)", "mace"),
        ("Time to First Occurrence of Hospitalization for Heart Failure", "hf-hospitalisation"),
        ("Cardiovascular Death or Hospitalization for Heart Failure", None), ("Composite of MACE", None),
        ("Freedom From All-Cause Mortality", None), ("Progression-free Survival 2 (PFS2)", None),
        ("Overall Survival in Patients With del(17p)", None), ("MACE Plus", None), ("All-cause Hospitalization", None),
        ("All-Cause Mortality in Various Subgroups", None), ("Relapse", None),
    ],
)  # fmt: skip
def test_the_key_of_a_well_known_endpoint_is_inferred(title: str, key: str | None) -> None:
    made = drafted(study(outcome(analysis(), title=title)))
    (result,) = yaml.load(made.text, Loader=yaml.BaseLoader)["results"]
    assert result.get("outcome") == key
    assert (f"# inferred: outcome: {key}, by the name of the endpoint" in made.text) == (key is not None)


def test_of_two_outcomes_that_are_called_alike_the_first_has_the_key() -> None:
    both = [outcome(analysis(), analysis(), title=f"Overall Survival ({name})") for name in ("ITT", "PP")]
    assert [result.get("outcome") for result in record_of(study(*both))["results"]] == ["os", "os", None, None]


@pytest.mark.parametrize(
    ("description", "name", "events"),
    [
        ("Comparison at Month 12.", "Relapse: Month 12 (n=100, 99)", ["50", "60"]),
        ("Month 24", "Relapse: Month 24", ["65", "70"]),
        ("Improved", "Relapse: Improved", ["6", "5"]),
        ("Change from Month 12 to Month 24", "Relapse", None),
        ("Patients who improved at any time", "Relapse", None),
        ("Month 1", "Relapse", None),
        ("", "Relapse", None),
    ],
)
def test_an_analysis_that_names_one_class_has_its_values(description: str, name: str, events: list[str] | None) -> None:
    made = drafted(study(outcome(analysis(groupDescription=description), classes=CLASSES)))
    (result,) = yaml.load(made.text, Loader=yaml.BaseLoader)["results"]
    assert result["endpoint"] == name
    nothing: list[str | None] = [None, None]
    assert [arm.get("events") for arm in result["arms"]] == (events if events is not None else nothing)
    assert ('inferred: class: the analysis says "' in made.text) == (events is not None)
    assert ("The outcome has 3 classes" in made.text) == (events is None)


def test_the_longer_name_of_a_class_is_meant() -> None:
    classes = [a_class(title, "1", "2") for title in ("Month 6", "Pain; Month 6", "Sleep; Month 6")]
    assert only(analysis(groupDescription="Pain, Month 6"), classes=classes)["endpoint"] == "Relapse: Pain; Month 6"


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("Posterior median hazard ratio", "a Bayesian estimate (posterior), which no measure of a record is"),
        ("Hazard Ratio, log", "on a logarithmic scale, which no measure of a record is"),
        ("Median Difference (Final Values)", "a difference or ratio of medians, which no measure of a record is"),
        ("Slope", "no measure that a record knows"),
    ],
)
def test_what_an_estimate_is_that_no_measure_fits_is_said(parameter: str, said: str) -> None:
    ((_, message),) = reasons(outcome(analysis(paramType=parameter)))
    assert message == f'"{parameter}" 0.860 (95 % 0.747 to 0.990) is {said}'


def test_no_more_results_are_tried_than_a_record_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialdeck.drafts.registry.outcomes.LARGEST", 2_000)
    made = drafted(study(*(outcome(analysis()) for _ in range(20))))
    taken = len(re.findall(r"Registry, outcome [0-9]+, analysis 1", unwrapped(made.text)))
    left = [notice for notice in made.not_taken if "second record" in notice.message]
    assert 0 < taken < 20
    assert taken + len(left) == 20
