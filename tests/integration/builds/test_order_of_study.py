"""The order in which somebody new learns a deck: core first, the trials in turn, the cards of one note apart."""

from itertools import groupby, pairwise
from pathlib import Path

import pytest

from packages import OpenPackage
from projects import NOW, Project

TRIALS = ("dawn-1", "noon-1", "rise-1")
QUESTIONS = """\
  - {id: weak, perspective: reviewer, question: What weakens {0}?, response: Its size.}
  - {id: how, perspective: mechanism, core: true, question: How does {0} work?, response: It binds.}
  - {id: whom, perspective: clinical, question: Whom does {0} help?, response: Adults.}
"""
RECORD = """\
format: 1
id: {0}
acronym: {1}
title: The trial {1}
core: true
tested: Drug of {1}
endpoint: Survival in {1}
summary: S.
questions:
{2}"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for trial in TRIALS:
        questions = QUESTIONS.replace("{0}", trial.upper())
        made.text(trial, RECORD.replace("{0}", trial).replace("{1}", trial.upper()).replace("{2}", questions))
    return made


def cards(package: OpenPackage) -> list[tuple[str, int]]:
    """The cards, as they are due; no two are due together."""
    assert [due for *_, due in package.cards] == list(range(1, len(package.cards) + 1))
    return [(key, ordinal) for key, ordinal, *_ in package.cards]


def test_core_cards_come_first_and_appraisal_last(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    keys = [key.partition("/")[2] for key, _ in cards(project.opened("all"))]
    levels = [{"question/weak": 2, "question/whom": 1}.get(key, 0) for key in keys]
    assert levels == sorted(levels)
    assert set(levels) == {0, 1, 2}


def test_the_trials_take_turns(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    trials = [key.partition("/")[0] for key, _ in cards(project.opened("all"))]
    assert trials[:6] == [*TRIALS, *TRIALS]
    assert all(len(list(run)) == 1 for _, run in groupby(trials))


def test_the_cards_of_a_note_keep_apart(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    keys = [key for key, _ in cards(project.opened("all"))]
    several = {key for key in keys if keys.count(key) > 1}
    assert several
    for key in several:
        places = [place for place, other in enumerate(keys) if other == key]
        assert min(later - earlier for earlier, later in pairwise(places)) > 1


def test_a_deck_of_takeaways_begins_with_them_and_goes_on_in_this_order(project: Project) -> None:
    path = project.seeds / "noon-1.yaml"
    takeaways = "takeaways: [{id: t, card: true, text: Do it.}]\n"
    path.write_text(path.read_text(encoding="utf-8") + takeaways, encoding="utf-8")
    project.define("all", "name: All", "order: takeaways")
    project.define("plain", "name: Plain")
    project.build()
    first, *others = [key for key, _ in cards(project.opened("all"))]
    assert first == "noon-1/takeaway/t"
    assert others == [key for key, _ in cards(project.opened("plain")) if key != first]


def test_the_order_is_the_same_in_every_build(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    content = (project.decks / "all.apkg").read_bytes()
    (project.decks / "all.apkg").unlink()
    project.build(NOW + 1)
    assert (project.decks / "all.apkg").read_bytes() == content
