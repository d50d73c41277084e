r"""Convert the HTML of a card, as edited in Anki, back to Markdown.

The way back is held against the way there: a text is returned only if it renders as exactly that HTML, but for what a
browser shows alike.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import TYPE_CHECKING, ClassVar

from bs4.element import NavigableString, Tag

from trialdeck.markdown.html_tokens import UnsayableError, block_tokens, parsed
from trialdeck.markdown.language import without_language
from trialdeck.markdown.math import find_formulas
from trialdeck.markdown.render import escape_markdown, render, render_cloze, render_inline

if TYPE_CHECKING:
    from mdformat.renderer import RenderContext, RenderTreeNode

_FORMULA_START = re.compile(r"\\[(\[]")
_CLOZE_MARK = re.compile(r"\{\{c[0-9]+::|::|\}\}")
_AROUND_BLOCKS = re.compile(r" ?(</?(?:p|ul|ol|li|blockquote|pre|hr|br|table|thead|tbody|tr|th|td|h[1-6])\b[^<>]*+>) ?")
_PIECE = re.compile("\ufdd0([0-9]+)\ufdd1")
_NEVER_TEXT = re.compile("[\0\ufdd0\ufdd1]")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])|&#[0-9]+;")
_DOLLAR = re.compile(r"(?<!\\)\$")
_LAST_HASH = re.compile(r"#\Z")
_ESCAPED_HASH = r"\\#"
_TRIED = 5_000
"""How many characters are rendered to find out which marks can be taken out."""
LONGEST = 50_000
"""Of how many characters a field is at most."""
_BETWEEN_BLOCKS = re.compile(r"\n[ \t]*\n\s*")
_SPACE = re.compile(r"[ \t\r\n]+")
_MARKS = (("*", "**"), ("_", "__"), ("*", "__"), ("_", "**"))


def markdown_of(html: str, former: str = "", *, cloze: bool = False) -> str:
    """Return Markdown that renders as some HTML, of a cloze statement or of any other field.

    What still holds of `former`, the Markdown from which the field was made before, stays as the author wrote it.
    Raises UnsayableError if there is none; its message names what Markdown cannot say, or is empty.
    """
    if len(html) > LONGEST:
        raise UnsayableError(f"it has more than {LONGEST:,} characters")
    html = without_language(html)
    for char in _NEVER_TEXT.findall(html):
        raise UnsayableError(f"Markdown cannot say the character U+{ord(char):04X}")
    wanted = shown(html)
    protected, pieces = _protected(html, former, cloze=cloze)

    def says(text: str) -> bool:
        return shown(render_cloze(text) if cloze else render(text)) == wanted

    for text in _candidates(protected):
        match = _PIECE.sub(lambda piece: pieces[int(piece[1])], text)
        if says(match):
            return _with_former_blocks(_plainer(match, says), former, says)
    raise UnsayableError


def is_alike(one: str, other: str) -> bool:
    """Tell whether two pieces of HTML look the same; HTML that Markdown cannot express is like no other."""
    try:
        return one == other or shown(without_language(one)) == shown(without_language(other))
    except UnsayableError:
        return False


def points_of(html: str) -> list[str]:
    """Return the HTML of each point of a field that is one list; nothing for any other field."""
    soup = parsed(without_language(html))
    lists = [child for child in soup.children if isinstance(child, Tag)]
    if len(lists) != 1 or lists[0].name not in {"ol", "ul"}:
        return []
    return [item.decode_contents().strip() for item in lists[0].find_all("li", recursive=False)]


def _with_former_blocks(text: str, former: str, says: Callable[[str], bool]) -> str:
    """Write the blocks that look as they did before in the words of the author."""
    known = {shown(render(block)): block for block in _BETWEEN_BLOCKS.split(former) if block.strip()}
    blocks = [known.get(shown(render(block)), block) for block in _BETWEEN_BLOCKS.split(text)]
    kept = "\n\n".join(blocks)
    return kept if says(kept) else text


def _plainer(text: str, says: Callable[[str], bool]) -> str:
    """Remove the escapes that are not needed: backslashes, and characters that are written as numbers."""
    tries = _TRIED // max(len(text), 1)
    for match in reversed(list(_ESCAPE.finditer(text))[:tries]):
        if says(shorter := text[: match.start()] + unescape(match[0]).removeprefix("\\") + text[match.end() :]):
            text = shorter
    return text


def shown(html: str) -> str:
    """Return HTML in one form for all that looks the same. Raises UnsayableError as `markdown_of` does."""
    soup = parsed(html)
    for text in soup.find_all(string=True):
        if text.find_parent("pre"):
            text.replace_with(NavigableString(text.removesuffix("\n")))
        else:
            text.replace_with(NavigableString(_SPACE.sub(" ", text)))
    return _AROUND_BLOCKS.sub(r"\1", str(soup)).strip()


def _protected(html: str, former: str, *, cloze: bool) -> tuple[str, list[str]]:
    """Take formulas and the marks of deletions out: Markdown shall not see them."""
    pieces: list[str] = []
    sources = [former[formula.start : formula.end] for formula in find_formulas(former)]
    known = {render_inline(source): source for source in sources}

    def taken(source: str) -> str:
        pieces.append(known.get(source) or unescape(source))
        return f"\ufdd0{len(pieces) - 1}\ufdd1"

    parts, last = [], 0
    for start, end in _formulas(html):
        source = html[start:end]
        parts += [html[last:start], source if "<" in source else taken(source)]
        last = end
    html = "".join([*parts, html[last:]])
    return (_CLOZE_MARK.sub(lambda found: taken(found[0]), html) if cloze else html), pieces


def _formulas(html: str) -> Iterator[tuple[int, int]]:
    """Yield where formulas start and end; a closer that is not there is looked for once."""
    position, missing = 0, set()
    while match := _FORMULA_START.search(html, position):
        closer = {"(": "\\)", "[": "\\]"}[match[0][1]]
        end = -1 if closer in missing else html.find(closer, match.end() + 1)
        if end < 0:
            missing.add(closer)
            position = match.end()
        else:
            position = end + len(closer)
            yield match.start(), position


def _candidates(html: str) -> Iterator[str]:
    """Yield Markdown that may render as the HTML, the most readable first."""
    soup = parsed(html)
    paragraphs = soup.find_all(True)
    if all(element.name == "p" for element in paragraphs):
        yield escape_markdown("\n\n".join(element.get_text() for element in paragraphs))
    for marks in _MARKS:
        text = _written(html, marks)
        yield text
        # Dollars that would enclose a formula.
        yield _DOLLAR.sub(r"\\$", text)


def _written(html: str, marks: tuple[str, str]) -> str:
    from mdformat.plugins import PARSER_EXTENSIONS  # noqa: PLC0415 - builds need none of it
    from mdformat.renderer import MDRenderer  # noqa: PLC0415

    options = {"mdformat": {"number": True}, "parser_extension": [PARSER_EXTENSIONS["tables"], _Cards]}
    tokens = list(block_tokens(parsed(html), marks))
    return MDRenderer().render(tokens, options, {}).strip("\n")


class _Cards:
    """What mdformat writes otherwise than a card needs it."""

    @staticmethod
    def _struck(node: "RenderTreeNode", context: "RenderContext") -> str:
        return f"~~{_inside(node, context)}~~"

    @staticmethod
    def _heading(node: "RenderTreeNode", context: "RenderContext") -> str:
        text = _inside(node, context)
        if "\n" in text:
            # Of several lines there are headings of two levels only.
            return f"{text}\n{'=' if node.markup == '#' else '-'}"
        return f"{node.markup} {_LAST_HASH.sub(_ESCAPED_HASH, text)}"

    @staticmethod
    def _hard_break(_node: "RenderTreeNode", _context: "RenderContext") -> str:
        return "\\\n"

    @staticmethod
    def _escaped(text: str, _node: "RenderTreeNode", _context: "RenderContext") -> str:
        # A backslash before a bracket would start a formula; one before a bar is none in a table.
        return text.replace("~", "\\~").replace("\\[", "&#91;").replace("|", "&#124;")

    RENDERERS: ClassVar = {"s": _struck, "heading": _heading, "hardbreak": _hard_break}
    POSTPROCESSORS: ClassVar = {"text": _escaped}


def _inside(node: "RenderTreeNode", context: "RenderContext") -> str:
    return "".join(child.render(context) for child in node.children)
