"""The page on results (docs/results.md): an example is a record without a problem, and its card says what it quotes."""

import re
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from folders import ROOT
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.results import result_back
from trialdeck.records.load import load_record_text
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


@pytest.mark.parametrize(("example", "quoted"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_an_example_has_no_problem_and_says_what_is_quoted(example: str, quoted: str, tmp_path: Path) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(HEAD + example, encoding="utf-8")
    assert appraise([path], date(2026, 1, 1), 730).checked.problems == ()
    trial = load_record_text(path.read_bytes(), "").trial
    assert trial
    backs = [result_back(result, trial.name)[0] for result in trial.results]
    lines = [readable(line) for line in chain(*(re.findall("<li>(.*?)</li>", back) for back in backs))]
    wanted = [line.removeprefix(">").strip() for line in quoted.splitlines()]
    assert [line for line in wanted if line] == lines[: len([line for line in wanted if line])]
