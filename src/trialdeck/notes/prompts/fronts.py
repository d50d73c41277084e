"""The fronts that trialdeck makes, and what stands above a front."""

from collections.abc import Mapping

from trialdeck.core.words import translate
from trialdeck.markdown.cloze import hidden_in
from trialdeck.markdown.plain_text import readable
from trialdeck.records.entries import current
from trialdeck.records.model import Audience, Takeaway, Trial
from trialdeck.records.sections import Section

VEILED = "td-veiled"
"""The class of a name that the style hides on fronts."""

_TEXT_FRONTS = {
    "summary": "What did {trial} show?",
    "significance": "What is the clinical significance of {trial}?",
    "history": "Where did the field stand before {trial}?",
}
_ROLES = {
    Audience.STUDENT: "a student",
    Audience.RESIDENT: "a resident",
    Audience.FELLOW: "a fellow",
    Audience.ATTENDING: "an attending",
    Audience.METHODOLOGIST: "a methodologist",
    Audience.PEER_REVIEWER: "a peer reviewer",
    Audience.GUIDELINE_COMMITTEE: "a guideline committee",
}


def text_front(section: Section, name: str) -> str:
    """Return the front's HTML of a section that is a text; `name` is the name of the trial as HTML."""
    return f"<p>{translate(_TEXT_FRONTS[section.property], trial=name)}</p>"


def takeaway_front(trial: Trial, takeaway: Takeaway, name: str) -> str:
    """Return the front's HTML; of several takeaways for the same readers it says which one is asked for.

    `name` is the name of the trial as HTML. Those that are not retired do not count the retired ones.
    """
    among = trial.takeaways if takeaway.retired else current(trial.takeaways)
    readers = (takeaway.audience, takeaway.specialties)
    like = [other for other in among if (other.audience, other.specialties) == readers]
    either = f" {translate('or')} "
    roles = either.join(translate(_ROLES[role]) for role in takeaway.audience) or translate("a reader")
    asked = translate("What should {readers} take away from {trial}?", readers=roles, trial=name)
    place = translate("{number} of {count}", number=like.index(takeaway) + 1, count=len(like))
    return f"<p>{asked}{f' ({place})' if len(like) > 1 else ''}</p>"


def header_html(trial: Trial, name: str, sides: Mapping[str, str]) -> str:
    """Return what stands above a card, its field `Trial`: the HTML `name` of the trial.

    It is veiled until the answer is shown if the answer names the trial. `sides` are the fields that the type of the
    note alone has.
    """
    answer = hidden_in(sides["Text"]) if "Text" in sides else sides["Response"]
    return f'<span class="{VEILED}">{name}</span>' if names_trial(trial, readable(answer)) else name


def names_trial(trial: Trial, text: str) -> bool:
    """Tell whether a plain text has the acronym of the trial as a word, in capitals or not."""
    name, folded = trial.acronym.casefold(), text.casefold()
    start = folded.find(name) if name else -1
    while start >= 0:
        around = folded[max(start - 1, 0) : start] + folded[start + len(name) : start + len(name) + 1]
        if not any(letter.isalnum() for letter in around):
            return True
        start = folded.find(name, start + 1)
    return False
