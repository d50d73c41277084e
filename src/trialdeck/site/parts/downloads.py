"""The packages of the site: grouped by deck definition, with sizes and checksums."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import takewhile

import msgspec

from trialdeck.decks.counts import Tally, tally_entry
from trialdeck.decks.description import CORE
from trialdeck.decks.package_plan import Package, TrialNotes
from trialdeck.decks.selection import begins_deck
from trialdeck.markdown.render import render
from trialdeck.notes.tags import values_of
from trialdeck.records.settings import Order
from trialdeck.records.slugs import unique
from trialdeck.site.model import Download, Group
from trialdeck.site.trusted import outlined
from trialdeck.site.whole import Counts

PACKAGES = "packages"
"""The folder of the packages."""
MANY = 20
"""The number of packages from which a deck definition has a page of its own."""


class Holding(msgspec.Struct):
    """What one package holds, counted note by note."""

    notes: int = 0
    cards: int = 0
    trials: set[str] = msgspec.field(default_factory=set)


class Survey(msgspec.Struct):
    """What all packages hold, gathered in one pass, so that the notes of a large project need not be in memory.

    `trials` are the trials from which any package takes notes, `packed` the guids of all notes with cards, `first` the
    keys of the takeaways at the beginning of a deck, `holdings` what each package holds, by its stem.
    """

    trials: dict[str, TrialNotes] = msgspec.field(default_factory=dict)
    packed: set[str] = msgspec.field(default_factory=set)
    first: set[str] = msgspec.field(default_factory=set)
    holdings: dict[str, Holding] = msgspec.field(default_factory=dict)
    media: dict[str, bytes] = msgspec.field(default_factory=dict)
    _tally: Tally = msgspec.field(default_factory=Tally)
    _core: dict[str, int] = msgspec.field(default_factory=dict)
    _core_trials: set[str] = msgspec.field(default_factory=set)

    def add(self, package: Package) -> None:
        """Add what a package holds."""
        held = self.holdings.setdefault(package.stem, Holding())
        begins = package.definition.order is Order.TAKEAWAYS
        media: set[str] = set()
        for note, trial_notes in package.taken():
            held.notes += 1
            held.cards += len(note.cards)
            held.trials.add(trial_notes.id)
            self.trials.setdefault(trial_notes.id, trial_notes)
            self.packed.add(note.guid)
            self._tally.add(tally_entry(note))
            media.update(note.media)
            if CORE in note.tags:
                self._core[note.guid] = len(note.cards)
                self._core_trials.update(values_of(note.tags, "trial")[:1])
            if begins and begins_deck(package.definition.select, note):
                self.first.add(note.key)
        self.media.update((medium.name, medium.content) for medium in package.media_among(media - self.media.keys()))

    @property
    def counts(self) -> Counts:
        """Return the counts, each note once."""
        tally = self._tally
        return Counts(tally.notes, tally.cards, tally.reviewed, sum(self._core.values()), len(self._core_trials))


def groups_of(
    packages: Iterable[Package], survey: Survey, content: Callable[[str], bytes], root: str
) -> Iterator[Group]:
    """Yield the packages of each deck definition, which share a description and a parent deck.

    Args:
        packages: All packages.
        survey: What they hold.
        content: Returns the bytes of a package by the name of its file.
        root: The name of the deck above all decks.
    """
    grouped: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        grouped.setdefault((package.definition.description, package.title.rpartition("::")[0]), []).append(package)
    names = [members[0].title if len(members) == 1 else above for (_, above), members in grouped.items()]
    slugs = unique([_common_words([package.stem for package in members]) for members in grouped.values()], "decks")
    for name, slug, ((description, _), members) in zip(names, slugs, grouped.items(), strict=True):
        yield Group(
            name=_below_root(name, root),
            description=outlined(render(description), 3),
            downloads=tuple(
                _download(package, survey.holdings[package.stem], content(f"{package.stem}.apkg"), root)
                for package in members
            ),
            page=f"decks/{slug}.html" if len(members) >= MANY else "",
        )


def _common_words(stems: Sequence[str]) -> str:
    """Return the words that the files of packages begin with; usually the id of their definition."""
    words = takewhile(lambda parts: len(set(parts)) == 1, zip(*(stem.split("-") for stem in stems), strict=False))
    return "-".join(parts[0] for parts in words)


def _below_root(title: str, root: str) -> str:
    return " › ".join(title.removeprefix(root).removeprefix("::").split("::")) or root


def _download(package: Package, held: Holding, content: bytes, root: str) -> Download:
    return Download(
        title=_below_root(package.title, root),
        file=f"{PACKAGES}/{package.stem}.apkg",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        notes=held.notes,
        cards=held.cards,
        trials=tuple(sorted(held.trials)),
    )


def downloads_by_trial(groups: Iterable[Group]) -> Mapping[str, Sequence[Download]]:
    """Return the packages with notes of a trial, by its id; those with the fewest trials come first."""
    by_trial: dict[str, list[Download]] = {}
    for download in sorted((item for group in groups for item in group.downloads), key=lambda item: len(item.trials)):
        for trial in download.trials:
            by_trial.setdefault(trial, []).append(download)
    return by_trial


def main_download(groups: Iterable[Group], counts: Counts) -> Download | None:
    """Return the package that the front page offers first: the one with all notes, or the first of all."""
    downloads = [download for group in groups for download in group.downloads]
    whole = [download for download in downloads if download.notes == counts.notes]
    return next(iter([*whole, *downloads]), None)


def shared_trials(groups: Iterable[Group]) -> bool:
    """Tell whether several deck definitions hold notes of one trial, so that a learner should choose one of them."""
    counts = Counter(trial for group in groups for trial in {name for item in group.downloads for name in item.trials})
    return any(count > 1 for count in counts.values())
