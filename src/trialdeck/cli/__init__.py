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
        "build": CommandEntry("packages.build.build", "Build Anki packages from records."),
        "check": CommandEntry(
            "records.check.check", "Check records and settings and report every fault of every file."
        ),
        "diff": CommandEntry(
            "packages.diff.diff",
            "Say what differs between the records and the last edition, or between two packages, word by word.",
        ),
        "import": CommandEntry("records.import_deck.adopt", "Make records of the notes of somebody else's deck."),
        "ingest": CommandEntry(
            "records.ingest.ingest", "Draft records from registry files, citations, pages and notes."
        ),
        "inspect": CommandEntry("packages.inspect.inspect", "Say what is in packages, of any program."),
        "ledger": CommandEntry(
            "packages.ledger.ledger", "Look after the ledger, which remembers what has been built before."
        ),
        "new": CommandEntry(
            "records.new.new",
            "Begin a record: a file to fill in, in which every section has an explanation and an example.",
        ),
        "pull": CommandEntry("records.pull.pull", "Bring back into the records what was edited in Anki."),
        "push": CommandEntry(
            "packages.push.push",
            "Send packages into the Anki that is running, through its add-on AnkiConnect (code 2055492159).",
        ),
        "retire": CommandEntry("packages.retire.retire", "List retired notes, or stop shipping them."),
        "review": CommandEntry(
            "records.review.review", "Go through what nobody has reviewed, or not of late, and sign it."
        ),
        "schema": CommandEntry("records.schema.schema", "Print a JSON Schema, for editors and other programs."),
        "sheet": CommandEntry(
            "records.sheet.sheet",
            "Write records as sheets, to be filled in with Excel or LibreOffice, and read them back.",
        ),
        "site": CommandEntry(
            "packages.site.site",
            "Make a site of the decks: every card, front and back, as Anki shows it, and the packages to download.",
        ),
        "status": CommandEntry(
            "records.status.status",
            "Show how much of the records is reviewed, by trial and perspective, and how many notes they and the decks "
            "have.",
        ),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="trialdeck")
def main() -> None:
    """Landmark clinical-trial records in, Anki decks out.

    Write what a trial found as a record (a YAML file), or draft one from a saved page with `ingest`; `check` says what
    is wrong with it, and `build` makes Anki packages.
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
