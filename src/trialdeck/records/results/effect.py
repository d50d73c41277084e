"""The effect of a result in words: measure, estimate, interval with its level, P value."""

import re
from collections.abc import Callable
from decimal import Decimal

from trialdeck.core.text import is_blank
from trialdeck.core.words import translate
from trialdeck.records.model import Result

HAZARD_RATIO = "hazard ratio"
RATIOS = frozenset({
    HAZARD_RATIO, "odds ratio", "risk ratio", "rate ratio", "ratio of means", "ratio of geometric means"
})  # fmt: skip
"""The measures that are 1 where there is no effect."""
STANDARDISED = "standardised mean difference"
DIFFERENCES = frozenset({"risk difference", "rate difference", "mean difference", STANDARDISED})
"""The measures that are 0 where there is no effect."""
HYPOTHESES = {"superiority": "superiority", "noninferiority": "non-inferiority", "equivalence": "equivalence"}
"""The hypotheses of the schema, as cards name them."""
INTERVAL = "{level}% CI"
"""What an interval of a known level is called."""


_P = re.compile(
    r"\s*(?:P(?:[- ]?values?)?\b:?)?\s*(?P<sign>[<>=≤≥]=?)?\s*(?P<number>[-−]?(?:[0-9]+(?:[.·][0-9]+)?|[.·][0-9]+))?"
    r"(?P<power>e[-−+]?[0-9]+|\s*[×x*]\s*10)?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


def p_words(p: str) -> str:
    """Return a P value as a phrase, for example `P = 0.01` or `P < 0.001`, however the author began it."""
    stated = _P.fullmatch(p)
    assert stated  # every part of the pattern may be missing
    sign = {"<=": "≤", ">=": "≥", "==": "="}.get(stated["sign"] or "=", stated["sign"] or "=")
    return f"P {sign} {p[stated.start('number') if stated['number'] else stated.start('rest') :].strip()}"


def p_number(p: str) -> Decimal | None:
    """Return the number of a P value; None if it states none, or as a power of ten."""
    stated = _P.fullmatch(p)
    if not stated or not stated["number"] or stated["power"]:
        return None
    return Decimal(stated["number"].replace("·", ".").replace("−", "-"))


def number_words(number: Decimal) -> str:
    """Return a number with all its digits and a minus sign, as a card shows it."""
    return with_minus_sign(str(number))


def with_minus_sign(digits: str) -> str:
    """Return a written number with a minus sign in front instead of a hyphen; that of an exponent stays."""
    return f"−{digits[1:]}" if digits.startswith("-") else digits


def unit_words(result: Result) -> str:
    """Return the unit of an estimate with a space before it; empty if it has none.

    A ratio never has one, nor has a standardised difference: it counts in standard deviations.
    """
    has_unit = result.measure in DIFFERENCES - {STANDARDISED} and not is_blank(result.unit)
    return f" {result.unit}" if has_unit else ""


def measure_of(result: Result) -> str:
    """Return what was measured, or `estimate` if the record does not say."""
    return translate(result.measure or "estimate")


def plural_of(measure: str) -> str:
    """Return the name of a measure, or of estimates if it is empty, for several: `hazard ratios`, `ratios of means`."""
    head, of, rest = (measure or "estimate").partition(" of ")
    return translate(f"{head}s{of}{rest}")


def capitalised(words: str) -> str:
    """Return words with a capital at their start; the others stay as they are."""
    return words[:1].upper() + words[1:]


def estimate_of(result: Result) -> str:
    """Return the estimate as it was published, or that it is not stated."""
    return translate("not stated") if result.estimate is None else number_words(result.estimate)


def interval_words(result: Result, called: str = INTERVAL, digits: Callable[[Decimal], str] = number_words) -> str:
    """Return the interval of a result with its level, for example `95% CI 0.59 to 0.94`; empty if it has none.

    `called` is what an interval of a known level is called, `digits` writes a number.
    """
    if result.ci is None:
        return ""
    return bounds_words(result.ci, result.ci_level, called, digits)


def bounds_words(
    ci: tuple[Decimal | None, Decimal | None],
    level: Decimal | None,
    called: str = INTERVAL,
    digits: Callable[[Decimal], str] = number_words,
) -> str:
    """Return an interval with its level.

    Args:
        ci: The bounds; None for one that was not reached.
        level: The level in per cent; None if it is not stated.
        called: The name of an interval of a known level.
        digits: Writes a number.

    Returns:
        The words, for example `95% CI 0.59 to 0.94`.

    """
    name = translate(called, level=digits(level)) if level is not None else translate("CI, level not stated:")
    low, high = (digits(bound) if bound is not None else translate("not reached") for bound in ci)
    return f"{name} {translate('{low} to {high}', low=low, high=high)}"


def _tested_words(result: Result) -> str:
    """Return what a P value tests if it is stated, so that one of non-inferiority is not taken for superiority."""
    tested = HYPOTHESES.get(result.hypothesis, "")
    is_said = tested.replace("-", "") in result.p.casefold().replace("-", "")
    return f" {translate(f'for {tested}')}" if tested and not is_said else ""


def p_phrase(result: Result) -> str:
    """Return the P value of a result with what it tests, `P = 0.02 for non-inferiority`; empty if it has none."""
    return f"{p_words(result.p)}{_tested_words(result)}" if result.p else ""


def effect_words(result: Result, strong: Callable[[str], str] = str, text: Callable[[str], str] = str) -> str:
    """Return the effect as one phrase; empty if neither estimate, interval nor P value is stated.

    `strong` marks up the estimate, `text` what the author wrote as the P value.
    """
    parts = []
    if result.estimate is not None or result.ci:
        stated = estimate_of(result)
        if result.estimate is not None:
            stated = f"{strong(stated)}{text(unit_words(result))}"
        interval = interval_words(result)
        parts.append(f"{capitalised(measure_of(result))} {stated}{f' ({interval})' if interval else ''}")
    if result.p:
        parts.append(text(p_phrase(result)))
    return ", ".join(parts)
