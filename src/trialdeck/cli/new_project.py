"""Begin a project: what is asked in a terminal, what is said of it, and the offer to begin one where there is none."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import msgspec

from trialdeck.cli.terminal.printing import echo
from trialdeck.cli.terminal.streams import in_terminal
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.new_project.begin import Begun, ProjectFacts, begin, deck_name, refuse_invalid
from trialdeck.records.discovery import SEEDS, find_project

BEGINS_ONE = "go to the folder of your project, or begin one here with `trialdeck init`"
"""What to do where there is no project."""
_QUESTIONS = {
    "name": "Name of the collection, as it stands in Anki",
    "license": "Licence of the decks, such as CC BY 4.0 (Enter for none)",
    "report": "Where learners report errors, a mail or web address (Enter for none)",
}
"""The questions in a terminal, by the parts of `ProjectFacts`."""


def begin_project(folder: Path, facts: ProjectFacts, *, with_example: bool = False) -> None:
    """Begin a project, and say what was written; in a terminal, ask for the main facts that are not given."""
    refuse_invalid(facts)
    if in_terminal():
        facts = _completed(folder, facts)
    _say(folder, begin(folder, facts, with_example=with_example))


def offer_project() -> bool:
    """Ask in a terminal whether to begin a project in this folder, if there is none here or above, and do so.

    Returns:
        Whether there is a project now.
    """
    if find_project(Path()):
        return True
    if not in_terminal() or _is_home(Path()):
        return False
    echo("There is no project here: no folder for records, and none for decks.", err=True)
    if not click.confirm(f"Begin one in {Path.cwd()}?", default=False, err=True):
        return False
    begin_project(Path(), ProjectFacts())
    return True


def hint_at_project(folder: Path = Path()) -> None:
    """Say how a project is begun if a folder is in none."""
    if not find_project(folder):
        echo("    this is no project yet: `trialdeck init` makes it one, with folders for records and decks", err=True)


def refuse_home(folder: Path) -> None:
    """Raise TrialdeckError for the home folder and for the root of a disk."""
    if _is_home(folder):
        message = f"{folder.resolve()} is no folder for a project: all your folders would be part of it"
        raise TrialdeckError(message, "name a new folder, such as `trialdeck init my-decks`")


def _is_home(folder: Path) -> bool:
    here = folder.resolve()
    try:
        return here in {Path.home().resolve(), Path(here.anchor)}
    except RuntimeError:  # there is no home
        return here == Path(here.anchor)


def _completed(folder: Path, given: ProjectFacts) -> ProjectFacts:
    """Return the facts with the answers to the questions that they leave open."""

    def valid(part: str, answer: str) -> str:
        try:
            refuse_invalid(msgspec.structs.replace(ProjectFacts(), **{part: answer}))
        except TrialdeckError as error:
            raise click.UsageError(f"{error.message}; {error.hint}" if error.hint else error.message) from error
        return answer

    defaults = {"name": deck_name(folder)}
    answers = {
        part: _ask(question, defaults.get(part, ""), partial(valid, part))
        for part, question in _QUESTIONS.items()
        if not getattr(given, part)
    }
    return msgspec.structs.replace(given, **answers)


def _ask(question: str, default: str, valid: Callable[[str], str]) -> str:
    answer: str = click.prompt(question, default, show_default=bool(default), value_proc=valid, err=True)
    return answer


def _say(folder: Path, begun: Begun) -> None:
    place = folder.as_posix()
    if begun.written:
        echo(f"{place}: a project; written: {', '.join(begun.written)}", err=True)
    if begun.kept:
        echo(f"{place}: there already, and left as it is: {', '.join(begun.kept)}", err=True)
    if begun.written:
        step = "" if folder.resolve() == Path.cwd().resolve() else f"`cd {place}`, then "
        ways = f"`trialdeck desk`, `trialdeck sheet template -o trials.xlsx`, or `trialdeck ingest FILE -o {SEEDS}`"
        echo(f"    next: {step}{ways}", err=True)
