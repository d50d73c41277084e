"""Parse the HTML of a card into markdown-it tokens, from which Markdown can be written."""

import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from bs4.exceptions import ParserRejectedMarkup

if TYPE_CHECKING:
    from markdown_it.token import Token

DEEPEST, MOST_ELEMENTS = 50, 2_000
"""How deep the elements of a field may nest, and how many it may have; those of cards stay below 10 and 500."""

_INLINE = {"strong", "em", "s", "code", "a", "br"}
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_BLOCKS = {*_HEADINGS, "p", "ul", "ol", "li", "blockquote", "pre", "hr", "table", "thead", "tbody", "tr", "th", "td"}
_SAME = {"b": "strong", "i": "em", "del": "s", "strike": "s", "div": "p"}
"""Elements that Anki's editor, and what is pasted into it, have for those that a card has."""


class UnsayableError(ValueError):
    """HTML cannot become Markdown, or a text cannot be in a record; the message says why."""


def parsed(html: str) -> BeautifulSoup:
    """Return the elements of some HTML as a card has them: what only looks different is made the same.

    Raises UnsayableError where an element or a style has no counterpart in Markdown.
    """
    soup = _soup(html)
    for table in soup.find_all("table"):
        # Markdown has rows of as many cells as the first has.
        if len({len(row.find_all(["td", "th"])) for row in table.find_all("tr")} or {0, 1}) > 1:
            raise UnsayableError("Markdown cannot say a table whose rows differ in length")
    for element in soup.find_all(True):
        element.name = _SAME.get(element.name, element.name)
        if element.name == "span" and not element.attrs:
            element.unwrap()
        elif element.name in {"strong", "em", "s"}:
            _free_spaces(element)
    for element in soup.find_all(True):
        if element.name == "p" and element.find(["p", "ul", "ol", "table", "blockquote", "pre", "hr", *_HEADINGS]):
            element.unwrap()
    soup.smooth()
    _in_paragraphs(soup)
    for element in soup.find_all(True):
        _refuse(element)
    return soup


def _soup(html: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        # A field may well hold nothing but an address.
        warnings.simplefilter("ignore", UserWarning)
        try:
            soup = BeautifulSoup(html, "html.parser")
        except ParserRejectedMarkup as error:
            raise UnsayableError("Markdown cannot say a marked section of HTML") from error
    _refuse_too_many(soup)
    return soup


def _refuse_too_many(soup: BeautifulSoup) -> None:
    """Refuse what is far from a card: to move one element, Beautiful Soup looks at all those beside and above it."""
    depths = {id(soup): 0}
    for count, element in enumerate(soup.find_all(True), 1):
        depth = depths[id(element)] = depths[id(element.parent)] + 1
        if depth > DEEPEST:
            raise UnsayableError(f"its elements nest more than {DEEPEST} levels deep")
        if count > MOST_ELEMENTS:
            raise UnsayableError(f"it has more than {MOST_ELEMENTS:,} elements")


def _free_spaces(element: Tag) -> None:
    """Move the spaces at the ends of an emphasis out of it, where Markdown has them."""
    if element.contents and isinstance(first := element.contents[0], NavigableString) and first != first.lstrip(" "):
        element.insert_before(" ")
        first.replace_with(NavigableString(first.lstrip(" ")))
    if element.contents and isinstance(last := element.contents[-1], NavigableString) and last != last.rstrip(" "):
        element.insert_after(" ")
        last.replace_with(NavigableString(last.rstrip(" ")))


def _in_paragraphs(soup: BeautifulSoup) -> None:
    """Put text outside of paragraphs into one, and remove what a browser does not show."""
    run: Tag | None = None
    for child in list(soup.children):
        if isinstance(child, Tag) and child.name in _BLOCKS:
            run = None
        elif run is not None:
            run.append(child.extract())
        elif isinstance(child, Tag) or str(child).strip():
            run = soup.new_tag("p")
            child.insert_before(run)
            run.append(child.extract())
    for paragraph in soup.find_all("p"):
        while (last := paragraph.contents[-1] if paragraph.contents else None) is not None and _is_nothing(last):
            last.extract()
        if not paragraph.contents:
            paragraph.extract()


def _is_nothing(last: object) -> bool:
    """Whether the last part of a paragraph is a line break, or white space."""
    return last.name == "br" if isinstance(last, Tag) else not str(last).strip(" \t\r\n")


_ATTRIBUTES = {"a": {"href", "rel"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}}


def _refuse(element: Tag) -> None:
    if element.name not in _BLOCKS | _INLINE:
        raise UnsayableError(f"Markdown cannot say <{element.name}>")
    other = element.attrs.keys() - _ATTRIBUTES.get(element.name, set())
    if other:
        raise UnsayableError(f"Markdown cannot say <{element.name} {min(other)}=…>")


def block_tokens(parent: Tag, marks: tuple[str, str], *, tight: bool = False) -> "Iterator[Token]":
    """Yield the tokens of all blocks of an element; text between them becomes paragraphs, hidden in a tight list.

    `marks` are what emphasis and strong emphasis are written with.
    """
    loose: list[Tag | NavigableString] = []
    for child in parent.children:
        if isinstance(child, NavigableString) or (isinstance(child, Tag) and child.name in _INLINE):
            loose.append(child)
            continue
        yield from _paragraph(loose, marks, hidden=tight)
        loose = []
        if isinstance(child, Tag):
            yield from _block(child, marks)
    yield from _paragraph(loose, marks, hidden=tight)


def _paragraph(
    children: Iterable[Tag | NavigableString], marks: tuple[str, str], *, hidden: bool = False
) -> "Iterator[Token]":
    every = list(children)
    # The line breaks around a block are none of it.
    if every and isinstance(every[0], NavigableString):
        every[0] = NavigableString(every[0].lstrip("\n"))
    if every and isinstance(every[-1], NavigableString):
        every[-1] = NavigableString(every[-1].rstrip("\n"))
    if any(isinstance(child, Tag) or child.strip(" \n") for child in every):
        yield _token("paragraph_open", "p", 1, hidden=hidden)
        yield _inline(every, marks)
        yield _token("paragraph_close", "p", -1, hidden=hidden)


def _block(element: Tag, marks: tuple[str, str]) -> "Iterator[Token]":
    name = element.name
    if name == "p":
        yield from _paragraph(element.children, marks)  # type: ignore[arg-type]
    elif name in _HEADINGS:
        yield _token("heading_open", name, 1, markup=_HEADINGS[name])
        yield _inline(element.children, marks)  # type: ignore[arg-type]
        yield _token("heading_close", name, -1, markup=_HEADINGS[name])
    elif name == "hr":
        yield _token("hr", name, 0, markup="---")
    elif name == "pre":
        content = element.get_text()
        yield _token("fence", "code", 0, markup="```", content=content if content.endswith("\n") else f"{content}\n")
    elif name == "blockquote":
        yield _token("blockquote_open", name, 1, markup=">")
        yield from block_tokens(element, marks)
        yield _token("blockquote_close", name, -1, markup=">")
    elif name in {"ul", "ol"}:
        yield from _list(element, marks)
    elif name == "table":
        yield from _table(element, marks)
    else:
        raise UnsayableError(f"Markdown cannot say <{name}> here")


def _list(element: Tag, marks: tuple[str, str]) -> "Iterator[Token]":
    kind = "bullet_list" if element.name == "ul" else "ordered_list"
    markup = "-" if element.name == "ul" else "."
    start = str(element.get("start", "1"))
    attrs: dict[str, str | int | float] = {"start": int(start)} if element.name == "ol" and start.isdecimal() else {}
    tight = not element.find("p") or all(item.find("p", recursive=False) is None for item in _items(element))
    yield _token(f"{kind}_open", element.name, 1, markup=markup, attrs=attrs)
    for item in _items(element):
        yield _token("list_item_open", "li", 1, markup=markup)
        yield from block_tokens(item, marks, tight=tight)
        yield _token("list_item_close", "li", -1, markup=markup)
    yield _token(f"{kind}_close", element.name, -1, markup=markup)


def _items(element: Tag) -> list[Tag]:
    return element.find_all("li", recursive=False)


def _table(element: Tag, marks: tuple[str, str]) -> "Iterator[Token]":
    rows = element.find_all("tr")
    yield _token("table_open", "table", 1)
    for number, row in enumerate(rows):
        part = {0: "thead", 1: "tbody"}.get(number)
        if part:
            yield _token(f"{part}_open", part, 1)
        yield _token("tr_open", "tr", 1)
        for cell in row.find_all(["th", "td"]):
            name = "th" if number == 0 else "td"
            align = cell.get("align")
            attrs: dict[str, str | int | float] = {"style": f"text-align:{align}"} if align else {}
            yield _token(f"{name}_open", name, 1, attrs=attrs)
            yield _inline(cell.children, marks)  # type: ignore[arg-type]
            yield _token(f"{name}_close", name, -1)
        yield _token("tr_close", "tr", -1)
        if number == 0:
            yield _token("thead_close", "thead", -1)
    if len(rows) > 1:
        yield _token("tbody_close", "tbody", -1)
    yield _token("table_close", "table", -1)


def _inline(children: Iterable[Tag | NavigableString], marks: tuple[str, str]) -> "Token":
    token = _token("inline", "", 0)
    token.children = list(_inline_tokens(children, marks))
    return token


def _inline_tokens(children: Iterable[Tag | NavigableString], marks: tuple[str, str]) -> "Iterator[Token]":
    after_break = False
    for child in children:
        if isinstance(child, NavigableString):
            yield from _text(child.removeprefix("\n") if after_break else str(child))
        elif child.name == "br":
            yield _token("hardbreak", "br", 0)
        elif child.name == "code":
            yield _token("code_inline", "code", 0, markup="`", content=child.get_text())
        elif child.name == "a":
            yield _token("link_open", "a", 1, attrs={"href": str(child.get("href", ""))})
            yield from _inline_tokens(child.children, marks)  # type: ignore[arg-type]
            yield _token("link_close", "a", -1)
        elif child.name in _INLINE:
            markup = {"em": marks[0], "strong": marks[1], "s": "~~"}[child.name]
            yield _token(f"{child.name}_open", child.name, 1, markup=markup)
            yield from _inline_tokens(child.children, marks)  # type: ignore[arg-type]
            yield _token(f"{child.name}_close", child.name, -1, markup=markup)
        else:
            raise UnsayableError(f"Markdown cannot say <{child.name}> within a line")
        after_break = isinstance(child, Tag) and child.name == "br"


def _text(text: str) -> "Iterator[Token]":
    for number, line in enumerate(text.split("\n")):
        if number:
            yield _token("softbreak", "br", 0)
        if line:
            yield _token("text", "", 0, content=line)


def _token(kind: str, tag: str, nesting: int, **settings: object) -> "Token":
    from markdown_it.token import Token  # noqa: PLC0415 - what is not converted needs no Markdown

    return Token(kind, tag, nesting, **settings)  # type: ignore[arg-type]
