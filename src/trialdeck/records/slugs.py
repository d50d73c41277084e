"""Make readable, unique ids from texts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from slugify import slugify

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.system.windows import device_fault, is_device
from trialdeck.records.schema import load_schema

MOST_WORDS = 5
LONGEST = 45
_LONGEST_TEXT = 1000
_LONGEST_NAME = 60
_LONGEST_NAME_TEXT = 300

_STOP_WORD_LIST = """
a about above according across after again against all along alongside also although am among an and any are around as
at based be because been before being below between both but by can cannot compared could did do does doing done down
due during each either else especially established evaluate evaluated even ever every few for found from further given
had has have having he her here him his how however i if in including into is it its itself just likely many may me
might more most much must my no nor not now of off often on once one only or other our out over own particularly
patient patients per primary rather really regarding s same several shall she should showed shown since so some specific
specifically still study such t than that the their them then there therefore these they this those though through thus
to together too toward towards trial trials under until up upon use used uses using utilized very via vs versus was way
we well were what when where whether which while who whom whose why will with within without would yet you your
"""
_STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\S)")
_ASKING = re.compile(r"\b(?:what|how|why|which|when|whom?|where)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,;:(—–]\s?|\s-\s")
# 10⁹ is 10-9, not 109.
_EXPONENT = re.compile(r"(?<=[0-9])(?=[⁰¹²³⁴-⁹⁺⁻])")
_APOSTROPHE = re.compile("['’ʼ]")
_THE = re.compile(r"the\s+", re.IGNORECASE)
_KIND = re.compile(r"\s+(?:trial|study|\([^()]*\))\Z", re.IGNORECASE)


def point_slug(text: str, acronym: str = "") -> str:
    """Return the first telling words of a text as a slug, without the trial's own name; empty if there are none."""
    own = _without(text[:_LONGEST_TEXT], acronym)
    return _short(_words(own)) or _short(_slug(own).split("-")) or _short(_slug(text[:_LONGEST_TEXT]).split("-"))


def question_slug(text: str, acronym: str = "") -> str:
    """Return what a question asks for as a slug: the words behind its question word, up to the end of the clause."""
    asking = _asking_part(_without(text[-_LONGEST_TEXT:], acronym))
    clause = _CLAUSE_END.split(asking, maxsplit=1)[0]
    enough = len(list(islice(_words(clause), 2))) == 2
    return _short(_words(clause if enough else asking)) or point_slug(text, acronym)


def name_slug(name: str) -> str:
    """Return a trial's name as a slug: `ASPIRE Trial` is `aspire`, as in the trial's own record."""
    text = name[:_LONGEST_NAME_TEXT]
    bare = _KIND.sub("", _KIND.sub("", _THE.sub("", text, count=1) if _THE.match(text) else text))
    return _cut(_slug(bare), _LONGEST_NAME) or _cut(_slug(text), _LONGEST_NAME)


def refuse_id(wanted: str) -> None:
    """Raise TrialdeckError where a text cannot be a trial's id, which names files too."""
    if is_device(wanted):
        raise TrialdeckError(device_fault(wanted), f"choose a longer id, such as '{wanted.lower()}-trial'")
    refuse_id_of("trial", wanted)


def refuse_id_of(noun: str, wanted: str) -> None:
    """Raise TrialdeckError where a text cannot be the id of what the noun says; its hint says what an id looks like."""
    slug = load_schema("trial")["$defs"]["slug"]
    if re.fullmatch(slug["pattern"], wanted) and len(wanted) <= slug["maxLength"]:
        return
    better = name_slug(wanted)
    hint = f"use small letters, digits and single hyphens, at most {slug['maxLength']} characters"
    raise TrialdeckError(
        f"'{wanted[:100]}' cannot be the id of a {noun}", f"{hint}, for example '{better}'" if better else hint
    )


def unique(slugs: Sequence[str], fallback: str) -> list[str]:
    """Return the slugs with a number behind each one that is taken; an empty one becomes `fallback-position`.

    The number avoids every other slug of the list: of two ELOQUENT, the second is not ELOQUENT-2.
    """
    wanted = [slug or f"{fallback}-{position}" for position, slug in enumerate(slugs, start=1)]
    taken = set(wanted)
    seen: dict[str, int] = {}
    return [_next_free(slug, seen, taken) for slug in wanted]


def _next_free(slug: str, seen: dict[str, int], taken: set[str]) -> str:
    number = seen.get(slug, 0) + 1
    seen[slug] = number
    if number == 1:
        return slug
    while f"{slug}-{number}" in taken:
        number += 1
    seen[slug] = number
    taken.add(f"{slug}-{number}")
    return f"{slug}-{number}"


def _asking_part(text: str) -> str:
    sentences = _SENTENCE_END.split(text)
    question = next((sentence for sentence in sentences if sentence.rstrip("\"'”’)*").endswith("?")), text)
    match = _ASKING.search(question)
    return question[match.end() :] if match else question


def _without(text: str, acronym: str) -> str:
    return re.sub(rf"(?<![\w-]){re.escape(acronym)}(?![\w-])", " ", text) if acronym else text


def _words(text: str) -> Iterator[str]:
    """Yield the telling words of a text as slugs; `follow-up` is one word."""
    for word in text.split():
        slug = _slug(word)
        if slug and slug not in _STOP_WORDS:
            yield slug


def _slug(text: str) -> str:
    # A page is plain text: `&amp;` in it is no ampersand.
    plain = _EXPONENT.sub(" ", _APOSTROPHE.sub("", text))
    return str(slugify(plain, entities=False, decimal=False, hexadecimal=False))


def _short(words: Iterable[str]) -> str:
    return _cut("-".join(islice(words, MOST_WORDS)), LONGEST)


def _cut(slug: str, longest: int) -> str:
    """Return a slug of at most so many characters, cut between words where it can be."""
    if len(slug) <= longest:
        return slug
    cut = slug[: longest + 1].rpartition("-")[0]
    return (cut or slug[:longest]).strip("-")
