"""What the form calls the properties of a record, in plain words, and where they stand.

The schema has a title and a description for each property, which the form shows. What is here replaces those that take
files and their syntax for granted. A key is the kind of thing and its property: `question.response`; `trial` is the
record itself.
"""

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "trial.acronym": "Short name",
    "trial.title": "Title of the publication",
    "trial.tested": "What was tested",
    "trial.population": "In whom",
    "trial.comparator": "Against what",
    "trial.endpoint": "Primary endpoint",
    "trial.core": "Everybody should know this trial",
    "trial.cards": "Also asked on cards",
    "trial.significance": "What it means for patients",
    "trial.history": "Where the field stood before",
    "trial.design": "Study design",
    "trial.limitations": "Limitations",
    "trial.figures": "Pictures and sounds",
    "trial.key_findings": "Key findings",
    "trial.results": "Results",
    "trial.contributors": "Thanks to",
    "trial.takeaways": "What each role should take from it",
    "trial.$schema": "Address of the form",
    "trial.format": "Version of the form",
    "question.response": "Answer",
    "question.guid": "Note in Anki",
    "item.text": "Point",
    "result.endpoint": "What was measured",
    "result.outcome": "Short key of the outcome",
    "result.analysis": "Which analysis",
    "result.timepoint": "When it was measured",
    "result.population": "Who was analysed",
    "result.measure": "Kind of estimate",
    "result.ci": "Confidence interval",
    "result.ci_level": "Level of the interval, in %",
    "result.between": "Compares",
    "result.hypothesis": "What was to be shown",
    "result.method": "How it was analysed",
    "arm.name": "Arm",
    "arm.percent": "%",
    "arm.sd": "SD",
    "arm.se": "SE",
    "arm.rate_unit": "Rate counted per",
    "arm.ci": "Interval",
    "arm.ci_level": "Level, %",
    "related_trial.tested": "What was tested",
    "related_trial.population": "In whom",
    "related_trial.comparator": "Against what",
    "related_trial.endpoint": "Primary endpoint",
    "takeaway.text": "What to take from it",
    "review.by": "By whom",
    "review.on": "On which day",
    "review.as_of": "Known to hold up to",
    "review.reason": "Why it is disputed",
    "retired.on": "Since",
    "retired.reason": "Why",
    "retired.instead": "Replaced by",
    "*.card": "Asked on a card",
    "*.core": "Core: everybody should know it",
    "*.cloze": "Sentences with gaps",
    "*.results": "Numbers in it come from",
    "*.figures": "Pictures and sounds",
    "*.formerly": "Earlier ids",
    "*.specialties": "Specialties",
    "*.perspective": "Perspective",
    "*.audience": "For whom",
}
HINTS: Mapping[str, str] = {
    "trial.$schema": "Where an editor of files finds the description of this form.",
    "trial.acronym": "It names the deck, and stands on the cards. Without it, cards show the title.",
    "trial.title": "",
    "trial.tested": "",
    "trial.population": "",
    "trial.comparator": "",
    "trial.endpoint": "",
    "trial.topics": "They become tags in Anki: small letters and hyphens, with commas between them.",
    "trial.specialties": "Small letters and hyphens, with commas between them.",
    "trial.cards": "A text gives one card, a list one for each point. What is not asked is for reading.",
    "trial.results": "",
    "trial.questions": "",
    "trial.core": "For the cards on what it tested, in whom, and its endpoint.",
    "trial.source": "",
    "trial.language": "Of the texts, such as de, ar or pt-BR; without it, English.",
    "trial.format": "",
    "trial.contributors": "Who has corrected cards of this trial: the release notes thank them.",
    "source.citation": "",
    "source.doi": "Such as 10.1056/NEJMoa1516282.",
    "source.registry": "Such as NCT01564537.",
    "source.url": "",
    "question.question": "It stands alone: a learner sees one card at a time.",
    "question.response": "A sentence or two.",
    "item.text": "",
    "result.analysis": "",
    "result.data_cut": "Two looks at one endpoint differ.",
    "result.timepoint": "",
    "result.measure": "",
    "result.unit": "Of medians, means and differences.",
    "result.outcome": "The same in every trial, whatever their endpoints are called: it joins their results.",
    "result.between": "The first arm against the second; needed where there are more than two.",
    "result.estimate": "As published: a zero at the end stays.",
    "result.ci": "",
    "result.p": "As published, with its sign.",
    "result.ci_level": "",
    "result.arms": "The experimental arm first.",
    "arm.median": "A number, or not reached.",
    "arm.rate_unit": "As it reads behind the number.",
    "arm.ci": "Of the median, mean, rate or %, whichever is stated first.",
    "related_trial.name": "",
    "related_trial.tested": "",
    "related_trial.population": "",
    "related_trial.comparator": "",
    "related_trial.endpoint": "",
    "takeaway.text": "",
    "retired.on": "Such as 2026-11-30.",
    "retired.reason": "One line; it stands on the card of those who have learned it.",
    "retired.instead": "The id of what replaces it.",
    "review.status": "",
    "review.by": "",
    "review.on": "Such as 2026-11-30.",
    "review.as_of": "Guidelines change.",
    "review.reason": "The card shows it.",
    "figure.file": "Its path from the folder of the record on, with / between folders.",
    "figure.caption": "A line below it.",
    "contributor.on": "Such as 2026-11-30.",
    "*.source": "",
    "*.review": "Every card shows it.",
    "*.card": "As usual: questions and primary results are; points, takeaways and other results are for reading.",
    "*.core": "",
    "*.cloze": "A learner sees the sentence with a gap. Mark a word and choose Gap.",
    "*.results": "Their data cut is printed on the card.",
    "*.perspective": "",
    "*.audience": "Nothing means everybody.",
    "*.specialties": "Nothing means all of them. Small letters and hyphens, with commas between them.",
    "*.formerly": "Oldest first. Learners keep their history through them.",
    "*.id": "What it is called for good: the history of learners hangs on it.",
}
MAIN: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "response", "perspective", "audience", "core", "cloze"),
    "item": ("text", "results", "cloze"),
    "result": (
        "endpoint", "arms", "measure", "estimate", "ci", "ci_level", "p", "unit", "analysis", "data_cut", "timepoint",
        "population", "core",
    ),
    "related_trial": ("name", "tested", "population", "comparator", "endpoint"),
    "takeaway": ("text", "audience"),
    "arm": ("name", "n", "events", "percent", "median"),
    "figure": ("file", "alt", "license", "caption", "credit"),
    "contributor": ("name", "for", "on"),
}  # fmt: skip
"""The properties of an entry that are seen at once, in their order; the others stand below "More"."""
LEADS: Mapping[str, str] = {
    "question": "question",
    "item": "text",
    "result": "endpoint",
    "related_trial": "name",
    "takeaway": "text",
    "figure": "file",
    "contributor": "name",
    "arm": "name",
}
"""The property of an entry by which it is known in a list."""
NOUNS: Mapping[str, str] = {
    "question": "question",
    "item": "point",
    "result": "result",
    "related_trial": "related trial",
    "takeaway": "takeaway",
    "figure": "picture or sound",
    "contributor": "name",
    "arm": "arm",
}
"""What one entry of a list is called."""


class Sections:
    """The parts of the form: a name for links, a heading, a sentence, and the properties of the record."""

    ALL: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
        ("trial", "The trial", "", ("acronym", "title", "tested", "population", "comparator", "endpoint", "core",
                                    "source", "topics", "specialties")),
        ("questions", "Questions", "What learners are asked, in the order in which they learn it.", ("questions",)),
        ("results", "Results", "The endpoints in numbers, with the digits that were published.", ("results",)),
        ("texts", "In a few sentences", "For reading: on the site, and below the cards.",
         ("summary", "significance", "history", "cards")),
        ("findings", "Key findings", "What was found, point by point.", ("key_findings",)),
        ("design", "Study design", "How the trial was done, point by point.", ("design",)),
        ("limitations", "Limitations", "What the trial cannot show, point by point.", ("limitations",)),
        ("takeaways", "Takeaways", "What each role should take from the trial.", ("takeaways",)),
        ("related", "Related trials", "The trials to know beside this one.", ("related_trials",)),
        ("figures", "Pictures and sounds", "Of the trial as a whole; the card of its summary shows them.",
         ("figures",)),
        ("record", "About this record", "", ("review", "language", "id", "formerly", "contributors", "format",
                                             "$schema")),
    )  # fmt: skip


def label_of(kind: str, name: str, title: str) -> str:
    """Return what a property is called in the form; `title` is what the schema calls it."""
    return LABELS.get(f"{kind}.{name}", LABELS.get(f"*.{name}", title))


def hint_of(kind: str, name: str, description: str) -> str:
    """Return the hint of a property in the form; `description` is that of the schema."""
    return HINTS.get(f"{kind}.{name}", HINTS.get(f"*.{name}", description))


def choice_label(value: str) -> str:
    """Return a word of the schema as it reads in the form: `peer-reviewer` as `Peer reviewer`."""
    return value.replace("-", " ").replace("_", " ").capitalize()
