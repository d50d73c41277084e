"""The command that shows how much is reviewed: status."""

from pathlib import Path

import click

from trialdeck.cli.arguments import Paths
from trialdeck.cli.deck_requests import deck_request
from trialdeck.cli.options import build_day, build_options
from trialdeck.cli.output.quality import print_status, status_json
from trialdeck.cli.paths import paths_or_seeds
from trialdeck.cli.terminal.printing import echo, tell_json
from trialdeck.review import card_report


@click.command()
@Paths
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Tables, or one JSON document.")  # fmt: skip
def status(paths: tuple[Path, ...], form: str) -> None:
    """Show how much of the records is reviewed.

    The figures are by trial and by perspective, with the number of notes that records and decks have. What nobody
    has reviewed comes first, then the oldest reviews. PATH is a record or a folder of records; without one, the
    project's seeds.
    """
    sources = paths_or_seeds(paths)
    with build_options() as options:
        appraised = card_report.appraise(sources, build_day(), 0, options)
        counted = card_report.count(sources, deck_request(paths), options)
    broken = {problem.path for problem in appraised.checked.errors}
    if form == "json":
        for part in status_json(appraised.appraisals, counted):
            tell_json(part)
    else:
        print_status(appraised.appraisals, counted)
    for path in sorted(broken):
        echo(f"{path}: has errors and is left out; `trialdeck check` lists them", err=True)
