"""What the registry calls an estimate, in the words of a record; what is not known for certain stays out."""

import re

import msgspec

_WORD = re.compile(r"[a-z0-9]+")
_FILLER_WORDS = """
of the in between for adjusted unadjusted stratified unstratified common estimated estimate ls least square squares
treatment group groups arms arm final value values net change from baseline cox mantel haenszel
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
_MEASURES = {
    "hazard ratio": ("hazard ratio", "hazard ratio hr", "hazards ratio", "hr", "hazard ratios"),
    "odds ratio": ("odds ratio", "odds ratio or", "or", "odds ratios"),
    "risk ratio": ("risk ratio", "risk ratio rr", "relative risk", "relative risk rr"),
    "rate ratio": ("rate ratio", "rate ratio rr", "incidence rate ratio", "incidence rate ratio irr", "irr"),
    "ratio of means": ("ratio means", "mean ratio", "ratio mean", "means ratio", "lsmeans ratio", "ratio lsmeans"),
    "ratio of geometric means": (
        "geometric mean ratio", "geometric mean ratio gmr", "ratio geometric means", "ratio geometric mean",
        "geometric means ratio",
    ),
    "risk difference": ("risk difference", "risk difference rd", "difference proportions", "difference proportion",
                        "proportion difference", "difference percentages",
                        "difference percentage participants", "absolute risk difference"),
    "rate difference": ("rate difference", "incidence rate difference", "difference rates"),
    "mean difference": ("mean difference", "difference means", "difference mean", "means difference",
                        "lsmean difference", "lsmeans difference", "difference lsmeans", "difference lsmean",
                        "lsm difference", "difference lsm", "mean difference lsmd"),
    "standardised mean difference": ("standardised mean difference", "standardized mean difference"),
}  # fmt: skip
_BY_WORDS = {frozenset(names.split()): measure for measure, all_names in _MEASURES.items() for names in all_names}
_KINDS_APART = (
    (
        frozenset({"posterior", "bayesian", "credible"}),
        "a Bayesian estimate (posterior), which no measure of a record is",
    ),
    (frozenset({"log", "ln", "logarithmic"}), "on a logarithmic scale, which no measure of a record is"),
    (frozenset({"median", "medians", "hodges"}), "a difference or ratio of medians, which no measure of a record is"),
)
_MEANS = frozenset({"MEAN", "LEAST_SQUARES_MEAN"})
_DIFFERENCE = frozenset({"difference"})
_HAZARD = frozenset({"proportional", "hazard"})


class Measure(msgspec.Struct, frozen=True):
    """The measure of a record; `inferred` says what it was concluded from, or is empty."""

    name: str
    inferred: str = ""


def measure_of(parameter: str, outcome_type: str) -> Measure | None:
    """Return the measure of an analysis; `None` if the registry's words do not settle it.

    `parameter` is the registry's paramType in plain text, `outcome_type` that of the outcome's values (`MEAN` …): a
    bare "Difference" of means is a mean difference.
    """
    words = frozenset(_WORD.findall(parameter.casefold())) - _FILLERS
    known = _BY_WORDS.get(words)
    if known:
        return Measure(known)
    if words == _DIFFERENCE and outcome_type in _MEANS:
        return Measure("mean difference", f'the registry says "{parameter}", of means')
    if words == _HAZARD:
        return Measure("hazard ratio", f'the registry says "{parameter}"')
    return None


def unknown_kind(parameter: str) -> str:
    """Return what an estimate is that no measure of a record fits."""
    words = frozenset(_WORD.findall(parameter.casefold()))
    return next((said for marks, said in _KINDS_APART if words & marks), "no measure that a record knows")


def is_ratio(measure: str) -> bool:
    """Whether the measure has no unit of its own."""
    return measure.endswith("ratio") or measure.startswith("ratio")
