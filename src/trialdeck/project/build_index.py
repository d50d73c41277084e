"""The index of the last build: what it read and wrote, so that the next one reads no unchanged file again."""

import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.inputs import whole_input
from trialdeck.core.problem import Severity
from trialdeck.core.serialise import DamagedDataError, packed, unpacked
from trialdeck.project.check import Call, Checked, check_project, checked_before
from trialdeck.project.package_keys import TrialDigest
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.discovery import NO_FILE, Place, Signature, changed_at, file_signature, signature_of
from trialdeck.records.summary import RecordSummary

_SETTLED = 100_000_000
"""In nanoseconds: a file that changed so shortly before it was read may change again and keep its time stamp."""


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """A record as it was read: see `ProjectRecord`; `figures` are the signatures of the files that it shows."""

    signature: Signature
    key: bytes
    shared_digest: bytes
    outline: RecordSummary
    figures: tuple[tuple[str, Signature], ...] = ()


class Output(msgspec.Struct, frozen=True, array_like=True):
    """A package as it was written: its key (see `PackageKeys`), its counts, and its file; an empty one has no file.

    `tally_entries` are the entries of its notes for a `Tally`.
    """

    key: bytes
    title: str
    notes: int
    cards: int
    retired: int
    disputed: int
    signature: Signature
    tally_entries: bytes = b""

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing, so that no file is written."""
        return not (self.notes or self.retired or self.disputed)


class Index(msgspec.Struct, frozen=True, array_like=True):
    """What a build has read and written; `request_key` is the digest of all else that it depended on.

    `began` is when it began to read files, in nanoseconds. Records are named by their real paths; `others` are the
    files that it has written beside the packages.
    """

    request_key: bytes
    began: int
    records: dict[str, Remembered]
    others: dict[str, Signature]
    digests: dict[str, TrialDigest]
    outputs: dict[str, Output]
    edition: str

    def remembered(self, place: Place) -> ProjectRecord | None:
        """Return the record at a place if its file is unchanged, else None."""
        known = self.records.get(place.real)
        if known is None or known.signature != place.signature or not self._is_settled(place.signature):
            return None
        if any(file_signature(Path(file)) != signature or not self._is_settled(signature)
               for file, signature in known.figures):  # fmt: skip
            return None
        return ProjectRecord(place.path, known.outline, place=place, key=known.key, shared_digest=known.shared_digest)

    def holds(self, folder: Path, files: Mapping[str, Signature]) -> bool:
        """Tell whether files of a folder still have these signatures."""
        there = signatures_in(folder)
        return all(there.get(name, NO_FILE) == signature for name, signature in files.items())

    def _is_settled(self, signature: Signature) -> bool:
        return changed_at(signature) < self.began - _SETTLED


NOTHING = Index(b"", 0, {}, {}, {}, {}, "")
"""The index if there was no build before, or its index cannot be used."""


def read_index(folder: Path | None, out: Path) -> Index:
    """Return the index of the last build into `out` from the folder of a cache; `NOTHING` if there is none."""
    if folder is None:
        return NOTHING
    try:
        return unpacked(whole_input(_file(folder, out)), Index)
    except (OSError, DamagedDataError):
        return NOTHING


def write_index(folder: Path | None, out: Path, index: Index) -> None:
    """Write the index for the next build; do without it if the cache cannot be written, or a name is not UTF-8."""
    if folder is None:
        return
    try:
        replace_file(_file(folder, out), packed(index))
    except (TrialdeckError, UnicodeEncodeError):
        with suppress(OSError):
            _file(folder, out).unlink()


def _file(folder: Path, out: Path) -> Path:
    return folder / f"{sha256(os.fsencode(out.resolve())).hexdigest()[:20]}.index"


def remember(member: ProjectRecord) -> Remembered:
    """Return the entry of a record in the index."""
    assert member.outline
    files = [member.folder / file for file in member.outline.figures]
    figures = tuple((str(file), file_signature(file)) for file in files)
    return Remembered(member.place.signature, member.key, member.shared_digest, member.outline, figures)


def signatures_in(folder: Path) -> Mapping[str, Signature]:
    """Return the signatures of all files in a folder, by name."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: signature_of(entry.stat()) for entry in entries if entry.is_file()}
    except OSError:
        return {}


def checked_since(call: Call, loader: RecordLoader, index: Index) -> Checked:
    """Check a project; if nothing changed that other records see, check only the records that did change.

    `index` is that of the last build.
    """
    places = (*call.files.records, *call.files.beside)
    known = {place.real: index.remembered(place) for place in places} if len(index.records) == len(places) else {}
    if any(known.values()):
        fresh = loader.read([place for place in places if known[place.real] is None])
        if all(_is_seen_as_before(member, index) for member in fresh):
            members = {**known, **{member.place.real: member for member in fresh}}
            asked, beside = (
                [member for place in group if (member := members[place.real])]
                for group in (call.files.records, call.files.beside)
            )
            return checked_before(call, asked, beside)
    return check_project(call, loader)


def _is_seen_as_before(member: ProjectRecord, index: Index) -> bool:
    former = index.records.get(member.place.real)
    is_sound = all(problem.severity is not Severity.ERROR for problem in member.problems)
    return former is not None and is_sound and member.outline == former.outline
