"""A `DeckRequest`: which decks a command wants, and decks made from its filters or a reader's profile."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.profile import Profile
from trialdeck.records.settings import DeckDefinition, Order, Selected, Split

BY_TRIAL = DeckDefinition(id="", name="", split=Split.TRIAL, subdecks=Split.NONE)
"""The deck of a project that defines none: one package a trial, named after it."""


class DeckRequest(msgspec.Struct, frozen=True):
    """Which decks a build makes: definitions of its own, else those of the project with some ids, else all of them.

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
        """Return the definitions to build; raises TrialdeckError if the project lacks one that is named."""
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


def ad_hoc_deck(select: Selected, split: Split = Split.TRIAL) -> DeckDefinition:
    """Return the deck of what passes filters: below the root, without a name of its own."""
    subdecks = Split.NONE if split is Split.TRIAL else Split.TRIAL
    return DeckDefinition("", "", select=select, split=split, subdecks=subdecks)


def personal(profile: Profile, select: Selected, split: Split = Split.TRIAL) -> DeckDefinition:
    """Return the deck of what passes filters and is meant for a reader, or for everybody; own takeaways come first."""
    select = replace(select, audiences=(profile.stage,), specialties=profile.specialties)
    who = ", ".join(word.replace("-", " ") for word in (profile.stage, *profile.specialties))
    whom = f"{escape_markdown(profile.name)} ({who})" if profile.name else f"a reader ({who})"
    description = f"Made for {whom}: takeaways for this role come first."
    return replace(ad_hoc_deck(select, split), description=description, order=Order.TAKEAWAYS)
