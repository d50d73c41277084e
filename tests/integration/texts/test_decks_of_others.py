"""Decks as other people have them become records on which the same is seen, and what is lost is named."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from folders import ROOT
from trialdeck.cli import main
from trialdeck.project.check import check

MAKER = ROOT.parent / "shared" / "cases" / "decks.py"
MAP = "format: 1\nquestion: Front\nresponse: Back\n"
pytestmark = pytest.mark.skipif(not MAKER.exists(), reason=f"the decks are made by {MAKER}, which is not here")

RESPONSES = {
    "superscripts": {
        "Platelet limit in DAWN?": "≥50×10⁹/L",
        "P in DAWN?": "p < 10⁻³",
        "Clearance in DAWN?": "30 mL/min/1.73 m²",
        "Ions in DAWN?": "Ca²⁺, H₂O, VO₂max",
        "Scale in DAWN?": "log₁₀ 5",
        "Advice of DAWN?": "do ~~not~~ give it",
    },
    "blocks": {
        "Time in DAWN?": "12\n34 months",
        "Numbers in DAWN?": "HR\n0.74\nn\n360",
        "Arms in DAWN?": "Arm A: 20\n14 months in B",
        "Comment in DAWN?": "Median PFS 20.6 months",
        "Sections in DAWN?": "1\n2",
    },
    "shapes": {
        "Formula?": r"\(\frac{1}{\sqrt{x}}\)",
        "Braces?": r"\(e^{x_{1}}\)",
        "Nested by Anki's editor?": "- a\n  - b\n- c",
        "List with breaks?": "- a\n- b",
        "Empty line?": "a\n\nb",
        "Quote?": "q",
        "Two lines of code?": "```\nx\n  y\n```",
        "Table without heads?": "| a | b c |\n| --- | --- |\n| d | e |",
        "Link title?": "see [paper](https://example.org)",
        "Language?": "Herz",
        "Blank in source?": "a b",
        "Bold beside colour?": "do **not** stop it",
        "Empty element?": "text",
    },
}
LOSSES = {
    "superscripts": ["note 6 \"Advice of DAWN?\", field Back: the highlight of 'it'"],
    "blocks": [
        "note 1 \"Time in DAWN?\", field Back: the alignment of '12' and 1 more",
        "note 2 \"Numbers in DAWN?\", field Back: the indent of '0.74' and 1 more",
    ],
    "shapes": [
        "note 6 \"Quote?\", field Back: the indent of 'q'",
        'note 8 "Table without heads?", field Back: line breaks in a table',
        'note 8 "Table without heads?", field Back: the plain look of the first row of a table',
        "note 9 \"Link title?\", field Back: the tooltip of 'paper'",
        "note 12 \"Bold beside colour?\", field Back: the colour of 'it'",
    ],
}


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decks")
    subprocess.run([sys.executable, MAKER, folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_everyday_notes_are_taken(name: str, decks: Path, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    call = ["import", str(decks / f"{name}.apkg"), "--map", str(tmp_path / "map.yaml"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, call, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    (path,) = (tmp_path / "out").glob("*.yaml")
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {each["question"]: each["response"] for each in record["questions"]} == RESPONSES[name]
    assert [line.removeprefix("not taken: ") for line in result.stderr.splitlines()] == LOSSES[name]
    assert check([tmp_path / "out"]).errors == ()
