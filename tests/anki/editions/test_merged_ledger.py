"""A ledger that git has merged: of a note with several lines the newest counts, everywhere, and nothing is guessed."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from anki_releases import NEWEST, REPORT, Report
from anki_releases import run as run_anki
from projects import DAY, NOW, Project
from trialdeck.apkg.reader import read_package
from trialdeck.cli import main
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions import ledger_file
from trialdeck.editions.ledger import Ledger, Line, latest, read_ledger
from trialdeck.editions.ledger_file import LedgerFile, open_ledger
from trialdeck.editions.maintenance import recovered
from trialdeck.editions.risks import REFUSED
from trialdeck.notes.note import guid_of
from trialdeck.records.settings import DeckDefinition, Split
from trialdeck.review.session import items_of

LATER = NOW + DAY
KEY = "dawn-1/question/why"
ONE_PACKAGE = DeckRequest((DeckDefinition("all", "All", split=Split.NONE),))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two trials, from within it."""
    made = Project(tmp_path)
    made.record("dawn-1")
    made.record("noon-1", related="{id: dusk-2, name: DUSK-2}")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str | Path, at: int = LATER) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], env={"SOURCE_DATE_EPOCH": str(at)})


def rows(project: Project) -> list[str]:
    return (project.decks / "ledger.jsonl").read_text(encoding="utf-8").splitlines()


def union(project: Project, *sides: Sequence[str]) -> None:
    """Write the ledger as a union of those of two branches."""
    merged = sorted({row for side in sides for row in side})
    (project.decks / "ledger.jsonl").write_text("".join(f"{row}\n" for row in merged), encoding="utf-8")


def branch(project: Project, at: int, change: Callable[[], object]) -> list[str]:
    """Change the project, build it, and return its ledger; the ledger is then as it was before."""
    before = (project.decks / "ledger.jsonl").read_bytes()
    change()
    # The packages of the other branch are still there.
    project.build(at, allow=("ledger-lost",))
    built = rows(project)
    (project.decks / "ledger.jsonl").write_bytes(before)
    return built


# one line for each note


def line(**more: object) -> Line:
    return replace(Line("a/summary", "g", "h", NOW, NOW), **more)


@pytest.mark.parametrize(
    ("lines", "merged"),
    [
        ([line(), line(hash="i", changed=LATER)], line(hash="i", changed=LATER)),
        ([line(changed=LATER), line(key="z/summary", hash="i")], line(changed=LATER)),
        ([line(), line(key="z/summary", changed=LATER)], line(key="z/summary", changed=LATER)),
        ([line(created=5, since="A"), line(created=9, changed=LATER, since="B")],
         line(created=5, changed=LATER, since="A")),
        ([line(retired="2026-09-21", hash="i", changed=LATER), line()],
         line(retired="2026-09-21", hash="i", changed=LATER)),
        ([line(retired="2026-09-21"), line(hash="i", changed=LATER)], line(hash="i", changed=LATER)),
        # The same second and another content: nothing is known of what a learner has.
        ([line(own="o"), line(own="p", hash="i")], line(hash="")),
        ([line(retired="2026-09-21", hash="i"), line()], line(hash="")),
        ([line(changed=5), line(), line(hash="i")], line(hash="")),
        ([line(), line(hash="i"), line(hash="j", changed=LATER)], line(hash="j", changed=LATER)),
        # The same second and the same content, beside shared content that no learner was sent.
        ([line(own="o"), line(own="o", hash="i", sent="h"), line(own="o", hash="j", sent="h")],
         line(own="o", hash="j", sent="h")),
        ([line(label="x"), line(label="y")], line(label="y")),
    ],
)  # fmt: skip
def test_lines_of_one_note_are_merged_in_any_order(lines: list[Line], merged: Line) -> None:
    others = [Line("b/summary", "other", "x", NOW, NOW)]
    for order in permutations(lines):
        assert latest([*order, *others]) == {"g": merged, "other": others[0]}
        assert latest([*order, *order]) == {"g": merged}


FEW_LINES = st.lists(
    st.builds(
        Line,
        key=st.sampled_from(["a/trial", "b/trial", "b/summary"]),
        guid=st.sampled_from("gh"),
        hash=st.sampled_from("xy"),
        created=st.integers(0, 2),
        changed=st.integers(3, 5),
        retired=st.sampled_from(["", "2026-09-21"]),
        kind=st.just("question"),
        own=st.sampled_from(["", "o"]),
        sent=st.sampled_from(["", "x"]),
        label=st.sampled_from(["", '"guid":"g"', "\u00e4\u2028"]),
    ),
    max_size=6,
)


@given(FEW_LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter_and_no_time_is_lost(lines: list[Line], dice: object) -> None:
    mixed = list(lines)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    merged = latest(lines)
    assert latest(mixed) == merged == latest(merged.values())
    for guid, found in merged.items():
        of_note = [each for each in lines if each.guid == guid]
        assert found.changed == max(each.changed for each in of_note)
        assert found.created == min(each.created for each in of_note)
        sent = {each.sent or each.hash for each in of_note if each.changed == found.changed}
        assert bool(found.hash) == (len(sent) == 1)


@given(FEW_LINES)
def test_a_ledger_is_the_same_read_whole_and_trial_by_trial(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Line]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    path.write_text("".join(sorted(f"{each.text}\n" for each in lines)), encoding="utf-8")
    with closing(open_ledger(path)) as opened:
        found = [each for trial in opened.parts for each in opened.lines(trial)]
    assert {each.guid: each for each in found} == read_ledger(path).lines
    assert len(found) == len({each.guid for each in found})


def test_one_line_a_note_in_order_is_not_read_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [Line(f"a/question/{number:04}", str(number), "h", NOW, NOW) for number in range(2000)]
    path = tmp_path / "ledger.jsonl"
    path.write_text(Ledger({each.guid: each for each in lines}).text, encoding="utf-8")
    monkeypatch.setattr(ledger_file, "latest", None)
    with closing(open_ledger(path)) as opened:
        assert isinstance(opened, LedgerFile)
        assert opened.lines("a") == lines


def test_hashes_that_collide_cost_time_and_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [Line(f"a/question/{number}", str(number), "h", NOW, NOW) for number in range(5)]
    path = tmp_path / "ledger.jsonl"
    path.write_text(Ledger({each.guid: each for each in lines}).text, encoding="utf-8")
    monkeypatch.setattr(ledger_file, "hash", lambda _: 7, raising=False)
    with closing(open_ledger(path)) as opened:
        assert opened.lines("a") == lines


# branches that are built again after their merge


@pytest.mark.parametrize("renamed_at", [LATER, LATER + 60])
@pytest.mark.parametrize("at", [LATER + DAY, LATER, NOW - DAY])
def test_a_note_under_two_ids_of_one_trial_is_taken_as_it_was_changed_last(
    renamed_at: int, at: int, project: Project
) -> None:
    """One branch renames the question at one time or another, the other one rewords it half a minute later."""
    project.build()
    renamed = {"why_id": "  - id: how\n    formerly: [why]\n"}
    one = branch(project, renamed_at, lambda: project.record("dawn-1", **renamed))
    other = branch(project, LATER + 30, lambda: project.record("dawn-1", response="It blocks"))
    union(project, one, other)
    project.record("dawn-1", response="It blocks", **renamed)
    project.build(at, allow=REFUSED)
    [found] = [each for each in project.ledger.notes if each.guid == guid_of(KEY)]
    assert found.key == "dawn-1/question/how"
    assert found.changed == max(at, renamed_at + 1, LATER + 31)
    assert not project.build(at + DAY).counts


@pytest.mark.parametrize("apart", [0, 60, -60])
@pytest.mark.parametrize("answer", ["It blocks", "It holds", "It binds", "It is between"])
def test_what_the_merge_says_reaches_learners_of_both_branches(apart: int, answer: str, project: Project) -> None:
    project.build()
    one = branch(project, LATER, lambda: project.record("dawn-1", response="It blocks"))
    other = branch(project, LATER + apart, lambda: project.record("dawn-1", response="It holds"))
    union(project, one, other)
    project.record("dawn-1", response=answer)
    newest = max(LATER, LATER + apart)
    kept = {60: "It holds", -60: "It blocks"}.get(apart)
    counts = project.build(newest).counts
    assert (counts.changed, project.line(KEY).changed) == ((0, newest) if answer == kept else (1, newest + 1))
    assert not project.build(newest + DAY).counts


@pytest.mark.parametrize("apart", [0, 60, -60])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_note_that_one_branch_retired_and_the_other_changed(apart: int, is_kept: bool, project: Project) -> None:
    project.build()
    one = branch(project, LATER, lambda: project.record("dawn-1", why=""))
    other = branch(project, LATER + apart, lambda: project.record("dawn-1", response="It holds"))
    union(project, one, other)
    project.record("dawn-1", **({"response": "It holds"} if is_kept else {"why": ""}))
    project.build(LATER + DAY, allow=REFUSED)
    found = project.line(KEY)
    is_as_before = (apart > 0) if is_kept else (apart < 0)
    assert bool(found.retired) != is_kept
    assert found.changed == (LATER + max(apart, 0) if is_as_before else LATER + DAY)
    assert (project.opened("dawn-1").notes[KEY]["Retired"] != "") != is_kept


def test_shared_content_of_two_branches_overwrites_no_learners_note(project: Project) -> None:
    project.build()
    one = branch(project, LATER, lambda: project.edit("dawn-1", title="Early Dawnol"))
    before = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    other = branch(
        project, LATER, lambda: project.text("dawn-1", before.replace("comparator: Placebo", "comparator: Sleep"))
    )
    union(project, one, other)
    counts = project.build(LATER + DAY).counts
    assert project.line(KEY).changed == NOW
    assert counts.changed <= 1  # the note of the trial itself owns both


def test_both_branches_add_the_same_question(project: Project) -> None:
    project.record("dawn-1", why="")
    project.build()
    one = branch(project, LATER, lambda: project.record("dawn-1"))
    other = branch(project, LATER + 60, lambda: project.record("dawn-1", response="It holds"))
    union(project, one, other)
    project.build(LATER + DAY)
    found = project.line(KEY)
    assert (found.created, found.changed) == (LATER, LATER + 60)
    assert not project.build(LATER + 2 * DAY).counts


# several trials


def once_in_all(project: Project, *keys: str) -> None:
    """Nothing stands twice: not in the ledger, in no package, and not in Anki."""
    guids = [json.loads(row)["guid"] for row in rows(project)]
    assert len(guids) == len(set(guids))
    packages = sorted(project.decks.glob("*.apkg"))
    for path in packages:
        notes = [note.guid for note in read_package(path).notes]
        assert len(notes) == len(set(notes)), path.name
    *_, report = run_anki(NEWEST, *packages, REPORT)
    assert isinstance(report, Report)
    assert len({note.guid for note in report.notes}) == len(report.notes)
    for key in keys:
        assert not report.note(key).fields["Retired"]


RENAMED = ("id: dawn-1\n", "id: dawn-x\nformerly: [dawn-1]\n")


@pytest.mark.parametrize("apart", [0, 60, -60])
@pytest.mark.parametrize("is_renamed", [True, False])
def test_a_trial_that_one_branch_renamed_and_the_other_changed(apart: int, is_renamed: bool, project: Project) -> None:
    """In the merged project the trial has its new id, or its old one; its notes are the same notes in both cases."""
    project.build(wanted=ONE_PACKAGE)
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    one = branch(project, LATER, lambda: project.text("dawn-1", text.replace(*RENAMED)))
    other = branch(project, LATER + apart, lambda: project.text("dawn-1", text.replace("It binds", "It holds")))
    union(project, one, other)
    merged = text.replace("It binds", "It holds")
    project.text("dawn-1", merged.replace(*RENAMED) if is_renamed else merged)
    project.build(LATER + DAY, wanted=ONE_PACKAGE)
    key = KEY.replace("dawn-1", "dawn-x") if is_renamed else KEY
    assert project.line(key).guid == guid_of(KEY)
    assert project.line(key).created == NOW
    assert not project.ledger.retired
    once_in_all(project, key)
    assert not project.build(LATER + 2 * DAY, wanted=ONE_PACKAGE).counts


def test_a_renamed_trial_that_gets_its_old_id_back_is_the_same_trial(project: Project) -> None:
    project.build(wanted=ONE_PACKAGE)
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    project.text("dawn-1", text.replace(*RENAMED))
    project.build(LATER, wanted=ONE_PACKAGE)
    project.text("dawn-1", text)
    counts = project.build(LATER + DAY, wanted=ONE_PACKAGE).counts
    assert (counts.new, counts.retired) == (0, 0)
    assert {each.created for each in project.ledger.notes} == {NOW}
    once_in_all(project, KEY)


def test_a_trial_that_both_branches_renamed_in_two_ways(project: Project) -> None:
    project.build(wanted=ONE_PACKAGE)
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    one = branch(project, LATER, lambda: project.text("dawn-1", text.replace(*RENAMED)))
    other_id = (RENAMED[0], RENAMED[1].replace("dawn-x", "dawn-y"))
    other = branch(project, LATER + 60, lambda: project.text("dawn-1", text.replace(*other_id)))
    union(project, one, other)
    project.text("dawn-1", text.replace(*RENAMED))
    project.build(LATER + DAY, wanted=ONE_PACKAGE)
    assert {each.trial for each in project.ledger.notes} == {"dawn-x", "noon-1", "dusk-2"}
    once_in_all(project, "dawn-x/question/why")


@pytest.mark.parametrize("is_built_between", [False, True])
def test_a_question_with_a_guid_of_its_own_moves_to_another_record(is_built_between: bool, project: Project) -> None:
    own = "  - id: own\n    guid: p3Q%8Y|x\n    perspective: clinical\n    question: Whose?\n    response: Mine.\n"
    texts = {name: (project.seeds / f"{name}.yaml").read_text(encoding="utf-8") for name in ("dawn-1", "noon-1")}
    project.text("noon-1", texts["noon-1"].replace("related_trials:", f"{own}related_trials:"))
    project.build(wanted=ONE_PACKAGE)
    project.text("noon-1", texts["noon-1"])
    if is_built_between:
        project.build(LATER, wanted=ONE_PACKAGE)
        assert [each.key for each in project.ledger.retired] == ["noon-1/question/own"]
    project.text("dawn-1", texts["dawn-1"].replace("related_trials:", f"{own}related_trials:"))
    counts = project.build(LATER + DAY, wanted=ONE_PACKAGE).counts
    assert (counts.new, counts.retired, counts.changed + counts.returned) == (0, 0, 1)
    found = project.line("dawn-1/question/own")
    assert (found.guid, found.created) == ("p3Q%8Y|x", NOW)
    once_in_all(project, "dawn-1/question/own")
    assert not project.build(LATER + 2 * DAY, wanted=ONE_PACKAGE).counts


# what else reads a ledger


def two_ids(project: Project) -> None:
    """The ledger has the question of KEY retired under a newer id, and live under its own."""
    project.build()
    renamed = project.line(KEY)
    stone = replace(renamed, key="dawn-1/question/how", first=KEY, retired="2026-09-22", changed=LATER, hash="i")
    union(project, rows(project), [stone.text])


def test_retire_lists_and_forgets_a_note_under_two_ids_once(project: Project) -> None:
    two_ids(project)
    assert run("retire").output == "2026-09-22  dawn-1/question/how  Why does dawnol work?\n"
    assert run("retire", "--forget", KEY).exit_code == 1
    assert run("retire", "--forget", "dawn-1/question/how").exit_code == 0
    assert not [each for each in project.ledger.notes if each.guid == guid_of(KEY)]


def test_diff_tells_of_a_note_under_two_ids_once(project: Project) -> None:
    two_ids(project)
    shown = json.loads(run("diff", "--format", "json").stdout)
    assert json.dumps(shown).count(guid_of(KEY)) == 1
    assert [each["name"] for each in shown["returned"]] == [KEY]


def test_pull_takes_no_note_that_branches_disagree_on_for_an_edit(project: Project) -> None:
    """It is of an edition that the merged ledger cannot name: build first."""
    project.build()
    one = branch(project, LATER, lambda: project.record("dawn-1", response="It blocks"))
    package = project.folder / "one.apkg"
    package.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    other = branch(project, LATER, lambda: project.record("dawn-1", response="It holds"))
    union(project, one, other)
    result = run("pull", package)
    assert result.exit_code == 0
    assert "of another edition" in result.output
    assert "0 conflicts, 1 left alone" in result.output


def test_a_review_under_an_earlier_id_of_the_trial_is_still_known_to_be_outdated(project: Project) -> None:
    project.record("dawn-1", status="status: reviewed, by: A. Reader, on: 2026-09-19")
    project.build()
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    project.text("dawn-1", text.replace(*RENAMED).replace("It binds", "It holds"))
    assert "[TD503] reviewed on 2026-09-19, but 'Why does dawnol work?'" in run("check", "--select", "TD503").output
    items = items_of(project.seeds / "dawn-1.yaml", date(2026, 9, 25), 730)
    assert any("was changed since the last build" in item.earlier for item in items)


def test_packages_of_two_branches_give_a_ledger_that_knows_nothing_of_what_differs(project: Project) -> None:
    project.build()
    packages = []
    for answer in ("It blocks", "It holds"):
        branch(project, LATER, lambda answer=answer: project.record("dawn-1", response=answer))  # type: ignore[misc]
        packages.append(project.folder / f"{answer}.apkg")
        packages[-1].write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    for some in (packages, packages[::-1]):
        found = recovered(map(read_package, some))
        assert [each.key for each in found.notes if not each.hash] == [KEY]
