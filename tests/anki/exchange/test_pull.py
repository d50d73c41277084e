"""What was edited in Anki comes back into the records, through the real Anki: those edits, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from anki_exports import in_anki
from anki_releases import NEWEST, REPORT, Report
from anki_releases import run as in_release
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, note_type

ADDED = "p3Q%8Y|x"
QUESTION = note_type(Kind.QUESTION)
FORMATS = ["plain", "legacy", "scheduled", "legacy-scheduled", "collection", "legacy-collection"]
Step = dict[str, Any]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of two records that was built once, with a comment that has to stay."""
    made = Project(tmp_path / "project")
    path = made.record("dawn-1")
    path.write_text(path.read_text(encoding="utf-8").replace("  - id: whom", "\n  # whom it helps\n  - id: whom"))
    made.record("noon-1")
    made.build()
    return made


def guid(entry: str, trial: str = "dawn-1") -> str:
    return guid_of(f"{trial}/{entry}")


def edit(entry: str, field: str, value: str, trial: str = "dawn-1") -> Step:
    return {"set_field": {"guid": guid(entry, trial), "name": field, "value": value}}


def added(trial: str = "DAWN-1", deck: str = "Elsewhere", response: str = "<b>Yes</b>, in the east") -> Step:
    values = QUESTION.filled(Question="<div>Is it dawn?</div>", Response=response, Trial=trial)
    return {"add": {"guid": ADDED, "type": QUESTION.name, "deck": deck, "fields": list(values), "tags": []}}


GAPS = "DAWN-1: dawnol delayed relapse by {{c1::two months::how long}}, against {{c2::placebo}}."
EDITS: list[Step] = [
    edit("question/why", "Response", "<p>It binds <b>dawnin</b> tightly, p&lt;0.001.</p>"),
    edit("question/whom", "Question", "<div>Whom does dawnol help most?</div>"),
    edit("summary", "Response", "<p>Dawnol delayed relapse by two months.</p><ul><li>safely</li><li>soon</li></ul>"),
    edit("key-findings/relapse/cloze/delay", "Text", GAPS.replace("two", "<i>two</i>")),
    edit("limitations", "Response", "<ol><li>Follow-up was <b>very</b> short.</li></ol>"),
    added(),
    {"delete": guid("takeaway/start")},
]  # fmt: skip


def exported(project: Project, *steps: Step, form: str = "plain") -> Path:
    """Import the decks into the real Anki, do these steps there, and export."""
    name = "export_collection" if "collection" in form else "export"
    out = project.folder / f"from-anki.{'colpkg' if 'collection' in form else 'apkg'}"
    settings: Step = {"path": str(out), "legacy": "legacy" in form}
    if name == "export":
        settings["scheduling"] = "scheduled" in form
    decks: list[Step] = [{"import": str(path)} for path in sorted(project.decks.glob("*.apkg"))]
    in_anki([*decks, *steps, {name: settings}])
    return out


def pull(project: Project, package: Path, *options: str) -> Result:
    call = ["pull", str(package), str(project.seeds), "--out", str(project.decks), *options]
    return CliRunner().invoke(main, call, catch_exceptions=False)


def texts(project: Project) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in project.seeds.glob("*.yaml")}


def difference(before: str, after: str) -> list[str]:
    """The lines that differ, as `diff` names them."""
    old, new = before.splitlines(), after.splitlines()
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


@pytest.mark.parametrize("form", FORMATS)
def test_edits_come_back_and_nothing_else(form: str, project: Project) -> None:
    before = texts(project)
    package = exported(project, *EDITS, form=form)
    shown = pull(project, package)
    assert shown.exit_code == 0, shown.output
    assert texts(project) == before
    assert "5 edited, 1 added, 0 conflicts, 0 left alone, 1 deleted; 1 record would be written" in shown.output
    assert "dawn-1/takeaway/start" in shown.output
    applied = pull(project, package, "--apply")
    assert "; 1 record written" in applied.output
    after = texts(project)
    assert after["noon-1"] == before["noon-1"]
    assert difference(before["dawn-1"], after["dawn-1"]) == [
        "-summary: Dawnol delayed relapse.",
        '-    cloze: {delay: "DAWN-1: dawnol delayed relapse by {{c1::two months}}, against {{c2::placebo}}."}',
        "-  - {id: short, text: Follow-up was short.}",
        "-    response: It binds **dawnin**.",
        "-    question: Whom does dawnol help?",
        "+summary: |-",
        "+  Dawnol delayed relapse by two months.",
        "+  - safely",
        "+  - soon",
        f'+    cloze: {{delay: "{GAPS.replace("two", "*two*")}"}}',
        "+  - {id: short, text: Follow-up was **very** short.}",
        "+    response: It binds **dawnin** tightly, p<0.001.",
        "+    question: Whom does dawnol help most?",
        "+  - id: dawn",
        f"+    guid: {ADDED}",
        "+    question: Is it dawn?",
        '+    response: "**Yes**, in the east"',
    ]


def test_the_round_trip_ends(project: Project) -> None:
    """After pull and build Anki has nothing to change, and there is nothing to pull."""
    package = exported(project, *EDITS)
    pull(project, package, "--apply")
    project.build(NOW + 400 * DAY)
    again = pull(project, exported(project))
    assert "0 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted; 0 records would be written" in again.output
    built = sorted(project.decks.glob("*.apkg"))
    first, second = (
        next(each for each in reversed(in_release(NEWEST, *some, REPORT)) if isinstance(each, Report))
        for some in ([package, *built], [package, *built, *built])
    )
    assert first.notes == second.notes
    assert first.schedules == second.schedules
    (new,) = (note for note in first.notes if note.guid == ADDED)
    assert new.key == "dawn-1/question/dawn"
    assert first.database == {"ok": True, "message": "Database rebuilt and optimized."}


def test_a_conflict_is_shown_and_the_rest_is_applied(project: Project) -> None:
    package = exported(
        project,
        edit("question/why", "Response", "<p>It binds dawnin <b>loosely</b>.</p>"),
        edit("question/whom", "Response", "<p>Adults, with example disease.</p>"),
    )
    project.edit("dawn-1", response="It blocks")
    before = texts(project)["dawn-1"]
    shown = pull(project, package, "--apply")
    assert shown.exit_code == 0
    heading = "edited in Anki and in the record since the last edition: nothing is written, decide by hand"
    assert f"{heading}:\n  dawn-1/question/why: Why does dawnol work?\n" in shown.output
    assert "[-blocks-]{+binds+}" in shown.output
    assert "1 edited, 0 added, 1 conflict" in shown.output
    assert difference(before, texts(project)["dawn-1"]) == [
        "-    response: Adults with example disease.",
        "+    response: Adults, with example disease.",
    ]


def test_a_record_that_was_edited_alone_is_no_news(project: Project) -> None:
    package = exported(project)
    project.edit("dawn-1", response="It blocks")
    assert "0 edited, 0 added, 0 conflicts, 0 left alone" in pull(project, package).output


def test_a_collection_of_an_older_edition_is_told(project: Project) -> None:
    package = exported(project, edit("question/why", "Response", "<p>It binds dawnin <b>loosely</b>.</p>"))
    project.edit("dawn-1", response="It blocks")
    project.build(NOW + DAY)
    before = texts(project)
    shown = pull(project, package, "--apply")
    assert "of another edition than the last one: nothing is written" in shown.output
    assert texts(project) == before


def test_a_text_that_was_corrected_twice_on_a_day_is_not_undone(project: Project) -> None:
    package = exported(project)
    project.edit("dawn-1", response="It blocks")
    project.build(NOW + 60)
    before = texts(project)
    shown = pull(project, package, "--apply")
    assert "0 edited" in shown.output
    assert texts(project) == before


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (edit("question/why", "Response", '<p style="color:red">It binds.</p>'), "Markdown cannot say <p style=…>"),
        (edit("question/why", "Response", "<u>It</u> binds."), "Markdown cannot say <u>"),
        (edit("question/why", "Response", '<img src="x.png">'), "Markdown cannot say <img>"),
        (edit("question/why", "Trial", "DAWN"), "it is made from other parts of the record: change it there"),
        (edit("result/rfs", "Response", "<p>0.5</p>"), "it is made from the numbers of the result 'rfs'"),
        (edit("limitations", "Response", "<ol><li>a</li><li>b</li></ol>"), "there is a point more or less"),
        (added(response=""), "its question or its response is empty"),
        (added(trial="Nowhere"), "it names no trial that has a record"),
    ],
)
def test_what_a_record_cannot_take_is_told_and_left_alone(step: Step, told: str, project: Project) -> None:
    before = texts(project)
    shown = pull(project, exported(project, step), "--apply")
    assert shown.exit_code == 0, shown.output
    assert told in shown.output
    assert "1 left alone" in shown.output
    assert texts(project) == before


@pytest.mark.parametrize("entry", ["trial", "takeaway/start"])
def test_every_text_finds_its_way(entry: str, project: Project) -> None:
    field = "Tested" if entry == "trial" else "Response"
    shown = pull(project, exported(project, edit(entry, field, "Quite another text")), "--apply")
    assert "1 edited" in shown.output
    assert "Quite another text" in texts(project)["dawn-1"]


def test_a_trial_without_a_record_is_edited_where_it_is_named(project: Project) -> None:
    shown = pull(project, exported(project, edit("trial", "Tested", "Duskol, twice", "dusk-2")), "--apply")
    assert "1 edited" in shown.output
    assert "{id: dusk-2, name: DUSK-2, tested: 'Duskol, twice', endpoint: Survival}" in texts(project)["dawn-1"]


def test_tags_of_a_person_and_her_own_field_are_told(project: Project) -> None:
    steps: list[Step] = [
        {"add_tag": {"guid": guid("question/why"), "tag": "hard"}},
        edit("question/whom", "Extra", "My own words"),
    ]
    before = texts(project)
    shown = pull(project, exported(project, *steps), "--apply")
    assert "  dawn-1/question/why: +hard\n" in shown.output
    assert "0 edited" in shown.output
    assert texts(project) == before


@pytest.mark.parametrize(
    "place", [{"trial": "", "deck": "Landmark Trials::DAWN-1"}, {"trial": "<b>dawn-1</b>"}, {"trial": "Noon-1"}]
)
def test_a_new_note_finds_its_trial(place: dict[str, str], project: Project) -> None:
    shown = pull(project, exported(project, added(**place)), "--apply")
    assert "1 added" in shown.output
    trial = "noon-1" if place["trial"] == "Noon-1" else "dawn-1"
    record = yaml.safe_load(texts(project)[trial])
    assert record["questions"][-1]["question"] == "Is it dawn?"
    assert record["questions"][-1]["guid"] == ADDED


def test_without_a_ledger_nothing_can_be_told(project: Project, tmp_path: Path) -> None:
    package = exported(project)
    call = ["pull", str(package), str(project.seeds), "--out", str(tmp_path / "nowhere")]
    shown = CliRunner().invoke(main, call)
    assert shown.exit_code == 1
    assert "has no ledger, so it cannot be told what was edited" in shown.output


def test_an_edit_that_makes_a_bad_record_is_not_written(project: Project) -> None:
    package = exported(project, edit("question/why", "Question", "<p>\u200b</p>"), edit("trial", "Title", ""))
    before = texts(project)
    shown = CliRunner().invoke(main, ["pull", str(package), str(project.seeds), "--out", str(project.decks), "--apply"])
    assert shown.exit_code == 1
    assert "what was edited in Anki is no good record" in shown.output
    assert texts(project) == before


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        (("Follow-up was short.", "Follow-up was <b>too</b> short."), "1 record written"),
        (("Elsewhere", "Nowhere"), "it is made from other parts of the record: change it there"),
    ],
)
def test_points_come_back_from_an_extract_without_what_stands_below_them(
    edited: tuple[str, str], said: str, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project")
    path = project.record()
    one = "{id: short, text: Follow-up was short.}"
    review = "review: {status: reviewed, by: A. Reader, on: 2026-01-02}"
    two = f"{{id: small, text: It was small.}}\n  - {one[:-1]}, source: {{citation: Elsewhere}}, {review}}}"
    path.write_text(path.read_text(encoding="utf-8").replace(one, two), encoding="utf-8")
    project.define("checked", "name: Checked", "select: {reviewed_only: true}")
    project.build()
    response = project.opened("checked").notes["dawn-1/reviewed/limitations"]["Response"]
    assert edited[0] in response
    package = exported(project, edit("reviewed/limitations", "Response", response.replace(*edited)))
    before = texts(project)["dawn-1"]
    result = pull(project, package, "--apply")
    assert said in result.output
    is_written = "written" in said
    assert texts(project)["dawn-1"] == (before.replace("was short.", "was **too** short.") if is_written else before)
