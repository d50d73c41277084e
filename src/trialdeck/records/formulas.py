r"""Find the mathematics in a text: `\(…\)`, `\[…\]`, `$…$` and `$$…$$`.

A `$` starts a formula only where it cannot be money: no letter or digit before it, no space after it, and the same the
other way round at its end (the rule of Pandoc's tex_math_dollars, and stricter at the outside). No formula crosses a
blank line, and none starts inside a code span. One pass, in time linear in the length of the text.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

_MARK = re.compile(r"\\[\\`$]|\\\(|\\\[|\$\$?|`+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$"}


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula: where it stands, its TeX, and whether it is set on a line of its own."""

    start: int
    end: int
    tex: str
    display: bool


def find_formulas(text: str) -> tuple[Formula, ...]:
    """Return the formulas of a text, in order."""
    search = _Search(text)
    found: list[Formula] = []
    position = 0
    while mark := _MARK.search(text, position):
        formula = search.formula(mark)
        if formula:
            found.append(formula)
        position = formula.end if formula else search.after(mark)
    return tuple(found)


class _Search:
    """Looks for closers; a closer that is missing once is not looked for again, which keeps the search linear."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blanks = [found.start() for found in _BLANK_LINE.finditer(text)]
        self.missing: set[str] = set()

    def after(self, mark: re.Match[str]) -> int:
        """Return where to go on when a mark starts no formula; a whole code span is passed over."""
        if mark[0].startswith("`"):
            end = self.find(mark[0], mark.end(), re.compile(rf"(?<!`){mark[0]}(?!`)"))
            spans = end >= 0 and not self.blank_between(mark.end(), end)
            return end + len(mark[0]) if spans else mark.end()
        return mark.end()

    def find(self, closer: str, start: int, pattern: re.Pattern[str]) -> int:
        if closer in self.missing:
            return -1
        found = pattern.search(self.text, start)
        if found is None:
            self.missing.add(closer)
            return -1
        return found.start()

    def formula(self, mark: re.Match[str]) -> Formula | None:
        closer = _CLOSERS.get(mark[0])
        if closer is None or not self.may_open(mark):
            return None
        end = self.find(closer, mark.end(), _CLOSER_PATTERNS[closer])
        if end < 0 or not self.text[mark.end() : end].strip() or self.blank_between(mark.end(), end):
            return None
        if closer == "$" and not self.may_close(end):
            return None
        return Formula(mark.start(), end + len(closer), self.text[mark.end() : end], mark[0] in ("\\[", "$$"))

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
