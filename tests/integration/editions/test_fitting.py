"""The copy of a package that Anki imports: what the learner wrote is in it, and nothing else is changed."""

import json
import sqlite3
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from projects import Project
from trialdeck.anki.import_copy import Fitting, write_fitted
from trialdeck.apkg.reader import PackedNote, ReadPackage, read_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.notes.note_types import Kind, note_type

WHY = "dawn-1/question/why"
QUESTION = note_type(Kind.QUESTION)
OWN = tuple((name, name) for name in QUESTION.field_names)


@pytest.fixture(scope="module")
def dawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("project"))
    project.record("dawn-1")
    project.build()
    return project.decks / "dawn-1.apkg"


def note_of(package: ReadPackage, key: str = WHY) -> PackedNote:
    (found,) = (note for note in package.notes if note.fields["Key"] == key)
    return found


_HTML = st.text(st.characters(exclude_characters="\x1f\0", exclude_categories=["Cs"]))
_TAG = st.text(st.characters(categories=["L", "N"], include_characters=":-_"), min_size=1)


@given(extra=_HTML, tags=st.lists(_TAG), changed=st.none() | st.integers(10**9, 2 * 10**9))
def test_what_is_fitted_is_there_and_nothing_else_is_other(
    dawn: Path, extra: str, tags: list[str], changed: int | None
) -> None:
    own = read_package(dawn)
    note = note_of(own)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "copy.apkg"
        write_fitted(dawn, target, {note.guid: Fitting({"Extra": extra}, tuple(tags), changed)}, {})
        copy = read_package(target)
    wanted = replace(
        note,
        fields={**note.fields, "Extra": extra},
        tags=tuple(sorted({*note.tags, *tags})),
        changed=note.changed if changed is None else changed,
    )
    assert note_of(copy) == wanted
    assert replace(copy, notes=()) == replace(own, notes=())
    assert [each for each in copy.notes if each.guid != note.guid] == [
        each for each in own.notes if each.guid != note.guid
    ]


@given(order=st.permutations([*OWN, ("Mnemonic", ""), ("Ψ", "")]))
def test_fields_stand_as_in_the_collection(dawn: Path, order: list[tuple[str, str]]) -> None:
    layout = tuple(("My notes" if theirs == "Extra" else theirs, ours) for theirs, ours in order)
    own = read_package(dawn)
    note = note_of(own)
    fittings = {note.guid: Fitting({"Extra": "mine", "Mnemonic": "B"}, (), None)}
    with TemporaryDirectory() as folder:
        target = Path(folder) / "copy.apkg"
        write_fitted(dawn, target, fittings, {QUESTION.id: layout})
        copy = read_package(target)
        settings = models(target)[str(QUESTION.id)]
    expected = {theirs: note.fields.get(ours, "") for theirs, ours in layout} | {"My notes": "mine", "Mnemonic": "B"}
    assert list(note_of(copy).fields.items()) == [(theirs, expected[theirs]) for theirs, _ in layout]
    names = [field["name"] for field in settings["flds"]]
    assert names == [theirs for theirs, _ in layout]
    assert [field["ord"] for field in settings["flds"]] == list(range(len(layout)))
    assert names[settings["sortf"]] == "Question"
    assert [[names[place] for place in places] for _, _, places in settings["req"]] == [["Question"]]
    ids = {field.name: field.id for field in QUESTION.fields}
    assert [field.get("id") for field in settings["flds"]] == [ids.get(ours) for _, ours in layout]
    other = note_of(copy, "dawn-1/trial")
    assert other == note_of(own, "dawn-1/trial")


def models(path: Path) -> dict[str, Any]:
    """Return the note types in a package, by id."""
    with zipfile.ZipFile(path) as archive:
        database = archive.read("collection.anki2")
    connection = sqlite3.connect(":memory:")
    connection.deserialize(database)
    ((text,),) = connection.execute("SELECT models FROM col")
    connection.close()
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_package_that_anki_exported(dawn: Path, tmp_path: Path) -> None:
    exported = repacked(dawn, tmp_path, rename={"collection.anki2": "collection.anki21"})
    with pytest.raises(TrialdeckError, match="was exported by Anki") as refused:
        write_fitted(exported, tmp_path / "copy.apkg", {}, {})
    assert refused.value.hint == "push a package that trialdeck has built"


def test_a_database_with_a_trigger_is_never_written_into(dawn: Path, tmp_path: Path) -> None:
    harmful = repacked(dawn, tmp_path, statement="CREATE TRIGGER t AFTER UPDATE ON notes BEGIN DELETE FROM notes; END")
    with pytest.raises(TrialdeckError, match="has a trigger called t"):
        write_fitted(harmful, tmp_path / "copy.apkg", {}, {})
    assert not (tmp_path / "copy.apkg").exists()


def test_the_disk_refuses_the_copy(dawn: Path, tmp_path: Path) -> None:
    with pytest.raises(TrialdeckError, match="cannot write"):
        write_fitted(dawn, tmp_path / "absent" / "copy.apkg", {}, {})


def repacked(package: Path, folder: Path, rename: dict[str, str] | None = None, statement: str = "SELECT 1") -> Path:
    """Write a package anew, with members renamed or its database altered."""
    path = folder / "repacked.apkg"
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "collection.anki2":
                connection = sqlite3.connect(":memory:")
                connection.deserialize(content)
                connection.execute(statement)
                connection.commit()
                content = connection.serialize()
                connection.close()
            new.writestr((rename or {}).get(name, name), content)
    return path
