"""Make the note of each trial, one however many records name it.

A trial's own record wins, statement by statement; what it leaves open is taken from the first record (by id) that names
the trial as related. The note is retired if the trial has no record, and only related trials that are retired say what
it tested.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.core.words import present_language, translate, words_in
from trialdeck.markdown.language import in_language
from trialdeck.markdown.render import render, render_inline
from trialdeck.notes.footer import citation_html, dispute_texts, footer_review_html, source_html, title_html
from trialdeck.notes.glance import glance_html
from trialdeck.notes.links import Addresses, link_fields
from trialdeck.notes.note import Note, key_of, new_note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.retirement import retired_html, retired_note
from trialdeck.notes.study_order import Step
from trialdeck.notes.tags import tags_of
from trialdeck.records.model import STATEMENT_PARTS, Perspective, RelatedTrial, Trial
from trialdeck.records.review import worst_of
from trialdeck.records.sections import RELATED_TRIALS
from trialdeck.records.summary import present_ids


class _Mention(msgspec.Struct, frozen=True):
    by: Trial
    related: RelatedTrial


class _Stated(msgspec.Struct, frozen=True):
    """A part of what a trial tested, as HTML, and the record that states it."""

    by: Trial
    html: str


_NOWHERE = Addresses()


def trial_notes(
    trials: Sequence[Trial], addresses: Addresses = _NOWHERE, only: Collection[str] | None = None
) -> Mapping[str, Note]:
    """Return the note of every trial that the records describe or name, by id; `addresses` are those of the project.

    A trial that was renamed is found under its earlier ids as well: a record that still names one means the same trial.
    `only` limits the notes to those of some trials, by present id.
    """
    ordered = sorted(trials, key=lambda trial: trial.id)
    own = {trial.id: trial for trial in ordered}
    current = present_ids(ordered)
    mentions: dict[str, list[_Mention]] = {}
    for trial in ordered:
        for related in trial.related_trials:
            mentions.setdefault(current.get(related.id, related.id), []).append(_Mention(trial, related))
    wanted = sorted({*own, *mentions} if only is None else only)
    notes = {name: _worded_note(name, own.get(name), mentions.get(name, []), addresses) for name in wanted}
    return notes | {earlier: notes[name] for earlier, name in current.items() if name in notes}


def _worded_note(trial_id: str, own: Trial | None, mentions: Sequence[_Mention], addresses: Addresses) -> Note:
    """Return the note of one trial, in the words of the language of the record that describes it; see `_note`."""
    with words_in((own or mentions[0].by).language):
        return _note(trial_id, own, mentions, addresses)


def _note(trial_id: str, own: Trial | None, mentions: Sequence[_Mention], addresses: Addresses) -> Note:
    """Return the note of one trial.

    Args:
        trial_id: The present id of the trial.
        own: Its record, if it has one.
        mentions: The related trials of other records that mean it.
        addresses: The addresses of the project.

    Returns:
        The note.

    """
    mentions = _mentions_that_count(mentions, has_record=own is not None)
    key = key_of(trial_id, "trial")
    first_id = own.first_id if own else trial_id
    described_by = own or mentions[0].by
    about = _about_own(own) if own else _about_named(mentions[0])
    statement = _statement(own, mentions)
    # A reviewer of a record vouches for what that record says, not for what others say in its place.
    review = worst_of([described_by.review, *(part.by.review for part in statement.values())])
    said = (about["Name"], "; ".join(part.html for part in statement.values()))
    fields = note_type(Kind.TRIAL).filled(
        **about,
        **{name.capitalize(): part.html for name, part in statement.items()},
        Citation=citation_html(described_by.source),
        Review=in_language(footer_review_html(review), present_language(), "span"),
        **link_fields(addresses, key, said, page_of=described_by.id),
        Key=key,
    )
    note = new_note(
        key=key,
        identity=key_of(first_id, "trial"),
        kind=Kind.TRIAL,
        fields=fields,
        cards=note_type(Kind.TRIAL).cards_of(fields),
        tags=tags_of(
            trial_id,
            Perspective.CLINICAL,
            (),
            described_by.topics,
            described_by.specialties,
            core=bool(own and own.core),
            language=present_language(),
        ),
        trial=trial_id,
        perspective=Perspective.CLINICAL,
        specialties=described_by.specialties,
        signed=review.signature,
        disputed=review.is_disputed,
        own=dispute_texts(review),
        step=Step.TESTED,
    )
    retired = None if own else mentions[0].related.retired
    return retired_note(note, retired_html(mentions[0].by, RELATED_TRIALS.property, [retired])) if retired else note


def _mentions_that_count(mentions: Sequence[_Mention], *, has_record: bool) -> Sequence[_Mention]:
    """Return the mentions that a trial's note is made from: the retired ones if no other says what was tested."""
    live = [mention for mention in mentions if not mention.related.retired]
    retired = [mention for mention in mentions if mention.related.retired]
    is_stated = any(not is_blank(mention.related.statement.tested) for mention in live)
    return live if has_record or is_stated or not retired else retired


def _statement(own: Trial | None, mentions: Sequence[_Mention]) -> dict[str, _Stated]:
    """Return the parts that say what was tested, each from the first record that states it; none that nobody states."""
    statements = [(own, own.statement)] if own else []
    statements += [(mention.by, mention.related.statement) for mention in mentions]
    stated: dict[str, _Stated] = {}
    for by, statement in statements:
        for name in STATEMENT_PARTS:
            text: str = getattr(statement, name)
            if not is_blank(text) and name not in stated:
                stated[name] = _Stated(by, in_language(render_inline(text), by.language, "span"))
    return stated


def _about_own(trial: Trial) -> dict[str, str]:
    return {
        "Name": render_inline(trial.name),
        "Title": title_html(trial),
        "Summary": in_language(render(trial.summary), trial.language),
        "Source": source_html(trial.source),
        "About": in_language(glance_html(trial), present_language()),
    }


def _about_named(mention: _Mention) -> dict[str, str]:
    source = source_html(mention.by.source)
    named_in = translate("As named in the record of {trial}", trial=render_inline(mention.by.name))
    return {
        "Name": render_inline(mention.related.name),
        "Source": f"{named_in}: {source}" if source else named_in,
    }
