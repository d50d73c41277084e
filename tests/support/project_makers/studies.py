"""Registry files that tests write: one small invented trial, with one outcome that is as a test wants it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

NCT = "NCT01234567"
ARMS = (
    {"label": "Dawnol 5 mg", "type": "EXPERIMENTAL", "interventionNames": ["Drug: Dawnol"]},
    {"label": "Placebo", "type": "PLACEBO_COMPARATOR", "interventionNames": ["Drug: Placebo"]},
)
GROUPS = ({"id": "OG000", "title": "Placebo"}, {"id": "OG001", "title": "Dawnol 5 mg"})
"""The registry often lists the placebo first."""


def analysis(**fields: Any) -> dict[str, Any]:
    """Return a posted analysis: a hazard ratio with its interval."""
    posted = {
        "groupIds": ["OG000", "OG001"], "nonInferiorityType": "SUPERIORITY", "pValue": "= 0.0014",
        "statisticalMethod": "Log Rank", "paramType": "Hazard Ratio (HR)", "paramValue": "0.860", "ciPctValue": "95",
        "ciNumSides": "TWO_SIDED", "ciLowerLimit": "0.747", "ciUpperLimit": "0.990",
    }  # fmt: skip
    return {name: value for name, value in {**posted, **fields}.items() if value is not None}


def outcome(*analyses: Mapping[str, Any], values: Sequence[str] = ("60", "50"), **fields: Any) -> dict[str, Any]:
    """Return a posted primary outcome: events of 100 patients in each arm, in the registry's order."""
    measurements = [{"groupId": group["id"], "value": value} for group, value in zip(GROUPS, values, strict=True)]
    counts = [{"groupId": group["id"], "value": "100"} for group in GROUPS]
    posted = {
        "type": "PRIMARY", "title": "Relapse", "paramType": "COUNT_OF_PARTICIPANTS", "unitOfMeasure": "Participants",
        "timeFrame": "Up to 24 months", "populationDescription": "Full analysis set", "groups": list(GROUPS),
        "denoms": [{"units": "Participants", "counts": counts}],
        "classes": [{"categories": [{"measurements": measurements}]}], "analyses": list(analyses),
    }  # fmt: skip
    return {name: value for name, value in {**posted, **fields}.items() if value not in (None, [])}


def study(*outcomes: Mapping[str, Any], nct: str = NCT, **modules: Any) -> dict[str, Any]:
    """Return a study; `modules` are put into the section of the protocol."""
    protocol = {
        "identificationModule": {"nctId": nct, "acronym": "DAWN-1", "officialTitle": "Dawnol in Disease"},
        "statusModule": {"resultsFirstPostDateStruct": {"date": "2021-07-19"}},
        "conditionsModule": {"conditions": ["Disease"]},
        "armsInterventionsModule": {"armGroups": list(ARMS)},
        "outcomesModule": {"primaryOutcomes": [{"measure": "Relapse"}]},
    }
    data: dict[str, Any] = {"protocolSection": {**protocol, **modules}}
    if outcomes:
        data["resultsSection"] = {"outcomeMeasuresModule": {"outcomeMeasures": list(outcomes)}}
    return data


def as_file(data: object) -> bytes:
    """Return JSON as a file."""
    return json.dumps(data).encode()
