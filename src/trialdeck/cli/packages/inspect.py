"""The command that looks into packages: inspect."""

from pathlib import Path

import click

from trialdeck.apkg import inspect as inspection
from trialdeck.apkg.container import read_media_list
from trialdeck.apkg.reader import opened_package
from trialdeck.cli.output.inspect import inspected_json, inspected_text, note_line
from trialdeck.cli.terminal.printing import echo, echo_styled, tell_json


@click.command()
@click.argument("decks", metavar="DECK...", nargs=-1, required=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--notes", is_flag=True, help="List the notes, one a line.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Lines of text, or one JSON document for each package.")  # fmt: skip
def inspect(decks: tuple[Path, ...], form: str, *, notes: bool) -> None:
    """Show what is in packages, of any program.

    DECK is a package (.apkg) or collection (.colpkg): its size and form, and which Anki opens it; decks, note types
    with their fields, notes, cards, media; the edition if trialdeck made it. Nothing is imported or written.
    """
    for path in decks:
        with opened_package(path) as package:
            if notes:
                for note in package.notes():
                    echo(note_line(note))
                continue
            inspected = inspection.inspect(path, package, read_media_list(path, package.form))
        if form == "json":
            tell_json(inspected_json(inspected))
        else:
            for line in inspected_text(inspected):
                echo_styled(line)
