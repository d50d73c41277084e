"""What learners suggest goes into records, one by one: `trialdeck pull SUGGESTIONS.json`."""

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

import trialdeck as td
from projects import DAY, NOW, Project
from suggesting import AFTER, BEFORE, EIGHT_OF_TEN, WHY, document, suggestion, suggestions_file
from trialdeck.cli import main
from trialdeck.cli.records import pull as command
from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.yamlfile.document import parse_document
from trialdeck_addon.core.suggest import Draft, Words, letter


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("built"))
    made.record("dawn-1")
    made.build()
    return made


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A project of one record that was built once."""
    copied = Project(tmp_path / "project")
    for folder in ("seeds", "decks"):
        (copied.folder / folder).mkdir(parents=True)
        for file in (built.folder / folder).iterdir():
            (copied.folder / folder / file.name).write_bytes(file.read_bytes())
    return copied


def pull(project: Project, *arguments: str | Path, typed: str | None = None) -> Result:
    call = ["pull", *map(str, arguments), str(project.seeds), "--out", str(project.decks)]
    with patch.object(command, "in_terminal", lambda: typed is not None):
        return CliRunner().invoke(main, call, input=typed, catch_exceptions=False)


def record(project: Project) -> str:
    return (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")


def data(project: Project) -> dict[str, Any]:
    document, _ = parse_document((project.seeds / "dawn-1.yaml").read_bytes(), "")
    assert document
    read: dict[str, Any] = document.data
    return read


def test_a_suggestion_is_shown_and_nothing_is_written(project: Project, tmp_path: Path) -> None:
    before = record(project)
    result = pull(project, suggestions_file(tmp_path / "ada.json", suggestion()))
    assert result.exit_code == 0, result.output
    for words in (WHY, "Ada Example", "2026-10-20", "Table 2 says so.", "doi:10.1000/dawn", "tightly"):
        assert words in result.output
    assert "1 open, 0 conflicts, 0 left alone; write with --apply" in result.output
    assert record(project) == before


@pytest.mark.parametrize("option", [["--apply"], ["--accept", WHY], ["--accept", EIGHT_OF_TEN]])
def test_an_accepted_suggestion_is_written_in_place_with_its_contributor(
    project: Project, tmp_path: Path, option: list[str]
) -> None:
    before = data(project)
    result = pull(project, suggestions_file(tmp_path / "ada.json", suggestion()), *option)
    assert "1 accepted, 0 declined; 1 record written; the next release notes thank Ada Example" in result.output
    after = data(project)
    assert after.pop("contributors") == [{"name": "Ada Example", "for": WHY, "on": "2026-10-20"}]
    before["questions"][0]["response"] = "It binds **dawnin** tightly."
    assert json.dumps(after, default=str) == json.dumps(before, default=str)


def test_the_edition_with_the_correction_thanks_once(project: Project, tmp_path: Path) -> None:
    pull(project, suggestions_file(tmp_path / "ada.json", suggestion()), "--apply")
    project.build(NOW + DAY)
    assert f"**Thanks to**\n\n- Ada Example: `{WHY}`\n" in project.notes
    first = project.notes
    project.build(NOW + DAY)
    assert project.notes == first
    project.edit("dawn-1", response="It surely binds")
    project.build(NOW + 9 * DAY)
    assert project.notes.count("Thanks to") == 1
    assert project.line(WHY).thanks == {"2026-10-20 Ada Example": "2026-09-22"}


def test_nobody_is_thanked_who_did_not_give_a_name(project: Project, tmp_path: Path) -> None:
    pull(project, suggestions_file(tmp_path / "a.json", suggestion(contributor=None)), "--apply")
    assert "tightly" in record(project)
    assert "contributors" not in record(project)


def test_a_suggestion_for_a_text_that_has_changed_since_is_a_conflict(project: Project, tmp_path: Path) -> None:
    project.edit("dawn-1", response="It surely binds")
    file = suggestions_file(tmp_path / "ada.json", suggestion())
    shown = pull(project, file).output
    assert "but the record has changed since" in shown
    assert "since that edition: Response: It {+surely +}binds" in shown
    before = record(project)
    assert "0 accepted" in pull(project, file, "--apply").output
    assert record(project) == before
    assert "1 accepted" in pull(project, file, "--accept", WHY).output
    assert "It binds **dawnin** tightly." in record(project)


def test_a_suggestion_that_was_accepted_is_done(project: Project, tmp_path: Path) -> None:
    file = suggestions_file(tmp_path / "ada.json", suggestion())
    pull(project, file, "--apply")
    before = record(project)
    result = pull(project, file, "--apply")
    assert "0 accepted" in result.output
    assert "the record says it already" in pull(project, file).output
    assert record(project) == before


def test_what_was_declined_is_not_asked_again_and_may_be_accepted_after_all(project: Project, tmp_path: Path) -> None:
    file = suggestions_file(tmp_path / "ada.json", suggestion())
    before = record(project)
    assert "0 accepted, 1 declined; 0 records written" in pull(project, file, "--decline", WHY).output
    kept = project.seeds / "answered-suggestions.jsonl"
    answer = {"id": EIGHT_OF_TEN, "answer": "declined", "key": WHY, "date": "2026-10-20"}
    assert json.loads(kept.read_bytes()) == answer
    assert "declined before" in pull(project, file).output
    pull(project, file, "--apply")
    assert record(project) == before
    pull(project, file, "--accept", WHY)
    assert "tightly" in record(project)
    assert json.loads(kept.read_bytes()) == {**answer, "answer": "accepted"}
    assert "0 open" in pull(project, file).output


def test_two_that_say_the_same_are_both_thanked(project: Project, tmp_path: Path) -> None:
    ada = suggestions_file(tmp_path / "ada.json", suggestion())
    ben = suggestions_file(tmp_path / "ben.json", suggestion(id="suggestion-2", contributor="Ben Example"))
    assert "2 accepted, 0 declined; 1 record written; the next release notes thank Ada Example, Ben Example" in (
        pull(project, ada, ben, "--apply").output
    )
    names = [each["name"] for each in data(project)["contributors"]]
    assert names == ["Ada Example", "Ben Example"]


def test_two_that_say_different_things_cannot_both_be_accepted(project: Project, tmp_path: Path) -> None:
    other = suggestion(id="suggestion-2", fields={"Response": {"before": BEFORE, "after": "<p>It does not.</p>"}})
    file = suggestions_file(tmp_path / "both.json", suggestion(), other)
    result = pull(project, file, "--accept", WHY)
    assert "another suggestion says something else of the same text" in result.output
    assert "1 accepted" in result.output
    assert "tightly" in record(project)
    assert "It does not" not in record(project)


def test_of_a_list_only_the_points_count_that_differ(project: Project, tmp_path: Path) -> None:
    """The author has changed another point since: that is no conflict, and stays."""
    key = "dawn-1/limitations/points"
    before = field_of(project, key, "Text")
    point = data(project)["limitations"][0]["text"]
    after = before.replace(point, f"{point.rstrip('.')} indeed.")
    assert after != before
    made = suggestion(key, Kind.CLOZE, fields={"Text": {"before": before, "after": after}})
    result = pull(project, suggestions_file(tmp_path / "list.json", made), "--apply")
    assert "1 accepted" in result.output, result.output
    assert "indeed." in record(project)


def field_of(project: Project, key: str, name: str) -> str:
    """A field of a note as the records make it."""
    (note,) = (note for note in td.load(project.folder).notes() if note.key == key)
    return note.fields[name]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"guid": "AnotherDeck"}, "no note of these records has its guid"),
        ({"note_type": "Basic"}, "its note type is Basic, and that of the note is Trialdeck Question"),
        ({"fields": {"Extra": {"before": "", "after": "mine"}}}, "it is the learner's own"),
        ({"fields": {"Colour": {"before": "", "after": "red"}}}, "has no field of this name"),
        ({"fields": {"Citation": {"before": "x", "after": "y"}}}, "it is made from other parts of the record"),
        ({"fields": {"Response": {"before": BEFORE, "after": ""}}}, "it is empty in Anki"),
        ({"fields": {"Response": {"before": BEFORE, "after": "<script>x</script>"}}}, "it is empty in Anki"),
    ],
)
def test_what_no_record_can_take_is_listed_with_the_reason(
    project: Project, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    before = record(project)
    file = suggestions_file(tmp_path / "odd.json", suggestion(**changes))
    assert reason in pull(project, file).output
    assert "0 accepted" in pull(project, file, "--apply").output
    assert record(project) == before


def test_a_retired_note_is_not_corrected(project: Project, tmp_path: Path) -> None:
    text = record(project)
    path = project.seeds / "dawn-1.yaml"
    retired = "  - id: why\n    retired: {on: 2026-09-22, reason: Wrong.}\n"
    path.write_text(text.replace("  - id: why\n", retired), encoding="utf-8")
    assert "the note is retired" in pull(project, suggestions_file(tmp_path / "ada.json", suggestion())).output


def test_an_error_that_a_suggestion_would_make_is_said(project: Project, tmp_path: Path) -> None:
    key = "dawn-1/key-findings/relapse/cloze/delay"
    fields = {"Text": {"before": field_of(project, key, "Text"), "after": "DAWN-1: dawnol delayed relapse."}}
    result = pull(project, suggestions_file(tmp_path / "a.json", suggestion(key, Kind.CLOZE, fields=fields)), "--apply")
    assert "not written:" in result.output
    assert "the record would have an error" in result.output
    assert "contributors" not in record(project)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("a text", "it is not an object"),
        (suggestion(reason=None), "it lacks reason"),
        (suggestion(reason=""), "reason is empty"),
        (suggestion(reason=7), "reason is not a text"),
        (suggestion(reason="x" * 5001), "reason has more than 5,000 characters"),
        (suggestion(fields={}), "fields names nothing that differs"),
        (suggestion(fields={"Response": {"before": "x"}}), "fields → Response lacks after"),
        (suggestion(date="yesterday"), "date has not the right form: yesterday"),
        (suggestion(id="../../x"), "id has not the right form"),
        (suggestion(contributor="\ud800"), "it has halves of characters"),
    ],
)
def test_what_is_no_suggestion_is_said_and_stops_no_other(
    project: Project, tmp_path: Path, part: object, reason: str
) -> None:
    path = tmp_path / "some.json"
    path.write_text(json.dumps(document(part, suggestion(id="suggestion-2"))), encoding="utf-8")
    output = " ".join(pull(project, path).output.split())
    assert f"some.json, suggestion 1: {reason}" in output
    assert "1 open, 0 conflicts, 1 left alone" in output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(document(suggestion(), format=2)), "suggestions of another format than 1"),
        (json.dumps(document(suggestion()))[:-20], "its JSON is cut off or damaged"),
        (json.dumps(document()), "has no list of suggestions"),
        (json.dumps(document(suggestion(), suggestions="x")), "has no list of suggestions"),
        (json.dumps(document(*["x"] * 1001)), "has more than 1,000 suggestions"),
        (json.dumps(document(suggestion())) + " " * 10_000_000, "has more than 10,000,000 bytes"),
        ('{"kind":"trialdeck-suggestions",' * 100_000, "its JSON is cut off or damaged"),
    ],
    ids=["newer", "cut-off", "none", "no-list", "many", "huge", "deep"],
)
def test_a_file_that_cannot_be_used_is_an_error(project: Project, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    result = pull(project, path)
    assert result.exit_code == 1
    assert message in result.stderr


def test_suggestions_are_found_in_a_mail_and_in_any_text(project: Project, tmp_path: Path) -> None:
    text = json.dumps(document(suggestion()), indent=1, ensure_ascii=False)
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ada@example.org", "A correction"
    mail.set_content(f"Dear author,\n\n{text}\n\nKind regards\n", cte="quoted-printable")
    saved = tmp_path / "mail.eml"
    saved.write_bytes(mail.as_bytes())
    issue = tmp_path / "issue.txt"
    wrapped = text.replace("Table 2 says so.", "Table 2\nsays so.").replace("suggestion-1", "suggestion-2")
    issue.write_text(f"I found this:\n```json\n{wrapped}\n```\nThanks!", encoding="utf-8")
    assert "2 open" in pull(project, saved, issue).output


def test_a_decision_about_nothing_is_an_error(project: Project, tmp_path: Path) -> None:
    result = pull(project, suggestions_file(tmp_path / "ada.json", suggestion()), "--accept", "dawn-1/question/wyh")
    assert result.exit_code == 1
    assert "nothing here is called 'dawn-1/question/wyh'" in result.stderr
    assert f"did you mean '{WHY}'?" in result.stderr


def three(path: Path) -> Path:
    """Suggestions for three notes."""
    whom = {"Response": {"before": "", "after": "<p>Nobody.</p>"}}
    title = {"Title": {"before": "Dawnol for Example Disease", "after": "Dawnol for Example Diseases"}}
    return suggestions_file(
        path,
        suggestion(),
        suggestion("dawn-1/question/whom", id="suggestion-2", fields=whom),
        suggestion("dawn-1/trial", Kind.TRIAL, id="suggestion-3", fields=title, contributor="Ben Example"),
    )


def test_in_a_terminal_each_is_asked(project: Project, tmp_path: Path) -> None:
    result = pull(project, three(tmp_path / "three.json"), typed="a\nd\ns\n")
    assert "1 accepted, 1 declined; 1 record written; the next release notes thank Ada Example" in result.output
    assert result.output.index("Why does dawnol work?") < result.output.index("[a] accept")
    assert "tightly" in record(project)
    assert "Diseases" not in record(project)
    again = pull(project, three(tmp_path / "three.json"), typed="q\n")
    assert again.output.count("[a] accept") == 1


def test_to_interrupt_keeps_what_was_decided(project: Project, tmp_path: Path) -> None:
    assert "1 accepted, 0 declined" in pull(project, three(tmp_path / "three.json"), typed="a\n").output
    assert "tightly" in record(project)


def test_a_suggestion_may_be_reworded_before_it_is_accepted(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/tightly/like glue/' \"$1\"\n", encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    assert "1 accepted" in pull(project, suggestions_file(tmp_path / "a.json", suggestion()), typed="e\n").output
    assert "response: It binds **dawnin** like glue." in record(project)
    assert "Ada Example" in record(project)
    again = pull(project, tmp_path / "a.json", "--apply").output
    assert "0 accepted" in again
    assert "accepted before" in pull(project, tmp_path / "a.json").output
    assert "like glue." in record(project)


def test_without_an_option_nothing_of_a_package_is_declined(project: Project) -> None:
    result = pull(project, project.decks / "dawn-1.apkg", "--decline", WHY)
    assert result.exit_code == 2
    assert "--decline goes with --apply" in result.output


@pytest.mark.parametrize("way", ["file", "text"])
def test_what_the_addon_sends_is_what_pull_reads(project: Project, tmp_path: Path, way: str) -> None:
    note_type_name = note_type(Kind.QUESTION).name
    draft = Draft(
        1, guid_of(WHY), WHY, note_type_name, "2026-09-21", "Trials", "a@example.org", "", (("Response", BEFORE),)
    )
    sent = letter(draft, Words({"Response": AFTER}, "Table 2 says so.", "", "Ada Example"), "", "", "2026-10-20")
    path = tmp_path / sent.file_name
    path.write_bytes(sent.file if way == "file" else f"Dear author,\n\n{sent.text}\nBye".encode())
    assert "1 accepted" in pull(project, path, "--apply").output
    assert "It binds **dawnin** tightly." in record(project)
    assert data(project)["contributors"] == [{"name": "Ada Example", "for": WHY, "on": "2026-10-20"}]
