"""Build as the command line does with --by and filters, in one line."""

from collections.abc import Collection, Sequence
from pathlib import Path

from trialdeck.decks.deck_request import DeckRequest
from trialdeck.project import build as building
from trialdeck.project.build_result import BuiltPackage
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.settings import DeckDefinition, Selected, Split


def selection(
    perspectives: Collection[Perspective] = (), audiences: Collection[Audience] = (), specialties: Collection[str] = ()
) -> Selected:
    """Filters, as the command line has them."""
    return Selected(perspectives=tuple(perspectives), audiences=tuple(audiences), specialties=tuple(specialties))


def build(
    paths: Sequence[Path],
    split: Split,
    out: Path,
    built_at: int,
    select: Selected | None = None,
    allow: tuple[str, ...] = (),
) -> tuple[BuiltPackage, ...]:
    """Build packages of records and return them; what a build refuses may be allowed."""
    subdecks = Split.NONE if split is Split.TRIAL else Split.TRIAL
    wanted = DeckDefinition("", "", select=select or Selected(), split=split, subdecks=subdecks)
    return building.build(paths, DeckRequest((wanted,), allow=allow), out, built_at).built
