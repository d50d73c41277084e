"""Share decks: make the site, look at it, send packages into a running Anki."""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from trialdeck.anki.connect import KEY_VARIABLE, URL_VARIABLE, USUAL, AnkiConnect, KeyRefusedError, refuse_forgotten
from trialdeck.anki.published import open_published
from trialdeck.anki.push import Pushed, packages_to_push
from trialdeck.anki.push import push as push_packages
from trialdeck.api.progress import ProgressCallback
from trialdeck.api.projects import Project, StrPath, folder_of, options_of, request_of, time_of
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.project.cache.user_folder import cache_folder
from trialdeck.records.discovery import home_of, records_of
from trialdeck.site.publish import publish
from trialdeck.site.server import Preview

_GLANCE = 2.0
"""Seconds within which an Anki that runs answers whether it does."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site that was made: its folder, its counts, its size in bytes, and how many of its files were touched.

    `unbuilt` says what the next build of the decks would change; empty if the site shows what was built.
    """

    path: Path
    trials: int
    notes: int
    cards: int
    packages: int
    size: int
    written: int
    removed: int
    unbuilt: str


def make_site(
    project: Project,
    *,
    out: StrPath | None = None,
    profile: StrPath | None = None,
    at: datetime | None = None,
    progress: ProgressCallback | None = None,
) -> Site:
    """Make the site of a project, as `trialdeck site` does.

        >>> import trialdeck as td
        >>> site = td.make_site(td.load("."), out="new/site")
        >>> site.trials, (site.path / "index.html").is_file()
        (6, True)

    Args:
        project: The records.
        out: The folder of the site; `site` of the project by default.
        profile: A file that says who learns: the site takes what is for this reader or for everybody.
        at: The time of the site, with its time zone; SOURCE_DATE_EPOCH or now by default.
        progress: Gets each step; what it raises ends the call.

    Raises:
        TrialdeckError: Records have errors (its `problems`), the folder has files of somebody else, or the disk
            refuses.
    """
    request = request_of(project, profile=profile)
    made = publish(
        [records_of(project.path)],
        request,
        folder_of(project, None),
        _site_folder(project, out),
        time_of(at),
        options_of(project, progress),
    )
    counts = made.site.counts
    return Site(
        made.out,
        len(made.site.trials),
        counts.notes,
        counts.cards,
        made.site.filled,
        made.size,
        len(made.changed),
        len(made.removed),
        made.site.unbuilt,
    )


def _site_folder(project: Project, out: StrPath | None) -> Path:
    """Return the folder of a site; raises TrialdeckError if that of the project is a link out of it."""
    if out is not None:
        return Path(out)
    home = project.path if project.path.is_dir() else home_of(project.path)
    refuse_outside(home / "site", home, of="the project", hint="remove the link, or name the folder as `out`")
    return home / "site"


@dataclass(slots=True)
class ServedSite:
    """A folder that is served to the browsers of this machine, at an address of its own, until it is closed."""

    address: str
    _preview: Preview = field(repr=False)

    def close(self) -> None:
        """End the server."""
        self._preview.server.shutdown()
        self._preview.server.server_close()


def serve_site(folder: StrPath) -> ServedSite:
    """Serve a site to the browsers of this machine, as `trialdeck site --serve` does.

        >>> import trialdeck as td
        >>> served = td.serve_site("new/site")
        >>> served.address.startswith("http://127.0.0.1:")
        True
        >>> served.close()

    The server has a port of its own, so that no page of the site can read another page of this machine. Raises
    TrialdeckError if the system gives no port.
    """
    try:
        preview = Preview(Path(folder), reloads=False)
    except OSError as error:
        raise TrialdeckError(f"cannot serve {folder}: {error.strerror or error}", "try again") from error
    thread = threading.Thread(target=preview.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    return ServedSite(preview.address, preview)


@dataclass(frozen=True, slots=True)
class AnkiState:
    """Whether an Anki that takes packages runs here; if not, what was found, and what to do.

    `needs_key` is true if AnkiConnect answers, and wants the apiKey of its settings.
    """

    runs: bool
    message: str = ""
    hint: str = ""
    needs_key: bool = False


def find_anki(*, url: str | None = None, key: str | None = None, seconds: float = _GLANCE) -> AnkiState:
    """Ask whether Anki runs with the add-on AnkiConnect; nothing is changed there.

        >>> import trialdeck as td
        >>> state = td.find_anki(url="http://127.0.0.1:9")
        >>> state.runs, state.message.partition(":")[0]
        (False, 'Anki is not running, or the add-on AnkiConnect (code 2055492159) is not installed')

    Args:
        url: The address of AnkiConnect; TRIALDECK_ANKI_URL or its usual one by default.
        key: The apiKey in its settings; TRIALDECK_ANKI_KEY by default.
        seconds: How long it may take to answer.
    """
    try:
        _anki(url, key, seconds).check()
    except TrialdeckError as error:
        needs_key = isinstance(error, KeyRefusedError)
        return AnkiState(runs=False, message=error.message, hint=error.hint, needs_key=needs_key)
    return AnkiState(runs=True)


def push(
    packages: Iterable[StrPath] | Project, *, url: str | None = None, key: str | None = None, seconds: float = 120.0
) -> Iterator[Pushed]:
    """Import packages into a running Anki, as `trialdeck push` does; yield the effects of each when it is there.

    Args:
        packages: Files of packages, or a project: then all that its folder has.
        url: The address of AnkiConnect; TRIALDECK_ANKI_URL or its usual one by default.
        key: The apiKey in its settings; TRIALDECK_ANKI_KEY by default.
        seconds: How long Anki may take to answer.

    Returns:
        The effects: `path`, how many notes are `new`, `changed`, `unchanged` or `kept` as they are in Anki, and a
        `summary` in words.

    Raises:
        TrialdeckError: A package cannot be read or is not one of ours, Anki cannot be reached or refuses, or it is
            unknown what Anki did.
    """
    files = packages_to_push(folder_of(packages, None)) if isinstance(packages, Project) else list(map(Path, packages))
    with open_published(cache_folder()) as published:
        yield from push_packages(files, _anki(url, key, seconds), published, int(time.time()))


def _anki(url: str | None, key: str | None, seconds: float) -> AnkiConnect:
    address = os.environ.get(URL_VARIABLE, "") or USUAL if url is None else url
    refuse_forgotten(address, named=url is not None)
    return AnkiConnect(address, os.environ.get(KEY_VARIABLE, "") if key is None else key, seconds)
