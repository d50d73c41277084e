"""Build the notes of a trial, in the order of its record."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.markdown.language import in_language
from trialdeck.markdown.render import render, render_cloze, render_inline
from trialdeck.notes.footer import (
    Footer,
    about_html,
    citation_html,
    data_cuts_html,
    figures_html,
    footer_review_html,
    media_names,
    source_html,
)
from trialdeck.notes.links import Addresses, link_fields
from trialdeck.notes.lists import Points
from trialdeck.notes.note import Note, OwnNotes, Slot, extract_path, key_of, new_note, without_deletions
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.prompts import takeaway_front, text_front
from trialdeck.notes.results import comparisons_of, result_back, result_front
from trialdeck.notes.retirement import retired_html, retired_note
from trialdeck.notes.tags import tags_of
from trialdeck.records.entries import cited_by, current, last_retired
from trialdeck.records.model import (
    Audience,
    Cloze,
    Entry,
    Figure,
    Item,
    Perspective,
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
    for item in _Notes(trial, about_html(trial), addresses).all():
        if isinstance(item, Note):
            notes.append(item)
        else:
            slots.append(Slot(len(notes), item.trial))
    return OwnNotes(tuple(notes), tuple(slots))


class _Notes(msgspec.Struct, frozen=True):
    """Builds the notes of one trial."""

    trial: Trial
    about: str
    addresses: Addresses

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
            yield self.retired(TAKEAWAYS, self.takeaway(takeaway), takeaway.retired)

    @property
    def name(self) -> str:
        return render_inline(self.trial.name)

    def text(self, markdown: str) -> str:
        return in_language(render(markdown), self.trial.language)

    def text_section(self, section: Section) -> Iterator[Note]:
        text: str = getattr(self.trial, section.property)
        if not is_blank(text):
            front = text_front(section, self.name)
            figures = self.trial.figures if section is SUMMARY else ()
            yield self.section_note(section, (section.slug,), front, self.text(text), self.footer(None, None), figures)

    def list_section(self, section: Section) -> Iterator[Note]:
        every: Sequence[Item] = getattr(self.trial, section.property)
        items = current(every) or last_retired(every)
        if items:
            points = Points(self.trial, section, tuple(items))
            notes = [self.list_note(points, (section.slug,))]
            if extract := points.extract:
                notes.append(self.list_note(extract, extract_path(section.slug)))
            for note in notes:
                yield self.retired(section, note, *(item.retired for item in items))
        for item, cloze in ((owner, cloze) for owner in every for cloze in owner.cloze):
            yield self.retired(section, self.cloze(cloze, item, section), item.retired)

    def list_note(self, points: Points, path: tuple[str, ...]) -> Note:
        cited = [name for item in points.items for name in cited_by(item, self.trial)]
        footer = self.footer(None, points.review, cited)
        figures = [figure for item in points.items for figure in item.figures]
        return self.section_note(points.section, path, points.front(self.name), points.back(), footer, figures)

    def section_note(  # noqa: PLR0913, PLR0917 - what a note of a section is put together from
        self,
        section: Section,
        path: tuple[str, ...],
        front: str,
        back: str,
        footer: Footer,
        figures: Sequence[Figure],
    ) -> Note:
        """Return the note of a whole section.

        Args:
            section: The section.
            path: The key of the note, behind the trial's id.
            front: The front as HTML.
            back: The back as HTML.
            footer: Its source and review.
            figures: The pictures and sounds below the back.

        Returns:
            The note.

        """
        return self.made(
            path,
            path,
            Kind.QUESTION,
            {"Question": front, "Response": back},
            section.perspective,
            (),
            self.trial.specialties,
            footer,
            figures=figures,
        )

    def question(self, question: Question) -> Iterator[Note]:
        statements = (self.cloze(cloze, question, QUESTIONS) for cloze in question.cloze)
        own = self.entry(question, QUESTIONS, self.text(question.question), self.text(question.response))
        yield from (self.retired(QUESTIONS, note, question.retired) for note in (own, *statements))

    def result(self, result: Result) -> Iterator[Note]:
        if result.states_numbers:
            back, picture = result_back(result, self.trial.name, comparisons_of(self.trial, result))
            note = self.entry(result, RESULTS, result_front(result, self.name), back, picture)
            yield self.retired(RESULTS, note, result.retired)

    def takeaway(self, takeaway: Takeaway) -> Note:
        front = takeaway_front(self.trial, takeaway, self.name)
        return self.entry(takeaway, TAKEAWAYS, front, self.text(takeaway.text))

    def cloze(self, cloze: Cloze, owner: Item | Question, section: Section) -> Note:
        numbers = parse_cloze(cloze.text).numbers
        return self.made(
            (section.slug, owner.id, "cloze", cloze.id),
            (section.slug, owner.first_id, "cloze", cloze.id),
            Kind.CLOZE,
            {"Text": in_language(render_cloze(cloze.text), self.trial.language)},
            owner.perspective,
            owner.audience,
            self.trial.specialties,
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
        specialties = entry.specialties if isinstance(entry, Takeaway) else self.trial.specialties
        return self.made(
            (section.slug, entry.id),
            (section.slug, entry.first_id),
            Kind.QUESTION,
            {"Question": front, "Response": back, "Picture": picture},
            entry.perspective,
            entry.audience,
            specialties,
            self.footer(entry.source, entry.review, cited_by(entry, self.trial), getattr(entry, "analysis", "")),
            figures=getattr(entry, "figures", ()),
            guid=entry.guid if isinstance(entry, Question) else "",
        )

    def retired(self, section: Section, note: Note, *retirements: Retirement | None) -> Note:
        """Return a note as it is, or as a retired one where the entries of a list that it is made from are retired."""
        stated = [retirement for retirement in retirements if retirement]
        return retired_note(note, retired_html(self.trial, section.property, stated)) if stated else note

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
        kind: Kind,
        sides: Mapping[str, str],
        perspective: Perspective,
        audience: tuple[Audience, ...],
        specialties: tuple[str, ...],
        footer: Footer,
        cards: tuple[int, ...] = (0,),
        figures: Sequence[Figure] = (),
        guid: str = "",
    ) -> Note:
        """Put a note of the type Question or Cloze together: sides, figures, then what both types share.

        Args:
            path: The key of the note, behind the trial's id.
            first_path: The key that it had first.
            kind: Its note type.
            sides: The fields that the type alone has, and its picture.
            perspective: Its perspective.
            audience: For whom it is; empty for everybody.
            specialties: The specialties that it concerns; empty for all.
            footer: Its source and review.
            cards: The ordinals of its cards.
            figures: The pictures and sounds below the answer.
            guid: The guid that the record states, or empty.

        Returns:
            The note.

        """
        trial = self.trial
        key = key_of(trial.id, *path)
        shared = {
            "Picture": sides.get("Picture", "") + figures_html(figures),
            "Trial": self.name,
            "Perspective": str(perspective),
            "Audience": ", ".join(audience),
            "Citation": footer.citation,
            "Source": footer.source,
            "Review": footer_review_html(footer.review),
            "About": self.about,
            "Key": key,
        }
        said = (without_deletions(sides.get("Text", "")), sides.get("Question", ""), sides.get("Response", ""))
        links = link_fields(self.addresses, key, said, cards[0] if cards else 0)
        return new_note(
            key=key,
            identity=key_of(trial.first_id, *first_path),
            kind=kind,
            fields=note_type(kind).filled(**{**sides, **shared, **links}),
            cards=cards,
            tags=tags_of(trial.id, perspective, audience, trial.topics, specialties),
            trial=trial.id,
            perspective=perspective,
            audience=audience,
            specialties=specialties,
            signed=footer.review.signature,
            disputed=footer.review.is_disputed,
            media=media_names(figures),
            guid=guid,
            own=(*footer.own_texts, *(specialties if specialties != trial.specialties else ())),
        )
