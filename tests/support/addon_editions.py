"""Eleven editions of a project of invented trials, with the edits of `editions.py` one after the other, as sites.

Every kind of edit of that matrix is among them that leaves the others possible.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from editions import (
    _ASKED,
    _COMPARATOR,
    _DOI,
    _RETIRED_WHOM,
    _TYPO,
    _UNCHANGED,
    _WARM,
    DAY,
    DOUBT,
    EMBER,
    FIRST,
    FROST,
    GALE,
    PERIOD,
    WHEN,
    WHOM,
    Change,
    Delete,
    Rewrite,
    Write,
    with_sides,
)
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.risks import REFUSED
from trialdeck.project.build import build
from trialdeck.site.publish import publish

DECKS = "decks/cold.yaml"
DECK = "format: 1\nid: cold\nname: Cold Trials\nsplit: trial\n"
ADDRESS = "format: 1\nreport: errors@example.org\n"


@dataclass(frozen=True)
class Step:
    """What an author does between two editions; see `editions.Edit`."""

    changes: tuple[Change, ...]
    sides: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    refresh: str = ""


_STYLE = {"style.css": (".td-big {", ".td-big { letter-spacing: .01em;")}
_ASK = '<div class="td-ask" dir="auto">'
_TEMPLATE = {"question/front.html": (_ASK, f"{_ASK}<i>Think:</i> ")}
_WARMER = _WARM.replace("two", "three")
_MISCOUNTED = "retired: {on: 2023-12-01, reason: Miscounted.}"
STEPS = (
    Step((_TYPO, Rewrite("ember-3", WHOM, WHOM + WHEN), Write("decks/project.yaml", ADDRESS))),
    Step((
        Rewrite("ember-3", "{{c1::two degrees}}", "{{c1::three degrees}}"),
        Rewrite("ember-3", "population: Adults in fog", "population: Adults in fog, endpoint: Sight"),
        Rewrite("ember-3", "{name: emberol, n: 100, median: 12.0}", "{name: emberol, n: 101, median: 12.0}"),
    )),
    Step((
        Rewrite("ember-3", _WARMER, _WARMER.replace("hands", "{{c3::hands}}")),
        Rewrite("ember-3", WHOM, _RETIRED_WHOM),
        Rewrite("ember-3", "audience: [methodologist]", "audience: [methodologist, fellow]"),
    )),
    Step((
        Rewrite("ember-3", _RETIRED_WHOM, WHOM),
        Rewrite("ember-3", "    unit: months\n", f"    unit: months\n    {_MISCOUNTED}\n"),
        _DOI,
    )),
    Step((
        Rewrite("ember-3", "{{c2::palm}}", "palm"),
        Rewrite("ember-3", WHOM, WHOM.replace("clinical", "mechanism")),
        Delete("gale-2"),
    ), sides=_STYLE),
    Step((
        Rewrite("ember-3", "acronym: EMBER-3", "acronym: EMBER-III"),
        Rewrite("ember-3", "id: why\n", "id: how\n    formerly: [why]\n"),
        _UNCHANGED,
    ), sides=_TEMPLATE),
    Step((
        _COMPARATOR,
        Rewrite("ember-3", _ASKED, ""),
        Rewrite("ember-3", "start, card: true", "start"),
        Write(DECKS, DECK.replace("Cold Trials", "Trials of Cold")),
    ), refresh="ember-3"),
    Step((
        Rewrite("ember-3", "title: Emb", f"{_ASKED}title: Emb"),
        Rewrite("ember-3", "topics: [cold-hands]", "topics: [cold-hands, mittens]"),
        Rewrite("frost-1", "tested: F", "review: {status: disputed, by: Jane Doe, on: 2023-12-01}\ntested: F"),
    )),
    Step((
        Rewrite("ember-3", "id: ember-3\n", "id: ember-iii\nformerly: [ember-3]\n"),
        Rewrite("frost-1", "It melts.", "It melts at once."),
        Rewrite("frost-1", "Keep it cool.", "Keep it very cool."),
    )),
    Step((
        Rewrite("ember-3", DOUBT.replace("ist]", "ist, fellow]"), ""),
        Rewrite("ember-3", ", tested: Hazemab, population: Adults in fog, endpoint: Sight", ""),
        Write("decks/project.yaml", f"{ADDRESS}edition: Spring\n"),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class SiteEdition:
    """The site of one edition, and when it was built."""

    site: Path
    built_at: int

    @property
    def packages(self) -> list[Path]:
        return sorted((self.site / "packages").glob("*.apkg"))


def publish_editions(folder: Path, count: int = len(STEPS)) -> list[SiteEdition]:
    """Publish the first edition and as many later ones."""
    project = folder / "project"
    for name, text in {"ember-3": EMBER, "frost-1": FROST, "gale-2": GALE}.items():
        (project / "seeds").mkdir(parents=True, exist_ok=True)
        (project / "seeds" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (project / "decks").mkdir()
    (project / DECKS).write_text(DECK, encoding="utf-8")
    sides: dict[str, tuple[str, str]] = {}
    editions = [publish_edition(project, folder / "0", FIRST, "", sides)]
    for number, step in enumerate(STEPS[:count], start=1):
        for change in step.changes:
            change(project)
        sides |= step.sides
        editions.append(publish_edition(project, folder / str(number), FIRST + number * PERIOD, step.refresh, sides))
    return editions


def publish_edition(
    project: Path, site: Path, time: int, refresh: str = "", sides: Mapping[str, tuple[str, str]] | None = None
) -> SiteEdition:
    """Build a project and publish its site; what Anki makes of all its changes is measured, so all are meant."""
    request = DeckRequest(refresh=(refresh,) if refresh else (), allow=tuple(REFUSED))
    with with_sides(sides or {}):
        build([project / "seeds"], request, project / "decks", time)
        publish([project / "seeds"], DeckRequest(), project / "decks", site, time)
    return SiteEdition(site, time)


def copied(site: Path, target: Path) -> Path:
    """Return a copy of a site, to be spoilt."""
    return shutil.copytree(site, target)


__all__ = ["DAY", "SiteEdition", "copied", "publish_edition", "publish_editions"]
