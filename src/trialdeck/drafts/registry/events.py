"""Single adverse events by arm, as results of safety: those that somebody has asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trialdeck.drafts.lines import Notice
from trialdeck.drafts.registry.arms import ordered
from trialdeck.drafts.registry.check_result import fault_of
from trialdeck.drafts.registry.choices import AdverseEvent, adverse_events
from trialdeck.drafts.registry.outcomes import Outcomes, Posting
from trialdeck.drafts.registry.safety import arm_of, numbered
from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import entries_of, text_of
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.slugs import point_slug

_KINDS = {"serious": "serious", "other": "not serious"}
_FIELDS = {"serious": "adverseEventsModule.seriousEvents", "other": "adverseEventsModule.otherEvents"}


def chosen_events(study: Study, outcomes: Outcomes, events: frozenset[str]) -> Iterator[Posting]:
    """Yield the chosen events; the others of a list of which one was chosen are listed as not taken."""
    for kind, name in _KINDS.items():
        listed = list(adverse_events(study, kind))
        chosen = [event for event in listed if event.is_in(events)]
        if not chosen:
            continue
        study.entries(_FIELDS[kind])
        outcomes.seen += len(listed)
        group = f"adverse events that are {name}"
        outcomes.not_taken += (
            Notice(0, "not chosen", "", event.term or event.key, group) for event in listed if event not in chosen
        )
        for event in chosen:
            yield from _result(event, study, outcomes)


def _result(event: AdverseEvent, study: Study, outcomes: Outcomes) -> Iterator[Posting]:
    module = study.module("adverseEventsModule")
    stats = {text_of(part, "groupId"): part for part in entries_of(event.posted, "stats")}
    groups = [group for group in entries_of(module, "eventGroups") if text_of(group, "id") in stats]
    order = ordered(groups, outcomes.arm_groups)
    arms = [_arm(group, stats[text_of(group, "id")], place) for place, group in enumerate(order.groups, start=1)]
    endpoint = f"{event.term} ({_KINDS[event.kind]})"
    timepoint = text_of(module, "timeFrame")
    properties = {"endpoint": escape_markdown(endpoint), "analysis": "safety",
                  **({"timepoint": escape_markdown(timepoint)} if timepoint else {}),
                  **({"arms": numbered(arms)} if arms else {}), "source": dict(outcomes.source)}  # fmt: skip
    fault = fault_of(properties) if event.term else "it has no term"
    if fault:
        message = f"the numbers as posted cannot stand in a record ({fault})"
        outcomes.not_taken.append(Notice(0, message, endpoint, event.key))
        return
    slug = point_slug(endpoint) or event.key.replace(" ", "-")
    yield Posting(properties, slug, event.key, tuple(_remarks(event, module, list(stats.values()))))


def _arm(group: Mapping[str, Any], stat: Mapping[str, Any], place: int) -> dict[str, object]:
    return arm_of(group, text_of(stat, "numAffected"), text_of(stat, "numAtRisk"), place)


def _remarks(event: AdverseEvent, module: Mapping[str, Any], stats: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    parts = (text_of(event.posted, name) for name in ("organSystem", "sourceVocabulary", "notes"))
    threshold = text_of(module, "frequencyThreshold") if event.kind == "other" else ""
    shown = f" Such events are posted above a threshold of {threshold} %." if threshold else ""
    yield f"Registry, {event.key}: {', '.join(filter(None, parts))}.{shown}"
    occurrences = [text_of(part, "numEvents") for part in stats]
    if any(occurrences):
        yield f"Events, not patients, by arm in the registry's order: {', '.join(part or '–' for part in occurrences)}"
