"""The front page: which cards it shows, and the code that brings a package to a phone."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec
import segno
from markupsafe import Markup

from trialdeck.decks.description import CORE
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind
from trialdeck.records.model import Perspective
from trialdeck.site.model import Card
from trialdeck.site.trusted import safe

FACES = 3
"""How many cards the front page shows."""
_KEPT = 8


class Face(msgspec.Struct, frozen=True):
    """A card that the front page may show: its kind, its trial, and whether it is core."""

    kind: int
    trial: str
    is_core: bool
    card: Card


class Faces(msgspec.Struct, dict=True):
    """Gathers cards for the front page: one on mechanism, one with a result, and one across trials, core ones first."""

    found: list[list[Face]] = msgspec.field(default_factory=lambda: [[] for _ in range(FACES + 1)])

    def add(self, notes: Iterable[Note], cards: Sequence[Card]) -> None:
        """Add the notes of a page with its cards, which are named by their anchors."""
        by_anchor = {card.anchor.rpartition(".")[0]: card for card in reversed(cards)}
        for note in notes:
            card = by_anchor.get(f"card.{note.key.removeprefix(f'{note.trial}/').replace('/', '.')}")
            # Pictures and sounds lie beside the pages of trials, so no other page shows them.
            if card and not note.media:
                self._keep(Face(_kind_of(note), note.trial, CORE in note.tags, card))

    def _keep(self, face: Face) -> None:
        kept = self.found[face.kind]
        # One of each trial is enough, so that there is a choice of trials.
        if len(kept) < _KEPT and not any(other.trial == face.trial and other.is_core >= face.is_core for other in kept):
            kept.append(face)

    @cached_property
    def chosen(self) -> tuple[Card, ...]:
        """The cards for the front page, of different kinds and trials if there are such."""
        ranked = [sorted(kept, key=lambda face: not face.is_core) for kept in self.found]
        chosen: list[Face] = []
        for faces in ranked[:FACES]:
            named = {face.trial for face in chosen}
            chosen += ([face for face in faces if face.trial not in named] or faces)[:1]
        chosen += [face for faces in reversed(ranked) for face in faces if face not in chosen]
        return tuple(face.card for face in chosen[:FACES])


def _kind_of(note: Note) -> int:
    """Return the place of a note among the kinds that the front page shows; the last is that of all others."""
    if note.is_across_trials:
        return 2
    if note.kind is Kind.QUESTION and note.perspective is Perspective.MECHANISM:
        return 0
    return 1 if note.key.partition("/")[2].startswith("result/") else FACES


def code_of(address: str) -> Markup:
    """Return the QR code of an address as SVG, dark on light for every camera, also on a dark page."""
    code = segno.make(address, error="m", micro=False)
    return safe(
        code.svg_inline(scale=4, dark="#000", light="#fff", border=4, omitsize=True, svgclass="code", lineclass=None)
    )
