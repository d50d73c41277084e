"""The search index of the site, loaded only when somebody searches.

It is a script that sets a variable, because a page that was opened from a disk may not read other files.
"""

import json
from collections.abc import Iterator

from trialdeck.records.model import Audience, Perspective
from trialdeck.site.model import TrialPage

_VARIABLE = "trialdeckIndex"


def search_index(trials: tuple[TrialPage, ...]) -> str:
    """Return the script that sets the index.

    Of each trial it has the file of the page, the name, the title and the notes; of each note the anchor of its first
    card, its perspective and audiences (by number), whether it is reviewed, and what it asks and answers.
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
            audiences = [list(Audience).index(each) for each in card.audience]
            yield [card.anchor, perspective, audiences, int(card.is_reviewed), card.asks, card.answers]
