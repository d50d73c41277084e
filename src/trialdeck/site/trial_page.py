"""The page of a trial: the whole record as text, with its cards beside the sections that they ask."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from trialdeck.core.text import is_blank
from trialdeck.editions.thanks import name_of
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_inline
from trialdeck.notes.footer import footer_review_html, source_html
from trialdeck.notes.glance import glance_html
from trialdeck.notes.links import page_file
from trialdeck.notes.lists import Points, own_source_html, own_verdict_html
from trialdeck.notes.note import Note, key_of
from trialdeck.notes.results import comparisons_of, result_back
from trialdeck.notes.retirement import label_html
from trialdeck.records.entries import replacement, without_retired
from trialdeck.records.model import STATEMENT_PARTS, Arm, Audience, Question, RelatedTrial, Result, Takeaway, Trial
from trialdeck.records.results.analysis import decision_words, setting_words
from trialdeck.records.results.arm_values import mean_label, mean_words, median_words, rate_words, share_words
from trialdeck.records.results.effect import effect_words
from trialdeck.records.sections import DISCUSSIONS, ENTRY_LISTS, LIST_SECTIONS, RESULTS, TAKEAWAYS, TEXT_SECTIONS
from trialdeck.site.cards import OTHERS, TRIAL, cards_of
from trialdeck.site.model import (
    Card,
    Download,
    Listed,
    PageFinding,
    PageSection,
    Point,
    Related,
    ResultArm,
    TrialPage,
    Withdrawn,
)
from trialdeck.site.preview import preview_words
from trialdeck.site.trusted import outlined, playable, safe

_ABOVE = 2


class Neighbours(msgspec.Struct, frozen=True):
    """The rest of the site, as a trial's page shows it: the trials with pages, and the packages by trial.

    `first` are the keys of the takeaways at the beginning of decks; the page begins with them too. `before` and `after`
    are the trials whose pages come before and after.
    """

    trials: Collection[str]
    downloads: Mapping[str, Sequence[Download]]
    first: Collection[str] = frozenset()
    before: Listed | None = None
    after: Listed | None = None


def trial_page(trial: Trial, notes: Sequence[Note], neighbours: Neighbours) -> TrialPage:
    """Return the page of a trial with the cards of these notes."""
    withdrawn = tuple(_withdrawn(trial))
    trial = without_retired(trial)
    name, title = render_inline(trial.name), render_inline(trial.title) if trial.acronym else ""
    page = TrialPage(
        id=trial.id,
        name=safe(name),
        plain_name=readable(name),
        title=safe(title),
        plain_title=readable(title),
        glance=playable(glance_html(trial)),
        source=safe(source_html(trial.source)),
        review=safe(footer_review_html(trial.review)),
        sections=tuple(_sections(trial)),
        findings=tuple(_finding(result, trial, _picture(trial, result, notes)) for result in trial.results),
        discussions=tuple(_discussions(trial)),
        related=tuple(_related(related, neighbours.trials) for related in trial.related_trials),
        takeaways=tuple(_takeaways(trial, neighbours.first)),
        withdrawn=withdrawn,
        begins_with_takeaways=any(note.key in neighbours.first for note in notes),
        cards=tuple(cards_of(trial.id, notes)),
        downloads=tuple(neighbours.downloads.get(trial.id, ())),
        language=trial.language,
        topics=trial.topics,
        said=preview_words(trial),
        thanked=tuple(dict.fromkeys(map(name_of, trial.contributors))),
        before=neighbours.before,
        after=neighbours.after,
    )
    return replace(page, cards=tuple(_in_order_of(page)))


def listed(trial: Trial) -> Listed:
    """Return a trial as lists name it, before its cards are counted."""
    title = readable(render_inline(trial.title)) if trial.acronym else ""
    return Listed(trial.id, page_file(trial.id), readable(render_inline(trial.name)), title, trial.topics)


def _in_order_of(page: TrialPage) -> Iterator[Card]:
    """Yield the cards of a page in the order of its sections; those whose section it does not show come last."""
    order = {slug: place for place, slug in enumerate([TRIAL, *(slug for slug, _ in page.headings)])}
    placed = [card if card.section in order else replace(card, section=OTHERS) for card in page.cards]
    ordered = sorted(placed, key=lambda card: order.get(card.section, len(order)))
    for number, card in enumerate(ordered, start=1):
        yield replace(card, number=number)


def _sections(trial: Trial) -> Iterator[PageSection]:
    for section in TEXT_SECTIONS:
        text: str = getattr(trial, section.property)
        if not is_blank(text):
            yield PageSection(section.slug, section.heading, text=outlined(render(text), _ABOVE))
    for section in LIST_SECTIONS:
        items = getattr(trial, section.property)
        if items:
            points = zip(items, Points(trial, section, items).on_page(), strict=True)
            shown = tuple(outlined(render(item.text) + below, _ABOVE) for item, below in points)
            yield PageSection(section.slug, section.heading, items=shown)


def _discussions(trial: Trial) -> Iterator[PageSection]:
    for discussion in DISCUSSIONS:
        points = tuple(
            Point(
                outlined(render(question.question), _ABOVE),
                outlined(render(question.response) + _own(question, trial), _ABOVE),
                _audience_text(question.audience),
            )
            for question in trial.questions
            if question.perspective in discussion.perspectives
        )
        if points:
            yield PageSection(discussion.slug, discussion.heading, points=points)


def _takeaways(trial: Trial, first: Collection[str]) -> Iterator[Point]:
    for takeaway in sorted(trial.takeaways, key=lambda entry: key_of(trial.id, TAKEAWAYS.slug, entry.id) not in first):
        text = outlined(render(takeaway.text) + _own(takeaway, trial), _ABOVE)
        yield Point(Markup(), text, _audience_text(takeaway.audience, takeaway.specialties))


def _own(entry: Question | Takeaway | Result, trial: Trial) -> str:
    """Return an entry's own source and review; those of the whole record are at the top of the page."""
    source = own_source_html(entry, trial)
    return (f'<div class="td-own">{source}</div>' if source else "") + own_verdict_html(entry, trial)


def _withdrawn(trial: Trial) -> Iterator[Withdrawn]:
    for section in ENTRY_LISTS:
        for entry in getattr(trial, section):
            if entry.retired:
                successor = replacement(trial, section, entry.retired.instead)
                yield Withdrawn(
                    label=safe(label_html(entry)),
                    day=entry.retired.on,
                    reason=safe(render_inline(entry.retired.reason)),
                    instead=safe(label_html(successor)) if successor else Markup(),
                )


def _audience_text(audience: Sequence[Audience], specialties: Sequence[str] = ()) -> str:
    """Return the audience and specialties of a text, in words; empty if it is for everybody."""
    groups = [", ".join(name.replace("-", " ") for name in group) for group in (audience, specialties) if group]
    return " · ".join(groups)


def _related(related: RelatedTrial, pages: Collection[str]) -> Related:
    statement = (safe(render_inline(getattr(related.statement, name))) for name in STATEMENT_PARTS)
    page = page_file(related.id) if related.id in pages else ""
    return Related(safe(render_inline(related.name)), page, *statement)


def _picture(trial: Trial, result: Result, notes: Sequence[Note]) -> Markup:
    """Return the plot of a result that no card on the page asks: a card shows its own."""
    key = key_of(trial.id, RESULTS.slug, result.id)
    if any(note.key == key and note.cards for note in notes):
        return Markup()
    return playable(result_back(result, trial.name, comparisons_of(trial, result))[1])


def _finding(result: Result, trial: Trial, picture: Markup) -> PageFinding:
    return PageFinding(
        endpoint=safe(render_inline(result.endpoint)),
        setting=setting_words(result),
        arms=tuple(_arm(arm, result) for arm in result.arms),
        effect=": ".join(filter(None, [" v ".join(result.between), effect_words(result)])),
        decision=decision_words(result),
        own=safe(_own(result, trial)),
        picture=picture,
    )


def _arm(arm: Arm, result: Result) -> ResultArm:
    median, mean, rate = median_words(arm, result), mean_words(arm, result), rate_words(arm, result)
    values = [
        f"median {median}" if median else "",
        f"{mean_label(result).lower()} {mean}" if mean else "",
        f"rate {rate}" if rate else "",
    ]
    return ResultArm(
        name=safe(render_inline(arm.name)),
        size=str(arm.n or ""),
        value="; ".join(filter(None, values)),
        share=share_words(arm, result),
    )
