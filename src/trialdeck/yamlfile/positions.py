"""Positions in a file: indexes while reading, lines and columns when asked for."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from trialdeck.core.problem import FileLocation, Location

DataPath = tuple[str | int, ...]

_LINE_START = re.compile(r"\r\n|\n|\r")


class Places:
    """Turns an index into the text of a file into a location.

    YAML counts U+0085, U+2028 and U+2029 as line breaks; editors do not, so the parser's own line numbers are not used.
    """

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_START.finditer(self._text))]

    def line_and_column(self, index: int) -> tuple[int, int]:
        """Return line and column of an index, from 1; of the end of the text where the index is negative."""
        index = len(self._text) if index < 0 else index
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def location(self, index: int) -> FileLocation:
        """Return the location of an index; of the end of the text if the index is negative."""
        return FileLocation(self._path, *self.line_and_column(index))


ROOT = -1
"""The number of the row around the whole document."""

NO_KEY = -1
"""The position of the key of an item of a list, which has none."""

Row = tuple[int, str | int, int, int]
"""The number of the row of what a value is part of, its key there, and the indexes of its key and of itself."""


class Marks:
    """Rows about the values of a file, in the order of the file; their paths are made at the first request.

    A path that is there twice, because a key is, or because a second document follows, stands where it was first.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._paths: list[DataPath] = []
        self._keys: dict[DataPath, int] = {}
        self._values: dict[DataPath, int] = {}

    def path(self, number: int) -> DataPath:
        """Return the path of a row."""
        self._spell_out()
        return self._paths[number]

    def keys(self) -> dict[DataPath, int]:
        """Return where the keys start."""
        self._spell_out()
        return self._keys

    def values(self) -> dict[DataPath, int]:
        """Return where the values start."""
        self._spell_out()
        return self._values

    def _spell_out(self) -> None:
        paths = self._paths
        # Rows may have come since the last time.
        for parent, key, key_start, start in self.rows[len(paths) :]:
            path = () if parent == ROOT else (*paths[parent], key)
            paths.append(path)
            if key_start != NO_KEY:
                self._keys.setdefault(path, key_start)
            self._values.setdefault(path, start)


class Locations(Mapping[DataPath, Location]):
    """The locations of keys or values by path; their indexes are spelled out when the first is asked for."""

    def __init__(self, places: Places, starts: Callable[[], Mapping[DataPath, int]]) -> None:
        self._places = places
        self._starts = starts

    def __getitem__(self, path: DataPath) -> Location:
        return self._places.location(self._starts()[path])

    def __contains__(self, path: object) -> bool:
        return path in self._starts()

    def __iter__(self) -> Iterator[DataPath]:
        return iter(self._starts())

    def __len__(self) -> int:
        return len(self._starts())
