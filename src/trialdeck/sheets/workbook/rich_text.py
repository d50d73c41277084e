"""Text of a cell parts of which are raised, lowered or struck out: 10⁹ is not 109."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from openpyxl.cell.text import Text
from openpyxl.styles import Font

from trialdeck.markdown.html.scripts import scripted

_SCRIPTS = {"superscript": "sup", "subscript": "sub"}


def marked_text(text: Text) -> str:
    """Return a text of a workbook as a record has it.

    Raised and lowered text becomes characters or a formula, and text that is struck out gets its marks; other looks are
    those of the sheet, and stay there.
    """
    return (text.plain or "") + "".join(_marked(*part) for part in _joined(_parts(text)))


def is_marked(font: Font) -> bool:
    """Return whether a font raises, lowers or strikes out its text."""
    return bool(font.strike) or font.vertAlign in _SCRIPTS


def marked_by(font: Font, text: str) -> str:
    """Return the text of a cell whose whole font may be raised, lowered or struck out, as a record has it."""
    return _marked(_SCRIPTS.get(font.vertAlign or "", ""), bool(font.strike), text)


def _parts(text: Text) -> Iterator[tuple[str, bool, str]]:
    """Yield the script of each part, whether it is struck out, and its text."""
    for part in text.formatted:
        font = part.font
        yield _SCRIPTS.get(font.vertAlign or "", "") if font else "", bool(font and font.strike), part.text or ""


def _joined(parts: Iterable[tuple[str, bool, str]]) -> Iterator[tuple[str, bool, str]]:
    """Yield the parts with those that look alike as one."""
    for (script, is_struck), alike in groupby(parts, key=lambda part: part[:2]):
        yield script, is_struck, "".join(text for *_, text in alike)


def _marked(script: str, is_struck: bool, text: str) -> str:
    inner = text.strip()
    if not inner or not (script or is_struck):
        return text
    # Where neither characters nor a formula can say it, a caret is at least no other number.
    shown = (scripted(script, inner) or f"{'^' if script == 'sup' else '_'}{inner}") if script else inner
    shown = f"~~{shown}~~" if is_struck else shown
    return text.replace(inner, shown, 1)
