"""The commands on the ledger: recover it, and set its times back."""

from pathlib import Path

import click

from trialdeck.cli.arguments import LedgerFolder
from trialdeck.cli.options import build_time
from trialdeck.cli.paths import own_folder
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.text import counted
from trialdeck.editions import maintenance


@click.group()
def ledger() -> None:
    """Look after the memory of all builds.

    It is the file ledger.jsonl beside the packages.
    """


@ledger.command()
@click.argument("packages", metavar="[DECK.apkg]...", nargs=-1,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--from", "more", multiple=True, metavar="DECK.apkg",
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Read this package, as an argument does (may be repeated).")  # fmt: skip
@LedgerFolder
@click.option("--force", is_flag=True, help="Recover it although a ledger is there.")
def rebuild(packages: tuple[Path, ...], more: tuple[Path, ...], out: Path | None, *, force: bool) -> None:
    """Recover a lost ledger from its packages.

    Name every package: the next build takes a note that the ledger does not have for a new one, and the import replaces
    what learners wrote into it. Notes that the packages do not have stay as the ledger that is there has them.

    A ledger with times after now is recovered from all packages of the last edition before the clock was wrong.
    """
    if not packages and not more:
        raise click.UsageError("name the packages to recover the ledger from")
    folder = out or own_folder("decks")
    rebuilt = maintenance.rebuild_ledger((*packages, *more), folder, build_time(), force=force)
    notes, retired = rebuilt.ledger.notes, rebuilt.ledger.retired
    echo(f"{(folder / 'ledger.jsonl').as_posix()}: {counted(len(notes), 'note')}, {len(retired)} retired")
    if rebuilt.kept:
        echo(f"{rebuilt.kept} of them are as the former ledger had them: these packages do not have them")
    if rebuilt.damaged:
        lines = counted(rebuilt.damaged, "damaged line")
        echo(f"left out: {lines} of the former ledger")


@ledger.command()
@LedgerFolder
def clamp(out: Path | None) -> None:
    """Set times that are after now to now.

    Such times come from a build on a machine whose clock was wrong. Until then every import overwrites what learners
    wrote into their notes.

    This is right if the packages with those times were never shared. Learners who imported them keep the later times in
    their notes: they get your corrections only with Anki's "Update notes: Always", or once that time has passed.
    """
    clamped = maintenance.clamp(out or own_folder("decks"), build_time())
    counts = [(clamped.notes, "note"), (clamped.note_types, "note type")]
    changed = " and ".join(counted(count, noun) for count, noun in counts if count)
    echo(f"set back to now: {changed}; build again" if changed else "no time in the ledger is after now")
