"""Text of a cell parts of which are raised, lowered or struck out: 10⁹ is not 109."""

from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl.cell.rich_text import TextBlock

from trialdeck.markdown.html.scripts import scripted

_SCRIPTS = {"superscript": "sup", "subscript": "sub"}


def marked_text(parts: Iterable[Any]) -> str:
    """Return the text of some parts, as a record has it.

    Raised and lowered text becomes characters or a formula, and text that is struck out gets its marks; other looks are
    those of the sheet, and are left there.
    """
    return "".join(map(_marked, _joined(parts)))


def _joined(parts: Iterable[Any]) -> Iterator[tuple[str, bool, str]]:
    """Yield the script of each part, whether it is struck out, and its text; parts that look alike become one."""
    last = ("", False, "")
    for part in parts:
        font, text = (part.font, part.text) if isinstance(part, TextBlock) else (None, str(part))
        script = _SCRIPTS.get(font.vertAlign or "", "") if font else ""
        look = (script, bool(font and font.strike))
        if look == last[:2]:
            last = (*look, last[2] + (text or ""))
        else:
            yield last
            last = (*look, text or "")
    yield last


def _marked(part: tuple[str, bool, str]) -> str:
    script, is_struck, text = part
    inner = text.strip()
    if not inner or not (script or is_struck):
        return text
    # Where neither characters nor a formula can say it, a caret is at least no other number.
    shown = (scripted(script, inner) or f"{'^' if script == 'sup' else '_'}{inner}") if script else inner
    shown = f"~~{shown}~~" if is_struck else shown
    return text.replace(inner, shown, 1)
