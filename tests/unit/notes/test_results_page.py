"""The page on results (docs/results.md): an example is a record without a problem, and its card says what it quotes."""

import re
from datetime import date
from pathlib import Path

import pytest

from folders import ROOT
from plots_seen import seen_plots
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.results import result_back
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Result
from trialdeck.review.card_report import appraise

PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
HEAD = """\
format: 1
id: dawn-1
acronym: DAWN-1
title: Dawnol for Example Disease
source: {registry: NCT00000001}
questions: [{id: why, perspective: mechanism, question: Why does dawnol work in DAWN-1?, response: It binds dawnin.}]
results:
"""
EXAMPLES = re.findall(r"## ([^\n]+)\n(?:(?!##)[^\n]*\n)*?```yaml\n(.*?)```\n\n((?:>[^\n]*\n)+)", PAGE, re.DOTALL)


def test_every_kind_has_an_example() -> None:
    assert len(EXAMPLES) == PAGE.count("```yaml") == 7


def quotation(result: Result, trial: str) -> list[str]:
    """The back of a card as the page quotes it: the headline, a decision, then a line for each plot that has words."""
    back, picture = result_back(result, trial)
    headline, *decisions = re.findall("<p class.*?</p>", back)
    parts = re.findall('<strong.*?</strong>|<span class="td-beside">.*?</span>', headline)
    lines = [" · ".join(map(readable, parts)), *map(readable, decisions)]
    for plot in seen_plots(picture.partition("<figcaption")[0]):
        cells = ([row.label, row.sub, row.value, row.value_sub] for row in plot.rows)
        rows = [", ".join(filter(None, row)) for row in cells]
        lines += [f"{plot.heading}: {'; '.join(rows)}".removeprefix(": ")] if any(rows) else []
    return [line.replace("\u00a0", " ") for line in lines]


@pytest.mark.parametrize(("example", "quoted"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_an_example_has_no_problem_and_says_what_is_quoted(example: str, quoted: str, tmp_path: Path) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(HEAD + example, encoding="utf-8")
    assert appraise([path], date(2026, 1, 1), 730).checked.problems == ()
    trial = load_record_text(path.read_bytes(), "").trial
    assert trial
    stated = [line for result in trial.results for line in quotation(result, trial.name)]
    wanted = [line.removeprefix(">").strip() for line in quoted.splitlines()]
    assert [line for line in wanted if line] == stated[: len([line for line in wanted if line])]
