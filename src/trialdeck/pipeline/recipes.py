"""Recipes: the digest of all that a package is made from, so that one that is up to date is not made again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter

import msgspec

from trialdeck.decks.arrange import Package
from trialdeck.decks.description import describe
from trialdeck.decks.editions import day_of
from trialdeck.decks.ledger import Line, encoded
from trialdeck.pipeline.codec import digest
from trialdeck.pipeline.fingerprint import program
from trialdeck.pipeline.linking import Links
from trialdeck.pipeline.views import Part, View, part_of, parts_seen
from trialdeck.records.model import Perspective
from trialdeck.records.settings import DeckDefinition, ProjectSettings

_AGE = attrgetter("changed", "edition")
"""What parts are compared by to find the newest."""


class Recipes(msgspec.Struct, frozen=True, dict=True):
    """What packages are made from: the views of all trials, the lines of note types and of retired notes by guid."""

    settings: ProjectSettings
    links: Links
    views: Mapping[str, View]
    types: Sequence[Line]
    retired: Mapping[str, Line]
    _of_definitions: dict[tuple[str, str], tuple[str, bytes]] = msgspec.field(default_factory=dict)

    @cached_property
    def looks(self) -> dict[str, int]:
        """When each note type last changed, by its kind."""
        return {line.key.rpartition("/")[2]: line.changed for line in self.types}

    def edition(self, parts: Iterable[Part]) -> str:
        """Return the edition of a package: the project's, or else the one in which anything in it last changed."""
        changed, edition = max(map(_AGE, (*parts, self._types)))
        return self.settings.edition or edition or day_of(changed)

    @cached_property
    def _types(self) -> Part:
        return part_of(self.types)

    @property
    def last_edition(self) -> str:
        """The edition of all packages together."""
        return self.edition(part for view in self.views.values() for part in view.parts)

    def of(self, package: Package) -> tuple[bytes, str]:
        """Return the digest of all that a package is made from, and its description."""
        stones = [self.retired[stone.guid] for stone in package.tombstones]
        found = [*self._parts(package), part_of(stones)]
        description, common = self._common(package.definition, self.edition(found))
        order = (self.views[chapter.id].inputs for chapter in package.chapters if package.perspective is None)
        names = (f"{chapter.id} {chapter.deck_name}".encode() for chapter in package.chapters)
        said = (package.title.encode(), (package.perspective or "").encode())
        return digest(common, *said, *names, *order, *(part.digest for part in found)), description

    def _common(self, definition: DeckDefinition, edition: str) -> tuple[str, bytes]:
        """Return the description of all packages of a definition, and the digest of what else they have in common."""
        if (definition.id, edition) not in self._of_definitions:
            description = describe(definition, self.settings, edition)
            said = msgspec.msgpack.encode([definition, description, self.looks])
            self._of_definitions[definition.id, edition] = description, digest(program(), said, self._types.digest)
        return self._of_definitions[definition.id, edition]

    def _parts(self, package: Package) -> Iterator[Part]:
        for chapter in package.chapters:
            yield from parts_seen(self.views, chapter.id, package.perspective)
            # The notes of trials are clinical.
            if package.perspective in {None, Perspective.CLINICAL}:
                for name in self.links.related(chapter.outline):
                    if name in self.views:
                        yield self.views[name].trial

    def rows_of(self, package: Package) -> bytes:
        """Return the lines of a package's tombstones as they stand in the ledger."""
        return encoded(self.retired[stone.guid] for stone in package.tombstones)
