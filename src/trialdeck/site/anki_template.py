"""Render Anki's card templates as Anki does, for the note types of this package.

What Anki does was measured in 26.9.3; `tests/anki/cards/test_site_template.py` holds this module to it, card by card.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from trialdeck.core.text import replaced
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type

_MARK = re.compile(r"\{\{(?P<kind>[#^/]|cloze:)?(?P<name>[^{}]+)\}\}")
# What counts as an empty field: white space of ASCII, line breaks and empty blocks.
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


def card_html(note: Note, ordinal: int) -> Sides:
    """Return both sides of a card of a note, as Anki renders them; `ordinal` is one of `Note.cards`."""
    its_type = note_type(note.kind)
    # Anki composes characters when it imports.
    fields = {
        name: unicodedata.normalize("NFC", value) for name, value in zip(its_type.field_names, note.fields, strict=True)
    }
    template = its_type.templates[0 if note.kind is Kind.CLOZE else ordinal]
    return Sides(
        render_side(template.front, fields, ordinal + 1, is_front=True),
        render_side(template.back, fields, ordinal + 1, is_front=False),
    )


def render_side(template: str, fields: Mapping[str, str], number: int, *, is_front: bool) -> str:
    """Return the HTML of one side of a card; `number` is that of the cloze deletion which the card asks for.

    Raises KeyError where the template names a field that there is not.
    """
    return "".join(_rendered(_parsed(template), fields, number, is_front=is_front))


class _Text(msgspec.Struct, frozen=True):
    text: str


class _Field(msgspec.Struct, frozen=True):
    name: str
    is_cloze: bool


class _Condition(msgspec.Struct, frozen=True):
    """A part that is shown where a field is filled, or where it is empty; or on the cards of one number."""

    name: str
    if_filled: bool
    parts: tuple["_Part", ...]


_Part = _Text | _Field | _Condition


@cache
def _parsed(template: str) -> tuple[_Part, ...]:
    marks = _MARK.finditer(template)
    parts, end = _parts(template, 0, marks, "")
    return (*parts, _Text(template[end:]))


def _parts(template: str, start: int, marks: Iterator[re.Match[str]], inside: str) -> tuple[tuple[_Part, ...], int]:
    """Return the parts up to the end of the condition on the field `inside`, and where the template goes on."""
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


def _rendered(parts: tuple[_Part, ...], fields: Mapping[str, str], number: int, *, is_front: bool) -> Iterator[str]:
    for part in parts:
        match part:
            case _Text(text):
                yield text
            case _Field(name, is_cloze):
                yield _cloze(fields[name], number, is_front=is_front) if is_cloze else fields[name]
            case _Condition(name, if_filled, within):
                if if_filled is _is_filled(name, fields, number):
                    yield from _rendered(within, fields, number, is_front=is_front)


def _is_filled(name: str, fields: Mapping[str, str], number: int) -> bool:
    """Tell whether a condition holds: a field is filled, or the card is the one with the number that `c1` names."""
    if _CARD.fullmatch(name) and name not in fields:
        return name == f"c{number}"
    return not _EMPTY.fullmatch(fields[name])


def _cloze(text: str, number: int, *, is_front: bool) -> str:
    """Return a statement with its deletions as Anki marks them up; nothing where it has none of this number."""
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
    asked = "..." if hint is None else hint
    return f'<span class="cloze" data-cloze="{_attribute(answer)}" data-ordinal="{own}">[{asked}]</span>'


def _attribute(text: str) -> str:
    """Return a text as Anki writes it into an attribute: all but letters, digits and what is beyond Latin-1 encoded."""
    return "".join(map(_encoded, text))


def _encoded(character: str) -> str:
    code = ord(character)
    if code > 0xFF or (character.isascii() and character.isalnum()):
        return character
    return _NAMED.get(character) or f"&#x{code:X};"
