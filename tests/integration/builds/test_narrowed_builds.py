"""A build that takes a part of the project: it announces, counts and remembers what it wrote, and nothing else."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from projects import DAY, NOW, Project
from trialdeck.cli import main

LATER, LATEST = NOW + DAY, NOW + 2 * DAY
NOON = """\
format: 1
id: noon-1
acronym: NOON-1
title: Noonol
topics: [noon]
tested: Noonol
summary: Noon came.
questions:
  - {id: what, perspective: reviewer, question: What limits NOON-1?, response: Nobody was blinded.}
related_trials:
  - {id: dusk-3, name: DUSK-3, tested: Duskamab}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two records, from within it."""
    made = Project(tmp_path)
    made.record("dawn-1")
    made.text("noon-1", NOON)
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str, at: int = NOW) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"SOURCE_DATE_EPOCH": str(at)})


def built(*arguments: str, at: int = NOW) -> Result:
    done = run("build", *arguments, at=at)
    assert done.exit_code == 0, done.output
    return done


def keys(project: Project) -> set[str]:
    return {line.key for line in project.ledger.notes}


def packed(project: Project) -> set[str]:
    """The keys of the notes that any package has."""
    return {key for package in project.packages.values() for key in package.notes}


@pytest.mark.parametrize(
    "options",
    [
        ("--perspective", "reviewer"),
        ("--perspective", "mechanism", "--perspective", "reviewer"),
        ("--audience", "fellow"),
        ("--specialty", "oncology"),
        ("--by", "perspective", "--perspective", "clinical"),
        ("seeds/noon-1.yaml",),
        ("seeds/noon-1.yaml", "--perspective", "clinical"),
    ],
    ids=" ".join,
)
def test_the_ledger_and_the_release_notes_have_what_the_packages_have(
    project: Project, options: tuple[str, ...]
) -> None:
    done = built(*options)
    assert keys(project) == packed(project)
    assert done.stdout.splitlines()[-1] == f"notes: {len(packed(project))} new"
    for key in packed(project):
        assert key in project.notes or f"`{key.partition('/')[0]}`: " in project.notes


def test_the_rest_is_new_once_it_is_built(project: Project) -> None:
    built("--perspective", "reviewer")
    first = keys(project)
    done = built(at=LATER)
    assert first < keys(project) == packed(project)
    assert done.stdout.splitlines()[-1] == f"notes: {len(keys(project) - first)} new"
    assert {line.key for line in project.ledger.notes if line.created == NOW} == first


def test_an_edit_outside_of_a_narrowed_build_waits_for_the_whole_one(project: Project) -> None:
    built()
    project.edit("dawn-1", response="It blocks")
    summary = run("diff", at=LATER).stdout.splitlines()[-1]
    assert built("--perspective", "reviewer", at=LATER).stdout.splitlines()[-1] == "no note has changed"
    assert project.line("dawn-1/question/why").changed == NOW
    assert run("diff", at=LATER).stdout.splitlines()[-1] == summary
    assert built(at=LATEST).stdout.splitlines()[-1] == "notes: 1 changed"
    assert project.line("dawn-1/question/why").changed == LATEST


@pytest.mark.parametrize(
    "options",
    [("--reviewed-only",), ("--perspective", "reviewer"), ("--deck", "views", "--reviewed-only")],
    ids=" ".join,
)
def test_a_narrowed_build_is_no_difference_to_the_records(project: Project, options: tuple[str, ...]) -> None:
    """It leaves notes out of the packages that it writes, and does not rebuild the others."""
    project.define("views", "name: Views", "split: perspective")
    project.define("trials", "name: Trials", "split: trial")
    reviewed = ", review: {status: reviewed, by: A. B., on: 2026-09-01}}\nrelated"
    project.text("noon-1", NOON.replace("}\nrelated", reviewed))
    built()
    assert built(*options, at=LATER).stdout.splitlines()[-1] == "no note has changed"
    assert run("diff", at=LATEST).stdout == "no differences\n"


def test_a_move_names_the_decks_that_differ(project: Project) -> None:
    project.define("views", "name: Views", "split: perspective")
    project.define("trials", "name: Trials", "split: trial")
    built()
    project.define("trials", "name: Studies", "split: trial")
    told = run("diff", at=LATER).stdout
    moved = "  noon-1/question/what: Landmark Trials::Trials::NOON-1 → Landmark Trials::Studies::NOON-1\n"
    assert moved in told
    assert "Views" not in told


def test_what_is_taken_out_is_retired_by_the_build_that_says_so(project: Project) -> None:
    built()
    record = project.seeds / "noon-1.yaml"
    text = record.read_text(encoding="utf-8")
    start, end = text.index("questions:"), text.index("related_trials:")
    record.write_text(text[:start] + text[end:], encoding="utf-8")
    built("--perspective", "mechanism", at=LATER)
    assert not project.line("noon-1/question/what").retired
    assert built("--perspective", "reviewer", at=LATER).stdout.splitlines()[-1] == "notes: 1 retired"
    assert project.line("noon-1/question/what").retired


def test_what_is_taken_out_of_another_record_waits_for_its_build(project: Project) -> None:
    built()
    project.edit("dawn-1", why="")
    summary = run("diff", at=LATER).stdout.splitlines()[-1]
    done = built("seeds/noon-1.yaml", at=LATER)
    assert done.stdout.splitlines()[-1] == "no note has changed"
    assert "Retired" not in project.notes
    assert run("diff", at=LATER).stdout.splitlines()[-1] == summary
    assert built(at=LATEST).stdout.splitlines()[-1] == "notes: 1 retired"
    assert project.opened("dawn-1").notes["dawn-1/question/why"]["Retired"]


def test_a_trial_without_a_record_belongs_to_the_records_that_name_it(project: Project) -> None:
    built("seeds/noon-1.yaml")
    assert "dusk-3/trial" in keys(project)
    assert "dusk-2/trial" not in keys(project)


@pytest.mark.parametrize("built_before", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("mode", [(), ("--dry-run",), ("--check",)], ids=["build", "dry-run", "check"])
def test_filters_that_nothing_passes_get_one_answer(
    project: Project, mode: tuple[str, ...], built_before: bool
) -> None:
    if built_before:
        built()
    before = contents(project)
    done = run("build", "--perspective", "mechanism", "seeds/noon-1.yaml", *mode, at=LATER)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == ["error: no note passes the filters", "    take fewer filters, or others"]
    assert contents(project) == before


def contents(project: Project) -> dict[Path, bytes]:
    """All files of a project but the lock of its builds."""
    files = (path for path in project.folder.rglob("*") if path.is_file() and path.name != ".trialdeck.lock")
    return {path: path.read_bytes() for path in files}


# --- A trial that no deck takes.


@pytest.fixture
def decided(project: Project) -> Project:
    """The same with a deck for the topic of one record."""
    project.define("examples", "name: Examples", "select: {topics: [example-disease]}", "split: trial")
    return project


def test_a_trial_that_no_deck_takes_is_not_announced(decided: Project) -> None:
    done = built()
    assert keys(decided) == packed(decided)
    assert not any(key.startswith(("noon-1/", "dusk-3/")) for key in keys(decided))
    assert "noon-1" not in decided.notes
    assert done.stderr.splitlines() == [
        "warning: 1 trial is in no deck, and learners will not get it: noon-1",
        "    give it a topic that a deck selects, or name it in a deck definition",
    ]
    # Also not on the fast path of a build that changes nothing, nor by a dry run.
    assert run("build", "--check", at=LATER).stdout == "everything is up to date\n"
    assert built(at=LATER).stdout.splitlines()[-1] == "no note has changed"


def test_check_warns_of_a_trial_that_no_deck_takes(decided: Project) -> None:
    assert run("check", "--select", "TD410").stdout.splitlines()[:4] == [
        "seeds/noon-1.yaml:2:5: warning [TD410] no deck takes this trial (topic noon), so learners will not get it",
        "   2 | id: noon-1",
        "     |     ^~~~~~",
        "    give it a topic that a deck selects, or name its id under `select: {trials: […]}` of a deck",
    ]
    assert run("check", "--strict").exit_code == 1


def test_nothing_is_said_where_every_trial_is_taken_or_no_deck_is_defined(decided: Project) -> None:
    decided.define("noon", "name: Noon", "select: {trials: [noon-1]}")
    assert "TD410" not in run("check").stdout
    assert built().stderr == ""
    for path in decided.decks.glob("*.yaml"):
        path.unlink()
    assert "TD410" not in run("check").stdout


def test_a_narrowed_build_says_nothing_of_what_it_was_not_asked_for(decided: Project) -> None:
    assert built("--perspective", "reviewer").stderr == ""
    assert built("seeds/noon-1.yaml").stderr == ""


def test_a_topic_that_brings_a_trial_into_a_deck_announces_it(decided: Project) -> None:
    built()
    record = decided.seeds / "noon-1.yaml"
    record.write_text(NOON.replace("[noon]", "[noon, example-disease]"), encoding="utf-8")
    done = built(at=LATER)
    assert done.stderr == ""
    assert {"noon-1/trial", "noon-1/question/what", "dusk-3/trial"} <= packed(decided) == keys(decided)
    assert "`noon-1`" in decided.notes
