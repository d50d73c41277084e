"""The add-on for Anki, as one file that learners install: a site has it, so that nobody has to look for it."""

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ADDON = "trialdeck.ankiaddon"
"""The file on a site."""
_ENDINGS = frozenset({".py", ".json"})
_LICENSE = "LICENSE"
_TIME = (1980, 1, 1, 0, 0, 0)


def addon_package() -> bytes:
    """Return the add-on: a zip file with its files at the root, the same bytes each time."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as packed:
        for name, content in sorted(_files()):
            member = ZipInfo(name, _TIME)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            packed.writestr(member, content, compresslevel=9)
    return stream.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    shipped = Path(__file__).parents[2] / "addon"
    if shipped.is_dir():
        folder, license_file = shipped, shipped / _LICENSE
    else:  # a source checkout
        root = Path(__file__).parents[4]
        folder, license_file = root / "addon" / "trialdeck_addon", root / _LICENSE
    for path in folder.rglob("*"):
        if path.suffix in _ENDINGS:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
    yield _LICENSE, license_file.read_bytes()
