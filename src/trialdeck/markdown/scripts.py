"""The characters that are raised or lowered by themselves: 10⁹, m², Ca²⁺, H₂O."""

from collections.abc import Mapping
from types import MappingProxyType

_BASE = "0123456789+=()"
# A hyphen, a dash and a minus sign mean the same here.
_MINUSES = "-\u2010\u2011\u2013\u2212"

RAISED: Mapping[str, str] = MappingProxyType({
    **dict(zip(_BASE, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁼⁽⁾", strict=True)),
    **dict.fromkeys(_MINUSES, "⁻"),
})  # fmt: skip
"""The superscript of each character that has one."""
LOWERED: Mapping[str, str] = MappingProxyType({
    **dict(zip(_BASE, "₀₁₂₃₄₅₆₇₈₉₊₌₍₎", strict=True)),
    **dict.fromkeys(_MINUSES, "₋"),
})  # fmt: skip
"""The subscript of each character that has one."""
