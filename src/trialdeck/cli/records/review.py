"""The command to review entries: review."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import click

from trialdeck.cli.arguments import Paths
from trialdeck.cli.options import build_day
from trialdeck.cli.paths import paths_or_seeds
from trialdeck.cli.terminal.printing import echo, echo_styled, width
from trialdeck.cli.terminal.streams import fitting
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable, unshowable
from trialdeck.records.review import days_of
from trialdeck.review.items import ReviewItem, ReviewText
from trialdeck.review.session import OPEN, Changes, Verdict, correct, files_of, items_of, sign, take_back

_WIDEST = 96
"""In columns: longer lines are hard to read."""
_KEYS = "[y] correct  [d] disputed  [c] change the text  [s] skip  [u] undo  [q] quit"


@click.command()
@Paths
@click.option("--by", metavar="NAME", help="Who reviews; asked for if it is not given.")
@click.option("--on", metavar="DATE", help="The day of the review, YEAR-MONTH-DAY; today by default.")
@click.option("--stale-after", default="2y", show_default=True, metavar="AGE",
              help="Show a review again from this age on: 90d, 26w, 18m, 2y.")  # fmt: skip
@click.option("--disputed", is_flag=True, help="Show what somebody disputes as well.")
def review(paths: tuple[Path, ...], by: str | None, on: str | None, stale_after: str, *, disputed: bool) -> None:
    """Sign what agrees with its source.

    The command goes through what nobody has reviewed, or not of late; what was changed since its review comes again, as
    far as the project's ledger knows. Question, response and source of each item are shown; the answer is written into
    the record at once: `reviewed`, or `disputed` and why, by whom, on which day. A text can be corrected on the way, in
    the editor that EDITOR names or at the prompt, and the last answer or correction taken back. PATH is a record or a
    folder of records; without one, the project's seeds.
    """
    day = _day(on) if on else build_day().isoformat()
    which = OPEN | {"disputed"} if disputed else OPEN
    oldest = days_of(stale_after)
    items = [item for path in files_of(paths_or_seeds(paths)) for item in items_of(path, build_day(), oldest, which)]
    if not items:
        echo("nothing is left to review")
        return
    name = (by or _asked_name()).strip()
    if not name:
        raise TrialdeckError("a review needs a name", "give it with --by")
    # A name that cannot be written into a record is an error before anything is asked.
    name.encode()
    if hidden := _hidden(name):
        raise TrialdeckError(f"the name holds a character that is not text: {hidden}", "leave it out")
    session = _Session(items, name, day, oldest)
    try:
        session.run()
    except click.Abort:
        _end_prompt(is_answered=session.is_answered)
    echo(f"signed: {session.signed}, still open: {len(items) - session.signed}; `trialdeck status` shows all")


def _asked_name() -> str:
    try:
        return str(click.prompt("Your name, as it will stand on the cards"))
    except click.Abort:
        _end_prompt(is_answered=False)
        raise


def _end_prompt(*, is_answered: bool) -> None:
    """End the line of a question that got no answer; raise click.UsageError if nobody could answer any."""
    echo()
    if not is_answered and not sys.stdin.isatty():
        raise click.UsageError(
            "a review asks who signs and what is correct, and there is no terminal to ask in: run it in one, or use "
            "`trialdeck desk`"
        )


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done last: at which item, and what takes it back; `verdict` is empty if a text was corrected."""

    at: int
    verdict: str
    changes: Changes


@dataclass(slots=True)
class _Session:
    """Goes through items, forward and back."""

    items: list[ReviewItem]
    by: str
    day: str
    oldest: int
    at: int = 0
    is_answered: bool = False
    done: list[_Done] = field(default_factory=list)

    @property
    def signed(self) -> int:
        """How many items have a verdict."""
        return sum(bool(done.verdict) for done in self.done)

    @property
    def _item(self) -> ReviewItem:
        return self.items[self.at]

    def run(self) -> None:
        """Ask for an answer to each item, until the end or until the reviewer quits."""
        while self.at < len(self.items):
            if self._waits():
                # The review of a record counts for every entry without a review of its own.
                echo(f"\n{self._item.trial}: its own texts come when none of its items is left open")
                self.at += 1
                continue
            self._show()
            key = click.prompt(_KEYS, type=click.Choice(list("ydcsuq")), show_choices=False)
            self.is_answered = True
            if key == "q":
                return
            self._answer(key)

    def _answer(self, key: str) -> None:
        if key == "u":
            self._undo()
        elif key == "c":
            self._correct()
        elif key == "s":
            self.at += 1
        else:
            self._sign("reviewed" if key == "y" else "disputed")

    def _waits(self) -> bool:
        """Whether this is a record itself, and an item of it has not been found correct."""
        reviewed = {done.at for done in self.done if done.verdict == "reviewed"}
        own = (index for index in range(self.at) if self.items[index].file == self._item.file)
        return not self._item.entry and not reviewed.issuperset(own)

    def _sign(self, status: str) -> None:
        item, as_of = self._item, ""
        if status == "reviewed" and item.claim:
            shown = f"'{fitting(printable(item.claim), sys.stdout)}' is true as of (YEAR-MONTH-DAY)"
            as_of = click.prompt(shown, default=self.day, value_proc=_day)
        reason = click.prompt("Why, as the card will say", value_proc=_reason) if status == "disputed" else ""
        verdict = Verdict(status, self.by, self.day, as_of, reason)
        self.done.append(_Done(self.at, status, sign(Path(item.file), item.entry, verdict, item.seen)))
        self.at += 1

    def _undo(self) -> None:
        if not self.done:
            echo("nothing to take back")
            return
        done = self.done.pop()
        self.at = done.at
        take_back(Path(self._item.file), done.changes)
        self._read_again()
        echo("taken back")

    def _correct(self) -> None:
        text = _chosen(self._item.texts)
        new = _edited(text)
        if new is None or new == text.text.rstrip("\n"):
            echo("nothing was changed")
            return
        try:
            changes = correct(Path(self._item.file), text.path, new, text.text)
        except TrialdeckError as error:
            # A typing error must not end the session.
            echo(f"not changed: {error.message}{f': {error.hint}' if error.hint else ''}")
            return
        self.done.append(_Done(self.at, "", changes))
        self._read_again()

    def _read_again(self) -> None:
        """Read the item again: it says something else now."""
        today = date.fromisoformat(self.day)
        every = items_of(Path(self._item.file), today, self.oldest, {"unreviewed", "stale", "disputed", "reviewed"})
        self.items[self.at] = next((item for item in every if item.entry == self._item.entry), self._item)

    def _show(self) -> None:
        item = self._item
        own = [index for index, other in enumerate(self.items) if other.file == item.file]
        head, place = f"{item.trial} · {item.title}", f"{own.index(self.at) + 1} of {len(own)} in {item.file}"
        echo_styled(f"\n{click.style(printable(head), bold=True)}  ({printable(place)})")
        for line in item.lines:
            echo(_wrapped(str(line)))
        for text in (f"Source: {item.source.text}", f"Earlier: {item.earlier}" if item.earlier else ""):
            if text:
                echo_styled(click.style(_wrapped(text), dim=True))


def _chosen(texts: Sequence[ReviewText]) -> ReviewText:
    """Ask which text is meant, if there are several."""
    if len(texts) == 1:
        return texts[0]
    for number, text in enumerate(texts, start=1):
        echo(_wrapped(f"{number}  {text.label}: {' '.join(text.text.split())}"))
    return texts[click.prompt("Which", type=click.IntRange(1, len(texts))) - 1]


def _edited(text: ReviewText) -> str | None:
    """Return a text as the reviewer has changed it: in an editor, if there is one, or at the prompt; None if not."""
    if os.environ.get("VISUAL") or os.environ.get("EDITOR"):
        saved = click.edit(text.text, extension=".md")
        return None if saved is None else saved.rstrip("\n")
    if "\n" in text.text.rstrip("\n"):
        echo("this text has several lines: name an editor in the variable EDITOR, and begin again")
        return None
    return str(click.prompt(text.label, default=text.text.rstrip("\n"), show_default=False)).strip()


def _wrapped(line: str) -> str:
    return click.wrap_text(printable(line), min(width(), _WIDEST), "  ", "      ")


def _reason(value: str) -> str:
    if not value.strip():
        raise click.UsageError("a dispute needs a reason: say in a sentence what is wrong")
    if hidden := _hidden(value):
        raise click.UsageError(f"the reason holds a character that is not text: {hidden}; leave it out")
    return value.strip()


def _hidden(text: str) -> str:
    """Return the number of the first character that no record may hold; empty if there is none."""
    return next((f"U+{ord(match[0]):04X}" for match in unshowable(text)), "")


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError as error:
        raise click.UsageError(f"'{value}' is not a date; write YEAR-MONTH-DAY") from error
