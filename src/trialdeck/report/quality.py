"""How good the cards are and how much of them is reviewed: tables of one screen."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from trialdeck.records.codes import CODES
from trialdeck.records.problem import Problem
from trialdeck.report.built import counted_text
from trialdeck.report.terminal import json_text, printable

if TYPE_CHECKING:
    from trialdeck.pipeline.appraising import Appraisal
    from trialdeck.pipeline.counting import Counted


def print_stats(appraisals: Sequence["Appraisal"], problems: Sequence[Problem], counted: "Counted") -> None:
    """Print what the cards of some records are like, and how many warnings of each kind there are."""
    console = _console()
    console.print(_figures([each for each in appraisals if each.trial], counted))
    found = Counter(problem.code for problem in problems)
    table = Table("code", "what is wrong", "times", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for code, count in sorted(found.items()):
        table.add_row(code, CODES[code].title, str(count))
    console.print()
    console.print(table if found else "no problems")


def _console() -> Console:
    # What authors write is no markup of rich.
    return Console(highlight=False, markup=False, emoji=False)


def _figures(appraisals: Sequence["Appraisal"], counted: "Counted") -> Table:
    counts = [each.counts for each in appraisals]
    fronts = [words for each in counts for words in each.fronts]
    answers = [words for each in counts for words in each.answers]
    questions, split = sum(each.questions for each in counts), sum(each.split for each in counts)
    perspectives = counted.of_records.perspectives
    signed = [item for each in appraisals for item in each.signed]
    reviewed = sum(item.status == "reviewed" for item in signed)
    rows = {
        "records": f"{counted.records}",
        "notes, cards": f"{counted.of_records.notes}, {counted.of_records.cards}",
        "in the decks": counted_text(counted.of_packages, counted.packages),
        "by perspective": ", ".join(f"{name} {count}" for name, count in sorted(perspectives.items())),
        "questions": f"{questions}, of which {split} with cloze statements",
        "cloze statements": f"{sum(each.statements for each in counts)}",
        "words on a front": _spread(fronts),
        "words of an answer": _spread(answers),
        "reviewed": f"{reviewed} of {len(signed)} items",
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _spread(numbers: Sequence[int]) -> str:
    return f"median {median(numbers):g}, most {max(numbers)}" if numbers else "none"


def print_status(appraisals: Iterable["Appraisal"], counted: "Counted") -> None:
    """Print how much of a collection is reviewed: by trial, oldest review first, then by perspective; and its notes."""
    console = _console()
    known = [each for each in appraisals if each.trial]
    console.print(_table("trial", [(printable(each.name), each.signed) for each in sorted(known, key=_age)]))
    items = [item for each in known for item in each.signed]
    perspectives = sorted({item.perspective for item in items})
    rows = [(name, tuple(item for item in items if item.perspective == name)) for name in perspectives]
    console.print()
    console.print(_table("perspective", [*rows, ("all", tuple(items))]))
    console.print()
    table = Table("", "notes", "cards", "reviewed notes", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, tally in (("of the records", counted.of_records), ("in the decks", counted.of_packages)):
        table.add_row(name, str(tally.notes), str(tally.cards), str(tally.reviewed))
    console.print(table)


def _age(appraisal: "Appraisal") -> tuple[str, str]:
    # What nobody has reviewed comes first.
    return min((item.on for item in appraisal.signed), default=""), appraisal.trial


def _table(first: str, rows: Iterable[tuple[str, Sequence[object]]]) -> Table:
    table = Table(first, "items", "reviewed", "disputed", "unreviewed", "oldest review", box=None, pad_edge=False)
    for column in table.columns[1:5]:
        column.justify = "right"
    for name, items in rows:
        status = Counter(str(getattr(item, "status", "")) for item in items)
        oldest = min((str(on) for item in items if (on := getattr(item, "on", ""))), default="–")
        share = f"{status['reviewed']} ({status['reviewed'] * 100 // max(len(items), 1)} %)"
        table.add_row(name, str(len(items)), share, str(status["disputed"]), str(status["unreviewed"]), oldest)
    return table


def status_json(appraisals: Iterable["Appraisal"], counted: "Counted") -> str:
    """Return the same as JSON: trials, each with its items, and the counts of notes."""
    import msgspec  # noqa: PLC0415

    trials = [
        {
            "trial": each.trial,
            "name": each.name,
            "items": [
                {key: value for key, value in msgspec.structs.asdict(item).items() if key not in {"line", "column"}}
                for item in each.signed
            ],
        }
        for each in appraisals
        if each.trial
    ]
    tallies = {"records": counted.of_records, "decks": counted.of_packages}
    notes = {
        name: {"notes": tally.notes, "cards": tally.cards, "reviewed": tally.reviewed}
        for name, tally in tallies.items()
    }
    return json_text({"trials": trials, "notes": notes})
