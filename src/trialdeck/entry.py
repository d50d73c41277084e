"""Start the command line, so that Ctrl-C while it is still imported ends the program as it does later."""

import sys


def run() -> None:
    """Import and run the command line; an interruption ends it with a word and the exit code 1."""
    try:
        from trialdeck import cli  # noqa: PLC0415 - what takes time is imported where an interruption is caught

        cli.run()
    except KeyboardInterrupt:
        # In the words of click, which answers an interruption of a command; a text goes to standard error.
        sys.exit("\nAborted!")
