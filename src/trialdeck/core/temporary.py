"""A temporary folder that is removed after its work, also after an interruption."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.interrupts import defer_sigint


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend a temporary folder; raises TrialdeckError if none can be made; files that cannot be removed stay."""
    import tempfile  # noqa: PLC0415 - small packages need no such folder

    try:
        lent = tempfile.TemporaryDirectory(prefix="trialdeck-", ignore_cleanup_errors=True)
    except OSError as error:
        folder = f" in {tempfile.tempdir}" if tempfile.tempdir else ""
        message = f"cannot make a temporary folder{folder}: {error.strerror or error}"
        raise TrialdeckError(message, "make room there, or name another with TMPDIR") from error
    try:
        yield Path(lent.name)
    finally:
        with defer_sigint():
            lent.cleanup()
