"""What an author has probably meant: the words, ids and numbers that hints name and that fixes write."""

import re
from collections.abc import Sequence
from datetime import date

from trialdeck.core.problem import initials, nearest
from trialdeck.records.schema import NUMBER

EVERYBODY = frozenset({"all", "any", "anyone", "everybody", "everyone"})
"""Words in place of an audience that mean that there should be none."""
BOOLEANS = {"true": ("true", "yes", "on", "y", "1"), "false": ("false", "no", "off", "n", "0")}
_YEAR_FIRST = re.compile(r"([12][0-9]{3})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})")


def likely_words(word: str, allowed: Sequence[str]) -> list[str]:
    """Return those of the allowed words that were probably meant: the nearest, or those with these initials."""
    near = nearest(word, allowed)
    return [near] if near else [each for each in allowed if " " in each and initials(each) == word]


def likely_truth(text: str) -> str:
    """Return `true` or `false` for a word that says so; empty for any other."""
    return next((word for word, others in BOOLEANS.items() if text.strip().lower() in others), "")


def likely_number(text: str) -> str:
    """Return a number that was typed with a minus sign, a dash or a raised point, as YAML has it, or an empty text."""
    number = re.sub("[\u2212\u2013\u2010\u2011]", "-", text.strip()).replace("\u00b7", ".")
    return number if NUMBER.fullmatch(number) else ""


def likely_day(text: str) -> str:
    """Return a day that was written with the year first as YEAR-MONTH-DAY; empty where its parts could be any."""
    match = _YEAR_FIRST.fullmatch(text.strip())
    try:
        return date(*map(int, match.groups())).isoformat() if match else ""
    except ValueError:
        return ""


def slug_for(text: str) -> str:
    """Return a text as an id; empty if it has no letter or digit."""
    from slugify import slugify  # noqa: PLC0415 - needed for a fault only

    return str(slugify(text[:200], max_length=80))
