"""Put the add-on into `dist/trialdeck.ankiaddon`: a zip file with its files at the root, the same bytes each time."""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent / "trialdeck_addon"
LICENSE = SOURCE.parents[1] / "LICENSE"
TARGET = SOURCE.parents[1] / "dist" / "trialdeck.ankiaddon"
_ENDINGS = {".py", ".json", ".md", ".css", ".svg", ".png"}
_TIME = (1980, 1, 1, 0, 0, 0)


def contents() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the add-on, by their names in it."""
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in _ENDINGS and "__pycache__" not in path.parts:
            yield path.relative_to(SOURCE).as_posix(), path.read_bytes()
    yield LICENSE.name, LICENSE.read_bytes()


def make(target: Path = TARGET) -> Path:
    """Write the add-on, and return where it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents():
            member = zipfile.ZipInfo(name, _TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, compresslevel=9)
    return target


if __name__ == "__main__":
    made = make()
    sys.stdout.write(f"{made.relative_to(Path.cwd()) if made.is_relative_to(Path.cwd()) else made}\n")
