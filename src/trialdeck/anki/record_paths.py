"""The places in a record from which the fields of its notes are made."""

from collections.abc import Mapping, Sequence

from trialdeck.notes.lists import POINTS
from trialdeck.records.entries import numbered
from trialdeck.records.model import STATEMENT_PARTS, Entry, Trial
from trialdeck.records.sections import LIST_SECTIONS, QUESTIONS, RELATED_TRIALS, SUMMARY, TAKEAWAYS, TEXT_SECTIONS
from trialdeck.yamlfile.positions import DataPath

_LISTS = {section.slug: section.property for section in LIST_SECTIONS}
_TEXTS = {section.slug: section.property for section in TEXT_SECTIONS}
_OF_TRIAL = {name.capitalize(): name for name in ("title", *STATEMENT_PARTS, SUMMARY.property)}
_OF_QUESTION = {"Question": "question", "Response": "response"}


def target(trial: Trial, key: str, field: str) -> DataPath:
    """Return the path of the text from which a field of a note is made; `()` if it is made from several parts."""
    path: DataPath = ()
    match (key.split("/")[1:], field):
        # Without an acronym, the title is the name.
        case ["trial"], _ if field in _OF_TRIAL and (trial.acronym or field != "Title"):
            path = (_OF_TRIAL[field],)
        case [slug], "Response" if slug in _TEXTS:
            path = (_TEXTS[slug],)
        case [QUESTIONS.slug, name], ("Question" | "Response"):
            path = (QUESTIONS.property, _index(trial.questions, name), _OF_QUESTION[field])
        case [TAKEAWAYS.slug, name], "Response":
            path = (TAKEAWAYS.property, _index(trial.takeaways, name), "text")
        case [QUESTIONS.slug, name, "cloze", statement], "Text":
            path = (QUESTIONS.property, _index(trial.questions, name), "cloze", statement)
        case [slug, name, "cloze", statement], "Text" if slug in _LISTS:
            items: Sequence[Entry] = getattr(trial, _LISTS[str(slug)])
            path = (_LISTS[str(slug)], _index(items, name), "cloze", statement)
        case _:
            pass
    return path


def points_of_list(trial: Trial, key: str, field: str) -> Sequence[DataPath]:
    """Return the paths of the points in a field of a note, in their order; empty if the field is no list."""
    _, slug, *of_what = key.split("/")
    if field != "Text" or slug not in _LISTS or of_what != [POINTS]:
        return []
    items: Sequence[Entry] = getattr(trial, _LISTS[slug])
    return [(_LISTS[slug], index, "text") for index, _ in numbered(items)]


def related_target(trial: Trial, key: str, field: str) -> DataPath:
    """Return the path of a text about another trial without a record of its own, in the record that names it."""
    name, part = key.partition("/")[0], _OF_TRIAL.get(field, "")
    for index, related in enumerate(trial.related_trials):
        if related.id == name and part in STATEMENT_PARTS and getattr(related.statement, part):
            return (RELATED_TRIALS.property, index, part)
    return ()


def _index(entries: Sequence[Entry], name: str) -> int:
    return [entry.id for entry in entries].index(name)


def text_at(data: object, path: DataPath) -> str:
    """Return the text at a path; empty if there is none."""
    for part in path:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, Sequence) and isinstance(part, int):
            data = data[part]
    return str(data) if data is not None else ""
