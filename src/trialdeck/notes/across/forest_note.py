"""Make the note of a forest: a grid with a row for each trial, one name hidden on each card."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from trialdeck.core.words import translate, words_in
from trialdeck.markdown.cloze import uncovered
from trialdeck.markdown.cloze_numbers import cloze_numbers
from trialdeck.markdown.language import in_language
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.across.forests import Forest
from trialdeck.notes.footer import dispute_texts, footer_review_html, source_html
from trialdeck.notes.links import Addresses, link_fields
from trialdeck.notes.note import Note, key_of, new_note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.plots.effects import LOWER, drawn, sides_of
from trialdeck.notes.plots.rows import Directions, EffectRow, effect_grid
from trialdeck.notes.plots.scale import Scale
from trialdeck.notes.plots.words import range_words, short_interval
from trialdeck.notes.tags import tags_of
from trialdeck.records.model import Audience, Perspective, Result, Review, Trial
from trialdeck.records.results.analysis import analysis_words, compared_names, null_of
from trialdeck.records.results.effect import (
    INTERVAL,
    RATIOS,
    capitalised,
    estimate_of,
    measure_of,
    number_words,
    plural_of,
    unit_words,
)
from trialdeck.records.review import worst_of

PERSPECTIVE = Perspective.CLINICAL
NEVER_COMPARED = "never compared head to head"


class Shown(msgspec.Struct, frozen=True):
    """One row: the result of a trial, and the number of the deletion that hides its name."""

    trial: Trial
    result: Result
    number: int

    @property
    def review(self) -> Review:
        """The review that counts for the result."""
        return self.result.review or self.trial.review

    @property
    def name(self) -> str:
        """The name of the trial as HTML."""
        return render_inline(self.trial.name)


def topic_title(topic: str, titles: Mapping[str, str]) -> str:
    """Return the title of a topic in plain words: that of the project, or the topic itself as words."""
    return titles.get(topic) or topic.replace("-", " ").capitalize()


_NOWHERE = Addresses()


def forest_note(
    forest: Forest, trials: Mapping[str, Trial], titles: Mapping[str, str], addresses: Addresses = _NOWHERE
) -> Note:
    """Return the note of a forest.

    Args:
        forest: The forest.
        trials: The trials that have a row, by id.
        titles: The titles of topics, by topic.
        addresses: The addresses of the project.
    """
    rows = _rows(forest, trials)
    with words_in(_language(rows)) as language:
        return _note(forest, rows, titles, addresses, language)


def _language(rows: Sequence[Shown]) -> str:
    """Return the language that all records are in; empty, which gives English, if they differ."""
    languages = {row.trial.language for row in rows}
    return languages.pop() if len(languages) == 1 else ""


def _note(
    forest: Forest, rows: Sequence[Shown], titles: Mapping[str, str], addresses: Addresses, language: str
) -> Note:
    """Return the note of some rows; `language` is that of the words which `translate` returns."""
    key = key_of(forest.across_id, forest.outcome)
    review = worst_of(row.review for row in rows)
    text = f'{_question(rows)}<div class="td-forest">{forest_grid(rows, is_asked=True)}</div>'
    text = in_language(text, language)
    fields = note_type(Kind.CLOZE).filled(
        Text=text,
        Back=_analyses(rows),
        Trial=render_plain(topic_title(forest.topic, titles)),
        Perspective=str(PERSPECTIVE),
        Audience=", ".join(map(translate, _audience(rows))),
        Source="<br>".join(f"{row.name}: {source_html(row.result.source or row.trial.source)}" for row in rows),
        Review=in_language(footer_review_html(review), language, "span"),
        About=_about(rows),
        **link_fields(addresses, key, [uncovered(text)], min(row.number for row in rows) - 1),
        Key=key,
    )
    return new_note(
        key=key,
        identity=key,
        kind=Kind.CLOZE,
        fields=fields,
        cards=tuple(sorted({row.number - 1 for row in rows})),
        tags=_tags(rows, _audience(rows), language),
        trial=forest.across_id,
        perspective=PERSPECTIVE,
        audience=_audience(rows),
        specialties=_specialties(rows),
        signed=review.signature,
        disputed=review.is_disputed,
        own=[*(source_html(row.result.source) for row in rows if row.result.source), *dispute_texts(review)],
    )


def _rows(forest: Forest, trials: Mapping[str, Trial]) -> list[Shown]:
    """Return the rows from the largest estimate to the smallest, so that their order says nothing of their names.

    Of two trials the name of one gives away that of the other: one card hides both.
    """
    numbers = cloze_numbers(trials[row.trial].first_id for row in forest.rows)
    common = min(numbers.values()) if len(numbers) == 2 else 0
    rows = []
    for row in forest.rows:
        trial = trials[row.trial]
        result = next(result for result in trial.results if result.id == row.result)
        rows.append(Shown(trial, result, common or numbers[trial.first_id]))
    return sorted(rows, key=lambda row: (-(row.result.estimate or 0), row.result.ci or (), row.trial.id))


def _question(rows: Sequence[Shown]) -> str:
    asked = translate("Which trial is which?" if len(rows) == 2 else "Which trial is the marked row?")
    said = f"{_what(rows)}, {_against(rows)}; {translate(NEVER_COMPARED)}."
    return f'<p><strong>{asked}</strong></p><p class="td-cut">{said}</p>'


def _what(rows: Sequence[Shown]) -> str:
    """Return the endpoint and the measure as HTML: the words that most trials have for it."""
    counts = Counter(row.result.endpoint for row in rows)
    endpoint = min(counts, key=lambda words: (-counts[words], words))
    language = next(row.trial.language for row in rows if row.result.endpoint == endpoint)
    named = in_language(render_inline(endpoint), language, "span")
    common = _common_analysis(rows)
    analysis = f", {translate(f'{common} analyses')}" if common else ""
    measure = f"{measure_of(rows[0].result)}{render_plain(unit_words(rows[0].result))}"
    return f"{named}{analysis}: {measure}{_levels_said(rows)}"


def _common_analysis(rows: Sequence[Shown]) -> str:
    """Return which analysis all numbers are of; empty if they are of several, or a record does not say it."""
    analyses = {row.result.analysis for row in rows}
    return analyses.pop() if len(analyses) == 1 else ""


def _levels_said(rows: Sequence[Shown]) -> str:
    """Return the level of most intervals in brackets, as it stands once above all rows; empty if none is stated."""
    level = _usual_level(rows)
    others = any(row.result.ci and row.result.ci_level != level for row in rows)
    unless = f" {translate('unless stated')}" if others else ""
    return f" ({translate(INTERVAL, level=number_words(level))}{unless})" if level is not None else ""


def _usual_level(rows: Sequence[Shown]) -> Decimal | None:
    levels = Counter(row.result.ci_level for row in rows if row.result.ci and row.result.ci_level is not None)
    return max(levels, key=lambda level: (levels[level], level)) if levels else None


def _against(rows: Sequence[Shown]) -> str:
    """Return what the trials compared with: the comparator that all of them have, or that each has its own."""
    arms = {(compared_names(row.result) or ("", ""))[1] for row in rows}
    arm = arms.pop() if len(arms) == 1 else ""
    if not arm:
        return translate("each against its own comparator")
    return translate("all against {arm}", arm=render_inline(arm))


def forest_grid(rows: Sequence[Shown], *, is_asked: bool = False) -> str:
    """Return the grid of rows on one axis, with one line of no effect.

    `is_asked` puts the names into cloze deletions.
    """
    measure = rows[0].result.measure
    null, log = null_of(measure), measure in RATIOS
    values = [value for row in rows for value in drawn(row.result)]
    scale = Scale.of(values, null, log=log)
    usual = _usual_level(rows)
    effects = [
        EffectRow(
            label=_label(row, _common_analysis(rows), is_asked=is_asked),
            estimate=row.result.estimate,
            interval=row.result.ci or (),
            value=estimate_of(row.result),
            value_sub=_below_value(row, usual),
        )
        for row in rows
    ]
    what = translate("{measures} of {count} trials", measures=capitalised(plural_of(measure)), count=len(rows))
    name = f"{what}, {translate(NEVER_COMPARED)}; {translate('no effect at {null}', null=null)}"
    return effect_grid(effects, scale, name, Directions(*sides_of(LOWER.get(measure, ""))))


def _label(row: Shown, common: str, *, is_asked: bool) -> str:
    """Return the name of a trial with what it tested and which analysis it is; all of that is hidden together.

    Args:
        row: The row.
        common: The analysis that all rows are of, which stands above them; empty if there are several.
        is_asked: Whether to hide the label.
    """
    tested = render_inline(compared_names(row.result)[0]) if compared_names(row.result) else ""
    is_said = row.result.analysis in {"", "primary", common}
    below = " · ".join(filter(None, [tested, "" if is_said else analysis_words(row.result.analysis)]))
    label = f"<b>{row.name}</b>"
    if below:
        label += f'<br><span class="td-sub">{below}</span>'
    return f"{{{{c{row.number}::{in_deletion(label)}::{translate('which?')}}}}}" if is_asked else label


def in_deletion(html: str) -> str:
    """Return HTML that may stand inside a cloze deletion: two colons would begin its hint, two braces end it."""
    return html.replace("::", ":<span></span>:").replace("}}", "}<span></span>}")


def _below_value(row: Shown, usual: Decimal | None) -> str:
    ci, level = row.result.ci, row.result.ci_level
    parts = []
    if ci:
        words = range_words(ci) if level == usual else short_interval(ci, level)
        parts.append(f'<span class="td-whole">{render_plain(words)}</span>')
    if row.review.is_disputed:
        parts.append('<span class="td-warn">' + translate("disputed") + "</span>")
    return "<br>".join(parts)


def _analyses(rows: Sequence[Shown]) -> str:
    """Return which analysis each number is, the trials with the same one together; empty if that is said above."""
    if _common_analysis(rows):
        return ""
    named: dict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: readable(row.name).casefold()):
        if row.result.analysis:
            named[row.result.analysis].append(row.name)
    ordered = sorted(named.items(), key=lambda analysis: (-len(analysis[1]), analysis[0]))
    words = "; ".join(f"{', '.join(names)}: {analysis_words(analysis)}" for analysis, names in ordered)
    return f'<p class="td-cut">{words}</p>' if words else ""


def _about(rows: Iterable[Shown]) -> str:
    """Return what each trial tested, against what and in whom."""
    terms = "".join(f"<dt>{row.name}</dt><dd>{fact}</dd>" for row in rows if (fact := _statement(row.trial)))
    return f"<dl>{terms}</dl>" if terms else ""


def _statement(trial: Trial) -> str:
    said = trial.statement
    compared = f" {translate('v')} ".join(render_inline(text) for text in (said.tested, said.comparator) if text)
    facts = ". ".join(filter(None, [compared, render_inline(said.population)]))
    return in_language(facts, trial.language, "span")


def _tags(rows: Iterable[Shown], audience: tuple[Audience, ...], language: str) -> tuple[str, ...]:
    tags: set[str] = set()
    for row in rows:
        trial = row.trial
        tags.update(tags_of(trial.id, PERSPECTIVE, audience, trial.topics, trial.specialties, language=language))
    return tuple(sorted(tags))


def _audience(rows: Sequence[Shown]) -> tuple[Audience, ...]:
    """Return for whom the note is: for everybody if a result is, else for whom any of the results is."""
    if any(not row.result.audience for row in rows):
        return ()
    return tuple(audience for audience in Audience if any(audience in row.result.audience for row in rows))


def _specialties(rows: Sequence[Shown]) -> tuple[str, ...]:
    if any(not row.trial.specialties for row in rows):
        return ()
    return tuple(sorted({name for row in rows for name in row.trial.specialties}))
