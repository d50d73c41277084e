"""The gate of a release: every code, with an edit that raises it and one that does not; what is refused, and how."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from projects import DAY, NOW, WHY, Project
from trialdeck.apkg.reader import OpenedPackage, opened_package
from trialdeck.cli import main
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.ledger import read_ledger
from trialdeck.editions.maintenance import rebuild_ledger
from trialdeck.editions.risks import FEWEST, REFUSED, RISKS, ReleaseChange, Risk
from trialdeck.editions.texts import earlier_packages as lost_ledger
from trialdeck.notes import note_types as notetypes
from trialdeck.project import build as building
from trialdeck.project.build_result import BuildResult, RefusedReleaseError
from trialdeck.project.context import BuildOptions
from trialdeck.project.diff import compare_packages, compare_with_last_edition
from trialdeck.records.schema import load_schema

Deed = Callable[[Project], object]
MANY = 30
RENAMED = "  - id: reason\n    formerly: [why]\n"
NEW = "  - {id: short, text: Follow-up was short.}\n  - {id: small, text: Few were asked.}\n"
SIGNED = "review: {status: reviewed, by: A. Reader, on: 2026-09-20}"
SIGNED_POINT = f"""\
  - {{id: short, text: Follow-up was short., {SIGNED}}}
  - {{id: small, text: Few were asked.}}
"""
"""A list of points, one of which is reviewed."""
ONE_GAP = """
    cloze: {delay: "DAWN-1: dawnol delayed relapse by {{c1::two months}}, against placebo."}"""
OTHER_WORDS = """
    cloze: {delay: "DAWN-1: dawnol delayed relapse by {{c1::three months}}, against {{c2::placebo}}."}"""


def questions(changed: int) -> str:
    """A record of many questions, some of which have another answer."""
    entries = [
        f"  - {{id: q-{number}, perspective: clinical, question: What is fact {number}?, "
        f"response: {'Other' if number < changed else 'This'}.}}\n"
        for number in range(MANY)
    ]
    return "".join(["format: 1\nid: many-1\ntitle: Many Facts\nquestions:\n", *entries])


def nothing(_: Project) -> None:
    """Leave everything as it is."""


def without_packages(project: Project) -> None:
    for path in project.decks.glob("*.apkg"):
        path.unlink()


def without_ledger(project: Project) -> None:
    (project.decks / "ledger.jsonl").unlink()


def recovered(project: Project) -> None:
    """Lose the ledger, and recover it from the packages."""
    without_ledger(project)
    rebuild_ledger(sorted(project.decks.glob("*.apkg")), project.decks, NOW, force=False)


def edit(**changes: str) -> Deed:
    return lambda project: project.edit("dawn-1", **changes)


def all_of(*deeds: Deed) -> Deed:
    def done(project: Project) -> None:
        for deed in deeds:
            deed(project)

    return done


def built_without_why(project: Project) -> None:
    """An edition in which a question is missing."""
    project.edit("dawn-1", why="")
    project.build(NOW + 60, wanted=DeckRequest(allow=("texts-lost",)))


@dataclass(frozen=True)
class Example:
    """An edit after the first edition, in words and in deeds: `before` is done to the project beforehand."""

    words: str
    deed: Deed
    before: Deed = nothing
    first: int = NOW
    look: str = ""

    def styled(self) -> AbstractContextManager[object]:
        """The look of the cards while the next edition is planned."""
        if not self.look:
            return nullcontext()
        files = notetypes._file
        return patch.object(notetypes, "_file", lambda name: files(name) + (self.look if name == "style.css" else ""))


@dataclass(frozen=True)
class Case:
    """What a learner sees of a kind of change, an edit that raises its code, and one that does not."""

    sees: str
    raises: Example
    silent: Example


CASES: Mapping[str, Case] = {
    "facts-shared": Case(
        "nothing; new learners get the new facts",
        Example("the title of the trial is corrected", edit(title="Dawnol for the Example Disease")),
        Example("an answer is corrected", edit(response="It blocks")),
    ),
    "content-replaced": Case(
        "the corrected card; words of their own on this note are replaced",
        Example("an answer is corrected", edit(response="It blocks")),
        Example("a topic is added", edit(topics="topics: [example-disease, second-topic]")),
    ),
    "notes-returned": Case(
        "a retired card asks again; words of their own on this note are replaced",
        Example("a deleted question is put back", lambda project: project.record(), built_without_why),
        Example("a limitation is added", edit(short=NEW)),
    ),
    "look-changed": Case(
        "the same cards in another look",
        Example("a new version of trialdeck brings another style", nothing, look="\n.td {}"),
        Example("an answer is corrected", edit(response="It blocks")),
    ),
    "notes-retired": Case(
        "a mark on the card that it is retired, and why; its text stays, words of their own on this note are replaced",
        Example("a question is deleted", edit(why="")),
        Example("a question gets another id, and `formerly` names the old one", edit(why_id=RENAMED)),
    ),
    "texts-lost": Case(
        "a retired card without the text that it had",
        Example("a question is deleted, and no package is there that has its text", edit(why=""), without_packages),
        Example("a question is deleted, and the packages of the last edition are there", edit(why="")),
    ),
    "cards-vanish": Case(
        "an empty card; Empty Cards deletes it with its schedule",
        Example("a deletion is taken out of a cloze statement", edit(cloze=ONE_GAP)),
        Example("the words of a deletion are corrected", edit(cloze=OTHER_WORDS)),
    ),
    "history-cut": Case(
        "the card that they know is retired, and they learn the same one from the beginning",
        Example("a question gets another id, and `formerly` is forgotten", edit(why_id="  - id: reason\n")),
        Example("a question gets another id, and `formerly` names the old one", edit(why_id=RENAMED)),
    ),
    "unusual-share": Case(
        "a quarter of the deck rewritten, with all that they wrote on those notes",
        Example("twenty of thirty answers are rewritten", lambda project: project.text("many-1", questions(FEWEST))),
        Example("five of thirty answers are rewritten", lambda project: project.text("many-1", questions(5))),
    ),
    "ledger-lost": Case(
        "their own words replaced on notes that have not changed",
        Example("the ledger is deleted, and the packages of the last edition are there", without_ledger),
        Example("the ledger is recovered from all packages of the last edition", recovered),
    ),
    "clock-ahead": Case(
        "their own words replaced by every import, until the time that the ledger has",
        Example("an answer is corrected, on a clock a month behind that of the last build", edit(response="It blocks"),
                first=NOW + 30 * DAY),
        Example("an answer is corrected, on a clock that is some minutes behind", edit(response="It blocks"),
                first=NOW + DAY + 600),
    ),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    made.record()
    made.text("many-1", questions(0))
    monkeypatch.chdir(tmp_path)
    return made


def planned(project: Project, example: Example) -> BuildResult:
    """Build the first edition, edit, and plan the next one, a day later."""
    project.build(example.first)
    example.before(project)
    example.deed(project)
    notetypes.note_type.cache_clear()
    try:
        with example.styled():
            return building.plan([project.seeds], DeckRequest(), project.decks, NOW + DAY)
    finally:
        notetypes.note_type.cache_clear()


def codes(plan: BuildResult) -> list[str]:
    return [change.code for change in plan.changes]


# The table


def test_there_is_a_case_for_every_code() -> None:
    assert list(CASES) == list(RISKS)
    assert [code for code in CASES if RISKS[code] is Risk.HIGH] == list(REFUSED)


@pytest.mark.parametrize("code", CASES)
def test_an_edit_raises_its_code(code: str, project: Project) -> None:
    plan = planned(project, CASES[code].raises)
    (change,) = (each for each in plan.changes if each.code == code)
    assert change.risk is RISKS[code]
    assert change.count >= 1
    assert code in {each.code for each in plan.refused} or change.risk is not Risk.HIGH


@pytest.mark.parametrize("code", CASES)
def test_a_like_edit_does_not(code: str, project: Project) -> None:
    assert code not in codes(planned(project, CASES[code].silent))


def test_the_docs_have_the_table(root: Path) -> None:
    text = (root / "docs" / "releases.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (?:low|medium|high) \|", text, re.MULTILINE)
    assert rows == list(CASES)
    for code, case in CASES.items():
        assert f"| `{code}` | {RISKS[code]} | {case.sees} | {case.raises.words} | {case.silent.words} |" in text


def test_the_schema_of_settings_has_the_codes() -> None:
    assert load_schema("project")["properties"]["allow"]["items"]["enum"] == list(REFUSED)


# Retired notes

REASON = "A later analysis disagrees."


@pytest.fixture
def with_retired(project: Project) -> Project:
    """Two editions: the second retires a question, with a reason."""
    project.build()
    project.edit("dawn-1", why=f"{WHY}    retired: {{on: 2026-09-22, reason: {REASON}}}\n")
    project.build(NOW + DAY)
    return project


def correct_reason(project: Project) -> None:
    path = project.seeds / "dawn-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(REASON, "It was withdrawn."), encoding="utf-8")


def section(project: Project, edition: str) -> str:
    """What the release notes say of an edition."""
    start, end = f"<!-- edition {edition}:", f"<!-- end of edition {edition} -->"
    return project.notes.partition(start)[2].partition(end)[0]


def live_beside_the_trial(project: Project) -> int:
    """How many notes share the title; for the note of the trial itself, it is its own."""
    lines = [line for line in project.ledger.notes if line.trial == "dawn-1" and line.key != "dawn-1/trial"]
    return sum(not line.retired for line in lines)


def test_new_facts_of_a_retired_note_count_nowhere(with_retired: Project) -> None:
    with_retired.edit("dawn-1", title="Dawnol for the Example Disease")
    live = live_beside_the_trial(with_retired)
    planned = building.plan([with_retired.seeds], DeckRequest(), with_retired.decks, NOW + 2 * DAY)
    compared = compare_with_last_edition([with_retired.seeds], DeckRequest(), with_retired.decks, NOW + 2 * DAY)
    (facts,) = compared.facts
    assert (facts.notes, planned.counts.shared, only(planned, "facts-shared").count) == (live, {"dawn-1": live}, live)


def test_new_facts_of_a_retired_note_do_not_wait_either(with_retired: Project) -> None:
    with_retired.edit("dawn-1", title="Dawnol for the Example Disease")
    with_retired.build(NOW + 2 * DAY)
    live = live_beside_the_trial(with_retired)
    compared = compare_with_last_edition([with_retired.seeds], DeckRequest(), with_retired.decks, NOW + 3 * DAY)
    assert [facts.waiting for facts in compared.facts] == [live]


def test_new_facts_of_a_retired_note_do_not_count_between_packages(with_retired: Project) -> None:
    old = with_retired.folder / "old.apkg"
    old.write_bytes((with_retired.decks / "dawn-1.apkg").read_bytes())
    with_retired.edit("dawn-1", title="Dawnol for the Example Disease")
    with_retired.build(NOW + 2 * DAY)
    (facts,) = compare_packages(old, with_retired.decks / "dawn-1.apkg").facts
    assert facts.notes == live_beside_the_trial(with_retired)


def test_a_refresh_sends_no_retired_note(with_retired: Project) -> None:
    with_retired.edit("dawn-1", title="Dawnol for the Example Disease")
    built = with_retired.build(NOW + 2 * DAY, wanted=DeckRequest(refresh=("dawn-1",)))
    assert built.counts.changed == only(built, "content-replaced").count
    assert with_retired.line("dawn-1/question/why").changed == NOW + DAY
    assert "**Retired**" not in section(with_retired, "2026-09-23")


def test_a_corrected_reason_is_a_change_of_its_note(with_retired: Project) -> None:
    correct_reason(with_retired)
    built = with_retired.build(NOW + 2 * DAY)
    assert (codes(built), built.counts.changed, only(built, "content-replaced").count) == (["content-replaced"], 1, 1)


def test_a_retirement_is_named_in_its_own_edition_only(with_retired: Project) -> None:
    correct_reason(with_retired)
    with_retired.build(NOW + 2 * DAY)
    row = "- Why does dawnol work? (`dawn-1/question/why`): "
    assert f"**Retired**\n\n{row}{REASON}\n" in section(with_retired, "2026-09-22")
    for _ in range(2):
        assert f"**Changed**\n\n{row}It was withdrawn.\n" in section(with_retired, "2026-09-23")
        assert "**Retired**" not in section(with_retired, "2026-09-23")
        # Another build of the same edition writes its section once more.
        with_retired.text("many-1", questions(1))
        with_retired.build(NOW + 2 * DAY + 60)


def test_a_retirement_that_is_corrected_on_its_day_is_still_one(with_retired: Project) -> None:
    correct_reason(with_retired)
    with_retired.build(NOW + DAY + 60)
    assert "**Retired**" in section(with_retired, "2026-09-22")
    assert "**Changed**" not in section(with_retired, "2026-09-22")


# What is refused, and how it is allowed


@pytest.mark.parametrize("code", REFUSED)
def test_a_build_refuses_what_is_not_allowed_by_name(code: str, project: Project) -> None:
    planned(project, CASES[code].raises)
    before = everything(project.decks)
    with pytest.raises(RefusedReleaseError) as refused:
        project.build(NOW + DAY)
    assert f"--allow {code}" in refused.value.hint
    assert everything(project.decks) == before
    needed = {change.code for change in refused.value.refused}
    with pytest.raises(RefusedReleaseError):
        project.build(NOW + DAY, wanted=DeckRequest(allow=tuple(needed - {code})))
    project.build(NOW + DAY, wanted=DeckRequest(allow=tuple(needed)))
    assert everything(project.decks) != before


def test_a_project_may_allow_a_change_for_good(project: Project) -> None:
    project.settings("allow: [cards-vanish]")
    plan = planned(project, CASES["cards-vanish"].raises)
    assert "cards-vanish" in codes(plan)
    assert plan.refused == ()
    project.build(NOW + DAY)


def test_a_first_build_has_nothing_to_refuse(project: Project) -> None:
    assert building.plan([project.seeds], DeckRequest(), project.decks, NOW).changes == ()


def test_an_edition_without_a_change_has_none_whatever_the_clock(project: Project) -> None:
    project.build(NOW + 30 * DAY)
    assert building.plan([project.seeds], DeckRequest(), project.decks, NOW).changes == ()


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--check",)])
def test_a_ledger_ahead_is_a_warning_while_nothing_else_changes(options: tuple[str, ...], project: Project) -> None:
    project.build(NOW + 30 * DAY)
    result = run("build", *options)
    assert result.exit_code == 0
    assert "which is after now: until then every import overwrites" in result.stderr


# What it says


def only(plan: BuildResult, code: str) -> ReleaseChange:
    (change,) = (each for each in plan.changes if each.code == code)
    return change


def test_at_most_three_notes_are_named(project: Project) -> None:
    change = only(planned(project, CASES["unusual-share"].silent), "content-replaced")
    assert change.count == 5
    keys = ", ".join(f"many-1/question/q-{number}" for number in range(3))
    assert change.message == f"Anki replaces the text of 5 notes ({keys}, …), and what learners wrote into them"


@pytest.mark.parametrize("code", ["content-replaced", "notes-retired", "notes-returned"])
def test_a_change_says_that_what_learners_wrote_is_replaced(project: Project, code: str) -> None:
    change = only(planned(project, CASES[code].raises), code)
    assert "Anki replaces " in change.message
    assert change.message.endswith(f"what learners wrote into {'it' if change.count == 1 else 'them'}")


def test_the_hint_names_the_id_that_was_dropped(project: Project) -> None:
    change = only(planned(project, CASES["history-cut"].raises), "history-cut")
    assert "`formerly: [why]` in 'reason'" in change.hint
    assert "dawn-1/question/reason (before: dawn-1/question/why)" in change.message


def renamed(project: Project) -> None:
    """Give a trial another id, without its former one."""
    text = (project.seeds / "many-1.yaml").read_text(encoding="utf-8")
    (project.seeds / "many-1.yaml").unlink()
    project.text("many-2", text.replace("id: many-1", "id: many-2"))


def test_a_trial_that_is_renamed_without_its_former_id_cuts_all_histories(project: Project) -> None:
    change = only(planned(project, Example("", renamed)), "history-cut")
    assert change.count >= MANY
    assert "`formerly: [many-1]` in 'many-2'" in change.hint


@pytest.mark.parametrize("named", ["many-1", "many-2"])
def test_a_renamed_trial_that_other_records_name_has_its_histories_cut(named: str, project: Project) -> None:
    """Its own note stays, or is there already, as that of a related trial."""
    project.edit("dawn-1", related=f"{{id: {named}, name: MANY, tested: Manyol, endpoint: Survival}}")
    change = only(planned(project, Example("", renamed)), "history-cut")
    assert change.count == MANY
    assert "`formerly: [many-1]` in 'many-2'" in change.hint


def test_a_renamed_trial_of_one_question_has_its_history_cut(project: Project) -> None:
    project.text("many-1", questions(0).replace("".join(questions(0).splitlines(keepends=True)[5:]), ""))
    project.edit("dawn-1", related="{id: many-1, name: MANY, tested: Manyol, endpoint: Survival}")
    assert only(planned(project, Example("", renamed)), "history-cut").count == 1


def test_another_trial_in_place_of_one_cuts_no_history(project: Project) -> None:
    def replaced(project: Project) -> None:
        (project.seeds / "many-1.yaml").unlink()
        project.text("many-2", questions(0).replace("many-1", "many-2").replace("fact", "truth"))

    assert "history-cut" not in codes(planned(project, Example("", replaced)))


def test_a_ledger_that_was_recovered_from_one_package_has_lost_the_others(project: Project) -> None:
    project.build()
    (project.decks / "ledger.jsonl").unlink()
    rebuild_ledger([project.decks / "dawn-1.apkg"], project.decks, NOW, force=False)
    change = only(building.plan([project.seeds], DeckRequest(), project.decks, NOW + DAY), "ledger-lost")
    assert change.count == MANY
    assert "`trialdeck ledger rebuild --force decks/*.apkg`" in change.hint


def test_a_ledger_has_lost_part_of_a_trial_that_a_package_of_several_has(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    path = project.decks / "ledger.jsonl"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if "dawn-1/question/" not in row), encoding="utf-8")
    change = only(building.plan([project.seeds], DeckRequest(), project.decks, NOW + DAY), "ledger-lost")
    assert change.message.startswith(
        "Anki replaces the text of 2 notes (dawn-1/question/whom, dawn-1/question/why), and what learners wrote into it"
    )


def test_packages_that_the_last_build_wrote_are_not_opened_for_a_new_note(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def looked_into(path: Path) -> AbstractContextManager[OpenedPackage]:
        opened.append(path)
        return opened_package(path)

    monkeypatch.setattr(lost_ledger, "opened_package", looked_into)
    means = BuildOptions(cache=project.folder / "cache")
    building.build([project.seeds], DeckRequest(), project.decks, NOW, means)
    project.record("noon-1")
    building.build([project.seeds], DeckRequest(), project.decks, NOW + DAY, means)
    assert opened == []
    # Without the cache, only those are opened that may have the new notes.
    project.record("noon-1", short=NEW)
    building.build([project.seeds], DeckRequest(), project.decks, NOW + 2 * DAY)
    assert opened == []
    project.edit("noon-1", why=f"{WHY}{WHY.replace('why', 'again').replace('Why', 'Again, why')}")
    building.build([project.seeds], DeckRequest(), project.decks, NOW + 3 * DAY)
    assert {path.stem for path in opened} == {"noon-1"}


def test_another_number_makes_another_question(project: Project) -> None:
    def replaced(project: Project) -> None:
        project.text("many-1", questions(0).replace("id: q-7,", "id: q-77,").replace("fact 7?", "fact 77?"))

    assert "history-cut" not in codes(planned(project, Example("", replaced)))


def test_a_ledger_of_an_older_trialdeck_knows_no_cards(project: Project) -> None:
    project.build(NOW)
    ledger = project.decks / "ledger.jsonl"
    old = [json.loads(row) for row in ledger.read_text(encoding="utf-8").splitlines()]
    for line in old:
        line.pop("cards", None)
        line.pop("own", None)
    ledger.write_text("".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in old))
    before = {line.key: line.changed for line in read_ledger(ledger).notes}
    assert building.plan([project.seeds], DeckRequest(), project.decks, NOW + DAY).changes == ()
    project.edit("dawn-1", cloze=ONE_GAP)
    plan = project.build(NOW + DAY)
    assert codes(plan) == ["content-replaced"]
    touched = {line.key for line in project.ledger.notes if line.changed != before[line.key]}
    assert touched == {"dawn-1/question/whom/cloze/delay"} or len(touched) == 1


# The command line


def run(*arguments: str, at: int = NOW + DAY) -> Result:
    return CliRunner(env={"SOURCE_DATE_EPOCH": str(at)}).invoke(main, list(arguments))


@pytest.fixture
def vanishing(project: Project) -> Project:
    """A project of which the next edition would leave an empty card."""
    planned(project, CASES["cards-vanish"].raises)
    return project


def test_the_exit_codes_of_a_refused_build(vanishing: Project) -> None:
    before = everything(vanishing.decks)
    result = run("build")
    assert result.exit_code == 1
    assert "high risk, cards-vanish: learners find empty cards in 1 note" in result.stderr
    assert "if it is meant: --allow cards-vanish" in result.stderr
    assert "error: nothing was built: cards-vanish would harm learners" in result.stderr
    for option in ("--dry-run", "--check"):
        result = run("build", option)
        assert result.exit_code == 1
        assert "high risk, cards-vanish" in result.stdout
        assert result.stdout.endswith("a build is refused\n")
    assert run("diff").exit_code == 0
    assert run("build", "--dry-run", "--allow", "cards-vanish").exit_code == 0
    assert everything(vanishing.decks) == before
    assert run("build", "--allow", "cards-vanish").exit_code == 0
    assert run("build", "--check").exit_code == 0


@pytest.mark.parametrize(("form", "found"), [
    ("text", "  high risk, cards-vanish: learners find empty cards in 1 note"),
    ("json", '"code": "cards-vanish"'),
    ("markdown", "- **high risk**, `cards-vanish`: learners find empty cards in 1 note"),
])  # fmt: skip
def test_diff_says_the_same_in_every_form(form: str, found: str, vanishing: Project) -> None:
    assert found in run("diff", "--format", form).stdout


def test_an_unknown_code_is_an_error_that_lists_them(project: Project) -> None:
    result = run("build", "--allow", "everything")
    assert result.exit_code == 2
    assert all(code in result.stderr for code in REFUSED)
    project.settings("allow: [everything]")
    result = run("check")
    assert result.exit_code == 1
    assert "unknown change 'everything'" in result.stdout
    assert all(code in result.stdout for code in REFUSED)


# The recipe of the docs

SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def in_shell(project: Project, script: str) -> int:
    """Run a script as continuous integration does: it ends with the first command that fails."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
    environment = clean | {"PATH": path, "SOURCE_DATE_EPOCH": str(NOW + DAY)}
    return subprocess.run(["bash", "-ec", script], cwd=project.folder, env=environment, check=False).returncode


def test_the_recipe_of_the_docs(root: Path, vanishing: Project) -> None:
    proposed, released, allowed = SHELL.findall((root / "docs" / "releases.md").read_text(encoding="utf-8"))
    assert in_shell(vanishing, proposed) == 1
    assert in_shell(vanishing, released) == 1
    assert "cards-vanish" in (vanishing.folder / "changes.md").read_text(encoding="utf-8")
    assert in_shell(vanishing, allowed) == 0
    assert in_shell(vanishing, proposed) == 0
    assert in_shell(vanishing, released) == 0


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
