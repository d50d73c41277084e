"""The examples of the rules of quality, and records that have what they say."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import yaml

from folders import ROOT

RULES: Mapping[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "tests" / "unit" / "lint" / "quality.yaml").read_text(encoding="utf-8")
)


class _WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own name
        return True


def record(trial: str = "dawn-1", **said: Any) -> str:
    """A record without a fault, in which something is said otherwise."""
    question = {
        "id": "tested",
        "perspective": "clinical",
        "question": said.get("question", "What was tested in DAWN-1?").replace("DAWN-1", trial.upper()),
        "response": said.get("response", "Dawnol."),
        "cloze": said.get("cloze", {}),
    }
    result = {
        "id": "pfs",
        "endpoint": "Progression-free survival",
        "data_cut": said.get("data_cut", "Primary analysis"),
        "measure": "hazard ratio",
        "estimate": 0.74,
        "ci": [0.59, 0.94],
        "ci_level": 95,
        "p": said.get("results_p", "0.01"),
        "unit": "months",
        "arms": [{"name": "Dawnol", "n": 100, "median": 20.6}, {"name": "placebo", "n": 101, "median": 14.9}],
    }
    result |= said.get("result", {})
    others = [{**result, "id": "second", **said["second_result"]}] if "second_result" in said else []
    data = {
        "format": 1,
        "id": trial,
        "acronym": trial.upper(),
        "title": "Dawnol for Dusk",
        "source": said.get("source", {"citation": "A et al. Journal 2020."}),
        "results": said.get("results", [result, *others]),
        "questions": [question],
        "review": said.get("review", {"status": "unreviewed"}),
    }
    # Retiring changes the entries, and the examples are the same for all tests.
    data |= deepcopy(said.get("record", {}))
    if "other" in said:
        data["questions"].insert(0, {**question, "id": "other", "response": "Placebo.", **said["other"]})
    for entry in (*data["questions"], *data["results"], *data.get("design", ())) if said.get("retired") else ():
        entry["retired"] = {"on": "2025-12-01", "reason": "No."}
    text: str = yaml.dump(data, Dumper=_WithoutAliases, sort_keys=False, allow_unicode=True, width=1000)
    if "comment" in said:
        text = text.replace("  response:", f"  # {said['comment']}\n  response:") if not said.get("question") else text
        text = text.replace("  question:", f"  # {said['comment']}\n  question:") if said.get("question") else text
    return text
