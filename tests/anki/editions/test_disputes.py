"""A dispute of what learners got as reviewed: it reaches those who have the note, and nobody gets a new card of it."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest

from anki_releases import RELEASES, REPORT, Release, Report, run
from projects import DAY, NOW, Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.project.build import plan

KEY = "dawn-1/question/why"
BEFORE = "    response: It binds **dawnin**.\n"
REVIEWED = "    review: {status: reviewed, by: A. Reviewer, on: 2026-09-01}\n"
DISPUTED = "    review: {status: disputed, by: B. Reviewer, on: 2026-09-22, reason: It does not bind.}\n"
CHECKED = ("name: Checked", "select: {reviewed_only: true}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one reviewed question, a deck of what is reviewed, and one of everything."""
    made = Project(tmp_path)
    made.record("dawn-1", response="It binds")
    sign(made, "", REVIEWED)
    made.define("all", "name: All")
    made.define("checked", *CHECKED)
    return made


def sign(project: Project, old: str, new: str) -> None:
    """Give the question another review."""
    path = project.seeds / "dawn-1.yaml"
    text = path.read_text(encoding="utf-8")
    assert BEFORE + old in text
    path.write_text(text.replace(BEFORE + old, BEFORE + new), encoding="utf-8")


def without_deck_of_all(project: Project) -> None:
    (project.decks / "all.yaml").unlink()


@pytest.mark.parametrize("prepare", [without_deck_of_all, lambda _: None], ids=["alone", "beside a deck of all"])
def test_a_dispute_reaches_a_deck_of_what_is_reviewed(project: Project, prepare: Callable[[Project], None]) -> None:
    prepare(project)
    project.build()
    sign(project, REVIEWED, DISPUTED)
    built = project.build(NOW + DAY)
    assert (built.counts.changed, built.counts.retired) == (1, 0)
    assert [change.code for change in built.changes] == ["content-replaced"]
    checked = project.opened("checked")
    assert checked.notes[KEY]["Review"].endswith(">Disputed by B. Reviewer on 2026-09-22: It does not bind.</span>")
    assert checked.changed[KEY] == NOW + DAY
    assert KEY not in {key for key, *_ in checked.cards}
    # So it stays, for those who come by later.
    assert not project.build(NOW + 2 * DAY).counts
    assert KEY in project.opened("checked").notes


def test_the_package_says_how_many_notes_it_only_warns_of(project: Project) -> None:
    project.build()
    sign(project, REVIEWED, DISPUTED)
    (built,) = (each for each in project.build(NOW + DAY).built if each.path.stem == "checked")
    assert (built.notes, built.cards, built.disputed, built.retired) == (0, 0, 1, 0)


def test_what_was_never_reviewed_comes_into_no_deck_of_what_is(project: Project) -> None:
    sign(project, REVIEWED, "")
    project.build(NOW, "all")
    sign(project, "", DISPUTED)
    with pytest.raises(TrialdeckError, match="no note passes"):
        project.build(NOW + DAY, "checked")


def test_filters_and_trials_count_for_a_dispute_too(project: Project) -> None:
    project.define("clinical", "name: Clinical", "select: {reviewed_only: true, perspectives: [clinical]}")
    project.build()
    sign(project, REVIEWED, DISPUTED)
    project.build(NOW + DAY)
    assert not (project.decks / "clinical.apkg").exists()


def test_a_build_of_what_is_reviewed_tells_of_it_as_a_deck_does(project: Project) -> None:
    project.build()
    sign(project, REVIEWED, DISPUTED)
    planned = plan([project.seeds], DeckRequest(ids=("all",), reviewed_only=True), project.decks, NOW + DAY)
    assert [(each.notes, each.disputed) for each in planned.built] == [(0, 1)]
    assert planned.counts.changed == 1


def test_once_the_dispute_is_settled_the_cards_are_back(project: Project) -> None:
    project.build()
    sign(project, REVIEWED, DISPUTED)
    project.build(NOW + DAY)
    sign(project, DISPUTED, REVIEWED)
    built = project.build(NOW + 2 * DAY)
    assert built.counts.changed == 1
    checked = project.opened("checked")
    assert ">Reviewed by A. Reviewer" in checked.notes[KEY]["Review"]
    assert KEY in {key for key, *_ in checked.cards}
    assert not project.line(KEY).disputed


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_learners_see_the_dispute_and_newcomers_get_no_card(project: Project, release: Release, tmp_path: Path) -> None:
    without_deck_of_all(project)
    project.build()
    first = tmp_path / "first.apkg"
    copyfile(project.decks / "checked.apkg", first)
    sign(project, REVIEWED, DISPUTED)
    project.build(NOW + DAY)
    second = project.decks / "checked.apkg"
    before, after = learner(run(release, first, REPORT, second, REPORT))
    assert after.schedules == before.schedules
    assert "It does not bind." in after.cards_of(KEY)[0].answer
    (newcomer,) = learner(run(release, second, REPORT))
    assert KEY not in {note.key for note, _ in newcomer.rendered()}


def learner(steps: list[object]) -> list[Report]:
    return [step for step in steps if isinstance(step, Report)]
