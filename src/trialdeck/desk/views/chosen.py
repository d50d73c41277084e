"""What the author has chosen of files that came in: from the form of a page to the API."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import trialdeck as td
from trialdeck.desk.forms.page_words import said_of_file
from trialdeck.desk.forms.problem_words import Said

FACTS = {
    "trial": "names the trial",
    "acronym": "short name of the trial",
    "title": "title of the publication",
    "year": "year",
    "citation": "citation",
    "doi": "DOI",
    "registry": "registry number",
    "source_url": "web address",
}
SECTIONS = {
    "tested": "what was tested",
    "population": "who was enrolled",
    "comparator": "against what",
    "endpoint": "primary endpoint",
    "summary": "summary",
    "significance": "what it means",
    "history": "background",
    "key_findings": "key findings",
    "design": "design",
    "limitations": "limitations",
}
ROLES = {
    "": "not taken",
    "question": "question",
    "response": "answer",
    "cloze": "text with gaps",
    **FACTS,
    **{f"sections.{name}": label for name, label in SECTIONS.items()},
}
"""What a field of somebody's deck may hold, in plain words."""
_LACKING = re.compile("'([a-z]+)' is missing")


def first_choice(arrival: Any) -> Any:
    """Return an arrival with what a page proposes: of a study, the primary outcomes."""
    if isinstance(arrival, td.NewTrial):
        proposed = {choice.key for choice in arrival.outcomes if choice.is_proposed}
        return arrival.chosen(outcomes=proposed) if proposed else arrival
    return ChosenNotes.of(arrival, {}) if isinstance(arrival, td.ForeignNotes) else arrival


def chosen_trial(arrival: td.NewTrial, choice: Mapping[str, Any]) -> td.NewTrial:
    """Return a new trial with the choices of its form."""
    has_source = bool(arrival.publications) and isinstance(choice.get("publication"), str)
    return arrival.chosen(
        trial_id=_text(choice, "trial_id"),
        acronym=_text(choice, "acronym") if arrival.outcomes or arrival.events else None,
        outcomes=_texts(choice, "outcomes") if arrival.outcomes else None,
        events=_texts(choice, "events") if arrival.events else None,
        publication=_text(choice, "publication") if has_source else None,
    )


def chosen_more(arrival: td.MoreOfTrial, choice: Mapping[str, Any]) -> td.MoreOfTrial:
    """Return more of a trial with the choices of its form; what the form has not shown yet is taken."""
    read = {
        "outcomes": _texts(choice, "outcomes") if arrival.outcomes else None,
        "events": _texts(choice, "events") if arrival.events else None,
    }
    whole = arrival.chosen(**read)
    left = _texts(choice, "left") or set()
    return arrival.chosen(additions={each.key for each in whole.additions} - left, **read)


def _text(choice: Mapping[str, Any], name: str) -> str | None:
    value = choice.get(name)
    return value.strip() if isinstance(value, str) else None


def _texts(choice: Mapping[str, Any], name: str) -> set[str] | None:
    value = choice.get(name)
    return {text for text in value if isinstance(text, str)} if isinstance(value, list) else None


@dataclass(frozen=True, slots=True)
class ChosenNotes:
    """Somebody's deck or table with the map that a form states: what each field holds."""

    notes: td.ForeignNotes
    way: str = "import"

    @classmethod
    def of(cls, notes: td.ForeignNotes, choice: Mapping[str, Any]) -> "ChosenNotes":
        """Return notes with the map of a form, or with the one that is proposed."""
        roles = choice.get("roles")
        return cls(notes.chosen(_map_of(notes, roles, choice)) if isinstance(roles, dict) else notes)

    def role(self, kind: str, name: str) -> str:
        """Return what a field holds, by the names in ROLES."""
        mapped = self.notes.map.get("note_types", {}).get(kind, {})
        for role in ("question", "response", "cloze", *FACTS):
            if name in _names(mapped.get(role)):
                return role
        inner = mapped.get("sections", {})
        return next((f"sections.{section}" for section in SECTIONS if name in _names(inner.get(section))), "")

    @property
    def trial_id(self) -> str:
        """The one trial that all notes are of, if the author has said so."""
        return str(self.notes.map.get("trial_id", ""))

    @property
    def takes_topics(self) -> bool:
        """Whether tags become topics."""
        return bool(self.notes.map.get("topic_tags"))

    @property
    def faults(self) -> Sequence[Said]:
        """What is wrong with the map, in the words of the form."""
        return [_said_of_map(problem) for problem in self.notes.problems]

    def write(self) -> Any:
        """Write the records."""
        return self.notes.write()


def _said_of_map(problem: td.Problem) -> Said:
    """Return what the form says of a fault of the map: its properties are roles there, which one chooses."""
    if (lacking := _LACKING.fullmatch(problem.message)) and lacking[1] in ROLES:
        role = ROLES[lacking[1]]
        return Said(f"No field holds the {role} yet", f"choose “{role}” for one of the fields")
    return Said(said_of_file(problem.message), said_of_file(problem.hint))


def _names(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else [value] if value else []
    return [str(part.get("field")) if isinstance(part, dict) else str(part) for part in parts]


def _map_of(notes: td.ForeignNotes, roles: Mapping[str, Any], choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the map that a form states: `roles` has for each note type what each field holds."""
    kinds: dict[str, Any] = {}
    for kind in notes.types:
        stated = roles.get(kind.name)
        chosen = stated if isinstance(stated, dict) else {}
        fields = [(name, str(chosen.get(name, ""))) for name, _ in kind.fields]
        kinds[kind.name] = _type_map(fields, notes.map.get("note_types", {}).get(kind.name, {}))
    others = {name: value for name, value in notes.map.items() if name not in {"note_types", "trial_id", "topic_tags"}}
    made: dict[str, Any] = {**others, "format": 1, "note_types": kinds}
    if trial_id := _text(choice, "trial_id"):
        made["trial_id"] = trial_id
    if choice.get("topics"):
        made["topic_tags"] = notes.map.get("topic_tags") or "all"
    return made


def _type_map(fields: list[tuple[str, str]], proposed: Mapping[str, Any]) -> dict[str, Any]:
    by_role: dict[str, list[str]] = {}
    for name, role in fields:
        by_role.setdefault(role, []).append(name)
    made: dict[str, Any] = {}
    for role in ("question", "response"):
        names = by_role.get(role, [])
        if names and set(names) == set(_names(proposed.get(role))):
            made[role] = proposed[role]
        elif names:
            headed = [{"field": name, "heading": name} if role == "response" else name for name in names[1:]]
            made[role] = [names[0], *headed] if headed else names[0]
    if cloze := by_role.get("cloze"):
        made["cloze"] = cloze[0]
    made |= {fact: by_role[fact][0] for fact in FACTS if fact in by_role}
    sections = {name: by_role[f"sections.{name}"] for name in SECTIONS if f"sections.{name}" in by_role}
    if sections:
        made["sections"] = {name: names[0] if len(names) == 1 else names for name, names in sections.items()}
    is_taken = bool({"question", "cloze", "sections"} & made.keys())
    others = {name: proposed[name] for name in ("reversed", "section", "perspective") if name in proposed}
    return {**made, **others} if is_taken else {"take": False}
