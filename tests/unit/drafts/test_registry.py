"""A registry file becomes a record: digits, arms, and everything that cannot be taken; each trap is a test."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

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
    titles = ("Month 6", "Pain; Month 6", "Sleep; Month 6")
    classes = [{**part, "title": title} for part, title in zip(CLASSES, titles, strict=True)]
    result = only(analysis(groupDescription="Pain, Month 6"), classes=classes)
    assert result["endpoint"] == "Relapse: Pain; Month 6"


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
