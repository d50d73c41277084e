"""The description that Anki shows below a deck: what is in it, what to search for, its edition, how to update it."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from trialdeck.core.text import counted
from trialdeck.decks.package_plan import PlacedNote
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_inline, render_link, render_plain
from trialdeck.notes.footer import address_html, review_html
from trialdeck.notes.note_types import note_type
from trialdeck.notes.tags import RETIRED, edition_tag, tag_of
from trialdeck.records.model import Audience, Perspective, Review
from trialdeck.records.settings import DeckDefinition, ProjectSettings

_NAMED = 4
"""How many trials a description names."""
_VIEW = {
    Perspective.MECHANISM: "how the treatments work",
    Perspective.CLINICAL: "what the results mean at the bedside",
    Perspective.REVIEWER: "how the trials hold up to a reviewer",
}
_LEARNERS = (Audience.STUDENT, Audience.RESIDENT, Audience.FELLOW, Audience.ATTENDING)
_ENDS = (".", "?", "!")
CORE = tag_of("level", "core")


class DeckFacts(msgspec.Struct):
    """What is in one deck, counted note by note; `trials` are the trials by id, as HTML: name and title.

    `is_shared` says that other packages bring notes into the same deck, so that no package knows all of it.
    """

    notes: int = 0
    cards: int = 0
    reviewed: int = 0
    core: int = 0
    is_across: bool = False
    is_shared: bool = False
    audiences: Counter[Audience] = msgspec.field(default_factory=Counter)
    perspectives: set[Perspective] = msgspec.field(default_factory=set)
    trials: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)

    def add(self, placed: PlacedNote) -> None:
        """Count a note."""
        note = placed.note
        self.notes += 1
        self.cards += len(note.cards)
        self.reviewed += note.reviewed
        self.core += CORE in note.tags
        self.is_across |= note.is_across_trials
        self.audiences.update(note.audience)
        self.perspectives.add(note.perspective)
        trial = placed.trial_notes.id
        if note.trial == trial and trial not in self.trials:
            fields = dict(zip(note_type(note.kind).field_names, note.fields, strict=True))
            self.trials[trial] = fields.get("Trial") or fields["Name"], fields.get("Title", "")


def describe(
    definition: DeckDefinition, settings: ProjectSettings, edition: str, others: Sequence[DeckDefinition] = ()
) -> str:
    """Return what the descriptions of all decks of a definition have in common, as HTML.

    Only from 24.11 on could Anki show Markdown.

    Args:
        definition: The deck definition.
        settings: The settings of the project.
        edition: The edition of the package.
        others: Other definitions of the project that hold the same notes.
    """
    facts = [f"Edition {render_plain(edition)}"]
    facts += [f"by {render_plain(', '.join(settings.authors))}"] if settings.authors else []
    facts += [render_inline(settings.license)] if settings.license else []
    facts += [render_link(settings.homepage, settings.homepage)] if settings.homepage else []
    update = (
        "<b>To update</b>, import the newer file as it is: your scheduling and your notes stay. "
        f"What is new: search <code>tag:{render_plain(edition_tag(edition))}</code>. What the authors have taken out "
        f"is marked as retired: Tools → Empty Cards removes it, and <code>tag:{RETIRED}</code> finds it."
    )
    paragraphs = [" · ".join(facts), update]
    paragraphs += [_choice(others)] if others else []
    paragraphs += [f"<b>Report errors</b> to {address_html(settings.report)}."] if settings.report else []
    return render(definition.description) + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _choice(others: Sequence[DeckDefinition]) -> str:
    names = _listed([f"“{render_plain(other.name)}”" for other in others])
    return (
        f"<b>Please choose one way</b>: {names} {'holds' if len(others) == 1 else 'hold'} the same notes. Anki keeps a "
        "card in the deck that brought it first, so that a deck imported later may look empty."
    )


def describe_deck(facts: DeckFacts) -> str:
    """Return what is the own of a deck, as HTML: one sentence, its counts, and what a learner can search for in it."""
    if not facts.notes:
        return ""
    if facts.is_shared:
        return f"<p>{_sentence(facts)}</p>"
    reviewed = "all" if facts.reviewed == facts.notes else str(facts.reviewed) if facts.reviewed else "none"
    counts = f"{counted(facts.notes, 'note')}, {counted(facts.cards, 'card')}; {reviewed} of them reviewed"
    paragraphs = [_sentence(facts), counts if facts.notes > 1 else counts.replace(" of them", "")]
    searches = [f"{words} <code>{render_plain(search)}</code>" for words, search in searches_in(facts)]
    if searches:
        paragraphs.append(f"<b>Search</b> in the browser: {'; '.join(searches)}.")
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def searches_in(facts: DeckFacts) -> Iterator[tuple[str, str]]:
    """Yield searches that find something in the deck that is open in Anki, each after its words."""
    if facts.core:
        yield "the core cards", f"tag:{CORE} deck:current"
    if facts.audiences:
        # A learner looks for a role of learners; within them, for the one that has most.
        order = list(Audience).index
        audience = min(facts.audiences, key=lambda name: (name not in _LEARNERS, -facts.audiences[name], order(name)))
        yield f"cards for the {audience.replace('-', ' ')}", f"tag:{tag_of('audience', audience)} deck:current"
    if facts.reviewed < facts.notes:
        yield "what is not yet reviewed", f'"Review:*{review_html(Review())}*" deck:current'


def _sentence(facts: DeckFacts) -> str:
    (view,) = [_VIEW[name] for name in facts.perspectives] if len(facts.perspectives) == 1 else [""]
    if facts.is_across:
        return f"{_names(facts)}: one endpoint side by side, never compared head to head."
    if len(facts.trials) == 1:
        ((name, title),) = facts.trials.values()
        head = f"<b>{name}</b>{f', {view}' if view else ''}"
        return f"{head}{f': {title}' if title else ''}{'' if readable(title).endswith(_ENDS) else '.'}"
    return f"{_names(facts)}{f': {view}' if view else ''}."


def _names(facts: DeckFacts) -> str:
    names = [f"<b>{name}</b>" for name, _ in facts.trials.values()]
    more = len(names) - _NAMED
    if more > 1:
        names[_NAMED:] = [f"{more} more trials"]
    return _listed(names) or "Several trials"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
