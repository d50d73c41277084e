"""Read texts and numbers of a registry file: entities, tags and escapes become what was meant; digits stay."""

import html
import re
from collections.abc import Mapping
from typing import Any

from trialdeck.core.text import is_blank

_BLOCK = re.compile(r"</?(?:p|ul|ol|li|br|div|h[1-6])(?: [^<>]{0,100})?/?>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:b|i|em|strong|u|span|sub)(?: [^<>]{0,100})?>", re.IGNORECASE)
_RAISED = re.compile(r"<sup>([^<>]{0,20})</sup>", re.IGNORECASE)
# The API returns Markdown: `\>`, `\[`.
_ESCAPE = re.compile(r"\\([\[\]<>~_*#`\\^{}|+-])")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]"
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
_P_VALUE = re.compile(r"(?:p *)?(<=|>=|[=<>≤≥])? *((?:[0-9]{1,9})?\.?[0-9]{1,15}(?:e-[0-9]{1,3})?)", re.IGNORECASE)
_SIGNS = {"": "", "=": "", "<=": "≤", ">=": "≥"}


def plain(value: object) -> str:
    """Return a text of the registry as one line of plain text; empty for anything but a text."""
    if not isinstance(value, str):
        return ""
    # A file saved from the site has `&lt;`, or `&amp;lt;` where it was saved twice.
    text = html.unescape(html.unescape(value))
    text = _INLINE.sub("", _RAISED.sub(r"^\1", _BLOCK.sub(" ", text)))
    shown = " ".join(_UNSEEN.sub(" ", _ESCAPE.sub(r"\1", text)).split())
    return "" if is_blank(shown) else shown


def text_of(node: Mapping[str, Any], name: str) -> str:
    """Return the text of a field."""
    return plain(node.get(name))


def entries_of(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects in a list field; anything else is left out."""
    value = node.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def numbered_entries(node: Mapping[str, Any], name: str) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the objects in a list field, with their places in it, from 1."""
    value = node.get(name)
    return (
        [(place, entry) for place, entry in enumerate(value, start=1) if isinstance(entry, dict)]
        if isinstance(value, list)
        else []
    )


def texts_of(node: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts in a list field."""
    value = node.get(name)
    return [text for text in map(plain, value) if text] if isinstance(value, list) else []


def part_of(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object in a field, or an empty one."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def number(text: str) -> str:
    """Return a posted number with all its digits, as YAML reads it; empty if the text is not a number."""
    bare = text.strip().replace("−", "-").replace("–", "-")
    if not _NUMBER.fullmatch(bare):
        return ""
    sign = "-" if bare.startswith("-") else ""
    digits = bare.lstrip("+-")
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole or '0')}{f'.{rest}' if point and rest else ''}"


def count(text: str) -> str:
    """Return a posted count of patients; empty if it is not a whole number."""
    digits = number(text)
    return digits if digits.isdecimal() else ""


def p_value(text: str) -> str:
    """Return a P value with its sign: `= 0.0014` is `0.0014`, `&lt;.0001` is `<0.0001`; empty if it is none."""
    match = _P_VALUE.fullmatch(text.strip())
    if not match:
        return ""
    sign = match[1] or ""
    digits = match[2] if match[2][0] != "." else f"0{match[2]}"
    return f"{_SIGNS.get(sign, sign)}{digits}"
