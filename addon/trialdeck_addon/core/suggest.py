"""A suggestion to the author: what one note should say instead, as a mail, a form on the web, or a file.

It holds the author's fields and what the learner typed for it: never tags, never `Extra`, never a field of the
learner's own. schemas/suggestions.schema.json has the form of the file, which stands in the mail as well.
"""

from __future__ import annotations

import html
import json
import re
import uuid
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from . import TrialdeckError
from .feed import REPORT
from .json_form import counted, shortened
from .note_types import EXTRA, KEY, NOTE_TYPES
from .updating.learner import local_note
from .updating.merge import edition_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anki.collection import Collection

    from .subscriptions import Subscription

KIND, FORMAT = "trialdeck-suggestions", 1
_NOT_CORRECTED = frozenset(
    {EXTRA, KEY, "Link", "Report", "Retired", "Review", "About", "Spare", "Perspective", "Audience"}
)
"""Fields that follow from others, or are no text of the author's that a learner could correct."""
_LONGEST_ADDRESS = 1900
"""Some programs for mail and some browsers cut off longer addresses."""
_LONGEST = {"reason": 5000, "source": 2000, "contributor": 100, "a field": 100_000}
_BLOCK = re.compile(r"<(?:br|/?p|/?div|/?li|/?ul|/?ol|/?tr|/?h\d)\b[^<>]*>", re.IGNORECASE)
_ELEMENT = re.compile(r"<[^<>]*>")
_MARK = "--- For the author's program: please leave this as it is ---"


@dataclass(frozen=True)
class Draft:
    """The fields of a note that a learner may correct, by our names and in order, and where corrections of it go.

    `report` is a mail or web address, or empty; `project` and `feed` are those of the subscription, or empty.
    """

    note_id: int
    guid: str
    key: str
    note_type: str
    edition: str
    project: str
    report: str
    feed: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Words:
    """What a learner typed: fields as they should be, by name (those that stay may be left out), why, and a source.

    `contributor` is the name under which the learner wants to be thanked, or empty.
    """

    fields: Mapping[str, str]
    reason: str
    source: str
    contributor: str = ""


class Way(Enum):
    """How a suggestion travels: a mail that is filled in, a form on the web, or a file that the learner sends."""

    MAIL = "mail"
    ISSUE = "issue"
    FILE = "file"


@dataclass(frozen=True)
class Letter:
    """A suggestion ready to go: the address to open (empty for a file), all of its text, and the file.

    `is_filled_in` says whether the address brings the whole text. If not, the learner has to paste the text, or to
    attach the file.
    """

    way: Way
    address: str
    text: str
    file_name: str
    file: bytes
    is_filled_in: bool


def draft_of(col: Collection, note_id: int, subscriptions: Sequence[Subscription] = ()) -> Draft:
    """Return what can be corrected on a note; raises TrialdeckError if it is none of ours.

    Without a subscription that the note could be of, the note itself says where corrections go.
    """
    note = local_note(col, note_id)
    if note is None:
        raise TrialdeckError("this note is none of Trialdeck's: its author gets no suggestions by this add-on")
    table = NOTE_TYPES[note.type_id]
    names = [name for name in table.fields if name in note.fields and name not in _NOT_CORRECTED]
    own_report = report_of(note.fields.get("Report", ""))
    subscription = _subscription_of(own_report, subscriptions)
    return Draft(
        note_id=note_id,
        guid=note.guid,
        key=note.key,
        note_type=table.name,
        edition=edition_of(note.tags),
        project=subscription.name if subscription else "",
        report=(subscription.report if subscription else "") or own_report,
        feed=subscription.address if subscription else "",
        fields=tuple((name, note.fields[name]) for name in names if note.fields[name]),
    )


def _subscription_of(report: str, subscriptions: Sequence[Subscription]) -> Subscription | None:
    """Return the subscription that a note is of: the one with its address for corrections, or the only one."""
    same = [each for each in subscriptions if each.report == report]
    return same[0] if len(same) == 1 else subscriptions[0] if len(subscriptions) == 1 else None


def report_of(field: str) -> str:
    """Return the address for corrections that a note has in its field `Report`, without what is filled in there.

    It is empty if the field has anything but a web or mail address: a note may come from anywhere.
    """
    found = _address_in(html.unescape(field))
    return found if REPORT.fullmatch(found) else ""


def _address_in(address: str) -> str:
    if address.startswith("mailto:"):
        mailbox = unquote(address[len("mailto:") :].partition("?")[0])
        return "" if "://" in mailbox else mailbox
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    query = "&".join(part for part in parts.query.split("&") if not part.startswith(("title=", "body=")))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def letter(draft: Draft, words: Words, report: str, feed: str, today: str) -> Letter:
    """Return a suggestion.

    Args:
        draft: The note.
        words: What the learner typed.
        report: Where corrections go: a mail or web address, or empty.
        feed: The address of the feed; a folder of this machine is not told.
        today: The day, YEAR-MONTH-DAY.

    Returns:
        The letter.

    Raises:
        TrialdeckError: Nothing was changed, no reason was given, or a text is too long.
    """
    changes = _changes(draft, words)
    _check(words, changes)
    suggestion = _suggestion(draft, words, changes, today)
    is_web = urlsplit(feed).scheme in {"http", "https"}
    origin = {"project": draft.project, **({"feed": feed} if is_web else {})}
    written = json.dumps(
        {"kind": KIND, "format": FORMAT, **origin, "suggestions": [suggestion]}, ensure_ascii=False, indent=1
    )
    text = f"{_readable(draft, words, changes)}\n\n{_MARK}\n{written}\n"
    name = f"suggestion-{today}-{suggestion['id'][:8]}.json"
    return _addressed(draft, report, text, name, written.encode("utf-8") + b"\n")


def _changes(draft: Draft, words: Words) -> dict[str, tuple[str, str]]:
    """Return the fields that differ, each before and after."""
    before = dict(draft.fields)
    if unknown := set(words.fields) - set(before):
        raise TrialdeckError(f"the field {min(unknown)} cannot be corrected")
    return {
        name: (before[name], after) for name, after in words.fields.items() if after.strip() != before[name].strip()
    }


def _check(words: Words, changes: Mapping[str, tuple[str, str]]) -> None:
    if not changes:
        raise TrialdeckError("nothing is different yet: change the text as it should be")
    if not words.reason.strip():
        raise TrialdeckError("say why: the author has to judge it")
    texts = [("reason", words.reason), ("source", words.source), ("contributor", words.contributor)]
    for what, text in [*texts, *(("a field", after) for _, after in changes.values())]:
        if len(text.strip()) > _LONGEST[what]:
            raise TrialdeckError(f"{what} has more than {_LONGEST[what]:,} characters: shorten it")


def _suggestion(draft: Draft, words: Words, changes: Mapping[str, tuple[str, str]], today: str) -> dict[str, Any]:
    suggestion = {
        "id": uuid.uuid4().hex,
        "guid": draft.guid,
        "key": draft.key,
        "note_type": draft.note_type,
        "edition": draft.edition,
        "fields": {name: {"before": before, "after": after} for name, (before, after) in changes.items()},
        "reason": words.reason.strip(),
        "source": words.source.strip(),
        "date": today,
    }
    return {**suggestion, "contributor": words.contributor.strip()} if words.contributor.strip() else suggestion


def _readable(draft: Draft, words: Words, changes: Mapping[str, tuple[str, str]]) -> str:
    """Return the suggestion as a person reads it."""
    edition = f", edition {draft.edition}" if draft.edition else ""
    lines = [f"A suggestion for {draft.key or draft.guid}{edition}: {counted(len(changes), 'field')}"]
    for name, (before, after) in changes.items():
        lines += ["", f"{name}, now:", plain(before), "", f"{name}, better:", plain(after)]
    lines += ["", f"Why: {words.reason.strip()}"]
    lines += [f"Source: {words.source.strip()}"] if words.source.strip() else []
    lines += [f"From: {words.contributor.strip()}"] if words.contributor.strip() else []
    return "\n".join(lines)


def plain(field: str) -> str:
    """Return the text of some HTML, block by block."""
    text = html.unescape(_ELEMENT.sub("", _BLOCK.sub("\n", field)))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _addressed(draft: Draft, report: str, text: str, name: str, file: bytes) -> Letter:
    title = f"Suggestion: {shortened(draft.key or draft.guid, 120)}"
    if not report:
        return Letter(Way.FILE, "", text, name, file, is_filled_in=False)
    if "://" not in report:
        # A mailbox may have signs in it by which other lines of a mail, and files, would be filled in.
        to = quote(report, safe="@")
        whole = f"mailto:{to}?subject={quote(title)}&body={quote(text.replace(chr(10), chr(13) + chr(10)))}"
        hint = f"(paste the text here, or attach the file {name})"
        bare = f"mailto:{to}?subject={quote(title)}&body={quote(hint)}"
        is_short = len(whole) <= _LONGEST_ADDRESS
        return Letter(Way.MAIL, whole if is_short else bare, text, name, file, is_filled_in=is_short)
    if not urlsplit(report).path.endswith("/issues/new"):
        return Letter(Way.ISSUE, report, text, name, file, is_filled_in=False)
    bare = f"{report}{'&' if urlsplit(report).query else '?'}title={quote(title, safe='')}"
    whole = f"{bare}&body={quote(_fenced(text), safe='')}"
    is_short = len(whole) <= _LONGEST_ADDRESS
    return Letter(Way.ISSUE, whole if is_short else bare, text, name, file, is_filled_in=is_short)


def _fenced(text: str) -> str:
    """Return a text in which an issue shows the file as it is."""
    readable, mark, file = text.partition(_MARK)
    return f"{readable}{mark}\n```json{file}```\n"
