r"""Formulas in the text of a card, as MathJax finds them: `\(…\)` and `\[…\]`."""

import re
from collections.abc import Iterator

from trialdeck.markdown.render import render_inline

_START = re.compile(r"\\[(\[]")
_TOKEN = re.compile(r"\\\)|\\\]|\\.|[{}]", re.DOTALL)
_BETWEEN_BRACES = re.compile(r"(?<=[{}]) (?=[{}])|(?<=:) (?=:)")
LONGEST = 5_000
"""Of how many characters a formula is at most."""
_MOST_FAILED = 100
"""After how many starts of formulas that never end the rest is text: each may be looked for up to the longest."""


def parts_with_formulas(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text in order, each with whether it is a formula."""
    position = search = failed = 0
    last = {"(": text.rfind("\\)"), "[": text.rfind("\\]")}
    while failed < _MOST_FAILED and (found := _START.search(text, search)):
        kind = found[0][1]
        # Without its closer behind it, nothing needs to be looked through.
        end = _end_of(text, found.end(), ")" if kind == "(" else "]") if found.end() < last[kind] else 0
        search = end or found.end()
        failed += not end
        if end:
            yield text[position : found.start()], False
            yield text[found.start() : end], True
            position = end
    yield text[position:], False


def _end_of(text: str, start: int, closer: str) -> int:
    """Return where a formula ends, or 0: at its closer, unless a brace is open there."""
    depth = 0
    for token in _TOKEN.finditer(text, start, start + LONGEST):
        if token[0] == f"\\{closer}" and depth == 0:
            return token.end() if text[start : token.start()].strip() else 0
        depth += {"{": 1, "}": -1 if depth else 0}.get(token[0], 0)
    return 0


def formula_of(source: str) -> str:
    r"""Return a formula of a card as a record has it, in one form for all that is set alike.

    Empty where no card sets it: it has a command that makes links or styles, or loads something.
    """
    tex = plain_tex(source[2:-2])
    for content in (tex, f"{{{tex}}}"):
        formula = f"{source[:2]}{content}{source[-2:]}"
        html = render_inline(formula)
        if html.startswith(source[:2]) and html.endswith(source[-2:]):
            return formula
    return ""


def plain_tex(tex: str) -> str:
    """Return TeX with the white space that a card puts between braces and colons taken out."""
    return _BETWEEN_BRACES.sub("", " ".join(tex.split()))
