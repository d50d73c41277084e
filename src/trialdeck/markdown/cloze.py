"""Parse Anki's cloze syntax, and report its faults.

A deletion is `{{c1::answer}}` or `{{c1::answer::hint}}`. A formula is opaque: a `}}` or `::` in it belongs to the
formula (`trialdeck.markdown.render` keeps Anki from reading it otherwise).
"""

import re
from collections.abc import Iterator

import msgspec

from trialdeck.core.text import replaced
from trialdeck.markdown.math import find_formulas

_MARK = re.compile(r"\{\{[ \t]*[cC](?P<number>[0-9]*)(?P<colons>:{0,2})|\}\}|::")
_IN_HTML = re.compile(r"\{\{c[0-9]+::(.*?)(?:::.*?)?\}\}", re.DOTALL)
r"""A deletion in the HTML of a note, where nothing else has its marks: formulas are written as `\(…\)` there."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")

MAX_NUMBER = 499
"""The highest deletion number that has a card of its own in every supported Anki: higher ones share one."""


class Deletion(msgspec.Struct, frozen=True):
    """One deletion: its number, and the positions of its four parts in the statement.

    `{{c1::` is start to inside, the answer inside to hint, `::` and the hint (if any) hint to close, `}}` close to end.
    """

    number: int
    start: int
    inside: int
    hint: int
    close: int

    @property
    def end(self) -> int:
        """Where the text goes on."""
        return self.close + 2


class ParsedCloze(msgspec.Struct, frozen=True):
    """A cloze statement, parsed: its deletions, in order, and its faults, in words."""

    deletions: tuple[Deletion, ...]
    faults: tuple[str, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the deletions, each once, sorted; number n is Anki's card n - 1."""
        return tuple(sorted({deletion.number for deletion in self.deletions}))


def uncovered(html: str) -> str:
    """Return the HTML of a cloze note with its answers in place of the deletions."""
    return replaced(_IN_HTML, r"\1", html, "}}")


def bracketed(html: str) -> str:
    """Return the HTML of a cloze note with its answers in brackets in place of the deletions."""
    return replaced(_IN_HTML, r"[\1]", html, "}}")


def hidden_in(html: str) -> str:
    """Return what the deletions in the HTML of a cloze note hide."""
    whole = html[: html.rfind("}}") + 2]
    return " ".join(found[1] for found in _IN_HTML.finditer(whole))


def parse_cloze(text: str) -> ParsedCloze:
    """Parse a cloze statement; a faulty deletion is reported and left out."""
    opaque = _without_formulas(text)
    whole: list[Deletion] = []
    faults: list[str] = list(_deletions_in_formulas(text))
    for deletion, fault in _deletions(text, opaque):
        wrong = [fault] if deletion is None else list(_faults_of(deletion, text, opaque))
        faults += wrong
        if deletion and not wrong:
            whole.append(deletion)
    return ParsedCloze(tuple(whole), tuple(faults))


def filled(statement: str) -> str:
    """Return a cloze statement with its answers in place of the gaps."""
    text = statement
    for deletion in sorted(parse_cloze(statement).deletions, key=lambda gap: gap.start, reverse=True):
        text = text[: deletion.start] + text[deletion.inside : deletion.hint] + text[deletion.end :]
    return text


def _without_formulas(text: str) -> str:
    """Return a text of the same length with dots for formulas: nothing in them is a mark."""
    parts: list[str] = []
    end = 0
    for formula in find_formulas(text):
        parts += text[end : formula.start], "." * (formula.end - formula.start)
        end = formula.end
    return "".join([*parts, text[end:]])


def _deletions_in_formulas(text: str) -> Iterator[str]:
    """Yield a fault for each deletion inside a formula: Anki would cut the formula in two."""
    for formula in find_formulas(text):
        for mark in _MARK.finditer(text, formula.start, formula.end):
            if _starts(mark):
                shown = _extract(text, mark.start(), 20)
                yield f"the deletion {shown} stands inside a formula, where it makes no card; hide the whole formula"


def _deletions(text: str, opaque: str) -> Iterator[tuple[Deletion | None, str]]:
    """Yield each deletion, or its fault."""
    start: re.Match[str] | None = None
    hint, nested = -1, False
    for mark in _MARK.finditer(opaque):
        if mark[0] == "}}":
            if start and not nested:
                yield _deletion(start, hint, mark.start()), ""
            start, hint, nested = None, -1, False
        elif mark[0] == "::":
            hint = mark.start() if start and hint < 0 else hint
        elif start:
            if not nested:
                yield None, f"{mark[0]} starts inside another deletion; deletions do not nest here"
            nested = True
        elif _starts(mark):
            start = mark
        elif mark["number"] or mark["colons"]:
            yield None, f"{mark[0]} does not start a deletion; write {{{{c1::"
    if start and not nested:
        yield None, f"the deletion {_extract(text, start.start())} is never closed with }}}}"


def _starts(mark: re.Match[str]) -> bool:
    return mark[0].startswith("{{c") and bool(mark["number"]) and len(mark["number"]) < 5 and mark["colons"] == "::"


def _deletion(start: re.Match[str], hint: int, close: int) -> Deletion:
    return Deletion(int(start["number"]), start.start(), start.end(), hint if hint >= 0 else close, close)


def _faults_of(deletion: Deletion, text: str, opaque: str) -> Iterator[str]:
    shown = _extract(text, deletion.start)
    answer, hint = opaque[deletion.inside : deletion.hint], opaque[deletion.hint + 2 : deletion.close]
    if not answer.strip():
        yield f"the deletion {shown} hides nothing"
    if not 1 <= deletion.number <= MAX_NUMBER:
        yield f"the number of the deletion {shown} is not between 1 and {MAX_NUMBER}"
    if "::" in hint:
        yield f"`::` stands twice in {shown}; the first one already starts the hint"
    if (answer + hint).count("{") > (answer + hint).count("}"):
        yield f"the deletion {shown} ends at the first }}}}, in the middle of a brace; put a space between the braces"
    if _BLANK_LINE.search(opaque, deletion.start, deletion.end):
        yield f"the deletion {shown} runs over a blank line"


def _extract(text: str, start: int, longest: int = 30) -> str:
    part = " ".join(text[start : start + longest].split())
    return part if len(text) <= start + longest else part + "…"
