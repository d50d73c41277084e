"""Read HTML as it is seen: what Anki's editor, browsers and Word write becomes the few blocks that a record has.

What no record can hold is named, and its words stay.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec
from bs4.element import PageElement, Tag

from trialdeck.core.text import replaced
from trialdeck.markdown.dialect import markdown
from trialdeck.markdown.html.elements import (
    LINES,
    LISTS,
    LONGEST,
    LOST,
    NOTHING,
    PARAGRAPHS,
    bracketed_words,
    is_text,
    soup_of,
    text_of,
    words_of,
)
from trialdeck.markdown.html.flow import Context, Flow, Losses
from trialdeck.markdown.html.formulas import formula_of, parts_with_formulas
from trialdeck.markdown.html.lists import items_of
from trialdeck.markdown.html.looks import Look, look_of
from trialdeck.markdown.html.scripts import is_nested, script_characters, script_formula
from trialdeck.markdown.html.seen import Block, Code, Line, List, Paragraph, Run, Table, joined_lines, lines_of, sayable
from trialdeck.markdown.html.tables import rows_of, strays_of

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SOUND = re.compile(r"\[sound:([^\]]*)\]")
_OLD_FORMULAS = ((re.compile(r"\[\$\](.*?)\[/\$\]", re.DOTALL), r"\\(\1\\)", "[/$]"),
                 (re.compile(r"\[\$\$\](.*?)\[/\$\$\]", re.DOTALL), r"\\[\1\\]", "[/$$]"),
                 (re.compile(r"\[latex\]\s*+\$([^$]++)\$\s*+\[/latex\]"), r"\\(\1\\)", "[/latex]"))  # fmt: skip
_ADDRESS = re.compile(r"(?:https?|mailto):\S", re.IGNORECASE)
# One paragraph of words and single spaces, as most fields are.
_WORD = r"[^<>&\\\[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0010f000-\U0010fffd]++"
_PLAIN = re.compile(rf"(?:<p>)?({_WORD}(?: {_WORD})*+)(?:</p>)?")
_BREAK = "\ufdd5"
"""Stands for a line break while formulas are looked for."""


class Seen(msgspec.Struct, frozen=True):
    """The blocks of some HTML, and in plain words what of it no record can hold."""

    blocks: tuple[Block, ...]
    losses: tuple[str, ...] = ()


@lru_cache(1024)
def seen(html: str) -> Seen:
    """Return what is seen of some HTML; raises UnsayableError where it is far from anything on a card."""
    plain = _PLAIN.fullmatch(html) if len(html) <= LONGEST else None
    if plain and html.startswith("<p>") == html.endswith("</p>"):
        return Seen((Paragraph(((Run(plain[1]),),)),))
    reader = _Reader()
    if "[" in html:
        html = replaced(_SOUND, reader.sound, html, "]")
        for pattern, formula, closer in _OLD_FORMULAS:
            html = replaced(pattern, formula, html, closer)
        if "[latex]" in html:
            reader.losses.add("LaTeX that is more than a formula")
    blocks = reader.blocks(soup_of(html).children, Context())
    return Seen(tuple(sayable(blocks)), reader.losses.words)


class _Reader:
    """Walks through elements in the order in which they are seen."""

    def __init__(self) -> None:
        self.losses = Losses()

    def sound(self, found: re.Match[str]) -> str:
        """Name a sound, which leaves nothing."""
        self.losses.add(f"a sound ({found[1]})")
        return ""

    def blocks(self, children: Iterable[PageElement], context: Context) -> tuple[Block, ...]:
        """Return the blocks that some elements give."""
        flow = Flow()
        self._walk(children, context, flow)
        return flow.blocks

    def _walk(self, children: Iterable[PageElement], context: Context, flow: Flow) -> None:
        texts: list[str] = []
        for child in children:
            if isinstance(child, Tag) and child.name == "br":
                texts.append(_BREAK)
            elif isinstance(child, Tag):
                self._text("".join(texts), context, flow)
                texts = []
                self._element(child, context, flow)
            elif is_text(child):
                texts.append(_NOT_TEXT.sub("", str(child)))
        self._text("".join(texts), context, flow)

    def _text(self, text: str, context: Context, flow: Flow) -> None:
        """Add the text of neighbours; MathJax finds formulas across line breaks, but in no code."""
        if not text:
            return
        is_code = "code" in context.marks or "\\" not in text
        for part, is_formula in [(text, False)] if is_code else parts_with_formulas(text):
            source = part.replace(_BREAK, " ")
            if is_formula and (formula := formula_of(source)):
                flow.text(Run(formula, context.marks, context.link, is_formula=True))
                continue
            if is_formula:
                self.losses.add("the formula", source)
            for number, line in enumerate(part.split(_BREAK)):
                if number:
                    flow.end_line(is_break=True)
                if line:
                    flow.text(context.run(line))

    def _element(self, element: Tag, context: Context, flow: Flow) -> None:
        name = element.name
        look = look_of(element)
        if name in LOST:
            self._lost(element, context, flow)
            return
        if name in NOTHING or look.is_hidden:
            self._name_hidden(look, element)
            return
        self._name_losses(look, element)
        inside = Context((context.marks | look.marks) - look.unmarked, context.link, context.script)
        if name in LISTS:
            flow.add(self._list(element, inside))
        elif name == "table":
            flow.add(self._table(element, inside))
        elif name == "pre":
            flow.add(self._code(element))
        elif name == "hr":
            flow.end_paragraph()
            self.losses.add("a line between paragraphs")
        elif name == "anki-mathjax":
            self._mathjax(element, inside, flow)
        elif name in PARAGRAPHS and look.display != "inline":
            flow.end_paragraph()
            self._walk(element.children, inside, flow)
            flow.end_paragraph()
        elif look.display == "block" or (name in LINES and look.display != "inline"):
            flow.end_line()
            self._inline(element, look, inside, flow)
            flow.end_line()
        else:
            self._inline(element, look, inside, flow)

    def _name_hidden(self, look: Look, element: Tag) -> None:
        if look.is_hidden and (words := words_of(element)):
            self.losses.add(f"the hidden text '{words}'")

    def _name_losses(self, look: Look, element: Tag) -> None:
        if words := bracketed_words(element):
            self.losses.add(f"the words {words}, which Anki takes for a tag")
        if look.losses and (about := words_of(element)):
            for kind in look.losses:
                self.losses.add(kind, about)

    def _inline(self, element: Tag, look: Look, context: Context, flow: Flow) -> None:
        if look.script and context.script is None:
            self._script(element, look.script, context, flow)
        elif element.name == "a":
            self._walk(element.children, self._linked(element, context), flow)
        elif element.name in {"q", "rt"}:
            opener, closer = ("“", "”") if element.name == "q" else ("(", ")")
            flow.text(context.run(opener))
            self._walk(element.children, context, flow)
            flow.text(context.run(closer))
        else:
            self._walk(element.children, context, flow)

    def _linked(self, element: Tag, context: Context) -> Context:
        address = str(element.get("href", "")).strip()
        if _ADDRESS.match(address):
            return Context(context.marks, address_of(address), context.script)
        if address and not address.startswith("#"):
            self.losses.add("the address", words_of(element))
        return context

    def _script(self, element: Tag, script: str, context: Context, flow: Flow) -> None:
        """Add raised or lowered text: as characters, as a formula, or as it is."""
        text = text_of(element)
        # Raised text that is raised again has no characters: 2³² is another number.
        if not is_nested(element) and (characters := script_characters(script, text)):
            self._walk(element.children, Context(context.marks, context.link, characters), flow)
            return
        is_text = element.find(["br", "a", "img", "anki-mathjax", "p", "div", *LISTS]) is None
        formula = script_formula(script, element) if is_text and "code" not in context.marks else ""
        if formula and (formula := formula_of(formula)):
            if any(look_of(inner).marks for inner in element.find_all(True)):
                self.losses.add("the emphasis", words_of(element))
            flow.text(Run(formula, context.marks, context.link, is_formula=True))
            return
        self.losses.add("the raised position" if script == "sup" else "the lowered position", words_of(element))
        self._walk(element.children, context, flow)

    def _mathjax(self, element: Tag, context: Context, flow: Flow) -> None:
        if not text_of(element).strip():
            return
        opener, closer = ("\\[", "\\]") if str(element.get("block", "")) == "true" else ("\\(", "\\)")
        self._text(f"{opener}{text_of(element)}{closer}", context, flow)

    def _lost(self, element: Tag, context: Context, flow: Flow) -> None:
        tex = element.find("annotation", encoding="application/x-tex") if element.name == "math" else None
        if tex is not None:
            self._text(f"\\({text_of(tex)}\\)", context, flow)
            return
        name = str(element.get("src") or element.get("data") or "")
        self.losses.add(f"{LOST[element.name]} ({name})" if name and len(name) < 100 else LOST[element.name])

    def _list(self, element: Tag, context: Context) -> list[Block]:
        items: list[tuple[Block, ...]] = []
        labels: list[str] = []
        for item in items_of(element):
            blocks = self._blocks_of_item(item.children, context, item.element)
            if item.label and blocks and not isinstance(blocks[0], List):
                items.append(blocks)
                labels.append(item.label)
            elif blocks and items:
                # A list that is no item, or alone in one, belongs to the item before.
                items[-1] += blocks
            elif blocks and isinstance(first := blocks[0], List):
                items += [*first.items[:-1], (*first.items[-1], *blocks[1:])]
                labels += first.labels
            elif blocks:
                items.append(blocks)
                labels.append("•")
        return [List(tuple(items), tuple(labels))] if items else []

    def _blocks_of_item(
        self, children: Sequence[PageElement], context: Context, element: Tag | None
    ) -> tuple[Block, ...]:
        if element is None:
            return self.blocks(children, context)
        look = look_of(element)
        self._name_losses(look, element)
        return self.blocks(children, Context((context.marks | look.marks) - look.unmarked, context.link))

    def _table(self, element: Tag, context: Context) -> list[Block]:
        rows, align, is_merged = rows_of(element)
        if is_merged:
            self.losses.add("merged cells of a table")
        # A browser puts above a table what is in none of its cells.
        above = [*self.blocks(strays_of(element), context)]
        above += [
            block
            for caption in element.find_all("caption", recursive=False)
            for block in self.blocks(caption.children, context)
        ]
        if len(rows) == 1 and len(rows[0]) == 1:
            return [*above, *self.blocks(rows[0][0], context)]
        cells = [tuple(self._cell(children, context) for children in row) for row in rows]
        shown = [row for row in cells if any(row)]
        if not shown:
            return above
        if element.find(["th", "thead"]) is None and not _is_bold(shown[0]):
            self.losses.add("the plain look of the first row of a table")
        # The cells of the first row are bold anyway.
        head = tuple(joined_lines([_without_bold(line)]) for line in shown[0])
        return [*above, Table((head, *shown[1:]), align)]

    def _cell(self, children: Sequence[PageElement], context: Context) -> Line:
        lines = list(lines_of(self.blocks(children, context)))
        if len(lines) > 1:
            self.losses.add("line breaks in a table")
        return joined_lines(lines)

    def _code(self, element: Tag) -> list[Block]:
        if any(_is_seen_in_code(inner) for inner in element.find_all(True)):
            self.losses.add("the look of code", words_of(element))
        raised = element.find_all(["sup", "sub"])
        scripts = {id(script): script_characters(script.name, text_of(script)) or {} for script in raised}
        parts = ["\n" if isinstance(part, Tag) else _text_in_code(part, scripts) for part in _code_parts(element)]
        text = "".join(parts).replace("\r\n", "\n").replace("\r", "\n").rstrip()
        # Browsers drop a line break right behind the tag.
        text = text.removeprefix("\n") if element.contents and is_text(element.contents[0]) else text
        return [Code(text)] if text else []


def _text_in_code(part: PageElement, scripts: Mapping[int, dict[int, str]]) -> str:
    script = part.find_parent(["sup", "sub"]) if scripts else None
    return _NOT_TEXT.sub("", str(part)).translate(scripts.get(id(script), {}))


def _is_seen_in_code(element: Tag) -> bool:
    look = look_of(element)
    is_raised = look.script and not script_characters(look.script, text_of(element))
    return element.name == "a" or bool(look.losses or is_raised or look.marks - {"code"})


def _code_parts(element: Tag) -> Iterable[PageElement]:
    for part in element.descendants:
        if (isinstance(part, Tag) and part.name == "br") or is_text(part):
            yield part


def _is_bold(cells: Iterable[Line]) -> bool:
    return all("strong" in run.marks for line in cells for run in line)


def _without_bold(line: Line) -> Line:
    return tuple(Run(run.text, run.marks - {"strong"}, run.link, run.is_formula) for run in line)


def address_of(address: str) -> str:
    """Return an address in the one form that a card has."""
    return markdown().normalizeLink(address).replace("%24", "$")
