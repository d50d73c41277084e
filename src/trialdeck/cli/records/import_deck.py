"""The command that makes records of somebody else's deck: import."""

import sys
from pathlib import Path

import click

from trialdeck.anki.importing import import_deck as importing
from trialdeck.anki.importing.deck_map import DeckMap, FaultyMapError, deck_map_of, read_deck_map
from trialdeck.anki.importing.propose import proposal, proposed_map
from trialdeck.anki.importing.source.source_deck import SourceDeck, read_source_deck
from trialdeck.anki.importing.take_notes import take_notes
from trialdeck.cli.output.import_deck import report_lines
from trialdeck.cli.output.problems import problem_lines
from trialdeck.cli.paths import own_folder
from trialdeck.cli.terminal.printing import echo, echo_data, echo_styled
from trialdeck.core.text import counted
from trialdeck.records.discovery import SEEDS, find_project
from trialdeck.yamlfile.write_records import complete_left


@click.command("import")
@click.argument("deck", metavar="DECK", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "form", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Which field holds what (a YAML file); without it, one to start with is printed.")  # fmt: skip
@click.option("--proposed", is_flag=True, help="Import with the map that would be printed.")
@click.option("-o", "--out", "out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the records go; the project's seeds by default.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
def adopt(deck: Path, form: Path | None, out: Path | None, *, proposed: bool, dry_run: bool) -> None:
    """Make records of somebody else's deck.

    DECK is a package (.apkg) or collection (.colpkg) of any program, a text export of Anki (.txt), or a table (CSV,
    TSV, .xlsx) whose first row names its columns. Each trial becomes a record, or each deck if notes name no trial. A
    second import knows the first: it adds what is new, and updates what the deck has changed and nobody has changed in
    the record. Pictures and sounds come along; their descriptions and licences are yours to write. What is not taken is
    listed with its reason. Look at the licence of the deck before you share what you made of it.
    """
    if form and proposed:
        raise click.UsageError("--map and --proposed exclude each other")
    import_notes(deck, form, out, proposed=proposed, dry_run=dry_run)


def import_notes(deck: Path, form: Path | None, out: Path | None, *, proposed: bool, dry_run: bool) -> None:
    """Make records of the notes of a deck or a table, or print the map that is proposed; see `adopt`."""
    source = read_source_deck(deck)
    if form is None and not proposed:
        _print_map(source)
        return
    deck_map, folder = _deck_map(source, form), out or _seeds()
    if not dry_run:
        complete_left([folder])
    imported = importing.import_deck(source, deck_map, folder)
    if not dry_run:
        importing.write(source, imported, folder)
    lines = list(report_lines(imported, dry_run=dry_run))
    for line in lines[:-1]:
        echo(line, err=line.startswith("not taken"))
    echo(lines[-1])
    if imported.is_nothing:
        sys.exit(1)


def _print_map(source: SourceDeck) -> None:
    """Print the map that is proposed, and to standard error what it would take."""
    echo_data(proposed_map(source))
    outcomes = take_notes(list(enumerate(source.notes, start=1)), deck_map_of(proposal(source)))
    taken = sum(outcome.taken is not None for outcome in outcomes)
    echo(
        f"This map takes {taken} of {counted(len(source.notes), 'note')}. Keep it in a file, correct it, and run\n"
        f"  trialdeck import {source.path} --map FILE\nor import at once: trialdeck import {source.path} --proposed",
        err=True,
    )


def _deck_map(source: SourceDeck, form: Path | None) -> DeckMap:
    """Return the map in a file, or the one that is proposed; prints the problems of a map that has any."""
    if form is None:
        return deck_map_of(proposal(source))
    try:
        return read_deck_map(form, source.note_types)
    except FaultyMapError as error:
        for line in problem_lines(error.problems):
            echo_styled(line, err=True)
        raise


def _seeds() -> Path:
    """Return the project's folder of records; raises click.UsageError if there is no project."""
    project = find_project(Path())
    if project is None:
        raise click.UsageError(f"there is no {SEEDS} folder here or above; say with --out where the records go")
    return own_folder(SEEDS)
