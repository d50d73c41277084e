"""Raised and lowered text: as characters of Unicode, or as a formula."""

import re

from bs4.element import Tag

from trialdeck.markdown.html.elements import is_text, text_of
from trialdeck.markdown.html.looks import look_of
from trialdeck.markdown.html.seen import MARK
from trialdeck.markdown.scripts import LOWERED, RAISED

_SPACES = " \t\n\r\f\u00a0"
# Some characters are raised by themselves, and spaces are not seen to be.
_RAISED_ALREADY = f"®™©℠*†‡§¶°′″’'{_SPACES}{''.join(RAISED.values())}"
_LOWERED_ALREADY = f"{_SPACES}{''.join(LOWERED.values())}"
_RAISED = {**RAISED, **dict(zip(_RAISED_ALREADY, _RAISED_ALREADY, strict=True))}
_LOWERED = {**LOWERED, **dict(zip(_LOWERED_ALREADY, _LOWERED_ALREADY, strict=True))}
_SIGNS = {"sup": "^", "sub": "_"}
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


def scripted(script: str, text: str) -> str:
    """Return raised or lowered text (`sup` or `sub`) as characters, or else as a formula; empty where neither is."""
    if characters := script_characters(script, text):
        return text.translate(characters)
    content = _content_of_text(text)
    return _formula(script, content) if content else ""


def is_nested(element: Tag) -> bool:
    """Return whether a part of raised or lowered text is raised or lowered once more."""
    whole = look_of(element).script, text_of(element).strip()
    scripts = [(script, inner) for inner in element.find_all(True) if (script := look_of(inner).script)]
    return any((script, text_of(inner).strip()) != whole for script, inner in scripts)


def script_formula(script: str, element: Tag) -> str:
    r"""Return the formula of raised or lowered text, such as `\(^{\text{st}}\)`; empty where TeX cannot say it."""
    content = _content(element)
    return _formula(script, content) if content else ""


def _formula(script: str, content: str) -> str:
    return rf"\({_SIGNS[script]}{{{content}}}\)"


def _content(element: Tag) -> str:
    """Return the TeX of what an element holds; empty where there is none."""
    if not is_nested(element):
        return _content_of_text(text_of(element))
    parts: list[str] = []
    for child in element.children:
        tex = ""
        if isinstance(child, Tag):
            script = look_of(child).script
            tex = f"{_SIGNS[script]}{{{content}}}" if (content := _content(child)) and script else content
        elif is_text(child):
            tex = _content_of_text(str(child))
        if not tex:
            return ""
        parts.append(tex)
    return "".join(parts)


def _content_of_text(text: str) -> str:
    if _NO_TEX.search(text):
        return ""
    words = " ".join(text.split())
    return words if _NUMERIC.fullmatch(words) else r"\text{" + _TEX_MARK.sub(r"\\\g<0>", words) + "}"
