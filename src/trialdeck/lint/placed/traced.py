"""A document that remembers which value each of its problems is about."""

from collections.abc import Iterable, Iterator

import msgspec

from trialdeck.core.problem import Location, Problem
from trialdeck.yamlfile.document import DataPath, Document


class TracedDocument(Document, frozen=True):
    """A document that remembers the paths that were asked for, and those of its problems.

    A rule asks for the location of a value, and makes a problem at that very location. What a location alone cannot
    say is kept so: an entry and its first property start at one place, and a value that is missing has none.
    """

    asked: dict[int, tuple[Location, DataPath]] = msgspec.field(default_factory=dict)
    paths: dict[Problem, DataPath] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> "TracedDocument":
        """Return the same document, which remembers from now on."""
        return cls(document.path, document.data, document.keys, document.values)

    def spot(self, *path: str | int) -> Location:
        """Return the location of a value, and remember which it is of."""
        return self._remembered(super().spot(*path), path)

    def key_spot(self, *path: str | int) -> Location:
        """Return the location of a key, and remember which it is."""
        return self._remembered(super().key_spot(*path), path)

    def problem(self, code: str, spot: Location, message: str, hint: str = "") -> Problem:
        """Make a problem of this file, and remember which value it is about.

        Args:
            code: A key of `trialdeck.core.codes.CODES`.
            spot: Where the problem is.
            message: What is wrong.
            hint: What to do about it.

        Returns:
            The problem.

        """
        problem = super().problem(code, spot, message, hint)
        known, path = self.asked.get(id(spot), (None, ()))
        if known is spot:
            self.paths.setdefault(problem, path)
        return problem

    def path_of(self, problem: Problem) -> DataPath:
        """Return the path of the value that a problem is about: as it was made, or by its location."""
        known = self.paths.get(problem)
        return self._at(problem.line, problem.column) if known is None else known

    def _remembered(self, location: Location, path: DataPath) -> Location:
        # The location is kept, so that no other object gets its number.
        self.asked[id(location)] = location, path
        return location

    def _at(self, line: int, column: int) -> DataPath:
        """Return the path of the last value that starts at a place or before it; an entry before its first property."""
        before = [
            ((place.line, place.column), -len(path), path)
            for path, place in self._located()
            if (place.line, place.column) <= (line, column)
        ]
        return max(before, default=((0, 0), 0, ()), key=lambda found: found[:2])[2]

    def _located(self) -> Iterator[tuple[DataPath, Location]]:
        for places in (self.keys, self.values):
            items: Iterable[tuple[DataPath, Location]] = places.items()
            yield from items
