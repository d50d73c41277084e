"""Print figures of the cards, and how much of the records is reviewed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from msgspec.structs import asdict

from trialdeck.cli.output.build import counted_text
from trialdeck.cli.terminal.printing import echo, echo_styled, json_lines
from trialdeck.cli.terminal.tables import fact_lines, table_lines
from trialdeck.core.codes import CODES
from trialdeck.core.problem import Problem
from trialdeck.review.card_report import CardReport, Counted


def print_stats(appraisals: Sequence[CardReport], problems: Sequence[Problem], counted: Counted) -> None:
    """Print figures of the cards of records, and how many problems of each code there are."""
    times = Counter(problem.code for problem in problems)
    kinds = [(code, CODES[code].title, str(count)) for code, count in sorted(times.items())]
    _print(fact_lines(_figures([report for report in appraisals if report.trial], counted).items()))
    echo()
    _print(
        table_lines(("code", "what is wrong", "times"), kinds, {"code", "what is wrong"}) if kinds else ["no problems"]
    )


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        echo_styled(line)


def _figures(appraisals: Sequence[CardReport], counted: Counted) -> dict[str, str]:
    counts = [report.counts for report in appraisals]
    fronts = [words for count in counts for words in count.fronts]
    answers = [words for count in counts for words in count.answers]
    questions, split = sum(count.questions for count in counts), sum(count.split for count in counts)
    perspectives = counted.of_records.perspectives
    signed = [item for report in appraisals for item in report.signed]
    reviewed = sum(item.status == "reviewed" for item in signed)
    return {
        "records": f"{counted.records}",
        "notes, cards": f"{counted.of_records.notes}, {counted.of_records.cards}",
        "in the decks": counted_text(counted.of_packages, counted.packages),
        "by perspective": ", ".join(f"{name} {count}" for name, count in sorted(perspectives.items())),
        "questions": f"{questions}, of which {split} with cloze statements",
        "cloze statements": f"{sum(count.statements for count in counts)}",
        "words on a front": _spread(fronts),
        "words of an answer": _spread(answers),
        "reviewed": f"{reviewed} of {len(signed)} items",
    }


def _spread(numbers: Sequence[int]) -> str:
    return f"median {median(numbers):g}, most {max(numbers)}" if numbers else "none"


def print_status(appraisals: Iterable[CardReport], counted: Counted) -> None:
    """Print how much is reviewed: by trial, the oldest review first, then by perspective; and the counts of notes."""
    reports = [report for report in appraisals if report.trial]
    _print(_table("trial", [(report.name, report.signed) for report in sorted(reports, key=_age)]))
    items = [item for report in reports for item in report.signed]
    perspectives = sorted({item.perspective for item in items})
    rows = [(name, tuple(item for item in items if item.perspective == name)) for name in perspectives]
    echo()
    _print(_table("perspective", [*rows, ("all", tuple(items))]))
    echo()
    tallies = (("of the records", counted.of_records), ("in the decks", counted.of_packages))
    counts = [(name, str(tally.notes), str(tally.cards), str(tally.reviewed)) for name, tally in tallies]
    _print(table_lines(("", "notes", "cards", "reviewed notes"), counts, {""}))


def _age(appraisal: CardReport) -> tuple[str, str]:
    """Return a sort key: records that nobody has reviewed come first, then the oldest reviews."""
    return min((item.on for item in appraisal.signed), default=""), appraisal.trial


def _table(first: str, rows: Iterable[tuple[str, Sequence[object]]]) -> Iterator[str]:
    head = (first, "items", "reviewed", "disputed", "unreviewed", "oldest review")
    return table_lines(head, [_row(name, items) for name, items in rows], {first, "oldest review"})


def _row(name: str, items: Sequence[object]) -> Sequence[str]:
    status = Counter(str(getattr(item, "status", "")) for item in items)
    oldest = min((str(on) for item in items if (on := getattr(item, "on", ""))), default="–")
    share = f"{status['reviewed']} ({status['reviewed'] * 100 // max(len(items), 1)} %)"
    return name, str(len(items)), share, str(status["disputed"]), str(status["unreviewed"]), oldest


def status_json(appraisals: Iterable[CardReport], counted: Counted) -> Iterator[str]:
    """Yield the status as lines of JSON: trials, each with its items, and the counts of notes."""
    trials = (
        {
            "trial": report.trial,
            "name": report.name,
            "items": [
                {key: value for key, value in asdict(item).items() if key not in {"line", "column"}}
                for item in report.signed
            ],
        }
        for report in appraisals
        if report.trial
    )
    tallies = {"records": counted.of_records, "decks": counted.of_packages}
    notes = {
        name: {"notes": tally.notes, "cards": tally.cards, "reviewed": tally.reviewed}
        for name, tally in tallies.items()
    }
    yield from json_lines("trials", trials, {"notes": notes})
