"""Put notes into decks, and decks into packages, as a deck definition says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, zip_longest

from trialdeck.cards.note import Note
from trialdeck.decks.selection import takes_note, takes_tombstone, takes_trial
from trialdeck.records.model import Media, Perspective, Trial
from trialdeck.records.settings import DeckDefinition, Order, Split


@dataclass(frozen=True, slots=True)
class Chapter:
    """One trial and its notes, in the order of its record."""

    trial: Trial
    notes: tuple[Note, ...]

    @property
    def deck_name(self) -> str:
        """The last part of the names of this trial's decks."""
        return self.trial.acronym or self.trial.id


@dataclass(frozen=True, slots=True)
class Placed:
    """A note, the chapter that it is taken from, and the deck that its cards go to, as Anki names it."""

    note: Note
    chapter: Chapter
    deck: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """What goes into one .apkg file.

    `stem` names the file, `title` the deck above all of its decks. `placed` are the notes in the order in which their
    cards are learned; `tombstones` have no cards and no deck. `description` is HTML.
    """

    stem: str
    title: str
    placed: tuple[Placed, ...]
    tombstones: tuple[Note, ...] = ()
    description: str = ""

    @property
    def decks(self) -> dict[str, list[Note]]:
        """The notes that have cards, by the name of their deck; each stands in one deck only."""
        decks: dict[str, list[Note]] = {}
        for each in self.placed:
            decks.setdefault(each.deck, []).append(each.note)
        return decks

    @property
    def media(self) -> tuple[Media, ...]:
        """The pictures and sounds of its notes, by name; each once."""
        found = {media.name: media for each in self.placed for media in each.note.media}
        return tuple(found[name] for name in sorted(found))

    @property
    def cards(self) -> int:
        """The number of cards."""
        return sum(len(each.note.cards) for each in self.placed)


def arrange(
    definition: DeckDefinition, root: str, chapters: Iterable[Chapter], tombstones: Sequence[Note]
) -> tuple[Package, ...]:
    """Return the packages of one definition below the deck `root`; a part of which nothing is left gives none."""
    chapters = tuple(chapters)
    homes = _homes(chapters)
    chosen = sorted(
        (chapter for chapter in chapters if takes_trial(definition.select, chapter.trial)),
        key=lambda chapter: chapter.trial.id,
    )
    stones = [
        stone for stone in tombstones if takes_tombstone(definition.select, stone, homes.get(stone.trial, stone.trial))
    ]
    above = [name for name in (root, definition.name) if name]
    packages = []
    for part in _parts(definition, chosen, stones):
        title = "::".join([*above, part.deck] if part.deck else above)
        placed = _in_decks(part.notes, title, definition.subdecks)
        if placed or not all(map(_is_of_trial, part.stones)):
            stem = "-".join(name for name in (definition.id, part.name) if name)
            packages.append(Package(stem, title, _in_order(placed, definition.order), tuple(part.stones)))
    return tuple(packages)


@dataclass(frozen=True, slots=True)
class _Part:
    """What goes into one package: its name in the file's name, the name of its deck, and its notes."""

    name: str
    deck: str
    notes: list[Placed]
    stones: list[Note]


def _parts(definition: DeckDefinition, chapters: Sequence[Chapter], stones: Sequence[Note]) -> Iterator[_Part]:
    match definition.split:
        case Split.TRIAL:
            yield from _parts_by_trial(definition, chapters, stones)
        case Split.PERSPECTIVE:
            notes = _taken(definition, chapters)
            for perspective in Perspective:
                of_this = [each for each in notes if each.note.perspective is perspective]
                retired = [stone for stone in stones if stone.perspective is perspective]
                yield _Part(perspective, perspective.capitalize(), of_this, retired)
        case Split.NONE:
            yield _Part("", "", _taken(definition, chapters), list(stones))


def _parts_by_trial(definition: DeckDefinition, chapters: Sequence[Chapter], stones: Sequence[Note]) -> Iterator[_Part]:
    homes = _homes(chapters)
    for chapter in chapters:
        own = [stone for stone in stones if homes.get(stone.trial) == chapter.trial.id or _is_of_trial(stone)]
        yield _Part(chapter.trial.id, chapter.deck_name, _taken(definition, [chapter]), own)
    # A trial whose record is gone: its package goes on, so that its learners hear of it.
    for gone in sorted({stone.trial for stone in stones if stone.trial not in homes and not _is_of_trial(stone)}):
        yield _Part(gone, gone, [], [stone for stone in stones if stone.trial == gone])


def _homes(chapters: Iterable[Chapter]) -> dict[str, str]:
    """Return the ids of trials by all the ids that they ever had."""
    return {name: chapter.trial.id for chapter in chapters for name in (*chapter.trial.formerly, chapter.trial.id)}


def _is_of_trial(stone: Note) -> bool:
    """Whether this was the note of a trial itself, which stands in the packages of all trials that name it."""
    return stone.key == f"{stone.trial}/trial"


def _taken(definition: DeckDefinition, chapters: Sequence[Chapter]) -> list[Placed]:
    """Take each note once: Anki would take a guid that comes twice in a package for two notes.

    A note stands in the chapter of its own trial if there is one, else in the first whose record names it.
    """
    homes = {chapter.trial.id for chapter in chapters}
    taken: dict[str, Placed] = {}
    for chapter in chapters:
        for note in chapter.notes:
            at_home = note.trial == chapter.trial.id or note.trial not in homes
            if at_home and note.cards and takes_note(definition.select, note):
                taken.setdefault(note.key, Placed(note, chapter))
    return list(taken.values())


def _in_decks(notes: Iterable[Placed], title: str, subdecks: Split) -> list[Placed]:
    return [Placed(each.note, each.chapter, "::".join([title, *_subdeck(each, subdecks)])) for each in notes]


def _subdeck(each: Placed, subdecks: Split) -> list[str]:
    match subdecks:
        case Split.TRIAL:
            return [each.chapter.deck_name]
        case Split.PERSPECTIVE:
            return [each.note.perspective.capitalize()]
        case Split.NONE:
            return []


def _in_order(placed: Sequence[Placed], order: Order) -> tuple[Placed, ...]:
    match order:
        case Order.RECORD:
            return tuple(placed)
        case Order.INTERLEAVED:
            by_trial: dict[str, list[Placed]] = {}
            for each in placed:
                by_trial.setdefault(each.chapter.trial.id, []).append(each)
            rounds = chain.from_iterable(zip_longest(*by_trial.values()))
            return tuple(each for each in rounds if each is not None)
        case Order.SHUFFLED:
            return tuple(sorted(placed, key=lambda each: sha256(each.note.guid.encode()).digest()))
