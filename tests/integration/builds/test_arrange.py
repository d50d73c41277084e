"""Deck definitions become packages: which files, which decks in them, which notes, and in which order."""

from itertools import product
from pathlib import Path

import pytest

from packages import OpenPackage
from projects import DAY, NOW, Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.records.settings import DeckDefinition, Order, Split

LATER = NOW + DAY
TRIALS = ("dawn-1", "noon-1")
PERSPECTIVES = ("Mechanism", "Clinical", "Reviewer")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two trials, each with notes of all perspectives; both name a third."""
    made = Project(tmp_path)
    made.record("noon-1")
    made.record("dawn-1")
    return made


def decks_of(package: OpenPackage) -> set[str]:
    return {deck for _, _, deck, _ in package.cards}


def keys_in_order(package: OpenPackage) -> list[str]:
    """The notes that have cards, as their first cards come."""
    return list(dict.fromkeys(key for key, *_ in package.cards))


def retired_in(package: OpenPackage) -> set[str]:
    return {key for key, note in package.notes.items() if note["Retired"]}


# files and decks

FILES: dict[str, dict[str, list[str]]] = {
    "trial": {"all-dawn-1": ["DAWN-1"], "all-noon-1": ["NOON-1"]},
    "perspective": {f"all-{name.lower()}": [name] for name in PERSPECTIVES},
    "none": {"all": []},
}
BELOW: dict[str, list[str]] = {"trial": ["DAWN-1", "NOON-1"], "perspective": list(PERSPECTIVES), "none": []}


@pytest.mark.parametrize(
    ("split", "subdecks", "order"),
    [each for each in product(Split, Split, Order) if each[0] is not each[1] or each[0] is Split.NONE],
)
def test_every_way_to_divide_a_deck(split: Split, subdecks: Split, order: Order, project: Project) -> None:
    project.define("all", "name: All Trials", f"split: {split}", f"subdecks: {subdecks}", f"order: {order}")
    plan = project.build()
    assert set(project.packages) == set(FILES[split])
    keys: list[str] = []
    for stem, package in project.packages.items():
        title = "::".join(["Landmark Trials", "All Trials", *FILES[split][stem]])
        assert decks_of(package) == {f"{title}::{name}" for name in BELOW[subdecks]} or {title}
        # In the order of learning each card has a place of its own; otherwise those of a note share one.
        by_card = order in {Order.STUDY, Order.TAKEAWAYS}
        places = len(package.cards) if by_card else len(package.notes)
        assert sorted({due for *_, due in package.cards}) == list(range(1, places + 1))
        keys += package.notes
    assert {built.path.stem: built.title for built in plan.built} == {
        stem: "::".join(["Landmark Trials", "All Trials", *names]) for stem, names in FILES[split].items()
    }
    # The trial that both name has no record: its note stands with the first of them.
    assert len(keys) == len(set(keys))
    assert "dusk-2/trial" in keys
    assert set(keys) == {line.key for line in project.ledger.notes}


def test_the_sub_decks_hold_what_they_say(project: Project) -> None:
    project.define("all", "name: All", "subdecks: perspective")
    project.build()
    package = project.opened("all")
    for key, _, deck, _ in package.cards:
        assert deck == f"Landmark Trials::All::{(package.notes[key].get('Perspective') or 'clinical').capitalize()}"


def test_a_definition_that_says_no_more_is_one_package_with_a_sub_deck_a_trial(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    assert decks_of(project.opened("all")) == {"Landmark Trials::All::DAWN-1", "Landmark Trials::All::NOON-1"}


def test_by_trial_there_are_no_sub_decks_unless_they_are_asked_for(project: Project) -> None:
    project.define("all", "name: All", "split: trial")
    project.build()
    assert decks_of(project.opened("all-dawn-1")) == {"Landmark Trials::All::DAWN-1"}


def test_a_build_by_options_names_files_after_their_parts_alone(project: Project) -> None:
    by_options = DeckDefinition("", "", split=Split.PERSPECTIVE, subdecks=Split.TRIAL)
    project.build(wanted=DeckRequest((by_options,)))
    assert set(project.packages) == {"mechanism", "clinical", "reviewer"}
    assert decks_of(project.opened("reviewer")) == {
        "Landmark Trials::Reviewer::DAWN-1",
        "Landmark Trials::Reviewer::NOON-1",
    }


def test_the_root_deck_is_the_projects(project: Project) -> None:
    project.settings("root: My Trials")
    project.define("all", "name: All", "subdecks: none")
    project.build()
    assert decks_of(project.opened("all")) == {"My Trials::All"}


def test_a_trial_without_an_acronym_has_a_deck_of_its_id(project: Project) -> None:
    path = project.record("dawn-1")
    path.write_text(path.read_text(encoding="utf-8").replace("acronym: DAWN-1\n", ""), encoding="utf-8")
    project.define("all", "name: All")
    project.build()
    assert decks_of(project.opened("all")) == {"Landmark Trials::All::dawn-1", "Landmark Trials::All::NOON-1"}


def test_two_trials_of_one_acronym_share_a_deck_and_lose_nothing(project: Project) -> None:
    path = project.record("noon-1")
    path.write_text(path.read_text(encoding="utf-8").replace("acronym: NOON-1", "acronym: DAWN-1"), encoding="utf-8")
    project.define("all", "name: All")
    project.define("each", "name: Each", "split: trial")
    project.build()
    together = project.opened("all")
    assert decks_of(together) == {"Landmark Trials::All::DAWN-1"}
    assert set(together.notes) == {line.key for line in project.ledger.notes}
    assert set(project.packages) == {"all", "each-dawn-1", "each-noon-1"}


# selection


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        ("trials: [noon-1]", {"noon-1/question/why", "noon-1/takeaway/start", "noon-1/trial", "dusk-2/trial"}),
        ("topics: [of-noon]", {"noon-1/question/why", "noon-1/takeaway/start", "noon-1/trial", "dusk-2/trial"}),
        ("topics: [of-noon, example-disease]", {"dawn-1/question/why", "noon-1/question/why"}),
        ("specialties: [oncology]", {"dawn-1/takeaway/start", "noon-1/takeaway/start"}),
        ("perspectives: [mechanism]", {"dawn-1/question/why", "noon-1/question/why"}),
        ("perspectives: [mechanism, reviewer]", {"dawn-1/question/why", "noon-1/limitations/points"}),
        ("audiences: [fellow]", {"dawn-1/takeaway/start", "dawn-1/question/whom", "dawn-1/limitations/points"}),
        ("reviewed_only: true", {"noon-1/question/why", "noon-1/takeaway/start", "noon-1/trial"}),
        ("{trials: [dawn-1], perspectives: [mechanism]}", {"dawn-1/question/why"}),
        ("{}", {"dawn-1/question/why", "dawn-1/takeaway/start", "noon-1/limitations/points", "dusk-2/trial"}),
    ],
)
def test_a_selection_takes(selection: str, taken: set[str], project: Project) -> None:
    project.record("noon-1", topics="topics: [of-noon]", status="status: reviewed, by: A. Nother, on: 2026-09-01")
    project.define("some", "name: Some", f"select: {selection if selection[0] == '{' else f'{{{selection}}}'}")
    project.build()
    notes = set(project.opened("some").notes)
    everything = {line.key for line in project.ledger.notes}
    assert taken <= notes <= everything
    assert NOT_TAKEN[selection].isdisjoint(notes)


NOT_TAKEN: dict[str, set[str]] = {
    "trials: [noon-1]": {"dawn-1/question/why", "dawn-1/trial"},
    "topics: [of-noon]": {"dawn-1/question/why", "dawn-1/trial"},
    "topics: [of-noon, example-disease]": set(),
    "specialties: [oncology]": {"dawn-1/question/why", "dusk-2/trial", "noon-1/limitations/points"},
    "perspectives: [mechanism]": {"dawn-1/question/whom", "dawn-1/limitations/points", "dusk-2/trial"},
    "perspectives: [mechanism, reviewer]": {"dawn-1/question/whom", "dusk-2/trial"},
    "audiences: [fellow]": {"dawn-1/question/why", "noon-1/question/why"},
    "reviewed_only: true": {"dawn-1/question/why", "dusk-2/trial", "dawn-1/trial"},
    "{trials: [dawn-1], perspectives: [mechanism]}": {"noon-1/question/why", "dawn-1/question/whom"},
    "{}": set(),
}


def test_a_note_stands_once_in_a_package_and_at_home(project: Project) -> None:
    project.text("dusk-2", "format: 1\nid: dusk-2\nacronym: DUSK-2\ntitle: T\nsummary: It failed.\n")
    project.define("all", "name: All")
    project.build()
    cards = [(key, deck) for key, ordinal, deck, _ in project.opened("all").cards if key == "dusk-2/trial"]
    assert {deck for _, deck in cards} == {"Landmark Trials::All::DUSK-2"}
    guids = project.opened("all").guids
    assert len(set(guids.values())) == len(guids)


def holders(project: Project, key: str) -> set[str]:
    """The packages that hold a note."""
    return {stem for stem, package in project.packages.items() if key in package.notes}


def test_by_trial_the_note_of_a_trial_is_in_the_package_of_its_own_record_alone(project: Project) -> None:
    project.text("dusk-2", "format: 1\nid: dusk-2\nacronym: DUSK-2\ntitle: T\nsummary: It failed.\n")
    project.define("each", "name: Each", "split: trial")
    project.build()
    assert holders(project, "dusk-2/trial") == {"each-dusk-2"}
    assert holders(project, "noon-1/trial") == {"each-noon-1"}


def test_by_trial_the_note_of_a_trial_without_a_record_stands_with_the_first_that_names_it(project: Project) -> None:
    project.define("each", "name: Each", "split: trial")
    project.define("noon", "name: Noon", "split: trial", "select: {trials: [noon-1]}")
    project.build()
    assert holders(project, "dusk-2/trial") == {"each-dawn-1", "noon-noon-1"}
    retired = "tested: Duskol, endpoint: Survival, retired: {on: 2026-09-01, reason: Off the market.}"
    project.edit("dawn-1", related=f"{{id: dusk-2, name: DUSK-2, {retired}}}")
    project.build(LATER)
    assert holders(project, "dusk-2/trial") == {"each-noon-1", "noon-noon-1"}


def test_a_record_that_a_deck_does_not_take_does_not_hold_the_note_of_its_trial(project: Project) -> None:
    project.text("dusk-2", "format: 1\nid: dusk-2\nacronym: DUSK-2\ntitle: T\nsummary: It failed.\n")
    project.define("each", "name: Each", "split: trial", "select: {trials: [dawn-1, noon-1]}")
    project.build()
    assert holders(project, "dusk-2/trial") == {"each-dawn-1"}


@pytest.mark.parametrize("trial", TRIALS)
def test_a_build_of_one_record_gives_the_package_that_the_whole_project_gives(trial: str, project: Project) -> None:
    project.build(wanted=DeckRequest((DeckDefinition("", "", split=Split.TRIAL, subdecks=Split.NONE),)))
    whole = (project.decks / f"{trial}.apkg").read_bytes()
    for path in project.decks.iterdir():
        path.unlink()
    only = DeckRequest((DeckDefinition("", "", split=Split.TRIAL, subdecks=Split.NONE),))
    project.build(paths=[project.seeds / f"{trial}.yaml"], wanted=only)
    assert (project.decks / f"{trial}.apkg").read_bytes() == whole
    assert set(project.packages[trial].notes) == {line.key for line in project.ledger.notes}


def test_the_same_note_in_two_definitions_is_the_same_note(project: Project) -> None:
    project.define("all", "name: All")
    project.define("each", "name: Each", "split: trial", "order: shuffled")
    project.build()
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    whole = project.opened("all")
    part = project.opened("each-dawn-1")
    assert {part.changed[key] for key in part.notes} == {NOW, LATER}
    for key in part.notes:
        for rows in ("guids", "changed", "tags", "notes"):
            assert getattr(part, rows)[key] == getattr(whole, rows)[key]
    assert set(part.row_ids) < set(whole.row_ids)


# what gives no package


def test_a_definition_that_selects_nothing_gives_no_package(project: Project) -> None:
    project.define("all", "name: All")
    project.define("nobody", "name: Nobody", "select: {perspectives: [mechanism], audiences: [fellow]}")
    plan = project.build()
    assert tuple(plan.outputs) == ("all.apkg",)
    assert set(project.packages) == {"all"}


def test_a_part_that_nothing_is_left_of_gives_no_package(project: Project) -> None:
    project.define("all", "name: All", "split: perspective", "select: {perspectives: [reviewer]}")
    project.build()
    assert set(project.packages) == {"all-reviewer"}


def test_definitions_that_all_select_nothing_are_an_error(project: Project) -> None:
    project.define("nobody", "name: Nobody", "select: {reviewed_only: true}")
    with pytest.raises(TrialdeckError, match="no note passes the filters"):
        project.build()
    assert not (project.decks / "ledger.jsonl").exists()


def test_two_definitions_that_give_one_file_are_an_error_that_names_both(project: Project) -> None:
    project.define("all", "name: All", "split: perspective")
    project.define("all-clinical", "name: All Clinical")
    with pytest.raises(TrialdeckError) as caught:
        project.build()
    assert caught.value.message == (
        "the deck definitions 'all-clinical' and 'all' both give a package all-clinical.apkg"
    )
    assert caught.value.hint == "change one of the two ids"
    assert sorted(path.name for path in project.decks.iterdir()) == ["all-clinical.yaml", "all.yaml"]
    # Each of them alone is no fault.
    project.build(NOW, "all-clinical")
    assert set(project.packages) == {"all-clinical"}


# order


def places(package: OpenPackage) -> list[str]:
    """The trials of the notes, as their cards come."""
    return [key.partition("/")[0] for key in keys_in_order(package)]


def test_in_the_order_of_the_record_trials_follow_each_other(project: Project) -> None:
    project.define("all", "name: All", "order: record")
    project.build()
    trials = [trial for trial in places(project.opened("all")) if trial != "dusk-2"]
    assert trials == sorted(trials)
    assert keys_in_order(project.opened("all"))[:2] == ["dawn-1/trial", "dawn-1/summary"]


def test_interleaved_takes_one_of_each_trial_in_turn_across_sub_decks(project: Project) -> None:
    project.text("eve-1", "format: 1\nid: eve-1\nacronym: EVE-1\ntitle: T\nsummary: S.\ncards: [summary]\n")
    project.define("all", "name: All", "order: interleaved")
    project.build()
    package = project.opened("all")
    assert len(decks_of(package)) == 3
    assert keys_in_order(package)[:7] == [
        "dawn-1/trial", "eve-1/summary", "noon-1/trial",
        "dawn-1/summary", "noon-1/summary",
        "dawn-1/key-findings/points", "noon-1/key-findings/points",
    ]  # fmt: skip


def test_shuffled_mixes_trials_and_is_the_same_in_every_build(project: Project) -> None:
    project.define("all", "name: All", "order: shuffled")
    project.define("plain", "name: Plain", "order: record")
    project.build()
    first = keys_in_order(project.opened("all"))
    assert sorted(first) == sorted(keys_in_order(project.opened("plain")))
    assert first != keys_in_order(project.opened("plain"))
    assert sorted(places(project.opened("all"))) != places(project.opened("all"))
    project.build(LATER)
    assert keys_in_order(project.opened("all")) == first
    # What is left keeps its order.
    project.edit("dawn-1", why="")
    project.build(LATER)
    assert keys_in_order(project.opened("all")) == [key for key in first if key != "dawn-1/question/why"]


# tombstones

SPLITS = {
    "trial": {"all-dawn-1": {"dawn-1/question/why"}, "all-noon-1": set()},
    "perspective": {"all-mechanism": {"dawn-1/question/why"}, "all-clinical": set(), "all-reviewer": set()},
    "none": {"all": {"dawn-1/question/why"}},
}


@pytest.mark.parametrize("split", SPLITS)
def test_a_retired_note_goes_where_it_was(split: str, project: Project) -> None:
    project.define("all", "name: All", f"split: {split}")
    project.build()
    project.edit("dawn-1", why="")
    project.build(LATER)
    assert {stem: retired_in(package) for stem, package in project.packages.items()} == SPLITS[split]


@pytest.mark.parametrize("split", SPLITS)
def test_the_notes_of_a_deleted_record_go_where_they_were(split: str, project: Project) -> None:
    project.define("all", "name: All", f"split: {split}")
    project.build()
    before = {
        stem: {key for key in package.notes if key.startswith("noon-1/")} for stem, package in project.packages.items()
    }
    (project.seeds / "noon-1.yaml").unlink()
    project.build(LATER)
    after = {stem: retired_in(package) for stem, package in project.packages.items()}
    if split == "trial":  # the note of the trial itself may have come into any of them
        assert after.pop("all-dawn-1") == {"noon-1/trial"}
        before.pop("all-dawn-1")
    assert after == before
    assert any(after.values())


def test_a_deck_of_topics_takes_the_tombstones_of_its_topics(project: Project) -> None:
    project.record("noon-1", topics="topics: [of-noon]")
    project.define("some", "name: Some", "select: {topics: [of-noon]}")
    project.build()
    project.edit("dawn-1", why="")
    project.edit("noon-1", why="")
    project.build(LATER)
    assert retired_in(project.opened("some")) == {"noon-1/question/why"}


def test_a_deck_of_reviewed_notes_takes_tombstones_too(project: Project) -> None:
    reviewed = "status: reviewed, by: A. Nother, on: 2026-09-01"
    project.record("dawn-1", status=reviewed)
    project.define("some", "name: Some", "select: {reviewed_only: true}")
    project.build()
    project.edit("dawn-1", why="")
    project.build(LATER)
    assert retired_in(project.opened("some")) == {"dawn-1/question/why"}


def test_a_deck_that_selects_a_renamed_trial_takes_its_tombstones(project: Project) -> None:
    project.define("some", "name: Some", "select: {trials: [dawn-1]}")
    project.build()
    project.edit("dawn-1", why="")
    project.build(LATER)
    assert retired_in(project.opened("some")) == {"dawn-1/question/why"}
    path = project.seeds / "dawn-1.yaml"
    text = path.read_text(encoding="utf-8").replace("id: dawn-1", "id: dawn-2\nformerly: [dawn-1]")
    path.unlink()
    project.text("dawn-2", text)
    project.define("some", "name: Some", "select: {trials: [dawn-2]}")
    project.build(LATER + DAY)
    assert retired_in(project.opened("some")) == {"dawn-1/question/why"}


def test_a_retired_note_shows_what_would_mean_something_to_anki_as_text(project: Project) -> None:
    hostile = '"{{c1::Why}} [sound:a.mp3] [latex]x[/latex] <b>&amp;</b> \\\\\\\\(x\\\\\\\\) does dawnol work?"'
    project.record("dawn-1", why_question=hostile)
    project.build()
    project.record("dawn-1", why="")
    (project.decks / "dawn-1.apkg").unlink()
    project.build(LATER, allow=("texts-lost",))
    shown = project.opened("dawn-1").notes["dawn-1/question/why"]["Question"]
    assert shown.startswith("&#123;&#123;c1::Why&#125;&#125; &#91;sound:a.mp3] &#91;latex]x&#91;/latex] ")
    assert "does dawnol work?" in shown
    assert "\\(" not in shown


def test_a_deck_of_tombstones_alone_can_be_built(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record()
    project.record("noon-1", topics="topics: [of-noon]")
    project.define("noon", "name: N", "select: {topics: [of-noon]}")
    project.define("all", "name: All")
    project.build()
    (project.seeds / "noon-1.yaml").unlink()
    assert project.build(NOW + DAY, "noon").outputs.keys() == {"noon.apkg"}
