"""The model: a `Trial` and its parts, immutable, with texts as the author wrote them."""

from decimal import Decimal
from enum import StrEnum

import msgspec


class Perspective(StrEnum):
    """The point of view on a trial."""

    MECHANISM = "mechanism"
    CLINICAL = "clinical"
    REVIEWER = "reviewer"


class Audience(StrEnum):
    """For whom something is meant."""

    STUDENT = "student"
    RESIDENT = "resident"
    FELLOW = "fellow"
    ATTENDING = "attending"
    METHODOLOGIST = "methodologist"
    PEER_REVIEWER = "peer-reviewer"
    GUIDELINE_COMMITTEE = "guideline-committee"


class Source(msgspec.Struct, frozen=True, array_like=True):
    """Where a statement comes from."""

    citation: str = ""
    doi: str = ""
    registry: str = ""
    url: str = ""


class Review(msgspec.Struct, frozen=True, array_like=True):
    """Who has checked a statement against its source; dates are YEAR-MONTH-DAY.

    `reason` says in Markdown why somebody disputes it.
    """

    status: str = "unreviewed"
    by: str = ""
    on: str = ""
    as_of: str = ""
    reason: str = ""

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody has checked it and found it right."""
        return self.status == "reviewed"

    @property
    def is_disputed(self) -> bool:
        """Whether somebody disagrees with it."""
        return self.status == "disputed"

    @property
    def signature(self) -> str:
        """The day and the name of somebody who has found it right, or nothing."""
        return f"{self.on}, {self.by}" if self.is_reviewed else ""


class Cloze(msgspec.Struct, frozen=True, array_like=True):
    """One atomic statement in Anki's cloze syntax."""

    id: str
    text: str


class Media(msgspec.Struct, frozen=True, array_like=True):
    """What a picture or sound is in a package; `name` carries the hash of the content, so equal content is one file.

    `had_place` says that the author's file tells where the picture was taken; the content here does not.
    """

    name: str
    content: bytes
    is_sound: bool = False
    had_place: bool = False


class Figure(msgspec.Struct, frozen=True, array_like=True):
    """A picture or sound below an answer; `file` is a path from the record's folder on.

    `media` is what was read from there; None where that cannot be used.
    """

    file: str
    alt: str = ""
    license: str = ""
    caption: str = ""
    credit: str = ""
    media: Media | None = None


class Retirement(msgspec.Struct, frozen=True, array_like=True):
    """When and why an entry was withdrawn: the day is YEAR-MONTH-DAY, the reason one line of Markdown.

    `instead` is the id of the entry of the same record that replaces it, or empty.
    """

    on: str
    reason: str
    instead: str = ""


class Entry(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What every part of a record with an id of its own has; no audience means everybody.

    Source and review are those of the record unless an entry has its own. `formerly` are earlier ids, oldest first.
    A retired entry keeps its text: learners who have its note keep that, and nobody else gets a card of it. `card` says
    whether a card asks it; None leaves that to `trialdeck.records.asked`. `core` says that everybody should know it.
    """

    id: str
    perspective: Perspective
    audience: tuple[Audience, ...] = ()
    card: bool | None = None
    core: bool = False
    formerly: tuple[str, ...] = ()
    source: Source | None = None
    review: Review | None = None
    retired: Retirement | None = None

    @property
    def first_id(self) -> str:
        """The id that the entry had first; the identity of its notes comes from it."""
        return self.formerly[0] if self.formerly else self.id


class Item(Entry, frozen=True, array_like=True, kw_only=True):
    """One point of a list section; `results` are the ids of results whose numbers it states."""

    text: str
    cloze: tuple[Cloze, ...] = ()
    results: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


class Question(Entry, frozen=True, array_like=True, kw_only=True):
    """One question and its response; `results` are the ids of results whose numbers it states.

    `guid` is that of the note as which it was first written in Anki, or empty.
    """

    question: str
    response: str
    cloze: tuple[Cloze, ...] = ()
    results: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    guid: str = ""


class Arm(msgspec.Struct, frozen=True, array_like=True):
    """One arm in a result, as published; median and mean are in the result's unit, `percent` from 0 to 100.

    `ci` is the interval of the first that is stated of median, mean, rate and percent; a bound
    that was not reached is None. `events` are patients of `n`;
    beside a rate they may be more, because one patient may have several.
    """

    name: str
    n: int | None = None
    median: Decimal | None = None
    median_reached: bool = True
    percent: Decimal | None = None
    events: int | None = None
    mean: Decimal | None = None
    sd: Decimal | None = None
    se: Decimal | None = None
    rate: Decimal | None = None
    rate_unit: str = ""
    ci: tuple[Decimal | None, Decimal | None] | None = None
    ci_level: Decimal | None = None

    @property
    def states_median(self) -> bool:
        """Whether there is a median, or it was not reached."""
        return self.median is not None or not self.median_reached

    @property
    def states_share(self) -> bool:
        """Whether a share of patients is published, or follows from events and n."""
        return self.percent is not None or (self.counts_patients and bool(self.n))

    @property
    def counts_patients(self) -> bool:
        """Whether `events` are patients: beside a rate they are events, of which a patient may have several."""
        return self.events is not None and self.rate is None

    @property
    def value_of_interval(self) -> str:
        """The name of the value that `ci` belongs to; empty if no such value is stated."""
        if self.states_median:
            return "median"
        named = next((name for name in ("mean", "rate") if getattr(self, name) is not None), "")
        return named or ("percent" if self.states_share else "")

    @property
    def states_numbers(self) -> bool:
        """Whether there is anything that can be asked."""
        others = (self.percent, self.events, self.mean, self.rate)
        return self.states_median or any(number is not None for number in others)


class Result(Entry, frozen=True, array_like=True, kw_only=True):
    """One endpoint in numbers, with the digits that were published (`0.70` stays `0.70`).

    `outcome` is a key that joins results; `between` are the names of the two arms that the estimate compares, the
    first against the second, where there are more than two. `margin` is on the scale of the estimate.
    """

    endpoint: str
    data_cut: str = ""
    measure: str = ""
    estimate: Decimal | None = None
    ci: tuple[Decimal, Decimal] | None = None
    ci_level: Decimal | None = None
    p: str = ""
    unit: str = ""
    arms: tuple[Arm, ...] = ()
    figures: tuple[Figure, ...] = ()
    outcome: str = ""
    analysis: str = ""
    timepoint: str = ""
    population: str = ""
    between: tuple[str, ...] = ()
    hypothesis: str = ""
    margin: Decimal | None = None
    method: str = ""

    @property
    def states_numbers(self) -> bool:
        """Whether there is anything that can be asked."""
        in_arms = any(arm.states_numbers for arm in self.arms)
        return in_arms or self.estimate is not None or bool(self.p)


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """What one trial tested, in whom, against what, and on which primary endpoint."""

    tested: str = ""
    population: str = ""
    comparator: str = ""
    endpoint: str = ""


STATEMENT_PARTS: tuple[str, ...] = Statement.__struct_fields__
"""The parts of a statement, in order: as properties of a record, and with a capital as fields of notes and labels."""


class RelatedTrial(msgspec.Struct, frozen=True, array_like=True):
    """Another trial that a record names."""

    id: str
    name: str
    statement: Statement = msgspec.field(default_factory=Statement)
    retired: Retirement | None = None


class Takeaway(Entry, frozen=True, array_like=True, kw_only=True):
    """What one role should take from a trial; no specialties means all of them."""

    text: str
    specialties: tuple[str, ...] = ()


class Contributor(msgspec.Struct, frozen=True, array_like=True):
    """Somebody whose correction was taken: the key of the note, and the day of the suggestion as YEAR-MONTH-DAY."""

    name: str
    note: str = ""
    on: str = ""


class Trial(msgspec.Struct, frozen=True, array_like=True):
    """One record; `language` is the BCP 47 tag of its texts, or empty.

    `cards` are the properties of the texts and lists that are asked; `core` says that the note of the trial itself is.
    """

    id: str
    title: str
    acronym: str = ""
    formerly: tuple[str, ...] = ()
    source: Source = msgspec.field(default_factory=Source)
    specialties: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    statement: Statement = msgspec.field(default_factory=Statement)
    core: bool = False
    cards: tuple[str, ...] = ()
    summary: str = ""
    significance: str = ""
    history: str = ""
    figures: tuple[Figure, ...] = ()
    key_findings: tuple[Item, ...] = ()
    design: tuple[Item, ...] = ()
    limitations: tuple[Item, ...] = ()
    results: tuple[Result, ...] = ()
    questions: tuple[Question, ...] = ()
    related_trials: tuple[RelatedTrial, ...] = ()
    takeaways: tuple[Takeaway, ...] = ()
    review: Review = msgspec.field(default_factory=Review)
    language: str = ""
    contributors: tuple[Contributor, ...] = ()

    @property
    def name(self) -> str:
        """What the trial is called on a card."""
        return self.acronym or self.title

    @property
    def first_id(self) -> str:
        """The id that the trial had first; the identity of its notes comes from it."""
        return self.formerly[0] if self.formerly else self.id
