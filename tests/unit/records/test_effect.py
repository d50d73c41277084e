"""The effect of a result in words, and the measures that the schema allows."""

from decimal import Decimal

import pytest

from trialdeck.records.effect import DIFFERENCES, RATIOS, effect_words, number_words, p_number, p_words, plural_of
from trialdeck.records.model import Perspective, Result
from trialdeck.records.schema import load_schema


def result(**parts: object) -> Result:
    return Result(id="rfs", perspective=Perspective.CLINICAL, endpoint="Survival", **parts)  # type: ignore[arg-type]


def test_every_measure_of_the_schema_is_a_ratio_or_a_difference() -> None:
    allowed = load_schema("trial")["$defs"]["result"]["properties"]["measure"]["enum"]
    assert {measure for measure in allowed if measure} == RATIOS | DIFFERENCES
    assert not RATIOS & DIFFERENCES


@pytest.mark.parametrize(
    ("measure", "plural"),
    [("hazard ratio", "hazard ratios"), ("ratio of geometric means", "ratios of geometric means")],
)
def test_a_measure_has_a_plural(measure: str, plural: str) -> None:
    assert plural_of(measure) == plural


CI = (Decimal("0.5"), Decimal("0.90"))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, ""),
        ({"estimate": Decimal("0.70")}, "Estimate 0.70"),
        ({"measure": "odds ratio", "ci": CI}, "Odds ratio not stated (CI, level not stated: 0.5 to 0.90)"),
        ({"estimate": Decimal(1), "ci": CI, "ci_level": Decimal(95)}, "Estimate 1 (95% CI 0.5 to 0.90)"),
        ({"estimate": Decimal(1), "p": "<0.001"}, "Estimate 1, P < 0.001"),
        ({"p": "0.02"}, "P = 0.02"),
    ],
    ids=str,
)
def test_an_effect_says_what_is_stated(parts: dict[str, object], words: str) -> None:
    assert effect_words(result(**parts)) == words


@pytest.mark.parametrize(
    ("p", "words", "number"),
    [
        ("0.02", "P = 0.02", "0.02"),
        ("P=0.01", "P = 0.01", "0.01"),
        ("p<0.001", "P < 0.001", "0.001"),
        ("P < .001", "P < .001", ".001"),
        ("≤0·05 (two-sided)", "P ≤ 0·05 (two-sided)", "0.05"),
        ("P value = 0.3", "P = 0.3", "0.3"),
        ("p-value: 0.3", "P = 0.3", "0.3"),
        ("1.7", "P = 1.7", "1.7"),
        ("-0.02", "P = -0.02", "-0.02"),
        ("<=0.05", "P ≤ 0.05", "0.05"),
        ("3 × 10⁻⁵", "P = 3 × 10⁻⁵", None),
        ("3e-05", "P = 3e-05", None),
        ("not significant", "P = not significant", None),
        ("", "P = ", None),
    ],
)
def test_a_p_value_is_named_once(p: str, words: str, number: str | None) -> None:
    assert p_words(p) == words
    assert p_number(p) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("number", "words"), [("-2.50", "−2.50"), ("-1E-9", "−1E-9"), ("1.0E-30", "1.0E-30"), ("0", "0")]
)
def test_a_number_has_a_minus_sign_and_its_exponent_a_hyphen(number: str, words: str) -> None:
    assert number_words(Decimal(number)) == words


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("mean difference", "Mean difference −2.5 mmHg (95% CI −3.1 to −1.9)"),
        (None, "Estimate −2.5 (95% CI −3.1 to −1.9)"),
    ],
)
def test_a_difference_has_its_unit_and_minus_signs(measure: str | None, words: str) -> None:
    interval = (Decimal("-3.1"), Decimal("-1.9"))
    stated = result(measure=measure, estimate=Decimal("-2.5"), ci=interval, ci_level=Decimal(95), unit="mmHg")
    assert effect_words(stated) == words
