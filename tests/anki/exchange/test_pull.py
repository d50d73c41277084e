"""What was edited in Anki comes back into the records, through the real Anki: those edits, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from anki_exports import in_anki
from anki_releases import NEWEST, REPORT, Report
from anki_releases import run as in_release
from conftest import RECORD
from forest_trials import trial_text
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
LIMITATIONS = "<p>Limitations of DAWN-1</p><ol><li>{{{{c407::{}}}}}</li></ol>"
EDITS: list[Step] = [
    edit("question/why", "Response", "<p>It binds <b>dawnin</b> tightly, p&lt;0.001.</p>"),
    edit("question/whom", "Question", "<div>Whom does dawnol help most?</div>"),
    edit("summary", "Response", "<p>Dawnol delayed relapse by two months.</p><ul><li>safely</li><li>soon</li></ul>"),
    edit("key-findings/relapse/cloze/delay", "Text", GAPS.replace("two", "<i>two</i>")),
    edit("limitations/points", "Text", LIMITATIONS.format("Follow-up was <b>very</b> short.")),
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


@pytest.mark.parametrize("indent", [None, 2])
def test_edits_come_back_into_json(indent: int | None, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    path = project.seeds / "dawn-1.json"
    data = yaml.safe_load(RECORD)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(data, indent=indent), encoding="utf-8")
    project.build()
    assert pull(project, exported(project, *EDITS), "--apply").exit_code == 0
    changed = json.loads(path.read_text(encoding="utf-8"))
    assert changed["summary"] == "Dawnol delayed relapse by two months.\n\n- safely\n- soon"
    assert [entry["response"] for entry in changed["questions"]] == [
        "It binds **dawnin** tightly, p<0.001.", data["questions"][1]["response"], "**Yes**, in the east",
    ]  # fmt: skip
    assert changed["results"] == data["results"]
    assert list(changed) == list(data)
    assert path.read_text(encoding="utf-8").count("\n") >= (json.dumps(data, indent=indent)).count("\n")


def test_nobody_took_tags_from_a_note_that_was_added_in_anki(project: Project) -> None:
    package = exported(project, *EDITS)
    pull(project, package, "--apply")
    assert "-trialdeck::" not in pull(project, package).output


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
        (edit("question/why", "Response", '<img src="x.png">'), "it holds nothing but a picture (x.png)"),
        (edit("question/why", "Response", "<br>"), "it is empty in Anki: to withdraw it, give its entry `retired`"),
        (edit("question/why", "Question", "<p>\u200b</p>"), "it is empty in Anki"),
        (edit("trial", "Title", ""), "it is empty in Anki"),
        (edit("question/why", "Trial", "DAWN"), "it is made from other parts of the record: change it there"),
        (edit("result/rfs", "Response", "<p>0.5</p>"), "it is made from the numbers of the result 'rfs'"),
        (edit("limitations/points", "Text", "<ol><li>a</li><li>b</li></ol>"), "there is a point more or less"),
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


def test_renamed_note_types_and_fields_are_known_again(project: Project) -> None:
    """Everything comes back as without the new names, and nothing is taken for deleted."""
    names = {"type": QUESTION.name, "name": "Mine", "field": "Question", "to": "Ask"}
    result = pull(project, exported(project, EDITS[0], {"rename": names}))
    assert "seeds/dawn-1.yaml questions.0.response: It binds" in result.output
    assert "1 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted" in result.output


def test_notes_of_another_type_are_named(project: Project) -> None:
    """A note whose type was changed, and one of another type in a deck of ours; others are no news."""
    others: list[Step] = [
        {"add": {"guid": deck, "type": "Basic", "deck": deck, "fields": [f"In {deck}?", "x"], "tags": []}}
        for deck in ("Landmark Trials::DAWN-1", "Elsewhere")
    ]
    changed: Step = {"change_type": {"guid": guid("question/why"), "type": "Basic"}}
    output = pull(project, exported(project, changed, *others)).output
    assert f"In Landmark Trials::DAWN-1?: it is of the type Basic: change it to {QUESTION.name}" in output
    assert "its note type was changed to Basic: change it back" in output
    assert "Elsewhere" not in output
    assert "0 edited, 0 added, 0 conflicts, 2 left alone, 0 deleted" in output


def test_a_package_of_others_is_an_error(project: Project, tmp_path: Path) -> None:
    note: Step = {"add": {"guid": "theirs", "type": "Basic", "deck": "A", "fields": ["Why?", "So"], "tags": []}}
    package = tmp_path / "theirs.apkg"
    in_anki([note, {"export": {"path": str(package), "legacy": True, "scheduling": False}}])
    result = pull(project, package)
    assert result.exit_code == 1
    assert "theirs.apkg has no note of these records" in result.output
    assert "`trialdeck import` takes the decks of others" in result.output


def test_what_anki_normalises_is_no_edit(project: Project) -> None:
    """Anki writes é as one character, and its editor leaves line breaks behind a list."""
    path = project.seeds / "dawn-1.yaml"
    record = path.read_text(encoding="utf-8")
    path.write_text(record.replace("Follow-up was short.", "Follow-up of cafe\u0301s was short."), encoding="utf-8")
    project.build()
    before = texts(project)
    points = LIMITATIONS.format("Follow-up of caf\u00e9s was short.") + "<div><br></div>"
    result = pull(project, exported(project, edit("limitations/points", "Text", points)), "--apply")
    assert "0 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted" in result.output
    assert texts(project) == before
    longer = points.replace("short", "very short")
    result = pull(project, exported(project, edit("limitations/points", "Text", longer)), "--apply")
    assert "1 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted" in result.output


def test_points_in_another_order_are_left_alone(project: Project) -> None:
    path = project.seeds / "dawn-1.yaml"
    record = path.read_text(encoding="utf-8")
    path.write_text(record.replace("limitations:", "limitations:\n  - {id: few, text: Few patients.}"))
    project.build()
    before = texts(project)
    points = "<ol><li>Follow-up was short.</li><li>Few patients.</li></ol>"
    result = pull(project, exported(project, edit("limitations/points", "Text", points)), "--apply")
    assert "dawn-1/limitations/points: its points stand in another order: change that in the record" in result.output
    assert texts(project) == before


def test_without_a_ledger_nothing_can_be_told(project: Project, tmp_path: Path) -> None:
    package = exported(project)
    call = ["pull", str(package), str(project.seeds), "--out", str(tmp_path / "nowhere")]
    shown = CliRunner().invoke(main, call)
    assert shown.exit_code == 1
    assert "has no ledger, so it cannot be told what was edited" in shown.output


def test_a_field_that_no_record_can_take_stops_no_other(project: Project) -> None:
    steps = [
        edit("question/why", "Question", ""),
        edit("key-findings/relapse/cloze/delay", "Text", "DAWN-1: dawnol delayed relapse."),
        edit("question/whom", "Response", "<p>Adults, with example disease.</p>"),
        added(),
    ]
    before = texts(project)["dawn-1"]
    shown = pull(project, exported(project, *steps), "--apply")
    assert shown.exit_code == 0, shown.output
    assert "1 edited, 1 added, 0 conflicts, 2 left alone" in shown.output
    assert "  dawn-1/question/why: it is empty in Anki" in shown.output
    assert "  dawn-1/key-findings/relapse/cloze/delay: the record would have an error: TD" in shown.output
    changed = difference(before, texts(project)["dawn-1"])
    assert changed[:2] == [
        "-    response: Adults with example disease.",
        "+    response: Adults, with example disease.",
    ]
    assert "+    question: Is it dawn?" in changed


def test_what_was_pulled_differs_no_more(project: Project) -> None:
    steps = [
        *EDITS,
        edit("takeaway/start", "Response", "<div><b>Start</b> early</div><ul><li>a</li><ul><li>b</li></ul></ul>"),
        edit("question/whom", "Response", "10<sup>9</sup>/L<br>&nbsp;<br><blockquote>q</blockquote>"),
    ]
    package = exported(project, *(step for step in steps if "delete" not in step))
    assert "0 left alone" in pull(project, package, "--apply").output
    after = texts(project)
    again = pull(project, package, "--apply")
    assert "0 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted; 0 records written" in again.output
    assert texts(project) == after


def test_shared_content_is_no_conflict(project: Project) -> None:
    """Anki's editor rewrites a field that the cursor passes through, and an author corrects the source meanwhile."""
    opened = project.packages["dawn-1"].notes["dawn-1/question/why"]
    steps = [edit("question/why", name, opened[name].replace("strong>", "b>") + "<br>") for name in ("About", "Source")]
    package = exported(project, *steps, edit("question/why", "Response", "<p>It binds dawnin <b>loosely</b>.</p>"))
    project.edit("dawn-1", title="Another title")
    shown = pull(project, package, "--apply")
    assert "1 edited, 0 added, 0 conflicts" in shown.output


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ('<p style="color:red">It binds.</p>', "taken without the colour of 'It binds.'"),
        ("<u>It</u> binds.", "taken without the underline of 'It'"),
        ('It binds.<img src="x.png">', "taken without a picture (x.png)"),
    ],
)
def test_what_is_taken_without_something_says_so(html: str, told: str, project: Project) -> None:
    package = exported(project, edit("question/why", "Response", html))
    shown = pull(project, package, "--apply")
    assert told in shown.output
    assert "    response: It binds.\n" in texts(project)["dawn-1"]
    assert "0 edited, 0 added, 0 conflicts, 0 left alone" in pull(project, package).output


def test_a_new_note_says_which_fields_no_question_holds(project: Project) -> None:
    values = QUESTION.filled(
        Question="Is it dawn?",
        Response="Yes",
        Trial="DAWN-1",
        Perspective="Bedside",
        Audience="Student",
        Source="Me 2020",
    )
    step = {"add": {"guid": ADDED, "type": QUESTION.name, "deck": "Elsewhere", "fields": list(values), "tags": ["x"]}}
    shown = pull(project, exported(project, step), "--apply")
    told = "taken without the perspective 'Bedside' (clinical is written), the field Source ('Me 2020'), the tag x\n"
    assert f"  dawn-1/question/dawn: Is it dawn?\n    {told}" in shown.output
    assert "    audience: [student]\n" in texts(project)["dawn-1"]


def test_a_new_note_that_names_two_trials_is_left_alone(project: Project) -> None:
    step = added(trial="NOON-1")
    step["add"]["tags"] = ["trialdeck::trial::dawn-1"]
    output = pull(project, exported(project, step)).output
    assert "it names dawn-1 and noon-1: its tags, its field Trial and its deck have to agree" in output
    output = pull(project, exported(project, added(trial="NOON-1", deck="Landmark Trials::DAWN-1"))).output
    assert "noon-1/question/dawn: Is it dawn?" in output


def test_a_new_note_says_what_it_is_taken_without(project: Project) -> None:
    shown = pull(project, exported(project, added(response="<u>Yes</u>, 10<sup>9</sup>")), "--apply")
    assert "  dawn-1/question/dawn: Is it dawn?\n    taken without the underline of 'Yes'\n" in shown.output
    assert "    response: Yes, 10⁹\n" in texts(project)["dawn-1"]


def test_only_what_the_package_would_hold_was_deleted(project: Project) -> None:
    """Of a project with a deck for each perspective, one deck is exported, in which one note was deleted."""
    project.define("clinic", "name: Clinic", "select: {perspectives: [clinical]}")
    project.define("lab", "name: Lab", "select: {perspectives: [mechanism]}")
    for path in project.decks.glob("*.apkg"):
        path.unlink()
    project.build(NOW + DAY)
    (project.decks / "lab.apkg").unlink()
    shown = pull(project, exported(project, {"delete": guid("question/whom")}))
    assert "0 edited, 0 added, 0 conflicts, 0 left alone, 1 deleted" in shown.output
    assert "  dawn-1/question/whom: " in shown.output


def test_notes_of_trials_that_were_not_exported_are_not_deleted(project: Project) -> None:
    (project.decks / "noon-1.apkg").unlink()
    assert "0 deleted" in pull(project, exported(project)).output


@pytest.mark.parametrize("start", ["#separator:tab\n#html:true\n#guid column:1\n", "\ufeff#html:true\n"])
def test_an_export_as_text_is_told_apart(start: str, project: Project) -> None:
    path = project.folder / "Notes.txt"
    path.write_text(f"{start}p3Q%8Y|x\tQuestion\tResponse\n", encoding="utf-8")
    call = ["pull", str(path), str(project.seeds), "--out", str(project.decks)]
    shown = CliRunner().invoke(main, call, catch_exceptions=False)
    assert shown.exit_code == 1
    assert f"{path} holds notes as plain text, which do not say when they were changed" in shown.output
    assert "choose Anki Deck Package (.apkg)" in shown.output


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        (("Follow-up was short.", "Follow-up was <b>too</b> short."), "1 record written"),
        (("Elsewhere", "Nowhere"), "it is made from other parts of the record: change it there"),
        (("Limitations of", "Faults of"), "it is made from other parts of the record: change it there"),
        (("{{c407::Follow-up was short.}}", "Follow-up was short."), "it is made from other parts of the record"),
    ],
)
def test_points_come_back_without_what_stands_around_them(edited: tuple[str, str], said: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    path = project.record()
    one = "{id: short, text: Follow-up was short.}"
    two = f"{{id: small, text: It was small.}}\n  - {one[:-1]}, source: {{citation: Elsewhere}}}}"
    path.write_text(path.read_text(encoding="utf-8").replace(one, two), encoding="utf-8")
    project.build()
    text = project.opened("dawn-1").notes["dawn-1/limitations/points"]["Text"]
    assert edited[0] in text
    package = exported(project, edit("limitations/points", "Text", text.replace(*edited)))
    before = texts(project)["dawn-1"]
    result = pull(project, package, "--apply")
    assert said in result.output
    is_written = "written" in said
    assert texts(project)["dawn-1"] == (before.replace("was short.", "was **too** short.") if is_written else before)


def test_an_edit_of_a_note_across_trials_is_refused_with_what_to_do(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    for name in ("DAWN-1", "DUSK-2", "NOON-3"):
        project.text(name.lower(), trial_text(name))
    project.build()
    key = "across:example-disease/pfs"
    before = texts(project)
    done = pull(project, exported(project, edit("pfs", "Back", "<p>Pooled: 0.7</p>", "across:example-disease")))
    assert texts(project) == before
    assert f"{key}" in done.output
    assert "it shows results of several records: change them there" in " ".join(done.output.split())
