"""Find the trial's acronym in a text: TOURMALINE-MM1, CheckMate 067, DAPA-HF, NSABP B-31."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from trialdeck.records.slugs import name_slug

_WORD = re.compile(r"(?=[^A-Z]*[A-Z][^A-Z]*[A-Z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_NUMBER = re.compile(r"[0-9]{1,5}[A-Z]?|[A-Z]{1,2}-?[0-9]{1,5}[A-Z]?")
_CAPITALS = re.compile(r"[A-Z]{4,}")
_TRIAL = re.compile(r"(?:trial|study)(?:['’]s)?", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?\Z")
_HYPHENS = re.compile("[\u2010\u2011]|(?<=[A-Z0-9])\u2013(?=[A-Z0-9])")
_EDGE = "()[]{}<>\"'“”‘’*_.,;:!?…→/|`~"
_STOPS = (",", ".", ";", ":", "!", "?", "…", "—", "–")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_SHORTEST_IN_TITLE = 3
_LONGEST = 40
_MOST_CANDIDATES = 20
_WEAKLY_NAMED = 5
"""How many letters a word needs to be taken for a trial when it follows `the` but no `trial`."""

# Capitals that stand before `trial` or `study` on many pages but name no trial.
_NO_TRIALS = frozenset(
    """
    I II III IV IA IB IIA IIB IIIA IIIB IVA IVB RCT RCTS FDA EMA NCCN ASCO ESMO IMWG AHA ACC ESC NICE WHO NIH NCI
    EORTC
    PFS OS ORR DFS EFS RFS HR OR RR CI ITT MACE NNT NNH QOL HRQOL SOC MRD DNA RNA MRNA PCR MRI CT PET US USA
    UK EU ICU ED
    HIV COVID-19 SARS-COV-2 AIDS COPD CKD AKI CAD CHF HF HFREF HFPEF STEMI NSTEMI ACS AF DVT PE VTE MI TIA
    ARDS LDL HDL
    NSCLC SCLC AML ALL CLL CML MDS MM RRMM NDMM DLBCL HCC RCC CRC MTX PD-1 PD-L1 HER2 EGFR SGLT2 GLP-1 IMID
    IMIDS NEJM
    JAMA BMJ LANCET ADHD PTSD IBD UC GERD NASH NAFLD T2DM T1DM BMI ECG EEG PICO CONSORT STROBE
    """.split()  # noqa: SIM905 - a list of words reads better so
)


class _Mention(msgspec.Struct, frozen=True):
    name: str
    in_trial: bool
    after_the: bool


def find_acronym(title: str, texts: Sequence[str], others: Iterable[str]) -> str:
    """Return the acronym that a trial's title and texts mention most often as a trial; empty if there is none.

    `others` are the names of other trials; they are never returned.
    """
    excluded = {name_slug(name) for name in others}
    mentions = [mention for text in (title, *texts) for mention in _mentions(text)]
    other_names = {name for name in {mention.name for mention in mentions} if name_slug(name) in excluded}
    mentions = [mention for mention in mentions if mention.name not in other_names]
    title_names = {name for name in _names_in_title(title) if len(name) > _SHORTEST_IN_TITLE}
    strong = Counter(mention.name for mention in mentions if mention.in_trial or mention.name in title_names)
    weak = Counter(mention.name for mention in mentions if mention.after_the and _is_long_enough(mention.name))
    return _most_mentioned_name(strong or weak, mentions)


def _most_mentioned_name(candidates: Counter[str], mentions: Sequence[_Mention]) -> str:
    counts = Counter(mention.name for mention in mentions)
    best = [name for name, _ in candidates.most_common(_MOST_CANDIDATES)]
    # Among names that are mentioned equally often, the first one wins.
    first = {mention.name: -position for position, mention in reversed(list(enumerate(mentions)))}
    return max(best, key=lambda name: (counts[name], first[name]), default="")


def _names_in_title(title: str) -> set[str]:
    """Return the texts in a title that may be the trial's name: those in brackets and before the first colon."""
    folded = _HYPHENS.sub("-", title)
    head, colon, _ = folded.partition(":")
    return {*_IN_BRACKETS.findall(folded), *([head] if colon else [])}


def _is_long_enough(name: str) -> bool:
    return sum(character.isalpha() for character in name) >= _WEAKLY_NAMED


def _mentions(text: str) -> Iterator[_Mention]:
    words = _HYPHENS.sub("-", text).split()
    position = 0
    while position < len(words):
        name, length = _name_at(words, position)
        if name:
            before = words[position - 1].strip(_EDGE).lower() if position else ""
            yield _Mention(name, _names_trial(words, position, length), before == "the")
        position += length


def _name_at(words: Sequence[str], place: int) -> tuple[str, int]:
    """Return the name that starts at a word and its number of words; without a name, an empty text and 1."""
    word = _bare(words[place])
    if not _is_name(word):
        return "", 1
    if place + 1 < len(words) and words[place].endswith(word):
        following = _bare(words[place + 1])
        if _NUMBER.fullmatch(following) and not words[place + 1].endswith("%"):
            return f"{word} {following}", 2
        before_trial = place + 2 < len(words) and _TRIAL.fullmatch(words[place + 2].strip(_EDGE))
        if before_trial and _CAPITALS.fullmatch(following) and following not in _NO_TRIALS:
            return f"{word} {following}", 2
    return word, 1


def _names_trial(words: Sequence[str], place: int, length: int) -> bool:
    """Whether `trial` or `study` follows, after at most a few small words: `the DAPA-HF phase 3 trial`."""
    for distance in range(3):
        position = place + length + distance
        if position >= len(words) or words[position - 1].endswith(_STOPS):
            return False
        if _TRIAL.fullmatch(words[position].strip(_EDGE)):
            return True
        if not (words[position].islower() or words[position].isdigit()) or words[position] in _SEPARATORS:
            return False
    return False


# None of these words stands between a trial's name and `trial`.
_SEPARATORS = frozenset(
    "a an and are as at but by for from in is of on or than that the this to was were with".split()  # noqa: SIM905
)


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word.strip(_EDGE)) if len(word) <= _LONGEST else ""


def _is_name(word: str) -> bool:
    return len(word) > 1 and bool(_WORD.fullmatch(word)) and word.upper() not in _NO_TRIALS
