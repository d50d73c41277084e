"""The command that makes records of somebody else's deck: import."""

from pathlib import Path

import click

from trialdeck.anki import import_deck as adopting
from trialdeck.anki.import_deck import read_deck_map
from trialdeck.cli.output.terminal import echo, echo_data
from trialdeck.cli.paths import own_folder
from trialdeck.records.discovery import SEEDS, find_project
from trialdeck.yamlfile.write_records import complete_left


@click.command("import")
@click.argument("deck", metavar="DECK", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "form", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Which field holds what (a YAML file); without it, one to start with is printed.")  # fmt: skip
@click.option("-o", "--out", "out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the records go; the project's seeds by default.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
def adopt(deck: Path, form: Path | None, out: Path | None, *, dry_run: bool) -> None:
    """Make records of the questions and responses of somebody else's deck.

    DECK is a package (.apkg) or collection (.colpkg) of any program. Each trial becomes a record; one that is there
    gets the questions that it lacks. Formatting that a record does not know is left out, and so are pictures and
    sounds, which are listed. Look at the licence of the deck before you share what you made of it.
    """
    if form is None:
        echo_data(adopting.proposed_map(deck))
        return
    folder = out or _seeds()
    if not dry_run:
        complete_left([folder])
    adopted = adopting.adopt(deck, read_deck_map(form), folder)
    if not dry_run:
        adopting.write(adopted)
    for left in adopted.left_out:
        echo(f"left out: {left.name}: {left.reason}", err=True)
    verb = "would get" if dry_run else "got"
    for path, count in adopted.counts.items():
        echo(f"{path.as_posix()} {verb} {count} {'question' if count == 1 else 'questions'}")
    if adopted.known:
        echo(f"{adopted.known} there already")


def _seeds() -> Path:
    """Return the project's folder of records; raises click.UsageError if there is no project."""
    project = find_project(Path())
    if project is None:
        raise click.UsageError(f"there is no {SEEDS} folder here or above; say with --out where the records go")
    return own_folder(SEEDS)
