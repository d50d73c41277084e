"""Write files so that an interruption at any point leaves the former one whole."""

import os
import secrets
from pathlib import Path

from trialdeck.errors import TrialdeckError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file through a temporary one beside it; raises TrialdeckError where the disk refuses."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_through(temporary, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TrialdeckError(f"cannot write {path}: {reason}", "nothing was changed there") from error


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
