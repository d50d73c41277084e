"""Name what an edition changes for learners: each change has a code and a risk.

Most editions correct some notes, as they should. Some changes cannot be taken back once learners have
imported them; a build refuses these unless each is allowed by name. New notes change nothing for learners who have the
deck, so they have no code; neither has anything in a first build.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum

import msgspec

from trialdeck.core.text import counted
from trialdeck.editions.clock import REPAIRS, is_ahead
from trialdeck.editions.consent import CONSENTS, NO_CONSENT, Consent, in_plain_words
from trialdeck.editions.histories import CutHistories
from trialdeck.editions.ledger import Line
from trialdeck.editions.next_edition import day_of, loses_text
from trialdeck.notes.note import Note

SHARE = 4
"""An edition is unusual if it changes or retires more than a quarter (one in `SHARE`) of the notes before it …"""
FEWEST = 20
"""… and at least so many notes: in a small deck, a quarter of the notes is soon rewritten."""
_NAMED = 3
"""How many notes a message names at most."""
_ALL_NAMED = 20
"""How many notes a message names at most if the author has to do something about each of them."""


class Risk(StrEnum):
    """What a change may cost learners: nothing or a correction; a card; something that cannot be restored."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ReleaseChange(msgspec.Struct, frozen=True):
    """One kind of change of an edition: how many notes it touches, what a learner will see, and what the author can do.

    `count` of `clock-ahead` is that of trials, of `look-changed` that of note types. For somebody who uses no command,
    `plain` says what happens, and `consent` what an author agrees to, and what to do in its place; `keys` are those of
    the first notes.
    """

    code: str
    risk: Risk
    count: int
    message: str
    hint: str
    keys: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """What learners will see, without keys of notes and without commands."""
        return in_plain_words(self.code, self.count) or self.message

    @property
    def consent(self) -> Consent:
        """What an author agrees to who allows it; without words for a change that needs no leave."""
        return CONSENTS.get(self.code, NO_CONSENT)


class RuleTally(msgspec.Struct):
    """How many lines a rule applies to, and the first names among them; names that repeat come one after the other.

    `most` is how many names are kept.
    """

    most: int = _NAMED
    count: int = 0
    distinct: int = 0
    names: list[str] = msgspec.field(default_factory=list)
    last: str = ""

    def add(self, name: str) -> None:
        """Count a line under a name."""
        self.count += 1
        if name != self.last:
            self.distinct += 1
            self.last = name
            self.names += [name] * (len(self.names) < self.most)

    @property
    def listed(self) -> str:
        """The first names, and an ellipsis if there are more."""
        return ", ".join([*self.names, *["…"] * (self.distinct > len(self.names))])

    @property
    def notes(self) -> str:
        """How many notes there are, and the first of them."""
        return f"{_notes(self.count)} ({self.listed})"


class Rule(msgspec.Struct, frozen=True):
    """A kind of change that shows in the former and the next line of one note or note type."""

    code: str
    risk: Risk
    applies: Callable[[Line, Line], bool]
    message: Callable[[RuleTally], str]
    hint: str
    name: Callable[[Line], str] = lambda line: line.key
    most: int = _NAMED


def _differs(before: Line | None, after: Line) -> bool:
    if before is None:
        return False
    return (before.hash, before.changed, before.retired) != (after.hash, after.changed, after.retired)


def _is_replaced(before: Line, after: Line) -> bool:
    # Of a retired note, what may change is why and when it was retired.
    is_same_state = bool(before.retired) is bool(after.retired)
    return after.is_note and is_same_state and before.changed != after.changed


def _is_rewritten(before: Line, after: Line) -> bool:
    is_own = not before.own or before.own != after.own
    return _is_live(before, after) and _is_replaced(before, after) and is_own


def _changes_shared_facts_only(before: Line, after: Line) -> bool:
    return _is_live(before, after) and before.changed == after.changed and before.hash != after.hash


def _is_retired(before: Line, after: Line) -> bool:
    return bool(after.retired) and not before.retired


def _is_returned(before: Line, after: Line) -> bool:
    return bool(before.retired) and not after.retired


def _has_new_look(before: Line, after: Line) -> bool:
    return not after.is_note and before.changed != after.changed


def _loses_cards(before: Line, after: Line) -> bool:
    known = before.ordinals is not None and after.ordinals is not None
    return known and _is_live(before, after) and not set(before.ordinals or ()) <= set(after.ordinals or ())


def _is_live(before: Line, after: Line) -> bool:
    return after.is_note and not before.retired and not after.retired


def _learners_words(notes: int) -> str:
    return f"what learners wrote into {'it' if notes == 1 else 'them'}"


def _notes(count: int) -> str:
    return counted(count, "note")


RULES = (
    Rule(
        "facts-shared",
        Risk.LOW,
        _changes_shared_facts_only,
        lambda tally: (
            f"{_carry(tally.count)} new facts of {tally.listed}; learners who have these notes are not sent them"
        ),
        "`trialdeck diff` shows them; they travel with the next change of each note, or with `build --refresh`",
        lambda line: line.trial,
    ),
    Rule(
        "content-replaced",
        Risk.LOW,
        _is_replaced,
        lambda tally: f"Anki replaces the text of {tally.notes}, and {_learners_words(tally.count)}",
        "`trialdeck diff` shows it word by word",
    ),
    Rule(
        "notes-returned",
        Risk.LOW,
        _is_returned,
        lambda tally: (
            f"{tally.notes} {'comes' if tally.count == 1 else 'come'} back: the cards ask again; "
            f"Anki replaces {_learners_words(tally.count)}"
        ),
        "",
    ),
    Rule(
        "look-changed",
        Risk.LOW,
        _has_new_look,
        lambda tally: f"cards look different: {tally.listed}",
        "",
        lambda line: line.key.rpartition("/")[2],
    ),
    Rule(
        "notes-retired",
        Risk.MEDIUM,
        _is_retired,
        lambda tally: (
            f"{tally.notes} {_is(tally.count)} retired: the cards say so and ask nothing; "
            f"Anki replaces {_learners_words(tally.count)}"
        ),
        "nothing is lost if the entries come back into their records",
    ),
    Rule(
        "texts-lost",
        Risk.HIGH,
        loses_text,
        lambda tally: f"learners lose the text of {tally.notes}: the entry was deleted, and nothing here has its text",
        "put the packages of the last edition beside the ledger; or restore the entry and withdraw it, "
        "for example with `retired: {on: 2026-11-01, reason: A later analysis disagrees.}`",
        most=_ALL_NAMED,
    ),
    Rule(
        "cards-vanish",
        Risk.HIGH,
        _loses_cards,
        lambda tally: f"learners find empty cards in {tally.notes}: a deletion or a field that made the card is gone",
        "restore it with its number; a statement that asks something else is better a new entry",
    ),
)
"""The changes that show in the lines of one note or note type; the others show in all of an edition."""

HISTORY, UNUSUAL, LOST, CLOCK = "history-cut", "unusual-share", "ledger-lost", "clock-ahead"
RISKS = {rule.code: rule.risk for rule in RULES} | dict.fromkeys((HISTORY, UNUSUAL, LOST, CLOCK), Risk.HIGH)
"""All codes, by which every change of an edition is known, and their risks."""
REFUSED = tuple(code for code, risk in RISKS.items() if risk is Risk.HIGH)
"""The codes that a build refuses unless they are allowed by name."""


class Release(msgspec.Struct):
    """Gathers what an edition changes for learners, trial by trial; see `changes`. It is no release of a program.

    `forgotten` are notes that would be new, although packages of earlier builds have them.
    """

    existing: int = 0
    touched: int = 0
    tallies: dict[str, RuleTally] = msgspec.field(
        default_factory=lambda: {rule.code: RuleTally(rule.most) for rule in RULES}
    )
    histories: CutHistories = msgspec.field(default_factory=CutHistories)
    forgotten: RuleTally = msgspec.field(default_factory=RuleTally)

    def pass_over(self, notes: int) -> None:
        """Count the notes, retired ones apart, of a trial in which nothing has changed."""
        self.existing += notes

    def add(
        self, before: Sequence[Line], after: Sequence[Line], notes: Sequence[Note] = (), *, has_record: bool = True
    ) -> None:
        """Add the former and the next lines of a trial, or of the note types.

        Args:
            before: The former lines.
            after: The next lines.
            notes: The notes of the trial now.
            has_record: Whether the trial has a record; if not, other records may still name it.
        """
        former = {line.guid: line for line in before}
        self.existing += sum(line.is_note and not line.retired for line in before)
        pairs = [(former[line.guid], line) for line in after if _differs(former.get(line.guid), line)]
        for old, new in pairs:
            self.touched += _is_retired(old, new) or _is_rewritten(old, new)
            for rule in RULES:
                if rule.applies(old, new):
                    self.tallies[rule.code].add(rule.name(new))
        withdrawn = {note.guid for note in notes if note.retired}
        deleted = [new for old, new in pairs if _is_retired(old, new) and new.guid not in withdrawn]
        come = [note for note in notes if note.cards and note.guid not in former]
        self.histories.add(deleted, come, has_record=has_record)

    def changes(self, now: int, times: Iterable[int]) -> tuple[ReleaseChange, ...]:
        """Return all changes, by risk, lowest first; `times` are when each trial of the ledger last changed."""
        changes = [*self._by_rules(), *self._of_histories(), *self._of_share(), *self._of_ledger()]
        # Without a change, nothing is sent.
        changes += _of_clock(now, times) if changes else []
        return tuple(changes)

    def _by_rules(self) -> Iterable[ReleaseChange]:
        for rule in RULES:
            tally = self.tallies[rule.code]
            if tally.count:
                yield ReleaseChange(
                    rule.code, rule.risk, tally.count, rule.message(tally), rule.hint, tuple(tally.names)
                )

    def _of_histories(self) -> Iterable[ReleaseChange]:
        cuts = self.histories.found
        if cuts:
            shown = ", ".join(f"{cut.new} (before: {cut.old})" for cut in cuts[:_NAMED])
            more = ", …" * (len(cuts) > _NAMED)
            message = f"learners start anew what they have learned already: {shown}{more}"
            hint = f"name the id that it had: `formerly: [{cuts[0].old_id}]` in '{cuts[0].new_id}'"
            keys = tuple(cut.new for cut in cuts[:_NAMED])
            yield ReleaseChange(HISTORY, Risk.HIGH, sum(cut.count for cut in cuts), message, hint, keys)

    def _of_share(self) -> Iterable[ReleaseChange]:
        if self.touched >= FEWEST and self.touched * SHARE > self.existing:
            share = f"{self.touched / self.existing:.0%}".replace("%", " %")
            message = f"learners get {self.touched} of {_notes(self.existing)} changed or retired at once ({share})"
            hint = "see in `trialdeck diff` that this is meant: a wrong folder or branch looks like it"
            yield ReleaseChange(UNUSUAL, Risk.HIGH, self.touched, message, hint)

    def _of_ledger(self) -> Iterable[ReleaseChange]:
        if self.forgotten.count:
            message = (
                f"Anki replaces the text of {self.forgotten.notes}, and what learners wrote into it: "
                "packages here have what the ledger does not know"
            )
            hint = (
                "recover it from all packages of the last edition: `trialdeck ledger rebuild --force decks/*.apkg`; "
                "if the packages that are here were never shared, remove them"
            )
            yield ReleaseChange(LOST, Risk.HIGH, self.forgotten.count, message, hint, tuple(self.forgotten.names))


def _of_clock(now: int, times: Iterable[int]) -> Iterable[ReleaseChange]:
    late = [time for time in times if is_ahead(time, now)]
    if late:
        message = f"until {day_of(max(late))} every import replaces what learners wrote: the ledger has times after now"
        hint = f"if this machine's clock, or SOURCE_DATE_EPOCH, is right, {REPAIRS}"
        yield ReleaseChange(CLOCK, Risk.HIGH, len(late), message, hint)


def refused(changes: Iterable[ReleaseChange], allowed: Collection[str]) -> tuple[ReleaseChange, ...]:
    """Return the changes that a build refuses: those of high risk that are not allowed by name."""
    return tuple(change for change in changes if change.risk is Risk.HIGH and change.code not in allowed)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _carry(count: int) -> str:
    return counted(count, "note carries", "notes carry")
