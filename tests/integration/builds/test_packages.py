"""What is in the packages that a build writes; they are opened with zipfile and sqlite3."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builds import build, selection
from packages import open_package
from trialdeck.core.commit_marks import leave_mark
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.transactions import COMMIT
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build import plan
from trialdeck.project.check import FaultyRecordsError
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.settings import Selected, Split

NOW = 1_790_000_000
Write = Callable[..., Path]


def test_by_trial_gives_one_package_with_one_deck(write_record: Write, tmp_path: Path) -> None:
    (built,) = build([write_record()], Split.TRIAL, tmp_path / "out", NOW)
    package = open_package(built.path)
    assert built.path == tmp_path / "out" / "dawn-1.apkg"
    assert built.title == "Landmark Trials::DAWN-1"
    assert {deck for _, _, deck, _ in package.cards} == {"Landmark Trials::DAWN-1"}
    assert (built.notes, built.cards, built.size) == (len(package.notes), len(package.cards), built.path.stat().st_size)


def test_each_new_card_has_a_place_of_its_own_in_the_order_of_study(write_record: Write, tmp_path: Path) -> None:
    (built,) = build([write_record()], Split.TRIAL, tmp_path, NOW)
    cards = open_package(built.path).cards
    first = [key for key, *_ in sorted(cards, key=lambda card: card[-1])]
    assert first[0] == "dawn-1/trial"
    assert first.index("dawn-1/question/why") < first.index("dawn-1/result/rfs") < first.index("dawn-1/question/whom")
    assert first[-1] == "dawn-1/limitations/points"
    assert sorted(due for *_, due in cards) == list(range(1, built.cards + 1))


def test_by_perspective_gives_a_package_for_each_with_a_deck_for_each_trial(
    write_record: Write, tmp_path: Path
) -> None:
    records = [write_record(), write_record("noon.yaml", {"id: dawn-1": "id: noon-1", "DAWN-1": "NOON-1"})]
    built = build(records, Split.PERSPECTIVE, tmp_path / "out", NOW)
    assert [each.path.name for each in built] == ["mechanism.apkg", "clinical.apkg", "reviewer.apkg"]
    mechanism = open_package(built[0].path)
    assert set(mechanism.notes) == {"dawn-1/question/why", "noon-1/question/why"}
    assert {deck for _, _, deck, _ in mechanism.cards} == {
        "Landmark Trials::Mechanism::DAWN-1",
        "Landmark Trials::Mechanism::NOON-1",
    }


def test_by_perspective_makes_only_the_packages_that_are_asked_for(write_record: Write, tmp_path: Path) -> None:
    only = selection(perspectives=frozenset({Perspective.REVIEWER}))
    built = build([write_record()], Split.PERSPECTIVE, tmp_path / "out", NOW, only)
    assert [each.path.name for each in built] == ["reviewer.apkg"]


def test_a_trial_that_two_records_name_stands_once_in_a_package(write_record: Write, tmp_path: Path) -> None:
    records = [write_record(), write_record("noon.yaml", {"id: dawn-1": "id: noon-1", "DAWN-1": "NOON-1"})]
    clinical = build(records, Split.PERSPECTIVE, tmp_path / "out", NOW)[1]
    decks = {deck for key, _, deck, _ in open_package(clinical.path).cards if key == "dusk-2/trial"}
    assert decks == {"Landmark Trials::Clinical::DAWN-1"}


def test_a_trial_with_its_own_record_stands_in_its_own_deck(write_record: Write, tmp_path: Path) -> None:
    dusk = write_record("dusk.yaml", text="format: 1\nid: dusk-2\nacronym: DUSK-2\ntitle: T\nsummary: It failed.")
    clinical = build([write_record(), dusk], Split.PERSPECTIVE, tmp_path / "out", NOW)[1]
    decks = {deck for key, _, deck, _ in open_package(clinical.path).cards if key == "dusk-2/trial"}
    assert decks == {"Landmark Trials::Clinical::DUSK-2"}


def test_a_note_is_the_same_in_every_package(write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    (whole,) = build([record], Split.TRIAL, tmp_path / "a", NOW)
    parts = build([record], Split.PERSPECTIVE, tmp_path / "b", NOW)
    everything = open_package(whole.path)
    for part in map(open_package, (each.path for each in parts)):
        for key, fields in part.notes.items():
            assert fields == everything.notes[key]
            assert part.guids[key] == everything.guids[key]
            assert part.tags[key] == everything.tags[key]
    assert sum(each.notes for each in parts) == whole.notes


def test_the_project_decides_what_a_trial_note_says_also_for_one_file(write_record: Write, tmp_path: Path) -> None:
    one = write_record("seeds/dawn-1.yaml")
    related = "related_trials: [{id: dusk-2, name: DUSK-2, tested: Other, population: Adults}]"
    write_record("seeds/noon-1.yaml", text=f"format: 1\nid: noon-1\ntitle: T\nsummary: S.\n{related}\n")
    (built,) = build([one], Split.TRIAL, tmp_path / "out", NOW)
    notes = open_package(built.path).notes
    assert notes["dusk-2/trial"]["Tested"] == "Duskol"
    assert notes["dusk-2/trial"]["Population"] == "Adults"


def test_a_trial_with_a_record_beside_has_its_note_in_its_own_package(write_record: Write, tmp_path: Path) -> None:
    one = write_record("seeds/dawn-1.yaml")
    write_record("seeds/dusk-2.yaml", text="format: 1\nid: dusk-2\ntitle: T\ntested: Duskol daily\nsummary: S.")
    (alone,) = build([one], Split.TRIAL, tmp_path / "out", NOW)
    both = build([one.parent], Split.TRIAL, tmp_path / "both", NOW)
    assert "dusk-2/trial" not in open_package(alone.path).notes
    assert [path.name for path in tmp_path.glob("both/*.apkg") if "dusk-2/trial" in open_package(path).notes] == [
        "dusk-2.apkg"
    ]
    assert alone.path.read_bytes() == both[0].path.read_bytes()


def test_an_error_elsewhere_in_the_project_stops_the_build_of_one_file(write_record: Write, tmp_path: Path) -> None:
    one = write_record("seeds/dawn-1.yaml")
    write_record("seeds/dusk-2.yaml", text="format: 1\nid: dusk-2\n")
    with pytest.raises(FaultyRecordsError) as caught:
        build([one], Split.TRIAL, tmp_path / "out", NOW)
    assert [problem.code for problem in caught.value.checked.errors] == ["TD104", "TD209"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("chosen", "without"),
    [
        (selection(perspectives=frozenset({Perspective.MECHANISM})), {"dawn-1/question/whom", "dawn-1/trial"}),
        (selection(audiences=frozenset({Audience.FELLOW})), {"dawn-1/question/why"}),
        (selection(audiences=frozenset({Audience.STUDENT})), {"dawn-1/takeaway/start"}),
        (selection(specialties=frozenset({"cardiology"})), {"dawn-1/takeaway/start"}),
        (selection(specialties=frozenset({"oncology"})), {"dawn-1/question/why", "dawn-1/trial"}),
        (
            selection(audiences=frozenset({Audience.FELLOW}), specialties=frozenset({"oncology"})),
            {"dawn-1/question/why", "dawn-1/question/whom"},
        ),
    ],
)
def test_filters_narrow_the_notes(chosen: Selected, without: set[str], write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    (whole,) = build([record], Split.TRIAL, tmp_path / "whole", NOW)
    (narrow,) = build([record], Split.TRIAL, tmp_path / "narrow", NOW, chosen)
    left_out = set(open_package(whole.path).notes) - set(open_package(narrow.path).notes)
    assert without <= left_out < set(open_package(whole.path).notes)


def test_a_filter_that_leaves_nothing_is_an_error(write_record: Write, tmp_path: Path) -> None:
    nobody = selection(frozenset({Perspective.MECHANISM}), frozenset({Audience.ATTENDING}))
    with pytest.raises(TrialdeckError, match="no note passes the filters"):
        build([write_record()], Split.TRIAL, tmp_path / "out", NOW, nobody)


def test_the_same_records_and_ledger_give_the_same_bytes(write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    (one,) = build([record], Split.TRIAL, tmp_path / "a", NOW)
    (two,) = build([record], Split.TRIAL, tmp_path / "b", NOW)
    first = one.path.read_bytes()
    assert first == two.path.read_bytes()
    build([record], Split.TRIAL, tmp_path / "a", NOW + 86_400)
    assert one.path.read_bytes() == first


def test_row_ids_are_unique_and_not_in_the_future(write_record: Write, tmp_path: Path) -> None:
    (built,) = build([write_record()], Split.TRIAL, tmp_path, NOW)
    ids = open_package(built.path).row_ids
    assert len(ids) == len(set(ids)) == built.notes + built.cards
    assert max(ids) < NOW * 1000
    assert min(ids) > NOW * 1000 - 1_000_000_000 - len(ids)


def test_the_file_is_deflated_and_tells_no_time_of_day(write_record: Write, tmp_path: Path) -> None:
    (built,) = build([write_record()], Split.TRIAL, tmp_path, NOW)
    members = open_package(built.path).members
    assert list(members) == ["collection.anki2", "media"]
    assert members["collection.anki2"].compress_size < 0.35 * members["collection.anki2"].file_size
    assert {member.date_time for member in members.values()} == {(1980, 1, 1, 0, 0, 0)}


def test_note_types_are_written_with_stable_ids(write_record: Write, tmp_path: Path) -> None:
    (built,) = build([write_record()], Split.TRIAL, tmp_path, NOW)
    models = open_package(built.path).models
    for kind in Kind:
        ours, written = note_type(kind), models[note_type(kind).name]
        assert written["id"] == str(ours.id)
        assert [(field["name"], field["id"]) for field in written["flds"]] == [(f.name, f.id) for f in ours.fields]
        assert [(t["name"], t["id"]) for t in written["tmpls"]] == [(t.name, t.id) for t in ours.templates]
        assert [place for place, _, _ in written["req"]] == list(range(len(ours.templates)))


def test_nothing_is_left_behind(write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    build([write_record()], Split.TRIAL, tmp_path / "out", NOW)
    assert list(scratch.iterdir()) == []
    assert visible_files(tmp_path / "out") == [".gitattributes", "EDITIONS.md", "dawn-1.apkg", "ledger.jsonl"]


def test_a_build_that_was_interrupted_half_way_is_not_judged(write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    build([record], Split.TRIAL, tmp_path / "out", NOW)
    (tmp_path / "out" / COMMIT).mkdir()
    leave_mark(tmp_path / "out", {})
    with pytest.raises(TrialdeckError, match="is under way, or was interrupted"):
        plan([record], DeckRequest((BY_TRIAL,)), tmp_path / "out", NOW)
    build([record], Split.TRIAL, tmp_path / "out", NOW)
    assert plan([record], DeckRequest((BY_TRIAL,)), tmp_path / "out", NOW).changed_files == ()


def visible_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".trialdeck.lock")
