"""Arguments and options that several commands have."""

from pathlib import Path

import click

Paths = click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
Profile = click.option("--profile", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                       help="Take what is for the reader of this profile or for everybody, "
                            "takeaways first.")  # fmt: skip
LedgerFolder = click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
                            help="Where packages and ledger are; the project's decks folder by default.")  # fmt: skip
