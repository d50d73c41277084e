"""The command that begins a project: init."""

from collections.abc import Sequence
from pathlib import Path

import click

from trialdeck.cli.new_project import begin_project, refuse_home
from trialdeck.drafts.new_project.begin import ProjectFacts


@click.command()
@click.argument("folder", metavar="[FOLDER]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", default="", metavar="NAME", help="The deck above all decks in Anki.")
@click.option("--license", "license_text", default="", metavar="TEXT",
              help="The licence of the decks, such as CC BY 4.0.")  # fmt: skip
@click.option("--report", default="", metavar="ADDRESS",
              help="Where learners report errors: a mail or a web address.")  # fmt: skip
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Who writes them (may be repeated).")
@click.option("--homepage", default="", metavar="ADDRESS", help="Where the site of the decks will be.")
@click.option("--example", is_flag=True, help="Write an invented trial too, to try it all.")
def init(  # noqa: PLR0913, PLR0917 - one parameter an option
    folder: Path,
    name: str,
    license_text: str,
    report: str,
    authors: Sequence[str],
    homepage: str,
    *,
    example: bool,
) -> None:
    """Begin a project: folders and settings.

    FOLDER, this one by default, gets a folder for records (seeds), settings and a deck by trial that takes every record
    (decks), a README for those who get the decks, and what git and GitHub need to check and build them on every change.
    What is there already is left as it is.

    In a terminal, name, licence and address are asked for if they are not given; all can be changed later in
    decks/project.yaml.
    """
    refuse_home(folder)
    facts = ProjectFacts(name, license_text, report, tuple(authors), homepage)
    begin_project(folder, facts, with_example=example)
