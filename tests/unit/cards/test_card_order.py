"""The cards of a project in the order of its decks: those of the packages, read from memory where nothing changed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

import trialdeck as td
from forest_trials import trial_text
from projects import Project
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.discovery import Place


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    for name in ("DAWN-1", "DUSK-2", "NOON-3"):
        project.text(name.lower(), trial_text(name))
    project.define("by-trial", "name: By Trial", "split: trial")
    project.define("fellows", "name: Fellows", "select: {perspectives: [clinical]}", "order: shuffled")
    project.define("whole", "name: Whole", "subdecks: perspective")
    return project


@pytest.mark.parametrize("deck", ["by-trial", "fellows", "whole"])
def test_cards_come_as_in_the_packages(project: Project, deck: str) -> None:
    project.build(0, deck)
    built = sorted(card for package in project.packages.values() for card in package.cards)
    cards = td.open_cards(td.load(project.folder)).in_order(deck)
    assert sorted((card.key, card.ordinal, card.deck, card.due) for card in cards) == built
    order = [(card.package, card.due) for card in cards]
    assert order == sorted(order)


def test_all_cards_of_a_project_are_one_deck(project: Project) -> None:
    cards = td.open_cards(td.load(project.folder)).in_order()
    assert [card.due for card in cards] == list(range(1, len(cards) + 1))
    assert {card.trials for card in cards if card.is_across_trials} == {("dawn-1", "dusk-2", "noon-3")}
    assert {Path(card.file).name for card in cards} == {"dawn-1.yaml", "dusk-2.yaml", "noon-3.yaml"}


def test_the_faces_are_those_of_the_record(project: Project) -> None:
    cards = td.open_cards(td.load(project.folder))
    for card in cards.in_order():
        own = {(other.key, other.ordinal): other for other in cards.of(card.file)}
        assert card.face() == own[card.key, card.ordinal].face()


def test_a_record_with_errors_has_no_cards_and_the_others_keep_theirs(project: Project) -> None:
    project.text("noon-3", trial_text("NOON-3").replace("question: Why", "qestion: Why"))
    cards = td.open_cards(td.load(project.folder))
    assert {Path(card.file).name for card in cards.in_order()} == {"dawn-1.yaml", "dusk-2.yaml"}
    with pytest.raises(td.TrialdeckError, match=r"noon-3\.yaml has errors") as caught:
        cards.of(project.seeds / "noon-3.yaml")
    assert caught.value.problems


def test_two_records_of_one_id_leave_the_first(project: Project) -> None:
    project.text("other", trial_text("DAWN-1"))
    cards = td.open_cards(td.load(project.folder)).in_order()
    assert {Path(card.file).name for card in cards} == {"dawn-1.yaml", "dusk-2.yaml", "noon-3.yaml"}


def test_only_what_has_changed_is_read_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    really = RecordLoader.read

    def noting(self: RecordLoader, places: Sequence[Place]) -> list[ProjectRecord]:
        read.extend(Path(place.path).name for place in places)
        return really(self, places)

    monkeypatch.setattr(RecordLoader, "read", noting)
    cards = td.open_cards(td.load(project.folder))
    first = cards.in_order()
    assert sorted(read) == ["dawn-1.yaml", "dusk-2.yaml", "noon-3.yaml"]
    assert cards.in_order() is first
    project.text("dusk-2", trial_text("DUSK-2").replace("It binds.", "It blocks."))
    read.clear()
    (changed,) = (card for card in cards.in_order() if card.key == "dusk-2/question/why")
    assert read == ["dusk-2.yaml"]
    assert "It blocks." in changed.face().back
    (project.seeds / "noon-3.yaml").unlink()
    read.clear()
    assert {Path(card.file).name for card in cards.in_order()} == {"dawn-1.yaml", "dusk-2.yaml"}
    assert read == []


def test_a_record_alone_is_read_alone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordLoader, "read", lambda *_: pytest.fail("no other record is needed"))
    preview = td.open_cards(td.load(project.folder)).preview(project.seeds / "dawn-1.yaml", ("questions", 0))
    assert [card.key for card in preview.cards] == ["dawn-1/question/why"]


def test_new_settings_count_at_once(project: Project) -> None:
    cards = td.open_cards(td.load(project.folder))
    assert "example.org" not in cards.in_order()[0].face().back
    project.settings("root: Trials", "homepage: https://example.org/")
    first = cards.in_order("whole")[0]
    assert "https://example.org/trials/" in first.face().back
    assert first.deck.startswith("Trials::Whole")


def test_a_card_that_has_gone_says_so(project: Project) -> None:
    cards = td.open_cards(td.load(project.folder))
    (card,) = (card for card in cards.in_order() if card.key == "dusk-2/question/why")
    project.text("dusk-2", trial_text("DUSK-2").replace("id: why", "id: wherefore"))
    with pytest.raises(td.TrialdeckError, match="has no card dusk-2/question/why any more"):
        card.face()


@pytest.mark.parametrize("name", ["decks/whole.yaml", "seeds/notes.txt", "../elsewhere.yaml"])
def test_only_records_of_the_project_are_shown(project: Project, name: str) -> None:
    (project.seeds / "notes.txt").write_text("x", encoding="utf-8")
    (project.folder.parent / "elsewhere.yaml").write_text(trial_text("RAIN-4"), encoding="utf-8")
    with pytest.raises(td.TrialdeckError, match="is not a record of this project"):
        td.open_cards(td.load(project.folder)).of(project.folder / name)


def test_there_is_no_such_deck(project: Project) -> None:
    cards = td.open_cards(td.load(project.folder))
    assert cards.decks() == {"by-trial": "By Trial", "fellows": "Fellows", "whole": "Whole"}
    with pytest.raises(td.TrialdeckError, match="no deck definition 'none'"):
        cards.in_order("none")


def test_a_cache_that_was_emptied_is_filled_again(project: Project, tmp_path: Path) -> None:
    cards = td.open_cards(td.load(project.folder, cache=tmp_path / "cache"))
    before = [card.key for card in cards.in_order()]
    for file in (tmp_path / "cache").rglob("*.sqlite"):
        file.unlink()
    project.text("dusk-2", trial_text("DUSK-2").replace("Adults with", "People with"))
    assert [card.key for card in cards.in_order()] == before
