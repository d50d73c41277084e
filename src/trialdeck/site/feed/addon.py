"""The add-on for Anki, as one file that a learner installs: a site brings it along, so that nobody has to look for it."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ADDON = "trialdeck.ankiaddon"
"""The file on a site."""
_LEAST_ANKI, _TESTED_ANKI = 241100, 260903
"""The first release of Anki that it runs in, and the last that it was tested in: year, month, number."""
_VERSION = re.compile(r'^VERSION = "([^"]+)"$', re.MULTILINE)
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)


def addon_package() -> bytes:
    """Return the add-on: a zip file with `__init__.py` and manifest.json at its root, the same bytes each time."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as packed:
        for name, content in sorted(_files()):
            member = ZipInfo(name, _FIRST_TIME)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            packed.writestr(member, content)
    return stream.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    folder = _folder()
    for path in folder.rglob("*.py"):
        yield path.relative_to(folder).as_posix(), path.read_bytes()
    version = _VERSION.search((folder / "core" / "__init__.py").read_text(encoding="utf-8"))
    assert version
    yield "manifest.json", json.dumps(_manifest(version[1]), indent=1).encode() + b"\n"


def _manifest(version: str) -> dict[str, object]:
    # Anki keeps the limits of an earlier version unless both are stated.
    return {
        "package": "trialdeck",
        "name": "Trialdeck",
        "human_version": version,
        "min_point_version": _LEAST_ANKI,
        "max_point_version": _TESTED_ANKI,
    }


def _folder() -> Path:
    """Return the folder of the add-on: in a source checkout it stands beside src."""
    shipped = Path(__file__).parents[2] / "addon"
    return shipped if shipped.is_dir() else Path(__file__).parents[4] / "addon" / "trialdeck_addon"
