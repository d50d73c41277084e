"""Load the records of a project: from the cache, or parsed and rendered by workers."""

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import FileLocation, Problem, Severity
from trialdeck.core.serialise import digest, packed, path_bytes, unpacked
from trialdeck.lint.card import check_fronts
from trialdeck.lint.record import check_record
from trialdeck.notes.builder import own_notes
from trialdeck.notes.links import Addresses
from trialdeck.notes.note import OwnNotes
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.cache.store import Store
from trialdeck.project.context import Progress
from trialdeck.project.parallel.workers import Workers
from trialdeck.records.discovery import Place, file_signature
from trialdeck.records.load import Record, load_record_text
from trialdeck.records.media.figures import shown_files
from trialdeck.records.media.files import MediaCache
from trialdeck.records.model import Media
from trialdeck.records.summary import KnownRecord, RecordSummary, outline_of, shared_facts_of
from trialdeck.yamlfile.document import content_of, json_ending, read_content


class Raw(msgspec.Struct, frozen=True, array_like=True):
    """The content of a record's file, and the addresses that its notes name.

    `folder` is the folder of its figures; empty if it has none. `ending` is that of its name where it is JSON.
    """

    content: bytes
    addresses: Addresses
    folder: str = ""
    ending: str = ""


class ParsedRecord(msgspec.Struct, frozen=True, array_like=True):
    """What the rest of a project needs at once: problems (their path is left empty), outline, and names of figures.

    `shown` says of each file that the record shows under which name it travels, or what is wrong with it;
    `shared_digest` is the digest of its shared facts, which the notes of other records may show.
    """

    problems: tuple[Problem, ...]
    outline: RecordSummary | None = None
    shown: tuple[tuple[str, str], ...] = ()
    shared_digest: bytes = b""


class Parts(msgspec.Struct, frozen=True, array_like=True):
    """A `ParsedRecord`, packed, and what is needed later: its shared facts (a `Trial`), and its notes, packed too."""

    parsed: bytes
    shared_facts: bytes
    notes: bytes


def read_raw(raw: Raw) -> Parts:
    """Read a record, check it, and make its own notes."""
    folder, media_files = Path(raw.folder) if raw.folder else None, MediaCache()
    record = load_record_text(raw.content, raw.ending, folder, media_files)
    trial = record.trial if record.document else None
    if trial is None:
        return Parts(packed(ParsedRecord(record.problems)), b"", b"")
    problems, outline, shared_facts = problems_of(record), outline_of(trial), packed(shared_facts_of(trial))
    shown = shown_files(outline.figures, folder, media_files) if folder else ()
    # A record with errors is never built, so it needs no notes.
    is_sound = all(problem.severity is not Severity.ERROR for problem in problems)
    notes = packed(own_notes(trial, raw.addresses)) if is_sound else b""
    return Parts(packed(ParsedRecord(problems, outline, shown, digest(shared_facts))), shared_facts, notes)


def problems_of(record: Record) -> tuple[Problem, ...]:
    """Return the problems of a record by itself."""
    problems = set(record.problems)
    if record.trial and record.document:
        problems.update(check_record(record.trial, record.document))
        problems.update(check_fronts(record.trial, record.document))
    return tuple(sorted(problems))


_PARSED, _SHARED_FACTS, _NOTES = b"r", b"t", b"n"


class ProjectRecord(KnownRecord, frozen=True, dict=True, kw_only=True):
    """A record that has been read: `key` names what the store has of it; see `ParsedRecord` for `shared_digest`."""

    place: Place
    key: bytes = b""
    shared_digest: bytes = b""

    @property
    def id(self) -> str:
        """The id of its trial; empty if it could not be read."""
        return self.outline.id if self.outline else ""

    def read_again(self) -> Record:
        """Read the whole record; raises TrialdeckError if it cannot be read now, or has changed since."""
        path = Path(self.place.real)
        content = content_of(path, self.path)
        if file_signature(path) != self.place.signature:
            raise TrialdeckError(f"{self.path} was changed meanwhile", "nothing was written; try again")
        return load_record_text(content, self.path, self.folder)


class RecordLoader(msgspec.Struct, frozen=True, dict=True):
    """Reads records through the store; the stages of a build share its store, its workers and its progress callback.

    `addresses` are those that the notes of records name. Every method raises DamagedDataError if the store
    cannot be used.
    """

    store: Store
    workers: Workers
    progress: Progress
    addresses: Addresses
    media_files: MediaCache = msgspec.field(default_factory=MediaCache)

    def read(self, places: Sequence[Place]) -> list[ProjectRecord]:
        """Return the records at some places, in their order."""
        members = [self._remembered(place) for place in places]
        fresh = self._read_by_workers([place for place, member in zip(places, members, strict=True) if member is None])
        return [member or next(fresh) for member in members]

    def shared_facts(self, member: ProjectRecord) -> bytes:
        """Return the facts of a record that the notes of others may show: a `Trial`, packed."""
        return self.store.need(member.key + _SHARED_FACTS)

    def notes(self, member: ProjectRecord) -> bytes:
        """Return the own notes of a record, packed."""
        return self.store.need(member.key + _NOTES)

    def own_notes(self, member: ProjectRecord) -> OwnNotes:
        """Return the own notes of a record."""
        return unpacked(self.notes(member), OwnNotes)

    def media(self, member: ProjectRecord) -> dict[str, Media]:
        """Return the pictures and sounds that a record shows, by the name under which they travel."""
        files = member.outline.figures if member.outline else ()
        results = [self.media_files.media(file, member.folder) for file in files]
        return {media.name: media for media in results if isinstance(media, Media)}

    def _remembered(self, place: Place) -> ProjectRecord | None:
        """Return a record from the store, or None if it has to be read, which any process can do."""
        try:
            content = read_content(Path(place.real))
        except OSError as error:
            problem = Problem(FileLocation(place.path, 1, 1), "TD100", f"cannot read the file: {error.strerror}")
            return ProjectRecord(place.path, None, (problem,), place=place)
        raw = self._raw(content, place)
        key = self._key(raw)
        packed = self.store.get(key + _PARSED)
        if packed is not None:
            parsed = unpacked(packed, ParsedRecord)
            if self._shows_the_same(parsed, place):
                return _member(place, key, parsed)
        # A record with figures is read in this process: the disk of a worker may lack the files.
        return self._kept(place, key, read_raw(raw)) if raw.folder else None

    def _shows_the_same(self, parsed: ParsedRecord, place: Place) -> bool:
        files = parsed.outline.figures if parsed.outline else ()
        return not files or shown_files(files, Path(place.path).parent, self.media_files) == parsed.shown

    def _read_by_workers(self, places: Sequence[Place]) -> Iterator[ProjectRecord]:
        if not places:
            return
        under_way: deque[tuple[Place, bytes]] = deque()

        def raws() -> Iterator[Raw]:
            for place in places:
                raw = self._raw(content_of(Path(place.real), place.path), place)
                under_way.append((place, self._key(raw)))
                yield raw

        results = self.workers.map(read_raw, raws())
        for parts in self.progress(results, "reading records", len(places)):
            yield self._kept(*under_way.popleft(), parts)

    def _kept(self, place: Place, key: bytes, parts: Parts) -> ProjectRecord:
        store = self.store
        store.put(key + _SHARED_FACTS, parts.shared_facts)
        store.put(key + _NOTES, parts.notes)
        store.put(key + _PARSED, parts.parsed)
        return _member(place, key, unpacked(parts.parsed, ParsedRecord))

    def _raw(self, content: bytes, place: Place) -> Raw:
        folder = str(Path(place.path).parent) if b"figures" in content else ""
        return Raw(content, self.addresses, folder, json_ending(place.path))

    def _key(self, raw: Raw) -> bytes:
        return digest(program(), packed(raw.addresses), path_bytes(raw.folder), raw.ending.encode(), raw.content)


def keys_of(member: ProjectRecord) -> tuple[bytes, ...]:
    """Return the keys under which the store has a record, its shared facts and its notes."""
    return (member.key + _PARSED, member.key + _SHARED_FACTS, member.key + _NOTES)


def _member(place: Place, key: bytes, parsed: ParsedRecord) -> ProjectRecord:
    problems = tuple(problem.in_file(place.path) for problem in parsed.problems)
    return ProjectRecord(place.path, parsed.outline, problems, place=place, key=key, shared_digest=parsed.shared_digest)
