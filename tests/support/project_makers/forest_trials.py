"""Trials that report the same outcome: what a forest is made from."""

from trialdeck.records.load import load_record_text
from trialdeck.records.model import Trial

TRIAL = """\
format: 1
id: {id}
acronym: {acronym}
title: {title}
source: {{citation: "{name} group. J Examples 2020.", doi: 10.1000/{id}}}
topics: [{topics}]
tested: {drug} added to standard care
population: Adults with example disease
comparator: Placebo
results:
  - id: {result}
    endpoint: {endpoint}
    outcome: {outcome}
    analysis: {analysis}
    population: Intention to treat
    data_cut: At the end
    measure: {measure}
    estimate: {estimate}
    ci: {ci}
    ci_level: {level}
    arms: [{{name: {drug}, n: 100}}, {{name: placebo, n: 100}}]
questions:
  - {{id: why, perspective: mechanism, question: Why does {drug} work?, response: It binds.}}
review: {{status: unreviewed}}
"""
DEFAULTS = {
    "topics": "example-disease",
    "result": "pfs",
    "endpoint": "Progression-free survival",
    "outcome": "pfs",
    "analysis": "primary",
    "measure": "hazard ratio",
    "level": "95",
}


def trial_text(name: str, estimate: str = "", **changes: str) -> str:
    """Return the record of a trial with one result; its drug and its id follow from its name.

    The result is clear, unless the trial is called DAWN: then its interval holds no effect.
    """
    estimate = estimate or ("0.90" if name.startswith("DAWN") else "0.70")
    low, high = (f"{float(estimate) * factor:.2f}" for factor in (0.8, 1.25))
    drug = f"{name.partition('-')[0].capitalize()}ol"
    own = {"id": name.lower(), "name": name, "acronym": name, "title": f"A Trial of {drug}", "drug": drug}
    return TRIAL.format(**{**DEFAULTS, **own, "estimate": estimate, "ci": f"[{low}, {high}]", **changes})


def trial_of(name: str, estimate: str = "", **changes: str) -> Trial:
    """Return a trial with one result."""
    record = load_record_text(trial_text(name, estimate, **changes).encode(), "x.yaml")
    assert record.trial
    assert not record.problems
    return record.trial


def four_trials() -> list[Trial]:
    """Return four trials of one topic; the third has published an interim analysis."""
    return [
        trial_of("DAWN-1", "0.74"),
        trial_of("DUSK-2", "0.69"),
        trial_of("NOON-3", "0.37", analysis="interim"),
        trial_of("RAIN-4", "1.10"),
    ]
