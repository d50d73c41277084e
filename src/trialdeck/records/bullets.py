"""The points of a list without the bullets and numbers that they have on the page."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from trialdeck.records.page_lines import Line, shows_something

_BULLETS = "-*+•‣▪▫◦●○■□◆➢➤✓✔–—·∙"
_BULLET = re.compile(rf"[{re.escape(_BULLETS)}]\s+(?=\S)")
_NUMBER = re.compile(r"\(?([0-9]{1,3})[.)]\s+(?=\S)")


def without_bullets(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """Return the points of a list, and the lines that are a bullet and nothing else."""
    points: list[Line] = []
    lone: list[Line] = []
    last = 0
    for line in lines:
        mark = _NUMBER.match(line.text)
        # Only a number that goes on counting belongs to the list: `2. line treatment` may be a text.
        if mark and int(mark[1]) in (1, last + 1):
            last = int(mark[1])
        else:
            mark = _BULLET.match(line.text)
        if len(line.text) == 1 and line.text in _BULLETS:
            lone.append(line)
        else:
            points.append(_bare(line, mark))
    return points, lone


def _bare(line: Line, mark: re.Match[str] | None) -> Line:
    text = line.text[mark.end() :] if mark else line.text
    return replace(line, text=text) if shows_something(text) else line
