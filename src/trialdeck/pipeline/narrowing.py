"""Decks that a call narrows down by itself: by filters, or by the profile of a reader."""

from msgspec.structs import replace

from trialdeck.cards.markup import escape_markdown
from trialdeck.records.profile import Profile
from trialdeck.records.settings import DeckDefinition, Order, Selected, Split


def narrowed(select: Selected, split: Split = Split.TRIAL) -> DeckDefinition:
    """Return the deck of what passes filters: below the root, without a name of its own."""
    subdecks = Split.NONE if split is Split.TRIAL else Split.TRIAL
    return DeckDefinition("", "", select=select, split=split, subdecks=subdecks)


def personal(profile: Profile, select: Selected, split: Split = Split.TRIAL) -> DeckDefinition:
    """Return the deck of what passes filters and is meant for a reader, or for everybody; own takeaways come first."""
    select = replace(select, audiences=(profile.stage,), specialties=profile.specialties)
    who = ", ".join(word.replace("-", " ") for word in (profile.stage, *profile.specialties))
    whom = f"{escape_markdown(profile.name)} ({who})" if profile.name else f"a reader ({who})"
    description = f"Made for {whom}: takeaways for this role come first."
    return replace(narrowed(select, split), description=description, order=Order.TAKEAWAYS)
