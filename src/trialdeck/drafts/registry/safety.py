"""Deaths and serious adverse events by arm, as results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trialdeck.drafts.lines import Notice
from trialdeck.drafts.registry.arms import ordered
from trialdeck.drafts.registry.check_result import fault_of
from trialdeck.drafts.registry.outcomes import Outcomes, Posting
from trialdeck.drafts.registry.texts import count, entries_of, text_of
from trialdeck.markdown.render import escape_markdown
from trialdeck.yamlfile.writer import Number

Posted = Mapping[str, Any]
_KINDS = (("deaths", "Deaths"), ("serious", "Serious adverse events"))
_NAMES = {"deaths": "deaths", "serious": "serious-adverse-events"}


def safety(module: Posted, outcomes: Outcomes) -> Iterator[Posting]:
    """Yield deaths and serious adverse events; single terms are in `trialdeck.drafts.registry.events`."""
    groups = entries_of(module, "eventGroups")
    for kind, endpoint in _KINDS:
        if not any(count(text_of(group, f"{kind}NumAffected")) for group in groups):
            continue
        outcomes.seen += 1
        order = ordered(groups, outcomes.arm_groups)
        arms = [_arm(group, kind, place) for place, group in enumerate(order.groups, start=1)]
        timepoint = text_of(module, "timeFrame")
        properties = {"endpoint": endpoint, "analysis": "safety",
                      **({"timepoint": escape_markdown(timepoint)} if timepoint else {}),
                      "arms": numbered(arms), "source": dict(outcomes.source)}  # fmt: skip
        place = f"adverse events, {endpoint.casefold()}"
        fault = fault_of(properties)
        if fault:
            message = f"the numbers as posted cannot stand in a record ({fault})"
            outcomes.not_taken.append(Notice(0, message, endpoint, place))
            continue
        description = text_of(module, "description")
        yield Posting(
            properties, _NAMES[kind], place, (f"Registry, {place}.{f' {description}' if description else ''}",)
        )


def _arm(group: Posted, kind: str, place: int) -> dict[str, object]:
    return arm_of(group, text_of(group, f"{kind}NumAffected"), text_of(group, f"{kind}NumAtRisk"), place)


def arm_of(group: Posted, affected: str, at_risk: str, place: int) -> dict[str, object]:
    """Return an arm with the patients who were affected, of those at risk.

    Args:
        group: The group of the registry.
        affected: How many had the event, as posted.
        at_risk: How many could have it, as posted.
        place: The number of the arm.

    Returns:
        The arm; a number that is no whole number is left out.

    """
    affected, at_risk = count(affected), count(at_risk)
    name = text_of(group, "title") or text_of(group, "id") or f"Arm {place}"
    return {
        "name": escape_markdown(name),
        **({"n": Number(at_risk)} if at_risk not in ("", "0") else {}),
        **({"events": Number(affected)} if affected else {}),
    }


def numbered(arms: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Number the arms of one name."""
    names = [arm["name"] for arm in arms]
    return [
        dict(arm) if names.count(arm["name"]) == 1 else {**arm, "name": f"{arm['name']} ({place})"}
        for place, arm in enumerate(arms, start=1)
    ]
