"""Build again on every save."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from trialdeck.cli.base import say
from trialdeck.errors import TrialdeckError

_WRITTEN = (".yaml", ".yml")


def keep_building(places: Sequence[Path], build: Callable[[], None]) -> None:
    """Build now, and again whenever a record or a setting below the places is saved, until Ctrl-C.

    A broken record is told, and the next save is waited for. Raises TrialdeckError where watchfiles is not installed.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TrialdeckError("--watch needs the library watchfiles", "pip install 'trialdeck[watch]'") from error
    watched = [place for place in places if place.exists()]
    _try(build)
    click.echo(f"watching {', '.join(map(str, watched))}; Ctrl-C ends", err=True)
    for _ in watch(*watched, watch_filter=_is_written_by_hand, raise_interrupt=False):
        _try(build)


def _try(build: Callable[[], None]) -> None:
    try:
        build()
    except TrialdeckError as error:
        say(error)


def _is_written_by_hand(_change: object, path: str) -> bool:
    return Path(path).suffix in _WRITTEN
