"""What an import of a deck did, in words."""

import re
from collections.abc import Iterator, Sequence

from trialdeck.anki.importing.import_deck import ImportedDeck
from trialdeck.anki.importing.take import NotTaken
from trialdeck.core.text import counted

_MOST_RECORDS, _MOST_LISTED, _MOST_REASONS = 20, 10, 5
"""How many records, notes that were not taken, and reasons are printed; the file has the rest."""
_QUOTED = re.compile(r"['0-9]")
"""Where a reason goes on with what is this note's own: `the indent of '…'`."""


def report_lines(imported: ImportedDeck, *, dry_run: bool) -> Iterator[str]:
    """Yield the records, what was not taken, and as the last line how many notes were taken."""
    yield from _records(imported, dry_run=dry_run)
    yield from _not_taken(sorted(imported.not_taken, key=lambda entry: entry.number))
    for (note_type, field), count in sorted(imported.unmapped.items()):
        yield f"not taken: field {field} of {note_type}, not in the map: text in {counted(count, 'note')}"
    if count := len(imported.media.files):
        verb = "would be copied" if dry_run else "copied"
        yield (
            f"{counted(count, 'picture or sound', 'pictures and sounds')} {verb}; `trialdeck check` names "
            f"those whose description and licence are yet to be written"
        )
    yield _last(imported, dry_run=dry_run)


def _not_taken(listed: Sequence[NotTaken]) -> Iterator[str]:
    """Yield what was not taken, one by one if it is little, else the first of each kind and how many are like it.

    A deck with a thousand indents would hide the one text that is missing.
    """
    if len(listed) <= _MOST_LISTED:
        yield from (f"not taken: {entry}" for entry in listed)
        return
    kinds: dict[str, list[NotTaken]] = {}
    for entry in listed:
        kinds.setdefault(_QUOTED.split(entry.reason, maxsplit=1)[0], []).append(entry)
    for first, *others in list(kinds.values())[:_MOST_LISTED]:
        yield f"not taken: {first}{f' (and {len(others)} like it)' if others else ''}"
    if more := sum(map(len, list(kinds.values())[_MOST_LISTED:])):
        yield f"not taken: {more} more"


def _records(imported: ImportedDeck, *, dry_run: bool) -> Iterator[str]:
    verb = "would get" if dry_run else "got"
    for path, count in list(imported.counts.items())[:_MOST_RECORDS]:
        gain = counted(count, "new entry", "new entries") if count else "its entries updated"
        yield f"{path.as_posix()} {verb} {gain}"
    if len(imported.counts) > _MOST_RECORDS:
        rest = list(imported.counts.values())[_MOST_RECORDS:]
        yield f"{len(rest)} more records {verb} {counted(sum(rest), 'new entry', 'new entries')}"


def _last(imported: ImportedDeck, *, dry_run: bool) -> str:
    """Return the line that counts notes: taken, there already, and not taken by reason."""
    parts = [f"{'would take' if dry_run else 'taken'} {imported.taken:,} of {counted(imported.notes, 'note')}"]
    if imported.known:
        updated = f" ({imported.updated:,} updated)" if imported.updated else ""
        parts[0] += f", {imported.known:,} there already{updated}"
    if reasons := imported.whole_notes:
        by_reason = [f"{count:,} {_of(kind)}" for kind, count in reasons.most_common(_MOST_REASONS)]
        if others := reasons.total() - sum(count for _, count in reasons.most_common(_MOST_REASONS)):
            by_reason.append(f"{others:,} for other reasons")
        parts.append(f"not taken: {', '.join(by_reason)}")
    if count := imported.notes_in_part:
        parts.append(f"parts of {counted(count, 'note')} not taken")
    listed = "" if imported.list_file is None or dry_run else f" (listed in {imported.list_file.as_posix()})"
    return "; ".join(parts) + listed


def _of(kind: str) -> str:
    return f"of {kind}" if kind.startswith("type ") else f"because {kind}" if kind.startswith("it ") else f"with {kind}"
