"""What an edition changes for learners, in plain words; and what an author agrees to who allows a change of high risk.

The messages of `trialdeck.editions.risks` have keys of notes, and their hints name commands and properties. These texts
are for people who use neither: each agreement completes "I know that …".
"""

import msgspec

from trialdeck.core.text import counted


class Consent(msgspec.Struct, frozen=True):
    """What the author agrees to, and what to do if the change is not meant."""

    agreement: str
    instead: str


NO_CONSENT = Consent("", "")

CONSENTS = {
    "texts-lost": Consent(
        "learners lose the text of these cards for good",
        "Put the packages of the last edition into the decks folder: they have the text. Or put the question back, and "
        "withdraw it there with a reason, so that the text stays.",
    ),
    "cards-vanish": Consent(
        "learners find empty cards, and lose their history of them",
        "Put the gap back with the number that it had. A sentence that asks something else is better a new one.",
    ),
    "history-cut": Consent(
        "learners start these cards again from the beginning",
        "If it is still the same question, name its former id in the new one, under “Earlier ids”: the history stays.",
    ),
    "unusual-share": Consent(
        "a large part of the cards changes at once, and replaces what learners wrote on them",
        "Look through the changes below: a wrong folder, or an old copy of it, looks like this.",
    ),
    "ledger-lost": Consent(
        "what learners wrote on these cards is replaced, although the cards are not new",
        "If these packages were shared, bring back the file ledger.jsonl of the last edition. If they were never "
        "shared, remove them from the decks folder.",
    ),
    "clock-ahead": Consent(
        "every import replaces what learners wrote, until the date in the message",
        "Look at the date and the time of this computer. If they are right, an earlier edition was built with a wrong "
        "clock.",
    ),
}
"""The texts of each change that a build refuses, by its code."""

_PLAIN = {
    "facts-shared": (
        "shows new facts of its trial",
        "show new facts of their trial",
        "; learners keep the former facts",
    ),
    "content-replaced": ("gets other words", "get other words", "; what learners wrote there is replaced"),
    "notes-returned": ("comes back and asks again", "come back and ask again", ""),
    "notes-retired": ("is withdrawn", "are withdrawn", ": the card says so, and asks nothing any more"),
    "texts-lost": ("is withdrawn, and its text is lost", "are withdrawn, and their texts are lost", ""),
    "cards-vanish": ("loses a card: its gap or its field is gone", "lose cards: a gap or a field is gone", ""),
    "history-cut": ("is new under another id", "are new under another id", "; learners know it under the former one"),
    "unusual-share": ("changes at once", "change at once", ": more than a quarter of all"),
    "ledger-lost": ("counts as new, but learners have it", "count as new, but learners have them", ""),
}


def in_plain_words(code: str, count: int) -> str:
    """Return what a change means for so many notes, in plain words; empty for changes that are not about notes."""
    if code == "look-changed":
        return "the cards look different"
    if code not in _PLAIN:
        return ""
    one, several, rest = _PLAIN[code]
    return f"{counted(count, f'note {one}', f'notes {several}')}{rest}"
