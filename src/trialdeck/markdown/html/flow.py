"""Collect what is seen, from left to right and from top to bottom: runs into lines, lines into paragraphs, blocks."""

from collections.abc import Iterable

import msgspec

from trialdeck.markdown.html.seen import MARK, Block, Line, Paragraph, Run, line_of


class Losses:
    """What of some HTML no record can hold, in plain words: what it is, and what has it."""

    def __init__(self) -> None:
        self._about: dict[str, list[str]] = {}

    def add(self, kind: str, about: str = "") -> None:
        """Add a loss: its kind, and the words that have it."""
        about = MARK.sub("", about)
        known = self._about.setdefault(kind, [])
        if about not in known:
            known.append(about)

    @property
    def words(self) -> tuple[str, ...]:
        """All losses, each kind once."""
        return tuple(f"{kind}{self._of(about)}" for kind, about in self._about.items())

    @staticmethod
    def _of(about: list[str]) -> str:
        named = [words for words in about if words]
        more = f" and {len(named) - 1} more" if len(named) > 1 else ""
        return f" of '{named[0]}'{more}" if named else ""


class Context(msgspec.Struct, frozen=True):
    """What text gets from the elements around it; `script` translates raised or lowered characters."""

    marks: frozenset[str] = frozenset()
    link: str = ""
    script: dict[int, str] | None = None

    def run(self, text: str) -> Run:
        """Return text with this look."""
        return Run(text.translate(self.script) if self.script else text, self.marks, self.link)


class Flow:
    """Takes text, breaks and blocks in the order in which they are seen."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._lines: list[Line] = []
        self._runs: list[Run] = []

    def text(self, run: Run) -> None:
        """Add text to the line."""
        self._runs.append(run)

    def end_line(self, *, is_break: bool = False) -> None:
        """End the line; one in which nothing is seen is a gap, unless it has no height."""
        runs, self._runs = self._runs, []
        if line := line_of(runs):
            self._lines.append(line)
        elif is_break or any(run.text.strip(" \t\n\r\f") for run in runs):
            self.end_paragraph()

    def end_paragraph(self) -> None:
        """End the paragraph: there is a gap below it."""
        if self._runs:
            self.end_line()
        if self._lines:
            self._blocks.append(Paragraph(tuple(self._lines)))
            self._lines = []

    def add(self, blocks: Iterable[Block]) -> None:
        """Add whole blocks."""
        self.end_paragraph()
        self._blocks += blocks

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Everything so far."""
        self.end_paragraph()
        return tuple(self._blocks)
