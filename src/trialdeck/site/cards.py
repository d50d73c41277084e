"""The cards of a trial's page, with their two sides."""

from collections.abc import Collection, Iterator, Sequence

from trialdeck.decks.package_plan import TrialNotes
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.links import anchor_of
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.sections import DISCUSSIONS, QUESTIONS, RELATED_TRIALS, SECTIONS, Section
from trialdeck.site.anki_template import card_html, render_side
from trialdeck.site.model import Card
from trialdeck.site.trusted import on_page

_HEADING_ABOVE = 3


OTHERS = "other-cards"
"""The section of a page for cards whose own section it does not show."""
TRIAL = "trial"
"""The section of a page that the cards of the trial itself stand beside: the trial at a glance."""


def notes_on_page(trial_notes: TrialNotes, pages: Collection[str], packed: set[str]) -> Iterator[Note]:
    """Yield the notes of a trial's page: its own, those across trials, and those of trials that have no page.

    Each note stands on one page, so it is taken out of `packed`.

    Args:
        trial_notes: The trial and its notes.
        pages: The ids of all trials with a page.
        packed: The guids of the notes in packages that stand on no page yet.
    """

    def is_at_home(name: str) -> bool:
        return name == trial_notes.id or name not in pages

    for note in trial_notes.notes(is_at_home):
        if note.guid in packed:
            packed.remove(note.guid)
            yield note


def section_anchor(section: Section) -> str:
    """Return the anchor of a section on a page."""
    return section.property.replace("_", "-")


def section_of(note: Note, trial: str) -> str:
    """Return the slug of the section of a trial's page beside which the cards of a note stand."""
    if note.is_of_trial:
        return TRIAL if note.trial == trial else section_anchor(RELATED_TRIALS)
    slug = note.key.split("/")[1]
    if slug == QUESTIONS.slug:
        return next(each.slug for each in DISCUSSIONS if note.perspective in each.perspectives)
    return next((section_anchor(section) for section in SECTIONS if section.slug == slug), slug)


def cards_of(trial: str, notes: Sequence[Note], after: int = 0) -> Iterator[Card]:
    """Yield the cards of the page of a trial, in the order of its notes; the first has the number `after` + 1."""
    cards = [(note, ordinal) for note in notes for ordinal in note.cards]
    for number, (note, ordinal) in enumerate(cards, start=after + 1):
        sides = card_html(note, ordinal)
        asks, answers = _question_and_answer(note) if ordinal == note.cards[0] else ("", "")
        yield Card(
            anchor=anchor_of(trial, note.key, ordinal),
            number=number,
            name=_name(note, ordinal),
            section="" if note.is_across_trials else section_of(note, trial),
            perspective=note.perspective,
            audience=note.audience,
            is_reviewed=note.reviewed,
            front=on_page(sides.front, _HEADING_ABOVE),
            back=on_page(sides.back, _HEADING_ABOVE),
            asks=asks,
            answers=answers,
        )


def _name(note: Note, ordinal: int) -> str:
    templates = note_type(note.kind).templates
    return templates[0].name if note.kind is Kind.CLOZE else templates[ordinal].name


def _question_and_answer(note: Note) -> tuple[str, str]:
    """Return the question and the answer of a note, as plain text; a cloze statement has no question."""
    fields = dict(zip(note_type(note.kind).field_names, note.fields, strict=True))
    match note.kind:
        case Kind.QUESTION:
            return readable(fields["Question"]), readable(fields["Response"])
        case Kind.CLOZE:
            whole = render_side("{{cloze:Text}}", fields, note.cards[0] + 1, is_front=False)
            return "", readable(f"{whole} {fields['Back']}")
        case Kind.TRIAL:
            statements = (fields[name] for name in ("Title", "Tested", "Population", "Comparator", "Endpoint"))
            return readable(fields["Name"]), " · ".join(readable(text) for text in statements if text)
