"""Reviewing: what nobody has looked at is laid open, and the verdict goes into the record in place."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import RECORD
from packages import open_package
from projects import NOW, Project
from trialdeck.cli import main
from trialdeck.core.errors import TrialdeckError
from trialdeck.records.load import load_record_text
from trialdeck.records.review import days_of, reviewables
from trialdeck.review.items import ReviewItem
from trialdeck.review.session import OPEN, Verdict, items_of, sign, take_back

DAY = {"SOURCE_DATE_EPOCH": "1790000000"}  # 2026-09-21


@pytest.fixture
def path(tmp_path: Path) -> Path:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "decks").mkdir()
    file = seeds / "dawn-1.yaml"
    file.write_text(RECORD, encoding="utf-8")
    return file


def run(*arguments: str | Path, typed: str = "") -> tuple[int, str]:
    result = CliRunner(env=DAY).invoke(main, [str(each) for each in arguments], input=typed)
    return result.exit_code, result.output


def pages(path: Path, today: str = "2026-09-21", *, disputed: bool = False) -> tuple[ReviewItem, ...]:
    return items_of(path, date.fromisoformat(today), 730, OPEN | {"disputed"} if disputed else OPEN)


def test_every_entry_and_then_the_record_is_laid_open(path: Path) -> None:
    trial = load_record_text(path.read_bytes(), "").trial
    assert trial
    slugs = [each.slug for each in reviewables(trial)]
    assert slugs[-1] == ""
    assert len(slugs) == len(set(slugs)) == len(pages(path))
    laid_open = pages(path)
    assert all(page.lines for page in laid_open[:-1])
    assert any(line.label == "Question" for page in laid_open for line in page.lines)


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("Dawnol binds {{c1::dawnin::what}}.", "Dawnol binds [dawnin]."),
        ("The ratio is {{c1::$a::b$}}.", "The ratio is [\\(a: :b\\)]."),
    ],
)
def test_the_gaps_of_a_statement_are_those_of_its_card(path: Path, statement: str, shown: str) -> None:
    old = "    response: It binds **dawnin**.\n"
    cloze = f"    cloze: {{s-1: '{statement}'}}\n"
    path.write_text(path.read_text(encoding="utf-8").replace(old, old + cloze), encoding="utf-8")
    (why,) = [page for page in pages(path) if page.title == "question: why"]
    assert [line.text for line in why.lines if line.label == "Statement"] == [shown]


@pytest.mark.parametrize("arguments", [(), ("--by", "A. Reader")])
def test_where_nobody_can_answer_a_review_says_what_to_do(path: Path, arguments: tuple[str, ...]) -> None:
    code, output = run("review", path, *arguments)
    assert code == 2
    assert output.splitlines()[-1].endswith("there is no terminal to ask in: run it in one, or use `trialdeck desk`")
    assert "Aborted!" not in output


def test_what_is_retired_is_not_laid_open(path: Path) -> None:
    before = [page.title for page in pages(path)]
    text = path.read_text(encoding="utf-8")
    for old in ("    response: It binds **dawnin**.\n", "    unit: months\n", "    results: [rfs]\n"):
        text = text.replace(old, f"{old}    retired: {{on: 2026-09-22, reason: No.}}\n")
    path.write_text(text.replace("tested: Duskol", "tested: Duskol, retired: {on: 2026-09-22, reason: No.}"), "utf-8")
    after = pages(path)
    gone = {"question: why", "result: rfs", "key-findings: relapse"}
    assert [page.title for page in after] == [title for title in before if title not in gone]
    assert not any("DUSK-2" in line.text for page in after for line in page.lines)


def test_a_verdict_is_written_at_once_and_nothing_else_changes(path: Path) -> None:
    before = path.read_text(encoding="utf-8").splitlines()
    count = len(pages(path))
    code, output = run("review", path, "--by", "A. Reader", typed="y\nd\n \nThe *interval* is wrong.\nq\n")
    assert code == 0
    assert "a dispute needs a reason" in output
    assert output.endswith(f"signed: 2, still open: {count - 2}; `trialdeck status` shows all\n")
    after = path.read_text(encoding="utf-8").splitlines()
    added = [line for line in after if line not in before]
    said = ("review", "A. Reader", "status", "on: ", "reason: The *interval* is wrong.")
    assert all(any(word in line for word in said) for line in added)
    (disputed,) = [page.earlier for page in pages(path, disputed=True) if page.earlier]
    assert disputed == "Disputed by A. Reader on 2026-09-21: The interval is wrong."
    assert [page.title for page in pages(path)] == [page.title for page in pages(path, disputed=True)][1:]
    assert len(pages(path)) == count - 2
    assert run("check", path, "--ignore", "TD4,TD5,TD6")[1] == "1 record, 0 errors, 0 warnings\n"


def test_a_whole_record_is_signed_and_everything_counts_as_reviewed(path: Path) -> None:
    count = len(pages(path))
    assert run("review", path, "--by", "A. Reader", "--on", "2026-09-01", typed="y\n" * count)[0] == 0
    assert pages(path) == ()
    assert run("review", path) == (0, "nothing is left to review\n")
    trial = load_record_text(path.read_bytes(), "").trial
    assert trial
    assert {(each.review.status, each.review.by, each.review.on) for each in reviewables(trial)} == {
        ("reviewed", "A. Reader", "2026-09-01")
    }


def test_the_record_itself_waits_for_what_was_skipped(path: Path) -> None:
    count = len(pages(path))
    output = run("review", path, "--by", "A", typed="s\n" + "y\n" * (count - 2))[1]
    assert "its own texts come when none of its items is left open" in output
    trial = load_record_text(path.read_bytes(), "").trial
    assert trial
    assert trial.review.status == "unreviewed"


def test_the_name_is_asked_for_and_an_end_of_input_ends_it(path: Path) -> None:
    code, output = run("review", path, typed="A. Reader\ny\n")
    assert code == 0
    assert "signed: 1" in output
    assert "A. Reader" in path.read_text(encoding="utf-8")
    assert "'soon' is not a date" in run("review", path, "--on", "soon")[1]
    assert "a review needs a name" in run("review", path, "--by", " ")[1]
    assert "the name holds a character that is not text: U+001B" in run("review", path, "--by", "A\x1b")[1]


def test_the_last_answer_is_taken_back(path: Path) -> None:
    before = path.read_bytes()
    count = len(pages(path))
    output = run("review", path, "--by", "A", typed="u\ny\nd\nWrong.\ny\nu\nu\nu\nq\n")[1]
    assert "nothing to take back" in output
    assert output.count("taken back") == 3
    assert output.endswith(f"signed: 0, still open: {count}; `trialdeck status` shows all\n")
    assert path.read_bytes() == before


def test_what_was_taken_back_can_be_answered_otherwise(path: Path) -> None:
    count = len(pages(path))
    output = run("review", path, "--by", "A", typed="d\nWrong.\nu\n" + "y\n" * count)[1]
    assert f"signed: {count}, still open: 0" in output
    assert pages(path, disputed=True) == ()
    # The record waits only for what is still disputed or skipped.
    assert "its own texts come when" not in output


def test_taking_back_leads_into_the_record_before(path: Path) -> None:
    other = path.with_name("noon-3.yaml")
    other.write_text(RECORD.replace("dawn-1", "noon-3").replace("DAWN-1", "NOON-3"), encoding="utf-8")
    count = len(pages(path))
    before = path.read_bytes()
    run("review", path, other, "--by", "A", typed="y\n" * count + "u\n" * count + "q\n")
    assert (path.read_bytes(), len(pages(other))) == (before, count)


def test_a_verdict_that_somebody_has_changed_since_is_not_taken_back(path: Path) -> None:
    changes = sign(path, ("questions", 0), Verdict("reviewed", "A", "2026-01-01"))
    sign(path, ("questions", 0), Verdict("disputed", "B", "2026-01-02", reason="No."))
    after = path.read_bytes()
    with pytest.raises(TrialdeckError, match="says something else by now"):
        take_back(path, changes)
    assert path.read_bytes() == after


def test_a_text_that_was_edited_since_it_was_shown_is_not_signed(path: Path) -> None:
    item = next(item for item in pages(path) if item.title == "question: why")
    path.write_text(RECORD.replace("It binds", "It holds"), encoding="utf-8")
    with pytest.raises(TrialdeckError, match="says something else by now"):
        sign(path, item.entry, Verdict("reviewed", "A", "2026-01-01"), item.seen)
    others = [item for item in pages(path) if item.title == "question: whom"]
    sign(path, others[0].entry, Verdict("reviewed", "A", "2026-01-01"), others[0].seen)


def item_number(path: Path, title: str) -> int:
    return [item.title for item in pages(path)].index(title)


def test_a_text_is_corrected_at_the_prompt_and_that_is_taken_back(path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    to_it = "s\n" * item_number(path, "question: why")
    output = run("review", path, "--by", "A", typed=to_it + "c\n2\nIt *blocks* dawnin.\nq\n")[1]
    assert "2  Response: It binds **dawnin**." in output
    assert "Response: It blocks dawnin." in output
    assert path.read_text(encoding="utf-8") == before.replace("It binds **dawnin**.", "It *blocks* dawnin.")
    path.write_text(before, encoding="utf-8")
    output = run("review", path, "--by", "A", typed=to_it + "c\n2\nIt blocks.\nu\nc\n1\nWhy?\nu\nq\n")[1]
    assert output.count("Response: It binds dawnin.") == 4
    assert path.read_text(encoding="utf-8") == before


def test_a_number_is_corrected_and_an_error_is_refused(path: Path) -> None:
    to_it = "s\n" * item_number(path, "result: rfs")
    texts = next(item.texts for item in pages(path) if item.title == "result: rfs")
    estimate = [text.label for text in texts].index("Estimate") + 1
    typed = f"c\n{estimate}\n0.95\nc\n{estimate}\n0.650\nq\n"
    output = run("review", path, "--by", "A", typed=to_it + typed)[1]
    assert "not changed: " in output
    assert "estimate: 0.650\n" in path.read_text(encoding="utf-8")


def test_a_text_is_corrected_in_the_editor(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "sed -i s/binds/blocks/")
    monkeypatch.delenv("VISUAL", raising=False)
    to_it = "s\n" * item_number(path, "question: why")
    output = run("review", path, "--by", "A", typed=to_it + "c\n1\nc\n2\nq\n")[1]
    assert "nothing was changed" in output
    assert "response: It blocks **dawnin**.\n" in path.read_text(encoding="utf-8")


def test_a_text_of_several_lines_needs_an_editor(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    text = RECORD.replace("text: Start early.}", 'text: "Start\\nearly."}')
    path.write_text(text, encoding="utf-8")
    to_it = "s\n" * item_number(path, "takeaway: start")
    assert "name an editor in the variable EDITOR" in run("review", path, "--by", "A", typed=to_it + "c\nq\n")[1]
    assert path.read_text(encoding="utf-8") == text


def test_a_guideline_claim_asks_for_its_day(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = pages(path)[0].lines[0].text
    assert first in text
    path.write_text(text.replace(first, f"{first.rstrip('.')} NCCN category 1.", 1), encoding="utf-8")
    run("review", path, "--by", "A", typed="y\n2026-08-01\nq\n")
    assert "as_of: 2026-08-01" in path.read_text(encoding="utf-8").replace('"', "").replace("'", "")


def test_a_record_with_errors_is_told(path: Path) -> None:
    path.write_text("format: 1\n", encoding="utf-8")
    code, output = run("review", path)
    assert (code, output.startswith("error: ")) == (1, True)
    assert "TD104" in output


def test_an_entry_that_has_gone_meanwhile_is_not_signed(path: Path) -> None:
    with pytest.raises(TrialdeckError, match="no longer there"):
        sign(path, ("questions", 99), Verdict("reviewed", "A", "2026-01-01"))
    assert path.read_text(encoding="utf-8") == RECORD


def test_a_dispute_without_a_reason_is_not_written(path: Path) -> None:
    with pytest.raises(TrialdeckError, match="a dispute needs a reason"):
        sign(path, (), Verdict("disputed", "A", "2026-01-01", reason=" "))
    assert path.read_text(encoding="utf-8") == RECORD


def test_status_says_how_much_is_reviewed(path: Path) -> None:
    count = len(pages(path))
    run("review", path, "--by", "A", typed="y\nd\nIt is wrong.\nq\n")
    code, output = run("status", path)
    assert code == 0
    row = next(line for line in output.splitlines() if line.startswith("DAWN-1"))
    assert row.split() == ["DAWN-1", str(count), "1", f"({100 // count}", "%)", "1", str(count - 2), "2026-09-21"]
    data = json.loads(run("status", path, "--format", "json")[1])
    assert sorted({item["status"] for item in data["trials"][0]["items"]}) == ["disputed", "reviewed", "unreviewed"]


def test_a_build_of_reviewed_notes_only_leaves_the_others_out(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, output = run("build", path, "--reviewed-only", "--out", out)
    assert (code, output.startswith("error: nothing is reviewed")) == (1, True)
    assert run("build", path, "--reviewed-only", "--out", out, "--dry-run")[0] == 1
    run("review", path, "--by", "A", typed="y\nq\n")
    assert run("build", path, "--reviewed-only", "--out", out)[0] == 0
    [package] = out.glob("*.apkg")
    assert run("build", path, "--out", tmp_path / "all")[0] == 0
    [whole] = (tmp_path / "all").glob("*.apkg")
    assert 0 < len(open_package(package).notes) < len(open_package(whole).notes)


@pytest.mark.parametrize(("age", "days"), [("90d", 90), ("2w", 14), ("18m", 547), ("2y", 730)])
def test_ages(age: str, days: int) -> None:
    assert days_of(age) == days


def test_reviewed_notes_only_concerns_the_decks_of_a_project_too(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record()
    project.define("all", "name: All")
    code, output = run("build", project.seeds, "--reviewed-only", "--out", project.decks)
    assert code == 1, output


# Reviews that no longer hold


@pytest.fixture
def signed(tmp_path: Path) -> Project:
    """A project whose one record was reviewed as a whole, and one question of it by somebody else, and then built."""
    project = Project(tmp_path / "project")
    path = project.record("dawn-1")
    sign(path, (), Verdict("reviewed", "A. Reader", "2026-09-20"))
    sign(path, ("questions", 0), Verdict("reviewed", "B. Reader", "2026-09-19"))
    project.build(NOW)
    return project


def told(project: Project, day: int) -> list[str]:
    """What `check` says of reviews that are older than the text, so many days after the first build."""
    time = {"SOURCE_DATE_EPOCH": str(NOW + day * 86_400)}
    result = CliRunner(env=time).invoke(main, ["check", str(project.seeds), "--select", "TD503", "--format", "json"])
    return [each["message"] for each in json.loads(result.output)["problems"]]


def test_a_review_is_older_than_the_text_from_the_edit_on_until_it_is_signed_anew(signed: Project) -> None:
    path = signed.seeds / "dawn-1.yaml"
    assert told(signed, 5) == []
    signed.edit("dawn-1", response="It holds")
    label = signed.line("dawn-1/question/why").label
    assert told(signed, 5) == [f"reviewed on 2026-09-19, but '{label}' was changed since the last build"]
    signed.build(NOW + 5 * 86_400)
    for day in (5, 50):
        assert told(signed, day) == [f"reviewed on 2026-09-19, but '{label}' was changed on 2026-09-26"]
    (page,) = pages(path, "2026-10-01")
    assert page.title == "question: why"
    assert page.earlier == f"reviewed on 2026-09-19 by B. Reader, but '{label}' was changed on 2026-09-26"
    later = {"SOURCE_DATE_EPOCH": str(NOW + 10 * 86_400)}
    output = CliRunner(env=later).invoke(main, ["review", str(path), "--by", "C"], input="y\n").output
    assert "Earlier: reviewed on 2026-09-19 by B. Reader, but" in output
    assert (told(signed, 10), pages(path, "2026-10-01")) == ([], ())
    signed.build(NOW + 11 * 86_400)
    assert told(signed, 20) == []


def test_what_the_record_vouches_for_is_told_at_its_review(signed: Project) -> None:
    signed.edit("dawn-1", summary="Dawnol put off relapse.\n")
    signed.build(NOW + 86_400)
    (message,) = told(signed, 2)
    assert message.startswith("reviewed on 2026-09-20, but '")
    assert "was changed on 2026-09-22" in message


def test_a_head_a_tag_or_an_edit_on_the_day_of_the_review_makes_no_review_old(signed: Project) -> None:
    signed.edit("dawn-1", topics="topics: [more]", title="Early Dawnol")
    signed.build(NOW + 86_400)
    assert told(signed, 2) == []
    path = signed.seeds / "dawn-1.yaml"
    sign(path, ("questions", 0), Verdict("reviewed", "B. Reader", "2026-09-23"))
    signed.build(NOW + 2 * 86_400)
    signed.edit("dawn-1", response="It holds")
    assert told(signed, 2) == []
    signed.build(NOW + 2 * 86_400 + 60)
    assert told(signed, 3) == []


def test_points_of_a_list_with_reviews_of_their_own_are_laid_open_when_the_list_changes(signed: Project) -> None:
    path = signed.seeds / "dawn-1.yaml"
    sign(path, ("limitations", 0), Verdict("reviewed", "B. Reader", "2026-09-18"))
    signed.build(NOW + 60)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Follow-up was short.", "Follow-up was too short."), encoding="utf-8")
    (message,) = told(signed, 5)
    assert message.startswith("reviewed on 2026-09-18, but 'Limitations of DAWN-1 Follow-up was short.' was")
    signed.build(NOW + 5 * 86_400)
    (page,) = pages(path, "2026-10-01")
    assert page.title == "limitations: short"
    sign(path, ("limitations", 0), Verdict("reviewed", "B. Reader", "2026-09-30"))
    signed.build(NOW + 11 * 86_400)
    assert (told(signed, 12), pages(path, "2026-10-05")) == ([], ())


def test_a_review_that_is_too_old_is_laid_open_again(signed: Project) -> None:
    path = signed.seeds / "dawn-1.yaml"
    assert pages(path, "2028-09-17") == ()
    laid_open = pages(path, "2028-09-19")
    assert [page.earlier for page in laid_open] == ["reviewed on 2026-09-19 by B. Reader"]
    assert len(pages(path, "2028-09-20")) > len(laid_open)


def test_a_damaged_ledger_is_told(signed: Project) -> None:
    (signed.decks / "ledger.jsonl").write_text("x\n", encoding="utf-8")
    result = CliRunner(env=DAY).invoke(main, ["check", str(signed.seeds)])
    assert result.exit_code == 1
    assert "this line of the ledger is damaged" in result.output
