"""The command that prints JSON Schemas: schema."""

import click

from trialdeck.cli.terminal.printing import echo_data
from trialdeck.records.schema import schema_text

SCHEMAS = ("trial", "deck", "project", "profile", "map")


@click.command()
@click.argument("name", type=click.Choice(SCHEMAS))
def schema(name: str) -> None:
    """Print a JSON Schema for your editor."""
    echo_data(schema_text(name))
