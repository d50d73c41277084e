"""The items of a list in HTML, and the labels before them."""

from collections.abc import Iterator

import msgspec
from bs4.element import PageElement, Tag

from trialdeck.markdown.html.elements import implied, is_text, number_of
from trialdeck.markdown.html.looks import list_style_of
from trialdeck.markdown.html.seen import BULLET

_ITEM = frozenset({"li"})
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_ROMAN = 3999


class HtmlItem(msgspec.Struct, frozen=True):
    """What stands in a list: an item with its label, or, without one, what is in no item."""

    element: Tag | None
    children: list[PageElement]
    label: str = ""


def items_of(element: Tag) -> Iterator[HtmlItem]:
    """Yield the items of a list; lists directly inside it, and anything else in no item, come without a label."""
    style = list_style_of(element)
    is_reversed = element.has_attr("reversed")
    items = [item for child in element.find_all("li", recursive=False) for item in implied(child, _ITEM)]
    first = len(items) if is_reversed else 1
    number = number_of(element, "start", first)
    step = -1 if is_reversed else 1
    for child in element.children:
        if isinstance(child, Tag) and child.name == "li":
            for item, children in implied(child, _ITEM):
                number = number_of(item, "value", number)
                yield HtmlItem(item, children, _label(number, style, is_ordered=element.name == "ol"))
                number += step
        elif isinstance(child, Tag) or (is_text(child) and str(child).strip()):
            yield HtmlItem(None, [child])


def _label(number: int, style: str, *, is_ordered: bool) -> str:
    if not is_ordered:
        return BULLET
    if style.endswith(("alpha", "latin")) and number > 0:
        return f"{_cased(_letters(number), style)}."
    if style.endswith("roman") and 0 < number <= _MOST_ROMAN:
        return f"{_cased(_roman(number), style)}."
    return f"{number}."


def _cased(text: str, style: str) -> str:
    return text.upper() if style.startswith("upper") else text


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, index = divmod(number - 1, 26)
        letters = chr(ord("a") + index) + letters
    return letters


def _roman(number: int) -> str:
    numeral = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        numeral += sign * count
    return numeral
