"""The settings of a project: what all decks share, and what goes into each; every fault in one run, where it stands."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from folders import SUPPORT
from trialdeck.core.codes import CODES
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.lint.settings import check_settings
from trialdeck.project.check import Checked, FaultyRecordsError, check
from trialdeck.records.load import Record, load_record_text
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.schema import load_schema
from trialdeck.records.settings import (
    DeckDefinition,
    DefinitionFile,
    Order,
    ProjectFile,
    ProjectSettings,
    Selected,
    SettingsFile,
    Split,
    load_settings_file,
    load_settings_text,
)
from trialdeck.records.summary import known

Write = Callable[..., Path]
Fault = tuple[int, int, str]

DECK = "format: 1\nid: dawn\nname: Example Disease\n"
HERE = SUPPORT / "broken_settings"
ONE_FAULT = sorted([*HERE.glob("deck/*.yaml"), *HERE.glob("project/*.yaml")])
MANY = sorted(HERE.glob("many/*.yaml"))
EXPECTATION = re.compile(rb"(?m)^# expect: (TD[0-9]{3}) ([0-9]+):([0-9]+)$")


def loaded(text: str) -> SettingsFile:
    return load_settings_text(text.encode(), "decks/dawn.yaml")


def definition_of(text: str) -> DeckDefinition:
    """The definition in a file, which is to be sound."""
    file = loaded(text)
    assert isinstance(file, DefinitionFile)
    assert file.problems == ()
    assert file.definition is not None
    return file.definition


def settings_of(text: str) -> ProjectSettings:
    """The project settings in a file, which is to be sound."""
    file = load_settings_text(text.encode(), "decks/project.yaml")
    assert isinstance(file, ProjectFile)
    assert file.problems == ()
    assert file.settings is not None
    return file.settings


# What is written arrives


def test_a_definition_arrives() -> None:
    text = """\
# yaml-language-server: $schema=../schemas/deck.schema.json
format: 1
id: myeloma-trial
name: Multiple Myeloma
description: |
  **Landmark** trials.
select:
  trials: [aspire]
  topics: [multiple-myeloma]
  specialties: [hematology]
  perspectives: [clinical]
  audiences: [fellow]
  reviewed_only: true
split: perspective
subdecks: none
order: shuffled
"""
    assert definition_of(text) == DeckDefinition(
        id="myeloma-trial",
        name="Multiple Myeloma",
        description="**Landmark** trials.\n",
        select=Selected(
            trials=("aspire",),
            topics=("multiple-myeloma",),
            specialties=("hematology",),
            perspectives=(Perspective.CLINICAL,),
            audiences=(Audience.FELLOW,),
            reviewed_only=True,
        ),
        split=Split.PERSPECTIVE,
        subdecks=Split.NONE,
        order=Order.SHUFFLED,
    )


def test_project_settings_arrive() -> None:
    text = """\
format: 1
root: Oncology
edition: 2026.10
license: "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"
authors: [Jane Doe, Max Roe]
homepage: https://www.example.org/decks
report: errors@example.org
allow: [unusual-share, clock-ahead]
"""
    assert settings_of(text) == ProjectSettings(
        root="Oncology",
        edition="2026.10",
        license="[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)",
        authors=("Jane Doe", "Max Roe"),
        homepage="https://www.example.org/decks",
        report="errors@example.org",
        allow=("unusual-share", "clock-ahead"),
    )


def test_what_is_not_written_has_a_default() -> None:
    assert definition_of(DECK) == DeckDefinition("dawn", "Example Disease")
    assert settings_of("format: 1\n") == ProjectSettings()
    assert ProjectSettings().root == "Landmark Trials"


@pytest.mark.parametrize("schema", ["deck", "project"])
def test_an_empty_property_is_as_good_as_none(schema: str) -> None:
    known = load_schema(schema)
    empty = "".join(f"{name}:\n" for name in known["properties"].keys() - set(known["required"]))
    if schema == "deck":
        assert definition_of(DECK + empty) == definition_of(DECK)
    else:
        assert settings_of("format: 1\n" + empty) == ProjectSettings()


def test_an_empty_selection_takes_everything() -> None:
    parts = "".join(f"  {name}:\n" for name in load_schema("deck")["properties"]["select"]["properties"])
    assert definition_of(f"{DECK}select:\n{parts}").select == Selected()
    assert definition_of(f"{DECK}select: {{topics: [], trials: [], reviewed_only: false}}\n").select == Selected()


@pytest.mark.parametrize(
    ("split", "subdecks"),
    [(Split.NONE, Split.TRIAL), (Split.TRIAL, Split.NONE), (Split.PERSPECTIVE, Split.TRIAL)],
)
def test_sub_decks_are_by_trial_unless_the_packages_are(split: Split, subdecks: Split) -> None:
    assert definition_of(f"{DECK}split: {split}\n").subdecks is subdecks


@pytest.mark.parametrize("edition", ["2026.1", "2026.10", "007", "1e3", "spring_2026-b", "0x1F", "2026-11-01"])
def test_an_edition_stays_as_it_is_typed(edition: str) -> None:
    assert settings_of(f"format: 1\nedition: {edition}\n").edition == edition


@pytest.mark.parametrize(
    "address",
    ["https://example.org/report?deck=dawn&x=1", "errors@example.org", "j.döe+anki@klinik.example.org", "a@b.c"],
)
def test_errors_are_reported_to_a_web_or_mail_address(address: str) -> None:
    assert settings_of(f"format: 1\nreport: {address}\n").report == address


def test_the_name_tells_which_kind_a_file_is() -> None:
    assert isinstance(load_settings_text(b"", "decks/project.yml"), ProjectFile)
    assert isinstance(load_settings_text(b"", "decks/projects.yaml"), DefinitionFile)


# Broken settings, each named after its fault


@pytest.fixture(scope="module")
def records() -> list[Record]:
    from conftest import RECORD

    text = RECORD.replace("id: dawn-1\n", "id: dawn-1\nformerly: [dawn]\n")
    # Without limitations, nothing is for reviewers.
    text = text.replace("limitations:\n  - {id: short, text: Follow-up was short.}\n", "")
    return [load_record_text(text.encode(), "seeds/dawn-1.yaml")]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def expected(path: Path) -> list[Fault]:
    """The faults that a file is to have, by place."""
    said = EXPECTATION.findall(path.read_bytes())
    empty_file: list[Fault] = [(1, 1, "TD117")]
    return sorted((int(line), int(column), code.decode()) for code, line, column in said) or empty_file


def problems_of(path: Path, records: list[Record]) -> list[Problem]:
    """What reading, schema and rules find in a settings file beside these records."""
    shown = "decks/project.yaml" if path.parent.name == "project" else f"decks/{path.name}"
    file = load_settings_file(path, shown)
    problems = [*file.problems, *check_settings([file], list(map(known, records)))]
    assert {problem.path for problem in problems} <= {shown}
    return sorted(problems)


def places(problems: list[Problem]) -> list[Fault]:
    return [(problem.line, problem.column, problem.code) for problem in problems]


def test_there_are_broken_settings_of_both_kinds() -> None:
    assert {path.parent.name for path in ONE_FAULT} == {"deck", "project"}
    assert len(ONE_FAULT) >= 35


@pytest.mark.parametrize("path", ONE_FAULT, ids=named)
def test_broken_settings_have_their_one_fault(path: Path, records: list[Record]) -> None:
    assert len(expected(path)) == 1
    assert places(problems_of(path, records)) == expected(path)


@pytest.mark.parametrize("path", [*ONE_FAULT, *MANY], ids=named)
def test_a_fault_says_what_is_wrong_and_what_to_do(path: Path, records: list[Record]) -> None:
    for problem in problems_of(path, records):
        assert problem.message
        assert problem.hint or CODES[problem.code].advice
        about_the_file = (problem.message + problem.hint).replace("allowed: study, record,", "")
        assert "record" not in about_the_file or problem.code in {"TD302", "TD406"}
        assert len(problem.message) + len(problem.hint) < 500


@pytest.mark.parametrize("path", MANY, ids=named)
def test_every_fault_is_reported_in_one_run(path: Path, records: list[Record]) -> None:
    found = places(problems_of(path, records))
    assert found == expected(path)
    assert len(found) == 15


def test_every_fault_of_settings_has_a_fixture() -> None:
    shown = {code for path in ONE_FAULT for _, _, code in expected(path)}
    # The last one is of a deck map: see tests/unit/importing/test_deck_map.py.
    needs_two_files = {"TD301", "TD304", "TD305"}
    assert {code for code in CODES if code.startswith("TD3")} - needs_two_files | {"TD406"} <= shown


def said(text: str, records: list[Record]) -> tuple[str, str, str]:
    """The code, message and hint of the one problem of a definition."""
    file = loaded(text)
    [problem] = {*file.problems, *check_settings([file], list(map(known, records)))}
    return problem.code, problem.message, problem.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("select: {reviewed_only: yes}", "should be true or false, not 'yes'", "write true, in small letters"),
        ("select: {reviewed_only: Off}", "should be true or false, not 'Off'", "write false, in small letters"),
        ("select: {reviewed_only: 'true'}", "should be true or false, not 'true'", "without quotes"),
        ("select: {reviewed_only: maybe}", "should be true or false, not 'maybe'", "write true or false, in small"),
        ("select: {reviewed_only: [true]}", "should be true or false, not a list", "write true or false alone"),
        ("select: {perspectives: [Clinical]}", "unknown perspective 'Clinical'", "did you mean 'clinical'?"),
        ("select: {audiences: [felow]}", "unknown audience 'felow'", "did you mean 'fellow'?"),
        ("split: trials", "unknown split 'trials'", "did you mean 'trial'? allowed: trial, perspective, none"),
        ("order: random", "unknown order 'random'", "allowed: study, record, interleaved, shuffled, takeaways"),
        (
            "select: {trials: [dawn-2]}",
            "no record of a trial 'dawn-2'",
            "did you mean 'dawn-1'? trials of this project",
        ),
        ("select: {trials: [x]}", "no record of a trial 'x'", "trials of this project: dawn-1"),
        ("select: {trials: [dawn]}", "no record of a trial 'dawn'", "it is called 'dawn-1' now"),
        ("select: {topics: [x]}", "no record has the topic 'x'", "topics of this project: example-disease"),
        ("select: {specialties: [x]}", "no record has the specialty 'x'", "this project: cardiology, oncology"),
        ("select: {perspectives: [reviewer]}", "the perspective 'reviewer'", "this project: clinical, mechanism"),
        ("select: {audiences: [resident]}", "the audience 'resident'", "this project: fellow, student"),
        ("split: trial\nsubdecks: trial", "each package holds one trial only", "write `subdecks: perspective` or"),
        ("split: perspective\nsubdecks: perspective", "holds one perspective only", "write `subdecks: trial` or"),
    ],
)
def test_a_fault_is_put_in_words(text: str, message: str, hint: str, records: list[Record]) -> None:
    found = said(f"{DECK}{text}\n", records)
    assert message in found[1]
    assert hint in found[2]
    assert bool(hint) == bool(found[2])


@pytest.mark.parametrize(
    ("name", "kind"), [("decks/dawn.yaml", "deck definition"), ("decks/project.yaml", "settings file")]
)
def test_a_whole_file_is_called_what_it_is(name: str, kind: str) -> None:
    [empty] = load_settings_text(b"", name).problems
    assert empty.message == f"the {kind} is empty"
    schema = "project" if "project" in name else "deck"
    assert empty.hint == f"`trialdeck schema {schema}` shows what a {kind} holds"
    [text] = load_settings_text(b"text", name).problems
    assert text.message == f"the {kind} should be a mapping of properties, not text"


def test_a_link_without_quotes_is_recognised() -> None:
    [fault] = load_settings_text(b"format: 1\nlicense: [CC BY](https://example.org)\n", "decks/project.yaml").problems
    assert (fault.code, fault.line, fault.column) == ("TD101", 2, 17)
    assert fault.hint.startswith("put the whole text in quotes")


def test_a_project_without_records_has_nothing_to_select() -> None:
    assert said(f"{DECK}select: {{trials: [dawn-1]}}\n", [])[2] == "the records of this project have no trials"


def test_what_an_unreadable_record_may_say_is_no_fault(records: list[Record]) -> None:
    unreadable = load_record_text(b"id: [", "seeds/dusk-2.yaml")
    assert (
        list(
            check_settings([loaded(f"{DECK}select: {{trials: [dusk-2]}}\n")], list(map(known, [*records, unreadable])))
        )
        == []
    )


def test_what_a_record_has_may_be_selected(records: list[Record]) -> None:
    select = "{topics: [example-disease], specialties: [cardiology, oncology], audiences: [student, fellow]}"
    assert list(check_settings([loaded(f"{DECK}select: {select}\n")], list(map(known, records)))) == []
    select = "{trials: [dawn-1], perspectives: [mechanism, clinical]}"
    assert list(check_settings([loaded(f"{DECK}select: {select}\n")], list(map(known, records)))) == []


# In a project


@pytest.fixture
def project(tmp_path: Path, write_record: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one record, one deck definition and settings, and the working folder in it."""
    write_record("seeds/dawn-1.yaml")
    write_record("decks/dawn.yaml", text=DECK)
    write_record("decks/project.yaml", text="format: 1\nedition: 2026.1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(checked: Checked) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in checked.problems]


def test_a_record_knows_the_settings_of_its_project(project: Path) -> None:
    checked = check([Path("seeds/dawn-1.yaml")])
    assert checked.settings == ProjectSettings(edition="2026.1")
    assert checked.definitions == (DeckDefinition("dawn", "Example Disease"),)
    assert [file.path for file in checked.definition_files] == ["decks/dawn.yaml"]
    assert checked.project_file is not None
    assert checked.project_file.path == "decks/project.yaml"
    assert (checked.asked_definitions, checked.problems) == (0, ())


def test_a_record_outside_of_any_project_has_the_default_settings(project: Path, write_record: Write) -> None:
    checked = check([write_record("loose.yaml")])
    assert (checked.settings, checked.definitions) == (ProjectSettings(), ())


def test_a_record_alone_does_not_show_the_problems_of_settings(project: Path, write_record: Write) -> None:
    write_record("decks/dawn.yaml", text=DECK + "split: x\n")
    assert found(check([Path("seeds/dawn-1.yaml")])) == []
    assert found(check([Path("seeds")])) == []
    checked = check([Path("seeds"), Path("decks")])
    assert found(checked) == [("decks/dawn.yaml", "TD108")]
    assert checked.asked_definitions == 1


@pytest.mark.parametrize("path", ["decks", "decks/dawn.yaml", "decks/../decks/dawn.yaml"])
def test_settings_are_checked_with_the_records_beside_them(project: Path, write_record: Write, path: str) -> None:
    write_record("decks/dawn.yaml", text=DECK + "select: {trials: [dawn-1, dusk-2]}\n")
    write_record("seeds/faulty.yaml", {"id: dawn-1": "id: Noon"})
    checked = check([Path(path)])
    assert [problem.code for problem in checked.problems] == ["TD302"]
    assert checked.asked == ()
    assert checked.asked_definitions == 1


def test_settings_are_found_from_within_their_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "decks")
    checked = check([Path("dawn.yaml")])
    assert (checked.asked, checked.asked_definitions, checked.problems) == ((), 1, ())


def test_a_folder_is_searched_for_records_and_settings(project: Path) -> None:
    checked = check([Path()])
    assert [record.path for record in checked.asked] == ["seeds/dawn-1.yaml"]
    assert [file.path for file in checked.asked_settings] == ["decks/dawn.yaml", "decks/project.yaml"]


def test_only_what_lies_in_decks_beside_seeds_is_a_setting(project: Path, write_record: Write) -> None:
    files = [write_record("other/decks/a.yaml"), write_record("decks/deeper/b.yaml", {"id: dawn-1": "id: noon-1"})]
    assert [record.id for record in check(files).asked] == ["noon-1", "dawn-1"]


def test_a_settings_file_that_is_not_there_is_a_problem(project: Path) -> None:
    assert found(check([Path("decks/none.yaml")])) == [("decks/none.yaml", "TD100")]


def test_one_deck_id_in_two_files(project: Path, write_record: Write) -> None:
    write_record("decks/noon.yml", text=DECK)
    (problem,) = check([Path("decks")]).problems
    assert (problem.path, problem.line, problem.column, problem.code) == ("decks/noon.yml", 2, 5, "TD301")
    assert problem.message == "the deck id 'dawn' is taken by decks/dawn.yaml"
    assert found(check([Path("decks/dawn.yaml")])) == [("decks/dawn.yaml", "TD301")]


def test_project_settings_in_two_files(project: Path, write_record: Write) -> None:
    write_record("decks/project.yml", text="format: 1\nroot: Other\n")
    checked = check([Path("decks")])
    assert found(checked) == [("decks/project.yml", "TD304")]
    assert checked.settings.edition == "2026.1"


def test_projects_do_not_mix(project: Path, write_record: Write) -> None:
    write_record("b/seeds/noon-1.yaml", {"id: dawn-1": "id: noon-1"})
    other = write_record("b/decks/dawn.yaml", text=DECK + "select: {trials: [dawn-1]}\n")
    checked = check([Path("seeds"), Path("decks"), other])
    assert found(checked) == [(other.as_posix(), "TD302")]
    assert [file.path for file in checked.definition_files] == ["decks/dawn.yaml"]


def test_a_folder_with_neither_records_nor_settings_is_an_error(project: Path) -> None:
    (project / "empty").mkdir()
    with pytest.raises(TrialdeckError, match="there are no records here"):
        check([Path("empty")])


@pytest.mark.parametrize(
    ("record", "deck", "said"),
    [
        ("", "split: x\n", "the settings have errors"),
        ("a: b\n", "", "the records have errors"),
        ("a: b\n", "split: x\n", "the records and settings have errors"),
    ],
)
def test_a_refusal_says_what_is_faulty(
    project: Path, write_record: Write, record_text: str, record: str, deck: str, said: str
) -> None:
    write_record("seeds/dawn-1.yaml", text=record_text + record)
    write_record("decks/dawn.yaml", text=DECK + deck)
    assert said in FaultyRecordsError(check([Path("seeds"), Path("decks")])).message


# Whatever is written


NAMES = sorted(load_schema("deck")["properties"]) + sorted(load_schema("project")["properties"])
PARTS = sorted(load_schema("deck")["properties"]["select"]["properties"])
WORDS = st.sampled_from(["dawn-1", "trial", "none", "clinical", "student", "true", "yes", "a@b.c", "2026.1", "1"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5) | WORDS,
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(PARTS) | st.text(max_size=3), part, max_size=5)
    ),
    max_leaves=15,
)


def is_told(content: bytes, shown: str) -> None:
    """Loading and the rules come to an end, and say what is wrong in words."""
    file = load_settings_text(content, shown)
    problems = [*file.problems, *check_settings([file, file], [])]
    assert all(CODES[problem.code] and problem.message for problem in problems)
    if file.document is None:
        assert any(problem.severity is Severity.ERROR for problem in file.problems)


@given(st.text() | st.text("abc:-[]{}#&*!|>'\"%@`,? \n\t01", max_size=40), st.sampled_from(["project", "dawn"]))
def test_no_text_breaks_the_loader(text: str, name: str) -> None:
    is_told(text.encode("utf-8", "surrogatepass"), f"decks/{name}.yaml")


@given(st.binary(max_size=40), st.sampled_from(["project", "dawn"]))
def test_no_bytes_break_the_loader(content: bytes, name: str) -> None:
    is_told(content, f"decks/{name}.yaml")


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=9), st.sampled_from(["project", "dawn"]))
def test_no_data_break_the_loader_or_the_rules(data: dict[str, Any], name: str) -> None:
    is_told(yaml.safe_dump(data, sort_keys=False).encode(), f"decks/{name}.yaml")


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=9))
def test_a_mapping_always_gives_a_model(data: dict[str, Any]) -> None:
    content = yaml.safe_dump(data).encode()
    project, deck = load_settings_text(content, "project.yaml"), load_settings_text(content, "dawn.yaml")
    assert isinstance(project, ProjectFile)
    assert isinstance(deck, DefinitionFile)
    assert project.document is None or project.settings is not None
    assert deck.document is None or deck.definition is not None
