"""A site in many editions, one after the other: they have every edit of `editions.py`, and take most of them back.

Each edition is made of the first records again, with edits that fit together: what the edition before had changed goes
back, what it had taken out comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import trialdeck
from editions import EDITS, FIRST, PERIOD, RECORDS, Edit, Write, with_sides
from projects import Project
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.risks import REFUSED
from trialdeck.site.publish import publish

SETTINGS = (
    "root: Cold Trials",
    "license: CC BY 4.0",
    "homepage: https://example.org/cold/",
    "report: errors@example.org",
)


@dataclass(frozen=True)
class ManyEditions:
    """The folders of the sites, from the first edition on, and the edits of each that came after."""

    project: Project
    sites: tuple[Path, ...]
    edits: tuple[tuple[Edit, ...], ...]


def many_editions(folder: Path, count: int) -> ManyEditions:
    """Build and publish this many editions after the first; with nine or more they have every edit."""
    project = Project(folder / "project")
    project.define("whole", "name: All of it")
    project.define("by-trial", "name: By trial", "split: trial")
    groups = _groups(folder / "trial-run", count)
    sites = [_publish(project, (), folder / "site-0", 0)]
    for number, edits in enumerate(groups, 1):
        sites.append(_publish(project, edits, folder / f"site-{number}", number))
    return ManyEditions(project, tuple(sites), groups)


def _groups(folder: Path, count: int) -> tuple[tuple[Edit, ...], ...]:
    """Put each edit into the smallest edition where it fits; a new id is for good, so the last edition has those."""
    groups: list[list[Edit]] = [[] for _ in range(count)]
    for edit in EDITS:
        for group in groups[-1:] if edit.renamed else sorted(groups[:-1], key=len):
            if _fit([*group, edit], folder):
                group.append(edit)
                break
    return tuple(map(tuple, groups))


def _fit(edits: Sequence[Edit], folder: Path) -> bool:
    project = Project(folder)
    project.define("whole", "name: All of it")
    try:
        _write(project, edits)
    except (AssertionError, OSError):
        return False
    return not trialdeck.check(trialdeck.load(folder)).errors


def _write(project: Project, edits: Sequence[Edit]) -> None:
    for trial, text in RECORDS.items():
        project.text(trial, text)
    project.settings(*SETTINGS)
    written: set[Path] = set()
    for edit in edits:
        change = edit.changes[0]
        if isinstance(change, Write) and change.path.startswith("decks/"):
            assert project.decks not in written, "two edits of the settings"
            written.add(project.decks)
        change(project.folder)


def _publish(project: Project, edits: Sequence[Edit], out: Path, number: int) -> Path:
    _write(project, edits)
    sides: Mapping[str, tuple[str, str]] = {name: side for edit in edits for name, side in edit.sides.items()}
    time = FIRST + number * PERIOD
    with with_sides(sides):
        project.build(time, allow=tuple(REFUSED))
        publish([project.seeds], DeckRequest(), project.decks, out, time)
    return out
