"""The commands. Only this room knows the terminal; the module of a command is imported when the command is called."""

import atexit
import gc

import click

from trialdeck import __version__
from trialdeck.cli.group import CommandEntry, Commands
from trialdeck.cli.terminal.streams import end_streams, ready_streams

_OBJECTS = 20_000
"""After how many new objects Python looks for cycles; its own threshold, 700, costs large projects much time."""


@click.group(
    cls=Commands,
    entries={
        "desk": CommandEntry("records.desk.desk", "Write, review and release in a browser.", "Write records"),
        "init": CommandEntry("records.init.init", "Begin a project: folders and settings.", "Write records"),
        "new": CommandEntry("records.new.new", "Begin a record: a file to fill in.", "Write records"),
        "ingest": CommandEntry("records.ingest.ingest", "Draft records from source material.", "Write records"),
        "import": CommandEntry("records.import_deck.adopt", "Make records of somebody else's deck.", "Write records"),
        "sheet": CommandEntry("records.sheet.sheet", "Edit records as a spreadsheet.", "Write records"),
        "pull": CommandEntry("records.pull.pull", "Bring edits made in Anki into the records.", "Write records"),
        "check": CommandEntry("records.check.check", "Report every fault of records and settings.", "Check them"),
        "review": CommandEntry("records.review.review", "Sign what agrees with its source.", "Check them"),
        "status": CommandEntry("records.status.status", "Show how much of the records is reviewed.", "Check them"),
        "schema": CommandEntry("records.schema.schema", "Print a JSON Schema for your editor.", "Check them"),
        "build": CommandEntry("packages.build.build", "Build Anki packages from records.", "Build decks"),
        "diff": CommandEntry("packages.diff.diff", "Show what has changed, word by word.", "Build decks"),
        "inspect": CommandEntry("packages.inspect.inspect", "Show what is in packages, of any program.", "Build decks"),
        "retire": CommandEntry("packages.retire.retire", "List retired notes, or stop shipping them.", "Build decks"),
        "ledger": CommandEntry("packages.ledger.ledger", "Look after the memory of all builds.", "Build decks"),
        "site": CommandEntry("packages.site.site", "Make a site of the decks.", "Share them"),
        "push": CommandEntry("packages.push.push", "Send packages into the running Anki.", "Share them"),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="trialdeck")
def main() -> None:
    """Landmark clinical-trial records in, Anki decks out.

    Begin with `init`. Write what a trial found in a browser (`desk`), in a spreadsheet (`sheet`) or in a text editor,
    or draft it from a registry file or a saved page (`ingest`). `check` says what is wrong, and `build` makes packages
    for Anki.
    """


def run() -> None:
    """Run the command line as a whole program: what it sets for the process, a caller of `main` does not get."""
    ready_streams()
    gc.set_threshold(_OBJECTS)
    # At its end Python looks for cycles among all objects, though all of them go anyway: an eighth of a small build.
    atexit.register(gc.freeze)
    try:
        main()
    finally:
        end_streams()
