"""Render card templates as Anki does, for the note types of this package.

Anki's behaviour was measured in 26.9.3; `tests/anki/cards/test_site_template.py` compares this module with it, card by
card.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape

import msgspec

from trialdeck.core.text import replaced
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type

_MARK = re.compile(r"\{\{(?P<kind>[#^/]|cloze:)?(?P<name>[^{}]+)\}\}")
# Anki's definition of an empty field: ASCII white space, line breaks and empty blocks.
_EMPTY = re.compile(r"(?:[ \t\n\r\f\v]|</?(?:br|div) ?/?>)*", re.IGNORECASE)
_CARD = re.compile(r"c[1-9][0-9]*")
_DELETION = re.compile(r"\{\{c(?P<number>[0-9]+)::(?P<answer>.*?)(?:::(?P<hint>.*?))?\}\}", re.DOTALL)
_FORMULA = re.compile(r"(\\[(\[])(.*?)(\\[)\]])", re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>")
_NAMED = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Sides(msgspec.Struct, frozen=True):
    """Both sides of a card, as HTML."""

    front: str
    back: str


def card_html(note: Note, ordinal: int, tags: Sequence[str] | None = None) -> Sides:
    """Return both sides of a card of a note, as Anki renders them.

    Args:
        note: The note.
        ordinal: The ordinal of the card, one of `Note.cards`.
        tags: The tags of the note in a package, with that of the edition; its own tags if none are given.
    """
    its_type = note_type(note.kind)
    # Anki normalises text to NFC when it imports.
    fields = {
        name: unicodedata.normalize("NFC", value) for name, value in zip(its_type.field_names, note.fields, strict=True)
    }
    fields["Tags"] = escape(" ".join(note.tags if tags is None else tags))
    template = its_type.templates[0 if note.kind is Kind.CLOZE else ordinal]
    return Sides(
        render_side(template.front, fields, ordinal + 1, is_front=True),
        render_side(template.back, fields, ordinal + 1, is_front=False),
    )


def render_side(template: str, fields: Mapping[str, str], number: int, *, is_front: bool) -> str:
    """Return the HTML of one side of a card.

    Args:
        template: The template of the side.
        fields: The HTML of the fields, by name.
        number: The number of the cloze deletion that the card hides, from 1.
        is_front: Whether the side is the front.

    Returns:
        The HTML.

    Raises:
        KeyError: The template names a field that does not exist.
        ValueError: A condition of the template is not closed, or not opened.
    """
    return "".join(_render(_parse(template), {"Tags": "", **fields}, number, is_front=is_front))


class _Text(msgspec.Struct, frozen=True):
    text: str


class _Field(msgspec.Struct, frozen=True):
    name: str
    is_cloze: bool


class _Condition(msgspec.Struct, frozen=True):
    """A part that is shown if a field is filled, or if it is empty; or on the card with one number."""

    name: str
    if_filled: bool
    parts: tuple["_Part", ...]


_Part = _Text | _Field | _Condition


@cache
def _parse(template: str) -> tuple[_Part, ...]:
    marks = _MARK.finditer(template)
    parts, end = _parts(template, 0, marks, "")
    return (*parts, _Text(template[end:]))


def _parts(template: str, start: int, marks: Iterator[re.Match[str]], inside: str) -> tuple[tuple[_Part, ...], int]:
    """Return the parts up to the end of a condition, or of the template.

    Args:
        template: The template.
        start: The offset of the first part.
        marks: The remaining marks of the template.
        inside: The field of the condition; empty outside of conditions.

    Returns:
        The parts, and the offset after them.

    Raises:
        ValueError: A condition is not closed, or not opened.
    """
    parts: list[_Part] = []
    for mark in marks:
        parts.append(_Text(template[start : mark.start()]))
        start = mark.end()
        kind, name = mark["kind"], mark["name"]
        if kind == "/":
            if name != inside:
                raise ValueError(f"{mark[0]} closes what is not open")
            return tuple(parts), start
        if kind in {"#", "^"}:
            within, start = _parts(template, start, marks, name)
            parts.append(_Condition(name, kind == "#", within))
        else:
            parts.append(_Field(name, kind == "cloze:"))
    if inside:
        raise ValueError(f"the condition on {inside} is never closed")
    return tuple(parts), start


def _render(parts: tuple[_Part, ...], fields: Mapping[str, str], number: int, *, is_front: bool) -> Iterator[str]:
    """Yield the HTML of the parts of a template.

    Args:
        parts: The parts.
        fields: The HTML of the fields, by name.
        number: The number of the cloze deletion that the card hides.
        is_front: Whether the side is the front.

    Returns:
        The HTML, in pieces.
    """
    for part in parts:
        match part:
            case _Text(text):
                yield text
            case _Field(name, is_cloze):
                yield _cloze(fields[name], number, is_front=is_front) if is_cloze else fields[name]
            case _Condition(name, if_filled, within):
                if if_filled is _is_filled(name, fields, number):
                    yield from _render(within, fields, number, is_front=is_front)


def _is_filled(name: str, fields: Mapping[str, str], number: int) -> bool:
    """Whether a condition holds: the field is filled, or for a name such as `c1`, the card has that number."""
    if _CARD.fullmatch(name) and name not in fields:
        return name == f"c{number}"
    return not _EMPTY.fullmatch(fields[name])


def _cloze(text: str, number: int, *, is_front: bool) -> str:
    """Return a statement with its deletions marked up as in Anki; empty if it has no deletion of this number."""
    numbers: set[int] = set()

    def marked(found: re.Match[str]) -> str:
        numbers.add(int(found["number"]))
        return _deletion(found, number, is_front=is_front)

    shown = replaced(_DELETION, marked, text, "}}")
    return replaced(_FORMULA, _without_elements, shown, "\\)", "\\]") if number in numbers else ""


def _without_elements(formula: re.Match[str]) -> str:
    return formula[1] + replaced(_ELEMENT, "", formula[2], ">") + formula[3]


def _deletion(found: re.Match[str], number: int, *, is_front: bool) -> str:
    own, answer, hint = int(found["number"]), found["answer"], found["hint"]
    if own != number:
        return f'<span class="cloze-inactive" data-ordinal="{own}">{answer}</span>'
    if not is_front:
        return f'<span class="cloze" data-ordinal="{own}">{answer}</span>'
    placeholder = "..." if hint is None else hint
    return f'<span class="cloze" data-cloze="{_attribute(answer)}" data-ordinal="{own}">[{placeholder}]</span>'


def _attribute(text: str) -> str:
    """Return a text as Anki encodes it in an attribute: all but letters, digits and characters beyond Latin-1."""
    return "".join(map(_encode, text))


def _encode(character: str) -> str:
    code = ord(character)
    if code > 0xFF or (character.isascii() and character.isalnum()):
        return character
    return _NAMED.get(character) or f"&#x{code:X};"
