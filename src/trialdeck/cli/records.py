"""The commands on records: check, ingest, schema."""

import sys
from pathlib import Path

import click

from trialdeck.cli.base import Paths, asked, build_options, build_time, output_file, schema_beside, shown, wanted
from trialdeck.cli.output.terminal import echo, echo_data, echo_styled, tell_json
from trialdeck.core.errors import TrialdeckError

SCHEMAS = ("trial", "deck", "project", "profile", "map")


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
    """Check records and settings and report every fault of every file.

    Beside errors there are warnings: of what a card rests on (TD5), and of what makes it hard to learn (TD6). A comment
    in the record, `# trialdeck: ignore[TD603]`, keeps a warning of its line away; errors are always reported.

    PATH is a record, a settings file, or a folder of them; without one, the project's seeds and the settings in its
    decks folder are checked. Exit code: 0 without errors, 1 with errors, 2 for a wrong call.
    """
    from datetime import UTC, datetime  # noqa: PLC0415

    from trialdeck.cli.output import problems as report  # noqa: PLC0415
    from trialdeck.cli.output.quality import print_stats  # noqa: PLC0415
    from trialdeck.records.review import days_of  # noqa: PLC0415
    from trialdeck.review.card_report import appraise, count  # noqa: PLC0415

    now, oldest = build_time(), days_of(stale_after)
    today = datetime.fromtimestamp(now, UTC).date()
    takes, leaves = _codes(selected), _codes(ignored)
    with build_options() as options:
        appraised = appraise(paths or [*asked(paths), *_settings()], today, oldest, options, now=now)
        counted = count(asked(paths), wanted(paths), options) if stats and form == "text" else None
    checked = appraised.checked.with_warnings(takes, leaves)
    if counted:
        print_stats(appraised.appraisals, checked.problems, counted)
    elif form == "json":
        for part in report.problems_json(checked):
            tell_json(part)
    elif form == "github":
        for line in report.problems_github(checked):
            echo_data(f"{line}\n")
    else:
        for line in report.problems_text(checked):
            echo_styled(line)
    if checked.errors or (strict and checked.warnings):
        sys.exit(1)


@click.command()
@click.argument("page", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--id", "trial_id", metavar="ID", help="The trial's id, for ever: small letters, digits, hyphens.")
@click.option("-o", "--out", "out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Where the record goes; to standard output by default.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def ingest(page: str, trial_id: str | None, out: Path | None, *, force: bool) -> None:
    """Draft a record from a trial page that was saved as text or HTML.

    PAGE is the saved page, or - for standard input. The record goes to FILE, or else to standard output. Whatever the
    page says that has no place in a record is listed with its line number.
    """
    from trialdeck.cli.output.problems import notices_text  # noqa: PLC0415
    from trialdeck.core.files import replace_file  # noqa: PLC0415
    from trialdeck.ingest import draft as drafting  # noqa: PLC0415

    if out and output_file(out).exists() and not force:
        raise TrialdeckError(f"{out} exists already", "choose another FILE, or overwrite it with --force")
    draft = drafting.draft(drafting.content_of(page), trial_id, schema_beside(out))
    for line in notices_text(draft.notices, page):
        echo(line, err=True)
    if out:
        replace_file(out, draft.text.encode())
        echo(f"{out}: {draft.id}, {draft.counts}", err=True)
    else:
        echo_data(draft.text)


@click.command()
@click.argument("name", type=click.Choice(SCHEMAS))
def schema(name: str) -> None:
    """Print a JSON Schema, for editors and other programs."""
    from trialdeck.records.schema import schema_text  # noqa: PLC0415

    echo_data(schema_text(name))


def _codes(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return codes, or beginnings of codes, that stand with commas or in several options."""
    from trialdeck.core.codes import CODES  # noqa: PLC0415

    codes = tuple(code.strip().upper() for each in named for code in each.split(",") if code.strip())
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise click.UsageError(f"there is no code '{code}'; docs/problems.md lists them")
    return codes


def _settings() -> list[Path]:
    """Return the settings files of the project around."""
    from trialdeck.records.discovery import find_project, settings_files  # noqa: PLC0415

    project = find_project(Path())
    return [shown(file) for file in settings_files(project)] if project else []
