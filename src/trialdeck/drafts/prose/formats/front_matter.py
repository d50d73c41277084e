"""Read what notes say of themselves before they begin: the properties between two lines `---`."""

from collections.abc import Sequence

import yaml

from trialdeck.drafts.lines import clean
from trialdeck.drafts.prose.pieces import Fact, Unit

_MARK = "---"
_LONGEST = 200
"""How many lines front matter has at most; a rule at the start of notes begins none."""


def front_matter(lines: Sequence[str]) -> tuple[list[Fact], int]:
    """Return the properties before some notes, and the number of lines that they take; none where there are none.

    A property that is no text and no list of texts has no values; nothing is lost, since it has its lines.
    """
    if not lines or lines[0].rstrip() != _MARK:
        return [], 0
    end = next((index for index, line in enumerate(lines[1:_LONGEST], 1) if line.rstrip() in {_MARK, "..."}), 0)
    data = _parsed("\n".join(lines[1:end])) if end else None
    if not isinstance(data, dict):
        return [], 0
    blocks = _blocks(lines, end)
    facts = [Fact(name, _values(data.get(name)), units) for name, units in blocks]
    return [fact for fact in facts if fact.units], end + 1


def _parsed(text: str) -> object:
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts alone
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _values(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (clean(value),) if value.strip() else ()
    if isinstance(value, list):
        return tuple(clean(part) for part in value if isinstance(part, str) and part.strip())
    return ()


def _blocks(lines: Sequence[str], end: int) -> list[tuple[str, tuple[Unit, ...]]]:
    """Return each property at the left edge with the lines that it takes."""
    blocks: list[tuple[str, list[Unit]]] = []
    for number, line in enumerate(lines[1:end], 2):
        name, colon, _ = line.partition(":")
        if colon and line[:1].strip() and not line.startswith(("-", "#")):
            blocks.append((name.strip().strip("\"'"), []))
        if not any(map(str.isalnum, line)):
            continue
        if not blocks:
            blocks.append(("", []))
        blocks[-1][1].append(Unit(number, number, clean(line)))
    return [(name, tuple(units)) for name, units in blocks]
