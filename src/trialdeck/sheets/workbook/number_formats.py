"""Numbers as a workbook shows them: 0.5 in the format `0.00` is 0.50."""

import operator
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal

import msgspec

_TOKEN = re.compile(r'"[^"]*+"?|\\.|_.|\*.|\[[^\]]*+\]?|.', re.DOTALL)
"""A part of a format: quoted or escaped text, a blank, a filling, a colour or condition, or one sign."""
_PLACES = re.compile(r"(?P<whole>[0#?,]*+)(?:\.(?P<decimals>[0#?]*+))?")
_COMPARATORS = frozenset("<>=~±≤≥≈")
"""What a format shows without quotes, and changes what the number says."""
_PLACE_SIGNS = frozenset("0#?")
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)([0-9]{1,15}(?:\.[0-9]{1,15})?)\]")
_COMPARED: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_MOST_DECIMALS = 30
# Spreadsheet programs round a half away from zero; the largest number has 309 digits.
_AS_SHOWN = Context(prec=309 + _MOST_DECIMALS, rounding=ROUND_HALF_UP)


class Shown(msgspec.Struct, frozen=True):
    """A number as its cell shows it, with every digit that the cell holds; `seen` is what the format leaves of it.

    `text` and `seen` differ if the format hides digits: 0.745 is seen as 0.75. `digits` is the number without what the
    format puts around it: `<0.001` and `12 months` are 0.001 and 12.
    """

    text: str
    seen: str
    digits: str


def shown_number(number: float, number_format: str, *, is_rounded: bool = False) -> Shown:
    """Return a number with the decimals, the thousands separators and the percent sign of its format.

    Args:
        number: The value of the cell.
        number_format: The format of the cell, as in a workbook.
        is_rounded: Whether digits that the format hides are dropped, as they are from the value of a formula.

    Returns:
        The number; a format without places for digits, such as `General`, changes nothing.
    """
    value = Decimal(format(number, ".15g"))
    before, pattern, after = _parts(_section(number_format, value))
    places = _widest_places(pattern)
    if places is None or "/" in pattern or "E" in pattern.upper():
        plain = format(value, "f")
        # A section without places for digits shows its text alone: `[<0.001]"<0.001"`.
        is_text_alone = places is None and before and "general" not in pattern.lower()
        return Shown(plain, before if is_text_alone else plain, plain)
    sign = "%" if "%" in pattern else ""
    value = value * 100 if sign else value
    whole, decimals = places["whole"], (places["decimals"] or "")[:_MOST_DECIMALS]
    hidden = whole.endswith(",")
    seen = _digits(value, whole, decimals, most=len(decimals)) + sign
    if is_rounded and not hidden:
        return Shown(f"{before}{seen}{after}", f"{before}{seen}{after}", seen)
    text = _digits(value, whole.rstrip(",") if hidden else whole, decimals, most=None) + sign
    return Shown(f"{before}{text}{after}", f"{before}{text if hidden else seen}{after}", text)


def _section(number_format: str, value: Decimal) -> str:
    """Return the section of a format that is for a number: the first whose condition holds, or that has none."""
    if not _CONDITION.search(number_format):
        return number_format
    sections = number_format.split(";")
    for section in sections:
        condition = _CONDITION.search(section)
        if condition is None or _COMPARED[condition[1]](value, Decimal(condition[2])):
            return section
    return sections[-1]


def _parts(number_format: str) -> tuple[str, str, str]:
    """Return what a format puts before the digits, its signs without any such text, and what it puts behind them."""
    pattern = blanks = ""
    around = ["", ""]
    for piece in _TOKEN.findall(number_format):
        if piece == ";":
            break
        if text := _shown_by(piece, pattern):
            around[bool(set(pattern) & _PLACE_SIGNS)] += blanks + text
            blanks = ""
        elif len(piece) == 1:
            pattern += piece
            blanks = blanks + piece if piece == " " else ""
    return around[0], pattern, around[1]


def _shown_by(piece: str, pattern: str) -> str:
    """Return the text that a part of a format shows as it is; `pattern` are the signs before it."""
    if piece[0] == '"':
        return piece.strip('"')
    if piece.startswith("[$"):
        return piece[2:].rstrip("]").partition("-")[0]
    # A stroke behind the places for digits is that of a fraction.
    is_stroke = piece == "/" and pattern[-1:] not in _PLACE_SIGNS
    is_escaped = piece[0] == "\\" and len(piece) > 1
    return piece[-1] if is_escaped or is_stroke or piece in _COMPARATORS else ""


def _widest_places(pattern: str) -> re.Match[str] | None:
    """Return the first places for digits in a format; `None` if it has none."""
    return next((match for match in _PLACES.finditer(pattern) if set(match[0]) & _PLACE_SIGNS), None)


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
