"""Names for what a page leaves unnamed: the trial's acronym, readable ids, and audiences."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from slugify import slugify

from trialdeck.records.model import Audience

# A word with a capital, the parts behind its hyphens, and a number behind it (TOURMALINE-MM1, CheckMate 067, B-31); all
# lengths are bounded, so that a page of any size is searched in linear time.
_NAME = r"[A-Z]\w{0,30}(?:-\w{1,15}){0,3}(?:[ -](?:[A-Z]-)?[0-9]{1,5}\b)?"
_MENTIONS = (
    re.compile(rf"\b({_NAME})\s+(?:trial|study|trials|studies|manuscript|data)\b"),
    re.compile(rf"\b[Tt]he\s+({_NAME})\b"),
    re.compile(
        rf"(?:^|[.?!]\s+)({_NAME})\s+(?:established|showed|demonstrated|found|was|is|enrolled|tested|made)\b",
        re.MULTILINE,
    ),
)
_ACRONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./+-]{1,38}[A-Za-z0-9]")
_QUESTION_WORD = re.compile(r"(?i)\b(?:what|how|why|which|when|whom?|where)\b")
_NO_TRIAL = re.compile(r"(?i)\b(?:trial|study)\b\s*$")
_EVERYDAY = frozenset(
    {"PFS", "OS", "ORR", "HR", "CI", "FDA", "EMA", "NCCN", "ESMO", "IMWG", "ASCO", "DNA", "RNA", "USA", "ITT"}
)

_STOP_WORD_LIST = """
a about across after all also although am an and any are as at based be because been before being between both but
by can compared could demonstrated did do does doing down during each established few for from further given had has
have having he her here high-yield his how i if in into is it its itself just like many may me might more most much
must my no nor not now of off on once one only or other our out over own particularly patient patients primary
rather regarding s same several shall she should so some specific specifically study such t than that the their them
then there these they this those through to too trial trials under until up upon use used using utilized very was we
were what when where whether which while who whom why will with within would you your
"""
_STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
_ROLES = (
    (Audience.PEER_REVIEWER, r"(?:peer[ -])?reviewers?"),
    (Audience.GUIDELINE_COMMITTEE, r"guideline[ -](?:committee|panel)s?(?: members?)?"),
    (Audience.METHODOLOGIST, r"(?:methodologist|biostatistician)s?"),
    (Audience.STUDENT, r"(?:medical[ -])?students?"),
    (Audience.RESIDENT, r"residents?"),
    (Audience.FELLOW, r"fellows?"),
    (Audience.ATTENDING, r"attending(?:s|[ -]physicians?)?"),
)
_ADDRESSED = "|".join((
    r"\bas an? (?:[\w-]+ ){{0,2}}?{role}\b",
    r"\bfor (?:an? |the |our )?(?:{role})\b(?=[\s,]+(?:what|how|why|which|to|in training)\b|[?,:])",
    r"^{role}[,:]",
    r"\b(?:should|must|would|could|might|can|do) (?:an? |the |our )?(?:{role})\b (?!home|care)",
))  # fmt: skip
GUIDED_AUDIENCES = (Audience.STUDENT, Audience.RESIDENT, Audience.FELLOW, Audience.ATTENDING)
SCHOLARLY_AUDIENCES = (Audience.METHODOLOGIST, Audience.PEER_REVIEWER, Audience.GUIDELINE_COMMITTEE)


def find_acronym(text: str, others: Iterable[str]) -> str:
    """Return the trial's acronym, the one that the text names most often; empty if there is none.

    `others` are the names of related trials, which are not taken for it.
    """
    known = {without_trial(name).casefold() for name in others}
    counts: Counter[str] = Counter()
    for mention in _MENTIONS:
        for found in mention.finditer(text):
            name = found[1].strip(" -")
            if name.casefold() not in known and _is_acronym(name):
                counts[name] += 1
    if not counts:
        return ""
    most = max(counts.values())
    return min((name for name, count in counts.items() if count == most), key=text.index)


def _is_acronym(name: str) -> bool:
    capitals = sum(char.isupper() for char in name)
    return capitals >= 2 and name not in _EVERYDAY and bool(_ACRONYM.fullmatch(name))


def without_trial(name: str) -> str:
    """Return a trial's name without the word "trial" or "study" behind it."""
    return _NO_TRIAL.sub("", name).strip() or name.strip()


def asking_part(question: str) -> str:
    """Return a question from its first question word on; what goes before sets the scene."""
    found = _QUESTION_WORD.search(question)
    return question[found.start() :] if found else question


def named_audience(question: str, order: Sequence[Audience], place: int) -> tuple[Audience, ...]:
    """Return the audience that a question's wording names, or else the one at its place in the order, or nobody."""
    for audience, role in _ROLES:
        if re.search(_ADDRESSED.format(role=role), question, re.IGNORECASE):
            return (audience,)
    return (order[place],) if place < len(order) else ()


def _shortened(slug: str) -> str:
    return str(slugify(slug, max_length=45, word_boundary=True))


def _telling(slug: str, stop_words: frozenset[str]) -> list[str]:
    return [word for word in slug.split("-") if word not in stop_words and (len(word) > 1 or word.isdigit())]


class Ids:
    """Gives out readable ids, each once."""

    def __init__(self, fallback: str, drop: str = "") -> None:
        self._fallback = fallback
        self._stop_words = _STOP_WORDS | frozenset(slugify(drop).split("-"))
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def make(self, *texts: str) -> str:
        """Return an id made of the first telling words of the first text that has three, or else of the last text.

        A number is added where the id is taken, and stands alone where a text has no letters.
        """
        slugs = [slugify(" ".join(text.split()[:80]).replace("'", "").replace("’", "")) for text in texts]
        telling = [_telling(slug, self._stop_words) for slug in slugs]
        words = next((words for words in telling if len(words) >= 3), telling[-1])
        return self._unique(_shortened("-".join(words[:5])) or _shortened(slugs[-1]))

    def _unique(self, slug: str) -> str:
        number = len(self._taken) + 1
        wanted = slug or f"{self._fallback}-{number}"
        candidate, count = wanted, self._last.get(wanted, 1)
        while candidate in self._taken:
            count += 1
            candidate = f"{wanted}-{count}"
        self._taken.add(candidate)
        self._last[wanted] = count
        return candidate
