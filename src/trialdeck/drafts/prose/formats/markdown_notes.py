"""Take notes in Markdown apart, so that every line is known by its number."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from bs4.element import Tag
from markdown_it import MarkdownIt
from markdown_it.rules_block.html_block import html_block
from markdown_it.rules_inline.html_inline import html_inline

from trialdeck.drafts.lines import clean
from trialdeck.drafts.prose.formats.elements import MARK, Numbers, Walker
from trialdeck.drafts.prose.formats.front_matter import front_matter
from trialdeck.drafts.prose.marks import answered, asked, label_of
from trialdeck.drafts.prose.pieces import Document, Fact, Unit, text_line, units_of
from trialdeck.markdown.dialect import take_marks_at_edges
from trialdeck.markdown.html.elements import ELEMENTS

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_TAG_NAME = re.compile(r"<(?:/?([A-Za-z][A-Za-z0-9-]*)|!--)")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(?:[\s/][^<>]*)?>")
_MARK_OF_QUOTATION = re.compile(r"[ ]{0,3}>(?=[ ]?[=≥]?[ ]?[0-9])")
_NO_HEADING = re.compile(r"[ ]{0,3}#{1,6}(?=[ ]+of\b)")
_SIGN = re.compile(r"[ ]{0,3}\+(?=[ ][0-9])")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_WIKI_LINK = re.compile(r"(?<!!)\[\[([^\[\]|#]+)\]\]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE = "data-line"


def read_markdown(text: str) -> Document:
    """Return the pieces of notes in Markdown; front matter becomes facts."""
    source = _NOT_TEXT.sub("\ufffd", text).split("\n")
    facts, begin = front_matter(source)
    numbered = list(_careful(list(enumerate(source, 1))[begin:]))
    soup = BeautifulSoup(_html(numbered), "html.parser", store_line_numbers=False)
    visible = {number: Unit(number, number, clean(line)) for number, line in enumerate(source, 1) if is_text(line)}
    walker = Walker(Numbers(at=_span, units=lambda span, _: _units(span, visible)))
    walker.walk(soup.children)
    return Document(tuple(walker.pieces), tuple(_left(walker, facts, visible)), facts=tuple(facts),
                    looks=tuple(walker.looks), losses=tuple(walker.losses))  # fmt: skip


def is_text(line: str) -> bool:
    """Tell whether a line says something: rules, fences and tags alone do not."""
    bare = _TAG.sub(lambda found: "" if found[1].casefold() in ELEMENTS else found[0], line)
    return any(map(str.isalnum, bare))


def _left(walker: Walker, facts: Sequence[Fact], visible: dict[int, Unit]) -> Iterator[tuple[Unit, str]]:
    """Yield the lines that are in no piece: comments, addresses of links, or what no card can show."""
    taken = {unit.id for unit in units_of(walker.pieces)} | {unit.id for fact in facts for unit in fact.units}
    reasons = {unit.number: reason for unit, reason in walker.hidden}
    for number, unit in visible.items():
        if number not in taken:
            yield unit, reasons.get(number, "the address of a link, a comment, or a mark")


def _units(span: tuple[int, int], visible: dict[int, Unit]) -> tuple[Unit, ...]:
    return tuple(visible[number] for number in range(span[0], span[1] + 1) if number in visible)


def _span(element: Tag, before: tuple[int, int]) -> tuple[int, int]:
    """Return the first and the last line of an element; where nothing says so, those before it."""
    found = (
        element.find(True, attrs={_LINE: True}) if element.name == "pre" and not element.has_attr(_LINE) else element
    )
    first, _, last = str(found.get(_LINE, "") if isinstance(found, Tag) else "").partition("-")
    return (int(first), int(last)) if first.isdecimal() and last.isdecimal() else before


def _careful(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield numbered lines in which a backslash stands before what is text, and each label begins a paragraph.

    `>65 years`, `# of events` and `+ 5.2 mmHg` are text. Markdown would take `Q: Why?` below an item for
    a part of that.
    """
    fence, before = "", ""
    for number, line in lines:
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        if fence or mark:
            yield number, line
            continue
        found = _MARK_OF_QUOTATION.match(line) or _NO_HEADING.match(line) or _SIGN.match(line)
        place = len(line) - len(line.lstrip(" ")) if found else -1
        if before.strip() and _begins_part(line):
            yield number, ""
        yield number, _WIKI_LINK.sub(r"\1", f"{line[:place]}\\{line[place:]}" if found else line)
        before = line


def _begins_part(line: str) -> bool:
    """Tell whether a line at the left edge begins with a label, or is a question or an answer."""
    if not line[:1].strip() or line[:1] in "#|<>-+`~" or line.startswith("* "):
        return False
    bare = text_line(line.replace("*", "").replace("_", " "))
    return bool(label_of(bare)) or asked(bare) is not None or answered(bare) is not None


def _html(lines: Sequence[tuple[int, str]]) -> str:
    parser = _parser()
    tokens = parser.parse("\n".join(line for _, line in lines))
    for token in tokens:
        if token.map and token.nesting >= 0:
            first, last = token.map[0], max(token.map[1] - 1, token.map[0])
            token.attrSet(_LINE, f"{lines[first][0]}-{lines[min(last, len(lines) - 1)][0]}")
        if token.type == "list_item_open":
            token.attrSet(MARK, token.markup)
        if token.type == "html_block":
            token.content = f'<i {_LINE}="{token.attrs[_LINE]}"></i>{token.content}'
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    take_marks_at_edges(parser)
    parser.inline.ruler.at("html_inline", _known_html)
    parser.block.ruler.at("html_block", _known_html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.disable("reference")
    return parser


def _known_html(state: "StateInline", silent: bool) -> bool:
    return _starts_known_tag(state.src, state.pos) and html_inline(state, silent)


def _known_html_block(state: "StateBlock", start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    return _starts_known_tag(state.src, start) and html_block(state, start_line, end_line, silent)


def _starts_known_tag(text: str, position: int) -> bool:
    """Tell whether a tag of HTML starts here, and no text in angle brackets: `AST <ULN and >3`."""
    found = _TAG_NAME.match(text, position)
    return found is not None and (found[1] is None or found[1].casefold() in ELEMENTS)
