"""Posted outcomes as results: one for each analysis, or one for the values of an outcome without analysis."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trialdeck.core.text import counted
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.registry.analyses import Effect, Untaken, effect_of
from trialdeck.drafts.registry.arms import Values, named_cell, ordered, values_of
from trialdeck.drafts.registry.check_result import fault_of
from trialdeck.drafts.registry.endpoints import outcome_key
from trialdeck.drafts.registry.texts import entries_of, numbered_entries, text_of, texts_of
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.slugs import point_slug
from trialdeck.yamlfile.document import LARGEST

Posted = Mapping[str, Any]
_RANKS = ("PRIMARY", "SECONDARY")
_CONCENTRATION = re.compile(r"\b(?:concentrations?|pharmacokinetics?|cmax|tmax|auc|trough)\b", re.IGNORECASE)
_INTERIM = re.compile(r"\binterim\b", re.IGNORECASE)
_SUBGROUP = re.compile(r"\bsubgroups?\b", re.IGNORECASE)
_LEAD = re.compile(
    r"\A(?:(?:the|first|occurrence|of|composite|endpoint|onset|change|time|to|number|percentage|participants|subjects|"
    r"patients|with|from|in|baseline) +)+", re.IGNORECASE
)  # fmt: skip
"""What many titles begin with; an id says the rest."""
_UNCLEAR = "The arms stand as in the registry: which one is experimental is not clear."
_CLASSES = (
    "The outcome has {} classes, and the registry does not say which of them this analysis is about: say it under"
    " `endpoint`. The values of the arms are not taken."
)
_SHOWN_DOUBTS = 20
TOO_LARGE = "the record would be too large; a second record can hold it"
"""The reason for what is left out because no record holds so many results."""
_MOST_CELLS = 12
"""How many results an outcome without an analysis may give; more are not what the trial was about."""


class Posting(msgspec.Struct, frozen=True):
    """A result that was posted: its properties, the words that its id is made of, and the comments above it."""

    properties: Mapping[str, object]
    slug: str
    place: str
    remarks: tuple[str, ...]
    inferred: tuple[Notice, ...] = ()


class Outcomes(msgspec.Struct):
    """Reads the outcomes of one study, and counts what was read.

    `everything` takes the values of outcomes without an analysis, and outcomes that are neither primary nor secondary;
    `chosen` are the positions of the only outcomes that are taken, or None. `size` is about how many characters the
    results have.
    """

    arm_groups: Sequence[Posted]
    source: Mapping[str, object]
    everything: bool
    chosen: frozenset[int] | None = None
    not_taken: list[Notice] = msgspec.field(default_factory=list)
    seen: int = 0
    described: set[str] = msgspec.field(default_factory=set)
    keyed: dict[str, str] = msgspec.field(default_factory=dict)
    size: int = 0

    def read(self, module: Posted) -> Iterator[Posting]:
        """Yield the results of a module of outcomes, those of primary outcomes first."""
        numbered = numbered_entries(module, "outcomeMeasures")
        for rank in (*_RANKS, ""):
            for position, outcome in numbered:
                kind = text_of(outcome, "type")
                if kind == rank or (not rank and kind not in _RANKS):
                    yield from self._outcome(outcome, position)

    def _outcome(self, outcome: Posted, position: int) -> Iterator[Posting]:
        place = f"outcome {position}"
        analyses = numbered_entries(outcome, "analyses")
        self.seen += max(1, len(analyses))
        title = text_of(outcome, "title")
        reason = self._reason_against(outcome, position)
        if reason:
            places = [f"{place}, analysis {number}" for number, _ in analyses] or [place]
            self.not_taken += (Notice(0, reason, title, each) for each in places)
        elif analyses:
            for number, analysis in analyses:
                yield from self._analysis(outcome, analysis, f"{place}, analysis {number}")
        else:
            yield from self._values_alone(outcome, place)

    def _reason_against(self, outcome: Posted, position: int) -> str:
        """Return why an outcome is not taken; empty if it is taken."""
        if self.chosen is not None:
            return "" if position in self.chosen else "not chosen"
        return "" if self.everything else reason_by_rule(outcome)

    def _analysis(self, outcome: Posted, analysis: Posted, place: str) -> Iterator[Posting]:
        title = text_of(outcome, "title")
        groups = {text_of(group, "id"): group for group in entries_of(outcome, "groups")}
        wanted = texts_of(analysis, "groupIds")
        unknown = [group_id for group_id in wanted if group_id not in groups]
        if unknown:
            self._leave(place, f"it names a group that the outcome does not list: {', '.join(unknown)}", title)
        elif len(wanted) != 2 or wanted[0] == wanted[1]:
            self._leave(place, f"it concerns {_groups(len(set(wanted)))}; an estimate compares two", title)
        else:
            effect = effect_of(analysis, outcome)
            if isinstance(effect, Untaken):
                self._leave(place, effect.reason, title)
            else:
                two = [groups[group_id] for group_id in wanted]
                yield from self._of_class(outcome, analysis, two, place, effect)

    def _of_class(
        self, outcome: Posted, analysis: Posted, two: Sequence[Posted], place: str, effect: Effect
    ) -> Iterator[Posting]:
        """Yield the result of an analysis with the values of the class that it is about.

        Args:
            outcome: The outcome.
            analysis: The analysis.
            two: The groups that it compares.
            place: Where it is in the file.
            effect: What it states.
        """
        cells = values_of(outcome)
        named = cells[0] if len(cells) == 1 else named_cell(text_of(analysis, "groupDescription"), cells)
        if named is None:
            heading = _CLASSES.format(len(cells))
            yield from self._posting(outcome, Values(outcome, {}, {}), two, place, effect, heading)
            return
        title, values = named
        if len(cells) > 1:
            effect = effect.with_inferred(f'class: the analysis says "{title}"')
        yield from self._posting(outcome, values, two, place, effect, "", title if len(cells) > 1 else "")

    def _values_alone(self, outcome: Posted, place: str) -> Iterator[Posting]:
        cells = values_of(outcome)
        self.seen += len(cells) - 1
        groups = entries_of(outcome, "groups")
        for number, (title, values) in enumerate(cells, start=1):
            where = place if len(cells) == 1 else f"{place}, class {number}"
            yield from self._posting(outcome, values, groups, where, None, "", title)

    def _posting(  # noqa: PLR0913, PLR0917
        self, outcome: Posted, values: Values, groups: Sequence[Posted], place: str, effect: Effect | None,
        heading: str, cell: str = "",
    ) -> Iterator[Posting]:  # fmt: skip
        """Yield the result, if it holds numbers that can be true.

        Args:
            outcome: The outcome.
            values: The values of the arms.
            groups: The arms, as the registry orders them.
            place: Where it is in the file.
            effect: The effect, or None.
            heading: A remark on the values.
            cell: The class and category.
        """
        order = ordered(groups, self.arm_groups)
        names = _names(order.groups)
        arms = [values.arm(group, name) for group, name in zip(order.groups, names, strict=True)]
        endpoint = _endpoint(outcome, cell)
        stated = _effect(effect, outcome, arms)
        own_inferred = effect.inferred if effect else ()
        key = self._key(outcome, place)
        if key:
            own_inferred += (f"outcome: {key}, by the name of the endpoint",)
        properties = {"endpoint": escape_markdown(endpoint), **({"outcome": key} if key else {}),
                      **_setting(outcome), **stated,
                      "arms": [_escaped(arm, stated.get("ci_level")) for arm in arms],
                      "source": dict(self.source)}  # fmt: skip
        self.size += len(str(properties))
        if self.size > LARGEST:
            self._leave(place, TOO_LARGE, endpoint)
            return
        fault = fault_of(properties)
        if fault and properties.pop("margin", None):
            # A margin that the comment may not have meant does not cost the result: the comment stays beside it.
            fault = fault_of(properties)
        if fault:
            self._leave(place, f"the numbers as posted cannot stand in a record ({fault})", endpoint)
            return
        remarks = [self._heading(outcome, place), heading, *(effect.remarks if effect else ()),
                   *(f"inferred: {text}" for text in own_inferred),
                   "" if order.inferred else _UNCLEAR,
                   *(f"Not taken or doubtful: {doubt}" for doubt in values.doubts[:_SHOWN_DOUBTS])]  # fmt: skip
        inferred = tuple(Notice(0, text, endpoint, place) for text in own_inferred)
        slug = point_slug(_LEAD.sub("", endpoint)) or point_slug(endpoint)
        several = len(entries_of(outcome, "analyses")) > 1
        pair = f" {point_slug(names[0])}" if several else ""
        yield Posting(
            properties, f"{slug}{pair}".strip().replace(" ", "-"), place, tuple(filter(None, remarks)), inferred
        )

    def _key(self, outcome: Posted, place: str) -> str:
        """Return the key of a well-known endpoint; of several outcomes that are called alike, only the first has it."""
        key, position = outcome_key(text_of(outcome, "title")), place.partition(",")[0]
        return key if self.keyed.setdefault(key, position) == position else ""

    def _heading(self, outcome: Posted, place: str) -> str:
        """Return where a result stands in the registry, with the outcome's description above the first of them."""
        parts = (text_of(outcome, name) for name in ("type", "paramType", "dispersionType", "unitOfMeasure"))
        description = text_of(outcome, "description")
        position = place.partition(",")[0]
        repeated = not description or position in self.described
        self.described.add(position)
        return f"Registry, {place}: {', '.join(filter(None, parts))}.{'' if repeated else f' {description}'}"

    def _leave(self, place: str, reason: str, title: str) -> None:
        self.not_taken.append(Notice(0, reason, title, place))


def reason_by_rule(outcome: Posted) -> str:
    """Return why an outcome is not taken unless somebody asks for it; empty if it is taken."""
    rank = text_of(outcome, "type")
    if rank not in _RANKS:
        return "neither primary nor secondary; --all takes it"
    return "" if entries_of(outcome, "analyses") else _reason_against_values(outcome, rank)


def _reason_against_values(outcome: Posted, rank: str) -> str:
    """Return why the values of an outcome without an analysis are not taken."""
    cells = len(values_of(outcome))
    if not entries_of(outcome, "classes"):
        return "no values are posted"
    if rank != "PRIMARY":
        return "values without an analysis; --all takes them"
    if cells > _MOST_CELLS:
        return f"{cells} classes of values without an analysis; --all takes them"
    concentration = _CONCENTRATION.search(text_of(outcome, "title"))
    return "a drug concentration without an analysis; --all takes it" if concentration else ""


def _groups(count: int) -> str:
    return counted(count, "group")


def _names(groups: Sequence[Posted]) -> list[str]:
    titles = [text_of(group, "title") or text_of(group, "id") or "Arm" for group in groups]
    return [
        title if titles.count(title) == 1 else f"{title} ({text_of(group, 'id') or place})"
        for place, (title, group) in enumerate(zip(titles, groups, strict=True), start=1)
    ]


def _endpoint(outcome: Posted, cell: str) -> str:
    title = text_of(outcome, "title") or "Outcome without a title"
    geometric = " (geometric means)" if text_of(outcome, "paramType").startswith("GEOMETRIC") else ""
    return f"{title}{f': {cell}' if cell else ''}{geometric}"


def _setting(outcome: Posted) -> dict[str, object]:
    """Return analysis, time point and population."""
    title = text_of(outcome, "title")
    analysis = "interim" if _INTERIM.search(title) else "subgroup" if _SUBGROUP.search(title) else ""
    analysis = analysis or ("primary" if text_of(outcome, "type") == "PRIMARY" else "")
    texts = {"timepoint": text_of(outcome, "timeFrame"), "population": text_of(outcome, "populationDescription")}
    return {
        **({"analysis": analysis} if analysis else {}),
        **{name: escape_markdown(text) for name, text in texts.items() if text},
    }


def _effect(effect: Effect | None, outcome: Posted, arms: Sequence[Mapping[str, object]]) -> dict[str, object]:
    if effect:
        return {
            name: escape_markdown(value) if name in ("unit", "method") and isinstance(value, str) else value
            for name, value in effect.properties.items()
        }
    in_units = any("mean" in arm or "median" in arm for arm in arms)
    unit = text_of(outcome, "unitOfMeasure") if in_units else ""
    return {"unit": escape_markdown(unit)} if unit else {}


def _escaped(arm: Mapping[str, object], level: object) -> dict[str, object]:
    """Return an arm in Markdown; the level of its interval stays out if it is that of the result."""
    return {
        name: escape_markdown(value) if name in ("name", "rate_unit") and isinstance(value, str) else value
        for name, value in arm.items()
        if name != "ci_level" or value != level
    }
