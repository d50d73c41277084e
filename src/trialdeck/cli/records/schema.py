"""The command that prints JSON Schemas: schema."""

import click

from trialdeck.cli.terminal.printing import echo_data
from trialdeck.drafts.model_output.content_schema import VENDORS, content_schema_text
from trialdeck.records.schema import schema_text

SCHEMAS = ("trial", "deck", "project", "profile", "map", "feed", "suggestions")


@click.command()
@click.argument("name", type=click.Choice(SCHEMAS))
@click.option("--for", "vendor", type=click.Choice(VENDORS), help="trial: what a model of this vendor may write.")
def schema(name: str, vendor: str | None) -> None:
    """Print a JSON Schema for your editor.

    The schema feed is that of the file feed.json of a site, which programs read; suggestions is that of the corrections
    that the add-on writes and `trialdeck pull` reads.

    With --for, the schema is what a language model may write about a trial, in the form that the vendor takes as
    structured output; `trialdeck ingest` reads what the model returns.
    """
    if vendor and name != "trial":
        raise click.UsageError("--for goes with trial: a model writes about trials alone")
    echo_data(content_schema_text(vendor) if vendor else schema_text(name))
