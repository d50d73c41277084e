r"""The Markdown of records, for people who do not know that they write Markdown: nothing typed vanishes.

It differs from CommonMark in what looks like a mark and is text in a medical note:

- No quotations, headings, rules, reference links or indented code: `>65 years`, `# of events` and `---` are text.
- A typed line break is a line break.
- One line alone is never a list, and neither are lines whose numbers do not follow each other: `- 3.1 points`,
  `2016. A good year`. A `+` before a number is its sign.
- `*` starts emphasis only before a word, and ends it only behind one: `HLA-B*57:01`, `CYP2C19*2 or *3`. Between
  characters of scripts that write no spaces, such as Chinese and Thai, it does both.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.link import link
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.rules_inline.strikethrough import tokenize as strikethrough

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

# An image would be loaded from somewhere else.
_SWITCHED_OFF = ["blockquote", "heading", "lheading", "hr", "reference", "code", "image"]
_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)

# Thai to Tibetan, Myanmar, Hangul, Khmer, Chinese and Japanese: words stand side by side without a space, or, in
# Korean, with endings that emphasis seldom takes in.
_SPACELESS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
# An underline beside a star is another mark: `**a**_b_`.
_WORD = re.compile(r"[^\W_]")

# What `trialdeck.markdown.render` puts around a formula, and around the marks of a deletion.
_PIECE_EDGES = frozenset("\ufdd0\ufdd1")
_MARKER = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<bullet>[-+*])|(?P<number>[0-9]{1,9})(?P<end>[.)]))(?P<gap>[ \t]+)(?=[^ \t\n])"
)
_MARK_ALONE = re.compile(r"[ \t]*(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]*\Z)")
_NUMBER = re.compile(r"[0-9]|[.·,][0-9]")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")


def text_of_lists(text: str) -> str:
    """Return a text in which a backslash stands before each mark that starts no list."""
    lines = text.split("\n")
    for index, end in sorted(_marks_of_no_list(lines), reverse=True):
        lines[index] = f"{lines[index][:end]}\\{lines[index][end:]}"
    return "\n".join(lines)


class _Run:
    """Lines that may be the items of one list.

    `kind` is the bullet, or what ends the numbers; `inside` the column from which on text belongs to an item; `marks`
    are the positions of the marks, `items` the number of items, with those of lists inside.
    """

    def __init__(self, kind: str, *, is_nested: bool) -> None:
        self.kind, self.is_nested = kind, is_nested
        self.inside = self.last = self.items = 0
        self.marks: list[tuple[int, int]] = []

    def add(self, index: int, mark: re.Match[str]) -> None:
        """Add a line that starts with a mark."""
        self.inside, self.last = len(mark[0].expandtabs(4)), int(mark["number"] or 0)
        self.items += 1
        self.marks.append((index, mark.start("gap") - 1))

    def goes_on_with(self, mark: re.Match[str]) -> bool:
        """Return whether a mark is that of the next item."""
        number = mark["number"]
        return self.kind == _kind_of(mark) and (not number or int(number) == self.last + 1)

    @property
    def is_list(self) -> bool:
        """Whether it is a list: one line alone is none, unless it stands inside an item."""
        return self.items > 1 or (self.is_nested and self.kind in "-+*")


def _kind_of(mark: re.Match[str]) -> str:
    return mark["bullet"] or mark["end"]


def _marks_of_no_list(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the line and the position of each mark that starts no item of a list."""
    runs: list[_Run] = []
    is_after_blank = False
    for index, line in _outside_of_fences(lines):
        mark = _MARKER.match(line)
        if alone := _MARK_ALONE.match(line):
            yield index, alone.end() - 1
        if mark and mark["bullet"] == "+" and _NUMBER.match(line, mark.end()):
            yield index, mark.end("indent")
            mark = None
        if mark:
            yield from _closed(runs, len(mark["indent"].expandtabs(4)), mark)
            if not runs or len(mark["indent"].expandtabs(4)) >= runs[-1].inside:
                runs.append(_Run(_kind_of(mark), is_nested=bool(runs)))
            runs[-1].add(index, mark)
            if inner := _MARKER.match(line, mark.end()):
                yield index, inner.start("gap") - 1
        elif is_after_blank and line.strip():
            yield from _closed(runs, len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()))
        is_after_blank = not line.strip()
    yield from _closed(runs, -1)


def _closed(runs: list[_Run], column: int, mark: re.Match[str] | None = None) -> Iterator[tuple[int, int]]:
    """Close the runs that end at a line whose text starts in a column, and yield the marks of those that are no list.

    A run goes on if the line starts with the mark of its next item, and does not belong to an earlier one.
    """
    while runs and column < runs[-1].inside:
        if mark and runs[-1].goes_on_with(mark) and (len(runs) < 2 or column >= runs[-2].inside):
            break
        run = runs.pop()
        if not run.is_list:
            yield from run.marks
        elif runs:
            runs[-1].items += run.items


def _outside_of_fences(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not code between fences, each with its index."""
    fence = ""
    for index, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            is_end = found and found[1].startswith(fence) and not line[found.end() :].strip()
            fence = "" if is_end else fence
        elif found:
            fence = found[1]
        else:
            yield index, line


def _emphasis(state: "StateInline", silent: bool) -> bool:
    """Take `*` and `_` for marks of emphasis where they stand at the edge of a word."""
    mark = state.src[state.pos]
    if silent or mark not in "*_":
        return False
    start = end = state.pos
    while end < state.posMax and state.src[end] == mark:
        end += 1
    before = state.src[start - 1] if start else " "
    behind = state.src[end] if end < state.posMax else " "
    opens = _is_left_flanking(before, behind) and not _is_of_word(before)
    closes = _is_left_flanking(behind, before) and (
        not _is_of_word(behind) or (mark == "*" and end - start > 1 and before.isalpha() and behind.isalpha())
    )
    for _ in range(end - start):
        state.push("text", "", 0).content = mark
        state.delimiters.append(Delimiter(ord(mark), end - start, len(state.tokens) - 1, -1, opens, closes))
    state.pos = end
    return True


def _strokes(state: "StateInline", silent: bool) -> bool:
    """Take `~~` for strokes where their own rule does, and beside formulas and the marks of deletions too."""
    start, count = state.pos, len(state.delimiters)
    if not strikethrough(state, silent):
        return False
    before = state.src[start - 1] if start else " "
    behind = state.src[state.pos] if state.pos < state.posMax else " "
    for delimiter in state.delimiters[count:]:
        delimiter.open, delimiter.close = _is_left_flanking(before, behind), _is_left_flanking(behind, before)
    return True


def _is_left_flanking(before: str, behind: str) -> bool:
    """Return whether marks between two characters open, as CommonMark has it; the other way round, whether they close.

    See https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run.
    """
    if isWhiteSpace(ord(behind)):
        return False
    is_at_edge = isWhiteSpace(ord(before)) or before in _PIECE_EDGES or _is_like_punctuation(before)
    return not _is_like_punctuation(behind) or is_at_edge


def _is_like_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character) or bool(_SPACELESS.match(character))


def _is_of_word(character: str) -> bool:
    return bool(_WORD.match(character)) and not _SPACELESS.match(character)


def _addressed_link(state: "StateInline", silent: bool) -> bool:
    """Do what its own rule does, but leave `[text]()` text: a browser takes no address for that of the page itself."""
    position, before = state.pos, len(state.tokens)
    if not link(state, silent):
        return False
    if silent:
        return True
    # Before it there may be text that was still to be put among the tokens.
    opened = next(index for index in range(before, len(state.tokens)) if state.tokens[index].type == "link_open")
    if state.tokens[opened].attrs["href"]:
        return True
    del state.tokens[opened:], state.tokens_meta[opened:]
    state.pos = position
    return False


@cache
def markdown(*, is_document: bool = False) -> MarkdownIt:
    """Return the parser and renderer; `text_of_lists` goes before it.

    A document is CommonMark, with headings and folded lines: what trialdeck itself writes, such as the release notes.
    """
    parser = MarkdownIt("commonmark", {"html": False, "breaks": not is_document}).enable(["table", "strikethrough"])
    parser.disable(["image"] if is_document else _SWITCHED_OFF)
    parser.inline.ruler.at("link", _addressed_link)
    take_marks_at_edges(parser)
    parser.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign]
    normalize = parser.normalizeLink
    # What looks like an encoded piece, and is none, is told apart by its small letters; they mean the same.
    parser.normalizeLink = lambda url: normalize(  # type: ignore[method-assign]
        url.replace("%EF%B7%9", "%ef%b7%9")
    )
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    return parser


def take_marks_at_edges(parser: MarkdownIt) -> None:
    """Make a parser take stars and strokes for marks only at the edge of a word: `HLA-B*57:01 and HLA-B*15:02`."""
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.at("strikethrough", _strokes)
