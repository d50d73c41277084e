"""The commands on reviews: review, status."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialdeck.cli.base import Paths, asked, build_options, build_time, wanted
from trialdeck.cli.output.streams import fitting
from trialdeck.cli.output.terminal import echo, echo_styled, tell_json, width
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable

if TYPE_CHECKING:
    from trialdeck.review.session import ReviewPage, Verdict

_WIDEST = 96
"""In columns: longer lines are hard to read."""
_KEYS = {"y": "reviewed", "d": "disputed", "s": "skip", "q": "quit"}


class _Enough(Exception):  # noqa: N818 - a signal within this module
    """The reviewer has had enough."""


@click.command()
@Paths
@click.option("--by", metavar="NAME", help="Who reviews; asked for if it is not given.")
@click.option("--on", metavar="DATE", help="The day of the review, YEAR-MONTH-DAY; today by default.")
@click.option("--stale-after", default="2y", show_default=True, metavar="AGE",
              help="From which age on a review is laid open again: 90d, 26w, 18m, 2y.")  # fmt: skip
@click.option("--disputed", is_flag=True, help="Lay open what somebody disputes as well.")
def review(paths: tuple[Path, ...], by: str | None, on: str | None, stale_after: str, *, disputed: bool) -> None:
    """Go through what nobody has reviewed, or not of late, and sign it.

    What was changed since it was reviewed is laid open again, as far as the project's ledger knows. Question, response
    and source of each item are shown; the answer is written into the record at once: `reviewed`, or `disputed` and why,
    by whom, on which day. PATH is a record or a folder of records; without one, the project's seeds.
    """
    from trialdeck.records.review import days_of  # noqa: PLC0415
    from trialdeck.review.session import Verdict, files_of, pages_of  # noqa: PLC0415

    day = _day(on) if on else _today().isoformat()
    those = (
        (path, pages_of(path, _today(), days_of(stale_after), disputed=disputed)) for path in files_of(asked(paths))
    )
    work = [(path, pages) for path, pages in those if pages]
    if not work:
        echo("nothing is left to review")
        return
    name = (by or click.prompt("Your name, as it will stand on the cards")).strip()
    if not name:
        raise TrialdeckError("a review needs a name", "give it with --by")
    # A name that is not UTF-8 can stand in no record: this raises an error that says so before anything is asked.
    name.encode()
    signed = 0
    try:
        for _, pages in work:
            for _ in _verdicts(pages, Verdict("", name, day)):
                signed += 1
    except _Enough:
        pass
    except click.Abort:
        echo()
    left = sum(len(pages) for _, pages in work) - signed
    echo(f"signed: {signed}, still open: {left}; `trialdeck status` shows all")


def _verdicts(pages: "tuple[ReviewPage, ...]", blank: "Verdict") -> Iterator[None]:
    """Ask for a verdict on each page and write it; yield once for each that was written."""
    from trialdeck.review.session import Verdict, sign  # noqa: PLC0415

    is_skipped = False
    for page in pages:
        if not page.reviewable.path and is_skipped:
            # A record that is reviewed vouches for every entry without a review of its own.
            echo(f"\n{page.trial}: its own texts come when none of its items is left open")
            continue
        _show(page)
        answer = _KEYS[
            click.prompt(
                "[y] right  [d] disputed  [s] skip  [q] quit", type=click.Choice(list(_KEYS)), show_choices=False
            )
        ]
        if answer == "quit":
            raise _Enough
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


def _show(page: "ReviewPage") -> None:

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


@click.command()
@Paths
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Tables, or one JSON document.")  # fmt: skip
def status(paths: tuple[Path, ...], form: str) -> None:
    """Show how much of the records is reviewed, by trial and perspective, and how many notes they and the decks have.

    What nobody has reviewed comes first, then the oldest reviews. PATH is a record or a folder of records; without one,
    the project's seeds.
    """
    from trialdeck.cli.output.quality import print_status, status_json  # noqa: PLC0415
    from trialdeck.review.card_report import appraise, count  # noqa: PLC0415

    with build_options() as options:
        appraised = appraise(asked(paths), _today(), 0, options)
        counted = count(asked(paths), wanted(paths), options)
    broken = {problem.path for problem in appraised.checked.errors}
    if form == "json":
        for part in status_json(appraised.appraisals, counted):
            tell_json(part)
    else:
        print_status(appraised.appraisals, counted)
    for path in sorted(broken):
        echo(f"{path}: has errors and is left out; `trialdeck check` lists them", err=True)


def _today() -> date:
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime.fromtimestamp(build_time(), UTC).date()


def _reason(value: str) -> str:
    if not value.strip():
        raise click.UsageError("a dispute needs a reason: say in a sentence what is wrong")
    return value.strip()


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError as error:
        raise click.UsageError(f"'{value}' is not a date; write YEAR-MONTH-DAY") from error
