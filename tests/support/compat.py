"""Measure in real Anki what learners keep when a deck's records are edited, and write docs/compatibility.md."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anki_releases import (
    DELETE_EMPTY_CARDS,
    OUTLINE,
    RELEASES,
    REPORT,
    Card,
    Note,
    Release,
    Report,
    Step,
    add_tag,
    answer,
    forget,
    go_back,
    keep,
    run,
    set_fields,
    turn_back,
)
from editions import DAY, EDITS, STUDIED_KEYS, Edit, Edition, Published, publish_all
from folders import ROOT
from packages import open_package

PAGE = ROOT / "docs" / "compatibility.md"

STUDIED, FORGOTTEN = 15, 2
OWN_WORDS, OWN_TAG, TAGGED = "my own words", "mine::again", "frost-1/question/why"
RETIRED = "trialdeck::retired"


@dataclass(frozen=True)
class Outcome:
    """What one edit did in one release.

    A learner of the first edition `before` and `after` the later ones: `counts` are those of the last edition's
    imports, `again` those of the same edition built and imported once more. Then Empty Cards deletes what it lists, and
    the edition is imported again: `tidied`. A `newcomer` has the last edition only, by trial; `checked` is the same
    after Check Database. A `latecomer` has the last two editions, by perspective. Where there are more than two
    editions, a `hasty` learner of the first one has imported all others on one day.
    """

    published: Published
    before: Report
    counts: Sequence[Mapping[str, int]]
    again: Sequence[Mapping[str, int]]
    after: Report
    tidied: Report
    newcomer: Report
    checked: Report
    latecomer: Report
    hasty: Report | None = None

    @property
    def new(self) -> int:
        """How many notes Anki says it has added."""
        return sum(count["new"] for count in self.counts)

    @property
    def updated(self) -> int:
        """How many notes Anki says it has updated."""
        return sum(count["updated"] for count in self.counts)

    @property
    def schedules_kept(self) -> int:
        """How many cards of before have the deck and the schedule that they had."""
        later = self.after.schedules
        return sum(later.get(card) == schedule for card, schedule in self.before.schedules.items())

    @property
    def words_kept(self) -> int:
        """How many notes have the words that the learner wrote into them."""
        return sum(note.fields["Extra"] == OWN_WORDS for note in self.after.notes)

    @property
    def texts_kept(self) -> int:
        """How many retired notes say on their cards whatever they said before, beside why they are retired."""
        keys = [key for key in self.published.edit.retired if self.after.cards_of(key)]
        return sum(_texts(self.after.note(key)) == _texts(self.before.note(key)) for key in keys)

    @property
    def reasons_shown(self) -> int:
        """How many retired cards show on their front why they are retired."""
        says = self.published.edit.says
        return sum(bool(says) and says in card.question for card in retired_cards(self.after))

    @property
    def caught_up(self) -> int:
        """How many of the notes that have changed are with the hasty learner as they are with everybody."""
        assert self.hasty
        there = {note.key: note.fields for note in self.hasty.notes}
        return sum(there.get(key) == self.after.note(key).fields for key in self.published.edit.touched)

    @property
    def emptied(self) -> set[tuple[str, int]]:
        """The learner's cards that Anki's Empty Cards lists, by guid and ordinal."""
        return {(note["guid"], ordinal) for note in self.after.empty for ordinal in note["ordinals"]}


def _texts(note: Note) -> dict[str, str]:
    """Return the note's own texts and its source, with the answers of a statement in place."""
    texts = {name: value for name, value in note.fields.items() if name not in {"Retired", "Extra", "About"}}
    return {name: re.sub(r"\{\{c[0-9]+::(.*?)(?:::.*?)?\}\}", r"\1", value) for name, value in texts.items()}


def retired_cards(report: Report) -> list[Card]:
    """Return the cards that a search for the tag of retired notes finds."""
    return [card for note, card in report.rendered() if RETIRED in note.tags]


Matrix = Mapping[Release, Mapping[str, Outcome]]


def measure(release: Release, published: Sequence[Published]) -> dict[str, Outcome]:
    """Return the outcome of every edit, by its name: all of them in one process, each from the same state."""
    learner = [*_learner(published[0].first), keep("learned"), REPORT]
    stories = [list(_story(each)) for each in published]
    results = iter(run(release, *learner, *(step for story in stories for part in story for step in part)))
    *_, before = [next(results) for _ in learner]
    given = [[[next(results) for _ in part] for part in story] for story in stories]
    return {
        each.edit.name: Outcome(each, before, counts, again, *_reports(*rest))
        for each, (_, counts, _, again, *rest) in zip(published, given, strict=True)
    }


def _reports(*parts: Sequence[Any]) -> list[Report]:
    return [given for part in parts for given in part if isinstance(given, Report)]


def _learner(first: Edition) -> Iterator[Path | Step]:
    """Yield what the learner does with the first edition: studies, writes into every note, tags one."""
    guids = {key: guid for package in first.packages for key, guid in open_package(package).guids.items()}
    yield from first.packages
    yield answer(STUDIED, (guids[key] for key in STUDIED_KEYS))
    yield forget(FORGOTTEN)
    yield set_fields("Extra", OWN_WORDS)
    yield add_tag(guids[TAGGED], OWN_TAG)
    yield turn_back(first.built_at + DAY)


def _story(published: Published) -> Iterator[list[Path | Step]]:
    """Yield the parts of an edit's story: the learner's, then those of the newcomer and the latecomer."""
    former, last = published.former, published.last
    yield [go_back("learned"), *_imports(published.editions[1:-1])]
    yield [*last.packages]
    yield [turn_back(last.built_at + DAY)]
    # Those by perspective have the same notes and cards.
    yield [*published.again.by_trial]
    yield [REPORT, DELETE_EMPTY_CARDS, *last.by_trial, OUTLINE]
    yield [go_back(), *last.by_trial, OUTLINE, OUTLINE]
    yield [go_back(), *former.by_perspective, turn_back(former.built_at + DAY), *last.by_perspective, OUTLINE]
    if len(published.editions) > 2:
        packages = [package for edition in published.editions[1:] for package in edition.packages]
        yield [go_back("learned"), *packages, OUTLINE]


def _imports(editions: Iterable[Edition]) -> Iterator[Path | Step]:
    """Yield what imports editions, each a day after it was built."""
    for edition in editions:
        yield from edition.packages
        yield turn_back(edition.built_at + DAY)


def page(matrix: Matrix, edits: Sequence[Edit] = EDITS) -> str:
    """Return the compatibility page, with rows for all edits or for some."""
    outcomes = next(iter(matrix.values()))
    learner = next(iter(outcomes.values())).before
    counts = {"notes": len(learner.notes), "cards": len(learner.cards), "studied": STUDIED}
    retiring = [edit for edit in edits if edit.retired]
    returning = [edit for edit in edits if len(edit.changes) > 1 and edit.touched]
    parts = [
        _INTRODUCTION.format(**counts),
        _table("The author's edit", matrix, edits, _kept),
        _RETIREMENT,
        _table("The author's edit", matrix, retiring, _retired),
        _NEWCOMER,
        _table("The author's edit", matrix, edits, _newcomer),
        _HASTE,
        _table("The author's edit", matrix, returning, _hasty),
    ]
    return "\n".join(parts)


_INTRODUCTION = """\
# What learners keep when a deck changes

Measured in real Anki, with its default import options: a learner imports the first edition of three invented trials, by
trial and by perspective ({notes} notes, {cards} cards), studies {studied} cards, writes words of their own into every
note, and tags one. Then the author makes one edit and builds the next edition, and the learner imports all of its
packages, as if on the day after. Each edit starts from that same state. `make compat` measures all of this again and
writes this page.

## A learner of the first edition

How many notes the import updates, how many cards keep their deck and schedule, and how many notes keep what the learner
wrote into them. A note that is updated has the author's new content in place of the learner's.
"""
_RETIREMENT = """\
## Notes that were taken out

What was retired stays in the learner's collection with its schedule; its cards say when and why, and have the tag
`trialdeck::retired`. How many cards have it, how many of them Anki's Tools → Empty Cards lists, and how many are there
when Empty Cards has deleted what it lists and the edition is imported once more. Then: how many of the retired notes
keep their texts (question, response, picture, source), and, where the author gave a reason,
how many of the cards show it. A retired card has both sides on its front, because Anki shows no back of a card whose
front counts as empty: *Show Answer* of a retired statement gives Anki's own page, *No cloze 1 found on card*. The text
of an entry that was deleted comes from the packages of the edition before, if they are in the output folder.
"""
_NEWCOMER = """\
## A learner of the last edition only

How many cards somebody gets who imports the last edition and no other. Where notes were taken out: how many of their
cards come with it, and how many are there after Tools → Check Database, which gives every note a card; Empty Cards
lists these.
"""


_HASTE = """\
## A learner who imports two editions on one day

From 2.1.56 to 24.11, Anki stamps a note that it updates with the time of the import. A note that changed in both
editions then counts as newer than the second one, and stays as it was in the first. Import the newest edition only; it
has everything. How many of the notes that changed in both are as in the last edition.
"""


def _table(corner: str, matrix: Matrix, edits: Sequence[Edit], cell: Callable[[Outcome], str]) -> str:
    heads = [_head(each) for each in matrix]
    rows = [[edit.name, *(cell(outcomes[edit.name]) for outcomes in matrix.values())] for edit in edits]
    lines = [[corner, *heads], ["---"] * (len(heads) + 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _head(release: Release) -> str:
    return f"{release.version}, {release.importer} importer" if release.importer else release.version


def columns(text: str, releases: Sequence[Release], edits: Sequence[Edit] = EDITS) -> str:
    """Return the text of the page with the columns of these releases and the rows of these edits alone."""
    wanted = [0, *(1 + RELEASES.index(release) for release in releases)]
    others = {edit.name for edit in EDITS} - {edit.name for edit in edits}

    def narrowed(line: str) -> str:
        cells = line.strip("| ").split(" | ")
        return f"| {' | '.join(cells[index] for index in wanted)} |" if line.startswith("| ") else line

    kept = (line for line in text.splitlines() if line.strip("| ").partition(" | ")[0] not in others)
    return "".join(f"{narrowed(line)}\n" for line in kept)


def _kept(outcome: Outcome) -> str:
    added = f", {outcome.new} new" if outcome.new else ""
    updated = f"{outcome.updated} of {len(outcome.before.notes)} updated{added}"
    return f"{updated} · {outcome.schedules_kept} schedules kept · {outcome.words_kept} own texts kept"


def _retired(outcome: Outcome) -> str:
    marked = retired_cards(outcome.after)
    listed = [card for card in marked if (card.guid, card.ordinal) in outcome.emptied]
    counts = f"{len(marked)} retired · {len(listed)} listed · {len(retired_cards(outcome.tidied))} afterwards"
    texts = f"{outcome.texts_kept} of {len(outcome.published.edit.retired)} texts kept"
    reasons = f" · {outcome.reasons_shown} reasons shown" if outcome.published.edit.says else ""
    return f"{counts} · {texts}{reasons}"


def _newcomer(outcome: Outcome) -> str:
    cards = f"{len(outcome.newcomer.cards)} cards"
    if not outcome.published.edit.retired:
        return cards
    retired, checked = retired_cards(outcome.newcomer), retired_cards(outcome.checked)
    return f"{cards} · {len(retired)} retired · {len(checked)} after Check Database"


def _hasty(outcome: Outcome) -> str:
    return f"{outcome.caught_up} of {len(outcome.published.edit.touched)} notes"


def main() -> None:
    """Measure everything and write the page."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as processes:
        published = publish_all(Path(folder))
        outcomes = processes.map(lambda release: measure(release, published), RELEASES)
        PAGE.write_text(page(dict(zip(RELEASES, outcomes, strict=True))), encoding="utf-8")


if __name__ == "__main__":
    main()
