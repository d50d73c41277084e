"""What the newest Anki makes of our packages: identity, renames, shared notes, retired notes, and a whole page."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

import builds
from anki_releases import NEWEST, RELEASES, REPORT, Release, Report, Step, answer, run, set_field
from fixed_ids import GUIDS, NOTE_TYPES
from trialdeck.drafts.draft import draft
from trialdeck.notes.note import guid_of
from trialdeck.project.check import check
from trialdeck.records.settings import Split

BUILT_AT = 1_760_000_000
LATER = BUILT_AT + 60
# On a busy machine Anki now and then sets a time of review right that it has written itself.
WHOLE = re.compile(r"(Added last review time to \W*\d+\W* cards\.\n)?Database rebuilt and optimized\.")
ALL = 99  # more cards than the record has
Write = Callable[..., Path]
Build = Callable[..., list[Path]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build packages of records and return their paths: `build([record], Split.TRIAL, built_at=LATER)`."""

    def built(records: list[Path], split: Split = Split.TRIAL, built_at: int = BUILT_AT) -> list[Path]:
        out = tmp_path / "-".join([split, str(built_at), *(record.stem for record in records)])
        return [each.path for each in builds.build(records, split, out, built_at)]

    return built


def reports(*steps: Path | Step) -> list[Report]:
    """Do the steps in the newest Anki; return what the collection held at each REPORT, and holds at the end."""
    found = [given for given in run(NEWEST, *steps, REPORT) if isinstance(given, Report)]
    for report in found:
        assert WHOLE.fullmatch(report.database["message"])
    return found


def imported(*steps: Path | Step) -> Report:
    """Do the steps in the newest Anki and return what the collection holds at the end."""
    return reports(*steps)[-1]


# --- What is fixed for good: see `fixed_ids`.


def test_anki_keeps_the_ids_of_note_types_fields_and_templates(write_record: Write, build: Build) -> None:
    report = imported(*build([write_record()]))
    found = {each["name"]: each for each in report.notetypes if each["name"] in NOTE_TYPES}
    assert found.keys() == NOTE_TYPES.keys()
    for name, (number, fields, templates) in NOTE_TYPES.items():
        assert found[name]["id"] == number
        assert [tuple(each) for each in found[name]["fields"]] == list(fields.items())
        assert [tuple(each) for each in found[name]["templates"]] == list(templates.items())


def test_guids_are_the_same_for_good(write_record: Write, build: Build) -> None:
    guids = {note.key: note.guid for note in imported(*build([write_record()])).notes}
    # A list was one card once; the note of that card goes only to those who have it.
    former = {"dawn-1/key-findings"}
    assert {key: guids[key] for key in GUIDS.keys() - former} == {key: GUIDS[key] for key in GUIDS.keys() - former}
    assert not guids.keys() & former


def test_a_note_has_tags_of_its_trial_perspective_level_audience_topic_and_specialty(
    write_record: Write, build: Build
) -> None:
    assert sorted(imported(*build([write_record()])).note("dawn-1/question/why").tags) == [
        "trialdeck::audience::student",
        "trialdeck::edition::2025-10-09",
        "trialdeck::level::more",
        "trialdeck::perspective::mechanism",
        "trialdeck::specialty::cardiology",
        "trialdeck::topic::example-disease",
        "trialdeck::trial::dawn-1",
    ]


# --- A renamed question is the same note.


def test_a_renamed_question_keeps_its_history(write_record: Write, build: Build) -> None:
    (first,) = build([write_record()])
    renamed = write_record("renamed.yaml", {"  - id: why\n": "  - id: how-it-works\n    formerly: [why]\n"})
    (second,) = build([renamed], built_at=LATER)
    before, after = reports(first, answer(ALL), REPORT, second)
    old, new = before.note("dawn-1/question/why"), after.note("dawn-1/question/how-it-works")
    assert new.guid == old.guid
    assert len(after.notes) == len(before.notes)
    (card,) = after.cards_of(new.key)
    assert card.schedule["reps"] == 1


def test_a_renamed_trial_keeps_its_history(write_record: Write, build: Build) -> None:
    (first,) = build([write_record()])
    renamed = write_record("renamed.yaml", {"id: dawn-1\n": "id: dawn-one\nformerly: [dawn-1]\n"})
    (second,) = build([renamed], built_at=LATER)
    before, after = reports(first, REPORT, second)
    assert {note.guid for note in after.notes} == {note.guid for note in before.notes}
    assert {note.key.partition("/")[0] for note in after.notes} == {"dawn-one", "dusk-2"}


# --- A trial that two records name is one note.

DUSK = """\
format: 1
id: dusk-2
acronym: DUSK-2
title: Duskol for Example Disease
tested: Duskol, twice a day
endpoint: Survival
questions:
  - {id: why, perspective: mechanism, question: Why does duskol work?, response: It binds duskin.}
related_trials:
  - {id: dawn-1, name: DAWN-1, tested: Something else}
  - {id: noon-3, name: NOON-3, tested: Noonol}
"""


@pytest.mark.parametrize("order", ["dawn-1 dusk-2", "dusk-2 dawn-1", "together"])
@pytest.mark.parametrize("split", Split)
def test_a_trial_that_two_records_name_is_one_note_in_whichever_order_packages_come(
    write_record: Write, build: Build, split: Split, order: str
) -> None:
    # In the folder of a project, what a package says of a trial does not depend on what else is built.
    dawn = write_record("seeds/dawn-1.yaml", {"related_trials:\n": "related_trials:\n  - {id: noon-3, name: NOON-3}\n"})
    dusk = write_record("seeds/dusk-2.yaml", text=DUSK)
    steps = {"together": [[dawn, dusk]], "dawn-1 dusk-2": [[dawn], [dusk]], "dusk-2 dawn-1": [[dusk], [dawn]]}
    report = imported(*(path for records in steps[order] for path in build(records, split)))
    trials = {note.key: note.fields["Tested"] for note in report.notes if note.notetype == "Trialdeck Trial"}
    assert trials == {"dawn-1/trial": "Dawnol", "dusk-2/trial": "Duskol, twice a day", "noon-3/trial": "Noonol"}
    assert [card.ordinal for card in report.cards_of("dusk-2/trial")] == [0, 1, 2]
    assert len({note.guid for note in report.notes}) == len({note.key for note in report.notes}) == len(report.notes)


# --- Retired notes: the card says so, when and why; Anki's own tools find it.

RETIRED = '2026-01-01<div class="td-why">It was disproved.</div>'
CLOZE = "dawn-1/key-findings/relapse/cloze/delay"


def retire(key: str, **fields: str) -> list[Step]:
    """Mark a note as retired, in Anki."""
    return [set_field(guid_of(key), name, value) for name, value in {"Retired": RETIRED, **fields}.items()]


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_retired_card_shows_both_sides_and_is_empty_to_anki(
    write_record: Write, build: Build, release: Release
) -> None:
    keys = {"dawn-1/question/why": [0], "dawn-1/trial": [0, 1, 2], "dusk-2/trial": [0, 1, 2]}
    steps: list[Path | Step] = [*build([write_record()]), answer(ALL), *(step for key in keys for step in retire(key))]
    report: Report = run(release, *steps, REPORT)[-1]
    cards = {guid_of(key): ordinals for key, ordinals in keys.items()}
    assert {note["guid"]: note["ordinals"] for note in report.empty} == cards
    for note, card in report.rendered():
        for side in (card.question, card.answer):
            assert ("Retired by the deck's author" in side and "</span> 2026-01-01" in side) is (note.key in keys)
            assert ("It was disproved." in side) is (note.key in keys)
            assert "is blank" not in side
    (card,) = report.cards_of("dawn-1/question/why")
    assert "Why does dawnol work?" in card.question
    assert "It binds <strong>dawnin</strong>." in card.answer
    assert all("Duskol" in card.answer for card in report.cards_of("dusk-2/trial")[:2])


def test_a_retired_cloze_card_says_everything_on_its_front(write_record: Write, build: Build) -> None:
    report = imported(*build([write_record()]), *retire(CLOZE, Text="DAWN-1: dawnol delayed relapse."))
    fronts = [card.question for card in report.cards_of(CLOZE)]
    assert len(fronts) == 2
    for front in fronts:
        shown, _, hidden = front.partition("<div hidden>")
        for said in (
            "Retired by the deck's author",
            "</span></span> 2026-01-01",
            "It was disproved.",
            "DAWN-1: dawnol delayed relapse.",
            "10.1000/dawn",
            CLOZE,
        ):
            assert said in shown
        # What Anki adds below it, that no deletion was found, falls into an element that is hidden.
        assert "No cloze" in hidden


def test_a_retired_cloze_note_is_empty_to_anki_once_its_deletions_are_gone(write_record: Write, build: Build) -> None:
    # Anki counts the deletions of such a note and never asks the template.
    package = build([write_record()])
    still = imported(*package, *retire(CLOZE))
    report = imported(*package, *retire(CLOZE, Text="Dawnol delayed relapse."))
    assert still.empty == []
    assert report.empty == [{"guid": guid_of(CLOZE), "ordinals": [0, 1], "whole_note": True}]


# --- From a saved page to cards, word for word.

PAGE = Path("..", "shared", "pages", "000_ad8784dade4e4d42.txt")


@pytest.fixture
def page(root: Path) -> Path:
    """The saved page of a trial; it is not part of the repository."""
    path = root / PAGE
    if not path.is_file():
        pytest.skip(f"the page {PAGE} is not beside the repository")
    pytest.importorskip("trialdeck.drafts.draft", reason="there is no reader of pages yet")
    return path


def test_a_page_becomes_cards_word_for_word(page: Path, build: Build, tmp_path: Path) -> None:
    record = tmp_path / "seeds" / "tourmaline-mm1.yaml"
    record.parent.mkdir()
    drafted = draft(page.read_bytes(), "tourmaline-mm1", None).text
    record.write_text(f"{drafted}cards: [significance, history]\n", encoding="utf-8")
    assert check([record]).errors == ()

    report = imported(*build([record]))
    lines = [plain(line) for line in page.read_text(encoding="utf-8").splitlines()]
    text = {(note.key, name): plain(html) for note in report.notes for name, html in note.fields.items()}
    questions = [note.key for note in report.notes if "/question/" in note.key]
    assert {text[key, "Question"]: text[key, "Response"] for key in questions} == questions_of(lines)
    assert len(questions) == 7

    # The page does not say in so many words what its own trial tested, so that there is no card of it.
    related = sorted(note.key for note in report.notes if note.notetype == "Trialdeck Trial")
    assert related == ["aspire/trial", "eloquent-2/trial", "pollux/trial"]
    assert {text[key, "Name"]: [text[key, name] for name in LANDSCAPE] for key in related} == related_of(lines)
    assert text["tourmaline-mm1/significance", "Response"] == lines[lines.index("Clinical Significance") + 1]
    assert text["tourmaline-mm1/history", "Response"] == lines[lines.index("Historical Context") + 1]
    assert report.empty == []


LANDSCAPE = ("Tested", "Population", "Comparator", "Endpoint")


def questions_of(lines: list[str]) -> dict[str, str]:
    """Return the questions of a page and their responses: what stands before and after each `Key Response`."""
    places = [place for place, line in enumerate(lines) if line == "Key Response"]
    return {lines[place - 1]: lines[place + 1] for place in places}


def related_of(lines: list[str]) -> dict[str, list[str]]:
    """Return the related trials of a page: a name, then each label with its text below it."""
    places = [place for place, line in enumerate(lines) if line == "Tested"]
    return {lines[place - 1]: lines[place + 1 : place + 9 : 2] for place in places}


def plain(html: str) -> str:
    """Return the text of a card's HTML: no tags, entities decoded, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
