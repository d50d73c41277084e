"""Files of a site that wait on the disk until all of them are made, so that they need not be in memory together."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from trialdeck.core.files import refusals


class _Spooled(msgspec.Struct, frozen=True):
    path: Path
    digest: str
    size: int


class Spool(Mapping[str, bytes]):
    """Files by name, in the order in which they were put; their contents are read from a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _Spooled] = {}

    def put(self, name: str, content: bytes) -> None:
        """Add a file; one of the same name is replaced. Raises TrialdeckError if the disk refuses."""
        known = self._files.get(name)
        path = known.path if known else self._folder / str(len(self._files))
        with refusals(path):
            path.write_bytes(content)
        self._files[name] = _Spooled(path, sha256(content).hexdigest(), len(content))

    @property
    def sums(self) -> dict[str, str]:
        """The SHA-256 of each file, by name."""
        return {name: file.digest for name, file in self._files.items()}

    @property
    def size(self) -> int:
        """The size of all files, in bytes."""
        return sum(file.size for file in self._files.values())

    def __getitem__(self, name: str) -> bytes:
        return self._files[name].path.read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
