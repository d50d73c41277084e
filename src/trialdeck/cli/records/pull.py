"""The command that brings edits back: pull."""

from pathlib import Path

import click

from trialdeck.anki import pull as pulling
from trialdeck.cli.options import build_options, build_time
from trialdeck.cli.output.pull import pulled_text
from trialdeck.cli.paths import decks_folder, own_folder, paths_or_seeds
from trialdeck.cli.printed_problems import problems_printed
from trialdeck.cli.terminal.printing import echo_styled
from trialdeck.records.discovery import SEEDS
from trialdeck.yamlfile.write_records import complete_left


@click.command()
@click.argument("deck", metavar="DECK", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--apply", "apply", is_flag=True, help="Write into the records what can be written.")
@click.option("-o", "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the ledger is; the project's decks folder by default.")  # fmt: skip
def pull(deck: Path, paths: tuple[Path, ...], out: Path | None, *, apply: bool) -> None:
    """Bring edits made in Anki into the records.

    DECK is a package (.apkg) or collection (.colpkg) that was exported from Anki, in any of its formats, with or
    without scheduling. What differs from the last edition is shown; with --apply it is written into the records, as
    Markdown, in place. What was edited on both sides is a conflict, which is shown and never guessed. PATH is a record
    or a folder of records; without one, the project's seeds. Exit code: 0, also with conflicts; 1 if something cannot
    be read or written.
    """
    sources = paths_or_seeds(paths)
    if apply and not paths:
        own_folder(SEEDS, option="")  # refuses seeds that are a link out of the project
    if apply:
        complete_left(sources)
    with problems_printed(), build_options() as options:
        pulled = pulling.pull(deck, sources, out or decks_folder(), build_time(), options)
    if apply:
        pulling.apply(pulled)
    for line in pulled_text(pulled, applied=apply):
        echo_styled(line)
