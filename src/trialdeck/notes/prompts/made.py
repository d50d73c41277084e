"""The prompts whose fronts trialdeck makes: of results, lists, texts, takeaways, and of the trial itself."""

from collections.abc import Iterator, Sequence

from trialdeck.core.text import is_blank
from trialdeck.core.words import translate, words_in
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_inline
from trialdeck.notes.lists import Points
from trialdeck.notes.plots.arms import values_of
from trialdeck.notes.plots.words import digits, plain
from trialdeck.notes.prompts.authored import GAP, Asked, asked_of
from trialdeck.notes.prompts.fronts import takeaway_front, text_front
from trialdeck.notes.results import result_front
from trialdeck.records.asked import asked_points, is_asked, is_text_asked
from trialdeck.records.entries import current, numbered
from trialdeck.records.model import Item, Result, Trial
from trialdeck.records.sections import LIST_SECTIONS, RESULTS, TAKEAWAYS, TEXT_SECTIONS


def all_asked(trial: Trial) -> tuple[Asked, ...]:
    """Return all that the cards of a record ask: in its own words first, then what trialdeck makes of it."""
    with words_in(trial.language):
        return (*asked_of(trial), *_made(trial))


def _made(trial: Trial) -> Iterator[Asked]:
    yield from _trial(trial)
    yield from _texts(trial)
    yield from _points(trial)
    yield from _results(trial)
    yield from _takeaways(trial)


def _trial(trial: Trial) -> Iterator[Asked]:
    """Yield the card that asks which trial it was; the others ask for what their fronts cannot show."""
    shown = [plain(getattr(trial.statement, part)) for part in ("tested", "population", "comparator")]
    if shown[0]:
        name = plain(trial.name)
        yield Asked(
            ("tested",), ("acronym",), None, translate("Which trial?"), name, is_made=True, beside=" ".join(shown)
        )


def _texts(trial: Trial) -> Iterator[Asked]:
    for section in TEXT_SECTIONS:
        text: str = getattr(trial, section.property)
        if is_text_asked(trial, section) and not is_blank(text):
            path = (section.property,)
            front = readable(text_front(section, _name(trial)))
            response = render(text)
            yield Asked(path, path, None, front, readable(response), points=response.count("<li>"), is_made=True)


def _points(trial: Trial) -> Iterator[Asked]:
    """Yield the points that are asked; the front of one shows the others."""
    for section in LIST_SECTIONS:
        every: Sequence[Item] = getattr(trial, section.property)
        asked = asked_points(trial, section, current(every))
        texts = {item.id: readable(render(item.text)) for item in current(every)} if asked else {}
        head = readable(Points(trial, section, ()).head(_name(trial)))
        for index, item in numbered(every):
            if item in asked:
                others = " ".join(text for name, text in texts.items() if name != item.id)
                path = (section.property, index, "text")
                yield Asked(path, path, item, f"{head}: {GAP}", texts[item.id], is_made=True, beside=others)


def _results(trial: Trial) -> Iterator[Asked]:
    for index, result in numbered(trial.results):
        if is_asked(trial, result):
            path = (RESULTS.property, index)
            front, _, setting = result_front(result, _name(trial)).partition("</p>")
            answer = _headline(result)
            yield Asked(
                (*path, "endpoint"), path, result, readable(front), answer, is_made=True, beside=readable(setting)
            )


def _headline(result: Result) -> str:
    """Return the number that the card of a result asks for, or those of its arms."""
    if result.estimate is not None:
        return digits(result.estimate)
    values = next(values_of(result), None)
    return "; ".join(value.number for value in values.arms) if values else result.p


def _takeaways(trial: Trial) -> Iterator[Asked]:
    for index, takeaway in numbered(trial.takeaways):
        if is_asked(trial, takeaway):
            path = (TAKEAWAYS.property, index, "text")
            front = readable(takeaway_front(trial, takeaway, _name(trial)))
            response = render(takeaway.text)
            yield Asked(path, path, takeaway, front, readable(response), points=response.count("<li>"), is_made=True)


def _name(trial: Trial) -> str:
    return render_inline(trial.name)
