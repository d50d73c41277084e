"""Explain errors of the operating system and faults of trialdeck to the user."""

import errno
import sys
from collections.abc import Iterator

from trialdeck.cli.output.terminal import OutputError
from trialdeck.core.errors import TrialdeckError

_FILES_OPEN = {errno.EMFILE, errno.ENFILE}


def explained(error: BaseException) -> TrialdeckError:
    """Return an error with a message and a hint for anything that ended a command."""
    if isinstance(error, OutputError):
        return TrialdeckError(
            f"cannot write to standard output: {error.reason}", "make room there, or send the output somewhere else"
        )
    refused = [cause for cause in _causes(error) if isinstance(cause, OSError)]
    if any(cause.errno in _FILES_OPEN for cause in refused):
        return TrialdeckError(f"too many files are open{_limit()}", "allow more, for example with `ulimit -n 256`")
    if isinstance(error, TrialdeckError):
        return error
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return TrialdeckError(f"{place}{error.strerror}", "the system refused this; mend it and try again")
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
    """Return how many files this process may have open at once, where the system has such a limit."""
    if sys.platform == "win32":
        return ""
    import resource  # noqa: PLC0415 - not on Windows

    return f"; this process may have {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} open at once"
