"""The command to review entries: review."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from trialdeck.cli.arguments import Paths
from trialdeck.cli.options import build_day
from trialdeck.cli.paths import paths_or_seeds
from trialdeck.cli.terminal.printing import echo, echo_styled, width
from trialdeck.cli.terminal.streams import fitting
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable
from trialdeck.records.review import days_of
from trialdeck.review.session import ReviewPage, Verdict, files_of, pages_of, sign

_WIDEST = 96
"""In columns: longer lines are hard to read."""
_KEYS = {"y": "reviewed", "d": "disputed", "s": "skip", "q": "quit"}


class _Quit(Exception):  # noqa: N818 - a signal within this module
    """The reviewer ends the session."""


@click.command()
@Paths
@click.option("--by", metavar="NAME", help="Who reviews; asked for if it is not given.")
@click.option("--on", metavar="DATE", help="The day of the review, YEAR-MONTH-DAY; today by default.")
@click.option("--stale-after", default="2y", show_default=True, metavar="AGE",
              help="From which age on a review is laid open again: 90d, 26w, 18m, 2y.")  # fmt: skip
@click.option("--disputed", is_flag=True, help="Lay open what somebody disputes as well.")
def review(paths: tuple[Path, ...], by: str | None, on: str | None, stale_after: str, *, disputed: bool) -> None:
    """Sign what agrees with its source.

    The command goes through what nobody has reviewed, or not of late; what was changed since its review comes again, as
    far as the project's ledger knows. Question, response and source of each item are shown; the answer is written into
    the record at once: `reviewed`, or `disputed` and why, by whom, on which day. PATH is a record or a folder of
    records; without one, the project's seeds.
    """
    day = _day(on) if on else build_day().isoformat()
    records = (
        pages_of(path, build_day(), days_of(stale_after), disputed=disputed) for path in files_of(paths_or_seeds(paths))
    )
    work = [pages for pages in records if pages]
    if not work:
        echo("nothing is left to review")
        return
    name = (by or click.prompt("Your name, as it will stand on the cards")).strip()
    if not name:
        raise TrialdeckError("a review needs a name", "give it with --by")
    # A name that is not UTF-8 cannot be written into a record: this raises an error before anything is asked.
    name.encode()
    signed = 0
    try:
        for pages in work:
            for _ in _verdicts(pages, Verdict("", name, day)):
                signed += 1
    except _Quit:
        pass
    except click.Abort:
        echo()
    left = sum(len(pages) for pages in work) - signed
    echo(f"signed: {signed}, still open: {left}; `trialdeck status` shows all")


def _verdicts(pages: tuple[ReviewPage, ...], blank: Verdict) -> Iterator[None]:
    """Ask for a verdict on each page and write it; yield once for each that was written."""
    is_skipped = False
    for page in pages:
        if not page.reviewable.path and is_skipped:
            # The review of a record counts for every entry without a review of its own.
            echo(f"\n{page.trial}: its own texts come when none of its items is left open")
            continue
        _show(page)
        answer = _KEYS[
            click.prompt(
                "[y] correct  [d] disputed  [s] skip  [q] quit", type=click.Choice(list(_KEYS)), show_choices=False
            )
        ]
        if answer == "quit":
            raise _Quit
        is_skipped = is_skipped or answer != "reviewed"
        if answer == "skip":
            continue
        as_of = ""
        if answer == "reviewed" and page.claim:
            shown = f"'{fitting(printable(page.claim), sys.stdout)}' is true as of (YEAR-MONTH-DAY)"
            as_of = click.prompt(shown, default=blank.on, value_proc=_day)
        reason = click.prompt("Why, as the card will say", value_proc=_reason) if answer == "disputed" else ""
        sign(page.path, page.reviewable.path, Verdict(answer, blank.by, blank.on, as_of, reason))
        yield


def _show(page: ReviewPage) -> None:
    head = f"{page.trial} · {page.title}"
    echo_styled(
        f"\n{click.style(printable(head), bold=True)}  ({page.number} of {page.count} in {printable(str(page.path))})"
    )
    for line in page.lines:
        echo(_wrapped(line))
    for line in (f"Source: {page.source}", f"Earlier: {page.earlier}" if page.earlier else ""):
        if line:
            echo_styled(click.style(_wrapped(line), dim=True))


def _wrapped(line: str) -> str:
    return click.wrap_text(printable(line), min(width(), _WIDEST), "  ", "      ")


def _reason(value: str) -> str:
    if not value.strip():
        raise click.UsageError("a dispute needs a reason: say in a sentence what is wrong")
    return value.strip()


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError as error:
        raise click.UsageError(f"'{value}' is not a date; write YEAR-MONTH-DAY") from error
