"""Raised and lowered text: as characters of Unicode, or as a formula."""

import re

from trialdeck.markdown.html.seen import MARK
from trialdeck.markdown.scripts import LOWERED, RAISED

_SPACES = " \t\n\r\f\u00a0"
# Some characters are raised by themselves, and spaces are not seen to be.
_RAISED_ALREADY = f"®™©℠*†‡§¶°′″’'{_SPACES}{''.join(RAISED.values())}"
_LOWERED_ALREADY = f"{_SPACES}{''.join(LOWERED.values())}"
_RAISED = {**RAISED, **dict(zip(_RAISED_ALREADY, _RAISED_ALREADY, strict=True))}
_LOWERED = {**LOWERED, **dict(zip(_LOWERED_ALREADY, _LOWERED_ALREADY, strict=True))}
_CHARACTERS = {"sup": _RAISED, "sub": _LOWERED}
# What TeX takes for itself, and what no formula can have.
_TEX_MARK = re.compile(r"[{}$&#%_]")
_NO_TEX = re.compile(r"[\\^~<>\[\]\U0010f000-\U0010fffd]|\{\{|\}\}|::")
_NUMERIC = re.compile(r"[-−0-9.,/+=()]+")


def script_characters(script: str, text: str) -> dict[int, str] | None:
    """Return a translation into raised or lowered characters (`sup` or `sub`); None where one of the text has none."""
    characters = _CHARACTERS[script]
    is_whole = set(MARK.sub("", text)) <= characters.keys()
    return {ord(key): value for key, value in characters.items()} if is_whole else None


def script_formula(script: str, text: str) -> str:
    r"""Return the formula of a raised or lowered text, such as `\(^{\text{st}}\)`; empty where TeX cannot say it."""
    if _NO_TEX.search(text):
        return ""
    words = " ".join(text.split())
    content = words if _NUMERIC.fullmatch(words) else r"\text{" + _TEX_MARK.sub(r"\\\g<0>", words) + "}"
    return rf"\({'^' if script == 'sup' else '_'}{{{content}}}\)"
