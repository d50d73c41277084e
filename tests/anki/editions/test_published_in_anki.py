"""Anki holds the texts as they were published: each note of a collection is known, until a learner edits it."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from anki_releases import NEWEST, REPORT, Note, Report, run, set_field, set_fields
from projects import DAY, NOW, Project
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.author_text import author_digest
from trialdeck.site.publish import publish

WHY = "dawn-1/question/why"
SIZED = unicodedata.normalize("NFD", "Größe “5 µm” & x < y, \u00a0Å, \N{KELVIN SIGN}, ﬁ, 👩‍⚕️")
"""Text that a program may normalise or escape."""


def site(project: Project, time: int, name: str = "site") -> Mapping[str, list[str]]:
    """Publish the site; return the published texts of each note."""
    out = project.folder / name
    publish([project.seeds], DeckRequest(), project.decks, out, time)
    notes: Mapping[str, list[str]] = json.loads((out / "published.json").read_bytes())["notes"]
    return notes


def unknown(notes: Iterable[Note], published: Mapping[str, list[str]]) -> set[str]:
    """The keys of the notes whose text was never published."""
    return {note.key for note in notes if author_digest(note.fields.items()) not in published[note.guid]}


def imported(*steps: object) -> Report:
    report: Report = run(NEWEST, *steps, REPORT)[-1]  # type: ignore[arg-type]
    return report


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.record("dawn-1", response=f"{SIZED} It binds")
    made.record("noon-2")
    made.define("all", "name: All")
    made.build()
    return made


def edition(project: Project, number: int) -> Path:
    """Build, and put the package aside."""
    project.build(NOW + number * DAY, allow=("texts-lost", "unusual-share"))
    package = project.folder / f"{number}.apkg"
    package.write_bytes((project.decks / "all.apkg").read_bytes())
    return package


def test_every_note_is_known_in_every_edition_and_after_every_import(project: Project) -> None:
    first = edition(project, 0)
    project.edit("dawn-1", response="It blocks")
    project.edit("noon-2", title="Dawnol for Another Disease")
    second = edition(project, 1)
    before = (project.seeds / "noon-2.yaml").read_text(encoding="utf-8")
    start = before.index("  - id: why\n")
    project.text("noon-2", before[:start] + before[before.index("  - id: ", start + 1) :])
    third = edition(project, 2)
    project.text("noon-2", before)
    fourth = edition(project, 3)
    published = site(project, NOW + 3 * DAY)
    for packages in ([first], [second], [third], [fourth], [first, second], [first, second, third],
                     [first, second, third, fourth], [fourth, first], [second, first, third]):  # fmt: skip
        report = imported(*packages)
        assert len(report.notes) >= 18
        assert unknown(report.notes, published) == set(), [package.name for package in packages]


def test_what_a_learner_edits_is_known_no_more(project: Project) -> None:
    package, published = edition(project, 0), site(project, NOW)
    guid = project.line(WHY).guid
    fresh = imported(package).note(WHY)
    edited = imported(package, set_field(guid, "Response", f"{fresh.fields['Response']} mine"))
    assert unknown(edited.notes, published) == {WHY}


def test_what_a_learner_writes_into_their_own_field_is_no_edit(project: Project) -> None:
    package, published = edition(project, 0), site(project, NOW)
    assert unknown(imported(package, set_fields("Extra", "my own words")).notes, published) == set()


def test_the_shipped_decks_are_known_in_anki(root: Path, tmp_path: Path) -> None:
    project = Project(tmp_path)
    for path in (root / "seeds").glob("*.yaml"):
        project.text(path.stem, path.read_text(encoding="utf-8"))
    project.define("all", "name: All")
    package = edition(project, 0)
    published = site(project, NOW)
    notes = imported(package).notes
    assert len(notes) > 80
    assert unknown(notes, published) == set()
    # A single note that differs would be found.
    assert unknown(notes, {note.guid: [] for note in notes}) == {note.key for note in notes}
