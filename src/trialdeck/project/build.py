"""Build packages: prepare a build, then commit it, or use the prepared build and write nothing."""

import os
import time
from collections.abc import Callable, Sequence
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
from trialdeck.project.build_index import NOTHING, Index, read_index, remember, write_index
from trialdeck.project.build_result import BuildResult, ahead_of, filled_of
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.check import Call, checked_before, with_store
from trialdeck.project.context import BuildContext, BuildOptions
from trialdeck.project.next_ledger import Overview
from trialdeck.project.packages import in_place
from trialdeck.project.prepare import PreparedBuild, Project
from trialdeck.records.discovery import file_signature
from trialdeck.records.settings import settings_of

_T = TypeVar("_T")


def build(
    paths: Sequence[Path], request: DeckRequest, out: Path, built_at: int, options: BuildOptions | None = None
) -> BuildResult:
    """Build packages into the folder `out`, at a time in seconds of Unix time, and return what was written.

    Only what has changed since the last build gets the build time, as the ledger in `out` tells. Raises
    FaultyRecordsError where anything in the project has an error, RefusedReleaseError where it would harm learners and
    that is not allowed, and TrialdeckError where nothing is left to build, the ledger is damaged or the disk refuses;
    nothing is changed then.
    """
    began, options = time.time_ns(), options or BuildOptions()
    call = Call.of(paths)
    cache, request_key = options.folder_of(call.home), _request_key(call, request)
    index = read_index(cache, out)
    index = index if index.request_key == request_key else NOTHING
    if not request.refresh and _is_up_to_date(call, index, out):
        settings = checked_before(call, (), ()).settings
        ahead = ahead_of(Overview(index.digests, ()), out / ledgers.FILE, built_at)
        return BuildResult(out, settings, index.edition, "", EditionCounts(), filled_of(index.outputs), ahead=ahead)

    def work(shared: BuildContext) -> BuildResult:
        project = Project.read(call, shared, index if shared.store.is_kept else NOTHING)
        # What a build of these records would refuse in any folder is said before a folder is made.
        project.refuse_nothing(request, may_be_empty=(out / ledgers.FILE).exists())
        with locked(out):
            # The ledger of an interrupted build comes first: it is the one that the records are compared with.
            finish_commit(out)
            with project.next_ledger(request, out, built_at) as following, transaction(out) as change:
                prepared = project.prepare(following, request, change, gated=True)
                change.commit()
            outputs = in_place(prepared.outputs, out)
            others = {name: file_signature(out / name) for name in (ledgers.FILE, release_notes.FILE)}
            records = {member.place.real: remember(member) for member in project.members}
            following = Index(
                request_key, began, records, others, dict(prepared.digests), outputs, prepared.plan.edition
            )
            write_index(cache if shared.store.is_kept else None, out, following)
            project.tidy()
        return replace(prepared.plan, outputs=filled_of(outputs))

    return with_store(options, call, work)


def plan(
    paths: Sequence[Path], request: DeckRequest, out: Path, built_at: int, options: BuildOptions | None = None
) -> BuildResult:
    """Plan a build into the folder `out` and write nothing there.

    Raises as `build` does, and TrialdeckError where a build was interrupted half-way.
    """
    return with_plan(paths, request, out, built_at, lambda prepared: prepared.plan, options)


def with_plan(  # noqa: PLR0913, PLR0917 - those of `plan`, and what to do with it
    paths: Sequence[Path],
    request: DeckRequest,
    out: Path,
    built_at: int,
    use: "Callable[[PreparedBuild], _T]",
    options: BuildOptions | None = None,
    *,
    packed: bool = True,
) -> _T:
    """Plan a build into the folder `out` and use the plan while all that would be written can be looked at.

    Where no package is needed, `packed` is false: then none is written into the temporary folder.
    """
    if is_pending(out):
        raise TrialdeckError(f"a build into {out} is under way, or was interrupted", "build again to complete it")
    call = Call.of(paths)

    def work(shared: BuildContext) -> _T:
        project = Project.read(call, shared, NOTHING)
        project.refuse_nothing(request, may_be_empty=(out / ledgers.FILE).exists())
        with project.next_ledger(request, out, built_at) as following, scratch_folder() as folder:
            prepared = project.prepare(following, request, Transaction(out, folder / STAGING), packed=packed)
            return use(prepared)

    return with_store(options or BuildOptions(), call, work)


def _request_key(call: Call, request: DeckRequest) -> bytes:
    """Return the digest of all that a build depends on beside the records and the ledger.

    What is refreshed and what is allowed are not part of it: the builds after it depend on the same.
    """
    request = replace(request, refresh=(), allow=())
    said = [[settings_of(file) for file in files] for files in call.settings.values()]
    paths = (os.fsencode(path.resolve()) for path in call.paths)
    return digest(program(), msgspec.msgpack.encode([said, request]), *paths)


def _is_up_to_date(call: Call, index: Index, out: Path) -> bool:
    """Tell whether nothing has been touched since the last build, neither what it read nor what it wrote."""
    places = (*call.files.records, *call.files.beside)
    if not call.files.records or len(index.records) != len(places) or os.path.lexists(out / COMMIT):
        return False
    files = {**index.others, **{name: each.signature for name, each in filled_of(index.outputs).items()}}
    return index.holds(out, files) and all(map(index.remembered, places))
