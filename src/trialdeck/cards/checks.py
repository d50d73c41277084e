"""What a record is held to once its texts are rendered: every front shows something."""

from collections.abc import Iterator

from trialdeck.cards.visible import shows_something
from trialdeck.records.document import DataPath, Document
from trialdeck.records.model import Trial
from trialdeck.records.problem import Problem


def check_fronts(trial: Trial, document: Document) -> Iterator[Problem]:
    """Yield a problem for every text that is written but shows nothing on its card."""
    for path, text in _shown_texts(trial):
        if text.strip() and not shows_something(text):
            message = f"nothing of '{path[-1]}' can be seen on a card"
            hint = "write text; a link definition, an empty link or invisible characters alone show nothing"
            yield document.problem("TD205", document.spot(*path), message, hint)


def _shown_texts(trial: Trial) -> Iterator[tuple[DataPath, str]]:
    yield ("title",), trial.title
    for index, question in enumerate(trial.questions):
        yield ("questions", index, "question"), question.question
        yield ("questions", index, "response"), question.response
    for name in ("key_findings", "design", "limitations", "takeaways"):
        for index, entry in enumerate(getattr(trial, name)):
            yield (name, index, "text"), entry.text
    for index, result in enumerate(trial.results):
        yield ("results", index, "endpoint"), result.endpoint
    for index, related in enumerate(trial.related_trials):
        yield ("related_trials", index, "name"), related.name
