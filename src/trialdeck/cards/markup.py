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
from dataclasses import dataclass
from functools import cache
from html import escape, unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from trialdeck.records.cloze import parse_cloze
from trialdeck.records.formulas import Formula, find_formulas

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}},
    url_schemes={"http", "https", "mailto"},
)
_STRIPPER = nh3.Cleaner(tags=set())
_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)

# Control characters, and the noncharacters that stand for the pieces below.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_PIECE = re.compile("\ufdd0([0-9]+)\ufdd1|%EF%B7%90([0-9]+)%EF%B7%91")

# What Anki reads in the text of a card: sounds, speech, LaTeX and the field for typing an answer.
_ANKI_MARK = re.compile(r"\[(?=/?anki:|sound:|/?latex\]|/?\$\$?\]|\[?type:)", re.IGNORECASE)
_DOUBLE_BRACE = re.compile(r"\{{2,}|\}{2,}")
_MATHJAX_MARK = re.compile(r"\\(?=[()\[\]]|(?:begin|end|ref|eqref)\b)")

# TeX that makes links, styles or new commands, or loads something; no formula on a card needs it.
_UNSAFE_TEX = re.compile(
    r"\\(?:href|url|require|autoload|style|class|cssId|data|html\w*|bbox|mmlToken|toolTip|texttip|mathtip|csname"
    r"|(?:re)?newcommand|(?:re)?newenvironment|DeclareMathOperator|g?def|edef|xdef|let|futurelet|includegraphics|Newextarrow)"
    r"(?![A-Za-z])"
)
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)


def render(text: str) -> str:
    """Return the HTML of a text of any length: paragraphs, lists, tables, code, formulas."""
    return _rendered(text, _formula_pieces(text))


def render_inline(text: str) -> str:
    """Return the HTML of a text of one line, without a paragraph around it."""
    return _rendered(text, _formula_pieces(text), inline=True)


def render_cloze(text: str) -> str:
    """Return the HTML of a cloze statement, with its deletions in Anki's syntax.

    Whatever else in the text could start, split or end a deletion is written so that it does not.
    """
    return _rendered(text, _cloze_pieces(text), cloze=True)


def visible_text(html: str) -> str:
    """Return what can be seen of a card's HTML: no tags, no white space, nothing invisible."""
    return _UNSEEN.sub("", unescape(_STRIPPER.clean(html)))


def escape_markdown(text: str) -> str:
    """Return Markdown that renders as exactly this plain text; paragraphs are separated by blank lines.

    Only what Markdown would change is escaped, so that the record stays readable.
    """
    blocks = re.split(r"\n[ \t]*\n\s*", text)
    gentle = "\n\n".join(_escaped_block(block) for block in blocks)
    if render(gentle) == "\n".join(_plain_block(block) for block in blocks):
        return gentle
    return "\n\n".join(_ANY_MARK.sub(r"\\\g<0>", block) for block in blocks)


# `(`, `)` and `]` stay as they are: `\(…\)` and `\[…\]` would be formulas, and no link starts without its `[`.
_ANY_MARK = re.compile(r"[!-'*-/:-@\[\\^-`{-~]")
_INLINE_MARK = re.compile(r"[\\`*_\[<>$~&]")
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
    return _finished(f"<p>{escape(block.strip(), quote=False)}</p>", (), cloze=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text that Markdown never sees: its source, and the HTML that takes its place."""

    start: int
    end: int
    source: str
    html: str
    is_formula: bool


def _formula_pieces(text: str, *, cloze: bool = False) -> list[_Piece]:
    return [
        _Piece(formula.start, formula.end, text[formula.start : formula.end], _formula_html(formula, cloze=cloze), True)
        for formula in find_formulas(text)
        if not _UNSAFE_TEX.search(formula.tex)
    ]


def _formula_html(formula: Formula, *, cloze: bool) -> str:
    tex = _NOT_TEXT.sub("\ufffd", formula.tex).strip()
    # Anki looks for deletions before MathJax looks for formulas; TeX does not mind the spaces.
    while cloze and (spaced := re.sub(r"([{}])\1", r"\1 \1", tex).replace("::", ":{}:")) != tex:
        tex = spaced
    opener, closer = ("\\[", "\\]") if formula.display else ("\\(", "\\)")
    # `\)` cannot stand inside `$…$` without ending the formula early.
    tex = re.sub(r"\\(?=[()\[\]])", r"\\ ", tex)
    return f"{opener}{_ANKI_MARK.sub('&#91;', escape(tex, quote=False))}{closer}"


def _cloze_pieces(text: str) -> list[_Piece]:
    pieces = _formula_pieces(text, cloze=True)
    for deletion in parse_cloze(text).deletions:
        spans = [(deletion.start, deletion.inside, f"{{{{c{deletion.number}::"), (deletion.close, deletion.end, "}}")]
        if deletion.hint < deletion.close:
            spans.append((deletion.hint, deletion.hint + 2, "::"))
        pieces += [_Piece(start, end, text[start:end], html, False) for start, end, html in spans]
    return sorted(pieces, key=lambda piece: piece.start)


def _rendered(text: str, pieces: Sequence[_Piece], *, inline: bool = False, cloze: bool = False) -> str:
    """Render a text around its pieces."""
    markdown = _markdown()
    protected = _protected(text, pieces)
    tokens = markdown.parseInline(protected) if inline else markdown.parse(protected)
    _prepare(tokens, pieces)
    html = markdown.renderer.render(tokens, markdown.options, {})
    return _finished(html, pieces, cloze=cloze)


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A picture in Markdown is always loaded from somewhere else.
    markdown.disable(["image"])
    markdown.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign]
    return markdown


def _protected(text: str, pieces: Sequence[_Piece]) -> str:
    parts: list[str] = []
    position = 0
    for index, piece in enumerate(pieces):
        parts += [_NOT_TEXT.sub("\ufffd", text[position : piece.start]), f"\ufdd0{index}\ufdd1"]
        position = piece.end
    return "".join([*parts, _NOT_TEXT.sub("\ufffd", text[position:])])


def _prepare(tokens: Sequence[Token], pieces: Sequence[_Piece]) -> None:
    """Give code its formulas back as they were typed, and table cells an alignment that survives sanitising."""
    for token in tokens:
        if token.type in ("code_inline", "code_block", "fence"):
            token.content = _PIECE.sub(lambda found: _source_of_formula(found, pieces), token.content)
            token.info = ""
        style = str(token.attrs.pop("style", "")) if token.type in ("th_open", "td_open") else ""
        if style:
            token.attrs["align"] = style.removeprefix("text-align:")
        _prepare(token.children or (), pieces)


def _source_of_formula(found: re.Match[str], pieces: Sequence[_Piece]) -> str:
    piece = pieces[int(found[1])]
    return piece.source if piece.is_formula else found[0]


def _finished(html: str, pieces: Sequence[_Piece], *, cloze: bool) -> str:
    html = _CLEANER.clean(html).strip()
    html = _ANKI_MARK.sub("&#91;", html)
    html = _DOUBLE_BRACE.sub(lambda found: f"&#{ord(found[0][0])};" * len(found[0]), html)
    html = _MATHJAX_MARK.sub(r"<span>\\</span>", html)
    if cloze:
        html = html.replace("::", "&#58;&#58;")
    return _PIECE.sub(lambda found: _html_of_piece(found, pieces), html)


def _html_of_piece(found: re.Match[str], pieces: Sequence[_Piece]) -> str:
    # In the address of a link, a piece goes back as it was typed.
    return pieces[int(found[1])].html if found[1] else escape(pieces[int(found[2])].source)
