"""Build the notes of a trial, in the order of its record."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.core.words import translate, words_in
from trialdeck.markdown.cloze import parse_cloze, uncovered
from trialdeck.markdown.language import in_language
from trialdeck.markdown.render import render, render_cloze, render_inline
from trialdeck.notes.footer import (
    Footer,
    citation_html,
    data_cuts_html,
    figures_html,
    footer_review_html,
    media_names,
    source_html,
)
from trialdeck.notes.glance import glance_html
from trialdeck.notes.links import Addresses, link_fields
from trialdeck.notes.lists import POINTS, Points
from trialdeck.notes.note import Note, OwnNotes, Slot, key_of, new_note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.prompts.fronts import header_html, takeaway_front, text_front
from trialdeck.notes.results import comparisons_of, result_back, result_front
from trialdeck.notes.retirement import ONE_BY_ONE, READING, retired_html, retired_note, undated
from trialdeck.notes.study_order import Purpose, is_of_safety, step_of
from trialdeck.notes.tags import tags_of
from trialdeck.records.asked import asked_points, is_asked, is_text_asked, statements_are_core
from trialdeck.records.entries import cited_by, current, last_retired
from trialdeck.records.model import (
    Cloze,
    Entry,
    Figure,
    Item,
    Question,
    Result,
    Retirement,
    Review,
    Source,
    Takeaway,
    Trial,
)
from trialdeck.records.sections import (
    LIST_SECTIONS,
    QUESTIONS,
    RESULTS,
    SUMMARY,
    TAKEAWAYS,
    TEXT_SECTIONS,
    Section,
)

_NOWHERE = Addresses()


def notes_of(trial: Trial, trials: Mapping[str, Note], addresses: Addresses = _NOWHERE) -> tuple[Note, ...]:
    """Return all notes of one record, in its order.

    Args:
        trial: The trial.
        trials: The note of every trial, by id.
        addresses: The addresses of the project.

    Returns:
        The notes.

    """
    return tuple(own_notes(trial, addresses).completed(trials.__getitem__))


def own_notes(trial: Trial, addresses: Addresses = _NOWHERE) -> OwnNotes:
    """Return the notes that need nothing but this record; `addresses` are those of the project."""
    notes: list[Note] = []
    slots: list[Slot] = []
    with words_in(trial.language) as language:
        about = in_language(glance_html(trial), language)
        for item in _Notes(trial, about, addresses, language).all():
            if isinstance(item, Note):
                notes.append(item)
            else:
                slots.append(Slot(len(notes), item.trial))
    return OwnNotes(tuple(notes), tuple(slots))


class _Notes(msgspec.Struct, frozen=True):
    """Builds the notes of one trial; `language` is that of the words which `translate` returns, empty for English."""

    trial: Trial
    about: str
    addresses: Addresses
    language: str

    def all(self) -> Iterator[Note | Slot]:
        yield Slot(0, trial=self.trial.id)
        for section in TEXT_SECTIONS:
            yield from self.text_section(section)
        for section in LIST_SECTIONS:
            yield from self.list_section(section)
        for result in self.trial.results:
            yield from self.result(result)
        for question in self.trial.questions:
            yield from self.question(question)
        for related in current(self.trial.related_trials):
            yield Slot(0, trial=related.id)
        for takeaway in self.trial.takeaways:
            yield self.current(TAKEAWAYS, self.takeaway(takeaway), takeaway)

    @property
    def name(self) -> str:
        return render_inline(self.trial.name)

    def worded(self, html: str, element: str = "div") -> str:
        """Return HTML with words of `translate`, marked with their language."""
        return in_language(html, self.language, element)

    def text(self, markdown: str) -> str:
        return in_language(render(markdown), self.trial.language)

    def text_section(self, section: Section) -> Iterator[Note]:
        text: str = getattr(self.trial, section.property)
        if not is_blank(text):
            sides = {"Question": self.worded(text_front(section, self.name)), "Response": self.text(text)}
            figures = self.trial.figures if section is SUMMARY else ()
            path = (section.slug,)
            note = self.made(path, path, sides, self.of_section(section), self.footer(None, None), figures=figures)
            yield note if is_text_asked(self.trial, section) else retired_note(note, undated(READING))

    def list_section(self, section: Section) -> Iterator[Note]:
        every: Sequence[Item] = getattr(self.trial, section.property)
        items = current(every) or last_retired(every)
        if items:
            yield from self.points(Points(self.trial, section, tuple(items)))
        for item, cloze in ((owner, cloze) for owner in every for cloze in owner.cloze):
            yield self.retired(section, self.cloze(cloze, item, section), item.retired)

    def points(self, points: Points) -> Iterator[Note]:
        """Yield the two notes of a list: the whole, which only learners of early editions have, and its points."""
        section, retirements = points.section, [item.retired for item in points.items]
        asked = asked_points(self.trial, section, points.items)
        cited = [name for item in points.items for name in cited_by(item, self.trial)]
        footer = self.footer(None, points.review, cited)
        figures = [figure for item in points.items for figure in item.figures]
        text, cards = points.asked(self.name, asked)
        whole = {"Question": self.worded(points.head(self.name)), "Response": points.whole()}
        for path, sides, ordinals, is_live in (
            ((section.slug,), whole, (0,), False),
            ((section.slug, POINTS), {"Text": text}, cards, bool(asked)),
        ):
            note = self.made(path, path, sides, self.of_section(section, asked), footer, ordinals, figures)
            if any(retirements):
                yield self.retired(section, note, *retirements)
            else:
                yield note if is_live else retired_note(note, undated(ONE_BY_ONE if asked else READING))

    def of_section(self, section: Section, asked: Sequence[Item] = ()) -> Purpose:
        """Return the purpose of the note of a whole section; that of points is for an audience if all of them are."""
        audiences = {item.audience for item in asked}
        return Purpose(
            section.perspective,
            step_of(section, section.perspective),
            next(iter(audiences)) if len(audiences) == 1 else (),
            self.trial.specialties,
            any(item.core for item in asked),
        )

    def question(self, question: Question) -> Iterator[Note]:
        own = self.entry(question, QUESTIONS, self.text(question.question), self.text(question.response))
        yield self.current(QUESTIONS, own, question)
        for cloze in question.cloze:
            yield self.retired(QUESTIONS, self.cloze(cloze, question, QUESTIONS), question.retired)

    def result(self, result: Result) -> Iterator[Note]:
        if result.states_numbers:
            back, picture = result_back(result, self.trial.name, comparisons_of(self.trial, result))
            front = self.worded(result_front(result, self.name))
            note = self.entry(result, RESULTS, front, self.worded(back), self.worded(picture))
            yield self.current(RESULTS, note, result)

    def takeaway(self, takeaway: Takeaway) -> Note:
        front = self.worded(takeaway_front(self.trial, takeaway, self.name))
        return self.entry(takeaway, TAKEAWAYS, front, self.text(takeaway.text))

    def cloze(self, cloze: Cloze, owner: Item | Question, section: Section) -> Note:
        numbers = parse_cloze(cloze.text).numbers
        return self.made(
            (section.slug, owner.id, "cloze", cloze.id),
            (section.slug, owner.first_id, "cloze", cloze.id),
            {"Text": in_language(render_cloze(cloze.text), self.trial.language)},
            self.purpose_of(owner, section, core=statements_are_core(self.trial, owner, section)),
            self.footer(owner.source, owner.review, cited_by(owner, self.trial)),
            tuple(number - 1 for number in numbers),
            owner.figures,
        )

    def entry(self, entry: Entry, section: Section, front: str, back: str, picture: str = "") -> Note:
        """Return the note of one entry.

        Args:
            entry: The entry.
            section: Its section.
            front: The front as HTML.
            back: The back as HTML.
            picture: The plot of a result as HTML, or empty.

        Returns:
            The note.

        """
        return self.made(
            (section.slug, entry.id),
            (section.slug, entry.first_id),
            {"Question": front, "Response": back, "Picture": picture},
            self.purpose_of(entry, section, core=entry.core),
            self.footer(entry.source, entry.review, cited_by(entry, self.trial), getattr(entry, "analysis", "")),
            figures=getattr(entry, "figures", ()),
            guid=entry.guid if isinstance(entry, Question) else "",
        )

    def purpose_of(self, entry: Entry, section: Section, *, core: bool) -> Purpose:
        specialties = entry.specialties if isinstance(entry, Takeaway) else self.trial.specialties
        step = step_of(section, entry.perspective, is_safety=is_of_safety(self.trial, entry))
        return Purpose(entry.perspective, step, entry.audience, specialties, core)

    def current(self, section: Section, note: Note, entry: Question | Result | Takeaway) -> Note:
        """Return the note of an entry: as it is, retired by its record, or retired because no card asks the entry."""
        if entry.retired or is_asked(self.trial, entry):
            return self.retired(section, note, entry.retired)
        return retired_note(note, undated(READING))

    def retired(self, section: Section, note: Note, *retirements: Retirement | None) -> Note:
        """Return a note as it is, or as a retired one where the entries of a list that it is made from are retired."""
        stated = [retirement for retirement in retirements if retirement]
        return retired_note(note, retired_html(self.trial, section.property, stated)) if stated else note

    def tags(self, purpose: Purpose) -> tuple[str, ...]:
        return tags_of(
            self.trial.id,
            purpose.perspective,
            purpose.audience,
            self.trial.topics,
            purpose.specialties,
            core=purpose.core,
            language=self.language,
        )

    def footer(
        self, source: Source | None, review: Review | None, cited: Sequence[str] = (), analysis: str = ""
    ) -> Footer:
        """Return source and review: those of an entry, or else of the record, and the results it cites."""
        results = [result for result in self.trial.results if result.id in cited]
        own = (source_html(source), data_cuts_html(results)) if source else (data_cuts_html(results),)
        stated = source or self.trial.source
        return Footer(source_html(stated, results), review or self.trial.review, own, citation_html(stated, analysis))

    def made(  # noqa: PLR0913, PLR0917 - the one place where a note is put together
        self,
        path: tuple[str, ...],
        first_path: tuple[str, ...],
        sides: Mapping[str, str],
        purpose: Purpose,
        footer: Footer,
        cards: tuple[int, ...] = (0,),
        figures: Sequence[Figure] = (),
        guid: str = "",
    ) -> Note:
        """Put a note of the type Question or Cloze together: sides, figures, then what both types share.

        Args:
            path: The key of the note, behind the trial's id.
            first_path: The key that it had first.
            sides: The fields that its type alone has, and its picture; `Text` makes it a cloze note.
            purpose: Whom it is for, and when it is learned.
            footer: Its source and review.
            cards: The ordinals of its cards.
            figures: The pictures and sounds below the answer.
            guid: The guid that the record states, or empty.

        Returns:
            The note.

        """
        trial = self.trial
        key = key_of(trial.id, *path)
        kind = Kind.CLOZE if "Text" in sides else Kind.QUESTION
        shared = {
            "Picture": sides.get("Picture", "") + figures_html(figures),
            "Trial": header_html(trial, self.name, sides),
            "Perspective": str(purpose.perspective),
            "Audience": ", ".join(map(translate, purpose.audience)),
            "Citation": footer.citation,
            "Source": footer.source,
            "Review": self.worded(footer_review_html(footer.review), "span"),
            "About": self.about,
            "Key": key,
        }
        specialties = purpose.specialties
        said = (uncovered(sides.get("Text", "")), sides.get("Question", ""), sides.get("Response", ""))
        links = link_fields(self.addresses, key, said, cards[0] if cards else 0)
        return new_note(
            key=key,
            identity=key_of(trial.first_id, *first_path),
            kind=kind,
            fields=note_type(kind).filled(**{**sides, **shared, **links}),
            cards=cards,
            tags=self.tags(purpose),
            trial=trial.id,
            perspective=purpose.perspective,
            audience=purpose.audience,
            specialties=specialties,
            signed=footer.review.signature,
            disputed=footer.review.is_disputed,
            media=media_names(figures),
            guid=guid,
            own=(*footer.own_texts, *(specialties if specialties != trial.specialties else ())),
            step=purpose.step,
        )
