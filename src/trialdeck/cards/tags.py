"""The tags of a note; all below `trialdeck::`, so that a learner's own tags never meet them."""

from collections.abc import Iterable

from trialdeck.records.model import Audience, Perspective

ROOT = "trialdeck"


def tags_of(
    trial: str,
    perspective: Perspective,
    audience: Iterable[Audience],
    topics: Iterable[str],
    specialties: Iterable[str],
) -> tuple[str, ...]:
    """Return the tags of a note, sorted."""
    pairs = [("trial", trial), ("perspective", perspective)]
    pairs += [("audience", name) for name in audience]
    pairs += [("topic", name) for name in topics]
    pairs += [("specialty", name) for name in specialties]
    return tuple(sorted(f"{ROOT}::{kind}::{name}" for kind, name in pairs))
