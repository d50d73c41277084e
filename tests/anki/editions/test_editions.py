"""What learners keep when the records of a deck are edited: every edit in every release of Anki."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.mark.structures import ParameterSet
from filelock import FileLock, Timeout

from anki_releases import NEWEST, RELEASES, Card, Note, Release, Report
from compat import (
    FORGOTTEN,
    OWN_TAG,
    OWN_WORDS,
    PAGE,
    RETIRED,
    STUDIED,
    TAGGED,
    Outcome,
    columns,
    measure,
    page,
    retired_cards,
)
from editions import EDITS, FIRST_KEYS, Edit, Edition, Published, publish_all
from matrices import IS_FULL
from packages import OpenPackage, open_package
from trialdeck.notes.retirement import READING

Outcomes = Mapping[str, Outcome]
Made = TypeVar("Made")
MEASURED = RELEASES if IS_FULL else (RELEASES[0], NEWEST)
"""The oldest release imports with the legacy importer, the newest with the one of today.

Those between have one or the other of these. What some of them do of their own, notes that are late when two editions
are imported on one day, is measured in all of them, with edits that need more than one edition. Every release also
has a learner's import, study and next edition in test_anki_releases.py.
"""
IN_TWO_STEPS = [edit for edit in EDITS if len(edit.changes) > 1]


def of_each_kind(edits: Sequence[Edit]) -> list[Edit]:
    """Return the first edit of each kind: what it does to notes and cards, in how many editions, and how it is built.

    The newest release measures all of them. What an importer does depends on the kind of an edit, not on which of an
    entry's texts it is about.
    """
    kinds: dict[tuple[object, ...], Edit] = {}
    for edit in edits:
        effects = (edit.touched, edit.new, edit.retired, edit.renamed, edit.added, edit.emptied, edit.says)
        made = (edit.sides, edit.edition, edit.refresh, edit.has_old_packages)
        kinds.setdefault((*map(bool, effects), *map(bool, made), len(edit.changes)), edit)
    return list(kinds.values())


def edits_of(release: Release) -> Sequence[Edit]:
    """Return the edits that a release measures."""
    edits = EDITS if release in MEASURED else IN_TWO_STEPS
    return edits if IS_FULL or release == NEWEST else of_each_kind(edits)


def cases(edits: Sequence[Edit] = EDITS, releases: Sequence[Release] = MEASURED) -> list[ParameterSet]:
    """Return each release with those of the edits that it measures."""
    return [
        pytest.param(release, edit, id=f"{release}-{edit}")
        for release in releases
        for edit in edits_of(release)
        if edit in edits
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that looks at outcomes all of them, unless it chooses its own, and the others all edits."""
    if {"outcome", "edit"}.isdisjoint(metafunc.fixturenames) or any(metafunc.definition.iter_markers("parametrize")):
        return
    if "outcome" in metafunc.fixturenames:
        metafunc.parametrize(("release", "edit"), cases())
    else:
        metafunc.parametrize("edit", EDITS, ids=str)


EDITION = "trialdeck::edition::"
REASONED = "2023-12-01"
"""The day that edits with a reason state."""
NOTE_TYPES = {
    ("Trialdeck Question", 1763853001001),
    ("Trialdeck Cloze", 1763853002001),
    ("Trialdeck Trial", 1763853003001),
}


# --- All test processes share one measurement: the first that needs a release measures it.


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all test processes of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "editions"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def published(shared: Path) -> tuple[Published, ...]:
    """The packages of every edit."""
    with FileLock(shared / "published.lock"):
        return _made(shared / "published.pickle", lambda: publish_all(shared / "projects"))


@pytest.fixture(scope="session")
def measured(shared: Path, published: tuple[Published, ...]) -> Callable[[Release], Outcomes]:
    """The outcomes of every edit in a release."""

    @cache
    def measured(release: Release) -> Outcomes:
        for each in (release, *MEASURED):
            # What another process is measuring already is left to it; there is more to do meanwhile.
            if not (shared / f"{release}.pickle").exists():
                with suppress(Timeout):
                    outcomes(each, timeout=0)
        return outcomes(release)

    def outcomes(release: Release, timeout: float = -1) -> Outcomes:
        with FileLock(shared / f"{release}.lock", timeout=timeout):
            return _made(shared / f"{release}.pickle", lambda: measure(release, of_release(release)))

    def of_release(release: Release) -> Sequence[Published]:
        return [each for each in published if each.edit in edits_of(release)]

    return measured


def _made(path: Path, make: Callable[[], Made]) -> Made:
    if not path.exists():
        path.write_bytes(pickle.dumps(make()))
    made: Made = pickle.loads(path.read_bytes())
    return made


@pytest.fixture
def outcome(release: Release, edit: Edit, measured: Callable[[Release], Outcomes]) -> Outcome:
    """What one edit did in one release."""
    return measured(release)[edit.name]


# --- The packages themselves.


opened = cache(open_package)


def rows(packages: Sequence[Path]) -> dict[str, tuple[dict[str, str], list[str]]]:
    """Return the fields and the tags of every note of some packages, by key; they are the same in each of these."""
    found: dict[str, tuple[dict[str, str], list[str]]] = {}
    for package in map(opened, packages):
        for key, fields in package.notes.items():
            row = (fields, sorted(package.tags[key]))
            assert found.setdefault(key, row) == row
    return found


def cards(packages: Sequence[Path]) -> set[tuple[str, int]]:
    """Return every card of some packages, by key and ordinal."""
    return {(key, ordinal) for package in map(opened, packages) for key, ordinal, _, _ in package.cards}


def test_the_first_edition_has_the_notes_that_are_written_here(published: tuple[Published, ...]) -> None:
    assert len({each.edit.name for each in published}) == len(EDITS)
    for each in published:
        assert rows(each.first.packages).keys() == FIRST_KEYS


def test_each_perspective_and_each_trial_has_a_package(published: tuple[Published, ...]) -> None:
    first = published[0].first
    assert [path.stem for path in first.by_trial] == ["ember-3", "frost-1", "gale-2"]
    assert [path.stem for path in first.by_perspective] == ["clinical", "mechanism", "reviewer"]


def test_the_packages_by_trial_and_by_perspective_have_the_same_notes(
    edit: Edit, published: tuple[Published, ...]
) -> None:
    (each,) = (each for each in published if each.edit == edit)
    for edition in each.editions:
        by_trial, by_perspective = edition.by_trial, edition.by_perspective
        assert rows(by_trial) == rows(by_perspective)
        assert cards(by_trial) == cards(by_perspective)


def test_an_unchanged_rebuild_gives_the_same_bytes(edit: Edit, published: tuple[Published, ...]) -> None:
    (each,) = (each for each in published if each.edit == edit)
    before, after = each.last.packages, each.again.packages
    assert {path.name: path.read_bytes() for path in after} == {path.name: path.read_bytes() for path in before}


def test_an_edition_has_cards_of_live_notes_only(edit: Edit, published: tuple[Published, ...]) -> None:
    (each,) = (each for each in published if each.edit == edit)
    last = each.last.packages
    assert rows(last).keys() == edit.keys
    assert {key for key, _ in cards(last)} == edit.keys - edit.retired


# --- The learner of the first edition.


def by_guid(report: Report) -> dict[str, Note]:
    return {note.guid: note for note in report.notes}


@pytest.mark.parametrize("release", MEASURED, ids=str)
def test_the_learner_has_studied_written_and_tagged(release: Release, measured: Callable[[Release], Outcomes]) -> None:
    before = measured(release)[EDITS[0].name].before
    reps = [schedule["reps"] for _, schedule in before.schedules.values()]
    assert sum(map(bool, reps)) == STUDIED
    assert sum(reps) == STUDIED + FORGOTTEN
    assert {schedule["type"] for _, schedule in before.schedules.values()} == {0, 1, 2, 3}
    assert {note.fields["Extra"] for note in before.notes} == {OWN_WORDS}
    assert [note.key for note in before.notes if OWN_TAG in note.tags] == [TAGGED]
    assert before.empty == []


def test_exactly_the_notes_that_the_edit_touches_are_updated(edit: Edit, outcome: Outcome) -> None:
    before, after = by_guid(outcome.before), by_guid(outcome.after)
    assert {note.key for guid, note in after.items() if guid not in before} == edit.new
    assert {after[guid].key for guid in before if after[guid] != before[guid]} == edit.touched | edit.retired
    assert (outcome.new, outcome.updated) == (len(edit.new), len(edit.touched | edit.retired))


def test_every_other_note_keeps_the_learners_words_and_tags(edit: Edit, outcome: Outcome) -> None:
    kept = FIRST_KEYS - edit.renamed.keys() - edit.touched - edit.retired
    assert {key for key in kept if outcome.after.note(key).fields["Extra"] == OWN_WORDS} == kept
    assert outcome.words_kept == len(kept)
    tagged = {note.key for note in outcome.after.notes if OWN_TAG in note.tags}
    assert tagged == {TAGGED} & kept


def test_an_updated_note_has_the_authors_new_content(edit: Edit, outcome: Outcome) -> None:
    packed = rows(outcome.published.last.packages)
    for key in edit.touched | edit.retired | edit.new:
        note = outcome.after.note(key)
        assert (note.fields, sorted(note.tags)) == packed[key]


def test_every_note_has_the_tag_of_the_edition_that_changed_it_last(edit: Edit, outcome: Outcome) -> None:
    first, last = day_of(outcome.published.first), day_of(outcome.published.last)
    for note in outcome.after.notes:
        changed = note.key in edit.touched | edit.retired | edit.new
        edition = (edit.edition or last) if changed else first
        assert [tag for tag in note.tags if tag.startswith(EDITION)] == [f"{EDITION}{edition}"]


def day_of(edition: Edition) -> str:
    return datetime.fromtimestamp(edition.built_at, UTC).date().isoformat()


@pytest.mark.parametrize(("release", "edit"), cases([edit for edit in EDITS if edit.shows]))
def test_cards_show_the_new_content(edit: Edit, outcome: Outcome) -> None:
    former = {new: old for old, new in edit.renamed.items()}
    for key, words in edit.shows.items():
        assert any(words in shown(card) for card in outcome.after.cards_of(key))
        if key not in edit.new:
            assert not any(words in shown(card) for card in outcome.before.cards_of(former.get(key, key)))


def shown(card: Card) -> str:
    return card.question + card.answer


def test_the_schedule_of_every_card_is_kept(outcome: Outcome) -> None:
    before, after = outcome.before.schedules, outcome.after.schedules
    assert {card: after.get(card) for card in before} == before
    assert outcome.schedules_kept == len(outcome.before.cards)


@pytest.mark.parametrize(("release", "edit"), cases([edit for edit in EDITS if edit.renamed]))
def test_a_renamed_note_keeps_its_guid(edit: Edit, outcome: Outcome) -> None:
    for old, new in edit.renamed.items():
        assert outcome.after.note(new).guid == outcome.before.note(old).guid


def test_no_note_and_no_card_is_there_twice(edit: Edit, outcome: Outcome) -> None:
    notes, placed = outcome.after.notes, places(outcome.after)
    assert sorted(note.key for note in notes) == sorted(edit.keys)
    assert len({note.guid for note in notes}) == len(notes)
    assert len(set(placed)) == len(placed)
    first = {(edit.renamed.get(key, key), ordinal) for key, ordinal in cards(outcome.published.first.packages)}
    fresh = {(key, ordinal) for key, ordinal in cards(outcome.published.last.packages) if key in edit.new}
    assert set(placed) == first | fresh | edit.added


def test_nothing_conflicts_and_no_second_note_type_is_made(outcome: Outcome) -> None:
    for report in (outcome.after, outcome.newcomer, outcome.latecomer):
        ours = [(each["name"], each["id"]) for each in report.notetypes if "Trialdeck" in each["name"]]
        assert sorted(ours) == sorted(NOTE_TYPES)
        assert [each["name"] for each in report.notetypes if each["name"].endswith("+")] == []
    assert {count["conflicting"] for count in (*outcome.counts, *outcome.again)} == {0}


def test_the_newest_style_is_in_use(outcome: Outcome) -> None:
    package = opened(outcome.published.last.packages[0])
    styles = {each["name"]: each["style"] for each in outcome.after.notetypes if "Trialdeck" in each["name"]}
    assert styles == {name: model["css"] for name, model in package.models.items()}


def test_check_database_finds_nothing(outcome: Outcome) -> None:
    assert outcome.after.database == {"ok": True, "message": "Database rebuilt and optimized."}


def test_importing_the_same_edition_again_does_nothing(outcome: Outcome) -> None:
    assert {(count["new"], count["updated"]) for count in outcome.again} == {(0, 0)}


# --- What was taken out.


def test_a_retired_note_is_marked(edit: Edit, outcome: Outcome) -> None:
    is_stated = edit.says not in {"", READING}
    day = REASONED if is_stated else day_of(outcome.published.last)
    marked = {note.key: note.fields["Retired"] for note in outcome.after.notes if note.fields["Retired"]}
    assert marked.keys() == edit.retired
    assert all(said.startswith(day) and edit.says in said for said in marked.values())
    assert {note.key for note in outcome.after.notes if RETIRED in note.tags} == edit.retired


def test_a_retired_card_says_when_and_why(edit: Edit, outcome: Outcome) -> None:
    saying = {note.key for note, card in outcome.after.rendered() if "Retired by the deck's author" in card.question}
    assert saying == edit.retired
    for note, card in outcome.after.rendered():
        if note.key in edit.retired:
            assert note.fields["Retired"] in card.question
            # What Anki adds to a front that it takes for empty falls into an element that is hidden.
            assert "Empty Cards tool" not in card.question.partition("<div hidden>")[0]
    assert outcome.reasons_shown == (len(retired_cards(outcome.after)) if edit.says else 0)


def test_a_retired_note_keeps_its_texts_unless_no_package_has_them(edit: Edit, outcome: Outcome) -> None:
    assert outcome.texts_kept == (len(edit.retired) if edit.has_old_packages else 0)
    for note, card in outcome.after.rendered():
        if note.key in edit.retired and edit.has_old_packages:
            # Anki shows no back of a cloze card without deletions.
            side = card.question if note.notetype == "Trialdeck Cloze" else card.answer
            assert all(note.fields[name] in side for name in ("Source", "Picture", "Retired"))
            assert note.fields.get("Response", "") in side
            assert note.fields.get("Text", "") in side


def test_empty_cards_lists_what_is_retired_or_has_lost_its_deletion(edit: Edit, outcome: Outcome) -> None:
    keys = {note.guid: note.key for note in outcome.after.notes}
    retired = {(keys[card.guid], card.ordinal) for card in retired_cards(outcome.after)}
    assert {key for key, _ in retired} == edit.retired
    assert {(keys[guid], ordinal) for guid, ordinal in outcome.emptied} == retired | edit.emptied


def test_what_empty_cards_has_deleted_does_not_come_back(outcome: Outcome) -> None:
    kept = {card: place for card, place in outcome.after.schedules.items() if card not in outcome.emptied}
    assert outcome.tidied.schedules == kept
    assert retired_cards(outcome.tidied) == []
    assert outcome.tidied.empty == []


# --- Learners who come later.


def places(report: Report) -> list[tuple[str, int]]:
    """Return the cards of a collection, by key and ordinal; one that is there twice stands twice."""
    return sorted((note.key, card.ordinal) for note, card in report.rendered())


def test_a_learner_of_the_last_edition_only_has_its_live_cards(edit: Edit, outcome: Outcome) -> None:
    assert places(outcome.newcomer) == sorted(cards(outcome.published.last.packages))
    assert {key for key, _ in places(outcome.newcomer)} == edit.keys - edit.retired
    assert outcome.newcomer.empty == []


def test_check_database_makes_a_card_of_each_retired_note_and_empty_cards_lists_it(
    edit: Edit, outcome: Outcome
) -> None:
    made = {(key, 0) for key in edit.retired}
    assert set(places(outcome.checked)) == set(places(outcome.newcomer)) | made
    assert {note["guid"] for note in outcome.checked.empty} == {outcome.checked.note(key).guid for key in edit.retired}


def test_a_learner_of_the_last_two_editions_has_the_cards_of_both(edit: Edit, outcome: Outcome) -> None:
    former, last = outcome.published.former.packages, outcome.published.last.packages
    expected = {(edit.renamed.get(key, key), ordinal) for key, ordinal in cards(former)} | cards(last)
    assert places(outcome.latecomer) == sorted(expected)


def changed_since_first(outcome: Outcome, package: OpenPackage) -> set[str]:
    """The keys of the notes of a package that have a newer time stamp than in the first edition."""
    first = {key: time for path in outcome.published.first.packages for key, time in opened(path).changed.items()}
    return {key for key, time in package.changed.items() if time > first.get(key, time)}


@pytest.mark.parametrize(("release", "edit"), cases(IN_TWO_STEPS, RELEASES))
def test_two_editions_on_one_day_are_one_too_many_for_some_releases(
    release: Release, edit: Edit, outcome: Outcome
) -> None:
    # Such a release is late only for a note that the edition in between has changed as well.
    between = set[str]().union(
        *(changed_since_first(outcome, opened(path)) for path in outcome.published.former.packages)
    )
    is_late = str(release) in {"2.1.66", "24.11"} and {edit.renamed.get(key, key) for key in between} & edit.touched
    assert outcome.caught_up == (0 if is_late else len(edit.touched))
    assert outcome.hasty
    assert {card: outcome.hasty.schedules.get(card) for card in outcome.before.schedules} == outcome.before.schedules


def test_the_page_on_compatibility_says_what_was_measured(measured: Callable[[Release], Outcomes]) -> None:
    # If this fails, run `make compat` and look at what has changed.
    text = PAGE.read_text(encoding="utf-8")
    for release in MEASURED:
        edits = edits_of(release)
        assert columns(text, [release], edits) == page({release: measured(release)}, edits)


def test_the_columns_of_all_releases_are_the_whole_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert columns(text, RELEASES) == text
    for release in MEASURED:
        head, _, *rows = (line for line in columns(text, [release], edits_of(release)).splitlines() if line[:1] == "|")
        assert head.count("|") == 3
        assert {f"| {edit.name} |" for edit in edits_of(release)} <= {row[: row.index(" | ") + 2] for row in rows}
