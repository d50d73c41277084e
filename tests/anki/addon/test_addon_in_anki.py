"""The add-on in Anki's own desktop program: a learner subscribes, studies, changes cards, and takes ten editions.

Anki starts once for all of these tests, and everything is done with the buttons that a learner presses.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from addon_program import Theatre, built_addon
from anki_releases import NEWEST, Release
from many_editions import ManyEditions, many_editions
from matrices import IS_FULL
from packages import OpenPackage, open_package
from web_folder import served

RELEASES = (Release("24.11"), NEWEST) if IS_FULL else (NEWEST,)
"""The oldest release that the add-on supports, and the newest."""
ALWAYS_MINE, THEIRS, UNTOUCHED = "ember-3/question/why", "frost-1/question/why", "gale-2/question/doubt"
EDITED = {ALWAYS_MINE: " mine", THEIRS: " mine too", UNTOUCHED: " my own"}
ANSWERS = {ALWAYS_MINE: "mine_always", THEIRS: "theirs"}
TIMES = ("before", "after")
REPS = 5
"""How many times a card was studied is the sixth of what the scene notes of it, after its guid and its ordinal."""


class Followed:
    """What a learner had before and after the editions, in one release."""

    def __init__(self, editions: ManyEditions, told: Mapping[str, Any]) -> None:
        self.told = told
        self.before, self.after = _notes(told["before"]), _notes(told["after"])
        self.last: OpenPackage = open_package(editions.sites[-1] / "packages" / "whole.apkg")

    @property
    def both(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Every note that the learner had, before and after."""
        return [(note, self.after[guid]) for guid, note in self.before.items()]


def _notes(collection: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {note["guid"]: note for note in collection["notes"]}


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> ManyEditions:
    return many_editions(tmp_path_factory.mktemp("editions"), 10)


@pytest.fixture(scope="module", params=RELEASES, ids=str)
def followed(
    request: pytest.FixtureRequest, editions: ManyEditions, tmp_path_factory: pytest.TempPathFactory
) -> Followed:
    folder = tmp_path_factory.mktemp("anki")
    current = folder / "current"
    current.symlink_to(editions.sites[0])
    theatre = Theatre(folder / "anki", built_addon(folder), request.param)
    with served(current) as address:
        told = theatre.play(
            "follow", address=f"{address}index.html", deck="All of it", current=str(current),
            sites=[str(site) for site in editions.sites[1:]], edited=EDITED, answers=ANSWERS,
        )  # fmt: skip
    return Followed(editions, told)


def test_every_edition_came(followed: Followed) -> None:
    reports = followed.told["reports"]
    assert len(reports) == 11
    assert all("updated" in report or "new" in report for report in reports)
    assert not followed.told["faults"]


def test_what_the_learner_wrote_is_there(followed: Followed) -> None:
    assert len(followed.before) >= 30
    for before, after in followed.both:
        for name in ("Extra", "My mnemonic"):
            assert after["fields"].get(name) == before["fields"].get(name), before["key"]
        assert {tag for tag in after["tags"] if tag.startswith("mine")} == {
            tag for tag in before["tags"] if tag.startswith("mine")
        }


def test_no_card_has_moved_or_lost_its_schedule_flag_or_suspension(followed: Followed) -> None:
    before, after = ({(card[0], card[1]): card[2:] for card in followed.told[time]["cards"]} for time in TIMES)
    assert sum(card[REPS] > 0 for card in before.values()) == 20
    assert {name: after[name] for name in before} == before


def test_decks_note_types_and_templates_stay_as_the_learner_has_them(followed: Followed) -> None:
    before, after = (followed.told[time] for time in TIMES)
    assert "Hands and Frost::All of it::EMBER-3" in after["decks"].values()
    assert after["decks"] == before["decks"]
    assert after["types"] == before["types"]
    mine = [front for front in after["fronts"].values() if "my own line" in front]
    assert mine == [front for front in before["fronts"].values() if "my own line" in front]


def test_every_note_that_was_not_edited_is_the_authors_of_today(followed: Followed) -> None:
    packed = {followed.last.guids[key]: fields for key, fields in followed.last.notes.items()}
    checked = 0
    for guid, note in followed.after.items():
        if guid in packed and note["key"] not in {ALWAYS_MINE, "ember-iii/question/how", UNTOUCHED}:
            own = {name: value for name, value in note["fields"].items() if name not in {"Extra", "My mnemonic"}}
            assert own == {name: value for name, value in packed[guid].items() if name != "Extra"}, note["key"]
            checked += 1
    assert checked >= 25


def test_a_note_that_the_learner_edited_is_as_the_learner_said(followed: Followed) -> None:
    by_first_key = {note["key"]: followed.after[guid] for guid, note in followed.before.items()}
    assert by_first_key[ALWAYS_MINE]["fields"]["Response"].endswith(" mine")
    assert not by_first_key[THEIRS]["fields"]["Response"].endswith(" mine too")
    assert by_first_key[UNTOUCHED]["fields"]["Response"].endswith(" my own")
    # Each is asked for once only, except for one without an answer.
    asked = followed.told["asked"]
    assert asked.count(ALWAYS_MINE) == asked.count(THEIRS) == 1


def test_nothing_asks_for_a_full_sync(followed: Followed) -> None:
    assert followed.told["after"]["schema"] == followed.told["before"]["schema"]


def test_an_update_is_one_step_that_can_be_undone(followed: Followed) -> None:
    assert followed.told["after"]["undo"] == "Update Trialdeck decks"
    assert _content(followed.told["undone"]) == _content(followed.told["former"])
    assert _content(followed.told["redone"]) == _content(followed.told["after"])


def _content(collection: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in collection.items() if name != "undo"}
