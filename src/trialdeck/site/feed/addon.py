"""The add-on for Anki, as one file that a learner installs: a site brings it along, so that nobody has to look for it.

`python -m trialdeck.site.feed.addon FOLDER` writes it into a folder.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from trialdeck.core.files import replace_file

ADDON = "trialdeck.ankiaddon"
"""The file on a site."""
_LICENSE = "LICENSE"
_ENDINGS = {".py", ".json", ".md", ".css", ".svg", ".png"}
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)
_SHIPPED = Path(__file__).parents[2] / "addon"
"""Where a wheel has the files; in a source checkout they stand beside src."""
_CHECKOUT = Path(__file__).parents[4]


def addon_package() -> bytes:
    """Return the add-on: a zip file with `__init__.py` and manifest.json at its root, the same bytes each time."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as packed:
        for name, content in sorted(_files()):
            member = ZipInfo(name, _FIRST_TIME)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            packed.writestr(member, content, compresslevel=9)
    return stream.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    is_shipped = _SHIPPED.is_dir()
    folder = _SHIPPED if is_shipped else _CHECKOUT / "addon" / "trialdeck_addon"
    for path in folder.rglob("*"):
        if path.suffix in _ENDINGS and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
    yield _LICENSE, ((_SHIPPED if is_shipped else _CHECKOUT) / _LICENSE).read_bytes()


if __name__ == "__main__":
    replace_file(Path(sys.argv[1]) / ADDON, addon_package())
