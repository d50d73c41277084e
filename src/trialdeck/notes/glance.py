"""A trial at a glance: who was in it, how it was done, what was tested against what, and what came of it.

It stands in the fold-out of every card of the trial and at the head of its page. Everything in it is in the record; a
record that lacks a part has a shorter glance.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.core.words import translate
from trialdeck.markdown.language import in_language
from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.footer import footer_review_html, source_html, title_html
from trialdeck.notes.plots.effects import LOWER, drawn, sides_of
from trialdeck.notes.plots.marks import percent
from trialdeck.notes.plots.rows import Directions, EffectRow, Row, effect_grid, plot
from trialdeck.notes.plots.scale import Scale
from trialdeck.notes.plots.words import digits, label_html, range_words
from trialdeck.records.asked import primary_results
from trialdeck.records.entries import current
from trialdeck.records.model import Arm, Result, Trial
from trialdeck.records.results.analysis import analysis_words, compared_arms, null_of
from trialdeck.records.results.arm_values import WORKED_OUT, is_worked_out, share_of
from trialdeck.records.results.comparable import comparables_of
from trialdeck.records.results.effect import RATIOS, capitalised, plural_of, unit_words

MOST_EFFECTS = 3
MOST_SHARES = 3
NOT_REACHED = "not reached"
_SAFETY = "safety"
_LONGEST_TIME = 20


class Fact(msgspec.Struct, frozen=True):
    """One cell of a glance: its term, and what it says as HTML. `look` is the class of the mark of an arm, or empty."""

    term: str
    html: str
    look: str = ""


class Glance(msgspec.Struct, frozen=True):
    """What a glance shows of a trial.

    `effects` share one axis, the first of them is the one that the trial is known for; `shares` are results in which
    each of two arms states a per cent.
    """

    trial: Trial
    effects: tuple[Result, ...]
    shares: tuple[Result, ...]

    @property
    def lead(self) -> Result | None:
        """The result that the arms are taken from."""
        return next(iter((*self.effects, *self.shares)), None) or next(iter(primary_results(self.trial)), None)


def glance_of(trial: Trial) -> Glance:
    """Return what a glance shows: primary results first, then core ones, then the others in the order of the record."""
    primary = {result.id for result in primary_results(trial)}
    results = sorted(current(trial.results), key=lambda result: (result.id not in primary, not result.core))
    effects = tuple(_effects(trial, results))[:MOST_EFFECTS]
    shown = {result.id for result in effects}
    shares = [result for result in results if result.id not in shown and _states_two_shares(result)]
    harm = [result for result in shares if result.analysis == _SAFETY]
    others = [result for result in shares if result.analysis != _SAFETY]
    room = MOST_SHARES - min(len(harm), 1)
    return Glance(trial, effects, (*others[:room], *harm[: MOST_SHARES - len(others[:room])]))


def _effects(trial: Trial, results: Sequence[Result]) -> Iterator[Result]:
    """Yield the results that share an axis with the first one that can be drawn, one of each outcome."""
    best = {comparable.result for comparable in comparables_of(trial)}
    drawable = [result for result in results if result.id in best and drawn(result)]
    outcomes: set[str] = set()
    for result in drawable:
        key = result.outcome or result.id
        if _axis_of(result) == _axis_of(drawable[0]) and key not in outcomes:
            outcomes.add(key)
            yield result


def _axis_of(result: Result) -> tuple[bool, str]:
    """Return what results on one axis have in common: all are ratios, or differences of one measure in one unit."""
    is_ratio = result.measure in RATIOS
    return is_ratio, "" if is_ratio else f"{result.measure}{unit_words(result)}"


def _states_two_shares(result: Result) -> bool:
    return len(_pair(result)) == 2 and all(share_of(arm) is not None for arm in _pair(result))


def _pair(result: Result) -> tuple[Arm, ...]:
    """Return the two arms that a result compares; all of its arms if it does not say which."""
    return compared_arms(result) or result.arms


def glance_html(trial: Trial, *, with_source: bool = False) -> str:
    """Return a trial at a glance as HTML; empty if a record states nothing beyond its name.

    Args:
        trial: The trial.
        with_source: Whether to say where the record is from and who has reviewed it: a card says both of itself.
    """
    glance = glance_of(trial)
    title, facts = title_html(trial), list(facts_of(glance))
    cells = "".join(f'<div class="td-fact"><dt>{fact.term}</dt><dd>{_marked(fact)}</dd></div>' for fact in facts)
    parts = [
        f'<p class="td-glance-title">{title}</p>' if title else "",
        f'<dl class="td-facts">{cells}</dl>' if cells else "",
        effects_html(glance.effects),
        shares_html(glance.shares),
        _published(trial) if with_source else "",
    ]
    return f'<div class="td-glance">{"".join(parts)}</div>' if any(parts) else ""


def _marked(fact: Fact) -> str:
    return f'<span class="td-dot {fact.look}"></span>{fact.html}' if fact.look else fact.html


def _published(trial: Trial) -> str:
    source = source_html(trial.source)
    said = f"<span>{source}</span>" if source else ""
    return f'<p class="td-published">{said}{footer_review_html(trial.review)}</p>'


def facts_of(glance: Glance) -> Iterator[Fact]:
    """Yield the facts of a trial that its record states: who, how, what against what, and the primary endpoint."""
    trial, lead = glance.trial, glance.lead
    said = trial.statement
    arms = _pair(lead) if lead else ()
    looks = ("td-accent", "td-grey") if len(arms) == 2 else ("", "")
    cells = (
        Fact(translate("Who"), _lines(_size(lead), _text(trial, said.population))),
        Fact(translate("Design"), _text(trial, _design(trial))),
        Fact(translate("Tested"), _lines(_arm(arms, 0), _text(trial, said.tested)), looks[0]),
        Fact(translate("Against"), _lines(_arm(arms, 1), _text(trial, said.comparator)), looks[1]),
        Fact(translate("Primary endpoint"), _text(trial, said.endpoint)),
    )
    return (cell for cell in cells if cell.html)


def _size(lead: Result | None) -> str:
    """Return how many patients the arms of a result have together; empty if an arm does not say it."""
    if lead is None or not lead.arms or not all(arm.n for arm in lead.arms):
        return ""
    count = f"{sum(arm.n or 0 for arm in lead.arms):,}".replace(",", "\u2009")
    return render_plain(translate("{count} patients", count=count))


def _arm(arms: Sequence[Arm], place: int) -> str:
    if len(arms) != 2:
        return ""
    arm = arms[place]
    size = f" · n\u00a0=\u00a0{arm.n}" if arm.n else ""
    return f"<b>{label_html(arm.name)}</b>{render_plain(size)}"


def _design(trial: Trial) -> str:
    return next((item.text for item in current(trial.design)), "")


def _text(trial: Trial, markdown: str) -> str:
    return "" if is_blank(markdown) else in_language(render_inline(markdown), trial.language, "span")


def _lines(*lines: str) -> str:
    return "<br>".join(filter(None, lines))


def effects_html(effects: Sequence[Result]) -> str:
    """Return effects below one another on one axis; empty if there is none."""
    if not effects:
        return ""
    first = effects[0]
    values = [value for result in effects for value in drawn(result)]
    scale = Scale.of(values, null_of(first.measure), log=first.measure in RATIOS)
    rows = [
        EffectRow(
            *label_of(result),
            estimate=result.estimate,
            interval=drawn(result)[1:],
            value=f"{render_plain(digits(result.estimate or Decimal()))}{render_plain(unit_words(result))}",
            value_sub=render_plain(arms_in_short(result) or (range_words(result.ci) if result.ci else "")),
        )
        for result in effects
    ]
    both = f" {translate('and')} "
    measures = capitalised(both.join(dict.fromkeys(plural_of(result.measure) for result in effects)))
    key = translate("square: estimate, line: confidence interval; no effect at {null}", null=scale.null)
    name = f"{measures}; {key}"
    return effect_grid(rows, scale, name, _directions(effects))


def _directions(effects: Sequence[Result]) -> Directions:
    """Return what is lower and higher on the two sides, if that is one thing in all effects."""
    things = {LOWER.get(result.measure, "") for result in effects}
    return Directions(*sides_of(things.pop() if len(things) == 1 else ""))


def label_of(result: Result) -> tuple[str, str]:
    """Return the endpoint as the label of a row, and what stands below it: what is in brackets, and the setting."""
    endpoint, _, inside = result.endpoint.strip().partition(" (")
    is_split = inside.endswith(")") and "(" not in inside
    below = [label_html(inside.removesuffix(")"))] if is_split else []
    below.append(render_plain(setting_in_short(result)))
    return label_html(endpoint if is_split else result.endpoint), " · ".join(filter(None, below))


def setting_in_short(result: Result) -> str:
    """Return which analysis a result is and when it was measured, in few words.

    A primary analysis goes unsaid, and so does a time that takes a sentence, or says no number.
    """
    analysis = analysis_words(result.analysis) if result.analysis not in {"", "primary", _SAFETY} else ""
    is_short = len(result.timepoint) <= _LONGEST_TIME and any(map(str.isdecimal, result.timepoint))
    time = result.timepoint if is_short else ""
    return " · ".join(filter(None, [analysis, time]))


def arms_in_short(result: Result) -> str:
    """Return what two arms state, first against second: `20.6 v 14.7 months`; empty if not both state the same."""
    values, unit = pair_of_values(result)
    said = _said_of(result) if unit == "%" else ""
    return f"{_versus(values)}{unit}{said}" if values else ""


def _versus(values: Sequence[str]) -> str:
    return f" {translate('v')} ".join(values)


def pair_of_values(result: Result) -> tuple[tuple[str, ...], str]:
    """Return what each of the two arms of a result states, in digits, and its unit; nothing if not both state it."""
    arms = _pair(result)
    stated = _values(arms, result) if len(arms) == 2 else ()
    return next(((values, unit) for values, unit in stated if all(values)), ((), ""))


def _values(arms: Sequence[Arm], result: Result) -> Iterator[tuple[tuple[str, ...], str]]:
    unit = f" {result.unit}" if not is_blank(result.unit) else ""
    yield tuple(_digits(arm.median) if arm.median_reached else translate(NOT_REACHED) for arm in arms), unit
    yield tuple(_digits(share_of(arm)) for arm in arms), "%"
    yield tuple(_digits(arm.mean) for arm in arms), unit
    if len({arm.rate_unit for arm in arms}) == 1:
        yield tuple(_digits(arm.rate) for arm in arms), f" {arms[0].rate_unit}".rstrip()


def _digits(number: Decimal | None) -> str:
    return "" if number is None else digits(number)


def shares_html(results: Sequence[Result]) -> str:
    """Return the per cents of two arms as pairs of bars; empty if there is no such result."""
    rows = []
    for result in results:
        own, other = (_share(arm) for arm in _pair(result))
        rows.append(
            Row(
                *label_of(result),
                mark=_bars(own, other),
                value=render_plain(f"{digits(own)}%"),
                value_sub=render_plain(f"{translate('v')} {digits(other)}%{_said_of(result)}"),
            )
        )
    return plot(rows, translate("Per cent of patients, of 100")) if rows else ""


def _said_of(result: Result) -> str:
    return f", {translate(WORKED_OUT)}" if any(map(is_worked_out, _pair(result))) else ""


def _share(arm: Arm) -> Decimal:
    share = share_of(arm)
    assert share is not None
    return share


def _bars(*shares: Decimal) -> str:
    """Return the bars of two arms, one above the other on their rails."""
    looks = ("td-accent", "td-grey")
    return "".join(
        f'<rect class="td-bar td-rail" x="0" y="{place}%" width="100%" height=".5em"></rect>'
        f'<rect class="td-bar {look}" x="0" y="{place}%" width="{percent(float(min(share, Decimal(100))))}" '
        f'height=".5em"></rect>'
        for share, look, place in zip(shares, looks, (36, 74), strict=True)
    )
