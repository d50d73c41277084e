"""What an update sends to learners: own content at once, shared content with the next own change or `--refresh`."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from editions import RECORDS
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.editions.ledger import Line
from trialdeck.project.build_result import RefusedReleaseError

LATER, LATEST = NOW + DAY, NOW + 2 * DAY

SHARED: Mapping[str, tuple[str, str]] = {
    "comparator": ("comparator: Placebo", "comparator: Dawnol at a low dose"),
    "population": ("population: Adults with example disease", "population: Adults with severe example disease"),
    "doi": ("doi: 10.1000/dawn", "doi: 10.1000/dawn.2"),
    "citation": ("source: {doi", "source: {citation: Doe J. J Ex 2020;1:1-9., doi"),
    "arm size": ("name: placebo, n: 99", "name: placebo, n: 98"),
    "review": ("review: {status: unreviewed}", "review: {status: reviewed, by: Jane Doe, on: 2026-09-01}"),
    "topics": ("topics: [example-disease]", "topics: [example-disease, relapse]"),
    "specialties": ("specialties: [cardiology]", "specialties: [cardiology, oncology]"),
}
"""Edits of what all notes of a trial show: the text in the record, and what takes its place."""

OWN_OF_TRIAL = {"comparator": "dawn-1/trial", "population": "dawn-1/trial", "arm size": "dawn-1/result/rfs"}
"""Which note says such a fact itself, so that it is the note's own content."""

OWN: Mapping[str, tuple[tuple[str, str], set[str]]] = {
    "a question": (("Why does dawnol work?", "How does dawnol work?"), {"question/why"}),
    "a response": (("It binds **dawnin**.", "It blocks **dawnin**."), {"question/why"}),
    "a perspective": (
        ("  - id: whom\n    perspective: clinical", "  - id: whom\n    perspective: reviewer"),
        {"question/whom"},
    ),
    "an audience": (("audience: [student]", "audience: [fellow]"), {"question/why"}),
    "an entry's own source": (
        (
            "    question: Whom does dawnol help?",
            "    source: {doi: 10.1000/whom}\n    question: Whom does dawnol help?",
        ),
        {"question/whom"},
    ),
    "specialties of a takeaway": (("specialties: [oncology]", "specialties: [hematology]"), {"takeaway/start"}),
    "a data cut that two notes name": (
        ("data_cut: Primary analysis", "data_cut: Final analysis"),
        {"result/rfs", "key-findings/points", "key-findings/relapse/cloze/delay"},
    ),
    "a dispute of an entry": (
        (
            "    question: Whom does dawnol help?",
            "    review: {status: disputed, by: Jane Doe, on: 2026-09-01}\n    question: Whom does dawnol help?",
        ),
        {"question/whom"},
    ),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of one record, built once, from within it."""
    made = Project(tmp_path)
    made.record("dawn-1")
    monkeypatch.chdir(tmp_path)
    made.build(NOW)
    return made


def rewrite(project: Project, old: str, new: str) -> None:
    record = project.seeds / "dawn-1.yaml"
    text = record.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    record.write_text(text.replace(old, new), encoding="utf-8")


def updated(project: Project, since: int) -> set[str]:
    """The keys of the notes that Anki would update: those whose time in the package is `since` or later."""
    package = project.opened("dawn-1")
    assert {key: project.line(key).changed for key in package.notes} == package.changed
    return {key for key, changed in package.changed.items() if changed >= since}


def pending(project: Project) -> dict[str, Line]:
    return {line.key: line for line in project.ledger.notes if line.is_pending}


def run(*arguments: str, at: int = LATER) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"SOURCE_DATE_EPOCH": str(at)})


@pytest.mark.parametrize("name", SHARED)
def test_shared_content_updates_no_note_but_the_one_that_says_it(project: Project, name: str) -> None:
    rewrite(project, *SHARED[name])
    project.build(LATER)
    assert updated(project, LATER) == ({OWN_OF_TRIAL[name]} if name in OWN_OF_TRIAL else set())
    assert len(pending(project)) >= 5


@pytest.mark.parametrize("name", SHARED)
def test_new_learners_get_the_shared_content_as_it_is_now(project: Project, name: str) -> None:
    rewrite(project, *SHARED[name])
    project.build(LATER)
    rebuilt = project.opened("dawn-1")
    fresh = Project(project.folder / "fresh")
    fresh.text("dawn-1", (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8"))
    fresh.build(LATER)
    assert rebuilt.notes == fresh.opened("dawn-1").notes


@pytest.mark.parametrize("name", OWN)
def test_own_content_updates_the_notes_that_say_it(project: Project, name: str) -> None:
    change, keys = OWN[name]
    rewrite(project, *change)
    project.build(LATER)
    assert updated(project, LATER) == {f"dawn-1/{key}" for key in keys}


def test_shared_content_travels_with_the_next_own_change(project: Project) -> None:
    rewrite(project, *SHARED["doi"])
    project.build(LATER)
    before = pending(project)
    rewrite(project, *OWN["a response"][0])
    project.build(LATEST)
    assert updated(project, LATER) == {"dawn-1/question/why"}
    assert "10.1000/dawn.2" in project.opened("dawn-1").notes["dawn-1/question/why"]["Source"]
    assert pending(project).keys() == before.keys() - {"dawn-1/question/why"}


def test_a_change_that_is_taken_back_is_pending_no_more(project: Project) -> None:
    shipped = project.ledger
    rewrite(project, *SHARED["doi"])
    project.build(LATER)
    assert pending(project)
    rewrite(project, *reversed(SHARED["doi"]))
    project.build(LATEST)
    # New learners may have got either text.
    assert {guid: replace(line, published=()) for guid, line in project.ledger.lines.items()} == {
        guid: replace(line, published=()) for guid, line in shipped.lines.items()
    }
    why = project.line("dawn-1/question/why")
    assert set(shipped.lines[why.guid].published) < set(why.published)


def test_what_learners_were_sent_is_known_through_several_changes(project: Project) -> None:
    sent = project.line("dawn-1/question/why").hash
    for number, time in ((2, LATER), (3, LATEST)):
        rewrite(project, f"doi: 10.1000/dawn{'' if number == 2 else '.2'},", f"doi: 10.1000/dawn.{number},")
        project.build(time)
        assert project.line("dawn-1/question/why").sent == sent


def test_refresh_sends_what_is_pending_and_nothing_else(project: Project) -> None:
    project.text("noon-1", "format: 1\nid: noon-1\ntitle: Noon\ntested: Noonol\nsummary: Noon came.\n")
    project.build(NOW + 1)
    rewrite(project, *SHARED["doi"])
    done = run("build", "--refresh", "dawn-1")
    assert done.exit_code == 0, done.output
    changed = {line.key for line in project.ledger.notes if line.changed >= LATER}
    # The note of DUSK-2, a trial without a record, names the publication of DAWN-1; DUSK-2 was not refreshed.
    assert changed == {line.key for line in project.ledger.notes if line.trial == "dawn-1"}
    assert set(pending(project)) == {"dusk-2/trial"}
    assert run("build", "--refresh", at=LATEST).exit_code == 0
    assert not pending(project)
    assert {line.key for line in project.ledger.notes if line.changed >= LATEST} == {"dusk-2/trial"}


def test_refresh_after_a_build_sends_what_that_build_left(project: Project) -> None:
    rewrite(project, *SHARED["doi"])
    assert run("build").exit_code == 0
    assert not updated(project, LATER)
    assert run("build", "--refresh", at=LATEST).exit_code == 0
    assert updated(project, LATEST) == set(project.opened("dawn-1").notes)


def test_nothing_to_refresh_changes_nothing(project: Project) -> None:
    before = (project.decks / "ledger.jsonl").read_bytes()
    done = run("build", "--refresh")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "no note has changed")
    assert (project.decks / "ledger.jsonl").read_bytes() == before


def test_a_build_says_what_waits_and_how_to_send_it(project: Project) -> None:
    rewrite(project, *SHARED["doi"])
    lines = run("build").stdout.splitlines()
    facts = f"{len(pending(project))} notes carry new facts of dawn-1, dusk-2"
    assert f"low risk, facts-shared: {facts}; learners who have these notes are not sent them" in lines
    assert lines[-1] == "no note has changed"
    # Only what this build brings is said.
    assert "new facts" not in run("build", at=LATEST).stdout


def test_refresh_takes_a_record_for_its_trial(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.seeds)
    rewrite(project, *SHARED["doi"])
    project.build(LATER)
    done = run("build", "--refresh", "dawn-1.yaml", at=LATEST)
    assert done.exit_code == 0, done.output
    assert set(pending(project)) == {"dusk-2/trial"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("dawn-2", "did you mean 'dawn-1'?"), ("seeds", "trials are named by their id, such as 'dawn-1'")],
)
def test_a_trial_that_is_not_there_cannot_be_refreshed(project: Project, name: str, hint: str) -> None:
    done = run("build", "--refresh", name)
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [f"error: there is no trial '{name}'", f"    {hint}"]


def test_refresh_and_watch_exclude_each_other(project: Project) -> None:
    done = run("build", "--refresh", "--watch")
    assert done.exit_code == 2
    assert "--refresh is for one build: leave out --watch" in done.stderr


def test_a_dry_run_says_the_same(project: Project) -> None:
    rewrite(project, *SHARED["doi"])
    planned = run("build", "--dry-run").stdout.splitlines()
    written = run("build").stdout.splitlines()
    assert [line for line in planned if "new facts" in line] == [line for line in written if "new facts" in line]


# --- A ledger of trialdeck 0.4 or older does not know what is own.


def older(project: Project) -> None:
    """Make the ledger what an older trialdeck would have written."""
    path = project.decks / "ledger.jsonl"
    lines = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    rows = [json.dumps({k: v for k, v in line.items() if k != "own"}, separators=(",", ":")) for line in lines]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def test_an_older_ledger_is_completed_without_touching_a_note(project: Project) -> None:
    shipped = (project.decks / "ledger.jsonl").read_bytes()
    older(project)
    assert not project.line("dawn-1/question/why").own
    project.build(LATER)
    assert (project.decks / "ledger.jsonl").read_bytes() == shipped


def test_what_differs_from_an_older_ledger_is_sent(project: Project) -> None:
    older(project)
    rewrite(project, *OWN["a response"][0])
    project.build(LATER)
    assert updated(project, LATER) == {"dawn-1/question/why"}


# --- Ledgers and packages that releases wrote for the project of `editions`, kept as they were.

OLD = sorted((Path(__file__).parent / "ledgers").iterdir())
NEW_FORM = {"ember-3/result/late", "ember-3/result/warm"}
"""The card of a result has another form since note types 1.0."""
LISTS = {"ember-3/design", "ember-3/key-findings", "ember-3/limitations", "frost-1/limitations", "gale-2/key-findings"}
"""A list that is asked is another note since 1.0, with a card a point: the former one is retired."""


@pytest.mark.parametrize("with_packages", [True, False], ids=["packages", "ledger-alone"])
@pytest.mark.parametrize("release", OLD, ids=lambda path: path.name)
def test_an_upgrade_touches_no_note_whose_content_is_the_same(
    release: Path, with_packages: bool, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    for trial, text in RECORDS.items():
        project.text(trial, text)
    project.decks.mkdir()
    for path in release.iterdir():
        if with_packages or path.suffix == ".jsonl":
            shutil.copy(path, project.decks)
    former = {line.guid: line.changed for line in project.ledger.notes}
    if not with_packages:
        # Without packages nothing tells that only what stands on all cards of a trial differs, and a build stops.
        with pytest.raises(RefusedReleaseError, match="unusual-share"):
            project.build(LATER)
        return
    project.build(LATER)
    touched = {line.key for line in project.ledger.notes if line.changed != former.get(line.guid)}
    assert touched == NEW_FORM | LISTS | {f"{name}/points" for name in LISTS}
    assert {line.key for line in project.ledger.retired} == LISTS
    assert all(line.own for line in project.ledger.notes)


def test_the_kept_ledgers_are_of_the_first_and_the_last_release() -> None:
    # 0.2 and 0.3 wrote the same bytes as 0.4.
    assert [path.name for path in OLD] == ["0.1", "0.4"]
