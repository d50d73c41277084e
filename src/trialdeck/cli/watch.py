"""Build again whenever a file is saved."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path

from trialdeck.cli.base import say
from trialdeck.cli.output.terminal import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.records.media.files import TYPES

_WRITTEN = {".yaml", ".yml", *TYPES}
_ROUND = 200
"""After how many milliseconds without a save the library reports back."""


def keep_building(places: Sequence[Path], build: Callable[[], None]) -> None:
    """Build now, and again whenever a record, a setting or a media file below the places is saved, until Ctrl-C.

    A broken record is told, and the next save is waited for. Raises TrialdeckError where watchfiles is not installed.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TrialdeckError("--watch needs the library watchfiles", "pip install watchfiles") from error
    with suppress(KeyboardInterrupt):
        _try(build)
        # A folder hears of it when an editor puts a new file in the place of the old one; a watch of that file ends.
        watched = sorted({place if place.is_dir() else place.parent for place in places if place.exists()})
        saves = watch(*watched, watch_filter=_is_written_by_hand, yield_on_timeout=True, rust_timeout=_ROUND)
        # Only after a first round without a save is it sure that the next one is heard.
        for is_first, saved in zip(chain([True], repeat(False)), saves, strict=False):
            if saved:
                _try(build)
            if is_first:
                echo(f"watching {', '.join(map(str, watched))}; Ctrl-C ends", err=True)


def _try(build: Callable[[], None]) -> None:
    try:
        build()
    except TrialdeckError as error:
        say(error)


def _is_written_by_hand(_change: object, path: str) -> bool:
    return Path(path).suffix.lower() in _WRITTEN
