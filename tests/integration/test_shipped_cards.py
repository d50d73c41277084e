"""What the shipped records promise: few core cards, all three perspectives, and the digits of the registry."""

import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import trialdeck as td

FOUR_TRIALS = {"aspire", "eloquent-2", "pollux", "tourmaline-mm1"}
TOPICS = {"multiple-myeloma", "diabetic-kidney-disease"}
STUDIES = {"fidelio-dkd": "NCT02540993.json", "figaro-dkd": "NCT02545049.json"}


@pytest.fixture(scope="module")
def notes(root: Path) -> tuple[td.Note, ...]:
    """The notes of the shipped records that ask something."""
    return tuple(note for note in td.load(root / "seeds").notes() if note.cards)


def test_four_trials_are_known_by_32_core_cards(notes: tuple[td.Note, ...], root: Path) -> None:
    core = Counter({note.trial: 0 for note in notes})
    for note in notes:
        core[note.trial] += len(note.cards) * ("trialdeck::level::core" in note.tags)
    assert sum(core[trial] for trial in FOUR_TRIALS) == 32
    assert {core[path.stem] for path in (root / "seeds").glob("*.yaml")} == {8}
    assert "32 cards" in (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_perspective_has_a_fifth_of_the_notes(notes: tuple[td.Note, ...], topic: str) -> None:
    tags = [note.tags for note in notes if f"trialdeck::topic::{topic}" in note.tags]
    perspectives = Counter(tag.rpartition("::")[2] for own in tags for tag in own if "::perspective::" in tag)
    assert min(perspectives[name] for name in ("mechanism", "clinical", "reviewer")) / len(tags) >= 0.2


def test_authors_ask_in_few_words(root: Path) -> None:
    records = [yaml.safe_load(path.read_bytes()) for path in (root / "seeds").glob("*.yaml")]
    questions = [
        question for record in records for question in record["questions"] if question.get("card") is not False
    ]
    assert statistics.median(len(question["question"].split()) for question in questions) <= 16
    assert max(len(question["response"].split()) for question in questions) <= 15


@pytest.mark.parametrize("trial", STUDIES)
def test_the_digits_of_results_are_those_of_the_registry(root: Path, trial: str) -> None:
    study = root.parent / "shared" / "registry" / STUDIES[trial]
    if not study.is_file():
        pytest.skip(f"{STUDIES[trial]} of ClinicalTrials.gov is not beside the repository")
    shipped = results_of((root / "seeds" / f"{trial}.yaml").read_text(encoding="utf-8"))
    posted = results_of(td.ingest(study).record)
    assert len(shipped) == 7
    assert [digits_of(result) for result in shipped if digits_of(result) not in map(digits_of, posted)] == []
    assert {result["source"]["citation"].rstrip(".") for result in shipped} == {posted[0]["source"]["citation"]}


def results_of(record: str) -> list[dict[str, Any]]:
    """Return the results of a record, each number as it is written."""
    results: list[dict[str, Any]] = yaml.load(record, Loader=yaml.BaseLoader)["results"]
    return results


def digits_of(result: dict[str, Any]) -> tuple[Any, ...]:
    arms = [tuple(arm.get(name) for name in ("n", "events", "mean")) for arm in result["arms"]]
    p = result.get("p", "").removesuffix(" (two-sided)")
    return (result.get("estimate"), result.get("ci"), result.get("ci_level"), p, arms)
