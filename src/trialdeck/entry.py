"""The entry point of the command line: Ctrl-C ends it without a traceback even while modules are imported."""

import sys


def run() -> None:
    """Import and run the command line; an interruption ends it with a message and the exit code 1."""
    try:
        from trialdeck import cli  # noqa: PLC0415 - Ctrl-C during this import must be caught

        cli.run()
    except KeyboardInterrupt:
        # The words of click, which handles an interruption of a command; a text goes to standard error.
        sys.exit("\nAborted!")
