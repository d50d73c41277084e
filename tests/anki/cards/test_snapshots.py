"""What Anki makes of each kind of card, kept in `snapshots/` where a reviewer can read it.

After a wanted change: `python -m pytest tests/anki/cards/test_snapshots.py --update-snapshots`, and look at what has
changed.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from anki_releases import NEWEST, REPORT, Report, run
from builds import build
from trialdeck.records.settings import Split

SNAPSHOTS = Path(__file__).parent / "snapshots"
CARDS = {
    "question": ("dawn-1/question/why", 0),
    "result": ("dawn-1/result/rfs", 0),
    "list": ("dawn-1/key-findings/points", 0),
    "takeaway": ("dawn-1/takeaway/start", 0),
    "cloze-first": ("dawn-1/key-findings/relapse/cloze/delay", 0),
    "cloze-second": ("dawn-1/key-findings/relapse/cloze/delay", 1),
    "trial-tested": ("dawn-1/trial", 0),
    "trial-name": ("dawn-1/trial", 1),
    "trial-endpoint": ("dawn-1/trial", 2),
    "related-trial": ("dusk-2/trial", 0),
}
RETIRED = {
    "retired-question": ("dawn-1/question/why", 0),
    "retired-cloze": ("dawn-1/key-findings/relapse/cloze/delay", 0),
    "retired-trial-tested": ("dusk-2/trial", 0),
    "retired-trial-name": ("dusk-2/trial", 1),
}
ASKED = {"    results: [rfs]\n": "    results: [rfs]\n    card: true\n"}
"""What makes a card of a point."""
SAYS = "retired: {on: 2026-09-22, reason: It was *disproved*., instead: whom}"


@pytest.fixture
def collection(write_record: Callable[..., Path], tmp_path: Path) -> Report:
    (built,) = build([write_record(changes=ASKED)], Split.TRIAL, tmp_path / "out", 1_790_000_000)
    report: Report = run(NEWEST, built.path, REPORT)[-1]
    return report


@pytest.fixture
def later(write_record: Callable[..., Path], tmp_path: Path) -> Report:
    """The collection of a learner who has imported one edition, and then another that retires some of its entries."""
    (built,) = build([write_record()], Split.TRIAL, tmp_path / "out", 1_790_000_000)
    first = built.path.rename(tmp_path / "first.apkg")
    retired = {
        "    results: [rfs]\n": f"    {SAYS}\n",
        "    response: It binds **dawnin**.\n": f"    response: It binds **dawnin**.\n    {SAYS}\n",
        "endpoint: Survival}": f"endpoint: Survival, {SAYS}}}",
    }
    (built,) = build([write_record(changes=retired)], Split.TRIAL, tmp_path / "out", 1_790_086_400)
    report: Report = run(NEWEST, first, built.path, REPORT)[-1]
    return report


def test_cards_look_as_they_did(collection: Report, later: Report, request: pytest.FixtureRequest) -> None:
    shown = {name: both_sides(collection, *card) for name, card in CARDS.items()}
    retired = {name: both_sides(later, *card) for name, card in RETIRED.items()}
    # A snapshot is accepted by eye: one of a card that is not retired any more is not.
    assert {name for name, html in retired.items() if "It was <em>disproved</em>." in html} == retired.keys()
    shown |= retired
    if request.config.getoption("--update-snapshots"):
        SNAPSHOTS.mkdir(exist_ok=True)
        for name, html in shown.items():
            (SNAPSHOTS / f"{name}.html").write_text(html, encoding="utf-8")
    kept = {path.stem: path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*.html")}
    assert shown == kept


def both_sides(collection: Report, key: str, ordinal: int) -> str:
    card = collection.cards_of(key)[ordinal]
    return f"<!-- front -->\n{readable(card.question)}\n<!-- back -->\n{readable(card.answer)}\n"


def readable(html: str) -> str:
    """Leave the style out, which is the same on every card, and blank lines."""
    without_style = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return "\n".join(line for line in without_style.splitlines() if line.strip())
