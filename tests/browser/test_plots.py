"""Plots of results, measured in their coordinates, and looked at in a real Anki and a real Chromium."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from anki_releases import NEWEST, REPORT, run
from builds import build
from folders import SUPPORT
from plots_seen import ATTRIBUTES, ELEMENTS, SeenPlot, parts_of, seen_plot, seen_plots
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.plots.result import result_plot
from trialdeck.notes.plots.scale import Scale
from trialdeck.notes.plots.words import range_words, shortened
from trialdeck.notes.results import comparisons_of, result_back
from trialdeck.records.load import load_record
from trialdeck.records.model import Arm, Perspective, Result
from trialdeck.records.settings import Split

if TYPE_CHECKING:
    from chromium import Reviewer

pytest_plugins = ["chromium"]
Open = Callable[[int], "Reviewer"]

RATIOS = ("hazard ratio", "odds ratio", "risk ratio", "rate ratio", "ratio of means", "ratio of geometric means")
DIFFERENCES = ("risk difference", "rate difference", "mean difference", "standardised mean difference")
LIMIT = 16_000
HOSTILE = "{{c1::a}} [sound:a.mp3] \\(x\\) [latex]y[/latex] <script>alert(1)</script> \"'& [[type:x]]"


def made(endpoint: str = "Overall survival", **numbers: Any) -> Result:
    return Result(id="r", perspective=Perspective.CLINICAL, endpoint=endpoint, **numbers)


def effect(measure: str, estimate: str, low: str = "", high: str = "", **numbers: Any) -> Result:
    """A result with an effect; its interval has a level of 95 % unless told otherwise."""
    interval = {"ci": (Decimal(low), Decimal(high)), "ci_level": Decimal(95)} if low else {}
    return made(measure=measure, estimate=Decimal(estimate), **{**interval, **numbers})


def medians(*values: str, unit: str = "months") -> Result:
    """A result with a median for each arm, or none that was reached where it is empty."""
    arms = [Arm(f"Arm {n}", 10 + n, Decimal(v) if v else None, bool(v)) for n, v in enumerate(values)]
    return made(unit=unit, arms=tuple(arms))


def percentages(*values: str) -> Result:
    return made(arms=tuple(Arm(f"Arm {n}", percent=Decimal(value)) for n, value in enumerate(values)))


def plot(result: Result) -> SeenPlot:
    """The only plot of a result."""
    return seen_plot(result_plot(result, "DAWN-1"))


def bars(result: Result) -> list[float]:
    return [length for row in plot(result).rows for length in row.bars.values()]


# --- Where things stand


@pytest.mark.parametrize(
    ("estimate", "low", "high"),
    [
        ("0.74", "0.59", "0.94"),
        ("2.40", "1.31", "4.40"),
        ("1.4", "0.05", "40"),
        ("0.02", "0.0001", "0.9"),
        ("0.998", "0.995", "1.001"),
        ("0.7412345678901", "0.5912345678901", "0.9412345678901"),
        ("1", "1", "1"),
    ],
)
@pytest.mark.parametrize("measure", RATIOS)
def test_a_ratio_stands_on_a_log_axis(measure: str, estimate: str, low: str, high: str) -> None:
    check_axis(plot(effect(measure, estimate, low, high)), 1, (estimate, low, high), math.log)


@pytest.mark.parametrize("measure", DIFFERENCES)
@pytest.mark.parametrize(
    ("estimate", "low", "high"), [("-3.2", "-6.5", "0.1"), ("12", "3", "21"), ("0", "-1", "1"), ("-800", "-900", "-1")]
)
def test_a_difference_stands_on_a_linear_axis(measure: str, estimate: str, low: str, high: str) -> None:
    check_axis(plot(effect(measure, estimate, low, high)), 0, (estimate, low, high), float)


def check_axis(drawn: SeenPlot, null: float, numbers: Sequence[str], place: Callable[[float], float]) -> None:
    """Hold marks, ticks and the line of no effect to one scale."""
    (row,) = drawn.rows
    estimate, low, high = map(float, numbers)
    assert row.upright == {"td-null": (drawn.ticks[null],)}
    known = {null: drawn.ticks[null], low: row.spans["td-accent"][0], high: row.spans["td-accent"][1]}
    known |= {estimate: row.squares["td-accent"], **drawn.ticks}
    first, last = min(known), max(known)
    unit = (known[last] - known[first]) / (place(last) - place(first) or 1)
    for value, x in known.items():
        assert x == pytest.approx(known[first] + unit * (place(value) - place(first)), abs=0.11)


@pytest.mark.parametrize(
    ("result", "ticks"),
    [
        (effect("hazard ratio", "0.74", "0.59", "0.94"), [0.6, 0.8, 1]),
        (effect("hazard ratio", "0.37", "0.27", "0.52"), [0.3, 0.5, 0.7, 1]),
        (effect("risk ratio", "1.4", "0.05", "40"), [0.1, 1, 10]),
        (effect("rate ratio", "0.02", "0.0001", "0.9"), [0.0001, 0.01, 1]),
        (effect("odds ratio", "1", "1E-9", "1E+9"), [1]),
        (effect("risk difference", "-3.2", "-6.5", "0.1"), [-6, -4, -2, 0]),
        (effect("mean difference", "0"), [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks_are_round(result: Result, ticks: list[float]) -> None:
    assert list(plot(result).ticks) == ticks


def test_the_longest_median_fills_the_width_and_the_others_their_share() -> None:
    assert bars(medians("20.6", "14.7")) == [100, pytest.approx(100 * 14.7 / 20.6, abs=0.06)]
    assert bars(medians("0", "0")) == [0, 0]


def test_a_median_that_was_not_reached_has_words_and_no_end() -> None:
    open_row, *others = plot(medians("", "18.4", "9.2")).rows
    assert (open_row.value, open_row.sub, open_row.is_open) == ("not reached", "n\u00a0=\u00a010", True)
    assert [row.is_open for row in others] == [False, False]
    assert [length for row in others for length in row.bars.values()] == pytest.approx([70, 35], abs=0.1)


def test_percentages_run_from_0_to_100() -> None:
    drawn = plot(percentages("78", "0", "100", "0.5", "33.3"))
    assert [next(iter(row.bars.values())) for row in drawn.rows] == [78, 0, 100, 0.5, 33.3]
    assert [row.value for row in drawn.rows] == ["78%", "0%", "100%", "0.5%", "33.3%"]


def test_the_parts_of_a_result_stack() -> None:
    arms = (Arm("A", 5, Decimal("2.0"), percent=Decimal(40)), Arm("B", None, Decimal(1), percent=Decimal(20)))
    html = result_plot(effect("odds ratio", "0.70", "0.60", "0.90", arms=arms, unit="weeks"))
    assert [shown.heading for shown in seen_plots(html)] == ["", "Median (weeks)", "Percentage of patients"]


@given(st.lists(st.decimals(min_value="0.001", max_value=1000, places=3), min_size=2, max_size=8))
def test_labels_of_ticks_stay_apart_on_the_narrowest_axis(values: list[Decimal]) -> None:
    scale = Scale.of(values, Decimal(1), log=True)
    places = [scale.percent(tick) for tick in scale.ticks]
    assert Decimal(1) in scale.ticks
    assert all(0 < place < 100 for place in places)
    assert all(right - left > 10 for left, right in pairwise(places))


# --- What is not there


def test_an_estimate_without_interval_is_a_point_and_says_so() -> None:
    drawn = plot(effect("hazard ratio", "0.939"))
    assert (len(drawn.rows[0].squares), drawn.rows[0].spans) == (1, {})
    assert "Hazard ratio 0.939, interval not given." in drawn.name


def test_a_level_that_is_not_stated_is_not_made_up() -> None:
    result = effect("hazard ratio", "0.8", "0.7", "0.9", ci_level=None)
    assert "CI, level not stated: 0.7–0.9" in readable(result_back(result, "T")[0])
    assert "CI, level not stated: 0.7 to 0.9" in plot(result).name
    assert "95" not in plot(result).name


@pytest.mark.parametrize(("low", "shown"), [("0", "0–0.9"), ("-0.1", "−0.1 to 0.9")])
def test_a_bound_that_no_log_axis_has_keeps_its_words(low: str, shown: str) -> None:
    result = effect("rate ratio", "0.2", low, "0.9")
    (row,) = plot(result).rows
    assert (len(row.squares), row.spans) == (1, {})
    assert f"95% CI {shown}" in readable(result_back(result, "T")[0])
    assert "(not drawn)" in plot(result).name


@pytest.mark.parametrize("estimate", ["0", "-1", "NaN", "Infinity", "1E+99"])
def test_an_estimate_that_no_log_axis_has_keeps_its_words(estimate: str) -> None:
    alone = effect("rate ratio", estimate)
    assert result_plot(alone) == ""
    assert estimate.replace("-", "−") in readable(result_back(alone, "T")[0])
    drawn = plot(effect("rate ratio", estimate, arms=(Arm("A", percent=Decimal(3)),)))
    assert (drawn.axis, drawn.rows[0].squares) == (None, {})


@pytest.mark.parametrize(
    "result", [made(), made(p="0.04"), made(estimate=Decimal("1.5")), made(arms=(Arm("A", 3), Arm("B")))]
)
def test_nothing_is_drawn_of_nothing(result: Result) -> None:
    assert result_plot(result) == ""


def test_a_value_without_a_place_keeps_its_words() -> None:
    (row,) = plot(made(measure="odds ratio", estimate=Decimal(0), arms=(Arm("A", median=Decimal(-3)),))).rows
    assert (row.value, row.bars) == ("−3", {})


# --- Words


def test_a_plot_without_words_says_all_to_a_screen_reader() -> None:
    result = effect("hazard ratio", "0.70", "0.60", "0.90")
    drawn = plot(result)
    assert drawn.role == "img"
    assert drawn.name == (
        "DAWN-1: Overall survival. Hazard ratio 0.70, 95% confidence interval 0.60 to 0.90. Square: estimate; "
        "line: confidence interval, on a logarithmic axis with no effect at 1."
    )


def test_a_plot_with_words_is_read_row_by_row() -> None:
    arms = (Arm("IRd", 360, Decimal("20.60")), Arm("placebo-Rd", None, Decimal("14.7")), Arm("C", 1, Decimal(3)))
    drawn = plot(made(arms=arms, unit="months"))
    assert (drawn.role, drawn.name) == ("group", "Median (months).")
    assert [(row.label, row.value) for row in drawn.rows] == [("IRd", "20.60"), ("placebo-Rd", "14.7"), ("C", "3")]
    assert all(part.attrib["aria-hidden"] == "true" for part in drawn.root.iter("svg"))


def test_no_side_of_the_line_is_called_better() -> None:
    for result in (effect("hazard ratio", "0.7", "0.6", "0.9"), effect("risk difference", "-3")):
        assert not re.search("favou?r|better|worse|benefit", result_plot(result), re.IGNORECASE)


def test_many_digits_stay_and_endless_ones_become_powers_of_ten() -> None:
    assert "Odds ratio 0.74123456789012," in plot(effect("odds ratio", "0.74123456789012")).name
    assert "Mean difference −1.0E-30," in plot(effect("mean difference", "-1.0E-30")).name
    assert [row.value for row in plot(medians("1.0E-30", "1E-7", "2")).rows] == ["1.0E-30", "0.0000001", "2"]


def test_a_long_name_is_whole() -> None:
    name = "Daratumumab 16 mg/kg with lenalidomide 25 mg and dexamethasone 40 mg weekly, until progression of disease"
    first, *_ = plot(made(arms=(Arm(name, 12345, percent=Decimal("12.5")), Arm("B", percent=Decimal(3))))).rows
    assert first.label == name
    assert first.sub == "n\u00a0=\u00a012345"


def test_text_is_shortened_to_so_many_letters() -> None:
    assert (shortened("abc", 3), shortened("abcd", 3), shortened(" a \n b ", 3)) == ("abc", "ab…", "a b")


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (("0.27", "0.52"), "0.27–0.52"),
        (("0", "1"), "0–1"),
        (("-6.5", "0.1"), "−6.5 to 0.1"),
        (("17.2", ""), "17.2 to not reached"),
    ],
)
def test_a_dash_never_stands_for_a_minus_sign(bounds: tuple[str, str], words: str) -> None:
    assert range_words([Decimal(bound) if bound else None for bound in bounds]) == words


def test_markdown_in_names_is_shown_as_on_the_card() -> None:
    drawn = plot(made(arms=(Arm("**IRd** \\* [x](https://example.org)", 3, Decimal(2)), Arm("B"), Arm("C"))))
    assert drawn.rows[0].label == "IRd * x"


def test_hostile_names_are_words_and_nothing_else() -> None:
    arms = (Arm(HOSTILE, 3, Decimal(2)), Arm("`{{x}}`", 1, Decimal(1)))
    result = effect("hazard ratio", "0.7", data_cut=HOSTILE, unit=HOSTILE, arms=arms)
    html = result_plot(result, HOSTILE)
    for mark in ("{{", "}}", "[sound:", "[latex]", "[[type:", "<script"):
        assert mark not in html
    check_safe(html)
    effects, values = seen_plots(html)
    assert HOSTILE in effects.name
    assert values.rows[0].label == HOSTILE


# --- Every plot


def check_safe(html: str) -> None:
    """Hold a plot to what every one must keep."""
    assert len(html.encode()) < LIMIT
    for part in parts_of(html):
        assert part.tag in ELEMENTS | {"a", "strong", "em", "code", "sub", "sup", "del", "p"}
        assert {*part.attrib} <= ATTRIBUTES | {"href"}
        assert re.fullmatch(r"|(left|width):[0-9.]+%", part.get("style", ""))
        for name in ("x", "x1", "x2"):
            assert -0.1 <= float(part.get(name, "0").removesuffix("%")) <= 100.1
    assert "/>" not in html


PLAIN = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)
WILD = NUMBERS | st.decimals() | st.sampled_from([Decimal("1E-400"), Decimal("1E+400"), Decimal(0), Decimal("1E-320")])


@st.composite
def results(draw: st.DrawFn, numbers: st.SearchStrategy[Decimal] = WILD) -> Result:
    arm = st.builds(
        Arm,
        PLAIN,
        st.none() | st.integers(1, 10**6),
        st.none() | numbers,
        st.booleans(),
        st.none() | numbers,
    )
    return made(
        draw(PLAIN),
        data_cut=draw(PLAIN),
        measure=draw(st.sampled_from(["", *RATIOS, *DIFFERENCES])),
        estimate=draw(st.none() | numbers),
        ci=draw(st.none() | st.tuples(numbers, numbers)),
        ci_level=draw(st.none() | st.sampled_from([Decimal(95), Decimal("97.5")])),
        unit=draw(st.just("") | PLAIN),
        arms=tuple(draw(st.lists(arm, max_size=5))),
    )


@given(results(), PLAIN)
def test_any_result_gives_safe_plots_or_none(result: Result, trial: str) -> None:
    html = result_plot(result, trial)
    assert html == result_plot(result, trial)
    check_safe(html)


# --- On the card


@pytest.fixture
def picture(write_record: Callable[..., Path], tmp_path: Path) -> str:
    """The picture of a result as a real Anki holds it."""
    (built,) = build([write_record()], Split.TRIAL, tmp_path / "out", 1_790_000_000)
    *_, report = run(NEWEST, built.path, REPORT)
    note = report.note("dawn-1/result/rfs")
    (card,) = report.cards_of("dawn-1/result/rfs")
    assert note.fields["Picture"] in card.answer
    assert "<svg" not in card.question
    return str(note.fields["Picture"])


def test_anki_keeps_a_plot_as_it_is(picture: str) -> None:
    arms = (Arm("dawnol", 100, Decimal("12.0")), Arm("placebo", 99, None, median_reached=False))
    result = effect(
        "hazard ratio", "0.70", "0.60", "0.90", arms=arms, unit="months", data_cut="Primary analysis",
        endpoint="Relapse-free survival",
    )  # fmt: skip
    assert picture == result_back(result, "DAWN-1")[1].replace("\u00a0", "&nbsp;")


def every_kind(names: Sequence[str]) -> Iterator[str]:
    """Both sides of results of every kind, as papers print them, and with names that have no room."""
    trial = load_record(SUPPORT / "invented_trials" / "kinds-1.yaml", "kinds-1.yaml").trial
    assert trial
    for result in trial.results:
        yield "".join(result_back(result, trial.name, comparisons_of(trial, result)))
        renamed = tuple(replace(arm, name=name) for arm, name in zip(result.arms, names, strict=False))
        between = tuple(renamed[index].name for index in (0, 1)) if result.between else ()
        longer = replace(result, arms=renamed, between=between, unit=names[0], endpoint=names[0])
        yield "".join(result_back(longer, names[0], [longer]))


# Texts of a row that lie on each other or on a mark, and marks that do not stand below each other.
_FAULTS = """() => {
  const faults = [];
  const boxes = (row, look) => [...row.querySelectorAll(look)].map(each => each.getBoundingClientRect());
  const meet = (one, other) => one.left < other.right - 1 && other.left < one.right - 1 &&
    one.top < other.bottom - 2 && other.top < one.bottom - 2 && one.width && other.width;
  for (const plot of document.querySelectorAll(".td-plot")) {
    const places = boxes(plot, ".td-place").map(each => `${Math.round(each.left)} ${Math.round(each.width)}`);
    if (new Set(places).size > 1) faults.push("marks");
    for (const row of plot.querySelectorAll(".td-row")) {
      const [label, value, place] = [".td-label bdi", ".td-value bdi", ".td-place"].map(look => boxes(row, look));
      for (const [one, other] of [[label, value], [label, place], [value, place]])
        if (one.some(each => other.some(any => meet(each, any)))) faults.push(row.textContent);
    }
    const ticks = boxes(plot, ".td-numbers span");
    if (ticks.some((each, index) => ticks.slice(index + 1).some(other => meet(each, other)))) faults.push("ticks");
  }
  return faults;
}"""
_SMALLEST = """() => Math.min(...[...document.querySelectorAll(".td-plot *")].filter(
  each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim())).map(
  each => parseFloat(getComputedStyle(each).fontSize)))"""
_COLOURS = (
    """() => [".td-square.td-accent", ".td-sub"].map(look => getComputedStyle(document.querySelector(look)).color)"""
)


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("text", [100, 200])
@pytest.mark.parametrize(
    ("mode", "colours"),
    [("", ["rgb(27, 94, 166)", "rgb(86, 97, 115)"]), ("nightMode", ["rgb(143, 193, 255)", "rgb(166, 176, 191)"])],
)
def test_plots_are_readable_on_a_card(
    picture: str, width: int, text: int, mode: str, colours: list[str], reviewer: Open
) -> None:
    long = "Daratumumab 16 mg/kg with lenalidomide 25 mg and dexamethasone 40 mg weekly, until progression"
    names = (long, "達拉單抗聯合來那度胺和地塞米松治療組", "Ленадомид плюс дексаметазон", "W" * 90, HOSTILE)
    arms = tuple(Arm(name, 1000 + n, Decimal(n), n != 2, Decimal(20 * n)) for n, name in enumerate(names))
    wide = effect("risk ratio", "1.4", "0.05", "40", arms=arms, unit="months")
    drawings = [picture, result_plot(wide, long), *every_kind(names)]
    page = reviewer(width)
    figures = "".join(f'<figure class="td-picture">{each}</figure>' for each in drawings)
    style = f"html {{ font-size: {text}%; }} {note_type(Kind.QUESTION).style}"
    shown = page.show(f'<article class="td">{figures}</article>', style)
    assert (shown.did, shown.acting) == ([], [])
    assert max(shown.widths) <= width
    page.page.evaluate(
        """mode => { document.body.className = `card card1 ${mode}`;
        document.querySelectorAll(".td-sides").forEach(each => each.style.removeProperty("display")); }""",
        mode,
    )
    assert page.page.evaluate(_FAULTS) == []
    assert page.page.evaluate(_SMALLEST) >= 11 * text / 100
    assert page.page.evaluate(_COLOURS) == colours
