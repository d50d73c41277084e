"""What comes in: each file is known by its content, and what is written are the bytes that the commands write."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import trialdeck as td
from folders import ROOT
from projects import DAY, NOW, Project
from studies import NCT, analysis, as_file, outcome, study
from suggesting import BEFORE, WHY, suggestion, suggestions_file
from trialdeck.cli import main
from trialdeck.notes.note import guid_of

EXAMPLES = ROOT / "docs" / "examples"
PAPER = f"PMID- 7\nTI  - A paper.\nAU  - Doe J\nSI  - ClinicalTrials.gov/{NCT}\nAID - 10.1234/abc [doi]\nSO  - J.\n"


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same project: for the API, and for the command line."""
    one = Project(tmp_path / "one")
    one.record("noon-1")
    (one.folder / "decks").mkdir()
    shutil.copytree(one.folder, tmp_path / "two")
    return one.folder, tmp_path / "two"


def command(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)
    assert result.exit_code == 0, result.output


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def only(project: Path, *files: Path, **more: Any) -> Any:
    arrived = td.intake(td.load(project), *files, **more)
    assert arrived.faults == ()
    (arrival,) = arrived.arrivals
    return arrival


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    made = study(outcome(analysis()), outcome(analysis(), title="Overall survival", type="SECONDARY"))
    (folder / "a.json").write_bytes(as_file(made))
    (folder / "b.nbib").write_text(PAPER, encoding="utf-8")
    return folder


def test_a_study_and_its_citation_make_the_record_that_ingest_makes(
    twins: tuple[Path, Path], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = twins
    before = contents(one)
    trial = only(one, files / "a.json", files / "b.nbib")
    assert (trial.way, trial.trial_id, trial.message) == ("new", "dawn-1", "")
    assert [(choice.label, choice.is_proposed) for choice in trial.outcomes][1] == ("Overall survival", False)
    assert [choice.is_proposed for choice in trial.publications] == [True]
    assert contents(one) == before
    assert trial.write() == (one / "seeds" / "dawn-1.yaml",)
    command(two, monkeypatch, "ingest", files / "a.json", files / "b.nbib", "-o", "seeds")
    assert contents(one) == contents(two)


def test_the_choices_are_those_of_new_from(
    twins: tuple[Path, Path], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = twins
    trial = only(one, files / "a.json", files / "b.nbib")
    chosen = trial.chosen(trial_id="dawn-9", acronym="DAWN-9", outcomes={"2"}, publication="1")
    chosen.write()
    monkeypatch.setattr("trialdeck.cli.records.new.in_terminal", lambda: True)
    monkeypatch.chdir(two)
    typed = "DAWN-9\ndawn-9\n1\n2\nnone\n"
    words = ["new", "--from", str(files / "a.json"), "--cite", str(files / "b.nbib")]
    result = CliRunner().invoke(main, words, input=typed, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert contents(one) == contents(two)


def test_a_trial_that_is_here_gets_what_it_lacks(
    twins: tuple[Path, Path], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = twins
    for folder in twins:
        command(folder, monkeypatch, "ingest", files / "a.json", "-o", "seeds")
        path = folder / "seeds" / "dawn-1.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index("\nresults:")] + text[text.index("\nreview:") :], encoding="utf-8")
    more = only(one, files / "a.json", files / "b.nbib")
    assert (more.way, more.by_number, more.path.name) == ("more", True, "dawn-1.yaml")
    assert {choice.detail for choice in more.additions} == {"source", "results"}
    assert [stay[0] for stay in more.stays] == []
    some = more.chosen(additions={more.additions[0].key})
    assert len([each for each in some.additions if each.is_proposed]) == 1
    more.write()
    command(two, monkeypatch, "ingest", files / "a.json", files / "b.nbib", "--into", "seeds/dawn-1.yaml")
    assert contents(one) == contents(two)
    again = only(one, files / "a.json")
    assert again.is_nothing
    assert again.write() == ()


def test_a_citation_alone_finds_its_record(
    twins: tuple[Path, Path], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = twins
    for folder in twins:
        command(folder, monkeypatch, "ingest", files / "a.json", "-o", "seeds")
    more = only(one, files / "b.nbib")
    assert "source.doi is now '10.1234/abc'" in more.messages
    more.write()
    command(two, monkeypatch, "ingest", files / "b.nbib", "--into", "seeds/dawn-1.yaml")
    assert contents(one) == contents(two)


def test_a_citation_of_no_trial_says_what_to_do(twins: tuple[Path, Path], files: Path) -> None:
    (fault,) = td.intake(td.load(twins[0]), files / "b.nbib").faults
    assert fault.message == "b.nbib: a citation alone has nothing to ask about"


def test_what_a_model_wrote_goes_into_the_record_of_its_trial(
    twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = twins
    for folder in twins:
        command(folder, monkeypatch, "ingest", EXAMPLES / "NCT00000001.json", "-o", "seeds")
    more = only(one, EXAMPLES / "dawn-1-model.txt")
    assert (more.way, more.added) == ("more", 3)
    assert any("a language model" in notice.text for notice in more.draft.not_taken)
    more.write()
    command(two, monkeypatch, "ingest", EXAMPLES / "dawn-1-model.txt", "--into", "seeds/dawn-1.yaml")
    assert contents(one) == contents(two)


def test_a_record_that_has_only_the_name_may_be_of_another_trial(
    twins: tuple[Path, Path], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = twins
    command(one, monkeypatch, "ingest", files / "a.json", "-o", "seeds")
    path = one / "seeds" / "dawn-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(f"  registry: {NCT}\n", "", 1), encoding="utf-8")
    more = only(one, files / "a.json")
    assert (more.way, more.by_number) == ("more", False)
    new = more.apart()
    assert (new.way, new.message) == ("new", "dawn-1.yaml exists already")
    assert new.chosen(trial_id="dawn-2").message == ""


def test_a_table_is_imported_with_its_map(twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = twins
    notes = only(one, EXAMPLES / "questions.csv")
    assert notes.way == "import"
    notes.write()
    command(two, monkeypatch, "import", EXAMPLES / "questions.csv", "--proposed")
    assert contents(one) == contents(two)


def test_a_corrected_map_is_that_of_the_command(
    twins: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = twins
    stated = {"format": 1, "note_types": {"Simple Question": {"question": "Answer", "response": "Question"}},
              "trial_id": "dawn-7"}  # fmt: skip
    notes = only(one, EXAMPLES / "by-genanki.apkg").chosen(stated)
    assert notes.first_cards(1)[0].question == "<p>Dawnol</p>"
    notes.write()
    (tmp_path / "map.yaml").write_text(json.dumps(stated), encoding="utf-8")
    command(two, monkeypatch, "import", EXAMPLES / "by-genanki.apkg", "--map", tmp_path / "map.yaml")
    assert contents(one) == contents(two)


def test_sheets_are_read_back(twins: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = twins
    command(one, monkeypatch, "sheet", "export", "-o", tmp_path / "sheets")
    sheet = tmp_path / "sheets" / "Questions.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8-sig").replace("It binds", "It surely binds"), encoding="utf-8-sig")
    changed = only(one, *sorted((tmp_path / "sheets").glob("*.csv")))
    assert [(change.before, change.after) for record in changed.records for change in record.changes] == [
        ("It binds **dawnin**.", "It surely binds **dawnin**.")
    ]
    changed.write()
    command(two, monkeypatch, "sheet", "import", tmp_path / "sheets")
    assert contents(one) == contents(two)


def edited_package(source: Path, target: Path, changes: dict[tuple[str, str], Callable[[str], str]], mod: int) -> Path:
    """A package as Anki would export it after fields were edited; by the guid of the note and the text of the field."""
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    database = target.with_suffix(".anki2")
    database.write_bytes(parts["collection.anki2"])
    with sqlite3.connect(database) as connection:
        for (guid, text), change in changes.items():
            (fields,) = connection.execute("SELECT flds FROM notes WHERE guid = ?", [guid]).fetchone()
            assert text in fields
            values = [change(value) if text in value else value for value in fields.split("\x1f")]
            joined = "\x1f".join(values)
            connection.execute("UPDATE notes SET flds = ?, mod = ? WHERE guid = ?", [joined, mod, guid])
    connection.close()
    parts["collection.anki2"] = database.read_bytes()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target


def two_edits(project: Project, target: Path) -> Path:
    changes: dict[tuple[str, str], Callable[[str], str]] = {
        (guid_of(WHY), "It binds"): lambda text: text.replace("It binds", "It tightly binds"),
        (guid_of("dawn-1/question/whom"), "Whom"): lambda text: text.replace("Whom", "Whom, if anybody,"),
    }
    return edited_package(project.decks / "dawn-1.apkg", target, changes, NOW + 5)


@pytest.fixture
def built(tmp_path: Path) -> Project:
    made = Project(tmp_path / "one")
    made.record("dawn-1")
    made.build()
    return made


def test_edits_from_anki_are_those_of_pull(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(built.folder, tmp_path / "two")
    package = two_edits(built, tmp_path / "export.apkg")
    edits = only(built.folder, package)
    assert [(note.key, note.standing) for note in edits.notes] == [
        ("dawn-1/question/whom", "open"), (WHY, "open"),
    ]  # fmt: skip
    done = edits.chosen({note.name for note in edits.notes}).write()
    assert done.accepted == ("dawn-1/question/whom", WHY)
    command(tmp_path / "two", monkeypatch, "pull", package, "--apply")
    assert contents(built.folder) == contents(tmp_path / "two")


def test_only_what_is_accepted_is_written_in_the_words_of_the_author(built: Project, tmp_path: Path) -> None:
    edits = only(built.folder, two_edits(built, tmp_path / "export.apkg"))
    (text,) = next(note for note in edits.notes if note.key == WHY).texts
    assert (text.record, text.proposed) == ("It binds **dawnin**.", "It tightly binds **dawnin**.")
    edits.chosen({WHY}, texts={text.name: "It binds **dawnin**, and firmly."}).write()
    record = (built.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    assert "response: It binds **dawnin**, and firmly." in record
    assert "if anybody" not in record


def test_a_conflict_shows_both_and_waits_for_its_name(built: Project, tmp_path: Path) -> None:
    package = two_edits(built, tmp_path / "export.apkg")
    built.edit("dawn-1", response="It loosely binds")
    edits = only(built.folder, package)
    conflict = next(note for note in edits.notes if note.key == WHY)
    assert conflict.standing == "conflict"
    (text,) = conflict.texts
    assert "".join(piece.text for piece in text.since if piece.kind != "added") == "It binds dawnin."
    assert "".join(piece.text for piece in text.since if piece.kind != "removed") == "It loosely binds dawnin."
    edits.chosen({WHY}).write()
    assert "response: It tightly binds **dawnin**." in (built.seeds / "dawn-1.yaml").read_text(encoding="utf-8")


def test_suggestions_are_decided_as_by_the_command(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(built.folder, tmp_path / "two")
    other = suggestion("dawn-1/question/whom", id="suggestion-2", fields={"Response": {"before": "", "after": "No."}})
    file = suggestions_file(tmp_path / "both.json", suggestion(), other)
    edits = only(built.folder, file)
    assert [note.standing for note in edits.notes] == ["open", "conflict"]
    done = edits.chosen({"suggestion-1"}, declined={"suggestion-2"}).write()
    assert (done.accepted, done.declined, done.thanked) == ((WHY,), ("dawn-1/question/whom",), ("Ada Example",))
    command(tmp_path / "two", monkeypatch, "pull", file, "--accept", "suggestion-1", "--decline", "suggestion-2")
    assert contents(built.folder) == contents(tmp_path / "two")


def test_a_correction_goes_from_a_learner_to_the_next_edition(built: Project, tmp_path: Path) -> None:
    def response() -> str:
        (note,) = (note for note in td.read_package(built.decks / "dawn-1.apkg").notes if note.guid == guid_of(WHY))
        return note.fields["Response"]

    assert response() == BEFORE
    file = suggestions_file(tmp_path / "ada.json", suggestion())
    only(built.folder, file).chosen({WHY}).write()
    built.build(NOW + DAY)
    assert response() == "<p>It binds <strong>dawnin</strong> tightly.</p>"
    assert "Thanks to" in built.notes
    (note,) = only(built.folder, file).notes
    assert note.standing == "done"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.pdf", b"%PDF-1.7", "x.pdf: this is a PDF"),
        ("x.txt", b"", "x.txt: the file is empty"),
        ("x.zip", b"PK\x05\x06" + b"\0" * 18, "x.zip"),
        ("x.apkg", b"PK\x03\x04torn", "x.apkg"),
        (
            "x.json",
            b'{"kind": "trialdeck-suggestions", "format": 2}',
            "x.json has suggestions of another format",
        ),
    ],
)
def test_what_cannot_be_read_is_said_and_stops_no_other_file(
    twins: tuple[Path, Path], files: Path, name: str, content: bytes, said: str
) -> None:
    (files / name).write_bytes(content)
    arrived = td.intake(td.load(twins[0]), files / name, files / "a.json")
    assert [arrival.way for arrival in arrived.arrivals] == ["new"]
    (fault,) = arrived.faults
    assert fault.message.startswith(said)
    assert str(files) not in fault.message


def test_the_own_deck_as_text_is_refused_with_the_way(built: Project, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text(f"#separator:tab\n#html:true\n#guid column:1\n{guid_of(WHY)}\tq\ta\n", encoding="utf-8")
    (fault,) = td.intake(td.load(built.folder), text).faults
    assert "your own notes as plain text" in fault.message
    assert "Anki Deck Package" in fault.hint
