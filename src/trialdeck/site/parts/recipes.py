"""Searches for filtered decks, as a learner copies them into Anki."""

from collections.abc import Iterator

from trialdeck.decks.description import CORE
from trialdeck.notes.tags import ROOT, edition_tag, tag_of
from trialdeck.records.model import Audience, Perspective
from trialdeck.site.whole import Site

_LEARNERS = (Audience.STUDENT, Audience.RESIDENT, Audience.FELLOW, Audience.ATTENDING)
_MOST_TOPICS = 3


def recipes_of(site: Site) -> Iterator[tuple[str, str]]:
    """Yield searches that find something in the decks of a site or may do so later, each after its words."""
    own = f"tag:{ROOT}::*"
    if site.counts.core_cards:
        yield "Only the core cards that are new to you", f"tag:{CORE} is:new"
    yield "What you forgot in the last seven days", f"{own} rated:7:1"
    yield "What is due in the next three days, before a journey", f"{own} prop:due<=3 -is:new"
    yield "All results, before a journal club", f"{own} Key:*/result/*"
    for perspective in (each for each in Perspective if each in site.perspectives):
        yield f"The perspective {perspective}", f"tag:{tag_of('perspective', perspective)}"
    for audience in _LEARNERS:
        if audience in site.audiences:
            yield f"Cards for the {audience.replace('-', ' ')}", f"tag:{tag_of('audience', audience)}"
    for topic in site.topics[:_MOST_TOPICS]:
        yield topic.title, f"tag:{tag_of('topic', topic.slug)}"
    for trial in site.trials[:1]:
        yield f"One trial, here {trial.name}", f"tag:{tag_of('trial', trial.id)}"
    yield "What this edition brought", f"tag:{edition_tag(site.about.edition)}"
