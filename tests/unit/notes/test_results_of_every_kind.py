"""Results of every kind as their cards show them, kept in `snapshots/` where a reviewer can read it.

After a wanted change: `python -m pytest tests/unit/notes/test_results_of_every_kind.py --update-snapshots`, and look at
what has changed.
"""

import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from folders import SUPPORT
from trialdeck.lint.record import check_record
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.plots.result import result_plot
from trialdeck.notes.results import comparisons_of, result_back, result_front
from trialdeck.records.arm_values import share_words
from trialdeck.records.load import load_record
from trialdeck.records.model import Arm, Perspective, Result, Trial

SNAPSHOT = Path(__file__).parent / "snapshots" / "results-of-every-kind.txt"
KINDS = SUPPORT / "invented_trials" / "kinds-1.yaml"


def kinds() -> Trial:
    """The trial with a result of each kind, which has no problem."""
    record = load_record(KINDS, KINDS.name)
    assert record.trial
    assert record.document
    assert not record.problems
    assert not list(check_record(record.trial, record.document))
    return record.trial


def card(trial: Trial, result: Result) -> str:
    """Both sides of a card as text, then what the picture prints, and what it says to a screen reader."""
    back, picture = result_back(result, trial.name, comparisons_of(trial, result))
    (svg,) = re.findall("<svg.*</svg>", picture)
    caption = readable(picture.replace(svg, ""))
    drawing = ET.fromstring(svg)
    printed = ["".join(each.itertext()) for each in drawing.iter("text")]
    answers = "\n".join(f"- {readable(line)}" for line in re.findall("<li>(.*?)</li>", back))
    front = readable(result_front(result, trial.name).replace("</p><p", "</p>\n<p"))
    spoken = drawing.attrib["aria-label"]
    return f"## {result.id}\n\n{front}\n\n{answers}\n{caption}\n\nPicture: {' | '.join(printed)}\nSpoken: {spoken}\n"


def test_results_of_every_kind_read_well(request: pytest.FixtureRequest) -> None:
    trial = kinds()
    text = "\n".join(card(trial, result) for result in trial.results)
    if request.config.getoption("--update-snapshots"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("result", kinds().results, ids=lambda result: result.id)
def test_a_card_asks_one_thing(result: Result) -> None:
    front = readable(result_front(result, "KINDS-1"))
    assert " and the " not in front.partition(" for ")[0]


def made(**parts: Any) -> Result:
    return Result(id="r", perspective=Perspective.CLINICAL, endpoint="Pain", **parts)


def printed(result: Result, *comparisons: Result) -> list[str]:
    """What a drawing prints."""
    drawing = ET.fromstring(result_plot(result, "", comparisons))
    return ["".join(each.itertext()) for each in drawing.iter("text")]


# --- What is worked out


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        (Arm("A", 150, events=30), "30/150 (20.0%, worked out)"),
        (Arm("A", 150, events=0), "0/150 (0.0%, worked out)"),
        (Arm("A", 10_000, events=3), "3/10000 (0.030%, worked out)"),
        (Arm("A", 150, events=30, percent=Decimal(20)), "30/150 (20%)"),
        (Arm("A", 150, percent=Decimal("20.0")), "20.0%"),
        (Arm("A", events=30), "30 events"),
        (Arm("A", events=1), "1 event"),
        (Arm("A", 150), ""),
        # Of events that are counted beside a rate, a patient may have several: no share follows from them.
        (Arm("A", 150, events=200, rate=Decimal("4.2")), ""),
    ],
)
def test_a_share_is_worked_out_from_patients_alone_and_says_so(arm: Arm, words: str) -> None:
    assert share_words(arm, made(arms=(arm,))) == words


def test_an_interval_of_an_arm_stands_with_its_value_alone() -> None:
    ci = (Decimal(8), Decimal(12))
    arm = Arm("A", 20, median=Decimal(10), percent=Decimal(50), ci=ci, ci_level=Decimal(90))
    back, picture = result_back(made(arms=(arm,), unit="days", ci_level=Decimal(95)), "T")
    assert "10 days (90% CI 8 to 12)" in back
    assert "50%" in back
    assert (back.count("CI"), picture.count("confidence interval 8 to 12")) == (1, 1)


# --- Where arms and directions stand


def arms(*means: str) -> tuple[Arm, ...]:
    return tuple(Arm(f"Arm {index}", 50, mean=Decimal(mean)) for index, mean in enumerate(means))


DIFFERENCE = made(
    measure="mean difference",
    estimate=Decimal("-0.8"),
    ci=(Decimal("-1.5"), Decimal("-0.1")),
    ci_level=Decimal(95),
    arms=arms("4.0", "4.8"),
)


def test_an_axis_says_where_the_outcome_is_lower() -> None:
    assert {"← lower with Arm 0", "higher with Arm 0 →"} <= {*printed(DIFFERENCE)}


def test_an_axis_says_no_direction_that_the_arms_contradict() -> None:
    assert "lower" not in " ".join(printed(replace(DIFFERENCE, arms=arms("4.8", "4.0"))))


def test_an_axis_says_no_direction_if_nobody_says_which_arms_are_compared() -> None:
    three = replace(DIFFERENCE, arms=arms("4.0", "4.8", "5.0"))
    assert "lower" not in " ".join(printed(three))
    assert "← lower with Arm 1" in printed(replace(three, between=("Arm 1", "Arm 2")))


def test_a_brief_result_keeps_its_axis() -> None:
    brief = made(measure="hazard ratio", estimate=Decimal("0.7"), arms=(Arm("A", 10), Arm("B", 10)))
    assert printed(brief)[-1] == "no effect"
    assert printed(replace(brief, outcome="os"))[-2:] == ["← lower with A", "higher with A →"]


def test_a_long_name_leaves_room_for_both_directions() -> None:
    long = replace(DIFFERENCE, between=("A very long name of an arm that nobody can read", "B"))
    left, right = _directions(long)
    assert left.startswith("← lower with A very long name")
    assert left.endswith("…")
    assert right == "higher →"


def _directions(result: Result) -> tuple[str, str]:
    labels = printed(result)
    place = next(index for index, label in enumerate(labels) if label.startswith("←"))
    return labels[place], labels[place + 1]


def marked(result: Result) -> list[float]:
    """Where the squares in the colour of the marks stand, of the estimate and of the own arm's mean."""
    drawing = ET.fromstring(result_plot(result))
    return [float(each.attrib["y"]) for each in drawing.iter("rect") if each.get("class") == "td-plot-mark"]


def test_the_arm_that_a_result_is_about_has_the_colour() -> None:
    three = replace(DIFFERENCE, arms=arms("4.0", "4.8", "5.0"))
    first = marked(replace(three, between=("Arm 0", "Arm 2")))
    second = marked(replace(three, between=("Arm 1", "Arm 2")))
    assert len(first) == len(second) == 2
    assert first[0] == second[0]
    assert first[1] < second[1]


# --- Several comparisons


def test_other_comparisons_of_an_outcome_stand_below_the_own_one() -> None:
    trial = kinds()
    low, high = (next(result for result in trial.results if result.id == name) for name in ("pain-low", "pain-high"))
    assert comparisons_of(trial, low) == (high,)
    labels = printed(low, high)
    assert labels.index("Low dose v Placebo") < labels.index("High dose v Placebo")
    assert "Mean difference −1.7 points, 95% CI −2.4 to −1.0" in " ".join(labels)


@pytest.mark.parametrize(
    "other",
    [
        {"outcome": "other"},
        {"measure": "standardised mean difference"},
        {"analysis": "later"},
        {"timepoint": "Week 24"},
        {"population": "Per protocol"},
        {"unit": "millimetres"},
        {"estimate": None},
    ],
    ids=str,
)
def test_what_is_no_comparison_of_the_same_is_left_out(other: dict[str, Any]) -> None:
    trial = kinds()
    results = tuple(replace(each, **other) if each.id == "pain-high" else each for each in trial.results)
    low = next(result for result in results if result.id == "pain-low")
    assert comparisons_of(replace(trial, results=results), low) == ()


# --- Spreads and rates


def spread(**of_both: str) -> list[str]:
    stated = {name: Decimal(number) for name, number in of_both.items()}
    both = tuple(Arm(name, 50, mean=Decimal(10), **stated) for name in ("A", "B"))  # type: ignore[arg-type]
    return printed(made(arms=both, unit="kg"))


def test_means_have_the_spread_that_all_arms_state() -> None:
    assert "Line: one SD each way" in spread(sd="2", se="0.3")
    assert "Line: one SE each way" in spread(se="0.3")
    assert not [label for label in spread() if label.startswith("Line")]
    mixed = made(arms=(Arm("A", mean=Decimal(1), sd=Decimal(2)), Arm("B", mean=Decimal(3), se=Decimal(1))))
    assert not [label for label in printed(mixed) if label.startswith("Line")]


def test_rates_of_different_units_are_not_drawn_against_each_other() -> None:
    both = (Arm("A", rate=Decimal(2), rate_unit="per patient-year"), Arm("B", rate=Decimal(9), rate_unit="per month"))
    drawing = ET.fromstring(result_plot(made(arms=both)))
    assert [each.attrib["width"] for each in drawing.iter("rect")] == ["288", "288"]
    assert {"Rate (per patient-year)", "Rate (per month)"} <= {*printed(made(arms=both))}
