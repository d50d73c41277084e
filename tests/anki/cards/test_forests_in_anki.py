"""A forest in real Anki: a name is hidden on each card, the note is in one deck, and no history moves."""

import re
from pathlib import Path

import pytest

from anki_releases import RELEASES, REPORT, Card, Release, Report, answer, run, turn_back
from forest_trials import trial_text
from projects import DAY, NOW, Project

KEY = "across:example-disease/pfs"
ESTIMATES = {"DAWN-1": "0.74", "DUSK-2": "0.69", "NOON-3": "0.37", "RAIN-4": "1.10"}
LATE = ("SNOW-5", "0.55")


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    """The packages of four trials, and those of the next edition with a fifth one and another number."""
    folder = tmp_path_factory.mktemp("forests")
    packages = []
    for time, estimates in ((NOW, ESTIMATES), (NOW + DAY, {**ESTIMATES, "NOON-3": "0.38", LATE[0]: LATE[1]})):
        project = Project(folder)
        project.define("all", "name: All", "split: trial")
        for name, estimate in estimates.items():
            project.text(name.lower(), trial_text(name, estimate))
        project.build(time)
        copies = folder / str(time)
        copies.mkdir()
        packages.append([path.rename(copies / path.name) for path in sorted(project.decks.glob("*.apkg"))])
    first, second = packages
    return first, second


def hidden_on(card: Card) -> str:
    """The name that the front of a card hides: the one that only its back has."""
    front, back = (_seen(side) for side in (card.question, card.answer))
    (name,) = (name for name in (*ESTIMATES, LATE[0]) if name in back and name not in front)
    assert "[which?]" in front
    assert f"{name.partition('-')[0].capitalize()}ol" not in front
    return name


def _seen(html: str) -> str:
    """What is seen of one side, up to what is folded below it: newer releases keep the answer in an attribute too."""
    shown = re.sub(r' data-cloze="[^"]*"', "", html)
    return shown.partition('<div class="td-answer"')[0].partition("<footer")[0]


def cards_of(report: Report) -> dict[str, Card]:
    return {hidden_on(card): card for card in report.cards_of(KEY)}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_learner_of_all_packages_gets_a_card_for_each_trial_in_one_deck(
    release: Release, editions: tuple[list[Path], list[Path]]
) -> None:
    cards = cards_of(run(release, *editions[0], REPORT)[-1])
    assert set(cards) == set(ESTIMATES)
    assert {card.deck for card in cards.values()} == {"Landmark Trials::All::Across trials"}
    for card in cards.values():
        assert card.question.count("<svg") == card.answer.count("<svg") == len(ESTIMATES) + 1
        assert "0.37" in card.question


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_fifth_trial_brings_one_card_and_moves_no_history(
    release: Release, editions: tuple[list[Path], list[Path]]
) -> None:
    first, second = editions
    guid = run(release, *first, REPORT)[-1].note(KEY).guid
    steps = run(release, *first, answer(4, [guid]), turn_back(NOW), REPORT, *second, REPORT)
    before, after = (step for step in steps if isinstance(step, Report))
    old, new = cards_of(before), cards_of(after)
    assert set(new) == {*old, LATE[0]}
    assert len({card.schedule["due"] for card in old.values()} | {card.schedule["reps"] for card in old.values()}) > 1
    assert {name: card.schedule for name, card in new.items() if name in old} == {
        name: card.schedule for name, card in old.items()
    }
    assert "0.38" in new["NOON-3"].question
    assert after.note(KEY).guid == guid
    assert after.empty == []
