"""What settings are called for somebody who knows no file of them: labels, hints and values, by property."""

from collections.abc import Mapping

WORDS: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("root",): (
        "Deck above all decks",
        "What learners see at the top in Anki. Change it only before the first release.",
    ),
    ("edition",): (
        "Name of the edition",
        "Learners find by it what is new, such as 2026.1. Without a name, it is the day of the build.",
    ),
    ("license",): (
        "Licence",
        "Under which licence the decks are shared, in one line. [Words](address) become a link.",
    ),
    ("authors",): ("Authors", "Who wrote the decks, one name a line."),
    ("homepage",): ("Address of the site", "Where the site will be. Every card has a link to its place there."),
    ("report",): (
        "Where learners report errors",
        "A mail address, a page, or an address of GitHub that ends in /issues/new. It gets the text of the card.",
    ),
    ("moved_to",): (
        "The site has moved to",
        "Only if another site replaces this one: programs that follow the decks go there.",
    ),
    ("topics",): (
        "Titles of topics",
        "What topics are called on cards and on the site. Without a title, by their own words.",
    ),
    ("allow",): (
        "Always allow",
        "What a build otherwise refuses. It is safer to allow such a change when it comes, on the page Release.",
    ),
    ("id",): (
        "Id",
        "It names the files of the packages. Small letters, digits and hyphens; keep it once learners have the deck.",
    ),
    ("name",): (
        "Name",
        "What the deck is called in Anki. Learners keep the former name for the cards that they have.",
    ),
    ("description",): ("Description", "What Anki shows below the deck."),
    ("select", "trials"): ("Trials", "Only these. None ticked means all."),
    ("select", "topics"): ("Topics", "Trials with any of these. None ticked means all."),
    ("select", "specialties"): ("Specialties", "Cards for these, and those for no specialty in particular."),
    ("select", "perspectives"): ("Perspectives", "Cards from these. None ticked means all."),
    ("select", "audiences"): ("Audiences", "Cards for these, and those for everybody. None ticked means all."),
    ("select", "reviewed_only"): ("Only what somebody has reviewed", "It leaves out the rest, and what is disputed."),
    ("split",): ("Packages", "One file for all, or several that learners choose from."),
    ("subdecks",): ("Decks inside a package", "How its cards are arranged in Anki."),
    ("order",): ("Order of new cards", "In which order a learner meets them."),
    ("stage",): ("I am a", "What is for others alone is left out."),
    ("specialties",): ("My specialties", "What is for others alone is left out. None ticked means all."),
}
"""The label and the hint of each property; of one that is not here, those of the schema."""
OF_PROFILE: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("name",): ("Name", "It stands in the description of the decks.")
}
"""Those of a profile that differ."""
VALUES: Mapping[tuple[str, ...], Mapping[str, str]] = {
    ("split",): {"none": "one package", "trial": "one for each trial", "perspective": "one for each perspective"},
    ("subdecks",): {"none": "one deck", "trial": "a deck for each trial", "perspective": "a deck for each perspective"},
    ("order",): {
        "study": "as one learns: core first, appraisal last, trials in turn",
        "record": "trial by trial, as the trials are written",
        "interleaved": "one of each trial in turn",
        "shuffled": "mixed",
        "takeaways": "takeaways first",
    },
    ("select", "perspectives"): {
        "mechanism": "mechanism: how the treatment works",
        "clinical": "clinical: what it means for patients",
        "reviewer": "reviewer: how far the evidence carries",
    },
    ("allow",): {
        "texts-lost": "learners lose texts",
        "cards-vanish": "learners find empty cards",
        "history-cut": "learners start cards again",
        "unusual-share": "a large part changes at once",
        "ledger-lost": "known cards count as new",
        "clock-ahead": "the clock is behind the last build",
    },
}
"""The words of values, by property; a value that is not here is shown as it is."""
UNSET: Mapping[tuple[str, ...], str] = {
    ("split",): "one package",
    ("subdecks",): "a deck for each trial, unless a package is for one trial",
    ("order",): "as one learns",
}
"""What a property means that is not set, where one is chosen from a list."""
