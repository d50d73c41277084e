"""Read the name of a trial as decks write it: `DAWN-1 (2014)`, `CHARM-Preserved (2003) Trial:`."""

import re

import msgspec

from trialdeck.drafts.acronym import find_acronym
from trialdeck.records.schema import load_schema
from trialdeck.records.slugs import name_slug

_YEAR = re.compile(r"(?<![0-9])(?:19[4-9]|20[0-9])[0-9](?![0-9])")
# A bracket behind the year belongs to it if the one before it does: not that of `DAWN-1 (Lancet 2014)`.
_YEAR_APART = re.compile(
    r"(?:[,;]?\s)?[(\[](?P<inside>(?:19[4-9]|20[0-9])[0-9])(?![0-9-])[)\]]?"
    r"|[,;]?\s(?P<apart>(?:19[4-9]|20[0-9])[0-9])(?![0-9-])"
)
_KIND = re.compile(r"\s(?:trial|study)\Z", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9/+.-]*+")
_MOST_WORDS, _LONGEST = 4, 40


class TrialName(msgspec.Struct, frozen=True):
    """A trial's name without its year, its acronym and year where the name has them, and what its id begins as."""

    name: str
    acronym: str = ""
    year: str = ""

    @property
    def slug(self) -> str:
        """The name as a slug; the same for `DUSK-2` and `DUSK-2 trial`."""
        return name_slug(self.acronym or self.name.replace("(", " ").replace(")", " "))


def read_trial_name(text: str) -> TrialName:
    """Return the parts of a trial's name, one line of plain text."""
    line = " ".join(text.split())
    year = _YEAR_APART.search(line)
    bare = line[: year.start()] + line[year.end() :] if year else line
    name = bare.strip(" ,;:.-") or line
    short = _KIND.sub("", name).strip(" ,;:.-") or name
    acronym = short if _is_acronym(short) else find_acronym(name, (), ())
    return TrialName(
        name, acronym if _can_be_acronym(acronym) else "", (year["inside"] or year["apart"]) if year else ""
    )


def year_of(text: str) -> str:
    """Return the last year in a text, of a publication: 1940 to 2099; empty without any."""
    return next(iter(_YEAR.findall(text)[-1:]), "")


def _is_acronym(name: str) -> bool:
    """Tell whether a whole name is an acronym: few words, and in the first at least two capitals or digits."""
    words = name.split()
    marks = sum(char.isupper() or char.isdigit() for char in words[0]) if words else 0
    marks = marks if all(word[:1].isupper() or word[:1].isdigit() for word in words) else 0
    shape = len(words) <= _MOST_WORDS and len(name) <= _LONGEST and all(_WORD.fullmatch(word) for word in words)
    return shape and marks > 1 and words[0][0].isalpha()


def _can_be_acronym(name: str) -> bool:
    form = load_schema("trial")["properties"]["acronym"]
    return len(name) <= form["maxLength"] and re.fullmatch(form["pattern"].strip("^$"), name) is not None
