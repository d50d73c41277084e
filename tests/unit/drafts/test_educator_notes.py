"""Notes of educators become records: headings, labels, questions, tables, and what has no place in a record."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.draft import Draft, draft_record
from trialdeck.drafts.prose.names import part_of
from trialdeck.drafts.prose.read import is_trial_page, read_pages
from trialdeck.lint.record import check_record
from trialdeck.records.load import load_record_text

MARKDOWN = """\
---
title: Dawnol for Disease
tags: [example-disease, "Rare things"]
nct: NCT01234567
author: A. Nobody
---
# DAWN-1

J Ex 2031;1:2-9. doi:10.1000/dawn

## Clinical Question

In adults with disease, does dawnol delay relapse?

## Bottom Line

Dawnol delayed relapse by *three* months.

## Design

- Multicentre, double-blind
- N=400
- **Setting:** 12 centres

### Population

#### Inclusion Criteria

- Age >65 years
- 10<sup>9</sup> cells/L

#### Exclusion Criteria

- Pregnancy

## Interventions

Dawnol 10 mg

## Control

Placebo

## Outcomes

### Primary Outcome

Relapse: 41% vs. 55% (HR 0.74; 95% CI 0.59-0.94; P=0.01)

### Adverse Events

| event | dawnol | placebo |
|---|---|---|
| nausea | 12% | 9% |

## Frequently Asked Questions

Is it safe?

## Criticisms

1. Short follow-up
2. One country

## Funding

Nobody

## Discussion Questions

**Q1.** What is the mechanism of dawnol?

A: It blocks dawnase.

- and dusk
- and noon

2. Was it blind?
   Yes, to all.

Why was it short?
"""


def notes(text: str, *, splits: bool = False) -> list[Draft]:
    made = [draft_record(page, str) for page in read_pages(text.encode(), splits=splits)]
    for draft in made:
        assert list(errors(draft)) == []
    return made


def errors(draft: Draft) -> Iterator[str]:
    record = load_record_text(draft.text.encode(), "draft")
    assert record.trial is not None
    assert record.document is not None
    problems = [*record.problems, *check_record(record.trial, record.document)]
    return (f"{each.line}: {each.message}" for each in problems if each.severity is Severity.ERROR)


def data_of(text: str) -> dict[str, Any]:
    (draft,) = notes(text)
    data: dict[str, Any] = yaml.load(draft.text, Loader=yaml.BaseLoader)
    return data


def left(text: str) -> list[tuple[int, str]]:
    (draft,) = notes(text)
    return [(notice.line, notice.text) for notice in draft.not_taken]


def points(data: dict[str, Any], section: str) -> list[str]:
    return [point["text"] for point in data[section]]


def test_every_part_of_notes_lands_where_it_belongs() -> None:
    data = data_of(MARKDOWN)
    assert (data["id"], data["acronym"], data["title"]) == ("dawn-1", "DAWN-1", "Dawnol for Disease")
    assert data["source"] == {
        "citation": "J Ex 2031;1:2-9. doi:10.1000/dawn",
        "doi": "10.1000/dawn",
        "registry": "NCT01234567",
    }
    assert data["topics"] == ["example-disease", "rare-things"]
    assert data["summary"] == "Dawnol delayed relapse by *three* months."
    assert data["tested"] == "Dawnol 10 mg"
    assert data["comparator"] == "Placebo"
    assert data["population"] == ("Inclusion Criteria: Age >65 years; 10⁹ cells/L; Exclusion Criteria: Pregnancy")
    assert points(data, "design") == ["Multicentre, double-blind", "N=400", "**Setting:** 12 centres"]
    assert points(data, "key_findings") == [
        "Primary Outcome: Relapse: 41% vs. 55% (HR 0.74; 95% CI 0.59-0.94; P=0.01)",
        "Adverse Events:\n\n| event | dawnol | placebo |\n| --- | --- | --- |\n| nausea | 12% | 9% |",
    ]
    assert points(data, "limitations") == ["Short follow-up", "One country"]


def test_questions_have_their_answers_and_a_perspective() -> None:
    asked = [(pair["question"], pair["response"], pair["perspective"]) for pair in data_of(MARKDOWN)["questions"]]
    assert asked == [
        ("In adults with disease, does dawnol delay relapse?", "Dawnol delayed relapse by *three* months.", "clinical"),
        ("What is the mechanism of dawnol?", "It blocks dawnase.\n\n- and dusk\n- and noon", "mechanism"),
        ("Was it blind?", "Yes, to all.", "reviewer"),
    ]


def test_what_has_no_place_is_listed_with_its_line_and_counted() -> None:
    (draft,) = notes(MARKDOWN)
    assert [notice.text for notice in draft.not_taken] == [
        "author: A. Nobody",
        "## Frequently Asked Questions",
        "Is it safe?",
        "## Funding",
        "Nobody",
        "Why was it short?",
    ]
    lines = [line for line in MARKDOWN.split("\n") if re.search(r"\w", line)]
    assert draft.placed == len(lines) - 6
    assert draft.balance.endswith("6 not taken")
    assert "# Line 81 of the notes (this question has no answer):" in draft.text


def test_what_was_inferred_is_named() -> None:
    (draft,) = notes(MARKDOWN)
    kinds = {notice.message.partition(":")[0] for notice in draft.inferred}
    assert kinds == {"acronym", "section", "response", "perspective"}
    assert "# inferred: below 'Bottom Line' in the notes.\nsummary:" in draft.text
    assert "# inferred: below 'Interventions' in the notes.\ntested:" in draft.text


def test_numbers_are_proposed_and_the_proposal_is_a_record() -> None:
    (draft,) = notes(MARKDOWN)
    assert "results" not in yaml.load(draft.text, Loader=yaml.BaseLoader)
    start = draft.text.index("# results:")
    proposal = "\n".join(line[2:] for line in draft.text[start:].split("\n") if line.startswith("# ")).split("Line ")[0]
    (result,) = yaml.load(proposal, Loader=yaml.BaseLoader)["results"]
    expected = {"measure": "hazard ratio", "estimate": "0.74", "ci": ["0.59", "0.94"], "ci_level": "95", "p": "0.01"}
    assert {name: result[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("BOTTOM LINE", "summary"), ("2. Results", "key_findings"), ("Study Design", "design"), ("TL;DR", "summary"),
        ("**Trial Population:**", "population"), ("Authors' Conclusions", "summary"), ("Primary End-Point", "endpoint"),
        ("Results (n = 400)", "key_findings"), ("Weaknesses", "limitations"), ("Further Reading", "left"),
        ("Dosing Details", None), ("Background: (a text)", None), ("", None), ("the study", None),
    ],
)  # fmt: skip
def test_names_of_headings(heading: str, part: str | None) -> None:
    found = part_of(heading)
    assert (found.property if found else None) == part


SAVED_BY_GOOGLE_DOCS = (
    "<html><head><style>.c1{font-weight:700}.c2{color:#000}</style></head><body><p class='title'>A Trial</p>"
    "<p><span class='c1'>Background</span></p><p><span class='c2'>Old.</span></p>"
    "<p><span class='c1 c2'>Results</span></p><p><span>New.</span></p></body></html>"
)
COPIED_FROM_GOOGLE_DOCS = (
    "<meta charset='utf-8'><b style='font-weight:normal' id='docs-internal-guid-1'><h1>A Trial</h1>"
    "<h2>Background</h2><p>Old.</p><h2>Results</h2><p>New.</p></b>"
)


@pytest.mark.parametrize(
    "text",
    [
        "# A Trial\n\n## Background\n\nOld.\n\n## Results\n\nNew.\n",
        "A Trial\n=======\n\nBackground\n----------\n\nOld.\n\nResults\n-------\n\nNew.\n",
        "# A Trial\n\n**Background**\n\nOld.\n\n**Results:**\n\nNew.\n",
        "# A Trial\n\n**Background:** Old.\n**Results:** New.\n",
        "# A Trial\n\nBackground: Old.\nResults: New.\n",
        "A Trial\n\nBACKGROUND\nOld.\n\nRESULTS\nNew.\n",
        "# A Trial\n\n- Background\n    - Old.\n- Results\n    - New.\n",
        "# A Trial\n\n| Background | Old. |\n|---|---|\n| Results | New. |\n",
        "<html><body><h1>A Trial</h1><h2>Background</h2><p>Old.</p><h2>Results</h2><ul><li>New.</li></ul></html>",
        "<h1>A Trial</h1><p><b>Background</b></p><p>Old.<p><strong>Results</strong><br>New.",
        "<div><p class=MsoTitle>A Trial</p><p><b>Background:</b> Old.</p><p><b>Results:</b> New.</p></div>",
        SAVED_BY_GOOGLE_DOCS,
        COPIED_FROM_GOOGLE_DOCS,
    ],
)  # fmt: skip
def test_headings_of_every_form(text: str) -> None:
    data = data_of(text)
    assert (data["title"], data["history"], points(data, "key_findings")) == ("A Trial", "Old.", ["New."])


@pytest.mark.parametrize(
    "heading",
    ["## Dosing Details", "**Dosing details**", "Dosing Details", "### FAQ", "<h3>Dosing</h3>", "Dosing\n---"],
)
def test_an_unknown_heading_ends_a_part_and_is_listed_with_what_follows(heading: str) -> None:
    text = f"# A Trial\n\n## Results\n\nIt works.\n\n{heading}\n\nTen milligrams.\n\n## Limitations\n\nFew.\n"
    data = data_of(text)
    assert (points(data, "key_findings"), points(data, "limitations")) == (["It works."], ["Few."])
    assert [line for _, line in left(text)] == [heading.split("\n", maxsplit=1)[0], "Ten milligrams."]


@pytest.mark.parametrize(
    "text",
    [
        "Q: Why?\nA: Because.",
        "Q1. Why?\nAns: Because.",
        "**Question 1:** Why?\n\n**Answer:** Because.",
        "### Question\n\nWhy?\n\n### Answer\n\nBecause.",
        "Q: Why? A: Because.",
        "1. Why?\n   Because.",
        "1. Why?\n   - Because.",
        "Why?\n\nBecause.",
        "### Why?\n\nBecause.",
        "<details><summary>Why?</summary>\n\nBecause.\n\n</details>",
        "Why? :: Because.",
    ],
)
def test_questions_of_every_form(text: str) -> None:
    (pair,) = data_of(f"# A Trial\n\n## Questions\n\n{text}\n")["questions"]
    assert (pair["question"], pair["response"]) == ("Why?", "Because.")


def test_a_paragraph_behind_an_answer_outside_its_section_is_no_part_of_it() -> None:
    data = data_of("# A Trial\n\n## Results\n\nQ: Why?\nA: Because.\n\nIt works.\n")
    assert (data["questions"][0]["response"], points(data, "key_findings")) == ("Because.", ["It works."])


@pytest.mark.parametrize(
    "line",
    [
        "\\>65 years",
        "- 3.1 points",
        "+ 5.2 mmHg",
        "2016. A good year",
        "HLA-B\\*57:01",
        "AST <ULN and >3",
        "10⁹",
        "#1 of 2",
    ],
)
def test_nothing_typed_vanishes(line: str) -> None:
    shown = line.replace("\\", "")
    text = points(data_of(f"# A Trial\n\n## Results\n\nIt works.\n\n{line}\n"), "key_findings")[-1]
    assert text.replace("\\", "") == shown


def test_pico_has_four_letters() -> None:
    data = data_of(
        "# A Trial\n\n## PICO\n\n- P: adults\n- **I**: dawnol\n- C: placebo\n- O: relapse\n\n## Results\n\nGood.\n"
    )
    assert [data[name] for name in ("population", "tested", "comparator", "endpoint")] == [
        "adults", "dawnol", "placebo", "relapse"
    ]  # fmt: skip


def test_a_label_among_results_is_a_result() -> None:
    data = data_of("# A Trial\n\n## Results\n\n- Control: 12%\n- Intervention: 9%\n")
    assert points(data, "key_findings") == ["Control: 12%", "Intervention: 9%"]


def test_an_abstract_in_one_paragraph_is_parted() -> None:
    data = data_of(
        "# A Trial\n\n## Abstract\n\nBACKGROUND: Old ways. METHODS: At random. RESULTS: It works (P<0.01).\n"
    )
    assert (data["history"], points(data, "design"), points(data, "key_findings")) == (
        "Old ways.", ["At random."], ["It works (P<0.01)."]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Results: It works.\n\nDose: 10 mg\n", ["Dose: 10 mg"]),
        ("**Results:** It works.\n\n**Effect size:** 15%\n", ["**Effect size:** 15%"]),
        ("- **Results:** It works.\n- **Effect size:** 15%\n", ["- **Effect size:** 15%"]),
        ("<p><b>Results</b> It works.</p><p><b>Paywall caveat</b> Verify it.</p>", ["Paywall caveat Verify it."]),
    ],
)
def test_an_unknown_label_is_never_glued_to_the_one_before(text: str, lost: list[str]) -> None:
    whole = f"<h1>A Trial</h1>{text}" if text.startswith("<") else f"# A Trial\n\n{text}"
    assert points(data_of(whole), "key_findings") == ["It works."]
    assert [line for _, line in left(whole)] == lost


def test_the_opening_is_the_summary_where_there_is_none() -> None:
    text = "# A Trial\n\nDawnol was compared with duskol in adults.\n\n- a point\n\n## Results\n\nIt works.\n"
    assert data_of(text)["summary"] == "Dawnol was compared with duskol in adults."
    assert left(text) == [(5, "- a point")]
    assert left(text.replace("## Results", "## Bottom Line"))[0] == (3, "Dawnol was compared with duskol in adults.")


def test_pictures_and_comments_are_listed() -> None:
    text = "# A Trial\n\n## Results\n\nIt works.\n\n![plot](plot.png)\n\n<!-- draft -->\n"
    assert left(text) == [(7, "![plot](plot.png)"), (9, "<!-- draft -->")]


def test_hidden_and_surrounding_text_of_a_page_is_listed() -> None:
    page = "<html><nav>Home</nav><h1>A Trial</h1><h2>Results</h2><p>It works.</p><p hidden>secret</p></html>"
    assert [line for _, line in left(page)] == ["Home", "secret"]


def test_links_of_google_docs_lead_to_their_target() -> None:
    page = (
        "<html><h1>A Trial</h1><h2>Results</h2><p>See <a href='https://www.google.com/url?q=https://example.org/a&amp;sa=D'>"
        "it</a>.</p></html>"
    )
    assert points(data_of(page), "key_findings") == ["See [it](https://example.org/a)."]


SEVERAL = "# My trials\n\n## DAWN-1\n\n**Results:** adults\n\n## DUSK-2\n\n**Results:** children\n"


def test_notes_of_several_trials_are_refused_by_name() -> None:
    with pytest.raises(TrialdeckError) as error:
        notes(SEVERAL)
    assert error.value.message == "the notes hold 2 trials: DAWN-1 (line 3); DUSK-2 (line 7)"
    assert "--split" in error.value.hint


def test_notes_of_several_trials_are_parted_on_demand() -> None:
    one, other = notes(SEVERAL, splits=True)
    assert (one.id, other.id) == ("dawn-1", "dusk-2")
    assert [notice.text for notice in one.not_taken] == ["# My trials"]
    assert "adults" not in other.text


def test_a_text_of_several_trial_pages_is_refused_and_parted_on_demand() -> None:
    page = "{0}\nSource: J {0} 2031;1:2\nKey Findings\nA finding of {0}.\n"
    text = "\n".join(page.format(name) for name in ("Dawnol", "Duskol")).encode()
    with pytest.raises(TrialdeckError, match=r"the page holds 2 trials: Dawnol \(line 1\); Duskol \(line 6\)"):
        read_pages(text)
    one, other = read_pages(text, splits=True)
    assert (one.title, one.source.citation) == ("Dawnol", "J Dawnol 2031;1:2")
    assert (other.title, other.source.citation) == ("Duskol", "J Duskol 2031;1:2")
    assert other.sections["key_findings"][0].number == 9


@pytest.mark.parametrize(
    "text", ["", "My notes\nOne more line.\n", "# A\n\n## Dosing Details\n\nTen.\n", "<html></html>"]
)
def test_notes_without_a_known_heading_have_nothing_to_ask(text: str) -> None:
    with pytest.raises(TrialdeckError) as error:
        read_pages(text.encode())
    assert "nothing to ask about" in error.value.message
    assert "Background" in error.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T\nKey Findings\na", True),
        ("T\nSource: View publication →\na", True),
        ("T\nGuided Discussion\nQ?\nKey Response\nR.\nLimitations: a", True),
        ("T\nKey Findings\na\nResults\nb", False),
        ("# T\n## Results\na", False),
        ("a", False),
    ],
)
def test_a_trial_page_is_known_by_its_headings(text: str, expected: bool) -> None:
    assert is_trial_page(text.encode()) == expected


def test_what_stands_behind_the_last_section_of_a_page_is_no_takeaway() -> None:
    lines = "T\nKey Findings\na\nTailored to your role\nStart early.\nFAQ\nIs it?\n"
    (page,) = read_pages(lines.encode())
    assert [line.text for line in page.sections["takeaways"]] == ["Start early."]
    assert [stray.notice.text for stray in page.strays] == ["FAQ", "Is it?"]
    (page,) = read_pages(b"T\nTailored to your role\nStart early.\nPersonalize this analysis\nOur company\n")
    assert [stray.notice.text for stray in page.strays] == ["Our company"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Phase 3, randomised, double-blind, placebo-controlled\nParallel groups", 2),
        ("A text that an editor wraps at the width of seventy-two, as most of\nThem do, is one paragraph.", 1),
        ("Short, and it goes on\nin the next line.", 1),
        (f"{'A line of many words. ' * 4}\nA line of few words.\nTyped", 2),
    ],
)  # fmt: skip
def test_a_line_break_that_was_typed_stays(typed: str, shown: int) -> None:
    (page,) = read_pages(f"# DAWN-1\n\n## Summary\n\n{typed}\n".encode())
    data = yaml.safe_load(draft_record(page, str).text)
    assert len(re.split(r"[ \\]*\n", data["summary"].strip())) == shown
