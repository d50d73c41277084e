"""Note types and notes as genanki models and notes, also for a user's own genanki script.

Imported only where they are needed: to import genanki takes long, because it brings asyncio.
"""

from bisect import bisect
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import genanki

from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import edition_tag

if TYPE_CHECKING:
    from trialdeck.notes.note import Note


class GenankiModel(genanki.Model):  # type: ignore[misc]
    """One of our note types, with the stable ids of its fields and templates."""

    def __init__(self, kind: Kind) -> None:
        self._note_type = note_type(kind)
        super().__init__(
            self._note_type.id,
            self._note_type.name,
            fields=[{"name": field.name} for field in self._note_type.fields],
            templates=[
                {"name": template.name, "qfmt": template.front, "afmt": template.back}
                for template in self._note_type.templates
            ],
            css=self._note_type.style,
            model_type=self.CLOZE if kind is Kind.CLOZE else self.FRONT_BACK,
        )

    @property
    def _req(self) -> list[list[Any]]:
        """The field that each template needs: genanki would guess it wrong from templates with conditions."""
        names = self._note_type.field_names
        return [
            [ordinal, "any", [names.index(template.needs)]]
            for ordinal, template in enumerate(self._note_type.templates)
        ]

    def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
        """Return the note type as a collection stores it; see `trialdeck.notes.note_types` for what the ids do."""
        stored: dict[str, Any] = super().to_json(timestamp, deck_id)
        for part, ours in zip(stored["flds"], self._note_type.fields, strict=True):
            part["id"] = ours.id
        for part, our in zip(stored["tmpls"], self._note_type.templates, strict=True):
            part["id"] = our.id
        return stored


class GenankiCard(genanki.Card):  # type: ignore[misc]
    """A card that has its own place among the new cards: genanki gives all cards of a note the same."""

    def __init__(self, ordinal: int, due: int) -> None:
        super().__init__(ordinal)
        self._due = due

    def write_to_db(self, cursor: Any, timestamp: float, deck_id: int, note_id: int, ids: Any, _due: int = 0) -> None:
        """Write the card; the place that the note would give it does not count."""
        super().write_to_db(cursor, timestamp, deck_id, note_id, ids, self._due)


class GenankiNote(genanki.Note):  # type: ignore[misc]
    """One of our notes, with the cards that it has here; `edition` adds the tag of that edition.

    `due` says when each card is due; if it is empty, all of them come at the place of the note in its deck.
    """

    def __init__(self, note: "Note", *, edition: str = "", due: Sequence[int] = ()) -> None:
        tags = _with_edition(note.tags, edition) if edition else note.tags
        super().__init__(genanki_model(note.kind), list(note.fields), tags=tags, guid=note.guid)
        self._ordinals, self._due = note.cards, due

    @property
    def cards(self) -> list[genanki.Card]:
        """The cards of the note: none if it is retired, which genanki cannot know from its fields."""
        if not self._due:
            return [genanki.Card(ordinal) for ordinal in self._ordinals]
        return [GenankiCard(ordinal, due) for ordinal, due in zip(self._ordinals, self._due, strict=True)]

    def _check_invalid_html_tags_in_fields(self) -> None:
        """Skip the check: our fields are sanitised HTML, in which genanki takes a line break in a tag for a fault."""


@cache
def genanki_model(kind: Kind) -> GenankiModel:
    """Return a note type as genanki's, the same object each time."""
    return GenankiModel(kind)


def _with_edition(tags: Sequence[str], edition: str) -> tuple[str, ...]:
    """Return sorted tags with that of an edition in its place."""
    added = edition_tag(edition)
    position = bisect(tags, added)
    return (*tags[:position], added, *tags[position:])
