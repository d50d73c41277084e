"""TD210: a renamed entry goes on naming its first id; what loses it is an error before anything is written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from projects import DAY, NOW, WHY, Project
from trialdeck.apkg.reader import read_package
from trialdeck.core.problem import Problem
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.maintenance import recovered
from trialdeck.notes.note import guid_of
from trialdeck.project import build as building
from trialdeck.project.check import FaultyRecordsError

LATER = NOW + DAY


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.record("dawn-1")
    return made


def faults(project: Project, time: int = LATER) -> list[Problem]:
    """The problems that stop a build, which changes nothing then."""
    before = {path.name: path.read_bytes() for path in project.decks.iterdir()}
    with pytest.raises(FaultyRecordsError) as caught:
        project.build(time)
    assert {path.name: path.read_bytes() for path in project.decks.iterdir()} == before
    assert {problem.code for problem in caught.value.checked.errors} == {"TD210"}
    return list(caught.value.checked.errors)


def messages(project: Project) -> list[str]:
    return [problem.message for problem in faults(project)]


def formerly(*ids: str) -> str:
    return f"    formerly: [{', '.join(ids)}]\n" if ids else ""


def renamed(kind: str, name: str, *ids: str) -> dict[str, str]:
    """Replacements in a record that give one entry another id; of a trial it is the record itself."""
    text = formerly(*ids)
    flow = f"{{id: {name}, formerly: [{', '.join(ids)}]," if ids else f"{{id: {name},"
    return {
        "question": {"why_id": f"  - id: {name}\n{text}"},
        "result": {"rfs_id": f"  - id: {name}\n{text}", "rfs_ref": f"results: [{name}]"},
        "key finding": {"relapse_id": f"  - id: {name}\n{text}"},
        "takeaway": {"takeaway": flow},
        "limitation": {"short": f"  - {flow} text: Follow-up was short.}}\n"},
    }[kind]


# by the kind of entry: its id in the record, and the key of a note whose guid hangs on that
ENTRIES = {
    "question": ("why", "dawn-1/question/{}"),
    "result": ("rfs", "dawn-1/result/{}"),
    "key finding": ("relapse", "dawn-1/key-findings/{}/cloze/delay"),
    "takeaway": ("start", "dawn-1/takeaway/{}"),
}


def rename_trial(project: Project, name: str, *ids: str) -> None:
    """Rename the trial, in its file as it is."""
    path = project.seeds / "dawn-1.yaml"
    lines = path.read_text(encoding="utf-8").split("\n")
    rest = lines[3:] if lines[2].startswith("formerly") else lines[2:]
    head = [lines[0], f"id: {name}", *([f"formerly: [{', '.join(ids)}]"] if ids else [])]
    path.write_text("\n".join([*head, *rest]), encoding="utf-8")


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_earlier_id_that_is_dropped_is_an_error_at_the_entry(kind: str, project: Project) -> None:
    first, key = ENTRIES[kind]
    project.build()
    project.record("dawn-1", **renamed(kind, "new", first))
    project.build(LATER)
    assert project.line(key.format("new")).guid == guid_of(key.format(first))
    path = project.record("dawn-1", **renamed(kind, "new"))
    (problem,) = faults(project)
    assert problem.message == f"'new' was built before as the renamed '{first}', and `formerly` does not begin with it"
    assert problem.hint == f"begin `formerly` with the oldest id: [{first}, …]; else learners lose their history"
    assert problem.path == path.as_posix()
    row = path.read_text(encoding="utf-8").split("\n")[problem.line - 1]
    assert row[problem.column - 1 :].startswith("id: new") or row[problem.column - 1 :].startswith("new")


def test_a_build_that_is_refused_opens_no_transaction(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.build()
    project.record("dawn-1", **renamed("question", "new", "why"))
    project.build(LATER)
    project.record("dawn-1", **renamed("question", "new"))
    monkeypatch.setattr(building, "transaction", lambda _: pytest.fail("a transaction is opened"))
    monkeypatch.setattr(building, "scratch_folder", lambda: pytest.fail("a temporary folder is made"))
    assert len(faults(project)) == 1
    with pytest.raises(FaultyRecordsError):
        building.plan([project.seeds], DeckRequest(), project.decks, LATER)


def test_a_build_that_is_refused_makes_no_folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.build()
    project.record("dawn-1", **renamed("question", "new", "why"))
    project.build(LATER)
    project.record("dawn-1", **renamed("question", "new"))
    made, mkdir = list[str](), os.mkdir

    def watched(path: str, *rest: int) -> None:
        made.append(os.fspath(path))
        mkdir(path, *rest)

    monkeypatch.setattr(os, "mkdir", watched)
    assert len(faults(project)) == 1
    assert [path for path in made if Path(path).parent == project.decks] == []


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize("ids", [("b",), ("b", "FIRST")])
def test_an_earlier_id_that_had_one_before_it_is_an_error(ids: tuple[str, ...], kind: str, project: Project) -> None:
    first = ENTRIES[kind][0]
    project.build()
    project.record("dawn-1", **renamed(kind, "b", first))
    project.build(LATER)
    project.record("dawn-1", **renamed(kind, "a", *(first if name == "FIRST" else name for name in ids)))
    assert messages(project) == [f"the earlier id 'b' was itself a new name of '{first}'"]


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_whole_chain_keeps_the_note(kind: str, project: Project) -> None:
    first, key = ENTRIES[kind]
    project.build()
    row = project.line(key.format(first))
    for time, (name, *ids) in enumerate((("b", first), ("a", first, "b"), ("z", first, "b", "a")), start=1):
        project.record("dawn-1", **renamed(kind, name, *ids))
        project.build(NOW + time * DAY)
        now = project.line(key.format(name))
        assert (now.guid, now.created, now.first) == (row.guid, NOW, key.format(first))
        assert not project.ledger.retired
    assert len(project.ledger.notes) == 10


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_step_that_was_never_built_is_missed_by_nobody(kind: str, project: Project) -> None:
    first, key = ENTRIES[kind]
    project.build()
    project.record("dawn-1", **renamed(kind, "a", first))
    project.build(LATER)
    project.record("dawn-1", **renamed(kind, "a", first, "never-built"))
    project.build(LATER)
    assert project.line(key.format("a")).guid == guid_of(key.format(first))


def test_an_order_that_is_turned_round_after_a_build_is_an_error(project: Project) -> None:
    project.build()
    project.record("dawn-1", **renamed("question", "b", "why"))
    project.build()
    project.record("dawn-1", **renamed("question", "a", "why", "b"))
    project.build()
    project.record("dawn-1", **renamed("question", "a", "b", "why"))
    assert messages(project) == ["'a' was built before as the renamed 'why', and `formerly` does not begin with it"]


def test_an_entry_that_was_built_under_its_own_id_takes_no_other_history(project: Project) -> None:
    project.record("dawn-1", **renamed("question", "how"))
    project.build()
    project.record("dawn-1", **renamed("question", "how", "why"))
    (problem,) = faults(project)
    assert problem.message == "'how' was built before as its own first id, and `formerly` now begins with 'why'"
    assert problem.hint == "take 'why' out of `formerly`; else learners lose their history"
    project.record("dawn-1", **renamed("question", "how"))
    project.build(LATER)
    assert project.line("dawn-1/question/how").changed == NOW


def test_an_entry_that_gets_its_first_id_back_names_no_other(project: Project) -> None:
    project.build()
    project.record("dawn-1", **renamed("question", "how", "why"))
    project.build()
    project.record("dawn-1", **renamed("question", "why", "how"))
    assert messages(project) == ["'why' was built before as its own first id, and `formerly` now begins with 'how'"]
    project.record("dawn-1")
    project.build(LATER)
    assert project.line("dawn-1/question/why").guid == guid_of("dawn-1/question/why")


def test_an_entry_with_several_notes_is_told_once(project: Project) -> None:
    cloze = 'cloze: {one: "{{c1::A}}", two: "{{c1::B}}", three: "{{c1::C}}"}\n'
    statements = f"    text: Dawnol delayed relapse by two months.\n    {cloze}"
    text = project.record("dawn-1", **renamed("key finding", "delay", "relapse")).read_text(encoding="utf-8")
    start = text.index("    text: Dawnol delayed")
    text = text[:start] + statements + text[text.index("limitations:") :]
    project.text("dawn-1", text)
    project.build()
    project.text("dawn-1", text.replace(formerly("relapse"), ""))
    assert messages(project) == [
        "'delay' was built before as the renamed 'relapse', and `formerly` does not begin with it"
    ]


def test_the_same_entry_id_in_two_lists_is_two_entries(project: Project) -> None:
    for ids in (("old",), ()):
        project.record("dawn-1", **renamed("question", "same", *ids), **renamed("takeaway", "same", *ids))
        if ids:
            project.build()
    found = faults(project)
    assert len(found) == 2
    assert len({problem.line for problem in found}) == 2


# trials


def test_a_trial_that_drops_its_earlier_id_is_told_once_at_its_id(project: Project) -> None:
    project.build()
    rename_trial(project, "dawn-2", "dawn-1")
    project.build(LATER)
    assert {line.guid for line in project.ledger.notes if line.trial == "dawn-2"} == {
        guid_of(line.key.replace("dawn-2", "dawn-1")) for line in project.ledger.notes if line.trial == "dawn-2"
    }
    rename_trial(project, "dawn-2")
    (problem,) = faults(project)
    assert (problem.line, problem.column) in {(2, 1), (2, 5)}
    assert problem.message == (
        "'dawn-2' was built before as the renamed 'dawn-1', and `formerly` does not begin with it"
    )


@pytest.mark.parametrize("ids", [("dawn-2",), ("dawn-2", "dawn-1")])
def test_a_trial_whose_earlier_id_had_one_before_it(ids: tuple[str, ...], project: Project) -> None:
    project.build()
    rename_trial(project, "dawn-2", "dawn-1")
    project.build(LATER)
    rename_trial(project, "dawn-3", *ids)
    assert messages(project) == ["the earlier id 'dawn-2' was itself a new name of 'dawn-1'"]
    rename_trial(project, "dawn-3", "dawn-1", "dawn-2")
    project.build(LATER + DAY)
    assert project.line("dawn-3/question/why").guid == guid_of("dawn-1/question/why")
    assert not project.ledger.retired


def test_a_trial_and_its_question_may_both_be_renamed(project: Project) -> None:
    project.build()
    rename_trial(project, "dawn-2", "dawn-1")
    project.build(LATER)
    project.record("dawn-1", **renamed("question", "how", "why"))
    rename_trial(project, "dawn-2", "dawn-1")
    project.build(LATER + DAY)
    assert project.line("dawn-2/question/how").guid == guid_of("dawn-1/question/why")
    assert len(project.ledger.notes) == 10


# no false alarm


def lose_ledger(project: Project) -> None:
    (project.decks / "ledger.jsonl").unlink()


def recover_ledger(project: Project) -> None:
    ledger = recovered([read_package(path) for path in project.decks.glob("*.apkg")])
    (project.decks / "ledger.jsonl").write_text(ledger.text, encoding="utf-8")


@pytest.mark.parametrize("mishap", [lose_ledger, recover_ledger])
def test_a_ledger_that_was_lost_gives_no_false_alarm(mishap: Callable[[Project], None], project: Project) -> None:
    project.record("dawn-1", **renamed("question", "how", "why"), **renamed("takeaway", "stop", "start"))
    rename_trial(project, "dawn-2", "dawn-1")
    project.build()
    mishap(project)
    project.build(LATER, allow=("ledger-lost",))
    assert project.line("dawn-2/question/how").guid == guid_of("dawn-1/question/why")
    assert not project.ledger.retired


def test_a_recovered_ledger_still_tells_that_an_id_was_dropped(project: Project) -> None:
    project.record("dawn-1", **renamed("question", "how", "why"))
    project.build()
    recover_ledger(project)
    project.record("dawn-1", **renamed("question", "how"))
    (problem,) = faults(project)
    assert problem.message == "'how' was built before under another first id, and `formerly` does not begin with it"
    assert "as an earlier version of it does" in problem.hint


def test_a_removed_id_that_is_used_again_is_no_fault(project: Project) -> None:
    project.record("dawn-1", **renamed("question", "how", "why"))
    project.build()
    project.record("dawn-1", why="")
    project.build(LATER)
    project.record("dawn-1", **renamed("question", "how"))
    project.build(LATER + DAY)
    assert sorted(
        (line.guid, bool(line.retired)) for line in project.ledger.notes if line.key == "dawn-1/question/how"
    ) == sorted([(guid_of("dawn-1/question/why"), True), (guid_of("dawn-1/question/how"), False)])


def test_a_new_entry_may_take_an_id_that_another_had_for_a_while(project: Project) -> None:
    project.build()
    project.record("dawn-1", **renamed("question", "how", "why"))
    project.build(LATER)
    moved = renamed("question", "by-what", "why")["why_id"]
    new = "  - {id: how, perspective: clinical, question: How is dawnol given?, response: By mouth.}\n"
    project.record("dawn-1", why_id=new + moved)
    project.build(LATER + DAY)
    assert project.line("dawn-1/question/by-what").guid == guid_of("dawn-1/question/why")
    assert project.line("dawn-1/question/how").guid == guid_of("dawn-1/question/how")


def test_an_entry_that_was_taken_out_may_come_back(project: Project) -> None:
    project.build()
    project.record("dawn-1", why="")
    project.build(LATER)
    project.record("dawn-1")
    project.build(LATER + DAY)
    assert not project.ledger.retired


def test_a_build_of_other_records_into_the_same_folder_is_no_fault(project: Project, tmp_path: Path) -> None:
    project.record("dawn-1", **renamed("question", "how", "why"))
    project.build()
    other = Project(tmp_path / "other")
    other.record("noon-1")
    project.build(LATER, paths=[other.seeds / "noon-1.yaml"])
    assert {line.trial for line in project.ledger.notes} == {"dawn-1", "noon-1", "dusk-2"}


def test_warnings_are_shown_with_the_fault(project: Project) -> None:
    project.record("dawn-1", **renamed("question", "how", "why"))
    project.build()
    project.record("dawn-1", **renamed("question", "how"), summary="\n")
    with pytest.raises(FaultyRecordsError) as caught:
        project.build(LATER)
    assert [problem.code for problem in caught.value.checked.problems] == ["TD401", "TD210"]


def test_the_question_that_the_replacements_expect_is_in_the_record(project: Project) -> None:
    assert WHY in (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
