"""Edit a record in place, value by value or as text, or remove it; what others have written meanwhile is never lost."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from trialdeck.api.places import record_path
from trialdeck.api.projects import Project, StrPath
from trialdeck.api.settings import ConflictError
from trialdeck.cards.places import entry_of_key
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import remove_file, replace_file
from trialdeck.core.problem import Problem
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.core.transactions import locked
from trialdeck.lint.placed.problems import PlacedProblem, placed_at, placed_problems
from trialdeck.records.discovery import home_of
from trialdeck.records.editing import ids
from trialdeck.records.editing.apply import apply
from trialdeck.records.editing.change import Change, Conflict, Refused
from trialdeck.records.editing.merge import merged
from trialdeck.records.review import days_of
from trialdeck.records.schema import schema_text
from trialdeck.yamlfile.document import DataPath, content_of
from trialdeck.yamlfile.whole_text import bytes_of, text_of, with_line_feeds
from trialdeck.yamlfile.write_records import LINKED, complete_left


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record as it stands in its file.

    The lines of `text` end with a line feed, whatever the file has; `digest` is that of the text. `data` is what the
    text says: mappings, lists, and scalars as they are written (`"0.50"`, `"true"`); None where the text cannot be
    read. `problems` are those that the record has by itself, each with the path of the value that it is about; `check`
    compares records as well.
    """

    path: Path
    text: str
    digest: str
    data: Any
    problems: tuple[PlacedProblem, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of changes.

    `undo` takes them back: hand it to `edit`, all together. `conflicts` and `refused` were not made. `text` and
    `digest` are those of the record now.
    """

    text: str
    digest: str
    undo: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class TextWritten:
    """Whether a text was written, and the text that the file has now: None if there is no file."""

    is_written: bool
    text: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class RemovedRecord:
    """A record that was removed: the path that it had below the folder of records, and the bytes of its file."""

    name: str
    content: bytes = field(repr=False)


def read_record(path: StrPath, *, stale_after: str = "2y", at: datetime | None = None) -> OpenRecord:
    """Read a record to edit it, with its problems; a record that is unfinished or broken is read too.

        >>> import trialdeck as td
        >>> record = td.read_record("seeds/pollux.yaml")
        >>> record.data["results"][0]["estimate"], record.problems
        ('0.37', ())

    Args:
        path: The record.
        stale_after: How old a review may be.
        at: The time of the check, with its time zone; now by default.

    Raises:
        TrialdeckError: The file cannot be read, or leads out of its project.
    """
    path = Path(path)
    refuse_outside(path, home_of(path), of="its project", hint=LINKED)
    complete_left([path])
    content, today = content_of(path, str(path)), (at or datetime.now(UTC)).astimezone(UTC).date()
    document, problems = placed_problems(content, path.as_posix(), path.parent, today, days_of(stale_after))
    data = document.data if document and isinstance(document.data, dict) else None
    text = text_of(content)
    return OpenRecord(path, text, _digest(text), data, problems)


def compared_problems(record: OpenRecord, problems: Iterable[Problem]) -> tuple[PlacedProblem, ...]:
    """Return those of the problems of a project that a record does not have by itself, with the paths of their values.

        >>> import trialdeck as td
        >>> td.compared_problems(td.read_record("seeds/pollux.yaml"), td.overview(td.load(".")).problems)
        ()

    Args:
        record: The record.
        problems: The problems of `check` or `overview`, of the files as they are.
    """
    own, path = {placed.problem for placed in record.problems}, record.path.as_posix()
    others = [problem for problem in problems if problem.path == path and problem not in own]
    return placed_at(record.text.encode(), path, others) if others else ()


def edit(path: StrPath, changes: Iterable[Change], *, together: bool = False) -> Edited:
    """Change values of a record in place: comments, order and style of all else stay.

        >>> import trialdeck as td
        >>> change = td.Change(("results", 0, "estimate"), "0.370", was="0.37", names=("pfs",))
        >>> edited = td.edit("seeds/pollux.yaml", [change])
        >>> "estimate: 0.370" in edited.text, edited.conflicts
        (True, ())
        >>> td.edit("seeds/pollux.yaml", [change, td.Change(("title",), "POLLUX", was="Another")]).conflicts[0].now
        'Daratumumab, Lenalidomide, and Dexamethasone for Multiple Myeloma'
        >>> td.edit("seeds/pollux.yaml", edited.undo, together=True).text.count("0.370")
        0

    The record is read, compared and written under the lock of its folder, and replaced in one step. Each change says
    what it expects to find. If something else is there by now, it is a conflict and is not made; the other changes of
    the call are, unless all go `together`. A change that is there already counts as made. A record may have any
    faults before and after.

    Args:
        path: The record, YAML or JSON.
        changes: The changes, each based on what those before it have left.
        together: Whether all changes are made or none.

    Raises:
        TrialdeckError: The record cannot be read, edited value by value (its text is broken), or written.
    """
    with _locked_file(Path(path)) as real:
        content = content_of(real, str(path))
        outcome = apply(content, changes, Path(path).as_posix(), together=together)
        if outcome.content != content:
            replace_file(real, outcome.content)
    text = text_of(outcome.content)
    return Edited(text, _digest(text), outcome.undo, outcome.conflicts, outcome.refused)


def write_text(path: StrPath, text: str, *, was: str | None) -> TextWritten:
    """Write the whole text of a record, unless somebody else has changed the same lines meanwhile.

        >>> import trialdeck as td
        >>> was = td.read_record("seeds/aspire.yaml").text
        >>> td.write_text("seeds/aspire.yaml", was.replace("[hematology]", "[haematology]", 1), was=was).is_written
        True
        >>> other = was.replace("# yaml", "#  yaml", 1)
        >>> "[haematology]" in (td.write_text("seeds/aspire.yaml", other, was=was).text or "")
        True
        >>> td.write_text("seeds/aspire.yaml", was.replace("[hematology]", "[oncology]", 1), was=was).is_written
        False

    Args:
        path: The record; it may be one that cannot be read.
        text: The new text.
        was: The text that the author has begun with. None stands for no file: there must be none.

    Returns:
        Whether the text was written. If other lines have changed meanwhile, both changes are in it. If the same have,
        or the file was deleted, nothing is written.

    Raises:
        TrialdeckError: The file cannot be read or written.
    """
    with _locked_file(Path(path), needs_file=False) as real:
        content = content_of(real, str(path)) if real.exists() else None
        now = None if content is None else text_of(content)
        new = _merged(was, text, now)
        if new is None:
            return TextWritten(False, now, _digest(now or ""))
        if new != now:
            replace_file(real, bytes_of(new, content or b""))
    return TextWritten(True, new, _digest(new))


def remove_record(project: Project, name: str, *, was: str) -> RemovedRecord:
    """Remove the file of a record; its pictures stay, and learners keep the cards that they have.

        >>> import trialdeck as td
        >>> project = td.load(".")
        >>> removed = td.remove_record(project, "aspire.yaml", was=td.read_record("seeds/aspire.yaml").text)
        >>> td.restore_record(project, removed).as_posix()
        'seeds/aspire.yaml'

    The next build marks its notes as withdrawn, without a word of why: to say why, retire the entries, and keep the
    record.

    Args:
        project: The project.
        name: The path of the record below the folder of records.
        was: The text that the author has seen.

    Returns:
        What `restore_record` needs to bring it back.

    Raises:
        ConflictError: The record says something else by now.
        TrialdeckError: There is no such record, or the disk refuses.
    """
    path = record_path(project, name)
    with _locked_file(path) as real:
        content = content_of(real, name)
        if (now := text_of(content)) != was:
            raise ConflictError(name, {("text",): now})
        remove_file(real)
    return RemovedRecord(name, content)


def restore_record(project: Project, removed: RemovedRecord) -> Path:
    """Bring back a record that was removed, byte for byte, and return its file.

    Raises TrialdeckError if a file of this name is there again, or the disk refuses.
    """
    path = record_path(project, removed.name)
    with _locked_file(path, needs_file=False) as real:
        if real.exists():
            raise TrialdeckError(f"there is a {removed.name} again", "rename or remove that one first")
        replace_file(real, removed.content)
    return path


def entry_of_note(record: OpenRecord, key: str) -> DataPath:
    """Return the path of the entry that a note asks, from the key of the note.

    >>> import trialdeck as td
    >>> record = td.read_record("seeds/pollux.yaml")
    >>> td.entry_of_note(record, "pollux/question/daratumumab-target")
    ('questions', 0)

    An entry is known by its earlier ids too. The path is that of the section if the entry is not there any more, and
    empty for a note of the trial itself.
    """
    return entry_of_key(record.data, key)


def suggest_id(record: OpenRecord, entry: DataPath) -> str:
    """Return an id for an entry, made of what it says, as an import would; no other entry of its list has it.

        >>> import trialdeck as td
        >>> record = td.read_record("seeds/pollux.yaml")
        >>> td.suggest_id(record, ("questions", 0)), td.suggest_id(record, ())
        ('molecule-daratumumab', 'pollux')

    `entry` is the path of the entry, or of a statement under `cloze`; empty for the record itself.
    """
    return ids.suggested_id(record.data, entry)


def rename(record: OpenRecord, entry: DataPath, new_id: str, *, keeps_history: bool = True) -> tuple[Change, ...]:
    """Return the changes that give an entry, or the record itself, another id; make them together with `edit`.

        >>> import trialdeck as td
        >>> record = td.read_record("seeds/pollux.yaml")
        >>> [(change.path[-1], change.value) for change in td.rename(record, ("questions", 0), "target")]
        [('formerly', ['daratumumab-target']), ('id', 'target')]

    Args:
        record: The record.
        entry: The path of the entry, or of a statement under `cloze`; empty for the record itself.
        new_id: Its new id.
        keeps_history: Whether the old id is kept under `formerly`, so that learners keep their history.

    Raises:
        TrialdeckError: The id has not the form of one, or is taken.
    """
    return ids.renamed(record.data, entry, new_id, keeps_history=keeps_history)


def schema(name: Literal["trial", "deck", "project", "profile", "map"]) -> Any:
    """Return the JSON Schema of a kind of file, as `trialdeck schema` prints it.

    >>> import trialdeck as td
    >>> td.schema("trial")["properties"]["acronym"]["title"]
    'Acronym'
    """
    return json.loads(schema_text(name))


@contextmanager
def _locked_file(path: Path, *, needs_file: bool = True) -> Iterator[Path]:
    """Keep all other writers out of the folder of a record; yield the path of its file behind all links."""
    real = refuse_outside(path, home_of(path), of="its project", hint=LINKED)
    if needs_file and not path.exists():
        raise TrialdeckError(f"there is no {path}", "it was deleted or moved; write it anew, or open another record")
    complete_left([path])
    with locked(path.parent, leaves_no_file=True):
        yield real


def _merged(was: str | None, text: str, now: str | None) -> str | None:
    text = _with_one_break(with_line_feeds(text))
    if now is None or was is None:
        return text if now in {was, text} else None
    return merged(with_line_feeds(was), text, now)


def _with_one_break(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
