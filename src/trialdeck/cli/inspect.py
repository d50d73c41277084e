"""The command that looks into packages: inspect."""

from pathlib import Path

import click

from trialdeck.cli.output.terminal import echo, echo_styled, tell_json


@click.command()
@click.argument("decks", metavar="DECK...", nargs=-1, required=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--notes", is_flag=True, help="List the notes, one a line.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Lines of text, or one JSON document for each package.")  # fmt: skip
def inspect(decks: tuple[Path, ...], form: str, *, notes: bool) -> None:
    """Say what is in packages, of any program.

    DECK is a package (.apkg) or collection (.colpkg): its size and form, and which Anki opens it; decks, note types
    with their fields, notes, cards, media; the edition if trialdeck made it. Nothing is imported or written.
    """
    from trialdeck.apkg import inspect as inspection  # noqa: PLC0415
    from trialdeck.apkg.container import read_media_list  # noqa: PLC0415
    from trialdeck.apkg.reader import opened_package  # noqa: PLC0415
    from trialdeck.cli.output.inspect import inspected_json, inspected_text, note_line  # noqa: PLC0415

    for path in decks:
        with opened_package(path) as package:
            if notes:
                for note in package.notes():
                    echo(note_line(note))
                continue
            found = inspection.inspect(path, package, read_media_list(path, package.form))
        if form == "json":
            tell_json(inspected_json(found))
        else:
            for line in inspected_text(found):
                echo_styled(line)
