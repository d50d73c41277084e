"""What stops a command: problems of records, and changes that a build refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

from trialdeck.cli.output.problems import problems_text, release_text
from trialdeck.cli.terminal.printing import echo_styled
from trialdeck.project.build_result import RefusedReleaseError
from trialdeck.project.check import FaultyRecordsError


@contextmanager
def problems_printed() -> Iterator[None]:
    """Print the problems or the refused changes that stop a command to standard error, before the error itself."""
    try:
        yield
    except FaultyRecordsError as error:
        for line in problems_text(error.checked):
            echo_styled(line, err=True)
        raise
    except RefusedReleaseError as error:
        for line in release_text(error.changes, error.refused):
            echo_styled(line, err=True)
        raise
