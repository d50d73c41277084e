"""What language models write becomes records, or a list of what is wrong: each habit of theirs is an example."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from trialdeck.cli.output.problems import drafted_text
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import Drafted, drafts_of
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text

OUTPUTS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("sloppy_outputs.yaml").read_text(encoding="utf-8")
)
WRITTEN = [pytest.param(output, id=output["name"]) for output in OUTPUTS if "has" in output]
REFUSED = [pytest.param(output, id=output["name"]) for output in OUTPUTS if "refused" in output]


def drafts(output: str) -> list[Drafted]:
    return drafts_of([read_material(output.encode(), "cards.json")])


def test_there_are_more_than_thirty_examples() -> None:
    assert len(WRITTEN) + len(REFUSED) > 30
    assert len({output["name"] for output in OUTPUTS}) == len(OUTPUTS)


@pytest.mark.parametrize("output", WRITTEN)
def test_an_output_becomes_a_record_and_a_list(output: dict[str, Any]) -> None:
    (drafted,) = drafts(output["output"])
    record = load_record_text(drafted.draft.text.encode(), "dawn-1.yaml")
    assert [problem for problem in problems_of(record) if problem.severity is Severity.ERROR] == []
    assert record.document is not None
    data = record.document.data
    assert {section: len(data.get(section, ())) for section in output["has"]} == output["has"]
    assert data["id"] == "dawn-1"
    assert data["review"] == {"status": "unreviewed"}
    assert "results" not in data
    assert output.get("text", "") in drafted.draft.text
    said = "\n".join(drafted_text(drafted, ""))
    assert [part for part in output.get("says", ()) if part not in said] == [], said


@pytest.mark.parametrize("output", REFUSED)
def test_an_output_of_which_nothing_can_be_taken_is_refused_with_what_to_do(output: dict[str, Any]) -> None:
    with pytest.raises(TrialdeckError) as error:
        drafts(output["output"])
    assert output["refused"] in error.value.message
    assert error.value.hint


def test_cards_of_several_trials_become_several_records() -> None:
    (output,) = [output for output in OUTPUTS if "trials" in output]
    assert [drafted.draft.id for drafted in drafts(output["output"])] == output["trials"]
