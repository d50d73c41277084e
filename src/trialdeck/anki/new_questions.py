"""Make a question of a note that was added in Anki, and name what of the note no question holds."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from trialdeck.anki.collection_diff import PERSONAL
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.problem import shortened
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import ROOT, values_of
from trialdeck.records.model import Audience, Perspective

_ASKED = frozenset({"Question", "Response", "Perspective", "Audience", PERSONAL})
"""The fields that a question holds, or that are the learner's own."""

_OF_ANKI = frozenset({"leech", "marked"})
"""Tags that Anki gives by itself."""


def question_value(note: PackedNote, name: str, question: str, response: str) -> dict[str, Any]:
    """Return the question of a record.

    Args:
        note: The note that was added in Anki.
        name: The id of the question.
        question: The front, as Markdown.
        response: The back, as Markdown.
    """
    perspective = note.fields.get("Perspective", "").strip().lower()
    words = note.fields.get("Audience", "").lower().replace(",", " ").split()
    audience = [each.value for each in Audience if each.value in words]
    return {
        "id": name,
        "guid": note.guid,
        "perspective": perspective if perspective in set(Perspective) else Perspective.CLINICAL.value,
        **({"audience": audience} if audience else {}),
        "question": question,
        "response": response,
    }


def not_taken(note: PackedNote, value: Mapping[str, Any], known: Set[str]) -> Iterator[str]:
    """Yield what a new note says that its question does not hold, in plain words.

    Args:
        note: The note that was added in Anki.
        value: The question that was made from it.
        known: The fields of the other notes of its trial: what a copy of one of them has from there is no news.
    """
    if (text := note.fields.get("Perspective", "").strip()) and text.lower() != value["perspective"]:
        yield f"the perspective '{shortened(text)}' ({value['perspective']} is written)"
    words = note.fields.get("Audience", "").lower().replace(",", " ").split()
    yield from (f"the audience '{shortened(word)}'" for word in words if word not in value.get("audience", ()))
    for field in note_type(Kind.QUESTION).field_names:
        text = note.fields.get(field, "").strip()
        if field not in _ASKED and text and text not in known:
            yield f"the field {field} ('{shortened(readable(text) or text)}')"
    own = (tag for tag in note.tags if not tag.startswith(f"{ROOT}::") and tag.casefold() not in _OF_ANKI)
    yield from (f"the tag {tag}" for tag in own)


def trial_named_by(note: PackedNote, trials: Mapping[str, str]) -> str:
    """Return the id of the trial of a new note: from its tag and its field Trial, or else the name of its deck.

    Args:
        note: The note that was added in Anki.
        trials: The names of the trials by id.

    Raises:
        UnsayableError: It names no trial, or more than one.
    """
    tagged = set(values_of(note.tags, "trial")) & trials.keys()
    named = _called({readable(note.fields.get("Trial", "")).casefold()}, trials)
    decks = _called({part.casefold() for card in note.cards for part in card.deck.split("::")}, trials)
    found = (tagged | named) or decks
    if len(found) > 1:
        names = " and ".join(sorted(found))
        raise UnsayableError(f"it names {names}: its tags, its field Trial and its deck have to agree")
    if not found:
        raise UnsayableError("it names no trial that has a record: fill in its field Trial")
    return found.pop()


def _called(words: Set[str], trials: Mapping[str, str]) -> set[str]:
    wanted = words - {""}
    return {trial for trial, name in trials.items() if {trial, name.casefold()} & wanted}
