"""The style of cards on the site: Anki's, adapted to a page.

Anki puts the class `nightMode` on a card at night. A page without JavaScript cannot, and asks the reader's system
instead; and paper has no night. Where a phone is tried out on a wide screen, the rules for narrow screens hold too.
"""

import re
from collections.abc import Iterator

PHONE = 375
"""The width of the phone that a page tries out, in pixels."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NARROW = re.compile(r"@media \(max-width: ([0-9.]+)rem\) \{((?:[^{}]+\{[^{}]*\})*)\s*\}")
_VARIABLE = re.compile(r"--[\w-]+\s*:[^;]+;")
_NIGHT = ".nightMode "
_PHONE = ".phone "


def card_style(style: str) -> str:
    """Return the style of the note types, and its rules again where Anki would not put them to use.

    Those for the night hold on a dark screen, the colours of the day on paper, and those for a phone on a wide screen.
    A page whose root has the class `dayMode` stays light on a dark screen; what has the class `phone` is one.
    """
    plain = _COMMENT.sub("", style)
    rules = [(found[1].strip(), found[2].strip()) for found in _RULE.finditer(plain)]
    day = " ".join(_VARIABLE.findall(next(body for names, body in rules if names == ".card")))
    dark = "".join(f"  {_on_dark_screen(names)} {{ {body} }}\n" for names, body in rules if _NIGHT in names)
    return (
        f"{style}\n"
        f"{''.join(_on_phone(plain))}"
        f"@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"
        f"@media print {{\n  .card, .nightMode .card {{ {day} }}\n}}\n"
    )


def _on_dark_screen(selectors: str) -> str:
    wanted = [name for name in _each(selectors) if name.startswith(_NIGHT)]
    return ", ".join(f":root:not(.dayMode) {name.removeprefix(_NIGHT)}" for name in wanted)


def _on_phone(style: str) -> Iterator[str]:
    for narrow in _NARROW.finditer(style):
        if float(narrow[1]) * 16 >= PHONE:
            for names, body in _RULE.findall(narrow[2]):
                yield f"{', '.join(_PHONE + name for name in _each(names))} {{ {body.strip()} }}\n"


def _each(selectors: str) -> list[str]:
    return [name.strip() for name in selectors.split(",")]
