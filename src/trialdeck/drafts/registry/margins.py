"""The margin of a non-inferiority test, where the registry's comment states it beyond doubt."""

import re

from trialdeck.drafts.registry.texts import number

_DIGITS = r"([-−–+]?(?:[0-9]{1,6}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}))(?![0-9.,]?[0-9]) ?(%|per ?cent\b)?"
_SAYS = r"(?:of|is|was|at|to be|set at|set to|defined as|equal to|=|:)"
_NAMED = re.compile(
    rf"\b(?:margin|boundary|threshold)(?: \((?:NI|delta|HR)\))?,? ?{_SAYS} "
    rf"(?:a |an )?(?:hazard ratio |HR )?(?:of )?{_DIGITS}",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(upper|lower) (?:limit|bound|boundary)\b[^.;]{0,120}?"
    rf"(?:below|less than|lower than|above|greater than|more than|exceeds?|<|>)(?: a| the)? ?{_DIGITS}",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"[0-9.]{1,8} ?% ?(?:two-sided |2-sided )?(?:CIs?\b|confidence)", re.IGNORECASE)
_INFERIOR = re.compile(r"inferior", re.IGNORECASE)


def margin_in(comment: str, *, is_ratio: bool, unit: str) -> str:
    """Return the margin that a comment states, with its digits; empty if it states none, or could mean several.

    Args:
        comment: The registry's comment on the hypothesis, in plain text.
        is_ratio: Whether the estimate is a ratio; a margin of a ratio in per cent is on another scale.
        unit: The unit of the outcome, for a margin in per cent.

    Returns:
        The number, on the scale of the estimate.

    """
    if not _INFERIOR.search(comment):
        return ""
    # The level of an interval is no margin.
    said = _LEVEL.sub("interval", comment)
    named = {(match[1], match[2] or "") for match in _NAMED.finditer(said)}
    bounds = {(match[2], match[3] or "", match[1].casefold()) for match in _BOUND.finditer(said)}
    values = {(number(digits), bool(sign)) for digits, sign in (*named, *((text, sign) for text, sign, _ in bounds))}
    if len(values) != 1:
        return ""
    value, in_per_cent = values.pop()
    if not value or (in_per_cent and not _is_per_cent(unit, is_ratio=is_ratio)):
        return ""
    if is_ratio:
        return "" if value.startswith("-") or float(value) in (0.0, 1.0) else value
    # Without a sign, only the bound that decides says on which side of no effect it lies.
    ends = {end for _, _, end in bounds}
    settled = value.startswith("-") or ends == {"upper"}
    return value if settled and float(value) else ""


def _is_per_cent(unit: str, *, is_ratio: bool) -> bool:
    return not is_ratio and ("%" in unit or "percent" in unit.casefold() or "per cent" in unit.casefold())
