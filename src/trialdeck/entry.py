"""The entry point of the command line: Ctrl-C ends it with a word even while modules are imported."""

import sys


def run() -> None:
    """Import and run the command line; an interruption ends it with a word and the exit code 1."""
    try:
        from trialdeck import cli  # noqa: PLC0415 - what takes time is imported where an interruption is caught

        cli.run()
    except KeyboardInterrupt:
        # In the words of click, which answers an interruption of a command; a text goes to standard error.
        sys.exit("\nAborted!")
