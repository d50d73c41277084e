"""Print errors, also those of the operating system and faults of trialdeck, with what to do about them."""

import errno
import sys
from collections.abc import Iterator

import click

from trialdeck.cli.terminal.printing import OutputError, echo, echo_styled
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable

_TOO_MANY_FILES = {errno.EMFILE, errno.ENFILE}


def print_error(error: TrialdeckError) -> None:
    """Print an error and what to do about it to standard error."""
    echo_styled(f"{click.style('error:', fg='red', bold=True)} {printable(error.message)}", err=True)
    if error.hint:
        echo(f"    {error.hint}", err=True)


def explained(error: BaseException) -> TrialdeckError:
    """Return an error with a message and a hint for any exception that ended a command."""
    if isinstance(error, OutputError):
        return TrialdeckError(
            f"cannot write to standard output: {error.reason}", "make room there, or send the output somewhere else"
        )
    system_errors = [cause for cause in _causes(error) if isinstance(cause, OSError)]
    if any(cause.errno in _TOO_MANY_FILES for cause in system_errors):
        return TrialdeckError(f"too many files are open{_limit()}", "allow more, for example with `ulimit -n 256`")
    if isinstance(error, TrialdeckError):
        return error
    if isinstance(error, OSError) and error.strerror:
        prefix = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return TrialdeckError(f"{prefix}{error.strerror}", "the system refused this; correct that and try again")
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        message = f"a name or a text is not UTF-8: {error.object}"
        return TrialdeckError(message, "rename the file or folder, or write the text in UTF-8")
    name = type(error).__name__
    hint = "this is a fault of trialdeck; set TRIALDECK_DEBUG=1 to see where, and report it"
    return TrialdeckError(f"{name}: {error}", hint)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _limit() -> str:
    """Return a clause with the limit on open files of this process; an empty one on Windows, which has no limit."""
    if sys.platform == "win32":
        return ""
    import resource  # noqa: PLC0415 - Windows does not have this module

    return f"; this process may have {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} open at once"
