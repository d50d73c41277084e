"""Which decks a build makes."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.errors import TrialdeckError
from trialdeck.records.settings import DeckDefinition, Split

BY_TRIAL = DeckDefinition(id="", name="", split=Split.TRIAL, subdecks=Split.NONE)
"""The deck of a project that defines none: one package a trial, named after it."""


class Wanted(msgspec.Struct, frozen=True):
    """Which decks a build makes: definitions of its own, or those of the project, or of these those with some ids.

    `reviewed_only` leaves out of all of them what nobody has reviewed. `refresh` names trials whose changed shared
    content is sent to learners who have their notes, by their ids; `*` stands for all of them. `allow` has the
    codes of changes that are not refused in this build, beside those that the project allows.
    """

    definitions: tuple[DeckDefinition, ...] = ()
    ids: tuple[str, ...] = ()
    reviewed_only: bool = False
    refresh: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()

    def among(self, defined: Sequence[DeckDefinition]) -> Sequence[DeckDefinition]:
        """Return the definitions to build; raises TrialdeckError where the project has not all that are named."""
        known = {definition.id: definition for definition in defined}
        for name in self.ids:
            if name not in known:
                hint = f"defined are: {', '.join(sorted(known))}" if known else "its decks folder defines none"
                raise TrialdeckError(f"the project has no deck definition '{name}'", hint)
        named = tuple(known[name] for name in dict.fromkeys(self.ids))
        chosen = self.definitions or named or tuple(defined) or (BY_TRIAL,)
        return tuple(map(_reviewed, chosen)) if self.reviewed_only else chosen


def _reviewed(definition: DeckDefinition) -> DeckDefinition:
    return replace(definition, select=replace(definition.select, reviewed_only=True))
