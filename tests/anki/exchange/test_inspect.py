"""What is in a package is said as it is, whoever made it."""

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import genanki
import pytest
from click.testing import CliRunner, Result

from anki_exports import FORMATS, exports, in_anki, package
from projects import Project
from trialdeck.cli import main
from trialdeck.core.text import counted


def inspect(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="session")
def anki_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exports(tmp_path_factory.getbasetemp() / "anki-exports")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A package of a record."""
    project = Project(tmp_path)
    project.record("dawn-1")
    project.build()
    return project.decks / "dawn-1.apkg"


def test_a_package_of_ours_agrees_with_its_database(built: Path) -> None:
    with zipfile.ZipFile(built) as archive, closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(archive.read("collection.anki2"))
        (notes,) = connection.execute("SELECT count(*) FROM notes").fetchone()
        (cards,) = connection.execute("SELECT count(*) FROM cards").fetchone()
    said = json.loads(inspect(built, "--format", "json").stdout)
    assert (said["notes"], said["cards"], said["studied"], said["retired"]) == (notes, cards, 0, 0)
    assert said["size"] == built.stat().st_size
    assert [(each["name"], each["cards"]) for each in said["decks"]] == [("Landmark Trials::DAWN-1", cards)]
    assert {each["name"] for each in said["note_types"]} == {"Trialdeck Question", "Trialdeck Cloze", "Trialdeck Trial"}
    assert sum(each["notes"] for each in said["note_types"]) == notes
    assert list(said["editions"].values()) == [notes]
    assert said["opens_in"] == "every Anki from 2.1 on"


@pytest.mark.parametrize("form", FORMATS)
def test_packages_of_anki(form: str, anki_folder: Path) -> None:
    said = json.loads(inspect(package(anki_folder, "first", form), "--format", "json").stdout)
    assert (said["notes"], said["cards"]) == (3, 4)
    assert said["opens_in"] == ("every Anki from 2.1 on" if "legacy" in form else "Anki from 2.1.50 on")
    assert "What to say" in {each["description"] for each in said["decks"]}


def test_a_screen_tells_what_counts(built: Path) -> None:
    lines = inspect(built).stdout.splitlines()
    assert lines[0] == built.as_posix()
    assert "  decks" in lines
    assert len(lines) < 30
    assert all(len(line) < 330 for line in lines)


@pytest.mark.parametrize(("count", "said"), [(1, "1 note"), (0, "0 notes"), (1200, "1,200 notes")])
def test_one_is_counted_as_one(count: int, said: str) -> None:
    assert counted(count, "note") == said


def test_notes_are_listed_one_a_line(built: Path) -> None:
    lines = inspect(built, "--notes").stdout.splitlines()
    assert "dawn-1/question/why  Trialdeck Question  Why does dawnol work?" in lines


def test_media_are_counted_in_both_forms(tmp_path: Path) -> None:
    model = genanki.Model(7, "Seen", fields=[{"name": "A"}], templates=[{"name": "C", "qfmt": "{{A}}", "afmt": "b"}])
    deck = genanki.Deck(8, "Seen")
    deck.add_note(genanki.Note(model, ['<img src="a.png"> and <img src="b.png">']))
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"\x89PNG" + bytes(996))
    made = tmp_path / "old.apkg"
    genanki.Package(deck, media_files=[tmp_path / "a.png", tmp_path / "b.png"]).write_to_file(made)
    new = tmp_path / "new.apkg"
    in_anki([{"import": str(made)}, {"export": {"path": str(new), "legacy": False, "scheduling": False}}])
    for path in (made, new):
        said = json.loads(inspect(path, "--format", "json").stdout)
        assert sorted(each["name"] for each in said["media"]) == ["a.png", "b.png"]
        assert all(each["size"] for each in said["media"])
        assert said["faulty_media"] == []
    assert "  media: 2, 2.0 kB" in inspect(made).stdout.splitlines()


def test_several_packages_come_one_after_the_other(built: Path, anki_folder: Path) -> None:
    paths = [built, package(anki_folder, "first", "plain")]
    said = inspect(*paths).stdout
    assert [said.count(path.as_posix()) for path in paths] == [1, 1]
