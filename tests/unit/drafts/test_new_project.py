"""Begin a project: what it has, what it leaves alone, and what it refuses."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import trialdeck as td
from conftest import RECORD


def test_a_new_project_takes_every_record(tmp_path: Path) -> None:
    folder = tmp_path / "heart-failure"
    begun = td.begin(folder, license="CC BY 4.0", report="errors@example.org", authors=["Jane Doe"])
    assert begun.kept == ()
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == set(begun.written)
    (folder / "seeds" / "dawn-1.yaml").write_text(RECORD, encoding="utf-8")
    project = td.load(folder)
    assert td.check(project).ok
    assert [package.path.name for package in td.build(project).packages] == ["trials-dawn-1.apkg"]


def test_its_settings_say_what_was_given(tmp_path: Path) -> None:
    td.begin(
        tmp_path / "x",
        name="Heart",
        license="[CC0](https://a.example)",
        authors=["No", " "],
        homepage="https://a.example",
    )
    settings = yaml.safe_load((tmp_path / "x" / "decks" / "project.yaml").read_text(encoding="utf-8"))
    assert settings == {
        "format": 1,
        "root": "Heart",
        "license": "[CC0](https://a.example)",
        "authors": ["No"],
        "homepage": "https://a.example",
    }


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("heart-failure", "Heart Failure"),
        ("my_HIV trials", "My HIV Trials"),
        ("2026", "2026"),
        ("---", "Landmark Trials"),
        ("日本", "日本"),
    ],
)
def test_the_folder_names_the_collection(tmp_path: Path, folder: str, name: str) -> None:
    td.begin(tmp_path / folder)
    text = (tmp_path / folder / "decks" / "project.yaml").read_text(encoding="utf-8")
    assert str(yaml.safe_load(text)["root"]) == name


def test_the_examples_in_the_settings_are_valid(tmp_path: Path) -> None:
    td.begin(tmp_path / "x")
    path = tmp_path / "x" / "decks" / "project.yaml"
    text = path.read_text(encoding="utf-8")
    names = ("license:", "authors:", "homepage:", "report:")
    lines = [
        line.removeprefix("# ") if line.startswith(tuple(f"# {name}" for name in names)) else line
        for line in text.splitlines()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert set(yaml.safe_load(path.read_text(encoding="utf-8"))) == {
        "format",
        "root",
        "license",
        "authors",
        "homepage",
        "report",
    }
    assert td.check(td.load(tmp_path / "x")).problems == ()


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "dawn-1.yaml").write_text(RECORD, encoding="utf-8")
    begun = td.begin(tmp_path)
    assert begun.kept == ("README.md",)
    assert "seeds/.gitkeep" not in begun.written
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
    again = td.begin(tmp_path, name="Another")
    assert again.written == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "A::B"}, "cannot name a deck"),
        ({"report": "nobody"}, "neither a web address nor a mail address"),
        ({"homepage": "ftp://a.example"}, "ftp://a.example"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(td.TrialdeckError, match=message) as refused:
        td.begin(tmp_path / "x", **given)
    assert refused.value.hint
    assert not (tmp_path / "x").exists()


def test_a_project_among_the_records_of_another_is_refused(tmp_path: Path) -> None:
    td.begin(tmp_path / "x")
    with pytest.raises(td.TrialdeckError, match="is part of the project"):
        td.begin(tmp_path / "x" / "seeds" / "y")
    assert td.begin(tmp_path / "x" / "y").kept == ()


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "decks").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(td.TrialdeckError, match="leads out of the project"):
        td.begin(tmp_path / "x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_workflow_is_yaml_that_checks_and_builds(tmp_path: Path) -> None:
    td.begin(tmp_path / "x")
    workflow = yaml.safe_load((tmp_path / "x" / ".github" / "workflows" / "trialdeck.yaml").read_text(encoding="utf-8"))
    commands = [step.get("run", "") for step in workflow["jobs"]["decks"]["steps"]]
    assert any("trialdeck check --format github\ntrialdeck build" in command for command in commands)
