"""Ids of entries: what one may be called, and how it is renamed without losing what learners have of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trialdeck.core.errors import TrialdeckError
from trialdeck.markdown.cloze import filled
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.editing.change import Change, names_on
from trialdeck.records.sections import (
    ENTRY_LISTS,
    ENTRY_SECTIONS,
    LIST_SECTIONS,
    QUESTIONS,
    RELATED_TRIALS,
    RESULTS,
    TAKEAWAYS,
)
from trialdeck.records.slugs import name_slug, point_slug, question_slug, refuse_id, refuse_id_of, unique
from trialdeck.yamlfile.document import DataPath
from trialdeck.yamlfile.edit import value_at
from trialdeck.yamlfile.tree import list_of, mappings_of, text_of

_MADE_OF: Mapping[str, tuple[str, Callable[[str, str], str]]] = {
    QUESTIONS.property: ("question", question_slug),
    RESULTS.property: ("endpoint", point_slug),
    RELATED_TRIALS.property: ("name", lambda text, _: name_slug(text)),
    TAKEAWAYS.property: ("text", point_slug),
    **{section.property: ("text", point_slug) for section in LIST_SECTIONS},
}
"""The property that the id of an entry is made of, by the list of the entry, and how."""
_NOUNS = {section.property: section.noun for section in ENTRY_SECTIONS}


def suggested_id(data: Any, path: DataPath) -> str:
    """Return an id for the entry at a path, or for the record itself, made of what it says.

    It is the id that an import would give it, unlike that of any other entry of its list. An entry that says nothing
    yet gets a number: `question-14`. A statement under `cloze` is an entry too.
    """
    data = data if isinstance(data, dict) else {}
    if not path:
        return name_slug(_plain(text_of(data, "acronym"))) or point_slug(_plain(text_of(data, "title"))) or "trial"
    acronym = text_of(data, "acronym")
    if is_of_statement(path):
        statements = value_at(data, path[:-1])
        others = [name for name in statements if name != path[-1]] if isinstance(statements, dict) else []
        made = point_slug(_plain(filled(str(value_at(data, path) or ""))), acronym)
        return unique([*others, made or f"statement-{len(others) + 1}"], "statement")[-1]
    section, index = str(path[0]), int(path[1])
    name, slug = _MADE_OF[section]
    taken = [known for position, entry in enumerate(mappings_of(data, section)) if position != index
             for known in (text_of(entry, "id"), *list_of(entry, "formerly"))]  # fmt: skip
    made = slug(_plain(text_of(value_at(data, path) or {}, name)), acronym)
    noun = _NOUNS[section].replace(" ", "-")
    return unique([*filter(None, taken), made or f"{noun}-{index + 1}"], noun)[-1]


def renamed(data: Any, path: DataPath, new: str, *, keeps_history: bool = True) -> tuple[Change, ...]:
    """Return the changes that give an entry, or the record itself, another id.

    Args:
        data: The data of the record.
        path: The path of the entry; empty for the record itself.
        new: The new id.
        keeps_history: Whether the old id becomes the last of its earlier ones, so that learners keep their history.
            That of an entry that nobody has can be forgotten.

    Returns:
        The changes, to be made together: the id, its earlier ids, and what names the entry elsewhere in the record.

    Raises:
        TrialdeckError: The id has not the form of one, or another entry of the list has it, or had it.
    """
    _refuse_form(path, new)
    if is_of_statement(path):
        return _renamed_statement(data, path, new)
    entry = value_at(data, path) or {}
    old = text_of(entry, "id")
    if new == old:
        return ()
    if path:
        _refuse_taken(data, path, new)
    names = names_on(data, path)
    changes = []
    if old and keeps_history and (not path or path[0] != RELATED_TRIALS.property):
        earlier = [name for name in list_of(entry, "formerly") if name != new]
        changes = [Change((*path, "formerly"), [*earlier, old], list_of(entry, "formerly") or None, names=names)]
    mentions = tuple(_mentions(data, str(path[0]), old, new)) if old and path else ()
    # The id comes last: until then the entry is found by the old one.
    return (*changes, *mentions, Change((*path, "id"), new, entry.get("id"), names=names))


def is_of_statement(path: DataPath) -> bool:
    """Tell whether a path is that of a statement, whose id is the name of a property."""
    return len(path) > 1 and path[-2] == "cloze"


def _renamed_statement(data: Any, path: DataPath, new: str) -> tuple[Change, ...]:
    if new == path[-1]:
        return ()
    if new in (value_at(data, path[:-1]) or {}):
        raise TrialdeckError(f"the id '{new}' is taken by another sentence", "choose another one")
    value, names = value_at(data, path), names_on(data, path)
    return Change((*path[:-1], new), value, names=names), Change(path, None, value, names=names)


def _refuse_form(path: DataPath, new: str) -> None:
    if path:
        refuse_id_of("sentence" if is_of_statement(path) else _NOUNS.get(str(path[0]), "entry"), new)
    else:
        refuse_id(new)


def _refuse_taken(data: Any, path: DataPath, new: str) -> None:
    for position, entry in enumerate(mappings_of(data, str(path[0]))):
        known = text_of(entry, "id"), *list_of(entry, "formerly")
        if position != path[1] and new in known:
            raise TrialdeckError(f"the id '{new}' is taken in this list", "choose another one")


def _mentions(data: Any, section: str, old: str, new: str) -> Iterator[Change]:
    """Yield the changes of what names an entry by its id: texts that cite a result, and replacements."""
    for name in ENTRY_LISTS:
        for index, entry in enumerate(mappings_of(data, name)):
            cited = list_of(entry, RESULTS.property)
            path, names = (name, index), names_on(data, (name, index))
            if section == RESULTS.property and old in cited:
                value = [new if known == old else known for known in cited]
                yield Change((*path, RESULTS.property), value, cited, names=names)
            retired = entry.get("retired")
            if name == section and isinstance(retired, dict) and retired.get("instead") == old:
                yield Change((*path, "retired", "instead"), new, old, names=names)


def _plain(text: str) -> str:
    return readable(render(text)) if text.strip() else ""
