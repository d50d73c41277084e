"""A retired note travels on with its text and without cards; nothing is retired that was not looked at."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from builds import build, selection
from packages import OpenPackage, open_package
from trialdeck.cli import main
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.ledger import Ledger, Line, read_ledger
from trialdeck.project.build import with_plan
from trialdeck.project.build_result import BuiltPackage
from trialdeck.records.model import Perspective
from trialdeck.records.settings import DeckDefinition, Split

DAY = 86_400
NOW = 1_790_000_000  # 2026-09-21
LATER = NOW + DAY
Write = Callable[..., Path]

WHY = "dawn-1/question/why"
CLOZE = "dawn-1/key-findings/relapse/cloze/delay"
QUESTION = """\
  - id: why
    perspective: mechanism
    audience: [student]
    question: Why does dawnol work?
    response: It binds **dawnin**.
"""
STATEMENT = """
    cloze: {delay: "DAWN-1: dawnol delayed relapse by {{c1::two months}}, against {{c2::placebo}}."}"""
NOON = {"id: dawn-1": "id: noon-1", "DAWN-1": "NOON-1"}


TAKEAWAY = "  - {id: start, audience: [fellow], specialties: [oncology], card: true, text: Start early.}"


@pytest.fixture
def project(write_record: Write, tmp_path: Path) -> Path:
    """The records of a project: two trials."""
    write_record("seeds/dawn-1.yaml")
    write_record("seeds/noon-1.yaml", NOON)
    return tmp_path / "seeds"


def built_at(records: Path, time: int, split: Split = Split.TRIAL, *, allow: str = "") -> tuple[BuiltPackage, ...]:
    return build([records], split, records.parent / "decks", time, allow=(allow,) if allow else ())


def opened(records: Path, name: str) -> OpenPackage:
    return open_package(records.parent / "decks" / f"{name}.apkg")


def ledger(records: Path) -> Ledger:
    return read_ledger(records.parent / "decks" / "ledger.jsonl")


def line(records: Path, key: str) -> Line:
    (found,) = (each for each in ledger(records).notes if each.key == key)
    return found


def retired(records: Path) -> set[str]:
    return {each.key for each in ledger(records).retired}


def test_a_removed_question_travels_on_without_cards(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    before = opened(project, "dawn-1")
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER)
    after = opened(project, "dawn-1")
    assert WHY not in {key for key, *_ in after.cards}
    assert after.guids[WHY] == before.guids[WHY]
    assert after.changed[WHY] == LATER
    assert after.notes[WHY] == before.notes[WHY] | {"About": "", "Retired": "2026-09-22"}
    assert after.tags[WHY] == sorted(
        {*before.tags[WHY], "trialdeck::retired", "trialdeck::edition::2026-09-22"} - {"trialdeck::edition::2026-09-21"}
    )
    assert {key for key, changed in after.changed.items() if changed == LATER} == {WHY}


def test_without_a_package_that_has_its_text_a_removed_question_keeps_a_few_words(
    project: Path, write_record: Write
) -> None:
    built_at(project, NOW)
    before = opened(project, "dawn-1")
    (project.parent / "decks" / "dawn-1.apkg").unlink()
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER, allow="texts-lost")
    assert opened(project, "dawn-1").notes[WHY] == dict.fromkeys(before.notes[WHY], "") | {
        "Question": "Why does dawnol work?",
        "Retired": "2026-09-22",
        "Key": WHY,
    }


def test_a_retired_cloze_statement_has_no_deletion_left(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {STATEMENT: ""})
    built_at(project, LATER)
    note = opened(project, "dawn-1").notes[CLOZE]
    assert note["Text"] == "<p>DAWN-1: dawnol delayed relapse by two months, against placebo.</p>"
    assert note["Retired"] == "2026-09-22"


def test_a_tombstone_stays_as_it_is(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER)
    files = sorted((project.parent / "decks").iterdir())
    first = [file.read_bytes() for file in files]
    built_at(project, LATER + DAY)
    assert [file.read_bytes() for file in files] == first
    assert line(project, WHY).retired == "2026-09-22"


def test_a_question_that_comes_back_is_the_same_note_again(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    before = opened(project, "dawn-1")
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER)
    write_record("seeds/dawn-1.yaml")
    built_at(project, LATER + DAY)
    after = opened(project, "dawn-1")
    assert after.notes == before.notes
    assert after.guids == before.guids
    assert sorted(after.row_ids) == sorted(before.row_ids)
    assert after.changed == before.changed | {WHY: LATER + DAY}
    assert not retired(project)


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"limitations:\n  - {id: short, text: Follow-up was short.}\n": ""}, {"dawn-1/limitations/points"}),
        ({"summary: Dawnol delayed relapse.\n": ""}, {"dawn-1/summary"}),
        ({TAKEAWAY: "", "takeaways:": ""}, {"dawn-1/takeaway/start"}),
        ({"tested: Dawnol\n": "", "endpoint: Relapse-free survival\nsummary": "summary"}, {"dawn-1/trial"}),
    ],
)  # fmt: skip
def test_what_a_record_no_longer_says_is_retired(
    changes: dict[str, str], gone: set[str], project: Path, write_record: Write
) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", changes)
    built_at(project, LATER)
    assert retired(project) == gone
    assert {key for key, note in opened(project, "dawn-1").notes.items() if note["Retired"]} == gone


def test_a_related_trial_that_nobody_names_any_more_is_retired_everywhere(project: Path, write_record: Write) -> None:
    related = {"related_trials:\n  - {id: dusk-2, name: DUSK-2, tested: Duskol, endpoint: Survival}\n": ""}
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", related)
    built_at(project, LATER)
    assert not retired(project)
    write_record("seeds/noon-1.yaml", related | NOON)
    built_at(project, LATER + DAY)
    assert retired(project) == {"dusk-2/trial"}
    assert all(opened(project, name).notes["dusk-2/trial"]["Retired"] for name in ("dawn-1", "noon-1"))


def test_a_deleted_record_leaves_a_package_of_tombstones(project: Path) -> None:
    built_at(project, NOW)
    before = opened(project, "noon-1")
    (project / "noon-1.yaml").unlink()
    built = {each.path.stem: each for each in built_at(project, LATER)}
    after = opened(project, "noon-1")
    own = {key for key in before.notes if key.startswith("noon-1/")}
    assert retired(project) == own
    assert (set(after.notes), after.cards) == (own, [])
    assert (built["noon-1"].notes, built["noon-1"].cards, built["noon-1"].retired) == (0, 0, len(own))
    # The related trial is named by the other record still.
    assert "dusk-2/trial" in opened(project, "dawn-1").notes


def test_a_package_of_a_perspective_has_the_tombstones_of_that_perspective(project: Path, write_record: Write) -> None:
    built_at(project, NOW, Split.PERSPECTIVE)
    write_record("seeds/dawn-1.yaml", {QUESTION: "", STATEMENT: ""})
    built_at(project, LATER, Split.PERSPECTIVE)
    stones = {
        name: {key for key, note in opened(project, name).notes.items() if note["Retired"]}
        for name in ("mechanism", "clinical", "reviewer")
    }
    assert stones == {"mechanism": {WHY}, "clinical": {CLOZE}, "reviewer": set()}


def test_a_filter_takes_no_note_for_gone(project: Path) -> None:
    built_at(project, NOW)
    only = selection([Perspective.REVIEWER])
    build([project], Split.TRIAL, project.parent / "decks", LATER, only)
    assert not retired(project)
    assert len(ledger(project).notes) == 19


def test_a_build_of_one_record_elsewhere_says_nothing_of_others(write_record: Write, tmp_path: Path) -> None:
    one, other = write_record("new/dawn-1.yaml"), write_record("new/noon-1.yaml", NOON)
    out = tmp_path / "out"
    build([one, other], Split.TRIAL, out, NOW)
    other.unlink()
    build([one], Split.TRIAL, out, LATER)
    assert not read_ledger(out / "ledger.jsonl").retired
    # A look at the whole folder shows that the file is gone.
    build([tmp_path / "new"], Split.TRIAL, out, LATER)
    assert {each.trial for each in read_ledger(out / "ledger.jsonl").retired} == {"noon-1"}


def test_another_folder_into_the_same_place_says_nothing_of_the_first(write_record: Write, tmp_path: Path) -> None:
    write_record("one/dawn-1.yaml")
    write_record("two/noon-1.yaml", NOON)
    for folder in ("one", "two", "one"):
        build([tmp_path / folder], Split.TRIAL, tmp_path / "out", NOW)
    assert not read_ledger(tmp_path / "out" / "ledger.jsonl").retired


def test_a_build_of_one_file_retires_nothing_of_others(project: Path) -> None:
    built_at(project, NOW)
    (project / "noon-1.yaml").unlink()
    (built,) = build([project / "dawn-1.yaml"], Split.TRIAL, project.parent / "decks", LATER)
    assert not ledger(project).retired
    assert built.path.stem == "dawn-1"
    built_at(project, LATER + DAY)
    assert {each.trial for each in ledger(project).retired} == {"noon-1"}


def test_a_record_that_moves_to_another_file_keeps_its_notes(project: Path) -> None:
    built_at(project, NOW)
    (project / "deep").mkdir()
    (project / "noon-1.yaml").rename(project / "deep" / "noon.yaml")
    built_at(project, LATER)
    assert not retired(project)
    assert line(project, "noon-1/summary").record == "seeds/deep/noon.yaml"
    assert line(project, "noon-1/summary").changed == NOW


def test_a_renamed_trial_takes_the_tombstones_along(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER)
    write_record("seeds/dawn-1.yaml", {QUESTION: "", "id: dawn-1": "id: dawn-2\nformerly: [dawn-1]"})
    built_at(project, LATER + DAY)
    after = opened(project, "dawn-2")
    assert after.notes[WHY]["Retired"] == "2026-09-22"
    assert {"dawn-2/question/whom"} <= set(after.notes)
    assert retired(project) == {WHY}


def test_the_ledger_tells_of_a_tombstone_what_the_package_needs(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER)
    text = (project.parent / "decks" / "ledger.jsonl").read_text(encoding="utf-8")
    row = next(row for row in map(json.loads, text.splitlines()) if row.get("retired"))
    assert (row["key"], row["retired"], row["since"], row["edition"]) == (WHY, "2026-09-22", "2026-09-21", "2026-09-22")


# --- Entries that their records retire.

REASON = "    retired: {on: 2020-01-02, reason: Disproved.}\n"
RETIRED = {QUESTION: QUESTION + REASON}
SAID = '2020-01-02<div class="td-why">Disproved.</div>'


def test_a_question_that_its_record_retires_travels_on_with_its_text_and_the_reason(
    project: Path, write_record: Write
) -> None:
    built_at(project, NOW)
    before = opened(project, "dawn-1")
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, LATER)
    after = opened(project, "dawn-1")
    assert after.notes[WHY] == before.notes[WHY] | {"About": "", "Retired": SAID}
    assert WHY not in {key for key, *_ in after.cards}
    assert {key for key, changed in after.changed.items() if changed == LATER} == {WHY}
    assert "trialdeck::retired" in after.tags[WHY]
    assert line(project, WHY).retired == "2020-01-02"


def test_a_question_that_is_retired_before_it_was_built_gives_no_note(project: Path, write_record: Write) -> None:
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, NOW)
    assert WHY not in opened(project, "dawn-1").notes
    assert not retired(project)


def test_another_reason_reaches_learners_once(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, LATER)
    write_record("seeds/dawn-1.yaml", {QUESTION: QUESTION + REASON.replace("Disproved", "Doubted")})
    for time in (LATER + DAY, LATER + 2 * DAY):
        built_at(project, time)
        assert line(project, WHY).changed == LATER + DAY
        assert opened(project, "dawn-1").notes[WHY]["Retired"] == SAID.replace("Disproved", "Doubted")


def test_shared_facts_of_a_retired_note_do_not_reach_learners(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, LATER)
    write_record("seeds/dawn-1.yaml", RETIRED | {"doi: 10.1000/dawn": "doi: 10.1000/dusk"})
    built_at(project, LATER + DAY)
    after = opened(project, "dawn-1")
    assert "10.1000/dusk" in after.notes[WHY]["Source"]
    assert after.changed[WHY] == LATER


def test_a_retired_question_that_comes_back_is_the_same_note_again(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    before = opened(project, "dawn-1")
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, LATER)
    write_record("seeds/dawn-1.yaml")
    built_at(project, LATER + DAY)
    after = opened(project, "dawn-1")
    assert (after.notes, after.guids, after.cards) == (before.notes, before.guids, before.cards)
    assert after.changed == before.changed | {WHY: LATER + DAY}


def test_a_retired_question_that_is_deleted_stays_as_it_was(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, LATER)
    before = opened(project, "dawn-1")
    (project.parent / "decks" / "dawn-1.apkg").unlink()
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER + DAY)
    after = opened(project, "dawn-1")
    assert (after.notes[WHY], after.changed) == (before.notes[WHY], before.changed)


def test_a_deleted_question_that_its_record_retires_gets_the_reason(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER)
    write_record("seeds/dawn-1.yaml", RETIRED)
    built_at(project, LATER + DAY)
    assert opened(project, "dawn-1").notes[WHY]["Retired"] == SAID
    assert line(project, WHY).changed == LATER + DAY


def test_a_related_trial_is_retired_once_all_records_that_name_it_retire_it(project: Path, write_record: Write) -> None:
    related = "  - {id: dusk-2, name: DUSK-2, tested: Duskol, endpoint: Survival}\n"
    gone = {related: related.replace("}", ", retired: {on: 2026-09-22, reason: Withdrawn.}}")}
    built_at(project, NOW)
    before = opened(project, "dawn-1").notes["dusk-2/trial"]
    write_record("seeds/dawn-1.yaml", gone)
    built_at(project, LATER)
    assert not retired(project)
    # Who takes this package alone is no longer given the trial.
    assert "dusk-2/trial" not in opened(project, "dawn-1").notes
    write_record("seeds/noon-1.yaml", gone | NOON)
    built_at(project, LATER + DAY)
    assert retired(project) == {"dusk-2/trial"}
    for name in ("dawn-1", "noon-1"):
        after = opened(project, name).notes["dusk-2/trial"]
        assert after == before | {
            "Retired": '2026-09-22<div class="td-why">Withdrawn.</div>',
            **{name: after[name] for name in ("Source", "Review")},
        }


# --- Deleted entries whose text is in a package.


def decks(records: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (records.parent / "decks").iterdir() if file.is_file()}


def test_the_text_of_a_deleted_entry_comes_from_the_ledger_from_then_on(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: "", STATEMENT: ""})
    built_at(project, LATER)
    first = decks(project)
    for file in (project.parent / "decks").glob("*.apkg"):
        file.unlink()
    built_at(project, LATER + DAY)
    assert decks(project) == first


def test_a_dry_run_finds_the_same_text(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    out, wanted = (
        project.parent / "decks",
        DeckRequest((DeckDefinition("", "", split=Split.TRIAL, subdecks=Split.NONE),)),
    )
    planned = with_plan([project], wanted, out, LATER, lambda opened: opened.ledger.text)
    built_at(project, LATER)
    assert planned == ledger(project).text
    assert line(project, WHY).kept


def test_the_text_of_a_deleted_record_is_kept(project: Path) -> None:
    built_at(project, NOW)
    before = opened(project, "noon-1").notes
    (project / "noon-1.yaml").unlink()
    built_at(project, LATER)
    after = opened(project, "noon-1").notes
    assert all(note["Retired"] == "2026-09-22" for note in after.values())
    plain = {key: note["Question"] for key, note in before.items() if key in after and "Question" in note}
    assert {key: after[key]["Question"] for key in plain} == plain
    assert after["noon-1/question/why"]["Response"] == before["noon-1/question/why"]["Response"]


def test_only_the_text_that_the_ledger_knows_is_taken(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    old = (project.parent / "decks" / "dawn-1.apkg").read_bytes()
    write_record("seeds/dawn-1.yaml", {"It binds **dawnin**.": "It blocks **dawnin**."})
    built_at(project, LATER)
    (project.parent / "decks" / "dawn-1.apkg").write_bytes(old)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    built_at(project, LATER + DAY, allow="texts-lost")
    assert opened(project, "dawn-1").notes[WHY]["Response"] == ""
    assert not line(project, WHY).kept


def test_a_text_with_earlier_shared_facts_is_better_than_none(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    old = (project.parent / "decks" / "dawn-1.apkg").read_bytes()
    write_record("seeds/dawn-1.yaml", {"comparator: Placebo": "comparator: Nothing"})
    built_at(project, LATER)
    fresh = opened(project, "dawn-1").notes[WHY]
    (project.parent / "decks" / "dawn-1.apkg").rename(project.parent / "decks" / "z.apkg")
    (project.parent / "decks" / "dawn-1.apkg").write_bytes(old)
    write_record("seeds/dawn-1.yaml", {"comparator: Placebo": "comparator: Nothing", QUESTION: ""})
    built_at(project, LATER + DAY)
    assert opened(project, "dawn-1").notes[WHY] == fresh | {"About": "", "Retired": "2026-09-23"}


def test_a_damaged_package_that_may_have_the_text_is_an_error(project: Path, write_record: Write) -> None:
    built_at(project, NOW)
    (project.parent / "decks" / "dawn-1.apkg").write_bytes(b"PK")
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    before = decks(project)
    with pytest.raises(TrialdeckError, match=r"dawn-1\.apkg"):
        built_at(project, LATER)
    assert {name: content for name, content in decks(project).items() if name in before} == before
    # Without it the build goes on, and says what is lost.
    (project.parent / "decks" / "dawn-1.apkg").unlink()
    built_at(project, LATER, allow="texts-lost")
    assert retired(project) == {WHY}
    assert not line(project, WHY).kept


def test_the_build_says_whose_text_goes_and_how_to_keep_it(
    project: Path, write_record: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.parent / "decks").mkdir()
    monkeypatch.chdir(project.parent)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner(env={"SOURCE_DATE_EPOCH": str(LATER)}).invoke(main, ["build", *arguments])
        return result.exit_code, result.output

    def change(output: str) -> str:
        return re.sub(r"(?s).*(high risk, texts-lost: [^\n]*).*", r"\1", output)

    built_at(project, NOW)
    write_record("seeds/dawn-1.yaml", {QUESTION: ""})
    code, said = run("--dry-run")
    assert (code, "texts-lost" in said) == (0, False)
    for file in (project.parent / "decks").glob("*.apkg"):
        file.unlink()
    code, planned = run("--dry-run")
    assert code == 1
    assert f"learners lose the text of 1 note ({WHY})" in change(planned)
    assert "`retired: {on: 2026-11-01, reason: A later analysis disagrees.}`" in planned
    code, refused = run()
    assert (code, change(refused)) == (1, change(planned))
    code, allowed = run("--allow", "texts-lost")
    assert (code, change(allowed)) == (0, change(planned))
    assert "texts-lost" not in run()[1]
