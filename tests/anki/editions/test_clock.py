"""A ledger with times after now: it is warned about, and two commands set it back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from anki_releases import NEWEST, REPORT, set_field
from anki_releases import run as run_anki
from packages import open_package
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.editions.clock import TOLERANCE, ClockAhead, ahead, ahead_in, clamped
from trialdeck.editions.ledger import LATEST, Ledger, Line
from trialdeck.editions.next_edition import day_of
from trialdeck.editions.tombstone import tombstone
from trialdeck.project import build as building
from trialdeck.project import next_ledger as ledgers
from trialdeck.project.context import BuildOptions

AHEAD = NOW + 1500 * DAY
"""2030-10-30."""
KEY = "dawn-1/question/why"
HINT = (
    "run `trialdeck ledger clamp` if the packages were never shared; "
    "else `trialdeck ledger rebuild --force old/*.apkg` with all packages of the last edition before that"
)
ONE = (
    "1 note counts as changed up to 2030-10-30, which is after now: "
    "until then every import overwrites what learners wrote"
)
ALL = "19 notes and 3 note types count as changed up to 2030-10-30, which is after now: "


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two trials, from within it."""
    made = Project(tmp_path)
    made.record("dawn-1")
    made.record("noon-1")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str | Path, at: int = NOW + DAY) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], env={"SOURCE_DATE_EPOCH": str(at)})


def changed_ahead(project: Project) -> None:
    """One note is changed with a clock that is years ahead."""
    project.build()
    project.record("dawn-1", response="It blocks")
    project.build(AHEAD)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# what is ahead


def line(key: str, changed: int, **more: Any) -> Line:
    return Line(key, key, "h", NOW, changed, **more)


@pytest.mark.parametrize(("by", "is_ahead"), [(-1, False), (0, False), (TOLERANCE, False), (TOLERANCE + 1, True)])
def test_clocks_may_differ_by_an_hour(by: int, is_ahead: bool, tmp_path: Path) -> None:
    lines = [line("a/summary", NOW - 5), line("a/trial", NOW + by)]
    path = tmp_path / "ledger.jsonl"
    path.write_text(Ledger({each.guid: each for each in lines}).text, encoding="utf-8")
    expected = ClockAhead(1, 0, NOW + by) if is_ahead else None
    assert ahead(lines, NOW) == expected
    assert ahead_in(path, NOW) == (replace(expected, line=2) if expected else None)


def test_what_is_ahead_is_counted_by_kind_and_each_note_once(tmp_path: Path) -> None:
    lines = [line(":notetype/cloze", AHEAD), line("a/b", AHEAD - 1), line("a/c", NOW), line("a/d", AHEAD)]
    path = tmp_path / "ledger.jsonl"
    label = line("z/d", AHEAD, label='"changed":99999999999999')
    rows = [*lines, replace(label, guid="a/d"), line("a/e", NOW, label='a "guid":"x" with "changed":99999999999999')]
    path.write_text("broken\n" + "".join(f"{each.text}\n" for each in rows), encoding="utf-8")
    assert ahead(lines, NOW) == ClockAhead(2, 1, AHEAD)
    assert ahead_in(path, NOW) == ClockAhead(2, 1, AHEAD, line=2)
    assert ahead_in(tmp_path / "nowhere.jsonl", NOW) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ClockAhead(1, 0, AHEAD), "1 note counts as changed up to 2030-10-30, which"),
        (ClockAhead(0, 1, AHEAD), "1 note type counts as changed up to 2030-10-30, which"),
        (ClockAhead(2, 3, AHEAD), "2 notes and 3 note types count as changed up to 2030-10-30, which"),
        (ClockAhead(2, 0, AHEAD * 1000), "2 notes count as changed up to 9999-12-31, which"),
    ],
)
def test_the_message_counts_and_names_the_day(found: ClockAhead, words: str) -> None:
    assert found.message.startswith(words)


# check and build


def test_check_warns_with_the_line_of_the_ledger(project: Project) -> None:
    changed_ahead(project)
    rows = (project.decks / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    number = next(number for number, row in enumerate(rows, start=1) if str(AHEAD) in row)
    for arguments in (["check"], ["check", "seeds/noon-1.yaml"], ["check", project.decks.parent]):
        result = run(*arguments, "--select", "TD420")
        assert result.exit_code == 0
        assert f"decks/ledger.jsonl:{number}:1: warning [TD420] {ONE}\n" in result.output
        assert f"\n    {HINT}\n" in result.output
        assert "0 errors, 1 warning" in result.output
    assert run("check", "--strict").exit_code == 1
    assert "TD420" not in run("check", "--ignore", "TD4").output
    [problem] = json.loads(run("check", "--select", "TD420", "--format", "json").stdout)["problems"]
    assert (problem["path"], problem["line"], problem["severity"]) == ("decks/ledger.jsonl", number, "warning")
    assert "TD420" not in run("check", at=AHEAD).output


def test_check_reports_a_ledger_that_cannot_be_read(project: Project) -> None:
    (project.decks / "ledger.jsonl").mkdir(parents=True)
    result = run("check")
    assert result.exit_code == 1
    assert "cannot read" in result.stderr
    assert "ledger.jsonl" in result.stderr


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--check"], ["--no-cache"]])
def test_every_build_warns_until_the_time_has_come(options: list[str], project: Project) -> None:
    changed_ahead(project)
    expected = f"warning: decks/ledger.jsonl: {ONE}\n    {HINT}\n"
    for _ in range(2):  # the second one is up to date
        assert run("build", *options).stderr == expected
    assert run("build", *options, at=AHEAD).stderr == ""


def test_a_build_that_is_up_to_date_reads_only_lines_that_are_ahead(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_ahead(project)
    means = BuildOptions(cache=tmp_path / "cache")
    read: list[str] = []

    def lines_of(ledger: Any, trials: list[str]) -> Iterator[Line]:
        read.extend(trials)
        return ledgers.lines_of(ledger, trials)

    monkeypatch.setattr("trialdeck.project.build_result.lines_of", lines_of)
    for at, trials in ((NOW + DAY, ["dawn-1"]), (NOW + DAY, ["dawn-1"]), (AHEAD, [])):
        read.clear()
        plan = building.build([project.seeds], DeckRequest((BY_TRIAL,)), project.decks, at, means)
        assert read == trials
        assert plan.ahead == (ClockAhead(1, 0, AHEAD) if trials else None)


# the repairs


def test_clamp_sets_back_every_time_and_counts(project: Project) -> None:
    changed_ahead(project)
    before = project.ledger
    assert run("ledger", "clamp").output == "set back to now: 1 note; build again\n"
    then = project.line(KEY)
    assert (then.changed, then.created, then.edition) == (NOW + DAY, NOW, "2026-09-22")
    assert then.hash == next(each for each in before.notes if each.key == KEY).hash
    others = {guid: each for guid, each in project.ledger.lines.items() if guid != then.guid}
    assert others == {guid: each for guid, each in before.lines.items() if guid != then.guid}
    result = run("build")
    assert (result.exit_code, result.stderr) == (0, "")
    assert project.opened("dawn-1").changed[KEY] == NOW + DAY
    assert run("ledger", "clamp").output == "no time in the ledger is after now\n"
    assert project.build(NOW + 2 * DAY).counts.changed == 0


def test_clamp_covers_what_was_built_first_with_a_wrong_clock(project: Project) -> None:
    project.build(AHEAD - DAY)
    project.record("noon-1", why="")
    project.build(AHEAD)
    assert ALL in run("build").stderr
    result = run("ledger", "clamp")
    assert result.exit_code == 0
    assert result.output == f"set back to now: {len(project.ledger.notes)} notes and 3 note types; build again\n"
    today, lines = NOW + DAY, project.ledger.lines.values()
    assert {each.changed for each in lines} == {each.created for each in lines} == {today}
    assert {each.edition for each in lines} == {each.since for each in lines} == {"2026-09-22"}
    [stone] = project.ledger.retired
    assert (stone.retired, stone.hash) == ("2026-09-22", tombstone(stone).digest)
    assert not project.build(today + 60).counts
    package = project.opened("noon-1")
    assert package.notes["noon-1/question/why"]["Retired"] == "2026-09-22"
    assert max(package.row_ids) < today * 1000


def test_clamp_needs_a_ledger_and_keeps_a_damaged_one(project: Project) -> None:
    result = run("ledger", "clamp")
    assert (result.exit_code, result.stderr) == (
        1, "error: there is no ledger decks/ledger.jsonl\n    name its folder with --out\n"
    )  # fmt: skip
    assert not project.decks.exists()
    project.build(AHEAD)
    (project.decks / "ledger.jsonl").write_text("broken\n", encoding="utf-8")
    before = files(project.decks)
    assert run("ledger", "clamp").exit_code == 1
    assert files(project.decks) == before


def test_clamp_takes_another_folder(project: Project) -> None:
    assert run("build", "--out", "elsewhere", at=AHEAD).exit_code == 0
    assert run("ledger", "clamp", "--out", "elsewhere").output.startswith("set back to now: ")
    assert not project.decks.exists()


TIMES = st.integers(0, 2**40)


@given(TIMES, TIMES, st.integers(0, 2**34), st.sampled_from(["", "Spring", "2030-10-30"]))
def test_what_is_clamped_is_never_ahead_and_clamping_again_changes_nothing(
    created: int, changed: int, now: int, edition: str
) -> None:
    before = Line("a/trial", "g", "h", created, changed, edition, edition, reworded="2030-10-30")
    after = clamped(before, now)
    assert max(after.created, after.changed) <= now
    assert (after.created, after.changed) == (min(created, now), min(changed, now))
    assert after.reworded <= day_of(now)
    assert clamped(after, now) == after
    assert after.edition == edition or (edition, day_of(changed)) == ("2030-10-30",) * 2
    if max(created, changed) <= now and day_of(now) >= "2030-10-30":
        assert after == before


@pytest.mark.parametrize("factor", [1000, 1_000_000])
def test_milliseconds_in_place_of_seconds_are_refused_and_set_back(factor: int, project: Project) -> None:
    """Such times lie after the year 9999, and no day has their name."""
    project.build()
    path = project.decks / "ledger.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(f'(created|changed)":{NOW}', f'\\1":{NOW * factor}', text), encoding="utf-8")
    project.record("dawn-1", response="It blocks")
    refused = run("build")
    assert refused.exit_code == 1
    assert "high risk, clock-ahead: until 9999-12-31 every import replaces what learners wrote" in refused.stderr
    for command in (("diff",), ("site", "--out", "site"), ("check",), ("retire", "--before", "2020-01-01")):
        assert run(*command).exit_code == 0
    assert run("build", "--allow", "clock-ahead").exit_code == 0
    assert run("ledger", "clamp").exit_code == 0
    assert run("build").stderr == ""
    assert max(line.changed for line in project.ledger.lines.values()) <= NOW + DAY


@pytest.mark.parametrize("time", [-1, LATEST + 1, 2**63 - 1, 2**70])
def test_a_time_that_no_package_can_have_is_a_damaged_line(time: int, project: Project) -> None:
    project.build()
    path = project.decks / "ledger.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'"changed":{NOW}', f'"changed":{time}', 1), encoding="utf-8")
    for command in (("build",), ("diff",), ("site", "--out", "site"), ("ledger", "clamp")):
        result = run(*command)
        assert result.exit_code == 1
        assert "error: decks/ledger.jsonl:1:1: this line of the ledger is damaged" in result.stderr
    assert "TD420" not in run("check").output
    assert run("ledger", "rebuild", "--force", *map(str, project.decks.glob("*.apkg"))).exit_code == 0
    assert run("build").exit_code == 0


@pytest.mark.parametrize("arguments", [["--from", "old.apkg"], ["old.apkg"], ["--from", "old.apkg", "old.apkg"]])
def test_rebuild_from_earlier_packages_sets_the_ledger_back(arguments: list[str], project: Project) -> None:
    project.build()
    (project.folder / "old.apkg").write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    project.record("dawn-1", response="It blocks")
    project.build(AHEAD)
    assert run("ledger", "rebuild", "--force", *arguments).exit_code == 0
    assert project.line(KEY).changed == NOW
    assert run("build").stderr == ""
    assert project.line(KEY).changed == NOW + DAY


def test_rebuild_sets_back_what_earlier_packages_do_not_have_yet(project: Project) -> None:
    """Else the ledger would be ahead still, and the hint would lead to the same command again."""
    project.build()
    (project.folder / "old.apkg").write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    project.record("late-1")
    project.build(AHEAD)
    result = run("ledger", "rebuild", "--force", "old.apkg")
    assert re.search(r"\d+ of them are as the former ledger had them", result.output)
    assert project.line("late-1/question/why").changed == NOW + DAY
    assert run("build").stderr == ""


def test_rebuild_without_a_package_is_a_wrong_call(project: Project) -> None:
    result = run("ledger", "rebuild", "--force")
    assert result.exit_code == 2
    assert "name the packages to recover the ledger from" in result.stderr


# what a learner sees


def test_with_a_ledger_ahead_anki_overwrites_what_learners_wrote_until_it_is_clamped(project: Project) -> None:
    """This is what the warning says, and that after `clamp` a learner of good editions keeps what they wrote."""
    shelf = project.folder
    project.build()
    good = shelf / "good.apkg"
    good.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    year = 20 * 365 * DAY
    project.record("dawn-1", response="It blocks")
    project.build(NOW + year)
    bad = shelf / "bad.apkg"
    bad.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    assert run("ledger", "clamp").exit_code == 0
    project.build(NOW + DAY)
    clamped_package = shelf / "clamped.apkg"
    clamped_package.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    guid = open_package(good).guids[KEY]
    wrote = set_field(guid, "Extra", "mine")
    *_, overwritten = run_anki(NEWEST, bad, wrote, bad, REPORT)
    *_, kept = run_anki(NEWEST, clamped_package, wrote, clamped_package, REPORT)
    assert overwritten.note(KEY).fields["Extra"] == ""
    assert kept.note(KEY).fields["Extra"] == "mine"
    *_, updated = run_anki(NEWEST, good, clamped_package, REPORT)
    assert "blocks" in updated.note(KEY).fields["Response"]
