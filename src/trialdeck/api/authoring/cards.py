"""Cards as Anki shows them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from trialdeck.api.projects import Project, StrPath
from trialdeck.cards.card import Card, CardFace, Origin, cards_of
from trialdeck.cards.outline import Outline, Outliner, addresses_of
from trialdeck.cards.preview import CardPreview, RecordCards
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import Package
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.context import BuildOptions
from trialdeck.records.discovery import ENDINGS, Place, file_signature, records_of
from trialdeck.records.editing.apply import apply
from trialdeck.records.editing.change import Change
from trialdeck.records.load import load_record_text
from trialdeck.records.settings import DeckDefinition, Split
from trialdeck.yamlfile.document import content_of

_WHOLE = DeckDefinition(id="", name="", split=Split.NONE, subdecks=Split.NONE)
"""All cards of a project in one deck, in the order of study."""


class Cards:
    """The cards of a project; see `open_cards`. Threads may share it.

    What it knows of the records stays in memory, without their texts. Each call looks for files that have changed, and
    reads only these: of a thousand records, a call about one reads one.
    """

    def __init__(self, project: Project) -> None:
        self._outliner = Outliner(project.path, BuildOptions(project.workers, "", project.cache))
        self._ordered: tuple[Outline, dict[str, tuple[Card, ...]]] | None = None

    def decks(self) -> dict[str, str]:
        """Return the names of the project's deck definitions, by their ids.

        >>> import trialdeck as td
        >>> td.open_cards(td.load(".")).decks()["landmark-trials"]
        'All Trials'
        """
        return {definition.id: definition.name for definition in self._outliner.current().definitions}

    def in_order(self, deck: str = "") -> tuple[Card, ...]:
        """Return the cards of a deck in the order in which Anki brings new ones, package by package.

            >>> import trialdeck as td
            >>> first = td.open_cards(td.load(".")).in_order("landmark-trials")[0]
            >>> first.key, first.due, first.is_core
            ('aspire/trial', 1, True)

        Args:
            deck: The id of a deck definition; by default, all cards of the project are one deck, in the order of study.

        Returns:
            The cards of the records without errors; their texts are read when `Card.face` is called.

        Raises:
            TrialdeckError: There are no records, or there is no such deck.
        """
        outline = self._outliner.current()
        if self._ordered is None or self._ordered[0] is not outline:
            self._ordered = outline, {}
        ordered = self._ordered[1]
        if deck not in ordered:
            definition = DeckRequest(ids=(deck,)).among(outline.definitions)[0] if deck else _WHOLE
            packages = outline.packages(definition)
            ordered[deck] = tuple(card for package in packages for card in self._of_package(package, outline))
        return ordered[deck]

    def left_out(self) -> tuple[str, ...]:
        """Return the records that give no cards because they have errors, by themselves or beside others.

        >>> import trialdeck as td
        >>> td.open_cards(td.load(".")).left_out()
        ()
        """
        outline = self._outliner.current()
        sound = {member.path for member in outline.references.by_id.values()}
        return tuple(sorted(held.member.path for held in outline.held.values() if held.member.path not in sound))

    def of(self, file: StrPath) -> tuple[Card, ...]:
        """Return the cards of one record as its file is now, in its order.

            >>> import trialdeck as td
            >>> cards = td.open_cards(td.load(".")).of("seeds/aspire.yaml")
            >>> {card.key: card.perspective for card in cards}["aspire/question/what-carfilzomib-adds"]
            'mechanism'

        Raises TrialdeckError if the file is no record of the project, cannot be read, or has errors.
        """
        return self._record(file, None).all()

    def preview(
        self,
        file: StrPath,
        entry: Sequence[str | int] = (),
        *,
        text: str | bytes | None = None,
        changes: Iterable[Change] = (),
    ) -> CardPreview:
        """Return the cards that ask one entry of a record; errors elsewhere in the record do not matter.

            >>> import trialdeck as td
            >>> typed = td.Change(("questions", 0, "question"), "What, in a word, does carfilzomib do?")
            >>> preview = td.open_cards(td.load(".")).preview("seeds/aspire.yaml", ("questions", 0), changes=[typed])
            >>> preview.cards[0].key, "in a word" in preview.cards[0].face().front
            ('aspire/question/what-carfilzomib-adds', True)

        Args:
            file: The file of the record.
            entry: The path of the entry, or of a part of it: `("questions", 0, "response")`; by default, the trial.
            text: The record as its author has it, if that is not saved yet; by default the file is read.
            changes: What the author has typed since. It is shown even if somebody else has changed the same meanwhile.

        Raises:
            TrialdeckError: The file is no record of the project, or cannot be read; or values are to be changed in a
                text that is no YAML or JSON.
        """
        shown = Path(file).as_posix()
        content = text.encode() if isinstance(text, str) else text
        if typed := tuple(changes):
            content = _with(content_of(self._checked(file), shown) if content is None else content, typed, shown)
        return self._record(file, content).preview(entry)

    def _checked(self, file: StrPath) -> Path:
        """Return the real path of a record; raises TrialdeckError if it is none of the project."""
        real = Path(os.path.realpath(file))
        if not real.is_relative_to(os.path.realpath(records_of(self._outliner.path))) or not real.name.endswith(
            ENDINGS
        ):
            hint = "name a file in its folder of records that ends in .yaml or .json"
            raise TrialdeckError(f"{os.fspath(file)} is not a record of this project", hint)
        return real

    def _record(self, file: StrPath, content: bytes | None) -> RecordCards:
        """Read a record, whose content may be given; the other records are read when a card needs them."""
        real, shown = self._checked(file), Path(file).as_posix()
        given = content_of(real, shown) if content is None else content
        record = load_record_text(given, shown, Path(file).parent)
        place = Place(shown, str(real), file_signature(real))
        return RecordCards(record, place, addresses_of(records_of(self._outliner.path)), self._outliner.current)

    def _of_package(self, package: Package, outline: Outline) -> Iterator[Card]:
        """Yield the cards of a package in the order in which they are due."""
        found: list[Card] = []
        for placed in package.placed:
            member = outline.references.by_id[placed.trial_notes.id]
            origin = Origin(member.path, placed.trial_notes.deck_name)
            found += cards_of(placed.note, origin, partial(self._face, member.path), placed, package.title)
        yield from sorted(found, key=lambda card: card.due)

    def _face(self, file: str, note: Note, ordinal: int) -> CardFace:
        for card in self.of(file):
            if (card.key, card.ordinal) == (note.key, ordinal):
                return card.face()
        raise TrialdeckError(f"{file} has no card {note.key} any more", "look at the list of cards again")


def _with(content: bytes, changes: Sequence[Change], shown: str) -> bytes:
    """Return a record with what its author has typed, whatever stands there by now."""
    outcome = apply(content, changes, shown)
    again = [replace(conflict.change, was=conflict.now) for conflict in outcome.conflicts if not conflict.is_gone]
    return apply(outcome.content, again, shown).content if again else outcome.content


def open_cards(project: Project) -> Cards:
    """Return the cards of a project, of its records or of one of them; nothing is read before it is asked for.

        >>> import trialdeck as td
        >>> cards = td.open_cards(td.load("."))

    Args:
        project: The project; with a `cache`, the first look at all of its cards is faster.
    """
    return Cards(project)


def card_style() -> str:
    """Return the style sheet of all our note types; Anki gives it to cards in an element `<body class="card">`.

    >>> import trialdeck as td
    >>> ".card.nightMode" in td.card_style()
    True
    """
    return note_type(Kind.QUESTION).style
