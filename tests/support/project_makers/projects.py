"""A small project on disk: records and settings that a test writes, and the builds that it makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from conftest import RECORD
from packages import OpenPackage, open_package
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.ledger import Ledger, Line, read_ledger
from trialdeck.project import build as building
from trialdeck.project.build_result import BuildResult

DAY = 86_400
NOW = 1_790_000_000
"""The first build of a test: 2026-09-21, 14:13:20 in UTC."""


@dataclass(frozen=True)
class Project:
    """A folder with `seeds` and `decks`."""

    folder: Path

    @property
    def seeds(self) -> Path:
        return self.folder / "seeds"

    @property
    def decks(self) -> Path:
        return self.folder / "decks"

    def record(self, trial: str = "dawn-1", /, **changes: str) -> Path:
        """Write the record of a trial: the common one, with its own id and acronym, and with replacements."""
        text = replaced(RECORD, changes)
        return self.text(trial, text.replace("id: dawn-1", f"id: {trial}").replace("DAWN-1", trial.upper()))

    def text(self, trial: str, text: str) -> Path:
        """Write a record as it is given."""
        return _write(self.seeds / f"{trial}.yaml", text)

    def edit(self, trial: str, **changes: str) -> None:
        """Replace something in a record."""
        path = self.seeds / f"{trial}.yaml"
        path.write_text(replaced(path.read_text(encoding="utf-8"), changes), encoding="utf-8")

    def define(self, deck: str, *lines: str) -> Path:
        """Write a deck definition."""
        return _write(self.decks / f"{deck}.yaml", "\n".join(["format: 1", f"id: {deck}", *lines, ""]))

    def settings(self, *lines: str) -> Path:
        """Write the settings of the project."""
        return _write(self.decks / "project.yaml", "\n".join(["format: 1", *lines, ""]))

    def build(
        self,
        time: int = NOW,
        *ids: str,
        paths: Sequence[Path] = (),
        wanted: DeckRequest | None = None,
        allow: tuple[str, ...] = (),
    ) -> BuildResult:
        """Build the project's decks, or some of them; what a build refuses may be allowed."""
        choice = wanted or DeckRequest(ids=ids)
        choice = replace(choice, allow=(*choice.allow, *allow))
        return building.build(paths or [self.seeds], choice, self.decks, time)

    def opened(self, name: str) -> OpenPackage:
        return open_package(self.decks / f"{name}.apkg")

    @property
    def packages(self) -> dict[str, OpenPackage]:
        """All packages, by the stem of the file."""
        return {path.stem: open_package(path) for path in sorted(self.decks.glob("*.apkg"))}

    @property
    def ledger(self) -> Ledger:
        return read_ledger(self.decks / "ledger.jsonl")

    def line(self, key: str) -> Line:
        (found,) = (line for line in self.ledger.notes if line.key == key)
        return found

    @property
    def editions(self) -> Path:
        return self.decks / "EDITIONS.md"

    @property
    def notes(self) -> str:
        """The release notes."""
        return self.editions.read_text(encoding="utf-8")


def replaced(text: str, changes: dict[str, str]) -> str:
    """Make named changes to a record; see `CHANGES` for what they replace."""
    for name, new in changes.items():
        old = CHANGES[name]
        assert old in text, f"nothing to replace: {old}"
        text = text.replace(old, new)
    return text


WHY = """\
  - id: why
    perspective: mechanism
    audience: [student]
    question: Why does dawnol work?
    response: It binds **dawnin**.
"""

CHANGES = {
    "why": WHY,
    "why_id": "  - id: why\n",
    "why_question": "Why does dawnol work?",
    "response": "It binds",
    "format": "format: 1\n",
    "title": "Dawnol for Example Disease",
    "topics": "topics: [example-disease]",
    "related": "{id: dusk-2, name: DUSK-2, tested: Duskol, endpoint: Survival}",
    "status": "status: unreviewed",
    "rfs_id": "  - id: rfs\n",
    "rfs_ref": "results: [rfs]",
    "relapse_id": "  - id: relapse\n",
    "takeaway": "{id: start,",
    "cloze": """
    cloze: {delay: "DAWN-1: dawnol delayed relapse by {{c1::two months}}, against {{c2::placebo}}."}""",
    "short": "  - {id: short, text: Follow-up was short.}\n",
    "summary": "Dawnol delayed relapse.\n",
}
"""What `Project.record` and `Project.edit` can replace, by the name of the argument."""


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
