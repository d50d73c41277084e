"""The time of a build: now, or the one that is stated so that a build can be repeated (SOURCE_DATE_EPOCH)."""

import os
import time
from typing import TYPE_CHECKING

from trialdeck.core.errors import TrialdeckError

if TYPE_CHECKING:
    from datetime import datetime

VARIABLE = "SOURCE_DATE_EPOCH"
"""The variable that states the time of a build (https://reproducible-builds.org/specs/source-date-epoch)."""
EARLIEST, LATEST = 10**8, 10**10 - 1
"""Between which times packages can be built: ids of rows lie in the two weeks before it and are not negative."""


class BuildTimeError(TrialdeckError):
    """A time at which nothing can be built."""


def build_time() -> int:
    """Return the build time in seconds of Unix time: now, or SOURCE_DATE_EPOCH.

    Raises BuildTimeError if that is no time at which packages can be built.
    """
    stated = os.environ.get(VARIABLE, "")
    if not stated:
        return int(time.time())
    if not stated.isdecimal():
        raise BuildTimeError(f"{VARIABLE} is a number of seconds, not '{stated}'")
    return _refused_outside(int(stated), VARIABLE, stated)


def build_time_at(at: "datetime") -> int:
    """Return a build time in seconds of Unix time.

    Raises BuildTimeError if it names no time zone, or if packages cannot be built at that time.
    """
    if at.tzinfo is None:
        raise BuildTimeError(f"the build time {at.isoformat()} has no time zone", "write datetime(..., tzinfo=UTC)")
    return _refused_outside(int(at.timestamp()), "the build time in seconds", str(int(at.timestamp())))


def _refused_outside(seconds: int, name: str, stated: str) -> int:
    if not EARLIEST <= seconds <= LATEST:
        raise BuildTimeError(f"{name} is between {EARLIEST} and {LATEST}, not {stated}")
    return seconds
