r"""Markdown to the HTML of a card, safe in Anki.

Four layers, each of which would do alone for most texts:

1. Formulas and cloze marks are taken out before Markdown sees the text, and put back at the very end.
2. Markdown is rendered without raw HTML: `<script>` in a text is text. Only http, https and mailto links become links.
3. The HTML is sanitised against a short list of elements and attributes; none of them loads anything.
4. What Anki or MathJax would still read in the plain text (`{{…}}`, `[sound:…]`, `[latex]`, `\(…`) is written so that
   it shows as it was typed and means nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from trialdeck.markdown.cloze import parse_cloze
from trialdeck.markdown.math import Formula, find_formulas
from trialdeck.markdown.prose import prose
from trialdeck.markdown.sanitise import sanitised

if TYPE_CHECKING:
    from markdown_it.token import Token


# Control characters, and the noncharacters that stand for the pieces below.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?|\n")
_PIECE = re.compile("\ufdd0([0-9]+)\ufdd1")
_PIECE_IN_ADDRESS = re.compile("%EF%B7%90([0-9]+)%EF%B7%91")

# What Anki reads in the text of a card: sounds, speech, LaTeX and the field for typing an answer.
_ANKI_MARK = re.compile(r"\[(?=/?anki:|sound:|/?latex\]|/?\$\$?\]|\[?type:|\ufdd0)", re.IGNORECASE)
# Anki puts a hint into brackets: `{{c1::x::sound:y}}` would be a sound.
_HINT_MARK = re.compile(r"(\ufdd1\s*)([/$]|a(?=nki:)|s(?=ound:)|l(?=atex))", re.IGNORECASE)
# A brace, colon or backslash that Anki or MathJax could read together with the next one, or with a piece behind it.
_DOUBLE_BRACE = re.compile(r"\{{2,}|\}{2,}|[{}](?=\ufdd0)")
_DOUBLE_COLON = re.compile(r":(?=[:\ufdd0])")
_MATHJAX_MARK = re.compile(r"\\(?=[()\[\]\ufdd0]|(?:begin|end|ref|eqref)\b)")

# TeX that makes links, styles, tooltips or new commands, or loads something; no formula on a card needs it. MathJax
# copies what `\fcolorbox` and `\unicode` are given into a style. `[$]…[/$]` is Anki's old mark for LaTeX.
_UNSAFE_TEX = re.compile(
    r"\\(?:href|url|require|autoload|style|class|cssId|data|html\w*|bbox|fcolorbox|unicode|mmlToken|toggle"
    r"|toolTip|texttip|mathtip|(?:eq)?ref|refeq|csname|(?:re)?new(?:command|environment|tagform)|DeclareMathOperator"
    r"|DeclarePairedDelimiters?(?:X|XPP)?|mathtoolsset|setOptions|g?def|edef|xdef|let|futurelet|includegraphics"
    r"|Newextarrow)(?![A-Za-z])|^\].*\[/$",
    re.DOTALL,
)
_TEX_BRACE = re.compile(r"\\(?:[A-Za-z]|.)|[{}]")


_REMEMBERED = 4096


@lru_cache(_REMEMBERED)
def render(text: str) -> str:
    """Return the HTML of a text of any length: paragraphs, lists, tables, code, formulas."""
    return _rendered(text, _formula_pieces(text))


def render_document(text: str) -> str:
    """Return the HTML of a document in CommonMark that trialdeck has written, such as the release notes."""
    from trialdeck.markdown.dialect import markdown  # noqa: PLC0415 - builds render none

    return sanitised(markdown(is_document=True).render(_NOT_TEXT.sub("\ufffd", text))).strip()


@lru_cache(_REMEMBERED)
def render_inline(text: str) -> str:
    """Return the HTML of a text of one line, without a paragraph around it."""
    return _rendered(text, _formula_pieces(text), inline=True)


def render_cloze(text: str) -> str:
    """Return the HTML of a cloze statement, with its deletions in Anki's syntax.

    Whatever else in the text could start, split or end a deletion is written so that it does not. Where Markdown would
    lose a deletion or let one run across its elements, the whole statement is shown as it was typed.
    """
    return _rendered(text, _cloze_pieces(text), cloze=True)


@lru_cache(_REMEMBERED)
def render_hidden(text: str) -> str:
    """Return the HTML of a text that a deletion hides as a whole: nothing in it starts, splits or ends a deletion."""
    return _rendered(text, _formula_pieces(text, cloze=True), cloze=True)


def render_plain(text: str) -> str:
    """Return the HTML of a text of one line that is no Markdown: it shows exactly as it was typed."""
    return _without_marks(_without_formulas(escape(_NOT_TEXT.sub("\ufffd", text), quote=False)))


def render_link(address: str, text: str) -> str:
    """Return the HTML of a link; the address is one that has been checked, and the text is no Markdown."""
    return f'<a href="{_without_marks(escape(_NOT_TEXT.sub("%", address)))}">{render_plain(text)}</a>'


def escape_markdown(text: str) -> str:
    """Return Markdown that renders as exactly this plain text; paragraphs are separated by blank lines.

    Only what Markdown would change is escaped, so that the record stays readable.
    """
    lines = "\n".join(line.strip(" \t") for line in _LINE_END.split(_NOT_TEXT.sub("\ufffd", text))).strip()
    blocks = re.split(r"\n{2,}", lines)
    gentle = "\n\n".join(_escaped_block(block) for block in blocks)
    if render(gentle) == "\n".join(_plain_block(block) for block in blocks):
        return gentle
    return "\n\n".join(_ANY_MARK.sub(r"\\\g<0>", block) for block in blocks)


# `(` and `[` stay as they are: `\(…\)` and `\[…\]` would be formulas, and no link ends without its `]`.
_ANY_MARK = re.compile(r"[!-')-/:-@\\-`{-~]")
_INLINE_MARK = re.compile(r"[\\`*_\]<>$~&]")
_LINE_START = re.compile(r"(?m)^([ \t]*)(?:([#>|+=-])|([0-9]{1,9})([.)]))")


def _escaped_block(block: str) -> str:
    plain = _plain_block(block)
    at_start = _LINE_START.sub(_escape_start, block)
    inline = _INLINE_MARK.sub(r"\\\g<0>", block)
    for candidate in (block, at_start, inline, _LINE_START.sub(_escape_start, inline)):
        if render(candidate) == plain:
            return candidate
    return _ANY_MARK.sub(r"\\\g<0>", block)


def _escape_start(found: re.Match[str]) -> str:
    space, mark, number, point = found.groups()
    return f"{space}\\{mark}" if mark else f"{space}{number}\\{point}"


def _plain_block(block: str) -> str:
    return _without_marks(_without_formulas(_paragraph(block)))


def _paragraph(block: str) -> str:
    lines = "<br>\n".join(escape(block.strip(), quote=False).split("\n"))
    return sanitised(f"<p>{lines}</p>")


class _Piece(msgspec.Struct, frozen=True):
    """A part of a text that Markdown never sees: its source, and the HTML that takes its place."""

    start: int
    end: int
    source: str
    html: str
    is_formula: bool


def _formula_pieces(text: str, *, cloze: bool = False) -> list[_Piece]:
    pieces = []
    for formula in find_formulas(text):
        source = text[formula.start : formula.end]
        as_typed = _cloze_text(render_plain(source), cloze=cloze).replace("[", "&#91;")
        html = _formula_html(formula, cloze=cloze) or as_typed
        pieces.append(_Piece(formula.start, formula.end, source, html, True))
    return pieces


def _formula_html(formula: Formula, *, cloze: bool) -> str:
    """Return what MathJax typesets; nothing for a formula that it must not see."""
    tex = _NOT_TEXT.sub("\ufffd", formula.tex).strip()
    # Anki looks for deletions before MathJax looks for formulas; TeX does not mind the spaces.
    tex = re.sub(r"([{}])(?=\1)", r"\1 ", tex)
    tex = re.sub(r":(?=:)", ": ", tex) if cloze else tex
    # `\)` ends a formula wherever it stands, unless the backslash is the second of `\\`.
    tex = re.sub(r"\\(\\|(?=[()\[\]]|\Z))", lambda found: found[0] if found[1] else "\\ ", tex)
    if _UNSAFE_TEX.search(formula.tex) or not _ends_at_its_end(tex):
        return ""
    opener, closer = ("\\[", "\\]") if formula.display else ("\\(", "\\)")
    return _ANKI_MARK.sub("&#91;", f"{opener}{escape(tex, quote=False)}{closer}")


def _ends_at_its_end(tex: str) -> bool:
    """Return whether no brace is open at the end: MathJax would go on to the end of some later formula."""
    depth = 0
    for match in _TEX_BRACE.finditer(tex):
        depth += {"{": 1, "}": -1 if depth else 0}.get(match[0], 0)
    return depth == 0


def _cloze_pieces(text: str) -> list[_Piece]:
    pieces = _formula_pieces(text, cloze=True)
    for deletion in parse_cloze(text).deletions:
        spans = [(deletion.start, deletion.inside, f"{{{{c{deletion.number}::")]
        if text[deletion.hint + 2 : deletion.close].strip():
            spans += [(deletion.hint, deletion.hint + 2, "::"), (deletion.close, deletion.end, "}}")]
        else:
            spans.append((deletion.hint, deletion.end, "}}"))
        pieces += [_Piece(start, end, text[start:end], html, False) for start, end, html in spans]
    return sorted(pieces, key=lambda piece: piece.start)


def _rendered(text: str, pieces: Sequence[_Piece], *, inline: bool = False, cloze: bool = False) -> str:
    """Render a text around its pieces.

    Args:
        text: The Markdown.
        pieces: The parts that Markdown must not touch, with their HTML.
        inline: Whether the text is one line without blocks.
        cloze: Whether the pieces are deletions, which have to stay whole.

    Returns:
        The safe HTML.

    """
    protected = _protected(text, pieces)
    html = prose(protected, inline=inline) or _marked_up(protected, pieces, inline=inline)
    if cloze and not _keeps_deletions(html, pieces):
        html = "\n".join(_paragraph(block) for block in re.split(r"\n[ \t]*\n", protected))
    html = _cloze_text(_without_marks(_without_formulas(html)), cloze=cloze)
    return _PIECE.sub(lambda found: pieces[int(found[1])].html, html)


def _marked_up(text: str, pieces: Sequence[_Piece], *, inline: bool) -> str:
    from trialdeck.markdown.dialect import markdown, text_of_lists  # noqa: PLC0415 - plain prose needs no Markdown

    parser = markdown()
    tokens = parser.parseInline(text.strip()) if inline else parser.parse(text_of_lists(text))
    _prepare(tokens, pieces)
    return sanitised(parser.renderer.render(tokens, parser.options, {})).strip()


_HTML_PART = re.compile("<(/?)(?!br>|hr>)[^>]*>|\ufdd0([0-9]+)\ufdd1")


def _keeps_deletions(html: str, pieces: Sequence[_Piece]) -> bool:
    """Return whether all marks of deletions are left, in order, none in a tag, and no tag cuts a deletion in two."""
    marks = []
    level = lowest = opened = 0
    for part in _HTML_PART.finditer(html):
        if part[2] is None:
            if "\ufdd0" in part[0]:
                return False
            level += -1 if part[1] else 1
            lowest = min(lowest, level)
        elif not (piece := pieces[int(part[2])]).is_formula:
            if not piece.html.startswith("{{") and not level == lowest == opened:
                return False
            marks.append(piece)
            opened = lowest = level
    return marks == [piece for piece in pieces if not piece.is_formula]


def _protected(text: str, pieces: Sequence[_Piece]) -> str:
    parts: list[str] = []
    position = 0
    for index, piece in enumerate(pieces):
        parts += [_NOT_TEXT.sub("\ufffd", text[position : piece.start]), f"\ufdd0{index}\ufdd1"]
        position = piece.end
    return "".join([*parts, _NOT_TEXT.sub("\ufffd", text[position:])])


def _prepare(tokens: "Sequence[Token]", pieces: Sequence[_Piece]) -> None:
    """Make tokens fit for a card.

    Code and addresses get their formulas back as they were typed, and table cells an alignment that survives
    sanitising. Titles of links are left out: a phone never shows them.
    """
    for token in tokens:
        if token.type in ("code_inline", "code_block", "fence"):
            token.content = _PIECE.sub(lambda found: _source_of_formula(found, pieces), token.content)
            token.info = ""
        elif token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            token.attrs = {"href": _PIECE_IN_ADDRESS.sub(lambda found: _piece_of_address(found, pieces), address)}
        elif token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrs = {"align": str(token.attrs["style"]).removeprefix("text-align:")}
        _prepare(token.children or (), pieces)


def _source_of_formula(found: re.Match[str], pieces: Sequence[_Piece]) -> str:
    piece = pieces[int(found[1])]
    return piece.source if piece.is_formula else found[0]


def _piece_of_address(found: re.Match[str], pieces: Sequence[_Piece]) -> str:
    piece = pieces[int(found[1])]
    return quote(piece.source, safe="!#$%&'()*+,/:;=?@~") if piece.is_formula else f"\ufdd0{found[1]}\ufdd1"


def _without_marks(html: str) -> str:
    """Write what Anki reads in a text, or in an attribute, as characters that show the same and mean nothing."""
    # Most texts have none of these characters, which is seen at a glance.
    if "[" in html:
        html = _ANKI_MARK.sub("&#91;", html)
    if "{" in html or "}" in html:
        html = _DOUBLE_BRACE.sub(lambda found: f"&#{ord(found[0][0])};" * len(found[0]), html)
    return html


def _without_formulas(html: str) -> str:
    """Put an element into what MathJax would read as the start or end of a formula."""
    return _MATHJAX_MARK.sub(r"<span>\\</span>", html) if "\\" in html else html


def _cloze_text(html: str, *, cloze: bool) -> str:
    """In a cloze statement, write two colons so that no hint starts there, and a hint so that it is only a hint."""
    if not cloze:
        return html
    return _HINT_MARK.sub(lambda found: f"{found[1]}&#{ord(found[2])};", _DOUBLE_COLON.sub("&#58;", html))
