"""Measure an update of 5,000 notes of which an edition changes 500, beside plain import: `python addon_timing.py`."""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path += [str(Path(__file__).parent / name) for name in ("anki_programs", "project_makers", "../../addon")]

from addon_editions import DAY, SiteEdition, publish_edition
from editions import FIRST
from subscriber import Subscriber

TRIALS, QUESTIONS, CHANGED, RUNS = 100, 49, 500, 5
RECORD = """\
format: 1
id: trial-{number}
acronym: TRIAL-{number}
title: Treatment {number} for Example Disease
source: {{citation: Journal of Examples 2019}}
specialties: [cardiology]
topics: [example-disease]
tested: Treatment {number}
endpoint: Survival
summary: It helped.
questions:
{questions}
"""
QUESTION = """\
  - id: q{number}
    perspective: clinical
    question: What did part {number} of trial {trial} show?
    response: {words}
"""


def project_of(folder: Path) -> Path:
    """Write 100 records of 50 notes each."""
    project = folder / "project"
    (project / "seeds").mkdir(parents=True)
    (project / "decks").mkdir()
    (project / "decks" / "all.yaml").write_text("format: 1\nid: all\nname: All\n", encoding="utf-8")
    for number in range(TRIALS):
        write_record(project, number, edition=0)
    return project


def write_record(project: Path, trial: int, edition: int) -> None:
    chosen = random.Random(trial)
    questions = "".join(
        QUESTION.format(number=number, trial=trial, words=words(chosen, edition if number < CHANGED // TRIALS else 0))
        for number in range(QUESTIONS)
    )
    text = RECORD.format(number=trial, questions=questions)
    (project / "seeds" / f"trial-{trial}.yaml").write_text(text, encoding="utf-8")


def words(chosen: random.Random, edition: int) -> str:
    """Return some 500 characters."""
    return (
        " ".join(chosen.choice(("survival", "of", "the", "patients", "was", "longer")) for _ in range(90))
        + f" {edition}."
    )


def seconds(action: Callable[[], object]) -> float:
    """Return the seconds of the processor, which do not depend on what else the machine does."""
    start = time.process_time()
    action()
    return time.process_time() - start


def measured(editions: list[SiteEdition], folder: Path, *, by_addon: bool) -> float:
    """Return how long the second edition takes a learner who has written into all notes of the first."""
    learner = Subscriber(folder)
    try:
        learner.imported(editions[0].packages)
        learner.turn_back(editions[0].built_at)
        if by_addon:
            return seconds(lambda: learner.update(editions[1].site))
        return seconds(lambda: learner.imported(editions[1].packages))
    finally:
        learner.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        project = project_of(folder)
        editions = [publish_edition(project, folder / "0", FIRST)]
        for number in range(TRIALS):
            write_record(project, number, edition=1)
        editions.append(publish_edition(project, folder / "1", FIRST + 30 * DAY))
        for name, by_addon in (("plain import", False), ("the add-on", True)):
            times = [measured(editions, folder / f"{name}-{run}", by_addon=by_addon) for run in range(RUNS)]
            print(f"{name}: median {statistics.median(times):.2f} s of {RUNS} runs")  # noqa: T201 - a script


if __name__ == "__main__":
    main()
