"""Write what is seen of a text as Markdown in the dialect of records."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum

from trialdeck.markdown.html.seen import Block, Code, Line, List, Paragraph, Table
from trialdeck.markdown.html.write_inline import likeliest, plainest, safest

# The mark of an item, or the rule below the head of a table.
_LINE_START = re.compile(r"^(?:([-+*](?=\s|\Z)|[-:|](?=[-:| ]*\Z))|([0-9]{1,9})([.)])(?=\s|\Z))")
# That of a list which is no `other` one.
_FIRST_MARK = re.compile(r"-|[0-9]+\.")
_BACKTICKS = re.compile("`{3,}")
_RULES = {"left": ":--", "center": ":-:", "right": "--:"}


class Care(IntEnum):
    """How much of a text is written so that it means nothing.

    What most lines need, which is nothing; what a line needs alone; the starts of lines; or all.
    """

    LIKELY, ALONE, STARTS, ALL = range(4)


class Writer:
    """Writes blocks; a line that is in `known` stays as it stands there."""

    def __init__(self, care: Care, known: Mapping[Line, str]) -> None:
        self._care = care
        self._known = known

    def text(self, blocks: Sequence[Block]) -> str:
        """Return blocks as Markdown."""
        return "\n\n".join(self._written(blocks))

    def _written(self, blocks: Sequence[Block]) -> Iterator[str]:
        before = ""
        for block in blocks:
            if isinstance(block, Paragraph):
                text = "\n".join(map(self._line, block.lines))
            elif isinstance(block, Code):
                text = _fenced(block.text)
            elif isinstance(block, Table):
                text = self._table(block)
            else:
                # Two lists of one kind have different marks, or they would be one list.
                text = self._list(block, is_other=bool(_FIRST_MARK.match(before)))
            yield text
            before = text if isinstance(block, List) else ""

    def _line(self, line: Line) -> str:
        if self._care is Care.ALL:
            text = safest(line)
        elif line in self._known:
            return self._known[line]
        else:
            text = likeliest(line) if self._care is Care.LIKELY else plainest(line)
        return text if self._care < Care.STARTS else _LINE_START.sub(_escaped_start, text, count=1)

    def _list(self, block: List, *, is_other: bool) -> str:
        end = ")" if is_other else "."
        items = []
        for number, item in enumerate(block.items, block.start or 0):
            mark = f"{number}{end}" if block.start is not None else "*" if is_other else "-"
            items.append(self._item(mark, item))
        return "\n".join(items)

    def _item(self, mark: str, blocks: Sequence[Block]) -> str:
        parts = list(self._written(blocks))
        text = parts[0]
        for part, block, before in zip(parts[1:], blocks[1:], blocks, strict=False):
            is_close = isinstance(block, List) and isinstance(before, Paragraph)
            text += f"\n{part}" if is_close else f"\n\n{part}"
        inside = " " * (len(mark) + 1)
        return f"{mark} " + "\n".join(f"{inside}{line}" if line else "" for line in text.split("\n")).lstrip(" ")

    def _table(self, block: Table) -> str:
        align = [*block.align, *("" for _ in block.rows[0])]
        rule = [_RULES.get(name, "---") for name, _ in zip(align, block.rows[0], strict=False)]
        head, *rows = ([self._cell(cell) for cell in row] for row in block.rows)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])

    def _cell(self, line: Line) -> str:
        return self._line(line).replace("|", "\\|") if line else ""


def _escaped_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _fenced(text: str) -> str:
    fence = "`" * max([2, *map(len, _BACKTICKS.findall(text))]) + "`"
    return f"{fence}\n{text}\n{fence}"
