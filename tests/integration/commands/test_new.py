"""A record is begun: what is known stands in it, every example in it is valid, and nothing that exists is lost."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from projects import Project
from trialdeck.cli import main
from trialdeck.cli.records import new as command
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.drafts.new_record import beginning, start
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Source, Trial
from trialdeck.records.schema import load_schema
from trialdeck.yamlfile.document import parse_document

NOT_ASKED = {"$schema", "format", "id", "formerly", "figures", "language", "contributors"}
SECTIONS = sorted(load_schema("trial")["properties"].keys() - NOT_ASKED)
FULL = {
    "title": "Dawnol: for *example* disease",
    "acronym": "DAWN-1",
    "doi": "10.1056/NEJMoa1516282",
    "registry": "NCT01564537",
    "url": "https://www.example.org/dawn",
    "specialties": "hematology, internal-medicine",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with one record, from within it."""
    made = Project(tmp_path)
    made.record("noon-2")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str | Path, **more: Any) -> Result:
    return CliRunner().invoke(main, ["new", *map(str, arguments)], **more)


def uncommented(text: str) -> str:
    """Take the first sign of every comment away, as an editor does, but keep the line that names the schema."""
    return re.sub(r"(?m)^#(?! yaml-language-server) ?", "", text)


def trial_in(text: str) -> Trial:
    record = load_record_text(text.encode(), "dawn-1.yaml")
    assert record.trial is not None
    return record.trial


def answered(text: str) -> str:
    """The record after its author has written the first response."""
    return text.replace("Yet to be written.", "Dawnol delayed relapse.")


def problems_in(text: str) -> tuple[Problem, ...]:
    return problems_of(load_record_text(answered(text).encode(), "dawn-1.yaml"))


# What is in it


def test_what_is_known_stands_in_the_record() -> None:
    text = start(beginning("dawn-1", FULL))
    trial = trial_in(text)
    assert (trial.id, trial.title, trial.acronym) == ("dawn-1", FULL["title"], "DAWN-1")
    assert trial.source == Source("", FULL["doi"], FULL["registry"], FULL["url"])
    assert trial.specialties == ("hematology", "internal-medicine")
    assert [(each.question, each.response) for each in trial.questions] == [
        ("What did DAWN-1 show?", "Yet to be written.")
    ]
    assert not trial.review.is_reviewed
    assert problems_in(text) == ()


def test_what_is_yet_to_be_written_is_an_error() -> None:
    text = start(beginning("dawn-1", FULL))
    (problem,) = problems_of(load_record_text(text.encode(), "dawn-1.yaml"))
    assert (problem.code, problem.severity) == ("TD222", Severity.ERROR)
    assert text.splitlines()[problem.line - 1] == "    response: Yet to be written."


@pytest.mark.parametrize("known", [FULL, {"title": "Dawnol"}, {"title": "Dawnol", "doi": "10.1000/dawn"}])
def test_uncommenting_everything_gives_a_good_record_with_every_section(known: dict[str, str]) -> None:
    text = uncommented(start(beginning("dawn-1", known), "../schemas/trial.schema.json"))
    assert problems_in(text) == ()
    document, _ = parse_document(text.encode(), "dawn-1.yaml")
    assert document is not None
    assert sorted(document.data.keys() - {"format", "id"}) == SECTIONS
    assert set(document.data["source"]) == {"citation", "doi", "registry", "url"}
    assert len(document.data["questions"]) == 2
    # What explains is still a comment.
    assert text.count("\n# ") > len(SECTIONS)


def paragraphs(text: str) -> list[str]:
    return [each for each in text.split("\n\n") if re.search(r"(?m)^# ", each) and "##" in each]


def test_each_example_is_valid_alone() -> None:
    text = start(beginning("dawn-1", {"title": "Dawnol"}))
    found = paragraphs(text)
    assert len(found) == len(SECTIONS) - len({"title", "review"})
    for paragraph in found:
        said = text.replace(paragraph, uncommented(paragraph))
        if "# cards: [limitations]" in paragraph:
            assert [problem.code for problem in problems_in(said)] == ["TD443"]
            # What is to be asked has to be there.
            [asked] = [each for each in found if "# limitations:" in each]
            said = said.replace(asked, uncommented(asked))
        assert problems_in(said) == ()


def test_every_section_is_explained_above_its_example() -> None:
    text = start(beginning("dawn-1", {"title": "Dawnol"}))
    for name in SECTIONS:
        assert re.search(rf"(?m)^## .+\n(?:# )?{name}:", text), name
    for name in ("formerly", "figures"):
        assert f"`{name}`" in text.splitlines()[-1]


def test_it_reads_well() -> None:
    lines = start(beginning("dawn-1", FULL), "../schemas/trial.schema.json").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../schemas/trial.schema.json"
    assert max(map(len, lines)) <= 100
    assert len(lines) < 150
    assert all(line == line.rstrip() for line in lines)
    assert "# specialties: [hematology]" in start(beginning("dawn-1", {"title": "Dawnol"})).splitlines()
    assert "\n\n\n" not in "\n".join(lines)


def test_a_trial_is_not_an_example_of_its_own() -> None:
    for trial in ("dusk-2", "noon-3"):
        assert problems_in(uncommented(start(beginning(trial, FULL)))) == ()


# What somebody types


@pytest.mark.parametrize(
    ("name", "typed", "written"),
    [
        ("doi", "10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("doi", " https://doi.org/10.1056/NEJMoa1516282 ", "10.1056/NEJMoa1516282"),
        ("doi", "http://dx.doi.org/10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("doi", "HTTPS://DOI.ORG/10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("doi", "https://doi.org/10.1016%2FS0140-6736(20)30367-6", "10.1016/S0140-6736(20)30367-6"),
        ("doi", "doi: 10.1056/NEJMoa1516282", "10.1056/NEJMoa1516282"),
        ("doi", "DOI:10.1056/NEJMoa1516282.", "10.1056/NEJMoa1516282"),
        ("registry", "nct01564537", "NCT01564537"),
        ("registry", "NCT 0156 4537", "NCT01564537"),
        ("registry", "ChiCTR2000012345", "ChiCTR2000012345"),
        ("title", "  Dawnol\tfor\n disease ", "Dawnol for disease"),
        ("title", "Dawnol # not: a comment", "Dawnol # not: a comment"),
        ("title", "'Dawnol' \"for\" \\alpha", "'Dawnol' \"for\" \\alpha"),
        ("title", "no", "no"),
        ("title", "1.10", "1.10"),
        ("title", "- " + "long " * 60, ("- " + "long " * 60).strip()),
    ],
)
def test_what_is_typed_is_made_into_what_the_record_has(name: str, typed: str, written: str) -> None:
    trial = trial_in(start(beginning("dawn-1", {"title": "Dawnol", name: typed})))
    assert {"title": trial.title, "doi": trial.source.doi, "registry": trial.source.registry}[name] == written


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("doi", "NEJMoa1516282", "is not a DOI"),
        ("doi", "10.1056/a and 10.1056/b", "is not a DOI"),
        ("doi", "https://doi.org/", "is not a DOI"),
        ("registry", "1564537", "is not a registry number"),
        ("url", "www.example.org", "is not a web address"),
        ("acronym", "DAWN::1", "cannot name a deck"),
        ("specialties", "Internal Medicine", "is not an id"),
        ("title", " ", "'title' is empty"),
        ("title", "\u200b", "nothing of 'title' can be seen"),
        ("title", "Dawnol\x1b[31m", r"the title holds a character that is not text: U\+001B"),
        ("url", "https://example.org/\udcff", r"the url holds a character that is not text: U\+DCFF"),
    ],
)
def test_what_no_record_may_have_is_refused(name: str, typed: str, said: str) -> None:
    with pytest.raises(TrialdeckError, match=said) as caught:
        start(beginning("dawn-1", {"title": "Dawnol", name: typed}))
    assert caught.value.hint


IDS = st.from_regex(r"\A[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}\Z")
TEXTS = st.text(max_size=30) | st.text("abc:-[]{}#&*!|>'\"%@`,? \n\t01\\_$~<", max_size=150)


@given(IDS, st.fixed_dictionaries({"title": TEXTS}, optional=dict.fromkeys(FULL.keys() - {"title"}, TEXTS)))
def test_whatever_is_typed_is_refused_or_kept_and_the_examples_stay_valid(trial: str, typed: dict[str, str]) -> None:
    try:
        text = start(beginning(trial, typed))
    except TrialdeckError:
        return
    assert trial_in(text).id == trial
    assert trial_in(text).title == " ".join(typed["title"].split())
    assert [problem.severity for problem in problems_in(text) if problem.severity == "error"] == []
    assert [problem.severity for problem in problems_in(uncommented(text)) if problem.severity == "error"] == []


# The command


def test_a_record_goes_to_the_seeds_and_passes_the_check(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.folder / "schemas").mkdir()
    (project.folder / "schemas" / "trial.schema.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(project.seeds)
    doi = "https://doi.org/10.1056/NEJMoa1516282"
    result = run("dawn-1", "--title", "Dawnol", "--doi", doi, "--specialty", "hematology", "--specialty", "oncology")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "dawn-1.yaml: dawn-1, to be filled in; `trialdeck check` says what is wrong\n"
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=../schemas/trial.schema.json"
    assert trial_in(text).specialties == ("hematology", "oncology")
    assert trial_in(text).source.doi == "10.1056/NEJMoa1516282"
    assert CliRunner().invoke(main, ["check"]).exit_code == 1
    (project.seeds / "dawn-1.yaml").write_text(answered(text), encoding="utf-8")
    assert CliRunner().invoke(main, ["check", "--ignore", "TD6"]).output == "2 records, 0 errors, 0 warnings\n"


def test_what_is_uncommented_passes_the_check_beside_other_records(project: Project) -> None:
    for trial in ("dawn-1", "dusk-9"):
        assert run(trial, "--title", trial).exit_code == 0
        path = project.seeds / f"{trial}.yaml"
        path.write_text(answered(uncommented(path.read_text(encoding="utf-8"))), encoding="utf-8")
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 0
    assert "3 records, 0 errors, " in result.output
    assert CliRunner().invoke(main, ["build"], env={"SOURCE_DATE_EPOCH": "1790000000"}).exit_code == 0


def test_outside_a_project_it_stays_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("dawn-1", "--title", "Dawnol").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["dawn-1.yaml"]
    assert run("noon-1", "--title", "Noonol", "-o", "deep/noon.yaml").exit_code == 0
    assert trial_in((tmp_path / "deep" / "noon.yaml").read_text(encoding="utf-8")).id == "noon-1"


def test_an_empty_project_takes_its_first_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run("dawn-1", "--title", "Dawnol").exit_code == 0
    assert (tmp_path / "seeds" / "dawn-1.yaml").is_file()


def test_a_file_is_kept_without_force(project: Project) -> None:
    path = project.seeds / "dawn-1.yaml"
    path.write_text("mine", encoding="utf-8")
    result = run("dawn-1", "--title", "Dawnol")
    assert result.exit_code == 1
    assert "seeds/dawn-1.yaml exists already" in result.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("dawn-1", "--title", "Dawnol", "--force").exit_code == 0
    # Its own id is not taken by another record.
    assert run("dawn-1", "--title", "Dawnol anew", "--force").exit_code == 0
    assert trial_in(path.read_text(encoding="utf-8")).title == "Dawnol anew"


@pytest.mark.parametrize(
    ("wanted", "better"),
    [("Dawn 1", "dawn-1"), ("DAWN-1 Trial", "dawn-1"), ("dawn--1", "dawn-1"), ("dawn_1\n", "dawn-1"), ("!", "")],
)
def test_what_cannot_be_an_id_is_refused_with_what_can(wanted: str, better: str, project: Project) -> None:
    result = run(wanted, "--title", "Dawnol")
    assert result.exit_code == 1
    assert "cannot be the id of a trial" in result.stderr
    assert "small letters, digits and single hyphens, at most 80 characters" in result.stderr
    assert result.stderr.endswith(f", for example '{better}'\n") == bool(better)
    assert len(list(project.seeds.iterdir())) == 1


@given(TEXTS)
def test_the_id_that_is_suggested_is_one(wanted: str) -> None:
    result = run("--title", "x", "-o", os.devnull, "--", wanted)
    better = re.search("for example '(.*)'\n", result.stderr)
    if better:
        assert problems_in(start(beginning(better[1], {"title": "x"}))) == ()


def test_an_id_that_is_taken_is_refused(project: Project) -> None:
    project.text("old", "format: 1\nid: dawn-3\nformerly: [dawn-1]\ntitle: T\nsummary: S.\n")
    (project.seeds / "broken.yaml").write_text("id: [", encoding="utf-8")
    taken = run("noon-2", "--title", "Noonol", "-o", "seeds/other.yaml")
    assert taken.exit_code == 1
    assert "the id 'noon-2' is taken by seeds/noon-2.yaml" in taken.stderr
    former = run("dawn-1", "--title", "Dawnol")
    assert former.exit_code == 1
    assert "'dawn-1' is an earlier id of seeds/old.yaml" in former.stderr
    assert sorted(path.name for path in project.seeds.iterdir()) == ["broken.yaml", "noon-2.yaml", "old.yaml"]


@pytest.mark.parametrize("title", [[], ["--title", " "]])
def test_without_a_terminal_nothing_is_asked_and_a_title_is_needed(title: list[str], project: Project) -> None:
    result = run("dawn-1", *title, input="Dawnol\n\n\n\n\n\n")
    assert result.exit_code == 2
    assert "give it with --title" in result.stderr
    assert not (project.seeds / "dawn-1.yaml").exists()


def test_every_fault_of_a_call_is_told_at_once(project: Project) -> None:
    result = run("dawn-1", "--title", "Dawnol", "--doi", "x", "--registry", "y", "--specialty", "Hema tology")
    assert result.exit_code == 1
    assert "'x' is not a DOI; 'y' is not a registry number; 'Hema tology' is not an id" in result.stderr
    assert "did you mean 'hema-tology'?" in result.stderr
    assert not (project.seeds / "dawn-1.yaml").exists()


# In a terminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "in_terminal", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_what_is_not_given_is_asked_until_it_is_sound(project: Project) -> None:
    answers = ["", "  ", "Dawnol", "", "dawn", "https://doi.org/10.1000/dawn", "", "hematology, Hema", "hematology"]
    result = run("dawn-1", "--url", "", input="".join(f"{each}\n" for each in answers))
    assert result.exit_code == 0, result.output
    assert "Error: 'dawn' is not a DOI; write the bare DOI" in result.output
    assert "Error: 'Hema' is not an id; did you mean 'hema'?" in result.output
    assert "Web address" not in result.output
    trial = trial_in((project.seeds / "dawn-1.yaml").read_text(encoding="utf-8"))
    assert (trial.title, trial.acronym, trial.source) == ("Dawnol", "", Source(doi="10.1000/dawn"))
    assert trial.specialties == ("hematology",)


@pytest.mark.usefixtures("terminal")
def test_what_was_given_wrong_is_told_before_anything_is_asked(project: Project) -> None:
    result = run("dawn-1", "--doi", "dawn", input="Dawnol\n")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "'dawn' is not a DOI" in result.stderr
    assert run("noon-2", "-o", "seeds/x.yaml", input="Dawnol\n").stdout == ""
    assert len(list(project.seeds.iterdir())) == 1


@pytest.mark.usefixtures("terminal")
def test_whoever_gives_up_leaves_nothing_behind(project: Project) -> None:
    assert run("dawn-1", input="Dawnol\n").exit_code == 1
    assert not (project.seeds / "dawn-1.yaml").exists()


def said(reader: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(reader, 1000)
        except OSError:  # the other end has closed
            return


def test_a_real_terminal_is_recognised(project: Project) -> None:
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-m", "trialdeck", "new", "dawn-1", "--title", "Dawnol"]
    with subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, cwd=project.folder) as process:
        os.close(theirs)
        os.write(ours, b"DAWN-1\n\n\n\n\n")
        output = b"".join(said(ours))
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.returncode == 0, output
    os.close(ours)
    assert b"Acronym (Enter for none)" in output
    assert b"Title" not in output
    assert trial_in((project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")).acronym == "DAWN-1"
