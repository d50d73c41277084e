r"""Find formulas in a text: `\(…\)`, `\[…\]`, `$…$` and `$$…$$`.

A `$` starts a formula only where it cannot be money: no letter or digit before it, no space after it, and the same the
other way round at its end (the rule of Pandoc's tex_math_dollars, and stricter at the outside). No formula crosses a
blank line, and none starts inside a code span. One pass, in time linear in the length of the text.
"""

import re
from bisect import bisect_left

import msgspec

_MARK = re.compile(r"\\[\\`$]|\\\(|\\\[|\$\$?|`+")
_BACKTICKS = re.compile(r"`+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# TeX, an operator, or a letter alone. Without any of these `\\[0.59, 0.94\\]` is text with escaped brackets.
_READS_AS_FORMULA = re.compile(r"[\\^_{}=<>+*/|~≤≥×·±]|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|[\u0370-\u03ff]")
_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$"}


class Formula(msgspec.Struct, frozen=True):
    """One formula: its start and end, its TeX, and whether it is set on a line of its own."""

    start: int
    end: int
    tex: str
    display: bool


def find_formulas(text: str) -> tuple[Formula, ...]:
    """Return the formulas of a text, in order."""
    if "$" not in text and "\\" not in text:
        return ()
    search = _Search(text)
    formulas: list[Formula] = []
    position = 0
    while mark := _MARK.search(text, position):
        formula = search.formula(mark)
        if formula:
            formulas.append(formula)
        position = formula.end if formula else search.after(mark)
    return tuple(formulas)


class _Search:
    """Looks for closers, from left to right; no part of the text is searched twice for the same one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blanks = [match.start() for match in _BLANK_LINE.finditer(text)]
        self.nearest: dict[str, int] = {}
        self.runs: dict[int, list[int]] = {}
        for run in _BACKTICKS.finditer(text):
            self.runs.setdefault(len(run[0]), []).append(run.start())

    def after(self, mark: re.Match[str]) -> int:
        """Return where to go on when a mark starts no formula; a whole code span is passed over."""
        if mark[0].startswith("`"):
            starts = self.runs.get(len(mark[0]), [])
            index = bisect_left(starts, mark.end())
            if index < len(starts) and not self.blank_between(mark.end(), starts[index]):
                return starts[index] + len(mark[0])
        return mark.end()

    def find(self, closer: str, start: int) -> int:
        """Return the next position of a closer, or the length of the text."""
        # Starts only grow, so that an answer which still lies ahead still holds.
        if self.nearest.get(closer, -1) < start:
            closing = _CLOSER_PATTERNS[closer].search(self.text, start)
            self.nearest[closer] = closing.start() if closing else len(self.text)
        return self.nearest[closer]

    def formula(self, mark: re.Match[str]) -> Formula | None:
        closer = _CLOSERS.get(mark[0])
        if closer is None or not self.may_open(mark):
            return None
        end = self.find(closer, mark.end())
        if end == len(self.text) or self.blank_between(mark.end(), end) or (closer == "$" and not self.may_close(end)):
            return None
        tex = self.text[mark.end() : end]
        if not tex.strip() or (mark[0][0] == "\\" and not _READS_AS_FORMULA.search(tex)):
            return None
        return Formula(mark.start(), end + len(closer), tex, mark[0] in ("\\[", "$$"))

    def may_open(self, mark: re.Match[str]) -> bool:
        if mark[0] != "$":
            return True
        before, after = self.text[max(mark.start() - 1, 0) : mark.start()], self.text[mark.end() : mark.end() + 1]
        return not before.isalnum() and bool(after) and not after.isspace()

    def may_close(self, end: int) -> bool:
        return not self.text[end - 1].isspace() and not self.text[end + 1 : end + 2].isalnum()

    def blank_between(self, start: int, end: int) -> bool:
        index = bisect_left(self.blanks, start)
        return index < len(self.blanks) and self.blanks[index] < end


_CLOSER_PATTERNS = {
    "\\)": re.compile(r"\\\)"),
    "\\]": re.compile(r"\\\]"),
    "$": re.compile(r"(?<!\\)\$"),
    "$$": re.compile(r"(?<!\\)\$\$"),
}
