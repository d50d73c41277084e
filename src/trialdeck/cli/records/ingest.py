"""The command that drafts a record from a saved page: ingest."""

from pathlib import Path

import click

from trialdeck.cli.output.problems import notices_text
from trialdeck.cli.output.terminal import echo, echo_data
from trialdeck.cli.paths import output_file, schema_beside
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.drafts import draft as drafting


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
