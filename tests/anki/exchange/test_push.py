"""Packages are pushed into a running Anki once, and it is said what that changed, or that it is not known."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import genanki
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from anki_connect_programs import AnkiServer, running
from anki_connect_stub import Handler, Spoil, StubAnki, cut, cut_in_the_middle, error, result, says, serving, silent
from projects import DAY, NOW, Project
from pushes import edit, failed, find, push, said
from trialdeck.anki.connect import host_of, read_answer
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.errors import TrialdeckError

ABSENT = "Anki is not running, or the add-on AnkiConnect (code 2055492159) is not installed"
UNKNOWN = "it is not known whether Anki has imported"
SECRET = "open-sesame"


@pytest.fixture(autouse=True)
def nobodys_anki(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches an Anki that happens to be running, or a proxy."""
    monkeypatch.setenv("TRIALDECK_ANKI_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("TRIALDECK_ANKI_KEY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")


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
def anki() -> Iterator[StubAnki]:
    with serving(StubAnki()) as anki:
        yield anki


# --- what changed


def test_the_first_push_brings_all_notes_and_the_second_changes_nothing(anki: StubAnki, dawn: Path) -> None:
    assert said(dawn, "--url", anki.url) == f"{len(anki.notes)} new"
    assert len(anki.notes) > 5
    assert said(dawn, "--url", anki.url) == "nothing changed"
    assert anki.asked("importPackage") == 2


def test_the_next_edition_says_what_is_new_and_what_changed(anki: StubAnki, project: Project, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    many = len(anki.notes)
    project.edit("dawn-1", response="It binds and blocks")
    project.edit("dawn-1", short="  - {id: short, text: Follow-up was short.}\n  - {id: few, text: Few took part.}\n")
    project.build(NOW + DAY)
    told = said(dawn, "--url", anki.url)
    new = len(anki.notes) - many
    changed = sum(note.changed == NOW + DAY for _, note in anki.notes.values()) - new
    assert changed >= 1
    assert told == ", ".join([*[f"{new} new"] * bool(new), f"{changed} changed", f"{many - changed} unchanged"])
    assert said(dawn, "--url", anki.url) == "nothing changed"


def test_a_note_whose_key_was_renamed_is_changed_and_not_new(anki: StubAnki, project: Project, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    many = len(anki.notes)
    project.edit("dawn-1", why_id="  - id: how\n    formerly: [why]\n")
    project.build(NOW + DAY)
    assert said(dawn, "--url", anki.url) == f"1 changed, {many - 1} unchanged"
    assert find(anki, "dawn-1/question/how")


def test_a_retired_note_is_changed(anki: StubAnki, project: Project, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    many = len(anki.notes)
    project.edit("dawn-1", why="")
    project.build(NOW + DAY)
    assert said(dawn, "--url", anki.url) == f"1 changed, {many - 1} unchanged"


def test_what_was_edited_in_anki_later_is_kept_and_told(anki: StubAnki, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    edit(anki, "dawn-1/question/why", NOW + DAY, "Response")
    assert said(dawn, "--url", anki.url) == "nothing changed, 1 kept as it is in Anki"
    edit(anki, "dawn-1/question/whom", NOW + DAY, "Response")
    assert said(dawn, "--url", anki.url) == "nothing changed, 2 kept as they are in Anki"
    assert find(anki, "dawn-1/question/why")[2].fields["Response"] == "my own words"


def test_a_tag_of_the_learners_own_or_an_empty_field_is_no_difference(anki: StubAnki, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    edit(anki, "dawn-1/question/why", NOW + DAY, "Mnemonic", "", tag="leech")
    assert said(dawn, "--url", anki.url) == "nothing changed"


def test_a_copy_that_the_learner_made_confuses_nothing(anki: StubAnki, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    _, _, why = find(anki, "dawn-1/question/why")
    anki.notes["copy"] = (77, replace(why, fields={**why.fields, "Response": "my own words"}))
    assert said(dawn, "--url", anki.url) == "nothing changed"


def test_a_note_of_somebody_else_with_a_key_is_left_alone(anki: StubAnki, dawn: Path) -> None:
    stranger = PackedNote("theirs", "Locks", {"Key": "front-door"}, (), NOW, 1, ())
    anki.notes["theirs"] = (5, stranger)
    assert said(dawn, "--url", anki.url) == f"{len(anki.notes) - 1} new"
    assert anki.notes["theirs"] == (5, stranger)


def test_a_note_that_is_deleted_while_it_is_looked_at(anki: StubAnki, dawn: Path) -> None:
    def with_one_more(handler: Handler) -> None:
        result([4, *(each for each, _ in anki.notes.values())])(handler)

    anki.spoiled["findNotes"] = with_one_more
    assert said(dawn, "--url", anki.url) == f"{len(anki.notes)} new"


def test_many_notes_are_asked_for_in_parts(anki: StubAnki, dawn: Path) -> None:
    template = PackedNote("", "Trialdeck Question", {"Key": "x"}, (), NOW, 1, ())
    for number in range(1201):
        anki.notes[f"n{number}"] = (5000 + number, replace(template, fields={"Key": f"many/{number}"}))
    said(dawn, "--url", anki.url)
    parts = [len(each["params"]["notes"]) for each in anki.requests if each["action"] == "notesInfo"]
    # Before the import all of ours are looked at, after it only those of the package.
    assert parts == [500, 500, 201, len(anki.notes) - 1201]


def test_without_a_deck_all_packages_of_the_project_are_pushed(
    anki: StubAnki, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.record("noon-3")
    project.build(NOW + DAY)
    monkeypatch.chdir(project.seeds)
    pushed = push(TRIALDECK_ANKI_URL=anki.url)
    assert pushed.exit_code == 0
    assert [line.partition(":")[0] for line in pushed.stdout.splitlines()] == [
        "../decks/dawn-1.apkg",
        "../decks/noon-3.apkg",
    ]
    paths = [each["params"]["path"] for each in anki.requests if each["action"] == "importPackage"]
    assert paths == [str(project.decks.resolve() / name) for name in ("dawn-1.apkg", "noon-3.apkg")]
    again = push(TRIALDECK_ANKI_URL=anki.url).stdout.splitlines()
    assert [line.partition(": ")[2] for line in again] == ["nothing changed"] * 2


# --- what is refused before anything is sent


def test_a_project_without_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "there is no package in decks" in failed()


def test_a_damaged_package_stops_all_before_the_first_is_sent(anki: StubAnki, dawn: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.apkg"
    broken.write_bytes(b"hello")
    assert "is not an Anki package" in failed(dawn, broken, "--url", anki.url)
    assert anki.requests == []


def test_a_package_of_somebody_else(anki: StubAnki, tmp_path: Path) -> None:
    model = genanki.Model(
        7, "Plain", fields=[{"name": "Front"}], templates=[{"name": "A", "qfmt": "{{Front}}", "afmt": "x"}]
    )
    deck = genanki.Deck(8, "Plain")
    deck.add_note(genanki.Note(model, ["Hello"]))
    path = tmp_path / "plain.apkg"
    genanki.Package(deck).write_to_file(path, timestamp=NOW)
    assert "was not made by trialdeck: 1 of its 1 notes have no key" in failed(path, "--url", anki.url)
    assert anki.requests == []


def test_a_whole_collection_is_not_pushed(anki: StubAnki, dawn: Path) -> None:
    collection = dawn.rename(dawn.with_suffix(".colpkg"))
    assert "name a file that ends in .apkg" in failed(collection, "--url", anki.url)
    assert anki.requests == []


def test_another_machine_is_named_on_the_command_line_only(dawn: Path) -> None:
    elsewhere = "http://anki.invalid:8765"
    told = failed(dawn, TRIALDECK_ANKI_URL=elsewhere)
    assert "TRIALDECK_ANKI_URL names another machine: anki.invalid" in told
    assert ABSENT in failed(dawn, "--url", elsewhere)


@pytest.mark.parametrize("url", ["", "localhost:8765", "file:///etc/passwd", "http://", "http://a b/", "http://x:y/",
                                 "http://[::1/", "http://127.0.0.1:99999999", "http://\u202eanki/"])  # fmt: skip
def test_what_is_no_address(url: str, dawn: Path) -> None:
    assert "is not an address" in failed(dawn, "--url", url)


def test_an_address_with_a_password_is_not_repeated(dawn: Path) -> None:
    told = failed(dawn, "--url", f"http://me:{SECRET}@127.0.0.1:8765")
    assert "has no user and no password" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://127.0.0.1:8765", "127.0.0.1"), ("http://[::1]:8765/", "::1"), ("https://Localhost/api", "localhost")],
)
def test_hosts_of_addresses(url: str, host: str) -> None:
    assert host_of(url) == host


@given(st.text() | st.text(alphabet="htp:/[]@.1%\0 ").map("http://".__add__))
def test_every_text_is_an_address_or_refused(url: str) -> None:
    host = ""
    with suppress(TrialdeckError):
        host = host_of(url)
        assert host
    assert host in url.lower()


# --- what can go wrong with Anki


def test_anki_is_not_there(dawn: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    told = failed(dawn, "--url", url)
    assert f"{ABSENT}: no connection to {url} (Connection refused)" in told
    assert "start Anki; install the add-on" in told


@pytest.mark.parametrize("key", ["", "wrong-one"])
def test_a_key_is_missing_or_wrong(key: str, anki: StubAnki, dawn: Path) -> None:
    anki.key = SECRET
    told = failed(dawn, "--url", anki.url, *(["--key", key] if key else []))
    assert f"AnkiConnect wants {'another' if key else 'a'} key: valid api key must be provided" in told
    assert "TRIALDECK_ANKI_KEY" in told
    assert anki.asked("importPackage") == 0


def test_the_right_key_is_sent_with_every_request(anki: StubAnki, dawn: Path) -> None:
    anki.key = SECRET
    assert said(dawn, "--url", anki.url, TRIALDECK_ANKI_KEY=SECRET).endswith(" new")
    assert {each["key"] for each in anki.requests} == {SECRET}


def test_the_key_is_never_printed(anki: StubAnki, dawn: Path) -> None:
    anki.spoiled["version"] = error(f"bad request: {{'key': '{SECRET}'}}")
    told = failed(dawn, "--url", anki.url, "--key", SECRET)
    assert "Anki says: bad request: {'key': '…'}" in told
    assert SECRET not in told
    assert SECRET not in push("--help", TRIALDECK_ANKI_KEY=SECRET).output


DEEP = b"[" * 100_000


def patience(spoil: Spoil) -> list[str]:
    """Wait for a second if no answer comes; else for as long as a busy machine needs."""
    return ["--timeout", "1"] if spoil is silent else []


@pytest.mark.parametrize("action", ["version", "findNotes", "notesInfo", "importPackage"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (silent, "did not answer within 1 seconds"),
        (cut, "was cut"),
        (cut_in_the_middle, "was cut"),
        (says(b"<!DOCTYPE html><title>Router</title>"), "does not answer as AnkiConnect does"),
        (says(b""), "does not answer as AnkiConnect does"),
        (says(b"\xff\xfe\0"), "does not answer as AnkiConnect does"),
        (says(b"6"), "does not answer as AnkiConnect does"),
        (says(DEEP), "does not answer as AnkiConnect does"),
        (says(b'{"result": 6}'), "does not answer as AnkiConnect does"),
        (says(b'{"error": null}'), "does not answer as AnkiConnect does"),
        (says(b"<h1>Oops</h1>", 500), "it sends the HTTP error 500"),
        (says(b"", 403), "it sends the HTTP error 403"),
        (says(b"", 302, Location="/"), "it sends the HTTP error 302"),
        (says(b'{"result": true, "error": null}', 502), "it sends the HTTP error 502"),
        (result(None), "does not answer as AnkiConnect does: its result for"),
        (result("yes"), "does not answer as AnkiConnect does: its result for"),
        (result([{"noteId": "x"}]), "does not answer as AnkiConnect does: its result for"),
    ],
    ids=["silent", "cut", "middle", "html", "empty", "bytes", "number", "deep", "no error", "no result", "500", "403",
         "302", "502", "null", "text", "list"],
)  # fmt: skip
def test_no_answer_of_ankiconnect(action: str, spoil: Spoil, words: str, anki: StubAnki, dawn: Path) -> None:
    said(dawn, "--url", anki.url)
    anki.requests.clear()
    anki.spoiled[action] = spoil
    told = failed(dawn, "--url", anki.url, *patience(spoil))
    assert words in told
    assert anki.asked(action) == 1
    assert anki.asked("importPackage") == (action == "importPackage")
    assert (UNKNOWN in told) == (action == "importPackage")
    assert ("to push again is safe" in told) == (action == "importPackage")


@pytest.mark.parametrize("spoil", [silent, cut, says(b"<html>"), result(None), error("no such note")])
def test_what_changed_is_not_known_once_it_is_imported(spoil: Spoil, anki: StubAnki, dawn: Path) -> None:
    def later(handler: Handler) -> None:
        if anki.asked("importPackage"):
            spoil(handler)
        else:
            result([])(handler)

    anki.spoiled["findNotes"] = later
    told = failed(dawn, "--url", anki.url, *patience(spoil))
    assert f"Anki has imported {dawn}, but it cannot be told what changed" in told
    assert anki.asked("importPackage") == 1


def test_an_import_that_leaves_notes_out(anki: StubAnki, dawn: Path) -> None:
    anki.spoiled["importPackage"] = result(True)
    told = failed(dawn, "--url", anki.url)
    assert "of its notes are not there: dawn-1/" in told
    assert anki.asked("importPackage") == 1


@pytest.mark.parametrize("status", [200, 500])
def test_anki_refuses_a_package(status: int, anki: StubAnki, dawn: Path) -> None:
    anki.spoiled["importPackage"] = error("disk I/O error", status)
    told = failed(dawn, "--url", anki.url)
    assert f"{dawn} was not imported: Anki says: disk I/O error" in told
    assert UNKNOWN not in told
    assert anki.asked("importPackage") == 1


def test_no_profile_is_open(anki: StubAnki, dawn: Path) -> None:
    anki.spoiled["findNotes"] = error("collection is not available")
    assert "open a profile in Anki" in failed(dawn, "--url", anki.url)
    anki.spoiled = {"importPackage": result(False)}
    assert "open a profile in Anki" in failed(dawn, "--url", anki.url)


def test_ankiconnect_is_too_old(anki: StubAnki, dawn: Path) -> None:
    anki.spoiled["version"] = result(5)
    told = failed(dawn, "--url", anki.url)
    assert "is too old: it speaks version 5, not 6" in told
    assert "Check for Updates" in told


def test_no_text_of_anki_steers_the_terminal(anki: StubAnki, dawn: Path) -> None:
    anki.spoiled["importPackage"] = error("\x1b[2J\x07gone\r\nerror: fine\u202e")
    told = failed(dawn, "--url", anki.url)
    assert r"\x1b[2J\x07gone\r\nerror: fine\u202e" in told
    assert "\x1b" not in told


def test_the_first_of_two_packages_is_told_although_the_second_fails(
    anki: StubAnki, project: Project, dawn: Path
) -> None:
    project.record("noon-3")
    project.build(NOW + DAY)

    def second(handler: Handler) -> None:
        if anki.asked("importPackage") == 1:
            handler.send(json.dumps(anki.answer(anki.requests[-1])).encode())
        else:
            cut(handler)

    anki.spoiled["importPackage"] = second
    pushed = push(dawn, project.decks / "noon-3.apkg", "--url", anki.url)
    assert pushed.exit_code == 1
    assert pushed.stdout.endswith(" new\n")
    assert UNKNOWN in pushed.stderr
    assert "noon-3.apkg" in pushed.stderr
    assert anki.asked("importPackage") == 2


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9)


@given(st.binary())
def test_any_bytes_are_an_answer_or_none(content: bytes) -> None:
    answer = read_answer(content)
    assert answer is None or json.loads(content).keys() >= {"result", "error"}


@given(_JSON, st.none() | st.text())
def test_every_answer_is_read(value: Any, text: str | None) -> None:
    answer = read_answer(json.dumps({"result": value, "error": text}).encode())
    assert answer is not None
    assert (answer.result, answer.error) == (value, text)


# --- a real collection of Anki, behind another program that speaks as AnkiConnect does


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AnkiServer]:
    with running(tmp_path / "server") as server:
        yield server


def test_a_real_collection(server: AnkiServer, project: Project, dawn: Path) -> None:
    many = len(project.opened("dawn-1").notes)
    assert said(dawn, "--url", server.url) == f"{many} new"
    assert said(dawn, "--url", server.url) == "nothing changed"
    project.edit("dawn-1", response="It binds and blocks")
    project.edit("dawn-1", why_id="  - id: how\n    formerly: [why]\n")
    project.edit("dawn-1", takeaway="{id: begin,")
    project.build(NOW + DAY, allow=("history-cut",))
    # The takeaway of another id is a new note, and the old one is retired: changed.
    assert said(dawn, "--url", server.url) == f"1 new, 2 changed, {many - 2} unchanged"
    assert said(dawn, "--url", server.url) == "nothing changed"


def test_a_learners_edit_in_a_real_collection_is_kept(server: AnkiServer, dawn: Path) -> None:
    said(dawn, "--url", server.url)
    (note,) = server.ask("findNotes", query="Key:dawn-1/question/why")
    server.ask("updateNoteFields", note={"id": note, "fields": {"Response": "my own words"}})
    assert said(dawn, "--url", server.url) == "nothing changed, 1 kept as it is in Anki"
    (info,) = server.ask("notesInfo", notes=[note])
    assert info["fields"]["Response"]["value"] == "my own words"


def test_a_server_that_cannot_import(tmp_path: Path, dawn: Path) -> None:
    with running(tmp_path / "server", mended=False) as server:
        told = failed(dawn, "--url", server.url)
        assert f"{dawn} was not imported: Anki says: 'str' object has no attribute" in told
        assert server.ask("findNotes", query="Key:_*") == []
