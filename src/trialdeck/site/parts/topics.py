"""The pages of topics: the trials of each, and the forests that set them side by side."""

from collections.abc import Iterable, Iterator, Mapping

from trialdeck.markdown.cloze import uncovered
from trialdeck.notes.across.forest_note import topic_title
from trialdeck.notes.note import ACROSS, Note
from trialdeck.notes.note_types import note_type
from trialdeck.site.cards import cards_of
from trialdeck.site.model import Listed
from trialdeck.site.trusted import on_page
from trialdeck.site.whole import ForestView, Topic


def topics_of(trials: Iterable[Listed], forests: Iterable[Note], titles: Mapping[str, str]) -> Iterator[Topic]:
    """Yield the topics of trials; first those to which the project gives a title, in its order, then by their titles.

    Args:
        trials: The trials with pages.
        forests: The notes across trials that stand in packages.
        titles: The titles of topics in the settings of the project.
    """
    members: dict[str, list[Listed]] = {}
    for trial in trials:
        for topic in trial.topics:
            members.setdefault(topic, []).append(trial)
    across: dict[str, list[Note]] = {}
    for note in sorted(forests, key=lambda note: note.key):
        across.setdefault(note.trial.removeprefix(ACROSS), []).append(note)
    order = list(titles)
    named = sorted((topic_title(topic, titles), topic) for topic in members.keys() | across.keys())
    for title, topic in sorted(named, key=lambda name: order.index(name[1]) if name[1] in titles else len(order)):
        listed = sorted(members.get(topic, ()), key=lambda trial: (trial.name.casefold(), trial.id))
        yield Topic(topic, title, tuple(listed), tuple(_views(topic, across.get(topic, ()))))


def _views(topic: str, notes: Iterable[Note]) -> Iterator[ForestView]:
    number = 0
    for note in notes:
        text = note.fields[note_type(note.kind).field_names.index("Text")]
        cards = tuple(cards_of(f"{ACROSS}{topic}", [note], after=number))
        number += len(cards)
        # The first paragraph asks for the hidden row: nothing is hidden here.
        yield ForestView(on_page(uncovered(text).partition("</p>")[2], 2), cards)
