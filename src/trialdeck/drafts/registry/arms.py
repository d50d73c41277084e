"""The arms of a result: in which order they stand, and which of the posted values each one states."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trialdeck.drafts.registry.texts import count, entries_of, number, text_of
from trialdeck.yamlfile.writer import Number

Posted = Mapping[str, Any]
_WORD = re.compile(r"[^\W_]+")
_NUMBER_OF = re.compile(r"\([^()]{0,80}\bn ?= ?[^()]{0,80}\)", re.IGNORECASE)
"""How many patients a class has, which its title often says: (n=201, 215, 209)."""
_ROLES = {
    "EXPERIMENTAL": 0,
    "ACTIVE_COMPARATOR": 1,
    "PLACEBO_COMPARATOR": 2,
    "SHAM_COMPARATOR": 2,
    "NO_INTERVENTION": 2,
}
_OTHER = 1
_PART_END = re.compile("[.,;:()]")
_CONTROL = re.compile(r"\b(?:placebo|sham|control|standard of care|usual care|vehicle|no treatment|observation)\b")
_INTERVAL = re.compile(r"([0-9.]{1,8}) ?% confidence interval")
_PER_CENT = re.compile(r"percent|per cent|proportion \(%\)|%")
_PEOPLE = frozenset({"participants", "participant", "subjects", "subject", "patients", "patient", "people"})
_OF_WHOM = frozenset({"who", "with", "having"})
_RATE = re.compile(
    r"(?:/|per) ?(?:1|10|100|1,?000|10,?000|100,?000)?[ -]?(?:participant|patient|person|subject)?s?[ -]?years?\b"
)
_MEANS = frozenset({"MEAN", "LEAST_SQUARES_MEAN", "GEOMETRIC_MEAN", "GEOMETRIC_LEAST_SQUARES_MEAN"})
_MEDIANS = frozenset({"MEDIAN"})


class Order(msgspec.Struct, frozen=True):
    """Groups with the experimental arm first; `inferred` says by what, or is empty if the order is the registry's."""

    groups: tuple[Posted, ...]
    inferred: str


def ordered(groups: Sequence[Posted], arm_groups: Sequence[Posted]) -> Order:
    """Put the experimental arm first, by the registry's own types of arms.

    The registry does not connect the groups of an outcome with its arms: they are matched by the words of their names.
    """
    roles = [_role(group, arm_groups) for group in groups]
    if len(set(roles)) == 1:
        # In crossover trials an arm has both, and the groups of an outcome are named by the treatment.
        roles = [int(bool(_CONTROL.search(text_of(group, "title").casefold()))) for group in groups]
    settled = len(set(roles)) > 1
    places = sorted(range(len(groups)), key=lambda place: (roles[place], place))
    return Order(tuple(groups[place] for place in places), "by the names of the arms" if settled else "")


def _role(group: Posted, arm_groups: Sequence[Posted]) -> int:
    title = text_of(group, "title").casefold()
    scores = [(_likeness(title, text_of(arm, "label").casefold()), arm) for arm in arm_groups]
    best = max((score for score, _ in scores), default=0.0)
    types = {text_of(arm, "type") for score, arm in scores if score == best}
    if best and len(types) == 1:
        return _ROLES.get(types.pop(), _OTHER)
    if _CONTROL.search(title):
        return 2
    return 0 if any(text_of(arm, "type") == "EXPERIMENTAL" for arm in arm_groups) else _OTHER


def _likeness(title: str, label: str) -> float:
    """Return which share of the words of two names is common."""
    words, others = set(_WORD.findall(title)), set(_WORD.findall(label))
    return len(words & others) / len(words | others) if words and others else 0.0


class Values(msgspec.Struct):
    """The values of one class and category of an outcome, and what could not be taken of them."""

    outcome: Posted
    posted: Posted
    """The class that the values are in; empty if the outcome has several and the analysis names none."""
    category: Posted
    doubts: list[str] = msgspec.field(default_factory=list)

    def arm(self, group: Posted, name: str) -> dict[str, object]:
        """Return one arm of a result."""
        group_id = text_of(group, "id")
        arm: dict[str, object] = {"name": name}
        patients = self._patients(group_id)
        if patients:
            arm["n"] = Number(patients)
        measured = next(
            (part for part in entries_of(self.category, "measurements") if part.get("groupId") == group_id), {}
        )
        if measured:
            arm |= self._value(measured, patients, name)
        return arm

    def _patients(self, group_id: str) -> str:
        for node in (self.posted, self.outcome):
            for denominator in entries_of(node, "denoms"):
                if text_of(denominator, "units").casefold().removeprefix("number of ") in _PEOPLE:
                    number_of = _count_in(denominator, group_id)
                    return number_of if number_of not in ("", "0") else ""
        units = [text_of(part, "units") for part in entries_of(self.outcome, "denoms")]
        if units:
            self._doubt(f"the registry counts {', '.join(units)}, not participants: no n is given")
        return ""

    def _value(self, measured: Posted, patients: str, name: str) -> dict[str, object]:
        kind, posted = text_of(self.outcome, "paramType"), text_of(measured, "value")
        unit = text_of(self.outcome, "unitOfMeasure")
        value = number(posted)
        if kind in _MEDIANS and posted.upper() in ("NA", "NR"):
            return self._not_reached(measured, name)
        shown = f"{posted} {unit}".strip()
        if not value:
            self._doubt(f"{name}: {shown or 'no value'} is not a number{_comment(measured)}")
            return {}
        if kind in _MEANS:
            return {"mean": Number(value), **self._spread(measured, name)}
        if kind in _MEDIANS and not value.startswith("-"):
            return {"median": Number(value), **self._interval(measured, name)}
        return self._share(value, patients, name, measured) or self._untaken(f"{name}: {shown}, {kind or 'no type'}")

    def _share(self, value: str, patients: str, name: str, measured: Posted) -> dict[str, object]:
        kind = text_of(self.outcome, "paramType")
        unit = text_of(self.outcome, "unitOfMeasure").casefold()
        counted = kind == "COUNT_OF_PARTICIPANTS" or (kind in ("NUMBER", "COUNT") and _counts_people(unit))
        if counted and value.isdecimal():
            return {"events": Number(value)} if not patients or int(value) <= int(patients) else {}
        if kind != "NUMBER" or value.startswith("-"):
            return {}
        if _PER_CENT.search(unit) and float(value) <= 100 and "change" not in unit:
            return {"percent": Number(value), **self._interval(measured, name)}
        if _RATE.search(unit):
            return {"rate": Number(value), "rate_unit": text_of(self.outcome, "unitOfMeasure"),
                    **self._interval(measured, name)}  # fmt: skip
        return {}

    def _spread(self, measured: Posted, name: str) -> dict[str, object]:
        kind = text_of(self.outcome, "dispersionType").casefold()
        spread = number(text_of(measured, "spread"))
        geometric = text_of(self.outcome, "paramType").startswith("GEOMETRIC")
        if spread and not spread.startswith("-") and not geometric:
            if kind == "standard deviation":
                return {"sd": Number(spread)}
            if kind == "standard error":
                return {"se": Number(spread)}
        return self._interval(measured, name)

    def _interval(self, measured: Posted, name: str) -> dict[str, object]:
        kind = text_of(self.outcome, "dispersionType")
        match = _INTERVAL.search(kind.casefold())
        posted = [text_of(measured, part) for part in ("lowerLimit", "upperLimit")]
        bounds = [number(bound) for bound in posted]
        if match and all(bounds) and number(match[1]):
            return {"ci": [Number(bound) for bound in bounds], "ci_level": Number(number(match[1]))}
        spread = " to ".join(posted) if any(posted) else text_of(measured, "spread")
        if spread:
            self._doubt(f"{name}: {kind or 'spread'} {spread}{_comment(measured)}")
        return {}

    def _not_reached(self, measured: Posted, name: str) -> dict[str, object]:
        self._doubt(f"{name}: the registry says NA{_comment(measured)}; read as a median that was not reached")
        return {"median": "not reached"}

    def _untaken(self, doubt: str) -> dict[str, object]:
        self._doubt(doubt)
        return {}

    def _doubt(self, doubt: str) -> None:
        if doubt not in self.doubts:
            self.doubts.append(doubt)


def _count_in(denominator: Posted, group_id: str) -> str:
    return next(
        (
            count(text_of(part, "value"))
            for part in entries_of(denominator, "counts")
            if part.get("groupId") == group_id
        ),
        "",
    )


def _comment(measured: Posted) -> str:
    comment = text_of(measured, "comment")
    return f" ({comment})" if comment else ""


def named_cell(description: str, cells: Sequence[tuple[str, Values]]) -> tuple[str, Values] | None:
    """Return the only class that the description of an analysis names; None if it names none, or more than one.

    A title of one word, such as Improved, may be any word of a sentence: it has to be a part of its own.
    """
    said = _words(description)
    named = [cell for cell in cells if _is_named(_words(_NUMBER_OF.sub("", cell[0])), said, description)]
    # "Mental Component Score; Month 6" names "Month 6" as well: the longer name is meant.
    longest = [cell for cell in named if not any(_contains(other[0], cell[0]) for other in named if other is not cell)]
    return longest[0] if len(longest) == 1 else None


def _counts_people(unit: str) -> bool:
    """Whether a unit in small letters is one of people: `number of participants`, `patients who died`."""
    people, *more = unit.removeprefix("number of ").split() or [""]
    is_share = "per" in more or "/" in unit or _PER_CENT.search(unit)
    return people in _PEOPLE and not is_share and (not more or more[0] in _OF_WHOM)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _is_named(title: tuple[str, ...], said: tuple[str, ...], description: str) -> bool:
    if not title:
        return False
    if len(title) == 1:
        return any(_words(part) == title for part in _PART_END.split(description))
    return any(said[place : place + len(title)] == title for place in range(len(said) - len(title) + 1))


def _contains(longer: str, shorter: str) -> bool:
    words, others = _words(_NUMBER_OF.sub("", longer)), _words(_NUMBER_OF.sub("", shorter))
    return len(words) > len(others) and _is_named(others, words, longer)


def values_of(outcome: Posted) -> list[tuple[str, Values]]:
    """Return the values of each class and category, with their title; one without a title if there is only one."""
    cells = [
        (
            " – ".join(filter(None, (text_of(group, "title"), text_of(category, "title")))),
            Values(outcome, group, category),
        )
        for group in entries_of(outcome, "classes")
        for category in entries_of(group, "categories")
    ]
    return cells or [("", Values(outcome, {}, {}))]
