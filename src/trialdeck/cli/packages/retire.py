"""The command on retired notes: retire."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from trialdeck.cli.arguments import LedgerFolder
from trialdeck.cli.paths import decks_folder, own_folder
from trialdeck.cli.terminal.printing import echo
from trialdeck.editions import maintenance
from trialdeck.editions.ledger import Line
from trialdeck.editions.tombstone import reason_for


@click.command()
@click.option("--forget", "keys", multiple=True, metavar="KEY",
              help="Stop shipping the retired note with this key (may be repeated).")  # fmt: skip
@click.option("--before", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]),
              help="Stop shipping what was retired before this day (YEAR-MONTH-DAY).")  # fmt: skip
@LedgerFolder
def retire(keys: tuple[str, ...], before: datetime | None, out: Path | None) -> None:
    """List retired notes, or stop shipping them.

    An entry is retired by `retired: {on: …, reason: …}` in its record, or by deleting it there. From the next build on
    its notes travel without cards, and learners who have them see on the card that they are retired. Once all have
    imported such an edition, a retired note can be forgotten.
    """
    if not keys and before is None:
        _print_retired(maintenance.retired_notes(out or decks_folder()))
        return
    folder = out or own_folder("decks")
    forgotten = maintenance.forget(folder, keys, before.date().isoformat() if before else "")
    for line in forgotten:
        echo(f"forgotten: {line.key}")
    echo(
        f"{len(forgotten)} forgotten; build again to take them out of the packages"
        if forgotten
        else "nothing to forget"
    )


def _print_retired(lines: Sequence[Line]) -> None:
    """Print a line for each retired note: the day, its key, its label, and the reason if it is known."""
    for line in lines:
        reason = f" ({reason_for(line)})" if reason_for(line) else ""
        echo(f"{line.retired}  {line.key}  {line.label}{reason}")
    if not lines:
        echo("no note is retired")
