"""The commands on the ledger: what is retired, how it is recovered, and how its times are set back."""

from datetime import datetime
from pathlib import Path

import click

from trialdeck.cli.base import build_time, decks_folder, own_folder
from trialdeck.cli.output.terminal import echo

_Out = click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
                    help="Where packages and ledger are; the project's decks folder by default.")  # fmt: skip


@click.command()
@click.option("--forget", "keys", multiple=True, metavar="KEY",
              help="Stop shipping the retired note with this key (may be repeated).")  # fmt: skip
@click.option("--before", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]),
              help="Stop shipping what was retired before this day (YEAR-MONTH-DAY).")  # fmt: skip
@_Out
def retire(keys: tuple[str, ...], before: datetime | None, out: Path | None) -> None:
    """List retired notes, or stop shipping them.

    An entry is retired by `retired: {on: …, reason: …}` in its record, or by deleting it there. From the next build on
    its notes travel without cards, and learners who have them see on the card that they are retired. Once all have
    imported such an edition, a retired note can be forgotten.
    """
    from trialdeck.cli.output.build import print_retired  # noqa: PLC0415
    from trialdeck.editions import maintenance as upkeep  # noqa: PLC0415

    if not keys and before is None:
        print_retired(upkeep.retired_notes(out or decks_folder()))
        return
    folder = out or own_folder("decks")
    forgotten = upkeep.forget(folder, keys, before.date().isoformat() if before else "")
    for line in forgotten:
        echo(f"forgotten: {line.key}")
    echo(
        f"{len(forgotten)} forgotten; build again to take them out of the packages"
        if forgotten
        else "nothing to forget"
    )


@click.group()
def ledger() -> None:
    """Look after the ledger, which remembers what has been built before."""


@ledger.command()
@click.argument("packages", metavar="[DECK.apkg]...", nargs=-1,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--from", "more", multiple=True, metavar="DECK.apkg",
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Read this package, as an argument does (may be repeated).")  # fmt: skip
@_Out
@click.option("--force", is_flag=True, help="Recover it although a ledger is there.")
def rebuild(packages: tuple[Path, ...], more: tuple[Path, ...], out: Path | None, *, force: bool) -> None:
    """Recover a lost ledger from all packages of the last edition.

    Name every package: the next build takes a note that the ledger does not have for a new one, and the import replaces
    what learners wrote into it. Notes that the packages do not have stay as the ledger that is there has them.

    A ledger with times after now is recovered from all packages of the last edition before the clock was wrong.
    """
    from trialdeck.editions.maintenance import rebuild_ledger  # noqa: PLC0415

    if not packages and not more:
        raise click.UsageError("name the packages to recover the ledger from")
    folder = out or own_folder("decks")
    rebuilt = rebuild_ledger((*packages, *more), folder, build_time(), force=force)
    notes, retired = rebuilt.ledger.notes, rebuilt.ledger.retired
    echo(f"{(folder / 'ledger.jsonl').as_posix()}: {len(notes)} notes, {len(retired)} retired")
    if rebuilt.kept:
        echo(f"{rebuilt.kept} of them are as the former ledger had them: these packages do not have them")
    if rebuilt.damaged:
        lines = "1 damaged line" if rebuilt.damaged == 1 else f"{rebuilt.damaged} damaged lines"
        echo(f"left out: {lines} of the former ledger")


@ledger.command()
@_Out
def clamp(out: Path | None) -> None:
    """Set every time in the ledger that is after now to now.

    Such times come from a build on a machine whose clock was wrong. Until then every import overwrites what learners
    wrote into their notes.

    This is right if the packages with those times were never shared. Learners who imported them keep the later times in
    their notes: they get your corrections only with Anki's "Update notes: Always", or once that time has passed.
    """
    from trialdeck.editions import maintenance as upkeep  # noqa: PLC0415

    clamped = upkeep.clamp(out or own_folder("decks"), build_time())
    counts = [(clamped.notes, "note"), (clamped.note_types, "note type")]
    named = " and ".join(f"{count} {noun}{'s' * (count > 1)}" for count, noun in counts if count)
    echo(f"set back to now: {named}; build again" if named else "no time in the ledger is after now")
