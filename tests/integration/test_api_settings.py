"""Settings as data: read, written in place, held against the schema, never over what somebody else wrote."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

import trialdeck as td
from folders import ROOT
from projects import Project

TEXT = """\
# What all decks have in common.
format: 1
root: Landmark Trials   # above all decks
authors: [Jane Doe]

# Ask the board before you change this.
license: CC BY 4.0
"""


@pytest.fixture
def project(tmp_path: Path) -> td.Project:
    made = Project(tmp_path)
    made.record("dawn-1")
    made.record("noon-1")
    made.settings()
    made.define("main", "name: Main   # as learners see it", "split: trial")
    (made.decks / "project.yaml").write_text(TEXT, encoding="utf-8")
    return td.load(tmp_path)


def text(project: td.Project, name: str = "project") -> str:
    return (project.path / "decks" / f"{name}.yaml").read_text(encoding="utf-8")


def test_values_are_written_in_place(project: td.Project) -> None:
    values = {
        ("license",): "CC BY-SA 4.0",
        ("homepage",): "https://decks.example.org/",
        ("edition",): "2026.10",
    }
    after = td.save_settings(project, td.settings(project).project, values)
    assert text(project) == after.text
    assert after.text.splitlines() == [
        "# What all decks have in common.",
        "format: 1",
        "root: Landmark Trials   # above all decks",
        'edition: "2026.10"',
        "authors: [Jane Doe]",
        "",
        "# Ask the board before you change this.",
        "license: CC BY-SA 4.0",
        "homepage: https://decks.example.org/",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("edition",), "2026.10"),
        (("authors",), ["Jane Doe", "Yes, No", "null"]),
        (("topics", "example-disease"), "Example: a disease"),
        (("topics",), {"example-disease": "true", "other": "# no comment"}),
        (("license",), "[CC](https://cc.example/)"),
        (("allow",), ["unusual-share"]),
        (("license",), None),
        (("authors",), []),
        (("root",), ""),
    ],
)
def test_values_come_back_as_they_were_given(project: td.Project, path: tuple[str, ...], value: Any) -> None:
    td.save_settings(project, td.settings(project).project, {path: value})
    file = td.settings(project).project
    assert file.value(path) == (value or None)
    assert file.problems == ()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("homepage",), "decks.example.org", "'decks.example.org' is not a web address"),
        (("edition",), "May 2026", "'May 2026' cannot be the name of an edition"),
        (("allow",), ["everything"], "unknown change 'everything'"),
        (("authors",), ["Jane", "Jane"], "'Jane'"),
        (("bogus",), "x", "unknown property 'bogus'"),
    ],
)
def test_a_value_that_breaks_the_schema_is_not_written(
    project: td.Project, path: tuple[str, ...], value: Any, message: str
) -> None:
    with pytest.raises(td.TrialdeckError, match="nothing was saved: ") as caught:
        td.save_settings(project, td.settings(project).project, {path: value})
    assert message in caught.value.message
    assert caught.value.problems
    assert text(project) == TEXT


def test_a_fault_elsewhere_does_not_stop_a_correction(project: td.Project) -> None:
    (project.path / "decks" / "project.yaml").write_text(f"{TEXT}homepage: nowhere\nreport: nobody\n", encoding="utf-8")
    file = td.settings(project).project
    assert {path for path, _ in file.faults} == {("homepage",), ("report",)}
    after = td.save_settings(project, file, {("homepage",): "https://decks.example.org/"})
    assert [path for path, _ in after.faults] == [("report",)]


def test_two_windows_that_change_the_same_value_are_told(project: td.Project) -> None:
    first = second = td.settings(project).project
    was = {("license",): "CC BY 4.0"}
    td.save_settings(project, first, {("license",): "CC0"}, was)
    with pytest.raises(td.ConflictError) as caught:
        td.save_settings(project, second, {("license",): "MIT"}, was)
    assert caught.value.now == {("license",): "CC0"}
    assert "license: CC0" in text(project)
    td.save_settings(project, second, {("license",): "CC0"}, was)


def test_two_windows_that_change_different_values_both_win(project: td.Project) -> None:
    first = second = td.settings(project).project
    td.save_settings(project, first, {("license",): "CC0"}, {("license",): "CC BY 4.0"})
    td.save_settings(project, second, {("authors",): ["A", "B"]}, {("authors",): ["Jane Doe"]})
    assert "license: CC0" in text(project)
    assert "authors: [A, B]" in text(project)


def test_many_threads_lose_nothing(project: td.Project) -> None:
    def add(name: str) -> None:
        td.save_settings(project, td.settings(project).project, {("topics", name): name})

    names = [f"topic-{number}" for number in range(12)]
    threads = [threading.Thread(target=add, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert td.settings(project).project.value(("topics",)) == {name: name for name in names}


def test_a_missing_file_begins_with_its_schema(project: td.Project) -> None:
    (project.path / "decks" / "project.yaml").unlink()
    (project.path / "schemas").mkdir()
    (project.path / "schemas" / "project.schema.json").write_text("{}", encoding="utf-8")
    file = td.settings(project).project
    assert not file.exists
    td.save_settings(project, file, {("root",): "My Trials"})
    assert (
        text(project) == "# yaml-language-server: $schema=../schemas/project.schema.json\nformat: 1\nroot: My Trials\n"
    )


def test_a_broken_file_can_be_corrected_as_text_only(project: td.Project) -> None:
    path = project.path / "decks" / "project.yaml"
    path.write_text("format: 1\nroot: [\n", encoding="utf-8")
    file = td.settings(project).project
    assert not file.is_readable
    with pytest.raises(td.TrialdeckError, match="cannot be read"):
        td.save_settings(project, file, {("root",): "A"})
    assert td.save_settings_text(project, file, TEXT).value(("root",)) == "Landmark Trials"
    with pytest.raises(td.ConflictError):
        td.save_settings_text(project, file, "format: 1\n")
    assert text(project) == TEXT


@pytest.mark.parametrize("start", [b"", "\ufeff".encode()])
def test_a_file_keeps_its_ends_of_lines(project: td.Project, start: bytes) -> None:
    """By value and as text; a browser sends line feeds, or CR LF, whatever the file has."""
    path = project.path / "decks" / "project.yaml"
    path.write_bytes(start + b"format: 1\r\nroot: A\r\n")
    file = td.save_settings(project, td.settings(project).project, {("root",): "B"}, {("root",): "A"})
    assert path.read_bytes() == start + b"format: 1\r\nroot: B\r\n"
    assert file.text == "format: 1\nroot: B\n"
    file = td.save_settings_text(project, file, "format: 1\nroot: C\n")
    assert path.read_bytes() == start + b"format: 1\r\nroot: C\r\n"
    td.save_settings_text(project, file, "format: 1\r\nroot: D\r\n")
    assert path.read_bytes() == start + b"format: 1\r\nroot: D\r\n"


def test_a_removed_deck_comes_back_byte_for_byte_with_its_faults(project: td.Project) -> None:
    path = project.path / "decks" / "odd.yaml"
    content = "\ufeffformat: 1\r\nid: [odd]\r\nnaem: Odd # \u00e9\r\n".encode() + b"\xff"
    path.write_bytes(content)
    file = td.settings(project).deck("odd")
    td.remove_deck(project, file)
    assert not path.exists()
    td.restore_deck(project, file)
    assert path.read_bytes() == content
    with pytest.raises(td.TrialdeckError, match="there is a deck with the id 'odd' already"):
        td.restore_deck(project, file)


def test_a_removed_deck_does_not_come_back_beside_another_one_with_its_id(project: td.Project) -> None:
    path = project.path / "decks" / "faulty.yaml"
    path.write_text("format: 1\nid: faulty\nname: Faulty\nbogus: 1\n", encoding="utf-8")
    file = td.settings(project).deck("faulty")
    td.remove_deck(project, file)
    (project.path / "decks" / "other.yaml").write_text("format: 1\nid: faulty\nname: Other\n", encoding="utf-8")
    with pytest.raises(td.TrialdeckError, match="there is a deck with the id 'faulty' already"):
        td.restore_deck(project, file)
    assert not path.exists()


def test_a_profile_is_a_file_of_the_project(project: td.Project) -> None:
    values = {("stage",): "fellow", ("specialties",): ["oncology"]}
    file = td.save_settings(project, td.settings(project).profile, values)
    assert file.path == project.path / "me.yaml"
    assert td.package_bytes(project, profile=file.path)
    with pytest.raises(td.TrialdeckError, match="stage"):
        td.save_settings(project, file, {("stage",): "boss"})


def test_a_deck_is_added_copied_and_removed(project: td.Project) -> None:
    main = td.settings(project).deck("main")
    copied = td.add_deck(project, td.new_deck(project, like=main), {("id",): "copy", ("name",): "Copy"})
    assert sorted(copied.text.splitlines()) == sorted(["format: 1", "id: copy", "name: Copy", "split: trial"])
    with pytest.raises(td.TrialdeckError, match="there is a deck with the id 'main'"):
        td.add_deck(project, td.new_deck(project), {("id",): "main", ("name",): "Other"})
    with pytest.raises(td.TrialdeckError, match="nothing was saved"):
        td.add_deck(project, td.new_deck(project), {("id",): "../outside", ("name",): "Other"})
    with pytest.raises(td.TrialdeckError, match="nothing was saved"):
        td.add_deck(project, td.new_deck(project), {("id",): "nameless"})
    assert [file.name for file in td.settings(project).decks] == ["copy", "main"]
    changed = td.save_settings(project, copied, {("name",): "Copied"})
    with pytest.raises(td.ConflictError):
        td.remove_deck(project, copied)
    td.remove_deck(project, changed)
    assert [file.name for file in td.settings(project).decks] == ["main"]
    with pytest.raises(td.TrialdeckError, match="no deck definition 'copy'"):
        td.settings(project).deck("copy")


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_out_of_the_project_is_not_written(
    project: td.Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "project.yaml"
    outside.write_text(TEXT, encoding="utf-8")
    path = project.path / "decks" / "project.yaml"
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(td.TrialdeckError, match="link"):
        td.save_settings(project, td.settings(project).project, {("root",): "A"})
    assert outside.read_text(encoding="utf-8") == TEXT


def test_counts_are_those_of_a_build(tmp_path: Path) -> None:
    project = td.load(ROOT)
    counter = td.DeckCounter(project)
    for file in td.settings(project).decks:
        counted = counter.count(file)
        built = td.build(project, out=tmp_path / file.name, deck=file.name)
        assert counted.count
        assert counted.faults == ()
        assert [(each.name, each.title, each.notes, each.cards) for each in counted.count.packages] == [
            (each.path.name, each.title, each.notes, each.cards) for each in built.packages
        ]
        assert counted.count.notes == built.counts["new"]


def test_a_count_follows_what_is_typed_and_what_is_on_disk(project: td.Project) -> None:
    counter = td.DeckCounter(project)
    main = td.settings(project).deck("main")
    whole = counter.count(main).count
    half = counter.count(main.with_values({("select", "trials"): ["dawn-1"]})).count
    none = counter.count(main.with_values({("select", "reviewed_only"): True})).count
    assert whole
    assert half
    assert none
    assert (whole.trials, half.trials) == (("dawn-1", "noon-1"), ("dawn-1",))
    assert whole.cards > half.cards > none.cards == 0
    Project(project.path).edit("dawn-1", why="")
    fewer = counter.count(main).count
    assert fewer
    assert fewer.notes == whole.notes - 1


def test_a_count_says_what_is_wrong_and_where(project: td.Project) -> None:
    counter = td.DeckCounter(project)
    main = td.settings(project).deck("main")
    unknown = counter.count(main.with_values({("select", "topics"): ["nothing"]}))
    assert [(path, problem.code) for path, problem in unknown.faults] == [(("select", "topics", 0), "TD406")]
    assert unknown.count
    assert unknown.count.cards == 0
    divided = counter.count(main.with_values({("subdecks",): "trial"}))
    assert [(path, problem.code) for path, problem in divided.faults] == [(("subdecks",), "TD303")]
    broken = counter.count(main.with_values({("split",): "topic"}))
    assert broken.count is None
    assert [path for path, _ in broken.faults] == [("split",)]
    same = counter.count({"id": "main", "name": "Twice"})
    assert [(path, problem.code) for path, problem in same.faults] == [(("id",), "TD301")]


def test_records_with_errors_are_not_counted_but_named(project: td.Project) -> None:
    path = project.path / "seeds" / "noon-1.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}bogus: 1\n", encoding="utf-8")
    counter = td.DeckCounter(project)
    counted = counter.count(td.settings(project).deck("main")).count
    assert counted
    assert counted.trials == ("dawn-1",)
    assert [Path(name).name for name in counter.faulty] == ["noon-1.yaml"]
    assert counter.choices().trials == (("dawn-1", "DAWN-1"),)
