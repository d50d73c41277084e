"""Bring the pictures and sounds of packages into the collection's folder of media.

Their names carry a hash of the content, so a file of the right name and content stays as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .. import TrialdeckError
from ..json_form import shortened
from ..package import is_content_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anki.collection import Collection

    from ..package import Package


def write_media(col: Collection, packages: Sequence[Package]) -> list[str]:
    """Write the files that are missing; return lines about those that the learner has in another form.

    Raises TrialdeckError if one cannot be written, or is not what the package says.
    """
    try:
        return _written(col, packages)
    except TrialdeckError:
        raise
    except Exception as error:  # Anki's own errors are of many kinds
        reason = shortened(getattr(error, "strerror", None) or str(error), 200)
        raise TrialdeckError(f"the disk refuses a picture or a sound: {reason}; no note was changed") from error


def _written(col: Collection, packages: Sequence[Package]) -> list[str]:
    folder = Path(col.media.dir())
    lines = []
    for package in packages:
        for name in sorted(package.media):
            present = _content(folder / name)
            if present is not None and is_content_of(name, present):
                continue
            content = package.media_content(name)
            if present is None:
                col.media.write_data(name, content)
            elif content.startswith(present):
                # Anki ended while it was being written.
                (folder / name).unlink()
                col.media.write_data(name, content)
            else:
                lines.append(f"kept your file {name}, which is not the author's")
    return lines


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
