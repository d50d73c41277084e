"""Take away what was built: packages, release notes, the site; and send packages into a running Anki."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from secrets import token_hex
from typing import Any

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.forms.page_words import hint_on_page
from trialdeck.desk.jobs import Job, Line, run
from trialdeck.desk.pages import changes, json_body, refused, rendered, workspace_of
from trialdeck.desk.workspace import Workspace

_NOTES = "EDITIONS.md"
_SITE = "site"


@dataclass(frozen=True, slots=True)
class Package:
    """A package in the folder of decks; `cards` is None if only its file is known."""

    name: str
    title: str
    size: str
    notes: int | None = None
    cards: int | None = None
    retired: int = 0
    disputed: int = 0


@dataclass(frozen=True, slots=True)
class Deck:
    """The packages of one deck, by the name above all of them."""

    title: str
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """What there is to take away beside the packages: release notes, and a site, made on a day."""

    has_notes: bool
    site_made: str


def packages_of(workspace: Workspace, built: td.BuildResult | None) -> tuple[Deck, ...]:
    """Return the packages that there are: those of a build with their counts, else the files in the folder."""
    if built is None:
        return _by_definition(workspace)
    known = [(each.title.rpartition("::")[0], _of_build(each)) for each in built.packages if each.path.is_file()]
    return tuple(
        Deck(title.rpartition("::")[2], tuple(package for _, package in together))
        for title, together in groupby(known, key=lambda pair: pair[0])
    )


def _by_definition(workspace: Workspace) -> tuple[Deck, ...]:
    """Return the packages in the folder below the names of their decks, as far as the names of the files tell them."""
    names = {file.name: str(file.value(("name",)) or "") for file in td.settings(workspace.project).decks}
    decks: dict[str, list[Package]] = {}
    for path in _files(workspace):
        own = [name for name in names if path.stem == name or path.stem.startswith(f"{name}-")]
        deck = max(own, key=len, default="")
        title = path.stem.removeprefix(deck).removeprefix("-") or names[deck]
        decks.setdefault(deck, []).append(Package(path.name, title, _size(path.stat().st_size)))
    return tuple(Deck(names.get(deck, ""), tuple(packages)) for deck, packages in sorted(decks.items()))


def _of_build(built: td.BuiltPackage) -> Package:
    name = built.title.rpartition("::")[2]
    size = _size(built.size)
    return Package(built.path.name, name, size, built.notes, built.cards, built.retired, built.disputed)


def state_of(workspace: Workspace) -> Sharing:
    """Return what else there is to take away."""
    index = workspace.folder / _SITE / "index.html"
    made = f"{datetime.fromtimestamp(index.stat().st_mtime):%d %B %Y, %H:%M}" if index.is_file() else ""
    return Sharing(_inside(workspace, workspace.decks / _NOTES), made.removeprefix("0"))


def _files(workspace: Workspace) -> list[Path]:
    """Return the packages in the folder of decks; links are none."""
    return [path for path in sorted(workspace.decks.glob("*.apkg")) if _inside(workspace, path)]


def _inside(workspace: Workspace, path: Path) -> bool:
    """Tell whether a path is a file of the project itself, and no link out of it."""
    return path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(workspace.folder)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(size, 100) / 1e3:.1f} kB"


def _package(request: Request) -> Response:
    """Answer with one package, to be saved."""
    name: str = request.path_params["name"]
    for path in _files(workspace_of(request)):
        if path.name == name:
            return FileResponse(path, media_type="application/octet-stream", filename=path.name)
    raise HTTPException(404)


def _notes(request: Request) -> Response:
    """Answer with the release notes, to be saved."""
    workspace = workspace_of(request)
    path = workspace.decks / _NOTES
    if not _inside(workspace, path):
        raise HTTPException(404)
    return FileResponse(path, media_type="text/markdown", filename=_NOTES)


def _all_packages(request: Request) -> Response:
    """Answer with all packages and the release notes in one file; or with those that the query names."""
    workspace = workspace_of(request)
    chosen = set(request.query_params.getlist("name"))
    files = [path for path in _files(workspace) if not chosen or path.name in chosen]
    if not files:
        raise HTTPException(404)
    notes = workspace.decks / _NOTES
    with_notes = [notes] if not chosen and _inside(workspace, notes) else []
    return _zipped(workspace, "decks", {path.name: path for path in (*files, *with_notes)})


def _whole_site(request: Request) -> Response:
    """Answer with the site in one file."""
    workspace = workspace_of(request)
    folder = workspace.folder / _SITE
    files = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if _inside(workspace, path)
    }
    if "index.html" not in files:
        raise HTTPException(404)
    return _zipped(workspace, "site", files)


def _for_me(request: Request) -> Response:
    """Answer with packages for the reader of the profile, which are made now and stand nowhere else."""
    workspace = workspace_of(request)
    profile = td.settings(workspace.project).profile
    blobs = td.package_bytes(workspace.project, profile=profile.path)
    return _zipped(workspace, "decks-for-me", blobs)


def _zipped(workspace: Workspace, name: str, contents: Mapping[str, Path | bytes]) -> Response:
    """Answer with a ZIP file, which is removed from the scratch folder when it was sent."""
    path = workspace.scratch / f"{name}-{token_hex(8)}.zip"
    # Packages are compressed already.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if name != "site" else zipfile.ZIP_DEFLATED) as archive:
        for inner, content in contents.items():
            if isinstance(content, bytes):
                archive.writestr(inner, content)
            else:
                archive.write(content, inner)
    whole = f"{workspace.folder.name}-{name}.zip"
    return FileResponse(path, media_type="application/zip", filename=whole, background=BackgroundTask(path.unlink))


async def _make_site(request: Request) -> Response:
    """Make the site, line by line how far that is."""
    workspace = workspace_of(request)

    def work(job: Job) -> Line:
        site = td.make_site(workspace.project, progress=job.follow)
        html = rendered(request, "release_site.html", sharing=state_of(workspace), made=site)
        return {"html": html, "message": "The site is made."}

    return run(request, "The making of the site", work, _message)


def _open_site(request: Request) -> Response:
    """Lead to the site, at an address of its own, as a page there must not ask the desk for anything."""
    workspace = workspace_of(request)
    if not (workspace.folder / _SITE / "index.html").is_file():
        raise HTTPException(404)
    with workspace.lock("the server of the site"):
        if not hasattr(request.app.state, "served_site"):
            request.app.state.served_site = td.serve_site(workspace.folder / _SITE)
    return RedirectResponse(request.app.state.served_site.address, 303)


def _anki(_request: Request, body: Any) -> Response:
    """Tell whether Anki runs."""
    state = td.find_anki(key=_key(body))
    return JSONResponse(
        {"runs": state.runs, "message": state.message, "hint": state.hint, "needs_key": state.needs_key}
    )


async def _push(request: Request) -> Response:
    """Send packages into Anki, and tell of each when it is there."""
    body = await json_body(request)
    workspace = workspace_of(request)
    names = body.get("packages", []) if isinstance(body, dict) else []
    files = [path for path in _files(workspace) if path.name in names]
    if not files:
        return refused("No package is chosen", "Build the decks first, or reload the page.")

    def work(job: Job) -> Line:
        pushed = []
        for done, package in enumerate(_pushed(job, files, _key(body))):
            job.tell({"stage": "sending into Anki", "done": done + 1, "total": len(files)})
            pushed.append(package)
        return {"html": rendered(request, "release_pushed.html", pushed=pushed)}

    left = "What Anki had received before stays there."
    return run(request, "The sending into Anki", work, _message, after_cancel=left)


def _pushed(job: Job, files: Iterable[Path], key: str | None) -> Iterator[td.Pushed]:
    for package in td.push(files, key=key):
        yield package
        job.pause()


def _key(body: Any) -> str | None:
    key = body.get("key") if isinstance(body, dict) else None
    return key if isinstance(key, str) and key else None


def _message(error: td.TrialdeckError) -> Line:
    return {"message": error.message, "hint": hint_on_page(error.hint)}


ROUTES = (
    Route("/release/package/{name}", _package),
    Route("/release/packages.zip", _all_packages),
    Route("/release/for-me.zip", _for_me),
    Route("/release/EDITIONS.md", _notes),
    Route("/release/site", _make_site, methods=["POST"]),
    Route("/release/site.zip", _whole_site),
    Route("/release/site/open", _open_site),
    Route("/release/anki", changes(_anki), methods=["POST"]),
    Route("/release/push", _push, methods=["POST"]),
)
