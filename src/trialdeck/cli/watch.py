"""Build again whenever a file is saved."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path

from trialdeck.cli.terminal.failures import print_error
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.system.extras import install_hint
from trialdeck.records.discovery import ENDINGS
from trialdeck.records.media.files import TYPES

_EDITED = {*ENDINGS, *TYPES}
_ROUND = 200
"""After how many milliseconds without a save the library reports an empty round."""


def keep_building(places: Sequence[Path], build: Callable[[], None]) -> None:
    """Build now, and again whenever a record, a setting or a media file below the places is saved, until Ctrl-C.

    The errors of a build are printed, and do not end the watch.

    Raises TrialdeckError if watchfiles is not installed.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - the extra `watch`, which may be missing
    except ImportError as error:
        raise TrialdeckError("--watch needs the library watchfiles", install_hint("watch")) from error
    with suppress(KeyboardInterrupt):
        _try(build)
        # Folders are watched: an editor may put a new file in the place of the old one, and that ends a file's watch.
        folders = sorted({place if place.is_dir() else place.parent for place in places if place.exists()})
        saves = watch(*folders, watch_filter=_is_edited_by_hand, yield_on_timeout=True, rust_timeout=_ROUND)
        # A save is sure to be noticed only after the first round that the library reports.
        for is_first, saved in zip(chain([True], repeat(False)), saves, strict=False):
            if saved:
                _try(build)
            if is_first:
                echo(f"watching {', '.join(map(str, folders))}; Ctrl-C ends", err=True)


def _try(build: Callable[[], None]) -> None:
    try:
        build()
    except TrialdeckError as error:
        print_error(error)


def _is_edited_by_hand(_change: object, path: str) -> bool:
    return Path(path).suffix.lower() in _EDITED
