"""What an element does to the look of its text, by its name and by its style."""

import re

import msgspec
from bs4.element import Tag

from trialdeck.markdown.html.elements import HEADINGS

_MARKS = {
    **dict.fromkeys(("b", "strong", *HEADINGS), "strong"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "em"),
    **dict.fromkeys(("s", "del", "strike"), "s"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
}
_LOSSES = {
    "u": "the underline",
    "ins": "the underline",
    "mark": "the highlight",
    "big": "the size",
    "small": "the size",
    "center": "the alignment",
    "blockquote": "the indent",
    "dd": "the indent",
}
_FONT = {"color": "the colour", "size": "the size", "face": "the font"}
_DECLARATION = re.compile(r"([a-z-]+)\s*:([^;]*)")
# What a text looks like anyway.
_NO_COLOUR = frozenset({
    "", "black", "#000", "#000000", "rgb(0,0,0)", "rgba(0,0,0,1)", "rgba(0,0,0,0)", "windowtext", "inherit", "initial",
    "unset", "currentcolor", "transparent", "white", "#fff", "#ffffff", "rgb(255,255,255)", "none", "auto", "revert",
})  # fmt: skip
_NO_INDENT = frozenset({"", "0", "0px", "0pt", "0in", "0cm", "0em", "auto", "inherit", "initial", "unset", "revert"})
_NO_SIZE = frozenset({"", "inherit", "initial", "unset", "medium", "1em", "1rem", "100%", "revert"})
_STYLED = {
    "color": ("the colour", _NO_COLOUR),
    "background": ("the highlight", _NO_COLOUR),
    "background-color": ("the highlight", _NO_COLOUR),
    "font-size": ("the size", _NO_SIZE),
    "font-family": ("the font", _NO_SIZE),
    "margin-left": ("the indent", _NO_INDENT),
    "padding-left": ("the indent", _NO_INDENT),
    "text-indent": ("the indent", _NO_INDENT),
    "text-align": ("the alignment", frozenset({"", "start", "left", "inherit", "initial", "unset", "-webkit-auto"})),
}


class Look(msgspec.Struct, frozen=True):
    """Marks that an element gives and takes, what of its look cannot be kept, and whether it is raised or lowered.

    `display` is `inline` or `block` if its style makes it another element than its name does.
    """

    marks: frozenset[str] = frozenset()
    unmarked: frozenset[str] = frozenset()
    losses: tuple[str, ...] = ()
    script: str = ""
    is_hidden: bool = False
    display: str = ""


def look_of(element: Tag) -> Look:
    """Return what an element does to the look of its text."""
    mark = _MARKS.get(element.name, "")
    marks = {mark} if mark else set()
    losses = [_LOSSES[element.name]] if element.name in _LOSSES else []
    if element.name == "font":
        losses += [name for attribute, name in _FONT.items() if _is_styled(attribute, str(element.get(attribute, "")))]
    script = element.name if element.name in {"sup", "sub"} else ""
    unmarked: set[str] = set()
    style = _style_of(element)
    for name, value in style.items():
        if name == "font-weight":
            (marks if _is_bold(value) else unmarked).add("strong")
        elif name == "font-style":
            (marks if value.startswith(("italic", "oblique")) else unmarked).add("em")
        elif name in {"text-decoration", "text-decoration-line"}:
            marks |= {"s"} if "line-through" in value else set()
            losses += ["the underline"] if "underline" in value else []
        elif name == "vertical-align" and value in {"super", "sub"} and not script:
            script = "sup" if value == "super" else "sub"
        elif name in _STYLED and "".join(value.split()) not in _STYLED[name][1] and element.name not in {"td", "th"}:
            losses.append(_STYLED[name][0])
    if str(element.get("align", "left")) != "left" and element.name in {"div", "p"}:
        losses.append("the alignment")
    if element.has_attr("title"):
        losses.append("the tooltip")
    display = style.get("display", "")
    return Look(
        frozenset(marks),
        frozenset(unmarked),
        tuple(losses),
        script,
        is_hidden=display == "none" or element.has_attr("hidden"),
        display=display if display in {"inline", "block"} else "",
    )


def alignment_of(cell: Tag) -> str:
    """Return how a cell is aligned; empty where nothing says so."""
    align = str(cell.get("align", "")) or _style_of(cell).get("text-align", "")
    return align if align in {"left", "right", "center"} else ""


def list_style_of(element: Tag) -> str:
    """Return the kind of labels that a list has, in the words of CSS."""
    by_type = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
    style = _style_of(element)
    value = style.get("list-style-type") or next(iter(style.get("list-style", "").split()), "")
    return value or by_type.get(str(element.get("type", "")), "")


def _is_styled(attribute: str, value: str) -> bool:
    plain = _NO_COLOUR if attribute == "color" else _NO_SIZE | {"3"}
    return "".join(value.casefold().split()) not in plain


def _is_bold(value: str) -> bool:
    return value in {"bold", "bolder"} or (value.isdecimal() and len(value) < 5 and int(value) >= 600)


def _style_of(element: Tag) -> dict[str, str]:
    style = element.get("style")
    if not style:
        return {}
    declared = str(style).casefold().replace("!important", "")
    return {found[1]: found[2].strip() for part in declared.split(";") if (found := _DECLARATION.match(part.strip()))}
