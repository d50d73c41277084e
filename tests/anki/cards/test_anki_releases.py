"""What every Anki release, from 2.1.49 to the newest, makes of our packages; each is imported into the real one."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from anki_releases import RELEASES, REPORT, Card, Note, Release, Report, answer, run, set_field
from builds import build
from packages import OpenPackage, open_package
from trialdeck.notes.tags import Level
from trialdeck.records.settings import Split

SPLITS = (Split.TRIAL, Split.PERSPECTIVE)
BUILT_AT = 1_760_000_000
MINUTE = 60


@pytest.fixture(params=RELEASES, ids=str)
def release(request: pytest.FixtureRequest) -> Release:
    """One Anki release after the other."""
    made: Release = request.param
    return made


# --- The shipped records: four packages by trial and three by perspective, all of them into one collection.


@dataclass(frozen=True)
class Import:
    """What one import brought: the package, Anki's counts, and the keys of the notes that were not there before."""

    package: OpenPackage
    counts: dict[str, int]
    fresh: set[str]


@dataclass(frozen=True)
class Imported:
    """A collection and the imports that made it."""

    imports: list[Import]
    report: Report


@pytest.fixture(scope="session")
def shipped(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The packages of the shipped records, in several orders.

    Where each record was built alone, all in the same second, different notes have the same row ids: Anki has to tell
    them apart by their guids.
    """
    together = tmp_path_factory.mktemp("together")
    trials, perspectives = (packages_of([root / "seeds"], split, together) for split in SPLITS)
    alone = [
        package
        for record in sorted(root.glob("seeds/*.yaml"))
        for split in SPLITS
        for package in packages_of([record], split, tmp_path_factory.mktemp(record.stem))
    ]
    shuffled = [*trials, *perspectives]
    random.Random(19).shuffle(shuffled)
    orders = ([*trials, *perspectives], [*perspectives, *trials], shuffled, alone)
    return dict(zip(ORDERS, orders, strict=True))


ORDERS = ("by trial first", "by perspective first", "shuffled", "each record alone")


def packages_of(records: list[Path], split: Split, out: Path, built_at: int = BUILT_AT) -> list[Path]:
    return [built.path for built in build(records, split, out, built_at)]


@pytest.fixture(params=ORDERS)
def imported(request: pytest.FixtureRequest, release: Release, shipped: dict[str, list[Path]]) -> Imported:
    """All packages in one collection, imported in one order after the other."""
    paths = shipped[request.param]
    *counts, report = run(release, *paths, REPORT)
    imports: list[Import] = []
    known: set[str] = set()
    for path, counted in zip(paths, counts, strict=True):
        package = open_package(path)
        imports.append(Import(package, counted, package.notes.keys() - known))
        known |= package.notes.keys()
    return Imported(imports, report)


def test_four_records_or_more_are_shipped_and_three_perspectives(shipped: dict[str, list[Path]]) -> None:
    names = [path.stem for path in shipped["by trial first"]]
    assert len(names[:-3]) >= 4
    assert names[-3:] == ["mechanism", "clinical", "reviewer"]


def test_every_note_is_there_once_with_its_own_guid_and_key(imported: Imported) -> None:
    packed = {(key, guid) for each in imported.imports for key, guid in each.package.guids.items()}
    found = [(note.key, note.guid) for note in imported.report.notes]
    assert sorted(found) == sorted(packed)
    assert len({key for key, _ in found}) == len({guid for _, guid in found}) == len(found)


def test_every_note_arrives_as_it_was_packed(imported: Imported) -> None:
    for each in imported.imports:
        for key, fields in each.package.notes.items():
            note = imported.report.note(key)
            assert (note.fields, sorted(note.tags)) == (fields, sorted(each.package.tags[key]))


def test_there_are_our_three_note_types_and_no_second_one(imported: Imported) -> None:
    ours = {(each["name"], each["id"]) for each in imported.report.notetypes if "Trialdeck" in each["name"]}
    assert ours == {
        ("Trialdeck Question", 1763853001001),
        ("Trialdeck Cloze", 1763853002001),
        ("Trialdeck Trial", 1763853003001),
    }
    assert not [each["name"] for each in imported.report.notetypes if each["name"].endswith("+")]


def test_each_import_adds_what_is_new_and_conflicts_with_nothing(imported: Imported) -> None:
    for each in imported.imports:
        assert each.counts == {
            "new": len(each.fresh),
            "updated": 0,
            "duplicate": len(each.package.notes) - len(each.fresh),
            "conflicting": 0,
        }


def test_every_card_that_was_packed_is_there_once_in_a_deck_of_ours(imported: Imported) -> None:
    packed = {(key, ordinal) for each in imported.imports for key, ordinal, _, _ in each.package.cards}
    decks = {deck for each in imported.imports for _, _, deck, _ in each.package.cards}
    assert Counter((note.key, card.ordinal) for note, card in imported.report.rendered()) == Counter(packed)
    assert {card.deck for card in imported.report.cards} <= decks


def test_no_card_is_empty(imported: Imported) -> None:
    assert imported.report.empty == []


# What Anki writes on a card whose template or note is at fault, in every release.
ERRORS = re.compile(
    r"front of this card is blank|no cloze|found ['‘]|missing ['‘]|has a problem|more information|ankiweb|tenderapp"
    r"|\{\{|\}\}",
    re.IGNORECASE,
)


def test_no_card_shows_an_error(imported: Imported) -> None:
    shown = [side for card in imported.report.cards for side in (card.question, card.answer)]
    assert [side for side in shown if ERRORS.search(side)] == []


def test_every_front_names_the_trial_unless_it_asks_which(imported: Imported) -> None:
    for note, card in imported.report.rendered():
        asks_which = note.notetype == "Trialdeck Trial" and card.ordinal == 1
        name = note.fields.get("Trial") or note.fields["Name"]
        assert ("Which trial?" if asks_which else plain(name)) in plain(card.question), note.key
        assert not asks_which or plain(name) not in plain(card.question), note.key


def test_every_back_gives_the_answer(imported: Imported) -> None:
    for note, card in imported.report.rendered():
        expected = plain(answer_of(note, card))
        assert expected, note.key
        assert expected in plain(card.answer), note.key


def test_the_front_of_a_cloze_hides_what_the_back_shows(imported: Imported) -> None:
    clozes = [(note, card) for note, card in imported.report.rendered() if note.notetype == "Trialdeck Cloze"]
    assert clozes
    for note, card in clozes:
        hidden = deletions(note, card)
        assert hidden, note.key
        gaps = re.findall(r'<span class="?cloze"?(?: [^>]*)?>(.*?)</span>', card.question, re.DOTALL)
        assert [plain(gap) for gap in gaps] == [f"[{plain(hint) or '...'}]" for _, hint in hidden], note.key


def test_check_database_finds_nothing(imported: Imported) -> None:
    assert imported.report.database == {"ok": True, "message": "Database rebuilt and optimized."}


def test_new_cards_are_due_in_the_order_of_study(imported: Imported) -> None:
    for deck, fresh in fresh_by_deck(imported):
        cards = ((note, card) for note, card in imported.report.rendered() if note.key in fresh)
        due = sorted((card.schedule["due"], level_of(note)) for note, card in cards)
        levels = [level for _, level in due]
        assert levels == sorted(levels), deck


def level_of(note: Note) -> int:
    """Return whether everybody learns a note, or who wants more, or who appraises trials."""
    (level,) = (Level(tag.rpartition("::")[2]) for tag in note.tags if tag.startswith("trialdeck::level::"))
    return list(Level).index(level)


def fresh_by_deck(imported: Imported) -> list[tuple[str, set[str]]]:
    """Return the keys of the notes that each import added, deck by deck."""
    decks: dict[tuple[int, str], set[str]] = {}
    for place, each in enumerate(imported.imports):
        for key, _, deck, _ in each.package.cards:
            decks.setdefault((place, deck), set()).update({key} & each.fresh)
    return [(deck, fresh) for (_, deck), fresh in decks.items()]


def answer_of(note: Note, card: Card) -> str:
    """Return the field that a card asks for; of a cloze, the whole statement."""
    if note.notetype == "Trialdeck Cloze":
        return re.sub(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", r"\1", note.fields["Text"], flags=re.DOTALL)
    asked = {"Trialdeck Question": ["Response"], "Trialdeck Trial": ["Tested", "Name", "Endpoint"]}
    return note.fields[asked[note.notetype][card.ordinal]]


def deletions(note: Note, card: Card) -> list[tuple[str, str]]:
    """Return answer and hint of what a cloze card leaves out."""
    number = card.ordinal + 1
    return re.findall(rf"\{{\{{c{number}::(.*?)(?:::(.*?))?\}}\}}", note.fields["Text"], re.DOTALL)


def plain(html: str) -> str:
    """Return the text of a card's HTML: no tags, entities decoded, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


# --- A learner imports, studies, writes something, imports the same again, and later the next edition.

STUDIED = 6
OWN_WORDS = "my own words"
OLD, NEW = "It binds **dawnin**.", "It binds **dawnin**, and nothing else."


@dataclass(frozen=True)
class Story:
    """A learner's collection before the same package was imported again, after that, and after the next edition."""

    studied: list[list[Any]]
    before: Report
    again: dict[str, int]
    after: Report
    updated: dict[str, int]
    later: Report


@pytest.fixture(scope="session")
def stories() -> dict[Release, Story]:
    """The stories that were told already, by release."""
    return {}


@pytest.fixture
def story(release: Release, stories: dict[Release, Story], write_record: Callable[..., Path], tmp_path: Path) -> Story:
    """The story in one release."""
    if release not in stories:
        now = int(time.time())
        (first,) = packages_of([write_record("first.yaml")], Split.TRIAL, tmp_path / "first", now)
        rewritten = write_record("second.yaml", {OLD: NEW})
        (second,) = packages_of([rewritten], Split.TRIAL, tmp_path / "second", now + MINUTE)
        guid = open_package(first).guids["dawn-1/question/whom"]
        wrote = set_field(guid, "Extra", OWN_WORDS)
        _, studied, _, *rest = run(release, first, answer(STUDIED), wrote, REPORT, first, REPORT, second, REPORT)
        stories[release] = Story(studied, *rest)
    return stories[release]


def test_importing_the_same_package_again_changes_nothing(story: Story) -> None:
    assert story.again == {"new": 0, "updated": 0, "duplicate": len(story.before.notes), "conflicting": 0}
    assert story.after == story.before
    assert story.after.note("dawn-1/question/whom").fields["Extra"] == OWN_WORDS


def test_cards_were_studied_before_that(story: Story) -> None:
    studied = {(guid, ordinal) for guid, ordinal in story.studied}
    assert len(studied) == STUDIED
    assert {place for place, (_, schedule) in story.before.schedules.items() if schedule["reps"] == 1} == studied
    assert {schedule["type"] for _, schedule in story.before.schedules.values()} == {0, 1, 2}


def test_the_next_edition_brings_the_new_text(story: Story) -> None:
    key = "dawn-1/question/why"
    (old,), (new,) = story.after.cards_of(key), story.later.cards_of(key)
    assert "and nothing else" not in old.answer
    assert "It binds dawnin, and nothing else." in plain(new.answer)


def test_the_next_edition_keeps_the_scheduling_of_every_card(story: Story) -> None:
    assert story.later.schedules == story.before.schedules


def test_the_next_edition_makes_no_second_note_card_or_note_type(story: Story) -> None:
    assert (story.updated["new"], story.updated["conflicting"]) == (0, 0)
    assert sorted(note.guid for note in story.later.notes) == sorted(note.guid for note in story.before.notes)
    assert len(story.later.cards) == len(story.before.cards)
    assert story.later.notetypes == story.before.notetypes


def test_the_next_edition_leaves_a_clean_collection(story: Story) -> None:
    assert story.later.empty == []
    assert story.later.database == {"ok": True, "message": "Database rebuilt and optimized."}
