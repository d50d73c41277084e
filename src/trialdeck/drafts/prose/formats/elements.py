"""Walk through the elements of notes in HTML, and cut them into pieces."""

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec
from bs4.element import CData, Comment, NavigableString, PageElement, PreformattedString, Tag

from trialdeck.drafts.prose.names import part_of
from trialdeck.drafts.prose.pieces import LISTED, Kind, Piece, Unit, paragraphs, plain, text_line, without_bold
from trialdeck.markdown.html.elements import HEADINGS, LISTS, NOTHING, UnsayableError, text_of
from trialdeck.markdown.html.lists import HtmlItem, items_of
from trialdeck.markdown.html.looks import look_of
from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.html.seen import Block, Line, Paragraph, Run, Table, joined_lines, line_of, lines_of

_CONTAINERS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul", *HEADINGS,
})  # fmt: skip
_AROUND = {
    "nav": "in the navigation of the page",
    "footer": "in the footer of the page",
    "select": "in a form of the page",
    "textarea": "in a form of the page",
}
_HIDDEN = "hidden on the page"
_TITLES = frozenset({"title", "msotitle", "doc-title"})
_LOOKS = re.compile(
    r"the (?:colour|highlight|size|font|indent|alignment|underline|tooltip|plain look of the first row of a table)\b"
)
_DEEPEST = 60
MARK = "data-mark"
"""The attribute that holds the mark before an item, where the notes are Markdown."""
_LARGEST_NUMBER_OF_A_LIST = 99
_BULLETS = "•‣▪▫◦●○■□◆➢➤✓·∙§"


class Numbers(msgspec.Struct):
    """Says on which lines an element stands; `at` returns the lines of an element, given those before it."""

    at: Callable[[Tag, tuple[int, int]], tuple[int, int]]
    units: Callable[[tuple[int, int], Sequence[Line]], tuple[Unit, ...]]


class Walker:
    """Collects the pieces of notes, in their order."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._span = (1, 1)
        self._depth = 0
        self._lists = 0
        self.pieces: list[Piece] = []
        self.hidden: list[tuple[Unit, str]] = []
        self.losses: list[tuple[int, str]] = []
        self.looks: dict[str, None] = {}

    def walk(self, children: Iterable[PageElement]) -> None:
        """Take the pieces of some elements."""
        inline: list[PageElement] = []
        for child in children:
            if isinstance(child, Comment):
                self._hide(self._span, str(child), "a comment")
            elif isinstance(child, Tag) and self._is_skipped(child):
                continue
            elif isinstance(child, Tag) and _is_block(child):
                self._leaf(inline, Kind.TEXT)
                inline = []
                self._span = self._numbers.at(child, self._span)
                self._block(child)
            elif isinstance(child, Tag) or _is_text(child):
                if isinstance(child, Tag) and not any(_text(part).strip() for part in inline):
                    self._span = self._numbers.at(child, self._span)
                inline.append(child)
        self._leaf(inline, Kind.TEXT)

    def _is_skipped(self, element: Tag) -> bool:
        if element.name in NOTHING:
            return True
        reason = _AROUND.get(element.name, "") or (_HIDDEN if look_of(element).is_hidden else "")
        if reason:
            self._hide(self._numbers.at(element, self._span), text_of(element), reason)
        return bool(reason)

    def _hide(self, span: tuple[int, int], text: str, reason: str) -> None:
        words = " ".join(text.split())
        if any(character.isalnum() for character in words):
            units = self._numbers.units(span, [text_line(words)])
            self.hidden.append((Unit(units[0].id if units else 0, span[0], words), reason))

    def _block(self, element: Tag) -> None:
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                self._flat(element)
            else:
                self._known_block(element)
        finally:
            self._depth -= 1

    def _known_block(self, element: Tag) -> None:
        name = element.name
        if name in HEADINGS or _TITLES & {str(part).casefold() for part in element.get_attribute_list("class") if part}:
            self._heading(element.children, int(name[1]) if name in HEADINGS else 1)
        elif name in LISTS:
            self._list(element)
        elif name == "table" and not _is_layout(element):
            self._table(element)
        elif name == "details":
            self._details(element)
        elif name == "pre" or not _has_blocks(element):
            self._leaf([element] if name == "pre" else list(element.children), Kind.TEXT)
        else:
            self.walk(element.children)

    def _flat(self, element: Tag) -> None:
        """Take all text of elements that nest too deeply as paragraphs without marks."""
        lines = [text_line(" ".join(str(part).split())) for part in element.descendants if _is_text(part)]
        for line in filter(None, lines):
            self._add(Kind.TEXT, paragraphs([line]))

    def _heading(self, children: Iterable[PageElement], level: int, *, folds: bool = False) -> None:
        blocks = self._seen(list(children))
        line = joined_lines(lines_of(blocks))
        if line:
            self._add(Kind.HEADING, paragraphs([without_bold(line)]), level, folds=folds)

    def _list(self, element: Tag) -> None:
        items = list(items_of(element))
        self._lists += 1
        for item in items:
            if item.element is not None:
                self._span = self._numbers.at(item.element, self._span)
            self._item(list(item.children), _kept_label(item, len(items)))
        self._lists -= 1

    def _item(self, children: list[PageElement], label: str) -> None:
        lead = _before_list(children)
        inner = [child for child in children[len(lead) :] if isinstance(child, Tag)]
        if any(isinstance(child, Tag) and (child.name in HEADINGS or child.find(list(HEADINGS))) for child in children):
            self.walk(children)
        elif inner and self._is_heading(lead, inner):
            level = LISTED + self._lists
            self._heading(lead, level)
            self.walk(children[len(lead) :])
            self.pieces.append(Piece(Kind.END, (), level=level))
        else:
            self._leaf(children, Kind.ITEM, label)

    def _is_heading(self, lead: Sequence[PageElement], inner: Sequence[Tag]) -> bool:
        """Tell whether an item is a heading: the list in it is its part, or has parts."""
        text = _words(lead)
        if not text:
            return False
        points = [point for element in inner for point in element.find_all("li")]
        return part_of(text) is not None or any(_has_name(point) for point in points)

    def _details(self, element: Tag) -> None:
        summary = element.find("summary", recursive=False)
        level = LISTED + self._lists + self._depth
        if isinstance(summary, Tag):
            self._heading(summary.children, level, folds=True)
        self.walk(child for child in element.children if child is not summary)
        self.pieces.append(Piece(Kind.END, (), level=level))

    def _table(self, element: Tag) -> None:
        before = len(self.pieces)
        self._leaf([element], Kind.TABLE)
        tables = [block for piece in self.pieces[before:] for block in piece.blocks if isinstance(block, Table)]
        if len(tables) == 1 and (rows := _labelled_rows(tables[0])):
            whole = self.pieces[before:]
            del self.pieces[before:]
            self._rows(whole[0], rows)

    def _rows(self, whole: Piece, rows: Sequence[Line]) -> None:
        """Take a table of names and texts as labels; each row has its line, if it can be told which."""
        units = [unit for unit in whole.units if any(map(str.isalnum, unit.text))]
        for index, row in enumerate(rows):
            own = (units[index],) if len(units) == len(rows) else whole.units
            self.pieces.append(Piece(Kind.ITEM, own, paragraphs([row]), is_row=True))

    def _leaf(self, children: list[PageElement], kind: Kind, label: str = "") -> None:
        if not any(isinstance(child, Tag) or str(child).strip() for child in children):
            return
        losses = len(self.losses)
        blocks = self._seen(children)
        if not blocks:
            for number, loss in self.losses[losses:]:
                unit = self._numbers.units(self._span, [text_line(loss)])
                self.pieces.append(Piece(Kind.LOST, tuple(unit[:1]), paragraphs([text_line(loss)]), reason=loss))
                assert number
            del self.losses[losses:]
            return
        if label:
            first = next(lines_of(blocks), ())
            blocks = _relabelled(blocks, line_of([Run(f"{label} "), *first]))
        holds_table = any(isinstance(block, Table) for block in blocks)
        self._add(Kind.TEXT if kind is Kind.TABLE and not holds_table else kind, _without_bullet(blocks))

    def _seen(self, children: Sequence[PageElement]) -> tuple[Block, ...]:
        html = "".join(child.decode(formatter="minimal") if isinstance(child, Tag) else _escaped(child)
                       for child in children)  # fmt: skip
        try:
            found = seen(html)
        except UnsayableError as error:
            self.losses.append((self._span[0], f"its form ({error})"))
            texts = (" ".join(_text(child).split()) for child in children)
            return paragraphs(text_line(text) for text in texts if text)
        for loss in found.losses:
            if looks := _LOOKS.match(loss):
                self.looks[looks[0]] = None
            else:
                self.losses.append((self._span[0], loss))
        return found.blocks

    def _add(self, kind: Kind, blocks: tuple[Block, ...], level: int = 0, *, folds: bool = False) -> None:
        units = self._numbers.units(self._span, list(lines_of(blocks)))
        self.pieces.append(Piece(kind, units, blocks, level, folds=folds))


def _is_text(part: PageElement) -> bool:
    return isinstance(part, NavigableString) and (not isinstance(part, PreformattedString) or isinstance(part, CData))


def _text(part: PageElement) -> str:
    return text_of(part) if isinstance(part, Tag) else str(part)


def _escaped(part: PageElement) -> str:
    return str(part).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_block(element: Tag) -> bool:
    return element.name in _CONTAINERS or _has_blocks(element)


def _has_blocks(element: Tag) -> bool:
    return element.find(list(_CONTAINERS)) is not None


def _is_layout(table: Tag) -> bool:
    return table.find([*HEADINGS, "table"]) is not None


def _before_list(children: Sequence[PageElement]) -> list[PageElement]:
    """Return what stands in an item before the first list in it."""
    for index, child in enumerate(children):
        if isinstance(child, Tag) and child.name in LISTS:
            return list(children[:index])
    return list(children)


def _words(children: Sequence[PageElement]) -> str:
    return " ".join(" ".join(map(_text, children)).split())


def _has_name(point: Tag) -> bool:
    text = _words(_before_list(list(point.children)))
    name, colon, _ = text.partition(":")
    return part_of(name if colon else text) is not None


def _kept_label(item: HtmlItem, count: int) -> str:
    """Return the mark of an item that may be a part of its text: `2016. A good year`, `- 3.1 points` alone."""
    number = item.label.rstrip(".")
    if number.isdecimal():
        return item.label if int(number) > _LARGEST_NUMBER_OF_A_LIST else ""
    mark = str(item.element.get(MARK, "")) if item.element else ""
    return mark if mark == "-" and count == 1 and _words(item.children)[:1].isdecimal() else ""


def _relabelled(blocks: Sequence[Block], line: Line) -> tuple[Block, ...]:
    first = blocks[0]
    return (Paragraph((line, *first.lines[1:])), *blocks[1:]) if isinstance(first, Paragraph) else tuple(blocks)


def _without_bullet(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return blocks without the bullet that a word processor writes as a letter."""
    first = blocks[0]
    if not isinstance(first, Paragraph) or not first.lines[0]:
        return blocks
    text = first.lines[0][0].text.lstrip()
    rest = text[1:].lstrip()
    if text[:1] not in _BULLETS or not (text[1:2].isspace() or text[1:2] == "") or not (rest or first.lines[0][1:]):
        return blocks
    run = first.lines[0][0]
    line = line_of([Run(rest, run.marks, run.link), *first.lines[0][1:]])
    return (Paragraph((line, *first.lines[1:])), *blocks[1:]) if line else blocks


def _labelled_rows(table: Table) -> list[Line]:
    """Return the rows of a table of two columns as labels with their texts; nothing for any other table."""
    if any(len(row) != 2 for row in table.rows):
        return []
    named = [row for row in table.rows if part_of(plain(row[0])) is not None]
    if len(named) < 2:
        return []
    rows = (line_of([*row[0], Run(": "), *row[1]]) if row[0] and row[1] else row[0] or row[1] for row in table.rows)
    return [row for row in rows if row]
