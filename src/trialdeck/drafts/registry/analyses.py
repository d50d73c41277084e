"""One posted analysis as the estimate of a result: measure, interval, P value and hypothesis, with its own digits."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.drafts.registry.margins import margin_in
from trialdeck.drafts.registry.measures import Measure, is_ratio, measure_of, unknown_kind
from trialdeck.drafts.registry.texts import number, p_value, text_of, texts_of
from trialdeck.yamlfile.writer import Number

Posted = Mapping[str, Any]
_HYPOTHESES = {"SUPERIORITY": "superiority", "NON_INFERIORITY": "noninferiority", "EQUIVALENCE": "equivalence"}
_EITHER = re.compile(r"NON_INFERIORITY_OR_EQUIVALENCE")
_ONE_SIDED = re.compile(r"\b(?:1|one)[ -]sided\b", re.IGNORECASE)
_COMMENTS = (
    ("groupDescription", "Analysis"),
    ("statisticalComment", "Test"),
    ("pValueComment", "P value"),
    ("nonInferiorityComment", "Hypothesis"),
    ("estimateComment", "Estimate"),
    ("ciLowerLimitComment", "Lower bound"),
    ("ciUpperLimitComment", "Upper bound"),
    ("otherAnalysisDescription", "Analysis"),
    ("testedNonInferiority", "Non-inferiority"),
)
_KNOWN = frozenset(
    {name for name, _ in _COMMENTS}
    | {"groupIds", "paramType", "paramValue", "ciPctValue", "ciNumSides", "ciLowerLimit", "ciUpperLimit", "pValue",
       "statisticalMethod", "nonInferiorityType", "dispersionType", "dispersionValue"}
)  # fmt: skip


class Effect(msgspec.Struct, frozen=True):
    """What an analysis says of the effect, as properties of a result; `remarks` are comments beside it."""

    properties: Mapping[str, object]
    remarks: tuple[str, ...]
    inferred: tuple[str, ...]

    def with_inferred(self, conclusion: str) -> "Effect":
        """Return the same effect with one more conclusion."""
        return replace(self, inferred=(*self.inferred, conclusion))


class Untaken(msgspec.Struct, frozen=True):
    """Why an analysis gives no result."""

    reason: str


def effect_of(analysis: Posted, outcome: Posted) -> Effect | Untaken:
    """Return the effect that an analysis states, or why it is not taken."""
    parameter = text_of(analysis, "paramType")
    if not parameter and not text_of(analysis, "paramValue"):
        return Untaken(_without_estimate(analysis))
    measure = measure_of(parameter, text_of(outcome, "paramType"))
    if measure is None:
        return Untaken(f'"{parameter or "no name"}" {_shown(analysis)} is {unknown_kind(parameter)}')
    refusal = _refusal(analysis)
    if refusal:
        return Untaken(f"{parameter} {_shown(analysis)}: {refusal}")
    return _effect(analysis, outcome, measure)


def _effect(analysis: Posted, outcome: Posted, measure: Measure) -> Effect:
    hypothesis, doubtful = _hypothesis(analysis)
    p, p_remark = _p(analysis, doubtful=doubtful)
    level = number(text_of(analysis, "ciPctValue"))
    unit = _unit(outcome, measure.name)
    margin = _margin(analysis, outcome, measure.name) if hypothesis == "noninferiority" else ""
    properties: dict[str, object] = {
        "measure": measure.name,
        "estimate": Number(number(text_of(analysis, "paramValue"))),
        "ci": [Number(number(text_of(analysis, bound))) for bound in ("ciLowerLimit", "ciUpperLimit")],
        **({"ci_level": Number(level)} if level else {}),
        **({"p": p} if p else {}),
        **({"unit": unit} if unit else {}),
        **({"hypothesis": hypothesis} if hypothesis else {}),
        **({"margin": Number(margin)} if margin else {}),
        **({"method": method} if (method := text_of(analysis, "statisticalMethod")) else {}),
    }
    inferred = (
        *((f"measure: {measure.inferred}",) if measure.inferred else ()),
        *((f"margin: {margin}, from the comment on the hypothesis",) if margin else ()),
    )
    return Effect(properties, (*_remarks(analysis), *p_remark), inferred)


def _margin(analysis: Posted, outcome: Posted, measure: str) -> str:
    comment = text_of(analysis, "nonInferiorityComment")
    return margin_in(comment, is_ratio=is_ratio(measure), unit=text_of(outcome, "unitOfMeasure"))


def _refusal(analysis: Posted) -> str:
    """Return why an estimate is no estimate with a two-sided interval; empty if it is one."""
    if text_of(analysis, "ciNumSides") == "ONE_SIDED":
        return "its interval has one side"
    if not number(text_of(analysis, "paramValue")):
        return "the estimate is not a number"
    bounds = [text_of(analysis, bound) for bound in ("ciLowerLimit", "ciUpperLimit")]
    if not any(bounds):
        return "no interval is posted"
    return "" if all(map(number, bounds)) else "a bound of its interval is not a number"


def _without_estimate(analysis: Posted) -> str:
    p, method = text_of(analysis, "pValue"), text_of(analysis, "statisticalMethod")
    return f"no estimate, only a P value: {p} ({method or 'no method'})" if p else "no estimate"


def _shown(analysis: Posted) -> str:
    value = text_of(analysis, "paramValue") or "without a value"
    bounds = " to ".join(filter(None, (text_of(analysis, bound) for bound in ("ciLowerLimit", "ciUpperLimit"))))
    level = text_of(analysis, "ciPctValue")
    return f"{value} ({f'{level} % ' if level else ''}{bounds})" if bounds else value


def _hypothesis(analysis: Posted) -> tuple[str, bool]:
    """Return the hypothesis, and whether it is open what the P value tests."""
    kind = text_of(analysis, "nonInferiorityType").upper()
    if _EITHER.match(kind):
        comment = text_of(analysis, "nonInferiorityComment").casefold()
        named = [
            name for word, name in (("inferior", "noninferiority"), ("equivalen", "equivalence")) if word in comment
        ]
        return (named[0], False) if len(named) == 1 else ("", True)
    return _HYPOTHESES.get(kind, ""), False


def _p(analysis: Posted, *, doubtful: bool) -> tuple[str, tuple[str, ...]]:
    posted = text_of(analysis, "pValue")
    if not posted:
        return "", ()
    value = p_value(posted)
    if doubtful or not value:
        reason = "of non-inferiority or equivalence, the registry does not say which" if doubtful else "as posted"
        return "", (f"P value, not taken ({reason}): {posted}",)
    return f"{value} (one-sided)" if _ONE_SIDED.search(text_of(analysis, "statisticalMethod")) else value, ()


def _unit(outcome: Posted, measure: str) -> str:
    """Return the unit of means, medians and differences of them; shares and ratios have none."""
    kind, unit = text_of(outcome, "paramType"), text_of(outcome, "unitOfMeasure")
    has_unit = kind in ("MEAN", "LEAST_SQUARES_MEAN", "MEDIAN", "GEOMETRIC_MEAN") or measure == "mean difference"
    return unit if has_unit and unit.casefold() != "ratio" and not (is_ratio(measure) and unit == "") else ""


def _remarks(analysis: Posted) -> tuple[str, ...]:
    remarks = [f"{label}: {text}" for name, label in _COMMENTS if (text := text_of(analysis, name))]
    kind = text_of(analysis, "nonInferiorityType")
    if kind and kind.upper() not in _HYPOTHESES:
        remarks.append(f"Type of hypothesis in the registry: {kind}")
    spread = " ".join(filter(None, (text_of(analysis, "dispersionType"), text_of(analysis, "dispersionValue"))))
    if spread:
        remarks.append(f"Dispersion of the estimate: {spread}")
    unknown = sorted(name for name in analysis if name not in _KNOWN)
    return (*remarks, *(f"Not taken, field {name}: {_brief(analysis, name)}" for name in unknown))


def _brief(analysis: Posted, name: str) -> str:
    return text_of(analysis, name) or ", ".join(texts_of(analysis, name)) or "no text"
