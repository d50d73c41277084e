"""The search index of the site, loaded only when a reader searches.

It is a script that sets a variable, because a page that is opened from a disk may not read other files.
"""

import json
from collections.abc import Iterator

from trialdeck.records.model import Audience, Perspective
from trialdeck.site.model import TrialPage

_VARIABLE = "trialdeckIndex"


def search_index(trials: tuple[TrialPage, ...]) -> str:
    """Return the script that sets the index.

    Each trial has the file of its page, its name, its title and its notes; each note has the anchor of its first card,
    its perspective and audiences (by number), whether it is reviewed, its question and its answer.
    """
    index = {
        "perspectives": list(Perspective),
        "audiences": list(Audience),
        "trials": [[trial.file, trial.plain_name, trial.plain_title, list(_cards(trial))] for trial in trials],
    }
    return f"window.{_VARIABLE}={json.dumps(index, ensure_ascii=False, separators=(',', ':'))};\n"


def _cards(trial: TrialPage) -> Iterator[list[object]]:
    for card in trial.cards:
        if card.asks or card.answers:
            perspective = list(Perspective).index(card.perspective)
            audiences = [list(Audience).index(audience) for audience in card.audience]
            yield [card.anchor, perspective, audiences, int(card.is_reviewed), card.asks, card.answers]
