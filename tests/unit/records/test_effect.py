"""The effect of a result in words, and the measures that the schema allows."""

from decimal import Decimal

import pytest

from trialdeck.records.effect import DIFFERENCES, RATIOS, effect_words
from trialdeck.records.model import Perspective, Result
from trialdeck.records.schema import load_schema


def result(**parts: object) -> Result:
    return Result(id="rfs", perspective=Perspective.CLINICAL, endpoint="Survival", **parts)  # type: ignore[arg-type]


def test_every_measure_of_the_schema_is_a_ratio_or_a_difference() -> None:
    allowed = load_schema("trial")["$defs"]["result"]["properties"]["measure"]["enum"]
    assert {measure for measure in allowed if measure} == RATIOS | DIFFERENCES
    assert not RATIOS & DIFFERENCES


CI = (Decimal("0.5"), Decimal("0.90"))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, ""),
        ({"estimate": Decimal("0.70")}, "Estimate 0.70"),
        ({"measure": "odds ratio", "ci": CI}, "Odds ratio not stated (CI, level not stated: 0.5 to 0.90)"),
        ({"estimate": Decimal(1), "ci": CI, "ci_level": Decimal(95)}, "Estimate 1 (95% CI 0.5 to 0.90)"),
        ({"estimate": Decimal(1), "p": "<0.001"}, "Estimate 1, P <0.001"),
        ({"p": "0.02"}, "P = 0.02"),
    ],
    ids=str,
)
def test_an_effect_says_what_is_stated(parts: dict[str, object], words: str) -> None:
    assert effect_words(result(**parts)) == words
