"""A list that is asked, in real Anki: one point hidden on each card, and a history that stays with its point."""

import re
from pathlib import Path

import pytest

from anki_releases import RELEASES, REPORT, Card, Release, Report, answer, run, turn_back
from projects import DAY, NOW, Project

KEY = "dawn-1/design/points"
POINTS = {
    "randomised": "It was randomised {{twice}}.",
    "open": "It was open: no placebo::none.",
    "formula": r"The limit was \\(\\frac{a}{b^{2}}\\), or $5 a day.",
    "paid": "It cost $6 a day }}.",
}


def record(points: dict[str, str]) -> str:
    lines = "".join(f'  - {{id: {name}, text: "{text}"}}\n' for name, text in points.items())
    return f"format: 1\nid: dawn-1\nacronym: DAWN-1\ntitle: Dawnol\ncards: [design]\ndesign:\n{lines}"


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A package, and that of the next edition: one point is new, one is reworded, they stand in another order."""
    folder = tmp_path_factory.mktemp("points")
    reordered = dict(sorted((POINTS | {"blinded": "It was not blinded.", "open": "It was open label."}).items()))
    packages = []
    for time, points in ((NOW, POINTS), (NOW + DAY, reordered)):
        project = Project(folder)
        project.text("dawn-1", record(points))
        project.build(time)
        (path,) = project.decks.glob("*.apkg")
        packages.append(path.rename(folder / f"{time}.apkg"))
    first, second = packages
    return first, second


def seen(html: str) -> str:
    """What is seen of a side; newer releases keep the answer in an attribute too."""
    shown = re.sub(r' data-cloze="[^"]*"', "", html)
    return re.sub(r"<footer.*", "", shown, flags=re.DOTALL)


def hidden_on(card: Card) -> str:
    """The point that a card hides: a word of it that only the back has."""
    marks = {"randomised": "randomised", "open": "open", "formula": "frac", "paid": "$6", "blinded": "blinded"}
    (name,) = (name for name, mark in marks.items() if mark in seen(card.answer) and mark not in seen(card.question))
    return name


def cards_of(report: Report) -> dict[str, Card]:
    return {hidden_on(card): card for card in report.cards_of(KEY)}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_each_card_hides_one_point_and_shows_the_others(release: Release, editions: tuple[Path, Path]) -> None:
    cards = cards_of(run(release, editions[0], REPORT)[-1])
    assert set(cards) == set(POINTS)
    for card in cards.values():
        assert seen(card.question).count("[...]") == 1
        assert seen(card.question).count("<li>") == len(POINTS)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_history_stays_with_its_point(release: Release, editions: tuple[Path, Path]) -> None:
    first, second = editions
    steps = run(release, first, answer(2), turn_back(NOW), REPORT, second, REPORT)
    before, after = (step for step in steps if isinstance(step, Report))
    old, new = cards_of(before), cards_of(after)
    assert set(new) == {*old, "blinded"}
    assert len({tuple(card.schedule.items()) for card in old.values()}) > 1
    assert {name: card.schedule for name, card in new.items() if name in old} == {
        name: card.schedule for name, card in old.items()
    }
    assert "open label" in new["open"].answer
    assert after.empty == []


ASKED = """\
format: 1
id: dawn-1
acronym: DAWN-1
title: Dawnol
cards: [summary, design]
summary: Dawnol works.
design: [{id: open, text: It was open.}, {id: small, text: It was small.}]
results: [{id: rfs, endpoint: Relapse, measure: odds ratio, estimate: 0.5, card: true}]
takeaways: [{id: use, text: Use dawnol., card: true}]
"""
LEFT_TO_READ = ["dawn-1/design/points", "dawn-1/result/rfs", "dawn-1/summary", "dawn-1/takeaway/use"]


@pytest.fixture(scope="module")
def left_to_read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A package with cards of all kinds, and that of the next edition, in which all of it is reading."""
    folder = tmp_path_factory.mktemp("reading")
    question = "questions: [{id: why, perspective: clinical, question: Why?, response: So.}]\n"
    reading = ASKED.replace("cards: [summary, design]\n", "").replace("card: true", "card: false")
    packages = []
    for time, text in ((NOW, ASKED), (NOW + DAY, reading)):
        project = Project(folder)
        project.text("dawn-1", text + question)
        project.build(time, allow=("unusual-share",))
        (path,) = project.decks.glob("*.apkg")
        packages.append(path.rename(folder / f"{time}.apkg"))
    first, second = packages
    return first, second


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_learner_keeps_text_and_history_of_what_is_left_to_read(
    release: Release, left_to_read: tuple[Path, Path]
) -> None:
    first, second = left_to_read
    steps = run(release, first, answer(6), turn_back(NOW), REPORT, second, REPORT)
    before, after = (step for step in steps if isinstance(step, Report))
    assert after.schedules == before.schedules
    for key in LEFT_TO_READ:
        cards = after.cards_of(key)
        assert "trialdeck::retired" in after.note(key).tags
        assert cards
        assert all("No card asks this any more: it is for reading." in card.question for card in cards)
    (summary, *_), (point, *_) = after.cards_of("dawn-1/summary"), after.cards_of("dawn-1/design/points")
    assert "Dawnol works." in summary.answer
    assert "It was open." in point.question
    gone = {note["guid"] for note in after.empty}
    assert gone == {after.note(key).guid for key in LEFT_TO_READ}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_new_learner_gets_no_card_of_what_is_left_to_read(release: Release, left_to_read: tuple[Path, Path]) -> None:
    report = run(release, left_to_read[1], REPORT)[-1]
    guids = {note.guid for note in report.notes if note.key in LEFT_TO_READ}
    assert not [card for card in report.cards if card.guid in guids]
