"""Lines of the ledger that stand under one trial although another trial has the note by now.

That is so after a trial was renamed (`formerly`), after a rename was undone or two branches renamed it differently, and
after a question with a `guid` of its own moved to another record. Without the move, the note would be retired under one
trial and new under the other: the same guid twice, which Anki imports as two notes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from trialdeck.cards.note import trial_of
from trialdeck.decks.ledger import Line
from trialdeck.decks.ledger_file import TYPES, LedgerFile
from trialdeck.pipeline.chapters import Chapters
from trialdeck.pipeline.linking import Links

_FIRST = b'"first":"'
_GUIDS = re.compile(rb'"guid":"((?:[^"\\]|\\.)*)"')


class Moves(msgspec.Struct):
    """Lines that leave a trial, by guid, and lines that come to it."""

    gone: set[str] = msgspec.field(default_factory=set)
    come: list[Line] = msgspec.field(default_factory=list)


def moves_between(former: LedgerFile, chapters: Chapters, changed: Iterable[str]) -> Mapping[str, Moves]:
    """Return which lines go from one trial to another, by trial; `changed` are trials whose notes are made again."""
    moves: dict[str, Moves] = {}
    links = chapters.links
    pairs = {*_renamed(former, links), *_renamed_back(former, links), *_moved_by_guid(former, links, changed)}
    for old, new in sorted(pairs):
        lines = {line.guid: line for line in former.lines(old)}
        for guid in sorted(lines.keys() & {note.guid for note in chapters.own_lines(new)}):
            moves.setdefault(old, Moves()).gone.add(guid)
            moves.setdefault(new, Moves()).come.append(lines[guid])
    return moves


def _renamed(former: LedgerFile, links: Links) -> Iterator[tuple[str, str]]:
    """Yield the earlier ids of trials that have lines, each with the present id."""
    yield from ((old, new) for old, new in links.current.items() if old in former.parts)


def _renamed_back(former: LedgerFile, links: Links) -> Iterator[tuple[str, str]]:
    """Yield the trials with a line that first stood under another trial, each with the present id of that one."""
    for trial in former.parts:
        if trial != TYPES and _FIRST in former.rows(trial):
            firsts = {trial_of(line.identity) for line in former.lines(trial)}
            homes = {links.current.get(first, first) for first in firsts}
            yield from ((trial, home) for home in homes - {trial} if home in links.by_id)


def _moved_by_guid(former: LedgerFile, links: Links, changed: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the trials with a line whose guid a record of another trial states, each with that other trial."""
    owners: dict[bytes, str] = {}
    for trial in changed:
        outline = links.by_id[trial].outline if trial in links.by_id else None
        stated = {_written(guid) for guid in outline.guids if guid} if outline else set[bytes]()
        if stated:
            owners |= dict.fromkeys(stated - set(_GUIDS.findall(former.rows(trial))), trial)
    if not owners:
        return
    for trial in former.parts:
        for guid in owners.keys() & set(_GUIDS.findall(former.rows(trial))):
            yield trial, owners[guid]


def _written(guid: str) -> bytes:
    """Return a guid as a line has it between the quotes."""
    return msgspec.json.encode(guid)[1:-1]
