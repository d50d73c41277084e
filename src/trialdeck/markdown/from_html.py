r"""Convert the HTML of a card, as somebody edited it in Anki, to Markdown.

What comes back is held against what went in: the Markdown gives a card on which the same is seen. What no record can
hold is named, and the words that had it stay. See `trialdeck.markdown.html.normalise` and `trialdeck.markdown.seen`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from bs4.element import PageElement, Tag

from trialdeck.markdown.html.card_html import shows
from trialdeck.markdown.html.cloze_marks import hide_marks, show_marks
from trialdeck.markdown.html.elements import LISTS, LOST, UnsayableError, is_text, soup_of, text_of
from trialdeck.markdown.html.formulas import plain_tex
from trialdeck.markdown.html.normalise import Seen, seen
from trialdeck.markdown.html.seen import MARK, Block, Line, List, Paragraph, lines_of, plain_line, sayable
from trialdeck.markdown.html.write_blocks import Care, Writer
from trialdeck.markdown.math import find_formulas
from trialdeck.markdown.render import render, render_cloze

_BETWEEN_BLOCKS = re.compile(r"\n[ \t]*\n\s*")
_LABEL = re.compile(r"[ \t]*(?:[-+*]|[0-9]{1,9}[.)])[ \t]+")
_EMPTY_GAP = re.compile(r"\{\{c[0-9]{1,3}::\s*+\}\}")
_MOST_BLOCKS = 4
"""How many blocks can stand between two blank lines of Markdown for them to be looked for there."""


class Converted(msgspec.Struct, frozen=True):
    """Markdown that was made from HTML, and in plain words what of that it does not hold: "the colour of 'it'"."""

    text: str
    losses: tuple[str, ...] = ()


def markdown_of(html: str, former: str = "", *, cloze: bool = False) -> str:
    """Return the Markdown of some HTML; see `converted`."""
    return converted(html, former, cloze=cloze).text


def converted(html: str, former: str = "", *, cloze: bool = False) -> Converted:
    """Return Markdown with which a card shows what some HTML shows, and what of it no record can hold.

    Args:
        html: a field of a note, or a part of one.
        former: the Markdown from which the field was made before; what still holds of it stays as its author wrote it.
        cloze: whether it is a cloze statement.

    Raises:
        UnsayableError: if there is no such Markdown; the message says why.
    """
    wanted = _seen(html, cloze=cloze)
    conversion = _Conversion(former, cloze=cloze)
    if conversion.is_shown_by(former, wanted.blocks):
        return Converted(former, wanted.losses)
    return _written(wanted, conversion)


def written(blocks: Sequence[Block]) -> Converted:
    """Return Markdown with which a card shows these blocks; raises UnsayableError if there is none."""
    return _written(Seen(tuple(sayable(blocks))), _Conversion("", cloze=False))


def _written(wanted: Seen, conversion: "_Conversion") -> Converted:
    for blocks, loss in _forms(wanted.blocks):
        if text := conversion.text(tuple(blocks)):
            return Converted(text, wanted.losses + ((loss,) if loss else ()))
    if wanted.blocks:
        raise UnsayableError(_reason(wanted.blocks))
    return Converted("", wanted.losses)


def is_alike(one: str, other: str, *, cloze: bool = False) -> bool:
    """Return whether two pieces of HTML look the same; what cannot be read looks like nothing else."""
    try:
        return one == other or _seen(one, cloze=cloze).blocks == _seen(other, cloze=cloze).blocks
    except UnsayableError:
        return False


def becomes(html: str, other: str, *, cloze: bool = False) -> bool:
    """Return whether a record that took some HTML would give other HTML, or what looks the same."""
    if is_alike(html, other, cloze=cloze):
        return True
    try:
        text = markdown_of(html, cloze=cloze)
    except UnsayableError:
        return False
    return is_alike(render_cloze(text) if cloze else render(text), other, cloze=cloze)


def losses_of(html: str) -> tuple[str, ...]:
    """Return what of some HTML no record can hold, in plain words; nothing where it cannot be read at all."""
    try:
        return seen(html).losses
    except UnsayableError:
        return ()


def points_of(html: str) -> list[str]:
    """Return the HTML of each point of a field that is one list; nothing for any other field."""
    element = _lone_element(soup_of(html))
    if element and element.name == "div" and element.has_attr("lang"):
        element = _lone_element(element)
    if element is None or element.name not in LISTS:
        return []
    points: list[str] = []
    for child in element.children:
        if isinstance(child, Tag) and child.name == "li":
            points.append(child.decode_contents(formatter="minimal").strip())
        elif isinstance(child, Tag) and points:
            # Anki's editor puts a list inside a point behind it.
            points[-1] += child.decode(formatter="minimal")
    return [point for point in points if seen(point).blocks]


def _lone_element(parent: Tag) -> Tag | None:
    """Return the element inside another one; None if anything else is seen beside it.

    Anki's editor leaves line breaks and empty elements behind a list.
    """
    children = [child for child in parent.children if _is_seen(child)]
    return children[0] if len(children) == 1 and isinstance(children[0], Tag) else None


def _is_seen(part: PageElement) -> bool:
    if isinstance(part, Tag):
        return bool(text_of(part).strip()) or part.name in LOST or part.find(list(LOST)) is not None
    return is_text(part) and bool(str(part).strip())


def _seen(html: str, *, cloze: bool) -> Seen:
    return seen(hide_marks(html) if cloze else html)


def _reason(blocks: Sequence[Block]) -> str:
    runs = (run for line in lines_of(blocks) for run in line)
    if formula := next((run.text for run in runs if run.is_formula and MARK.search(run.text)), ""):
        return f"it has a deletion inside the formula {show_marks(formula)}; hide the whole formula"
    text = show_marks("".join(run.text for line in lines_of(blocks) for run in line))
    if _EMPTY_GAP.search(text):
        return "it has a deletion that hides no text"
    return "no Markdown gives the same card"


def _forms(blocks: Sequence[Block]) -> Iterator[tuple[Sequence[Block], str]]:
    """Yield blocks, and then what is left of them where no Markdown has them all, each with what is lost."""
    if not blocks:
        return
    yield blocks, ""
    yield [_in_lines(block) for block in blocks], "the form of a list, table or code"
    lines = tuple(lines_of(blocks))
    yield [Paragraph(lines)], "the gaps between paragraphs"
    yield [Paragraph(tuple(map(plain_line, lines)))], "its emphasis and links"


def _in_lines(block: Block) -> Block:
    is_plain = isinstance(block, Paragraph) or (isinstance(block, List) and _holds_paragraphs(block))
    return block if is_plain else Paragraph(tuple(lines_of([block])))


def _holds_paragraphs(block: List) -> bool:
    return all(isinstance(part, Paragraph) for item in block.items for part in item)


class _Conversion:
    """Writes blocks as Markdown, and makes sure that a card shows them."""

    def __init__(self, former: str, *, cloze: bool) -> None:
        self._former = former
        self._cloze = cloze

    def text(self, wanted: tuple[Block, ...]) -> str:
        """Return Markdown with which a card shows these blocks, or nothing."""
        known = self._known_lines()
        for care in Care:
            writer = Writer(care, known)
            text = show_marks(writer.text(wanted))
            if self._shows(text, wanted):
                return self._with_former_formulas(self._with_former_blocks(text, wanted, writer), wanted)
        return ""

    def is_shown_by(self, text: str, wanted: tuple[Block, ...]) -> bool:
        """Return whether some Markdown gives a card that shows these blocks."""
        return bool(text and wanted) and self._shows(text, wanted)

    def _shows(self, text: str, wanted: tuple[Block, ...]) -> bool:
        return shows(self._html(text), wanted)

    def _shown(self, text: str) -> tuple[Block, ...]:
        return seen(self._html(text)).blocks

    def _html(self, text: str) -> str:
        return hide_marks(render_cloze(text)) if self._cloze else render(text)

    def _known_lines(self) -> Mapping[Line, str]:
        """Return the lines of the former text by what is seen of them."""
        known: dict[Line, str] = {}
        for line in self._former.split("\n"):
            text = _LABEL.sub("", line, count=1).strip()
            blocks = self._shown(text) if text else ()
            if len(blocks) == 1 and isinstance(blocks[0], Paragraph) and len(blocks[0].lines) == 1:
                known[blocks[0].lines[0]] = text
        return known

    def _with_former_blocks(self, text: str, wanted: tuple[Block, ...], writer: Writer) -> str:
        """Write the blocks that look as they did before in the words of their author."""
        known = {self._shown(block): block for block in _BETWEEN_BLOCKS.split(self._former) if block.strip()}
        if not known:
            return text
        parts: list[str] = []
        position = 0
        while position < len(wanted):
            counts = range(min(_MOST_BLOCKS, len(wanted) - position), 0, -1)
            count = next((count for count in counts if wanted[position : position + count] in known), 0)
            group = wanted[position : position + max(count, 1)]
            parts.append(known[group].strip("\n") if count else show_marks(writer.text(group)))
            position += len(group)
        kept = "\n\n".join(parts)
        return kept if self._shows(kept, wanted) else text

    def _with_former_formulas(self, text: str, wanted: tuple[Block, ...]) -> str:
        """Write the formulas that were there before as their author wrote them."""
        for formula in find_formulas(self._former):
            source = self._former[formula.start : formula.end]
            opener, closer = ("\\[", "\\]") if formula.display else ("\\(", "\\)")
            kept = text.replace(f"{opener}{plain_tex(formula.tex)}{closer}", source)
            if kept != text and self._shows(kept, wanted):
                text = kept
        return text
