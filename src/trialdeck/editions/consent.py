"""What an author agrees to who allows a change of high risk, and what to do in its place, in words of the trade alone.

The messages of `trialdeck.editions.risks` say what happened, and their hints name commands and properties. These texts
are for people who see neither: each agreement completes "I know that …".
"""

import msgspec


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
        "If it is still the same question, name its former id in the new one as “formerly”: the history stays.",
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
