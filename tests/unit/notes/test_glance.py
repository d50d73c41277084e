"""A trial at a glance: what it shows of a full record, and how it gets shorter with a poorer one."""

import re

import pytest

from conftest import RECORD
from trialdeck.markdown.editor_form import as_editor_leaves
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.glance import arms_in_short, glance_html, glance_of, setting_in_short
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.summary import shared_facts_of
from trials import trial

FULL = """\
format: 1
id: dawn-1
acronym: DAWN-1
title: Dawnol for Example Disease
source: {citation: A. N Engl J Med 2015., doi: 10.1000/dawn}
tested: Dawnol added to usual care
population: Adults with example disease
comparator: Usual care
endpoint: Relapse-free survival
design:
  - {id: how, text: "Phase 3, randomised, double-blind."}
  - {id: where, text: In 20 places.}
results:
  - id: os
    endpoint: Overall survival
    outcome: os
    analysis: final
    measure: hazard ratio
    estimate: 0.79
    ci: [0.67, 0.95]
    unit: months
    arms: [{name: Dn, n: 400, median: 48.3}, {name: U, n: 396, median: 40.4}]
  - id: rfs
    endpoint: Relapse-free survival (independent review)
    outcome: rfs
    analysis: primary
    measure: hazard ratio
    estimate: 0.69
    ci: [0.57, 0.83]
    unit: months
    arms: [{name: Dn, n: 400, median: 26.3}, {name: U, n: 396, median: not reached}]
  - id: rfs-later
    endpoint: Relapse-free survival
    outcome: rfs
    analysis: later
    measure: hazard ratio
    estimate: 0.72
    arms: [{name: Dn}, {name: U}]
  - id: harm
    endpoint: Severe events
    analysis: safety
    arms: [{name: Dn, percent: 83.7}, {name: U, percent: 80.7}]
  - id: response
    endpoint: Response
    timepoint: Week 12
    arms: [{name: Dn, n: 400, events: 40}, {name: U, n: 396, events: 20}]
review: {status: unreviewed}
"""


def test_a_full_record_says_who_how_what_against_what_and_what_came_of_it() -> None:
    html = glance_html(trial(FULL))
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))
    assert {term: readable(fact) for term, fact in facts.items()} == {
        "Who": "796 patients Adults with example disease",
        "Design": "Phase 3, randomised, double-blind.",
        "Tested": "Dn · n = 400 Dawnol added to usual care",
        "Against": "U · n = 396 Usual care",
        "Primary endpoint": "Relapse-free survival",
    }
    assert "Dawnol for Example Disease" in html
    assert "td-dot td-accent" in html
    assert "td-dot td-grey" in html


def test_the_primary_result_comes_first_and_each_outcome_once() -> None:
    glance = glance_of(trial(FULL))
    assert [result.id for result in glance.effects] == ["rfs", "os"]
    html = glance_html(trial(FULL))
    assert html.index("0.69") < html.index("0.79")
    assert "0.72" not in html
    assert "independent review" in html
    assert "26.3 v not reached months" in html
    assert "final analysis" in html
    assert html.count("lower hazard") == 1


def test_shares_are_pairs_of_bars_with_harm_last() -> None:
    glance = glance_of(trial(FULL))
    assert [result.id for result in glance.shares] == ["response", "harm"]
    html = glance_html(trial(FULL))
    assert html.count('class="td-bar td-accent"') == html.count('class="td-bar td-grey"') == 2
    assert "83.7%" in html
    assert "v 80.7%" in html


def test_a_per_cent_that_is_worked_out_says_so() -> None:
    assert "v 5.1%, worked out" in glance_html(trial(FULL))
    assert "80.7%, worked out" not in glance_html(trial(FULL))


def test_harm_has_room_beside_many_other_shares() -> None:
    others = "".join(
        f"  - {{id: r-{number}, endpoint: R{number}, arms: [{{name: Dn, percent: 9}}, {{name: U, percent: 8}}]}}\n"
        for number in range(5)
    )
    glance = glance_of(trial(FULL, {"review: {status": f"{others}review: {{status"}))
    assert [result.id for result in glance.shares] == ["response", "r-0", "harm"]


def test_differences_have_an_axis_of_their_own() -> None:
    changes = {"measure: hazard ratio\n    estimate: 0.69\n    ci: [0.57, 0.83]\n    unit": "measure: mean difference\n"
               "    estimate: -1.2\n    ci: [-2, 0.1]\n    unit"}  # fmt: skip
    glance = glance_of(trial(FULL, changes))
    assert [result.id for result in glance.effects] == ["rfs"]
    assert "−1.2 months" in glance_html(trial(FULL, changes))


@pytest.mark.parametrize("line", ["tested: Dawnol added to usual care\n", "population: Adults with example disease\n"])
def test_what_a_record_does_not_state_has_no_cell(line: str) -> None:
    assert FULL.replace(line, "") != FULL
    term, words = line.rstrip().split(": ")
    html = glance_html(trial(FULL.replace(line, "")))
    assert words not in html
    assert ("<dt>Tested</dt>" in html) is (term == "population" or "Dn" in html)


def test_a_record_with_statements_alone_shows_those() -> None:
    text = "format: 1\nid: x\ntitle: X\ntested: Dawnol\nsummary: S\n"
    cell = '<div class="td-fact"><dt>Tested</dt><dd>Dawnol</dd></div>'
    assert glance_html(trial(text)) == f'<div class="td-glance"><dl class="td-facts">{cell}</dl></div>'


def test_a_record_without_facts_has_no_glance() -> None:
    assert glance_html(trial("format: 1\nid: x\ntitle: X\nsummary: S\n")) == ""


def test_three_arms_without_a_comparison_are_not_taken_for_two() -> None:
    three = trial(FULL, {"{name: U, n: 396, median: not reached}]": "{name: U, n: 396}, {name: V, n: 1}]"})
    html = glance_html(three)
    assert "td-dot" not in html
    assert "Dawnol added to usual care" in html
    assert "0.69" in html


def test_a_retired_result_is_not_shown() -> None:
    retired = "    analysis: primary\n    retired: {on: 2026-01-01, reason: Wrong.}\n"
    html = glance_html(trial(FULL, {"    analysis: primary\n": retired}))
    assert "0.69" not in html


def test_where_it_stands_alone_it_says_its_source_and_its_review() -> None:
    assert "N Engl J Med" not in glance_html(trial(FULL))
    alone = glance_html(trial(FULL), with_source=True)
    assert "A. N Engl J Med 2015." in alone
    assert "Not yet reviewed" in alone


def test_texts_state_their_language() -> None:
    html = glance_html(trial(FULL, {"acronym:": "language: ar\nacronym:"}))
    assert '<span lang="ar">Adults with example disease</span>' in html


def test_what_arms_state_in_short() -> None:
    results = {result.id: result for result in trial(FULL).results}
    assert arms_in_short(results["os"]) == "48.3 v 40.4 months"
    assert arms_in_short(results["harm"]) == "83.7 v 80.7%"
    assert arms_in_short(results["rfs-later"]) == ""
    assert setting_in_short(results["response"]) == "Week 12"
    assert setting_in_short(results["harm"]) == ""
    at_last = trial(FULL, {"timepoint: Week 12": "timepoint: At the data cut"})
    assert [setting_in_short(result) for result in at_last.results] == ["final analysis", "", "later analysis", "", ""]


def test_the_note_of_the_trial_has_it_too() -> None:
    record = trial(RECORD)
    note = trial_notes([shared_facts_of(record)])["dawn-1"]
    names = note_type(Kind.TRIAL).field_names
    assert dict(zip(names, note.fields, strict=True))["About"] == as_editor_leaves(glance_html(record))


def test_the_note_of_the_trial_shows_the_design_as_the_others_do() -> None:
    record = trial(FULL)
    assert glance_html(shared_facts_of(record)) == glance_html(record)
