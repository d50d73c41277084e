"""`new --from` asks what to take of a study: in a plain terminal, with defaults, and never for a source by itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from projects import Project
from studies import NCT, analysis, as_file, outcome, study
from trialdeck.cli import main
from trialdeck.cli.records import new as command

PAPER = (
    f"PMID- 7\nTI  - A paper.\nAU  - Doe J\nSI  - ClinicalTrials.gov/{NCT}\nAID - 10.1234/abc [doi]\nSO  - J. 2020.\n"
)
STATS = [
    {"groupId": "EG000", "numAffected": 3, "numAtRisk": 100},
    {"groupId": "EG001", "numAffected": 4, "numAtRisk": 90},
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with one record, a study and a citation, from within it."""
    made = Project(tmp_path)
    made.record("noon-2")
    monkeypatch.chdir(tmp_path)
    references = [{"pmid": "8", "type": "RESULT", "citation": "Roe A. Another paper. J. 2021. doi: 10.1234/other."}]
    data = study(
        outcome(analysis()), outcome(analysis(), title="Death", type="SECONDARY"),
        outcome(title="Pain", type="SECONDARY"),
        referencesModule={"references": references},
    )  # fmt: skip
    terms = [{"term": term, "stats": STATS} for term in ("Anaemia", "Sepsis")]
    data["resultsSection"]["adverseEventsModule"] = {
        "eventGroups": [
            {"id": "EG000", "title": "Placebo", "deathsNumAffected": 1, "deathsNumAtRisk": 100},
            {"id": "EG001", "title": "Dawnol 5 mg", "deathsNumAffected": 2, "deathsNumAtRisk": 90},
        ],
        "seriousEvents": terms,
    }
    Path("NCT.json").write_bytes(as_file(data))
    Path("paper.nbib").write_text(PAPER, encoding="utf-8")
    monkeypatch.setattr(command, "in_terminal", lambda: True)
    return made


def run(*words: str, answers: tuple[str, ...] = (), **more: Any) -> Result:
    return CliRunner().invoke(main, list(words), input="".join(f"{answer}\n" for answer in answers), **more)


def record(name: str = "dawn-1") -> str:
    return Path(f"seeds/{name}.yaml").read_text(encoding="utf-8")


def test_empty_answers_take_the_primary_outcomes_and_no_source(project: Project) -> None:
    result = run("new", "--from", "NCT.json", "--cite", "paper.nbib", answers=("",) * 5)
    assert result.exit_code == 0, result.output
    assert "endpoint: Relapse\n" in record()
    assert "endpoint: Death\n" not in record()
    assert "\n  doi:" not in record()
    for line in (
        "NCT.json:outcome 2, analysis 1: not chosen: Death",
        "NCT.json:outcome 3: not chosen: Pain",
        "another publication of this trial; a record names one: Doe J. J. 2020.",
    ):
        assert line in result.output
    assert "items placed; " in result.output
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    ("answers", "options"),
    [
        (("", "", "1", "1-2", "none"), ["paper.nbib"]),
        (("", "", "1", "1,2", "1-2"), ["paper.nbib", "--event", "Sepsis", "--event", "anaemia"]),
        (("", "", "1", "all", "2"), ["paper.nbib", "--event", "sepsis", "--all"]),
    ],
)
def test_the_record_is_that_of_ingest_where_the_same_is_chosen(
    answers: tuple[str, ...], options: list[str], project: Project
) -> None:
    asked = run("new", "--from", "NCT.json", "--cite", "paper.nbib", answers=answers)
    assert asked.exit_code == 0, asked.output
    by_rule = run("ingest", "NCT.json", *options, "-o", "by-rule.yaml")
    assert by_rule.exit_code == 0, by_rule.output
    assert record() == Path("by-rule.yaml").read_text(encoding="utf-8")


def test_a_publication_of_the_registry_can_be_the_source(project: Project) -> None:
    result = run("new", "--from", "NCT.json", answers=("DAWN", "dawn", "another", "1", "none", "none"))
    assert result.exit_code == 0, result.output
    assert "acronym: DAWN\n" in record("dawn")
    assert "citation: Roe A. Another paper. J. 2021.\n  doi: 10.1234/other\n  registry: NCT01234567\n" in record("dawn")
    assert "proposed, one of the publications" not in record("dawn")


def test_what_is_not_understood_is_asked_again(project: Project) -> None:
    answers = ("DAWN::1", "-", "noon-2", "dawn-9", "1-2", "none", "5", "pa", "3", "seps", "2")
    result = run("new", "--from", "NCT.json", answers=answers)
    assert result.exit_code == 0, result.output
    assert "cannot name a deck" in result.output
    assert "seeds/noon-2.yaml exists already" in result.output
    assert "'1-2' is not understood: write numbers from 1 to 1, or none" in result.output
    assert "'5' is not understood: write numbers from 1 to 3, or none" in result.output
    assert "acronym:" not in record("dawn-9")
    assert "endpoint: Pain\n" in record("dawn-9")
    assert "endpoint: Sepsis (serious)\n" in record("dawn-9")


def test_giving_up_leaves_nothing_behind(project: Project) -> None:
    assert run("new", "--from", "NCT.json", answers=("", "")).exit_code == 1
    assert [path.name for path in project.seeds.iterdir()] == ["noon-2.yaml"]


def test_an_id_of_the_call_is_not_asked(project: Project) -> None:
    result = run("new", "dusk-3", "--from", "NCT.json", answers=("", "", "", ""))
    assert result.exit_code == 0, result.output
    assert "Id, for ever" not in result.output
    assert "id: dusk-3\n" in record("dusk-3")
    assert run("new", "noon-2", "--from", "NCT.json").exit_code == 1


def test_without_a_terminal_ingest_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "in_terminal", lambda: False)
    result = run("new", "--from", "NCT.json")
    assert result.exit_code == 1
    assert "there is no terminal to ask in" in result.output
    assert "`trialdeck ingest NCT.json`" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "two.json"), "two.json holds 2 studies of ClinicalTrials.gov; --from takes one"),
        (("--from", "paper.nbib"), "paper.nbib holds no studies of ClinicalTrials.gov"),
        (("--from", "NCT.json", "--cite", "NCT.json"), "NCT.json is not a citation"),
        (("--from", "broken.json"), "broken.json: this begins like JSON, and is not"),
        (("--from", "NCT.json", "--title", "x"), "--title does not go with --from"),
        (("--from", "NCT.json", "--specialty", "x"), "--specialty does not go with --from"),
        (("dawn-1", "--cite", "paper.nbib"), "--cite needs a study"),
        ((), "a record needs an ID"),
    ],
)
def test_what_does_not_go_is_refused_before_anything_is_asked(
    words: tuple[str, ...], said: str, project: Project
) -> None:
    Path("two.json").write_text(json.dumps([study(), study(nct="NCT07654321")]), encoding="utf-8")
    Path("broken.json").write_text('{"protocolSection": ', encoding="utf-8")
    result = run("new", *words, answers=("",) * 6)
    assert result.exit_code in {1, 2}
    assert said in result.output
    assert "Acronym" not in result.output


def test_a_study_without_results_asks_for_none(project: Project) -> None:
    Path("NCT.json").write_bytes(as_file(study()))
    result = run("new", "--from", "NCT.json", answers=("", ""))
    assert result.exit_code == 0, result.output
    assert "The registry has no results of this study." in result.output


def test_a_drug_concentration_is_not_proposed_though_it_is_primary(project: Project) -> None:
    Path("NCT.json").write_bytes(as_file(study(outcome(title="Plasma Concentration at Week 1"), outcome(analysis()))))
    result = run("new", "--from", "NCT.json", answers=("", "", ""))
    assert result.exit_code == 0, result.output
    assert "Which of them? (such as 1-3,5) [2]: " in result.output
    assert "endpoint: Plasma" not in record()
