"""A push keeps what a learner wrote: `Extra`, fields of their own and tags, on changed notes too."""

import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from anki_connect_addon import RELEASES, AnkiProgram, desktop
from anki_connect_programs import AnkiServer, running
from anki_connect_stub import Handler, StubAnki, cut, error, result, serving
from projects import DAY, NOW, Project
from pushes import edit, failed, find, push, said
from trialdeck.anki.collection import AnkiNotes, packed_state
from trialdeck.anki.connect import AnkiConnect
from trialdeck.anki.decide import MINE
from trialdeck.anki.import_copy import PREFIX
from trialdeck.anki.keep import Known, PackedCopy
from trialdeck.anki.published import FILE
from trialdeck.apkg.reader import read_package
from trialdeck.notes.note_types import Kind, note_type

WHY, WHOM, START = "dawn-1/question/why", "dawn-1/question/whom", "dawn-1/takeaway/start"
HTML = '<b>Mütter</b>&nbsp;&amp; <img src="own picture.png"><div><br></div>5 &lt; 6 \u2264 7'


@pytest.fixture(autouse=True)
def nobodys_anki(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches an Anki that happens to be running."""
    monkeypatch.setenv("TRIALDECK_ANKI_URL", "http://127.0.0.1:9")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.record("dawn-1")
    project.build()
    return project


@pytest.fixture
def dawn(project: Project) -> Path:
    return project.decks / "dawn-1.apkg"


@pytest.fixture
def anki(dawn: Path) -> Iterator[StubAnki]:
    """A stand-in that has the first edition."""
    with serving(StubAnki()) as anki:
        said(dawn, "--url", anki.url)
        yield anki


def fields(anki: StubAnki, key: str) -> dict[str, str]:
    return dict(find(anki, key)[2].fields)


def correct(project: Project, built: int = NOW + DAY, response: str = "It binds and blocks") -> None:
    """Change one response, and build; an id that was changed may be a new one."""
    project.edit("dawn-1", response=response)
    project.build(built, allow=("history-cut",))


def left(project: Project) -> list[str]:
    return [path.name for path in project.decks.glob(f"{PREFIX}*")]


# --- the stand-in: each case by itself


def test_extra_and_own_tags_stay_on_a_changed_note(anki: StubAnki, project: Project, dawn: Path) -> None:
    many = len(anki.notes)
    edit(anki, WHY, NOW + 5, html=HTML, tag="Leech")
    edit(anki, WHY, NOW + 6, html=HTML, tag="TrialDeckish::mine")
    correct(project)
    told = said(dawn, "--url", anki.url)
    assert told == f"1 changed, {many - 1} unchanged; kept what you wrote on 1 note"
    note = find(anki, WHY)[2]
    assert note.fields["Extra"] == HTML
    assert "binds and blocks" in note.fields["Response"]
    assert {"Leech", "TrialDeckish::mine"} < set(note.tags)
    assert [tag for tag in note.tags if tag.startswith("trialdeck::edition")] == ["trialdeck::edition::2026-09-22"]
    assert note.changed == NOW + DAY
    assert left(project) == []


def test_a_tag_of_ours_that_the_author_took_away_goes(anki: StubAnki, project: Project, dawn: Path) -> None:
    edit(anki, WHY, NOW + 5, tag="TRIALDECK::topic::gone")
    correct(project)
    said(dawn, "--url", anki.url)
    assert "TRIALDECK::topic::gone" not in find(anki, WHY)[2].tags


def test_extra_on_an_unchanged_note_is_no_difference(anki: StubAnki, dawn: Path) -> None:
    edit(anki, WHY, NOW + DAY, html=HTML, tag="leech")
    before = find(anki, WHY)
    assert said(dawn, "--url", anki.url) == "nothing changed"
    assert find(anki, WHY) == before


def test_extra_stays_on_a_retired_note(anki: StubAnki, project: Project, dawn: Path) -> None:
    edit(anki, WHY, NOW + 5, html=HTML, tag="leech")
    project.edit("dawn-1", why="")
    project.build(NOW + DAY)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    note = find(anki, WHY)[2]
    assert note.fields["Retired"]
    assert note.fields["Extra"] == HTML
    assert {"leech", "trialdeck::retired"} < set(note.tags)


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_extra_stays_on_a_renamed_note(anki: StubAnki, project: Project, dawn: Path, twice: bool) -> None:
    edit(anki, WHY, NOW + 5, html=HTML)
    project.edit("dawn-1", why_id="  - id: how\n    formerly: [why]\n")
    project.build(NOW + DAY)
    if twice:
        record = project.seeds / "dawn-1.yaml"
        record.write_text(record.read_text().replace("how\n    formerly: [why]", "wherefore\n    formerly: [why, how]"))
        project.build(NOW + 2 * DAY)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    assert fields(anki, f"dawn-1/question/{'wherefore' if twice else 'how'}")["Extra"] == HTML


def test_a_note_that_takes_over_the_key_of_a_retired_one_keeps_its_own(
    anki: StubAnki, project: Project, dawn: Path
) -> None:
    edit(anki, WHY, NOW + 5, html="of why")
    edit(anki, WHOM, NOW + 5, html="of whom")
    guid = find(anki, WHY)[0]
    # The retired note is found first: its id is the lower one.
    other, _, whom = find(anki, WHOM)
    anki.notes[other] = (1, whom)
    known, note = anki.notes[guid]
    packed = PackedCopy(guid, known, NOW + DAY, replace(packed_state(note), key=WHOM))
    states = AnkiNotes(AnkiConnect(anki.url))
    found = Known(states.states(states.ids())).find(WHOM, packed, {WHOM})
    assert found is not None
    assert found.personal.extra == "of why"


def test_a_correction_arrives_although_extra_was_written_after_it_was_built(
    anki: StubAnki, project: Project, dawn: Path
) -> None:
    edit(anki, WHY, NOW + 5 * DAY, html=HTML)
    correct(project)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    note = find(anki, WHY)[2]
    assert "binds and blocks" in note.fields["Response"]
    assert note.fields["Extra"] == HTML
    # One second after the learner's own change: had they edited it meanwhile, Anki would have kept that.
    assert note.changed == NOW + 5 * DAY + 1
    correct(project, NOW + 2 * DAY, "It binds and stays")
    said(dawn, "--url", anki.url)
    assert "binds and stays" in fields(anki, WHY)["Response"]


def test_the_authors_text_that_was_edited_later_is_kept(anki: StubAnki, project: Project, dawn: Path) -> None:
    edit(anki, WHY, NOW + 5 * DAY, "Response", "my own words")
    correct(project)
    assert said(dawn, "--url", anki.url) == "nothing changed, 1 kept as it is in Anki"
    assert fields(anki, WHY)["Response"] == "my own words"


def test_the_authors_text_that_was_edited_before_the_correction_is_kept(
    anki: StubAnki, project: Project, dawn: Path
) -> None:
    edit(anki, WHY, NOW + 5, "Response", "my own words")
    correct(project)
    assert said(dawn, "--url", anki.url) == "nothing changed, 1 kept as it is in Anki"
    assert fields(anki, WHY)["Response"] == "my own words"


def test_a_note_that_is_always_the_learners_is_kept(anki: StubAnki, project: Project, dawn: Path) -> None:
    edit(anki, WHY, NOW + 5, html="", tag=MINE)
    correct(project)
    assert said(dawn, "--url", anki.url) == "nothing changed, 1 kept as it is in Anki"
    assert "binds and blocks" not in fields(anki, WHY)["Response"]


def test_an_older_edition_never_replaces_a_newer_one(
    anki: StubAnki, project: Project, dawn: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.apkg"
    older.write_bytes(dawn.read_bytes())
    correct(project)
    said(dawn, "--url", anki.url)
    edit(anki, WHY, NOW + 5 * DAY, html=HTML)
    assert said(older, "--url", anki.url) == "nothing changed, 1 kept as it is in Anki"
    assert "binds and blocks" in fields(anki, WHY)["Response"]


def test_without_a_memory_anki_decides(anki: StubAnki, project: Project, dawn: Path, tmp_path: Path) -> None:
    edit(anki, WHY, NOW + 5 * DAY, html=HTML)
    correct(project)
    forgetful = {"TRIALDECK_CACHE": str(tmp_path / "elsewhere")}
    alone = tmp_path / "alone.apkg"
    alone.write_bytes(dawn.read_bytes())
    assert said(alone, "--url", anki.url, **forgetful) == "nothing changed, 1 kept as it is in Anki"
    assert fields(anki, WHY)["Extra"] == HTML


def test_the_ledger_beside_the_packages_is_a_memory(
    anki: StubAnki, project: Project, dawn: Path, tmp_path: Path
) -> None:
    edit(anki, WHY, NOW + 5 * DAY, html=HTML)
    correct(project)
    forgetful = {"TRIALDECK_CACHE": str(tmp_path / "elsewhere")}
    assert said(dawn, "--url", anki.url, **forgetful).endswith("; kept what you wrote on 1 note")
    assert "binds and blocks" in fields(anki, WHY)["Response"]


@pytest.mark.parametrize("harm", ["folder", "broken"])
def test_a_memory_that_cannot_be_used_costs_nothing(anki: StubAnki, project: Project, dawn: Path, harm: str) -> None:
    memory = Path(os.environ["TRIALDECK_CACHE"]) / FILE
    memory.unlink()
    if harm == "folder":
        memory.mkdir()
    else:
        memory.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    edit(anki, WHY, NOW + 5, html=HTML)
    correct(project)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    if harm == "broken":
        edit(anki, WHY, NOW + 5 * DAY, html=HTML)
        correct(project, NOW + 2 * DAY, "It binds and stays")
        assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")


def test_a_copy_of_a_note_and_the_note_each_keep_their_own(anki: StubAnki, project: Project, dawn: Path) -> None:
    edit(anki, WHY, NOW + 5, html=HTML)
    _, _, why = find(anki, WHY)
    anki.notes["copy"] = (9_999_999, replace(why, fields={**why.fields, "Extra": "of the copy"}))
    correct(project)
    said(dawn, "--url", anki.url)
    assert [note.fields["Extra"] for _, note in anki.notes.values() if note.fields["Key"] == WHY] == [
        HTML,
        "of the copy",
    ]


def test_a_package_that_needs_no_copy_is_sent_itself(anki: StubAnki, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    paths = {each["params"]["path"] for each in anki.requests if each["action"] == "importPackage"}
    assert paths == {str(dawn.resolve())}


def test_a_copy_differs_in_nothing_but_what_is_kept(
    anki: StubAnki, project: Project, dawn: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.apkg"

    def keeping(handler: Handler) -> None:
        kept.write_bytes(Path(anki.requests[-1]["params"]["path"]).read_bytes())
        result(True)(handler)

    edit(anki, WHY, NOW + 5, html=HTML, tag="leech")
    anki.spoiled["importPackage"] = keeping
    said(dawn, "--url", anki.url)
    own, copy = read_package(dawn), read_package(kept)
    assert (own.note_types, own.decks) == (copy.note_types, copy.decks)
    differing = [(one, other) for one, other in zip(own.notes, copy.notes, strict=True) if one != other]
    [(one, other)] = differing
    assert other == replace(one, fields={**one.fields, "Extra": HTML}, tags=tuple(sorted([*one.tags, "leech"])))
    with zipfile.ZipFile(dawn) as one_file, zipfile.ZipFile(kept) as other_file:
        assert one_file.namelist() == other_file.namelist()
        members = [name for name in one_file.namelist() if name != "collection.anki2"]
        assert [one_file.read(name) for name in members] == [other_file.read(name) for name in members]


def test_a_folder_that_cannot_be_written_into(
    anki: StubAnki, project: Project, dawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("trialdeck.anki.import_copy.mkdtemp", refuse)
    edit(anki, WHY, NOW + 5, html=HTML)
    correct(project)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    path = Path(next(each for each in reversed(anki.requests) if each["action"] == "importPackage")["params"]["path"])
    assert project.decks.resolve() not in path.parents
    assert not path.exists()


def test_the_copy_of_a_killed_push_is_removed_later(anki: StubAnki, project: Project, dawn: Path) -> None:
    for name, age in (("old", 4000), ("young", 60)):
        folder = project.decks / f"{PREFIX}{name}"
        folder.mkdir()
        (folder / "dawn-1.apkg").write_bytes(b"x")
        os.utime(folder, (time.time() - age,) * 2)
    edit(anki, WHY, NOW + 5, html=HTML)
    said(dawn, "--url", anki.url)
    assert left(project) == [f"{PREFIX}young"]


def test_the_copy_stays_while_anki_may_read_it(anki: StubAnki, project: Project, dawn: Path) -> None:
    edit(anki, WHY, NOW + 5, html=HTML)
    anki.spoiled["importPackage"] = cut
    assert "nothing of yours is lost, and to push again is safe" in failed(dawn, "--url", anki.url)
    assert len(left(project)) == 1
    anki.spoiled["importPackage"] = error("disk I/O error")
    assert "was not imported" in failed(dawn, "--url", anki.url)
    assert len(left(project)) == 1


def test_a_loss_is_never_silent(anki: StubAnki, project: Project, dawn: Path) -> None:
    def original(handler: Handler) -> None:
        anki.importPackage(str(dawn.resolve()))
        result(True)(handler)

    edit(anki, WHY, NOW + 5, html=HTML)
    correct(project)
    anki.spoiled["importPackage"] = original
    told = failed(dawn, "--url", anki.url)
    assert f"what you wrote on 1 of its notes is gone: {WHY}" in told
    assert "Edit → Undo" in told


# --- note types that the learner has changed


def renamed(anki: StubAnki, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Change the fields of all questions as Anki does when the note type is changed."""
    for guid, (known, note) in anki.notes.items():
        if note.note_type == note_type(Kind.QUESTION).name:
            anki.notes[guid] = (known, replace(note, fields=change(dict(note.fields))))


def as_my_notes(names: dict[str, str]) -> dict[str, str]:
    return {("My notes" if name == "Extra" else name): html for name, html in names.items()}


def with_mnemonic(names: dict[str, str]) -> dict[str, str]:
    return {"Mnemonic": "", **names}


def test_a_field_that_was_renamed_is_known_by_its_place(anki: StubAnki, project: Project, dawn: Path) -> None:
    renamed(anki, as_my_notes)
    edit(anki, WHY, NOW + 5, "My notes", HTML)
    correct(project)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    assert fields(anki, WHY)["My notes"] == HTML
    assert list(fields(anki, WHY)) == list(fields(anki, WHOM))


def test_a_field_that_was_renamed_is_known_by_its_id(
    anki: StubAnki, project: Project, dawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tells(modelNames: list[str]) -> list[dict[str, Any]]:  # noqa: N803
        assert modelNames == [note_type(Kind.QUESTION).name]
        named = [(field.name, field.id) for field in note_type(Kind.QUESTION).fields]
        now = [("Mnemonic", None), *(("My notes" if name == "Extra" else name, number) for name, number in named)]
        return [{"flds": [{"name": name, "id": number} for name, number in now]}]

    monkeypatch.setattr(anki, "findModelsByName", tells, raising=False)
    renamed(anki, lambda names: with_mnemonic(as_my_notes(names)))
    edit(anki, WHY, NOW + 5, "My notes", HTML)
    edit(anki, WHY, NOW + 6, "Mnemonic", "B for binding")
    correct(project)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    assert next(iter(fields(anki, WHY))) == "Mnemonic"
    assert (fields(anki, WHY)["My notes"], fields(anki, WHY)["Mnemonic"]) == (HTML, "B for binding")
    assert "binds and blocks" in fields(anki, WHY)["Response"]


def test_a_field_that_the_learner_added_is_kept(anki: StubAnki, project: Project, dawn: Path) -> None:
    renamed(anki, with_mnemonic)
    edit(anki, WHY, NOW + 5, "Mnemonic", "B for binding")
    correct(project)
    assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
    assert fields(anki, WHY)["Mnemonic"] == "B for binding"


def test_fields_that_cannot_be_told_apart_stop_the_push(anki: StubAnki, project: Project, dawn: Path) -> None:
    renamed(anki, lambda names: with_mnemonic(as_my_notes(names)))
    edit(anki, WHY, NOW + 5, "My notes", HTML)
    correct(project)
    before = dict(anki.notes)
    told = failed(dawn, "--url", anki.url)
    assert "lacks fields of ours in Anki and has My notes" in told
    assert "give the field its former name again" in told
    assert anki.notes == before


def test_a_note_type_without_extra(anki: StubAnki, project: Project, dawn: Path) -> None:
    renamed(anki, lambda names: {name: html for name, html in names.items() if name != "Extra"})
    correct(project)
    assert said(dawn, "--url", anki.url).startswith("1 changed, ")


# --- real collections: another program that speaks as AnkiConnect does, and the add-on itself in Anki's own program


COLLECTIONS = ["server", *RELEASES]


def opened(which: str, folder: Path) -> AbstractContextManager[AnkiServer]:
    return running(folder) if which == "server" else desktop(folder, which)


class Learner:
    """What a person does in Anki, through AnkiConnect, and what they see there."""

    def __init__(self, anki: AnkiServer) -> None:
        self.anki = anki

    def note(self, key: str) -> dict[str, Any]:
        (known,) = self.anki.ask("findNotes", query=f"Key:{key}")
        (info,) = self.anki.ask("notesInfo", notes=[known])
        found: dict[str, Any] = info
        return found

    def field(self, key: str, name: str = "Extra") -> str:
        html: str = self.note(key)["fields"][name]["value"]
        return html

    def write(self, key: str, name: str = "Extra", html: str = HTML, tags: str = "") -> None:
        known = self.note(key)["noteId"]
        self.anki.ask("updateNoteFields", note={"id": known, "fields": {name: html}})
        if tags:
            self.anki.ask("addTags", notes=[known], tags=tags)

    def card_ids(self, key: str) -> list[int]:
        found: list[int] = self.anki.ask("findCards", query=f"Key:{key}")
        return sorted(found)

    def cards(self, *keys: str) -> list[dict[str, Any]]:
        """The scheduling of the cards of notes."""
        ids = [card for key in keys for card in self.card_ids(key)]
        shown = ("cardId", "deckName", "interval", "type", "queue", "due", "reps", "lapses", "factor", "flags", "left")
        return [{name: card.get(name) for name in shown} for card in self.anki.ask("cardsInfo", cards=ids)]

    def study(self, key: str) -> None:
        """Give the cards of a note a history, a flag and another deck."""
        ids = self.card_ids(key)
        for card in ids:
            self.anki.ask("setSpecificValueOfCard", card=card, keys=["flags"], newValues=[3])
        self.anki.ask("changeDeck", cards=ids, deck="My own deck")
        self.anki.ask("answerCards", answers=[{"cardId": card, "ease": 4} for card in ids])

    def rest(self) -> None:
        """Let the clock go on: Anki tells times apart by the second, and AnkiConnect does not tell them all."""
        start = int(time.time())
        while int(time.time()) == start:
            time.sleep(0.02)


@pytest.mark.parametrize("which", COLLECTIONS)
def test_what_a_learner_wrote_in_real_anki(which: str, project: Project, dawn: Path, tmp_path: Path) -> None:
    """The editions are built long before the learner writes: the time of change alone would keep corrections out."""
    many = len(project.opened("dawn-1").notes)
    with opened(which, tmp_path / "anki") as anki:
        learner = Learner(anki)
        url = anki.url
        assert said(dawn, "--url", url) == f"{many} new"
        for key in (WHY, WHOM, START):
            learner.write(key, tags="Leech My::Own trialdeckish::x")
            learner.study(key)
        anki.ask("suspend", cards=learner.card_ids(WHY))
        extra = learner.field(WHY)
        assert "own picture.png" in extra
        cards = learner.cards(WHY, WHOM, START)
        assert {card["deckName"] for card in cards} == {"My own deck"}

        learner.rest()
        project.edit("dawn-1", takeaway="{id: begin,")
        correct(project)
        assert said(dawn, "--url", url) == f"1 new, 2 changed, {many - 2} unchanged; kept what you wrote on 2 notes"
        assert "binds and blocks" in learner.field(WHY, "Response")
        assert learner.field(START, "Retired")
        for key in (WHY, WHOM, START):
            assert learner.field(key) == extra
            assert {"Leech", "My::Own", "trialdeckish::x"} < set(learner.note(key)["tags"])
        assert "trialdeck::retired" in learner.note(START)["tags"]
        assert learner.cards(WHY, WHOM, START) == cards

        # What the last push wrote is no edit of the learner's: the next edition, built before that push, arrives.
        learner.rest()
        project.edit("dawn-1", response="It binds and stays")
        project.build(NOW + 2 * DAY)
        assert said(dawn, "--url", url) == f"1 changed, {many} unchanged; kept what you wrote on 1 note"
        assert said(dawn, "--url", url) == "nothing changed"

        # The learner's own edit of the author's text is one.
        learner.write(WHY, "Response", "my own words")
        learner.rest()
        project.edit("dawn-1", response="It binds and goes")
        project.build(NOW + 3 * DAY)
        assert said(dawn, "--url", url) == "nothing changed, 1 kept as it is in Anki"
        assert learner.field(WHY, "Response") == "my own words"
        assert learner.field(WHY) == extra
        assert learner.cards(WHY, WHOM, START) == cards


@pytest.mark.parametrize("which", COLLECTIONS)
def test_a_note_type_that_was_changed_in_real_anki(which: str, project: Project, dawn: Path, tmp_path: Path) -> None:
    question = note_type(Kind.QUESTION).name
    with opened(which, tmp_path / "anki") as anki:
        learner = Learner(anki)
        said(dawn, "--url", anki.url)
        types = anki.ask("modelNamesAndIds")
        anki.ask("modelFieldRename", modelName=question, oldFieldName="Extra", newFieldName="My notes")
        learner.write(WHY, "My notes")
        extra = learner.field(WHY, "My notes")
        cards = learner.cards(WHY, WHOM)
        learner.rest()
        correct(project)
        assert said(dawn, "--url", anki.url).endswith("; kept what you wrote on 1 note")
        assert "binds and blocks" in learner.field(WHY, "Response")
        assert learner.field(WHY, "My notes") == extra

        anki.ask("modelFieldRename", modelName=question, oldFieldName="My notes", newFieldName="Extra")
        anki.ask("modelFieldAdd", modelName=question, fieldName="Mnemonic", index=2)
        for key in (WHY, WHOM):
            learner.write(key, "Mnemonic", "B for binding")
        learner.rest()
        project.edit("dawn-1", response="It binds and stays", takeaway="{id: begin,")
        project.build(NOW + 2 * DAY, allow=("history-cut",))
        assert said(dawn, "--url", anki.url).startswith("1 new, 2 changed, ")
        assert "binds and stays" in learner.field(WHY, "Response")
        assert (learner.field(WHY), learner.field(WHY, "Mnemonic")) == (extra, "B for binding")
        assert learner.field(WHOM, "Mnemonic") == "B for binding"
        assert learner.field("dawn-1/takeaway/begin", "Mnemonic") == ""
        assert learner.cards(WHY, WHOM) == cards
        # Nothing was split off, and nothing was made of another note type.
        assert anki.ask("modelNamesAndIds") == types


@pytest.mark.parametrize("release", RELEASES)
def test_anki_is_killed_while_a_push_is_under_way(release: str, project: Project, dawn: Path, tmp_path: Path) -> None:
    """Between the import and all that follows, the worst moment for whoever takes away first and puts back later."""
    with desktop(tmp_path / "anki", release) as anki:
        learner = Learner(anki)
        said(dawn, "--url", anki.url)
        for key in (WHY, WHOM, START):
            learner.write(key, tags="leech")
        extra = learner.field(WHY)
        learner.rest()
        project.edit("dawn-1", takeaway="{id: begin,")
        correct(project)
        with forwarding(anki.url) as relay:
            relay.spoiled["importPackage"] = killing(anki)
            told = failed(dawn, "--url", relay.url)
            assert "nothing of yours is lost, and to push again is safe" in told
    with desktop(tmp_path / "anki", release) as anki:
        learner = Learner(anki)
        for key in (WHY, WHOM, START):
            assert learner.field(key) == extra
            assert "leech" in learner.note(key)["tags"]
        pushed = push(dawn, "--url", anki.url)
        assert pushed.exit_code == 0
        assert "binds and blocks" in learner.field(WHY, "Response")
        for key in (WHY, WHOM, START):
            assert learner.field(key) == extra
            assert "leech" in learner.note(key)["tags"]


class Relay(StubAnki):
    """Hands every request on to another program."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"result": AnkiServer(self.target).ask(request["action"], **request["params"]), "error": None}


def forwarding(url: str) -> AbstractContextManager[StubAnki]:
    return serving(Relay(url))


def killing(program: AnkiProgram) -> Callable[[Handler], None]:
    """Let the import happen, then kill Anki before it can say so."""

    def spoil(handler: Handler) -> None:
        handler.anki.answer(handler.anki.requests[-1])
        program.kill()
        cut(handler)

    return spoil
