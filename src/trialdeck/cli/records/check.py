"""The command that checks records and settings: check."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from trialdeck.cli.arguments import Paths
from trialdeck.cli.deck_requests import deck_request
from trialdeck.cli.options import build_options, build_time
from trialdeck.cli.output.problems import problems_github, problems_json, problems_text
from trialdeck.cli.output.quality import print_stats
from trialdeck.cli.paths import paths_or_seeds, relative
from trialdeck.cli.terminal.printing import echo_data, echo_styled, tell_json
from trialdeck.core.codes import CODES
from trialdeck.records.discovery import find_project, settings_files
from trialdeck.records.review import days_of
from trialdeck.review import card_report


@click.command()
@Paths
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
              help="Lines of text, one JSON document, or annotations for GitHub.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--select", "selected", multiple=True, metavar="CODE",
              help="Of the warnings, take only these; TD6 means all from TD600 on (may be repeated).")  # fmt: skip
@click.option("--ignore", "ignored", multiple=True, metavar="CODE",
              help="Leave these warnings out; TD6 means all from TD600 on (may be repeated).")  # fmt: skip
@click.option("--stale-after", default="2y", show_default=True, metavar="AGE",
              help="How old a review may be: 90d, 26w, 18m, 2y.")  # fmt: skip
@click.option("--stats", is_flag=True, help="Show what the cards are like, in figures, in place of the problems.")
def check(  # noqa: PLR0913 - one parameter an option
    paths: tuple[Path, ...],
    form: str,
    selected: tuple[str, ...],
    ignored: tuple[str, ...],
    stale_after: str,
    *,
    strict: bool,
    stats: bool,
) -> None:
    """Report every fault of records and settings.

    Beside errors there are warnings: of what a card rests on (TD5), and of what makes it hard to learn (TD6). A comment
    in the record, `# trialdeck: ignore[TD603]`, keeps a warning of its line away; errors are always reported.

    PATH is a record, a settings file, or a folder of them; without one, the project's seeds and the settings in its
    decks folder are checked. Exit code: 0 without errors, 1 with errors, 2 for a wrong call.
    """
    now, oldest = build_time(), days_of(stale_after)
    today = datetime.fromtimestamp(now, UTC).date()
    takes, leaves = _codes(selected), _codes(ignored)
    sources = paths_or_seeds(paths)
    with build_options() as options:
        appraised = card_report.appraise(paths or [*sources, *_settings()], today, oldest, options, now=now)
        counted = card_report.count(sources, deck_request(paths), options) if stats and form == "text" else None
    checked = appraised.checked.with_warnings(takes, leaves)
    if counted:
        print_stats(appraised.appraisals, checked.problems, counted)
    elif form == "json":
        for part in problems_json(checked):
            tell_json(part)
    elif form == "github":
        for line in problems_github(checked):
            echo_data(f"{line}\n")
    else:
        for line in problems_text(checked):
            echo_styled(line)
    if checked.errors or (strict and checked.warnings):
        sys.exit(1)


def _codes(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return codes, or beginnings of codes, from options that hold one or several with commas between them.

    Raises click.UsageError if no code begins so.
    """
    codes = tuple(code.strip().upper() for value in named for code in value.split(",") if code.strip())
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise click.UsageError(f"there is no code '{code}'; docs/problems.md lists them")
    return codes


def _settings() -> list[Path]:
    """Return the settings files of the project that the current folder is in."""
    project = find_project(Path())
    return [relative(file) for file in settings_files(project)] if project else []
