"""Plots of results, measured in their coordinates, and looked at in a real Anki and a real Chromium."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from trialdeck.notes.plots.forest import CROSS_TRIAL, ForestRow, forest_plot
from trialdeck.notes.plots.svg import WIDTH, shortened, wrapped

from anki_releases import NEWEST, REPORT, run
from builds import build
from folders import SUPPORT
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.plots.result import result_plot
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
LIMIT = 6000
ELEMENTS = {"svg", "title", "desc", "g", "text", "tspan", "rect", "path"}
ATTRIBUTES = {
    "class", "viewBox", "width", "height", "role", "aria-label", "fill", "font-size", "font-weight", "x", "y", "d",
    "stroke", "stroke-width", "stroke-dasharray", "text-anchor", "opacity",
}  # fmt: skip
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


class Plot:
    """A drawing, taken to pieces."""

    def __init__(self, svg: str) -> None:
        assert svg, "nothing is drawn"
        self.svg = svg
        self.root = ET.fromstring(svg)
        self.texts = ["".join(each.itertext()) for each in self.root.iter("text")]
        self.spoken = self.root.attrib["aria-label"]
        _, _, self.width, self.height = map(float, self.root.attrib["viewBox"].split())

    def of_class(self, name: str) -> list[ET.Element]:
        return [each for each in self.root.iter() if each.get("class") == f"td-plot-{name}"]

    @property
    def estimates(self) -> list[float]:
        """The x of the middle of every square."""
        return [float(each.attrib["x"]) + 4 for each in self.of_class("mark") if each.get("width") == "8"]

    @property
    def intervals(self) -> list[tuple[float, float]]:
        paths = [each.attrib["d"] for each in self.of_class("line")]
        ends = [re.fullmatch(r"M([\d.]+) [\d.]+v8m0-4H([\d.]+)m0-4v8", path) for path in paths]
        return [(float(end[1]), float(end[2])) for end in ends if end]

    @property
    def nulls(self) -> list[float]:
        (path,) = self.of_class("null")
        return [float(x) for x in re.findall(r"M([\d.]+)", path.attrib["d"])]

    @property
    def ticks(self) -> dict[float, float]:
        """The x of every tick, by the number below it, which has a minus sign and no hyphen."""
        (path,) = self.of_class("axis")
        places = [float(x) for x in re.findall(r"M([\d.]+) [\d.]+v4", path.attrib["d"])]
        (labels,) = [each for each in self.root.iter("g") if each.get("text-anchor") == "middle"]
        numbers = ["".join(each.itertext()) for each in list(labels)[:-1]]
        assert "-" not in "".join(numbers)
        return dict(zip([float(number.replace("−", "-")) for number in numbers], places, strict=True))

    @property
    def bars(self) -> list[float]:
        """The lengths of all bars, from the top down; not those of the rails that they run on."""
        bars = [each for each in self.root.iter("rect") if each.get("height") == "9" and each.get("opacity") != "0.12"]
        return [float(each.attrib["width"]) for each in bars]

    @property
    def open_bars(self) -> list[ET.Element]:
        dashed = [each for each in self.root.iter("path") if each.get("stroke-dasharray")]
        return [each for each in dashed if each.get("class") is None]

    def x_values(self) -> Iterator[float]:
        """Every x at which something starts or ends."""
        for each in self.root.iter():
            if "x" in each.attrib or each.tag == "rect":
                yield (x := float(each.get("x", 0)))
                yield x + (float(each.get("width", 0)) if each.tag == "rect" else 0)
            yield from (float(x) for x in re.findall(r"[MH]([-\d.e]+)", each.get("d", "")))


def plot(result: Result) -> Plot:
    return Plot(result_plot(result, "DAWN-1"))


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
    drawn = plot(effect(measure, estimate, low, high))
    (null,) = drawn.nulls
    ticks = drawn.ticks
    assert ticks[1] == null
    known = {1.0: null, float(low): drawn.intervals[0][0], float(high): drawn.intervals[0][1]}
    known |= {float(estimate): drawn.estimates[0], **ticks}
    first, last = min(known), max(known)
    unit = (known[last] - known[first]) / (math.log(last / first) or 1)
    for value, x in known.items():
        assert x == pytest.approx(known[first] + unit * math.log(value / first), abs=0.16)
    assert "no effect" in drawn.texts


@pytest.mark.parametrize("measure", DIFFERENCES)
@pytest.mark.parametrize(
    ("estimate", "low", "high"), [("-3.2", "-6.5", "0.1"), ("12", "3", "21"), ("0", "-1", "1"), ("-800", "-900", "-1")]
)
def test_a_difference_stands_on_a_linear_axis(measure: str, estimate: str, low: str, high: str) -> None:
    drawn = plot(effect(measure, estimate, low, high))
    (null,) = drawn.nulls
    assert drawn.ticks[0] == null
    known = {0.0: null, float(low): drawn.intervals[0][0], float(high): drawn.intervals[0][1]}
    known |= {float(estimate): drawn.estimates[0], **drawn.ticks}
    first, last = min(known), max(known)
    unit = (known[last] - known[first]) / (last - first)
    for value, x in known.items():
        assert x == pytest.approx(known[first] + unit * (value - first), abs=0.16)


@pytest.mark.parametrize(
    ("result", "ticks"),
    [
        (effect("hazard ratio", "0.74", "0.59", "0.94"), [0.6, 0.7, 0.8, 0.9, 1]),
        (effect("hazard ratio", "0.37", "0.27", "0.52"), [0.3, 0.5, 0.7, 1]),
        (effect("risk ratio", "1.4", "0.05", "40"), [0.1, 0.3, 1, 3, 10, 30]),
        (effect("rate ratio", "0.02", "0.0001", "0.9"), [0.0001, 0.001, 0.01, 0.1, 1]),
        (effect("odds ratio", "1", "1E-9", "1E+9"), [1e-5, 1, 1e5]),
        (effect("risk difference", "-3.2", "-6.5", "0.1"), [-6, -5, -4, -3, -2, -1, 0]),
        (effect("mean difference", "0"), [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks_are_round(result: Result, ticks: list[float]) -> None:
    assert list(plot(result).ticks) == ticks


def test_the_longest_median_fills_the_width_and_the_others_their_share() -> None:
    assert plot(medians("20.6", "14.7")).bars == [WIDTH, pytest.approx(WIDTH * 14.7 / 20.6, abs=0.05)]
    assert plot(medians("0", "0")).bars == [0, 0]


def test_a_median_that_was_not_reached_has_words_and_no_end() -> None:
    drawn = plot(medians("", "18.4", "9.2"))
    assert "not reached" in drawn.texts
    assert drawn.bars == [pytest.approx(0.7 * WIDTH, abs=0.05), pytest.approx(0.35 * WIDTH, abs=0.05)]
    (open_bar,) = drawn.open_bars
    assert re.fullmatch(rf"M{WIDTH:.0f} [\d.]+H\.5v8H{WIDTH:.0f}", open_bar.attrib["d"])
    assert "Arm 0 (n = 10): not reached; Arm 1 (n = 11): 18.4" in drawn.spoken


def test_nothing_is_longer_than_what_was_not_reached_anywhere() -> None:
    drawn = plot(medians("", ""))
    assert (drawn.bars, len(drawn.open_bars)) == ([], 2)


def test_percentages_run_from_0_to_100() -> None:
    drawn = plot(percentages("78", "0", "100", "0.5", "33.3"))
    assert drawn.bars == pytest.approx([WIDTH * each for each in (0.78, 0, 1, 0.005, 0.333)], abs=0.06)
    assert {"78%", "0%", "100%", "0.5%", "33.3%"} <= set(drawn.texts)


def test_the_parts_of_a_result_stack() -> None:
    arms = (Arm("A", 5, Decimal("2.0"), percent=Decimal(40)), Arm("B", None, Decimal(1), percent=Decimal(20)))
    drawn = plot(effect("odds ratio", "0.70", "0.60", "0.90", arms=arms, unit="weeks"))
    order = ["Odds ratio 0.70", "95% CI 0.60 to 0.90", "no effect", "Median (weeks)", "2.0", "Percentage of patients"]
    assert [each for each in drawn.texts if each in order] == order
    assert drawn.bars == pytest.approx([WIDTH, WIDTH / 2, WIDTH * 0.4, WIDTH * 0.2])
    ys = [float(each.attrib["y"]) for each in drawn.root.iter("text")]
    assert max(ys) <= drawn.height


# --- What is not there


def test_an_estimate_without_interval_is_a_point_and_says_so() -> None:
    drawn = plot(effect("hazard ratio", "0.939"))
    assert (len(drawn.estimates), drawn.intervals) == (1, [])
    assert drawn.texts[:2] == ["Hazard ratio 0.939", "interval not given"]


def test_a_level_that_is_not_stated_is_not_made_up() -> None:
    drawn = plot(effect("hazard ratio", "0.8", "0.7", "0.9", ci_level=None))
    assert drawn.texts[1] == "CI, level not stated: 0.7 to 0.9"
    assert "95" not in drawn.spoken


@pytest.mark.parametrize(("low", "shown"), [("0", "0"), ("-0.1", "−0.1")])
def test_a_bound_that_no_log_axis_has_keeps_its_words(low: str, shown: str) -> None:
    drawn = plot(effect("rate ratio", "0.2", low, "0.9"))
    assert (len(drawn.estimates), drawn.intervals) == (1, [])
    assert drawn.texts[1] == f"95% CI {shown} to 0.9 (not drawn)"


@pytest.mark.parametrize("estimate", ["0", "-1", "NaN", "Infinity", "1E+99"])
def test_an_estimate_that_no_log_axis_has_keeps_its_words(estimate: str) -> None:
    alone = effect("rate ratio", estimate)
    assert result_plot(alone) == ""
    beside = effect("rate ratio", estimate, arms=(Arm("A", percent=Decimal(3)),))
    drawn = plot(beside)
    assert (drawn.estimates, drawn.of_class("axis")) == ([], [])
    assert any(each.startswith("Rate ratio") for each in drawn.texts)


@pytest.mark.parametrize(
    "result",
    [
        made(),
        made(p="0.04"),
        made(estimate=Decimal("1.5")),
        made(arms=(Arm("A", 3), Arm("B"))),
    ],
)
def test_nothing_is_drawn_of_nothing(result: Result) -> None:
    assert result_plot(result) == ""


# --- Words


def test_a_screen_reader_says_all_numbers_as_published() -> None:
    arms = (Arm("IRd", 360, Decimal("20.60")), Arm("placebo-Rd", None, Decimal("14.7"), percent=Decimal("7.0")))
    result = effect("hazard ratio", "0.70", "0.60", "0.90", arms=arms, unit="months", data_cut="Final analysis")
    drawn = plot(result)
    assert drawn.spoken == (
        "DAWN-1: Overall survival. Data cut: Final analysis. Hazard ratio 0.70, 95% confidence interval 0.60 to 0.90. "
        "Median (months): IRd (n = 360): 20.60; placebo-Rd: 14.7. Percentage of patients: placebo-Rd: 7.0%."
    )
    assert [each.tag for each in drawn.root][:2] == ["title", "desc"]
    assert drawn.root.findtext("title") == "DAWN-1: Overall survival"
    assert "no effect at 1" in (drawn.root.findtext("desc") or "")
    assert drawn.root.attrib["role"] == "img"


def test_no_side_of_the_line_is_called_better() -> None:
    for drawn in (plot(effect("hazard ratio", "0.7", "0.6", "0.9")), plot(effect("risk difference", "-3"))):
        assert not re.search("favou?r|better|worse|benefit", drawn.svg, re.IGNORECASE)


def test_many_digits_stay_and_endless_ones_become_powers_of_ten() -> None:
    assert "Odds ratio 0.74123456789012" in plot(effect("odds ratio", "0.74123456789012")).texts
    assert "1.0E-30" in medians_text("1.0E-30")
    assert "Mean difference −1.0E-30" in plot(effect("mean difference", "-1.0E-30")).texts
    assert "0.0000001" in medians_text("1E-7")


def medians_text(value: str) -> list[str]:
    return plot(medians(value)).texts


def test_a_long_name_is_shortened_and_whole_in_its_title() -> None:
    name = "Daratumumab 16 mg/kg with lenalidomide 25 mg and dexamethasone 40 mg weekly, until progression of disease"
    drawn = plot(made(arms=(Arm(name, 12345, percent=Decimal("12.5")), Arm("B", percent=Decimal(3)))))
    group = next(each for each in drawn.root.iter("g") if each.find("title") is not None)
    assert group.findtext("title") == name
    first, *_, last = ["".join(each.itertext()) for each in group.iter("text")]
    assert name.startswith(first)
    assert last.endswith("… (n\u00a0=\u00a012345)")


def test_markdown_in_names_is_shown_as_on_the_card() -> None:
    drawn = plot(
        made(endpoint="*Overall* survival", arms=(Arm("**IRd** \\* [x](https://example.org)", 3, Decimal(2)),))
    )
    assert "IRd * x (n\u00a0=\u00a03)" in drawn.texts
    assert drawn.root.findtext("title") == "DAWN-1: Overall survival"


@pytest.mark.parametrize(
    ("words", "width", "lines", "expected"),
    [
        ("", 50, 2, []),
        ("one", 50, 2, ["one"]),
        ("one two three", 56, 3, ["one two", "three"]),
        ("one two three eight", 56, 2, ["one two", "three…"]),
        ("oooooooooooooo", 50, 2, ["oooooo", "oooo…"]),
        ("達拉單抗聯合", 40, 3, ["達拉單", "抗聯合"]),
        ("W", 1, 2, ["W"]),
    ],
)
def test_text_wraps_within_a_width(words: str, width: float, lines: int, expected: list[str]) -> None:
    assert wrapped(words, width, lines) == expected


def test_text_is_shortened_to_so_many_letters() -> None:
    assert (shortened("abc", 3), shortened("abcd", 3), shortened(" a \n b ", 3)) == ("abc", "ab…", "a b")


def test_hostile_names_are_words_and_nothing_else() -> None:
    result = made(
        HOSTILE, data_cut=HOSTILE, unit=HOSTILE, arms=(Arm(HOSTILE, 3, Decimal(2)), Arm("`{{x}}`", 1, Decimal(1)))
    )
    svg = result_plot(result, HOSTILE)
    for mark in ("{{", "}}", "[sound:", "[latex]", "[[type:", "\\(", "<script", "<span"):
        assert mark not in svg
    drawn = Plot(svg)
    check_safe(drawn)
    title = "".join(drawn.root[0].itertext())
    assert title == shortened(f"{HOSTILE}: {HOSTILE}", 160)
    assert drawn.spoken.startswith(f"{title}. Data cut: {HOSTILE}.")


# --- Every drawing


def check_safe(drawn: Plot) -> None:
    """Hold a drawing to what every one must keep."""
    assert {each.tag for each in drawn.root.iter()} <= ELEMENTS
    assert {name for each in drawn.root.iter() for name in each.attrib} <= ATTRIBUTES
    assert not re.search(r"url\(|javascript:|<style|\sid=|href", re.sub(r'aria-label="[^"]*"|>[^<]*<', "", drawn.svg))
    assert all(-0.05 <= x <= WIDTH + 0.05 for x in drawn.x_values())
    numbers = [
        value for each in drawn.root.iter() for name, value in each.attrib.items() if name in {"x", "y", "width"}
    ]
    assert all(re.fullmatch(r"-?\d+(\.\d)?|100%", value) for value in numbers)


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
def test_any_result_gives_a_safe_drawing_or_none(result: Result, trial: str) -> None:
    svg = result_plot(result, trial)
    assert svg == result_plot(result, trial)
    if svg:
        assert len(svg.encode()) < LIMIT
        check_safe(Plot(svg))


@given(st.lists(st.builds(ForestRow, PLAIN, results()), max_size=5), PLAIN)
def test_any_rows_give_a_safe_forest_or_none(rows: list[ForestRow], endpoint: str) -> None:
    svg = forest_plot(rows, endpoint)
    if svg:
        assert len(svg.encode()) < LIMIT
        check_safe(Plot(svg))


# --- Several trials


FOREST = [
    ForestRow("ASPIRE", effect("hazard ratio", "0.69", "0.57", "0.83", data_cut="Primary")),
    ForestRow("ELOQUENT-2", effect("hazard ratio", "0.82", "0.68", "1.00", ci_level=Decimal("95.4"), data_cut="Final")),
    ForestRow("TOURMALINE-MM1", effect("hazard ratio", "0.939")),
    ForestRow("ZERO", effect("hazard ratio", "0", "0", "0.9")),
    ForestRow("OTHER", effect("risk difference", "-3.2", "-6.5", "0.1")),
    ForestRow("NOTHING", made()),
]


def test_a_forest_has_one_axis_and_a_row_a_trial() -> None:
    drawn = Plot(forest_plot(FOREST, "Overall survival"))
    assert len(drawn.estimates) == 3
    assert len(drawn.intervals) == 2
    assert set(drawn.nulls) == {drawn.ticks[1]}
    (low, _), (_, at_one) = drawn.intervals
    assert at_one == drawn.nulls[0]
    unit = (drawn.nulls[0] - low) / -math.log(0.57)
    for x, estimate in zip(drawn.estimates, (0.69, 0.82, 0.939), strict=True):
        assert x == pytest.approx(drawn.nulls[0] + unit * math.log(estimate), abs=0.2)


def test_a_forest_says_what_it_is_and_never_pools() -> None:
    drawn = Plot(forest_plot(FOREST, "Overall *survival*"))
    assert drawn.texts[:2] == ["Overall survival", CROSS_TRIAL]
    for words in (
        "Hazard ratio 0.69, 95% CI 0.57 to 0.83", "Data cut: Primary", "Hazard ratio 0.82, 95.4% CI 0.68 to 1.00",
        "Hazard ratio 0.939, interval not given", "Hazard ratio 0, 95% CI 0 to 0.9",
        "Risk difference −3.2, 95% CI −6.5 to 0.1", "no estimate", "Data cut: not stated",
    ):  # fmt: skip
        assert words in drawn.texts
        assert words in drawn.spoken
    assert CROSS_TRIAL in drawn.spoken
    assert not re.search("pool|overall effect|summary", drawn.svg, re.IGNORECASE)


def test_a_forest_of_no_ratios_is_none() -> None:
    assert forest_plot([], "x") == ""
    assert forest_plot(FOREST[3:], "x") == ""


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


def test_anki_keeps_a_drawing_as_it_is(picture: str) -> None:
    arms = (Arm("dawnol", 100, Decimal("12.0")), Arm("placebo", 99, None, median_reached=False))
    result = effect(
        "hazard ratio", "0.70", "0.60", "0.90", arms=arms, unit="months", data_cut="Primary analysis",
        endpoint="Relapse-free survival",
    )  # fmt: skip
    assert picture == result_back(result, "DAWN-1")[1]
    assert picture.startswith(result_plot(result, "DAWN-1"))


def every_kind(names: Sequence[str]) -> Iterator[str]:
    """Drawings of results of every kind, as papers print them, and with names that have no room."""
    trial = load_record(SUPPORT / "invented_trials" / "kinds-1.yaml", "kinds-1.yaml").trial
    assert trial
    for result in trial.results:
        yield result_plot(result, trial.name, comparisons_of(trial, result))
        renamed = tuple(replace(arm, name=name) for arm, name in zip(result.arms, names, strict=False))
        between = tuple(renamed[index].name for index in (0, 1)) if result.between else ()
        longer = replace(result, arms=renamed, between=between, unit=names[0], endpoint=names[0])
        yield result_plot(longer, names[0], [longer])


# Texts that stick out of their drawing, and texts that lie on others; heights of lines overlap by a little.
_FAULTS = """() => [...document.querySelectorAll("svg")].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map(each => [each.textContent, each.getBoundingClientRect()]);
  const out = texts.filter(([_, at]) =>
    at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 || at.bottom > box.bottom + 1);
  const on = texts.filter(([_, at], place) => texts.slice(place + 1).some(([_, other]) =>
    at.left < other.right - 1 && other.left < at.right - 1 && at.top < other.bottom - 4 && other.top < at.bottom - 4));
  return [...out, ...on].map(([words]) => words);
})"""
_SIZES = """() => [...document.querySelectorAll("svg text")].map(
  each => parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a)"""
_COLOURS = """() => ["mark", "soft"].map(name => getComputedStyle(document.querySelector(`.td-plot-${name}`)).fill)"""


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize(
    ("mode", "colours"),
    [("", ["rgb(27, 94, 166)", "rgb(86, 97, 115)"]), ("nightMode", ["rgb(143, 193, 255)", "rgb(166, 176, 191)"])],
)
def test_drawings_are_readable_on_a_card(
    picture: str, width: int, mode: str, colours: list[str], reviewer: Open
) -> None:
    long = "Daratumumab 16 mg/kg with lenalidomide 25 mg and dexamethasone 40 mg weekly, until progression"
    names = (long, "達拉單抗聯合來那度胺和地塞米松治療組", "Ленадомид плюс дексаметазон", "W" * 90, HOSTILE)
    arms = tuple(Arm(name, 1000 + n, Decimal(n), n != 2, Decimal(20 * n)) for n, name in enumerate(names))
    wide = effect("risk ratio", "1.4", "0.05", "40", arms=arms, unit="months")
    drawings = [picture, result_plot(wide, long), forest_plot(FOREST, long), *every_kind(names)]
    page = reviewer(width)
    figures = "".join(f'<figure class="td-picture">{each}</figure>' for each in drawings)
    style = note_type(Kind.QUESTION).style
    shown = page.show(f'<article class="td">{figures}</article>', style)
    assert (shown.did, shown.acting) == ([], [])
    assert max(shown.widths) <= width
    page.page.evaluate(
        """mode => { document.body.className = `card card1 ${mode}`;
        document.querySelectorAll("svg").forEach(each => each.removeAttribute("style")); }""",
        mode,
    )
    assert page.page.evaluate(_FAULTS) == []
    assert min(page.page.evaluate(_SIZES)) > 10.8
    assert page.page.evaluate(_COLOURS) == colours
