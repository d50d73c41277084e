"""The commands. Only this room knows the terminal; heavy imports wait until they are needed."""

import atexit
import gc

import click

from trialdeck import __version__
from trialdeck.cli.base import Commands
from trialdeck.cli.output.streams import end_streams, ready_streams

_OBJECTS = 20_000
"""After how many new objects Python looks for cycles among them; 700, its own measure, is little for large projects."""


@click.group(
    cls=Commands,
    places={
        "build": "build.build",
        "check": "records.check",
        "diff": "diff.diff",
        "import": "import_deck.adopt",
        "ingest": "records.ingest",
        "inspect": "inspect.inspect",
        "ledger": "editions.ledger",
        "new": "new.new",
        "pull": "pull.pull",
        "push": "push.push",
        "retire": "editions.retire",
        "review": "review.review",
        "schema": "records.schema",
        "sheet": "sheet.sheet",
        "site": "site.site",
        "status": "review.status",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="trialdeck")
def main() -> None:
    """Landmark clinical-trial records in, Anki decks out.

    Write what a trial found as a record (a YAML file), or draft one from a saved page with `ingest`; `check` says what
    is wrong with it, and `build` makes Anki packages.
    """
    gc.set_threshold(_OBJECTS)


def run() -> None:
    """Run the command line as a whole program."""
    ready_streams()
    # At its end Python looks for cycles among all objects, though all of them go anyway: an eighth of a small build.
    atexit.register(gc.freeze)
    try:
        main()
    finally:
        end_streams()
