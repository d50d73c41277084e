"""Build packages: prepare a build, then commit it, or use the prepared build and write nothing."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.serialise import digest
from trialdeck.core.temporary import scratch_folder
from trialdeck.core.transactions import COMMIT, STAGING, Transaction, finish_commit, is_pending, locked, transaction
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions import ledger as ledgers
from trialdeck.editions import release_notes
from trialdeck.editions.next_edition import EditionCounts
from trialdeck.project.build_index import NOTHING, Index, Output, read_index, remember, write_index
from trialdeck.project.build_result import BuildResult, ahead_of, filled_of
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.check import Call, checked_before, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.packages import in_place
from trialdeck.project.prepare import CheckedBuild, PreparedBuild
from trialdeck.project.record_loader import RecordLoader
from trialdeck.records.discovery import file_signature
from trialdeck.records.settings import settings_of

_T = TypeVar("_T")


def build(
    paths: Sequence[Path], request: DeckRequest, out: Path, built_at: int, options: BuildOptions | None = None
) -> BuildResult:
    """Build packages; only what has changed since the last build, as the ledger in `out` has it, gets the build time.

    Args:
        paths: Records, settings, and folders of them.
        request: Which decks are wanted.
        out: The folder of the packages, the ledger and the release notes.
        built_at: The build time in seconds of Unix time.
        options: Workers, cache folder and progress callback.

    Returns:
        What was written.

    Raises:
        FaultyRecordsError: Anything in the project has an error, or notes have lost their identity.
        RefusedReleaseError: The edition would harm learners, and that is not allowed.
        TrialdeckError: Nothing is left to build, the ledger is damaged, or the disk refuses.

    Nothing is changed if it raises.
    """
    began, options = time.time_ns(), options or BuildOptions()
    call = Call.of(paths)
    cache, request_key = options.folder_of(call.home), _request_key(call, request)
    index = _last_index(cache, out, request_key)
    if not request.refresh and _is_up_to_date(call, index, out):
        return _result_of(call, index, out, built_at)

    def work(loader: RecordLoader) -> BuildResult:
        # Errors of the records are raised here, before `locked` makes the folder.
        checked = CheckedBuild.of(call, request, out, index if loader.store.is_kept else NOTHING, loader)
        with locked(out, attempts=lambda tries, total: loader.progress(tries, "waiting for another build", total)):
            # Complete an interrupted build first: the records are compared with the ledger that it wrote.
            finish_commit(out)
            with checked.next_ledger(built_at) as following, transaction(out) as change:
                prepared = checked.prepare(following, change)
                prepared.refuse_risks()
                outputs = prepared.write_packages()
                result = prepared.result(outputs)
                change.commit()
            outputs = in_place(outputs, out)
            if loader.store.is_kept:
                write_index(cache, out, _next_index(prepared, outputs, began, request_key))
            checked.remove_stale_entries()
        return replace(result, outputs=filled_of(outputs))

    return with_loader(options, call, work)


def last_build(
    paths: Sequence[Path], request: DeckRequest, out: Path, now: int, options: BuildOptions
) -> BuildResult | None:
    """Return the result of the last build without reading a record; None if anything was touched since.

    The arguments are those of `build`. Raises TrialdeckError if there are no records.
    """
    call = Call.of(paths)
    index = _last_index(options.folder_of(call.home), out, _request_key(call, request))
    return _result_of(call, index, out, now) if _is_up_to_date(call, index, out) else None


def _last_index(cache: Path | None, out: Path, request_key: bytes) -> Index:
    """Return the index of the last build, if that depended on the same."""
    index = read_index(cache, out)
    return index if index.request_key == request_key else NOTHING


def plan(
    paths: Sequence[Path], request: DeckRequest, out: Path, built_at: int, options: BuildOptions | None = None
) -> BuildResult:
    """Plan a build and write nothing into the folder `out`; the arguments are those of `build`.

    Raises as `build` does, but returns the changes that it refuses; raises TrialdeckError if a build was interrupted
    half-way.
    """

    def use(prepared: PreparedBuild) -> BuildResult:
        return prepared.result(prepared.write_packages())

    return with_plan(paths, request, out, built_at, use, options)


def with_plan(  # noqa: PLR0913, PLR0917 - those of `plan`, and what to do with it
    paths: Sequence[Path],
    request: DeckRequest,
    out: Path,
    built_at: int,
    use: "Callable[[PreparedBuild], _T]",
    options: BuildOptions | None = None,
) -> _T:
    """Prepare a build and write nothing into the folder `out`.

    Args:
        paths: Records, settings, and folders of them.
        request: Which decks are wanted.
        out: The folder of the packages, the ledger and the release notes.
        built_at: The build time in seconds of Unix time.
        use: Gets the prepared build, whose files are in a temporary folder until it returns.
        options: Workers, cache folder and progress callback.

    Returns:
        What `use` returns.

    Raises:
        FaultyRecordsError: Anything in the project has an error, or notes have lost their identity.
        TrialdeckError: As `build`, or a build was interrupted half-way.
    """
    if is_pending(out):
        raise TrialdeckError(f"a build into {out} is under way, or was interrupted", "build again to complete it")
    call = Call.of(paths)

    def work(loader: RecordLoader) -> _T:
        checked = CheckedBuild.of(call, request, out, NOTHING, loader)
        with checked.next_ledger(built_at) as following, scratch_folder() as folder:
            return use(checked.prepare(following, Transaction(out, folder / STAGING)))

    return with_loader(options or BuildOptions(), call, work)


def _result_of(call: Call, index: Index, out: Path, built_at: int) -> BuildResult:
    """Return the result of a build that has nothing to do since the last one, whose index is given."""
    settings = checked_before(call, (), ()).settings
    ahead = ahead_of(index.digests, out / ledgers.FILE, built_at)
    return BuildResult(out, settings, index.edition, EditionCounts(), filled_of(index.outputs), ahead=ahead)


def _next_index(prepared: PreparedBuild, outputs: Mapping[str, Output], began: int, request_key: bytes) -> Index:
    """Return the index of a build that is committed.

    Args:
        prepared: The build.
        outputs: All packages, as they lie in the folder.
        began: When the build began to look at files, in nanoseconds.
        request_key: See `_request_key`.
    """
    return Index(
        request_key=request_key,
        began=began,
        records={member.place.real: remember(member) for member in prepared.checked_build.members},
        others={name: file_signature(prepared.out / name) for name in (ledgers.FILE, release_notes.FILE)},
        digests=dict(prepared.next_ledger.digests),
        outputs=dict(outputs),
        edition=prepared.edition,
    )


def _request_key(call: Call, request: DeckRequest) -> bytes:
    """Return the digest of all that a build depends on beside the records and the ledger.

    What is refreshed and what is allowed are not part of it: the builds after it depend on the same.
    """
    request = replace(request, refresh=(), allow=())
    settings = [[settings_of(file) for file in files] for files in call.settings.values()]
    paths = (os.fsencode(path.resolve()) for path in call.paths)
    return digest(program(), msgspec.msgpack.encode([settings, request]), *paths)


def _is_up_to_date(call: Call, index: Index, out: Path) -> bool:
    """Tell whether nothing has been touched since the last build, neither what it read nor what it wrote."""
    places = (*call.files.records, *call.files.beside)
    if not call.files.records or len(index.records) != len(places) or os.path.lexists(out / COMMIT):
        return False
    files = {**index.others, **{name: output.signature for name, output in filled_of(index.outputs).items()}}
    return index.holds(out, files) and all(map(index.remembered, places))
