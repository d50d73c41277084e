"""Read the elements of some HTML, and say what each is to a card."""

import re
import warnings
from html import escape, unescape

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup

LONGEST = 50_000
"""Of how many characters a field is at most."""
DEEPEST, MOST_ELEMENTS = 100, 20_000
"""How deep the elements of a field may nest, and how many it may have; those of cards stay below 10 and 500."""

# Browsers take `<![if …]>`, which Word writes, for a comment. In a comment it is part of that.
_MARKED_SECTION = re.compile(r"<!--.*?(?:-->|\Z)|<!\[[^>]*(?:>|\Z)", re.DOTALL)

# What may be a character reference: the parser drops the sign of `AT&T`, and the semicolon of `&b;`; in an address,
# `&copy=` is none.
_REFERENCE = re.compile(r"&(?:#[0-9A-Za-z]{1,10};?|[A-Za-z][A-Za-z0-9]{0,31}+(?:;|(?!=)))?")

NOTHING = frozenset({
    "base", "datalist", "link", "meta", "noscript", "param", "rp", "script", "source",
    "style", "template", "title", "track", "wbr",
})  # fmt: skip
"""Elements that show nothing."""
LINES = frozenset({
    "address", "article", "aside", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hgroup", "legend", "li", "main", "menu", "nav", "optgroup",
    "option", "search", "section", "summary", "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
"""Elements that start a line, and end one."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
PARAGRAPHS = HEADINGS | {"blockquote", "p", "listing", "xmp", "plaintext"}
"""Elements with a gap above and below."""
LISTS = frozenset({"ol", "ul"})
CELLS = frozenset({"td", "th"})

_INLINE = frozenset({
    "a", "abbr", "acronym", "area", "b", "bdi", "bdo", "big", "blink", "br", "button", "cite", "code", "data", "del",
    "dfn", "em", "font", "hr", "html", "body", "head", "i", "ins", "kbd", "label", "map", "mark", "meter", "nobr",
    "output", "picture", "pre", "progress", "q", "rb", "rt", "rtc", "ruby", "s", "samp", "slot", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "col", "colgroup", "table",
})  # fmt: skip
"""The other elements of HTML."""

LOST = {
    "img": "a picture",
    "svg": "a drawing",
    "canvas": "a drawing",
    "video": "a video",
    "audio": "a sound",
    "object": "an embedded file",
    "embed": "an embedded file",
    "iframe": "an embedded page",
    "input": "a form field",
    "textarea": "a form field",
    "select": "a form field",
    "math": "a formula in MathML",
}
"""What elements are called of which nothing can be kept."""


ELEMENTS = NOTHING | LINES | PARAGRAPHS | LISTS | CELLS | _INLINE | LOST.keys()
"""All elements of HTML; a name in angle brackets that is none of them is text that somebody typed."""


class UnsayableError(ValueError):
    """HTML that cannot become Markdown, or a text that has no place in a record; the message says why."""


def soup_of(html: str) -> BeautifulSoup:
    """Return the elements of some HTML; raises UnsayableError where it is far from anything on a card."""
    if len(html) > LONGEST:
        raise UnsayableError(f"it has more than {LONGEST:,} characters")
    with warnings.catch_warnings():
        # A field may well hold nothing but an address.
        warnings.simplefilter("ignore", UserWarning)
        try:
            text = _with_references(_without_sections(html))
            soup = BeautifulSoup(text, "html.parser", store_line_numbers=False)
        except ParserRejectedMarkup as error:
            raise UnsayableError("it has a marked section of HTML, which no browser reads") from error
    _refuse_too_many(soup)
    return soup


def _without_sections(html: str) -> str:
    if "<![" not in html:
        return html
    return _MARKED_SECTION.sub(lambda found: found[0] if found[0].startswith("<!--") else "", html)


def _with_references(html: str) -> str:
    """Return some HTML in which `&` stands before references alone, as browsers read them."""
    return _REFERENCE.sub(lambda found: escape(unescape(found[0])), html) if "&" in html else html


def _refuse_too_many(soup: BeautifulSoup) -> None:
    depths = {id(soup): 0}
    for count, element in enumerate(soup.find_all(True), 1):
        depth = depths[id(element)] = depths[id(element.parent)] + 1
        if depth > DEEPEST:
            raise UnsayableError(f"its elements nest more than {DEEPEST} levels deep")
        if count > MOST_ELEMENTS:
            raise UnsayableError(f"it has more than {MOST_ELEMENTS:,} elements")


def is_text(part: PageElement) -> bool:
    """Return whether a part of some HTML is text, and no comment or declaration."""
    return isinstance(part, CData) or (isinstance(part, NavigableString) and not isinstance(part, PreformattedString))


def text_of(element: Tag) -> str:
    """Return all text of an element, that above ruby characters too."""
    return "".join(str(part) for part in element.descendants if is_text(part))


def bracketed_words(element: Tag) -> str:
    """Return the words that stand in angle brackets without being a tag, as `<ULN and >` does; empty for an element.

    No browser shows them. Names with `-` or `:` are those of programs.
    """
    if element.name in ELEMENTS or set(element.name) & set("-:") or any(element.attrs.values()):
        return ""
    return f"<{' '.join([element.name, *element.attrs])}>"


def implied(element: Tag, names: frozenset[str]) -> list[tuple[Tag, list[PageElement]]]:
    """Return an element with its children, and after it each one inside it that ends it, as `<li>` ends `<li>`.

    What comes behind such an element belongs to the last one.
    """
    found: list[tuple[Tag, list[PageElement]]] = [(element, [])]
    for child in element.children:
        if isinstance(child, Tag) and child.name in names:
            found += implied(child, names)
        else:
            found[-1][1].append(child)
    return found


def words_of(element: Tag, longest: int = 30) -> str:
    """Return the first words of an element."""
    words = ""
    for part in element.descendants:
        if isinstance(part, Tag):
            is_break = part.name == "br" or part.name in LINES or part.name in PARAGRAPHS
            words += " " if is_break and not words.endswith(" ") else ""
        elif is_text(part):
            words += " ".join(f"|{str(part)[: 2 * longest]}|".split())[1:-1]
        if len(words) > longest + 1:
            break
    words = " ".join(words.split())
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def number_of(element: Tag, name: str, default: int) -> int:
    """Return an attribute that is a small number."""
    text = str(element.get(name, "")).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default
