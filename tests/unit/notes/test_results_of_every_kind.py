"""Results of every kind as their cards show them, kept in `snapshots/` where a reviewer can read it.

After a wanted change: `python -m pytest tests/unit/notes/test_results_of_every_kind.py --update-snapshots`, and look at
what has changed.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from folders import SUPPORT
from plots_seen import SeenPlot, seen_plots
from trialdeck.lint.record import check_record
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.plots.result import result_plot
from trialdeck.notes.prompts.made import all_asked
from trialdeck.notes.results import comparisons_of, result_back, result_front
from trialdeck.records.load import load_record
from trialdeck.records.model import Arm, Perspective, Result, Trial
from trialdeck.records.results.arm_values import share_words

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
    """Both sides of a card as text, then the plots below, row by row, and what each is called."""
    back, picture = result_back(result, trial.name, comparisons_of(trial, result))
    plots = "".join(seen(plot) for plot in seen_plots(picture.partition("<figcaption")[0]))
    front = readable(result_front(result, trial.name).replace("</p><p", "</p>\n<p"))
    caption = readable(picture.partition("<figcaption")[2].partition(">")[2])
    return f"## {result.id}\n\n{front}\n\n{readable(back)}\n\n{plots}{caption}\n".replace("\u00a0", " ").rstrip() + "\n"


def seen(plot: SeenPlot) -> str:
    """One plot as lines of text."""
    cells = ([row.label, row.sub, row.value, row.value_sub] for row in plot.rows)
    rows = [" · ".join(filter(None, row)) or "(mark alone)" for row in cells]
    ticks = [" ".join(f"{tick:g}" for tick in plot.ticks), *plot.directions] if plot.axis is not None else []
    lines = [plot.heading, *rows, *([f"axis: {' | '.join(ticks)}"] if ticks else []), f"name: {plot.name}"]
    return "".join(f"  {line}\n" for line in lines if line)


def test_results_of_every_kind_read_well(request: pytest.FixtureRequest) -> None:
    trial = kinds()
    text = "\n".join(card(trial, result) for result in trial.results)
    if request.config.getoption("--update-snapshots"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("result", kinds().results, ids=lambda result: result.id)
def test_a_card_asks_for_the_number_that_its_back_has_in_large_type(result: Result) -> None:
    back, _ = result_back(result, "KINDS-1")
    large = readable(back.partition("<strong")[2].partition(">")[2].partition("</strong>")[0])
    stated = [str(result.estimate).replace("-", "−")] if result.estimate is not None else large.split(" v ")
    assert large == " v ".join(stated)
    asked = readable(result_front(result, "KINDS-1")).partition(" for ")[0]
    assert (result.measure or "percentage") in asked


@pytest.mark.parametrize("result", kinds().results, ids=lambda result: result.id)
def test_the_rules_judge_the_number_that_the_back_has_in_large_type(result: Result) -> None:
    trial = replace(kinds(), results=(replace(result, card=True),))
    back, _ = result_back(result, "KINDS-1")
    large = readable(back.partition("<strong")[2].partition(">")[2].partition("</strong>")[0])
    judged = next(asked for asked in all_asked(trial) if isinstance(asked.entry, Result))
    assert judged.answer == large.replace(" v ", "; ")


@pytest.mark.parametrize("result", kinds().results, ids=lambda result: result.id)
def test_the_back_says_nothing_twice(result: Result) -> None:
    """Neither the estimate nor the values of the headline stand in a row, where nothing is compared with them."""
    back, picture = result_back(result, "KINDS-1")
    large = readable(back.partition("<strong")[2].partition(">")[2].partition("</strong>")[0]).split(" v ")
    values = [row.value for plot in seen_plots(picture.partition("<figcaption")[0]) for row in plot.rows]
    assert not {*large} & {*values}


def made(**parts: Any) -> Result:
    return Result(id="r", perspective=Perspective.CLINICAL, endpoint="Pain", **parts)


def printed(result: Result, *comparisons: Result) -> list[str]:
    """What the plots of a result print, in order."""
    return [words for plot in seen_plots(result_plot(result, "", comparisons)) for words in plot.words]


def directions(result: Result) -> list[str]:
    """What the first plot says on the sides of no effect."""
    return seen_plots(result_plot(result))[0].directions


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
    assert readable(back) == "10 days"
    medians, shares = seen_plots(picture)
    assert (medians.heading, medians.rows[0].value_sub) == ("Median (days) · line: 90% CI", "8–12")
    assert (shares.heading, shares.rows[0].value, shares.rows[0].value_sub) == ("Percentage of patients", "50%", "")


def test_intervals_of_different_levels_each_say_theirs() -> None:
    both = tuple(
        Arm(name, 20, mean=Decimal(10), ci=(Decimal(8), Decimal(12)), ci_level=level)
        for name, level in (("A", Decimal(90)), ("B", None))
    )
    (means,) = seen_plots(result_plot(made(arms=both)))
    assert [row.value_sub for row in means.rows] == ["90% CI 8–12", "CI, level not stated: 8–12"]


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
    assert directions(DIFFERENCE) == ["← lower with Arm 0"]
    wide = replace(DIFFERENCE, ci=(Decimal("-1.5"), Decimal("1.5")), estimate=Decimal("-0.1"))
    assert directions(wide) == ["← lower with Arm 0", "higher with Arm 0 →"]
    assert directions(replace(DIFFERENCE, estimate=Decimal(1), ci=None, arms=arms("4.8", "4.0"))) == [
        "higher with Arm 0 →"
    ]


def test_an_axis_says_no_direction_that_the_arms_contradict() -> None:
    assert directions(replace(DIFFERENCE, arms=arms("4.8", "4.0"))) == []


def test_an_axis_says_no_direction_if_nobody_says_which_arms_are_compared() -> None:
    three = replace(DIFFERENCE, arms=arms("4.0", "4.8", "5.0"))
    assert directions(three) == []
    assert directions(replace(three, between=("Arm 1", "Arm 2"))) == ["← lower with Arm 1"]


def test_an_axis_names_what_is_lower() -> None:
    hazard = made(measure="hazard ratio", estimate=Decimal("0.7"), arms=(Arm("A", 10), Arm("B", 10)))
    assert directions(hazard) == ["← lower hazard with A"]


def test_a_very_long_name_is_shortened_below_the_axis() -> None:
    (words,) = directions(replace(DIFFERENCE, between=("A very long name of an arm that nobody can read", "B")))
    assert words.startswith("← lower with A very long name")
    assert words.endswith("…")


def test_the_arm_that_a_result_is_about_has_the_colour() -> None:
    three = replace(DIFFERENCE, arms=arms("4.0", "4.8", "5.0"))
    for place, between in enumerate((("Arm 0", "Arm 2"), ("Arm 1", "Arm 2"))):
        effect, means = seen_plots(result_plot(replace(three, between=between)))
        assert set(effect.rows[0].squares) == {"td-accent"}
        assert ["td-accent" in row.squares for row in means.rows] == [index == place for index in range(3)]


# --- Several comparisons


def test_other_comparisons_of_an_outcome_stand_below_the_own_one() -> None:
    trial = kinds()
    low, high = (next(result for result in trial.results if result.id == name) for name in ("pain-low", "pain-high"))
    assert comparisons_of(trial, low) == (high,)
    effect = seen_plots(result_plot(low, "", [high]))[0]
    assert [(row.label, row.value, row.value_sub) for row in effect.rows] == [
        ("Low dose v Placebo", "−0.8", "−1.5 to −0.1"),
        ("High dose v Placebo", "−1.7", "−2.4 to −1.0"),
    ]
    assert [*effect.rows[0].squares, *effect.rows[1].squares] == ["td-accent", "td-grey"]


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


def headings(result: Result) -> list[str]:
    return [plot.heading for plot in seen_plots(result_plot(result))]


def spread(**of_both: str) -> str:
    stated = {name: Decimal(number) for name, number in of_both.items()}
    both = tuple(Arm(name, 50, mean=Decimal(10), **stated) for name in ("A", "B"))  # type: ignore[arg-type]
    (heading,) = headings(made(arms=both, unit="kg"))
    return heading


def test_means_have_the_spread_that_all_arms_state() -> None:
    assert spread(sd="2", se="0.3") == "Mean (kg) · line: one SD each way"
    assert spread(se="0.3") == "Mean (kg) · line: one SE each way"
    assert spread() == "Mean (kg)"
    mixed = made(arms=(Arm("A", mean=Decimal(1), sd=Decimal(2)), Arm("B", mean=Decimal(3), se=Decimal(1))))
    assert headings(mixed) == ["Mean"]


def test_rates_of_different_units_are_not_drawn_against_each_other() -> None:
    both = (Arm("A", rate=Decimal(2), rate_unit="per patient-year"), Arm("B", rate=Decimal(9), rate_unit="per month"))
    plots = seen_plots(result_plot(made(arms=both)))
    assert [plot.heading for plot in plots] == ["Rate (per patient-year)", "Rate (per month)"]
    assert [[*row.bars.values()] for plot in plots for row in plot.rows] == [[100], [100]]
