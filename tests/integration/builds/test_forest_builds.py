"""Forests in packages: where they stand, what changes them, and what becomes of one that is gone."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from folders import ROOT
from forest_trials import trial_text
from packages import OpenPackage
from projects import DAY, NOW, Project
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build_result import RefusedReleaseError
from trialdeck.project.check import check
from trialdeck.project.note_repository import notes_of_records

KEY = "across:example-disease/pfs"
ESTIMATES = {"DAWN-1": "0.74", "DUSK-2": "0.69", "NOON-3": "0.37"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three trials that report the same outcome, and a deck by trial."""
    made = Project(tmp_path)
    made.define("all", "name: All", "split: trial")
    for name in ESTIMATES:
        write(made, name)
    return made


def write(project: Project, name: str, **changes: str) -> None:
    project.text(name.lower(), trial_text(name, **{"estimate": ESTIMATES.get(name, "0.90"), **changes}))


def decks(package: OpenPackage) -> set[str]:
    return {deck for key, _, deck, _ in package.cards if key == KEY}


def touched(project: Project, before: Mapping[str, int]) -> set[str]:
    """The notes whose time stamp is another one than before."""
    return {line.key for line in project.ledger.notes if before.get(line.key) != line.changed}


def stamps(project: Project) -> dict[str, int]:
    return {line.key: line.changed for line in project.ledger.notes}


def test_it_stands_in_one_deck_of_all_packages_whose_trial_has_a_row(project: Project) -> None:
    write(project, "RAIN-4", outcome="os")
    built = project.build()
    packages = project.packages
    assert {stem: decks(package) for stem, package in packages.items()} == {
        **{f"all-{name.lower()}": {"Landmark Trials::All::Across trials"} for name in ESTIMATES},
        "all-rain-4": set(),
    }
    assert len({package.guids[KEY] for stem, package in packages.items() if stem != "all-rain-4"}) == 1
    assert built.counts.new == len(project.ledger.notes)
    assert len([line for line in project.ledger.notes if line.key == KEY]) == 1


@pytest.mark.parametrize(
    ("lines", "deck"),
    [
        (("split: perspective",), "Landmark Trials::All::Clinical::Across trials"),
        (("split: none", "subdecks: trial"), "Landmark Trials::All::Across trials"),
        (("split: none", "subdecks: none"), "Landmark Trials::All::Across trials"),
    ],
)
def test_in_a_package_of_several_trials_it_stands_once(project: Project, lines: tuple[str, ...], deck: str) -> None:
    project.define("all", "name: All", *lines)
    project.build()
    found = {stem: decks(package) for stem, package in project.packages.items() if KEY in package.notes}
    assert list(found.values()) == [{deck}]
    cards = [card for package in project.packages.values() for card in package.cards if card[0] == KEY]
    assert len(cards) == len(ESTIMATES)


def test_the_filters_of_a_deck_hold_for_it(project: Project) -> None:
    project.define("mechanism", "name: M", "select: {perspectives: [mechanism]}")
    project.define("reviewed", "name: R", "select: {reviewed_only: true}")
    project.define("one", "name: One", "select: {trials: [noon-3]}")
    for name in ESTIMATES:
        write(project, name, outcome="pfs\n    review: {status: reviewed, by: A, on: 2026-01-02}")
    project.build()
    assert {stem for stem, package in project.packages.items() if KEY in package.notes} == {
        "one", "reviewed", *(f"all-{name.lower()}" for name in ESTIMATES),
    }  # fmt: skip
    write(project, "NOON-3")
    project.build(NOW + DAY)
    assert KEY not in [card[0] for card in project.opened("reviewed").cards]


def test_a_changed_result_changes_its_own_notes_and_its_forest_alone(project: Project) -> None:
    project.build()
    before = stamps(project)
    write(project, "NOON-3", estimate="0.38")
    project.build(NOW + DAY)
    assert touched(project, before) == {KEY, "noon-3/result/pfs"}
    assert project.build(NOW + 2 * DAY).changed_files == ()


def test_a_further_trial_changes_the_forest_and_no_note_of_another_trial(project: Project) -> None:
    project.build()
    before, guid = stamps(project), project.line(KEY).guid
    write(project, "RAIN-4")
    project.build(NOW + DAY)
    assert project.line(KEY).guid == guid
    assert {key for key in touched(project, before) if not key.startswith("rain-4/")} == {KEY}
    assert decks(project.opened("all-rain-4")) == {"Landmark Trials::All::Across trials"}


def test_a_title_is_shared_content_that_travels_with_the_next_change(project: Project) -> None:
    project.build()
    before = stamps(project)
    project.settings("topics: {example-disease: 'Example disease: adding a drug'}")
    project.build(NOW + DAY)
    assert touched(project, before) == set()
    assert project.opened("all-noon-3").notes[KEY]["Trial"] == "Example disease: adding a drug"


def test_a_build_of_one_record_has_the_same_note(project: Project) -> None:
    project.build()
    whole = project.opened("all-dusk-2").notes[KEY]
    project.build(NOW + DAY, paths=[project.seeds / "dusk-2.yaml"])
    assert project.opened("all-dusk-2").notes[KEY] == whole
    assert not project.line(KEY).retired


def test_a_forest_that_is_gone_is_retired_in_all_packages_of_its_trials(project: Project) -> None:
    project.build()
    for name in ESTIMATES:
        write(project, name, outcome="null")
    project.build(NOW + DAY, allow=("unusual-share",))
    assert project.line(KEY).retired
    for name in ESTIMATES:
        package = project.opened(f"all-{name.lower()}")
        assert package.notes[KEY]["Retired"]
        assert KEY not in [card[0] for card in package.cards]


def test_a_build_of_another_record_retires_nothing(project: Project) -> None:
    project.build()
    for name in ESTIMATES:
        write(project, name, outcome="null")
    project.build(NOW + DAY, paths=[project.seeds / "noon-3.yaml"])
    assert not project.line(KEY).retired


def test_a_trial_that_leaves_takes_its_card_along_and_that_is_said(project: Project) -> None:
    write(project, "RAIN-4")
    project.build()
    write(project, "RAIN-4", outcome="null")
    with pytest.raises(RefusedReleaseError) as refused:
        project.build(NOW + DAY)
    assert [change.code for change in refused.value.refused] == ["cards-vanish"]
    project.build(NOW + DAY, allow=("cards-vanish",))
    assert len([card for card in project.opened("all-noon-3").cards if card[0] == KEY]) == 3


def test_a_dispute_reaches_everybody_who_has_the_forest(project: Project) -> None:
    project.build()
    before = stamps(project)
    disputed = "pfs\n    review: {status: disputed, by: B, on: 2026-03-04, reason: Wrong.}"
    write(project, "DUSK-2", outcome=disputed)
    project.build(NOW + DAY)
    assert KEY in touched(project, before)
    assert "Disputed by B" in project.opened("all-dawn-1").notes[KEY]["Review"]


def test_it_is_refreshed_with_any_of_its_trials(project: Project) -> None:
    project.build()
    before = stamps(project)
    project.settings("topics: {example-disease: Other words}")
    project.build(NOW + DAY, wanted=DeckRequest(refresh=("dusk-2",)))
    assert touched(project, before) == {KEY}


def test_the_notes_of_records_are_counted_with_it_once(project: Project) -> None:
    project.build()
    notes = notes_of_records([project.seeds])
    assert sorted(note.key for note in notes) == sorted(line.key for line in project.ledger.notes)
    assert KEY in {note.key for note in notes_of_records([project.seeds / "dusk-2.yaml"])}


OTHERS = "dawn-1, also of the topic example-disease, has `outcome: pfs` for the same endpoint"


@pytest.mark.parametrize(
    ("changes", "path", "message", "hint"),
    [
        (
            {"outcome": "null"},
            (12, 5),
            f"'pfs' has no outcome; {OTHERS}",
            "add `outcome: pfs` to set the two side by side",
        ),
        (
            {"outcome": "progression"},
            (13, 5),
            f"'pfs' has `outcome: progression`; {OTHERS}",
            "write `outcome: pfs` if both are the same",
        ),
        (
            {"measure": "risk ratio"},
            (17, 5),
            "'pfs' is a risk ratio; 2 trials of the topic example-disease state a hazard ratio for `outcome: pfs`",
            "only one measure has room on an axis: add the hazard ratio if it was published",
        ),
    ],
)
def test_a_near_miss_is_a_warning(
    project: Project, changes: dict[str, str], path: tuple[int, int], message: str, hint: str
) -> None:
    assert check([project.seeds]).problems == ()
    write(project, "NOON-3", **changes)
    (problem,) = check([project.seeds]).problems
    assert problem.code == "TD441"
    assert (problem.path.rpartition("/")[2], problem.line, problem.column) == ("noon-3.yaml", *path)
    assert (problem.message, problem.hint) == (message, hint)


def test_one_endpoint_with_two_outcomes_in_a_trial_is_no_near_miss(project: Project) -> None:
    other = (
        "second\n    endpoint: Progression-free survival\n    outcome: pfs-2\n    analysis: primary\n    data_cut: x\n"
        "    population: x\n    measure: hazard ratio\n    estimate: 0.9\n  - id: pfs"
    )
    write(project, "NOON-3", result=other)
    write(project, "DUSK-2", outcome="null")
    assert check([project.seeds]).problems == ()


def test_more_trials_than_a_card_can_show_are_named(project: Project) -> None:
    for number in range(4, 11):
        write(project, f"RAIN-{number:02}", ci="[0.10, 5.00]")
    (problem,) = check([project.seeds]).problems
    assert (problem.code, problem.path.rpartition("/")[2]) == ("TD442", "rain-09.yaml")
    assert problem.message == (
        "10 trials of the topic example-disease have `outcome: pfs`; a card shows 8, those with the narrowest "
        "intervals. Not shown: rain-09, rain-10"
    )


def test_a_title_of_a_topic_that_no_record_has_is_a_warning(project: Project) -> None:
    path = project.settings("topics: {example-diseases: Typo}")
    (problem,) = check([project.seeds, path]).problems
    assert problem.code == "TD406"
    assert problem.message == "no record has the topic 'example-diseases', so nothing shows its title"
    assert problem.hint.startswith("did you mean 'example-disease'?")


def test_the_shipped_trials_share_a_forest_of_their_primary_reports() -> None:
    notes = {note.key: note for note in notes_of_records([ROOT / "seeds"])}
    note = notes["across:relapsed-myeloma/pfs"]
    values = dict(zip(note_type(Kind.CLOZE).field_names, note.fields, strict=True))
    rows = re.findall(r"<b>(.*?)</b>.*?td-value\"><div><bdi>(.*?)</bdi>", values["Text"])
    assert rows == [("TOURMALINE-MM1", "0.74"), ("ELOQUENT-2", "0.70"), ("ASPIRE", "0.69"), ("POLLUX", "0.37")]
    assert values["Trial"] == "Myeloma: adding a third drug to Rd"
    assert "POLLUX: interim analysis" in values["Back"]
    assert "never compared head to head" in values["Text"]
