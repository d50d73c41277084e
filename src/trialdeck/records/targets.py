"""Where the texts of a note stand in its record: the way back from a key and a field to a path in the YAML."""

from collections.abc import Sequence

from trialdeck.records.model import Entry, Trial
from trialdeck.records.outline import STATEMENTS
from trialdeck.records.places import DataPath
from trialdeck.records.sections import LIST_SECTIONS, TEXT_SECTIONS

_LISTS = {section.slug: section.property for section in LIST_SECTIONS}
_TEXTS = {section.slug: section.property for section in TEXT_SECTIONS}
_OF_TRIAL = {
    "Title": "title",
    "Tested": "tested",
    "Population": "population",
    "Comparator": "comparator",
    "Endpoint": "endpoint",
    "Summary": "summary",
}
_OF_QUESTION = {"Question": "question", "Response": "response"}


def target(trial: Trial, key: str, field: str) -> DataPath:
    """Return the path of the text from which a field of a note is made; the empty path if it is made of others."""
    path: DataPath = ()
    match (key.split("/")[1:], field):
        case ["trial"], ("Tested" | "Population" | "Comparator" | "Endpoint" | "Summary"):
            path = (_OF_TRIAL[field],)
        case ["trial"], "Title" if trial.acronym:  # without one, the title is the name
            path = ("title",)
        case [slug], "Response" if slug in _TEXTS:
            path = (_TEXTS[slug],)
        case ["question", name], ("Question" | "Response"):
            path = ("questions", _index(trial.questions, name), _OF_QUESTION[field])
        case ["takeaway", name], "Response":
            path = ("takeaways", _index(trial.takeaways, name), "text")
        case ["question", name, "cloze", statement], "Text":
            path = ("questions", _index(trial.questions, name), "cloze", statement)
        case [slug, name, "cloze", statement], "Text" if slug in _LISTS:
            items: Sequence[Entry] = getattr(trial, _LISTS[str(slug)])
            path = (_LISTS[str(slug)], _index(items, name), "cloze", statement)
        case _:
            pass
    return path


def points_of_list(trial: Trial, key: str, field: str) -> Sequence[DataPath]:
    """Return the paths of the points that a field of a note lists, in their order; nothing where it lists none."""
    _, *of_what, slug = key.split("/")
    if field != "Response" or slug not in _LISTS or of_what not in ([], ["reviewed"]):
        return []
    items: Sequence[Entry] = getattr(trial, _LISTS[slug])
    listed = [not of_what or (item.review or trial.review).is_reviewed for item in items]
    return [(_LISTS[slug], index, "text") for index, is_listed in enumerate(listed) if is_listed]


def related_target(trial: Trial, key: str, field: str) -> DataPath:
    """Return the path of a text about another trial, one that has no record, in the record that names it."""
    name, wanted = key.partition("/")[0], _OF_TRIAL.get(field, "")
    for index, related in enumerate(trial.related_trials):
        if related.id == name and wanted in STATEMENTS and getattr(related.statement, wanted):
            return ("related_trials", index, wanted)
    return ()


def _index(entries: Sequence[Entry], name: str) -> int:
    return [entry.id for entry in entries].index(name)
