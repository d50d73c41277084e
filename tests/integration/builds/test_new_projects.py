"""A new project: its files, its example, and that nothing which is there is touched."""

from pathlib import Path

import pytest

import trialdeck as td


def test_the_example_of_a_new_project_has_no_problem_and_builds(tmp_path: Path) -> None:
    begun = td.begin(tmp_path / "my-trials", with_example=True)
    assert begun.written[-1] == "seeds/dawn-1.yaml"
    project = td.load(tmp_path / "my-trials")
    assert td.check(project).problems == ()
    (package,) = td.build(project).packages
    assert package.title == "My Trials::Trials::DAWN-1"
    assert {note.perspective for note in project.notes()} == {"mechanism", "clinical", "reviewer"}


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "README.md").write_text("mine")
    begun = td.begin(tmp_path, name="Heart Failure")
    assert set(begun.kept) == {"README.md"}
    assert (tmp_path / "README.md").read_text() == "mine"
    assert "root: Heart Failure" in (tmp_path / "decks" / "project.yaml").read_text()
    assert td.begin(tmp_path).written == ()


def test_no_project_begins_inside_another(tmp_path: Path) -> None:
    td.begin(tmp_path)
    with pytest.raises(td.TrialdeckError, match="is part of the project"):
        td.begin(tmp_path / "seeds" / "new")
