"""A learner imports several packages of a project: every trial deck holds its own cards, whichever comes first."""

import re
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest

from anki_releases import DECKS, NEWEST, RELEASES, REPORT, Release, Step, go_back, run
from projects import NOW
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note import trial_of
from trialdeck.project.build import build

BY_TRIAL, BY_PERSPECTIVE, WHOLE = "myeloma-trial", "myeloma-perspective", "landmark-trials"


@pytest.fixture(scope="module")
def shipped(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the shipped records."""
    out = tmp_path_factory.mktemp("shipped")
    build([root / "seeds"], DeckRequest(), out, NOW)
    return out


def packages(folder: Path, definition: str) -> list[Path]:
    return sorted(folder.glob(f"{definition}*.apkg"))


def test_every_order_of_import_gives_each_trial_deck_its_own_cards(shipped: Path) -> None:
    alone = run(NEWEST, *packages(shipped, BY_TRIAL), REPORT)[-1]
    orders = list(permutations(packages(shipped, BY_TRIAL)))
    plan: list[Path | Step] = []
    for order in orders:
        plan += [go_back(), *order, REPORT]
    reports = run(NEWEST, *plan)[len(plan) // len(orders) - 1 :: len(plan) // len(orders)]
    assert len(reports) == len(orders) == 24
    place = {(card.guid, card.ordinal): card.deck for card in alone.cards}
    for report in reports:
        assert {(card.guid, card.ordinal): card.deck for card in report.cards} == place


def test_each_trial_deck_holds_every_card_of_its_trial(shipped: Path) -> None:
    report = run(NEWEST, *packages(shipped, BY_TRIAL), REPORT)[-1]
    keys = {note.guid: note.key for note in report.notes}
    decks = {trial_of(keys[card.guid]): Counter[str]() for card in report.cards}
    for card in report.cards:
        decks[trial_of(keys[card.guid])][card.deck.rpartition("::")[2]] += 1
    own = {trial: set(count) for trial, count in decks.items() if (shipped / f"{BY_TRIAL}-{trial}.apkg").exists()}
    assert len(own) == 4
    assert all(names == {trial.upper()} for trial, names in own.items())


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_whoever_imports_a_second_way_gets_no_note_twice_and_is_told_of_empty_decks(
    release: Release, shipped: Path
) -> None:
    by_trial = packages(shipped, BY_TRIAL)
    others = [*packages(shipped, BY_PERSPECTIVE), *packages(shipped, WHOLE)]
    given = run(release, *by_trial, REPORT, *others, REPORT, DECKS)
    first, report, decks = given[len(by_trial)], given[-2], given[-1]
    assert len({note.guid for note in report.notes}) == len(report.notes)
    before, after = first.schedules, report.schedules
    assert {card: after[card] for card in before} == before
    empty = [deck["description"] for name, deck in decks.items() if not deck["cards"] and not any_below(name, decks)]
    # The importer of old makes no deck for cards that lie elsewhere.
    assert bool(empty) is (release.importer != "legacy" and release.version != "2.1.49")
    assert all("choose one way" in description for description in empty)


def test_the_deck_that_all_packages_share_has_the_same_description_from_all(shipped: Path) -> None:
    told = set()
    for package in packages(shipped, BY_TRIAL):
        decks = run(NEWEST, go_back(), package, DECKS)[-1]
        told |= {deck["description"] for name, deck in decks.items() if name.endswith("::Across trials")}
    assert len({re.sub("Edition [^<·]*|edition::[^<]*", "", description) for description in told}) == 1


def any_below(name: str, decks: dict[str, dict[str, object]]) -> bool:
    """Whether a deck has sub-decks."""
    return any(other.startswith(f"{name}::") for other in decks)
