"""Numbers as a workbook shows them: 0.5 in the format `0.00` is 0.50."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

import msgspec

_UNSEEN = re.compile(r'"[^"]*+"?|\\.|_.|\*.|\[[^\]]*+\]?')
"""What stands in a format beside the digits: quoted and escaped text, blanks, fillings, colours."""
_PLACES = re.compile(r"(?P<whole>[0#?,]*+)(?:\.(?P<decimals>[0#?]*+))?")
_MOST_DECIMALS = 30
# Spreadsheet programs round a half away from zero; the largest number has 309 digits.
_AS_SHOWN = Context(prec=309 + _MOST_DECIMALS, rounding=ROUND_HALF_UP)


class Shown(msgspec.Struct, frozen=True):
    """A number as its cell shows it, with every digit that the cell holds; `seen` is what the format leaves of it.

    `text` and `seen` differ if the format hides digits: 0.745 is seen as 0.75.
    """

    text: str
    seen: str


def shown_number(number: float, number_format: str, *, is_rounded: bool = False) -> Shown:
    """Return a number with the decimals, the thousands separators and the percent sign of its format.

    Args:
        number: The value of the cell.
        number_format: The format of the cell, as in a workbook.
        is_rounded: Whether digits that the format hides are dropped, as they are from the value of a formula.

    Returns:
        The number; a format without places for digits, such as `General`, changes nothing.
    """
    pattern = _UNSEEN.sub("", number_format.partition(";")[0])
    places = _widest_places(pattern)
    value = Decimal(format(number, ".15g"))
    if places is None or "/" in pattern or "E" in pattern.upper():
        plain = format(value, "f")
        return Shown(plain, plain)
    sign = "%" if "%" in pattern else ""
    value = value * 100 if sign else value
    whole, decimals = places["whole"], (places["decimals"] or "")[:_MOST_DECIMALS]
    hidden = whole.endswith(",")
    seen = _digits(value, whole, decimals, most=len(decimals)) + sign
    if is_rounded and not hidden:
        return Shown(seen, seen)
    text = _digits(value, whole.rstrip(",") if hidden else whole, decimals, most=None) + sign
    return Shown(text, text if hidden else seen)


def _widest_places(pattern: str) -> re.Match[str] | None:
    """Return the first places for digits in a format; `None` if it has none."""
    return next((match for match in _PLACES.finditer(pattern) if set(match[0]) & set("0#?")), None)


def _digits(value: Decimal, whole: str, decimals: str, *, most: int | None) -> str:
    """Return a number with as many decimals as its format asks for.

    Args:
        value: The number.
        whole: The places of the format before the point.
        decimals: The places after it; a `#` shows no zero.
        most: How many decimals are left; `None` leaves all.

    Returns:
        The digits, with separators between thousands if the format has them.
    """
    stated = max(0, -int(value.normalize().as_tuple().exponent))
    count = max(decimals.rfind("0") + 1, stated if most is None else min(stated, most))
    rounded = abs(value).quantize(Decimal(1).scaleb(-count), context=_AS_SHOWN)
    text = format(rounded, f"{',' if ',' in whole else ''}f")
    before, point, after = text.partition(".")
    before = before.rjust(whole.count("0"), "0") if "," not in whole else before
    is_negative = value < 0 and bool(set(text) & set("123456789"))
    return f"{'-' if is_negative else ''}{before}{point}{after}"
