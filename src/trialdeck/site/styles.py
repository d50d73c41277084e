"""The style of cards on the site: Anki's, adapted to a page.

Anki puts the class `nightMode` on a card at night. A page works without JavaScript, so it uses the system's setting
instead, and paper is always light. For a phone that is shown on a wide screen, the rules for narrow screens apply too.
"""

import re
from collections.abc import Iterator
from importlib import resources

PHONE = 375
"""The width of the phone that a page can show, in pixels."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NARROW = re.compile(r"@media \(max-width: ([0-9.]+)rem\) \{((?:[^{}]+\{[^{}]*\})*)\s*\}")
_VARIABLE = re.compile(r"--[\w-]+\s*:[^;]+;")
_NIGHT = ".nightMode "
# It adds nothing to the weight of a selector: what overrides a rule in Anki does so here as well.
_PHONE = ":where(.phone) "


def site_style() -> str:
    """Return the style of the pages around the cards: colours, type, tables and forms."""
    return resources.files("trialdeck.site").joinpath("static", "site.css").read_text(encoding="utf-8")


def card_style(style: str) -> str:
    """Return the style of the note types, and its rules again for cases that do not occur in Anki.

    The rules for the night apply on a dark screen, the colours of the day on paper, and those for a phone on a wide
    screen. If the root of a page has the class `dayMode`, it stays light on a dark screen; an element with the class
    `phone` is shown as a phone.
    """
    plain = _COMMENT.sub("", style)
    rules = [(rule[1].strip(), rule[2].strip()) for rule in _RULE.finditer(plain)]
    day = " ".join(_VARIABLE.findall(next(body for names, body in rules if names == ".card")))
    dark = "".join(f"  {_on_dark_screen(names)} {{ {body} }}\n" for names, body in rules if _NIGHT in names)
    return (
        f"{style}\n"
        f"{''.join(_on_phone(plain))}"
        f"@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"
        f"@media print {{\n  .card, .nightMode .card {{ {day} }}\n}}\n"
    )


def _on_dark_screen(selectors: str) -> str:
    night_selectors = [name for name in _split_selectors(selectors) if name.startswith(_NIGHT)]
    return ", ".join(f":root:not(.dayMode) {name.removeprefix(_NIGHT)}" for name in night_selectors)


def _on_phone(style: str) -> Iterator[str]:
    for narrow in _NARROW.finditer(style):
        if float(narrow[1]) * 16 >= PHONE:
            for names, body in _RULE.findall(narrow[2]):
                yield f"{', '.join(_PHONE + name for name in _split_selectors(names))} {{ {body.strip()} }}\n"


def _split_selectors(selectors: str) -> list[str]:
    return [name.strip() for name in selectors.split(",")]
