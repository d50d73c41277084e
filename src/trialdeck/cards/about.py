"""What stands behind "About this trial": the title, who was treated with what, and the publication."""

from trialdeck.cards.citation import source_html
from trialdeck.cards.markup import render_inline
from trialdeck.records.model import Trial
from trialdeck.records.retirement import current


def about_html(trial: Trial) -> str:
    """Return the facts of a trial as a list of terms; empty where a record states none beyond its name."""
    statement = trial.statement
    facts = [
        ("Title", render_inline(trial.title) if trial.acronym else ""),
        ("Population", render_inline(statement.population)),
        ("Tested", render_inline(statement.tested)),
        ("Comparator", render_inline(statement.comparator)),
        ("Endpoint", render_inline(statement.endpoint)),
        ("Arms", _arms(trial)),
        ("Published", source_html(trial.source)),
    ]
    rows = "".join(f"<dt>{term}</dt><dd>{fact}</dd>" for term, fact in facts if fact)
    return f"<dl>{rows}</dl>" if rows else ""


def _arms(trial: Trial) -> str:
    """Return the arms of the first result that counts all of its patients: later data cuts may count fewer."""
    for result in current(trial.results):
        if result.arms and all(arm.n for arm in result.arms):
            return "; ".join(f"{render_inline(arm.name)} (n = {arm.n})" for arm in result.arms)
    return ""
