"""The folder of the cache on the user's machine, for the command line and for the desk."""

import os
from pathlib import Path

CACHE = "TRIALDECK_CACHE"
"""The variable that names the folder of the cache."""


def cache_folder() -> Path:
    """Return the folder of the cache. It is private to the user, because its content is trusted."""
    path = os.environ.get(CACHE)
    if path:
        return Path(path)
    # A build with TRIALDECK_CACHE does not need it.
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("trialdeck", appauthor=False)
