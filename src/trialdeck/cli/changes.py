"""The command that compares: diff."""

from pathlib import Path

import click


@click.command()
@click.argument("packages", metavar="OLD NEW", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
              help="Lines of text, one JSON document, or release notes in Markdown.")  # fmt: skip
def diff(packages: tuple[Path, ...], form: str) -> None:
    """Say what differs between two Anki packages, word by word.

    OLD and NEW are .apkg or .colpkg files, made by trialdeck, by Anki or by any other program. Nothing is changed. Exit
    code: 0 whether they differ or not, 1 if one cannot be read, 2 for a wrong call.
    """
    from trialdeck.pipeline.comparing import compare_packages  # noqa: PLC0415
    from trialdeck.report import changes as report  # noqa: PLC0415

    if len(packages) != 2:
        raise click.UsageError("name two packages: the old one, then the new one")
    changes = compare_packages(*packages)
    if form == "json":
        click.echo(report.changes_json(changes))
    elif form == "markdown":
        click.echo(report.changes_markdown(changes))
    else:
        for line in report.changes_text(changes):
            click.echo(line)
