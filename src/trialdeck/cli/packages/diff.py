"""The command that compares: diff."""

from pathlib import Path

import click

from trialdeck.cli.arguments import LedgerFolder
from trialdeck.cli.deck_requests import deck_request
from trialdeck.cli.options import build_options, build_time
from trialdeck.cli.output.diff import changes_text
from trialdeck.cli.paths import decks_folder, paths_or_seeds
from trialdeck.cli.printed_problems import problems_printed
from trialdeck.cli.terminal.printing import echo, echo_data, echo_styled, tell_json
from trialdeck.editions.report.as_json import changes_json
from trialdeck.editions.report.as_markdown import changes_markdown
from trialdeck.project import diff as comparing

PACKAGES = (".apkg", ".colpkg")


@click.command()
@click.argument("paths", metavar="[OLD NEW | PATH...]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
              help="Lines of text, one JSON document, or release notes in Markdown.")  # fmt: skip
@LedgerFolder
def diff(paths: tuple[Path, ...], form: str, out: Path | None) -> None:
    """Show what has changed, word by word.

    The records are compared with the last edition, or two packages with each other. OLD and NEW are .apkg or
    .colpkg files, made by trialdeck, by Anki or by any other program. PATH is a record or a folder of records;
    without one, all records of the project are compared with its last edition, and every change has its risk for
    learners. Nothing is changed. Exit code: 0 whether they differ or not, and whether a build would be refused or
    not; 1 if something cannot be read, 2 for a wrong call.
    """
    packages = [path for path in paths if path.suffix.lower() in PACKAGES]
    if packages and (len(packages), len(paths)) != (2, 2):
        raise click.UsageError("name two packages: the old one, then the new one")
    if packages:
        changes = comparing.compare_packages(*packages)
    else:
        folder = out or decks_folder()
        with problems_printed(), build_options() as options:
            changes = comparing.compare_with_last_edition(
                paths_or_seeds(paths), deck_request(paths), folder, build_time(), options
            )
        if any(change.fields is None for change in changes.changed):
            echo(f"for the words, put the packages of the last edition into {folder.as_posix()}", err=True)
    if form == "json":
        tell_json(changes_json(changes))
    elif form == "markdown":
        echo_data(f"{changes_markdown(changes)}\n")
    else:
        for line in changes_text(changes):
            echo_styled(line)
