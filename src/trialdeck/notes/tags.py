"""The tags of a note, all below `trialdeck::`, apart from a learner's own tags."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from trialdeck.records.model import Audience, Perspective

ROOT = "trialdeck"


class Level(StrEnum):
    """Who should learn a note: everybody, or who wants more, or who appraises trials."""

    CORE = "core"
    MORE = "more"
    APPRAISAL = "appraisal"


@lru_cache(256)
def tags_of(  # noqa: PLR0913 - one parameter a kind of tag
    trial: str,
    perspective: Perspective,
    audience: tuple[Audience, ...],
    topics: tuple[str, ...],
    specialties: tuple[str, ...],
    *,
    core: bool = False,
    language: str = "",
) -> tuple[str, ...]:
    """Return the tags of a note.

    Args:
        trial: The id of its trial.
        perspective: Its perspective.
        audience: For whom it is.
        topics: The topics of its trial.
        specialties: The specialties that it concerns.
        core: Whether it is one of the few facts of the trial that everybody should know.
        language: The language of its labels; empty for English.

    Returns:
        The tags, sorted.

    """
    level = Level.CORE if core else Level.APPRAISAL if perspective is Perspective.REVIEWER else Level.MORE
    pairs = [("trial", trial), ("perspective", perspective), ("level", level)]
    pairs += [("language", language)] if language else []
    pairs += [("audience", name) for name in audience]
    pairs += [("topic", name) for name in topics]
    pairs += [("specialty", name) for name in specialties]
    return tuple(sorted(tag_of(kind, name) for kind, name in pairs))


def tag_of(kind: str, name: str) -> str:
    """Return the tag that says one thing of a note, for example `trialdeck::audience::fellow`."""
    return f"{ROOT}::{kind}::{name}"


RETIRED = f"{ROOT}::retired"
"""The tag of a note that its record no longer has."""

_EDITION = f"{ROOT}::edition::"


def edition_tag(edition: str) -> str:
    """Return the tag of the edition in which a note last changed."""
    return _EDITION + edition


def edition_of(tags: Iterable[str]) -> str:
    """Return the edition that a note's tags name, or nothing."""
    return next((tag.removeprefix(_EDITION) for tag in tags if tag.startswith(_EDITION)), "")


def own_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that say what a note is about, sorted: neither the mark of retirement nor the edition."""
    return tuple(sorted(tag for tag in tags if tag != RETIRED and not tag.startswith(_EDITION)))


def values_of(tags: Iterable[str], kind: str) -> tuple[str, ...]:
    """Return what the tags of one kind name, for example the audiences of `trialdeck::audience::…`."""
    prefix = f"{ROOT}::{kind}::"
    return tuple(tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix))
