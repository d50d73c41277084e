"""Publish the site: pages and packages as plain files in a folder."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals, remove_file, replace_file
from trialdeck.core.inputs import reason_of, whole_input
from trialdeck.core.safe_paths import refuse_outside, target_of
from trialdeck.core.temporary import scratch_folder
from trialdeck.core.text import counted
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import Package
from trialdeck.editions.next_edition import EditionCounts
from trialdeck.project.build import with_plan
from trialdeck.project.build_result import filled_of
from trialdeck.project.context import BuildOptions
from trialdeck.project.packages import file_of
from trialdeck.project.prepare import PreparedBuild
from trialdeck.site.contents import SiteSource, make_site
from trialdeck.site.feed.addon import ADDON, addon_package
from trialdeck.site.feed.feed import feed_files
from trialdeck.site.parts.downloads import PACKAGES
from trialdeck.site.spool import Spool
from trialdeck.site.whole import Site

MANIFEST = "site-files.json"
"""The list of a site's files with their SHA-256. Only files in it are ever replaced or removed."""


class PublishedSite(msgspec.Struct, frozen=True):
    """A written site: its folder, contents, size in bytes, and all, changed and removed files."""

    out: Path
    site: Site
    size: int
    files: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def publish(  # noqa: PLR0913, PLR0917 - the parameters of a plan, and the folder of the site
    paths: Sequence[Path],
    request: DeckRequest,
    decks: Path,
    out: Path,
    built_at: int,
    options: BuildOptions | None = None,
) -> PublishedSite:
    """Write the site of checked records into a folder.

    The decks themselves are not built: if notes have changed since the last build, the site is a preview and says so.

    Args:
        paths: The records and settings, and folders of them.
        request: The decks.
        decks: The folder of the ledger and the release notes.
        out: The folder of the site.
        built_at: The time of the build, in seconds of Unix time.
        options: The build options.

    Returns:
        The site that was written.

    Raises:
        TrialdeckError: As `trialdeck.project.build.with_plan` does; also if the disk refuses, or a file in `out` does
            not belong to a site.
    """

    def write(prepared: PreparedBuild) -> PublishedSite:
        filled = filled_of(prepared.write_packages())
        with scratch_folder() as folder:
            files = Spool(folder)
            for name in filled:
                files.put(f"{PACKAGES}/{name}", prepared.content(name))
            packages = tuple(package for package in prepared.packages if file_of(package) in filled)
            files.put(ADDON, addon_package())
            site = make_site(_source(prepared, packages, files), files.put)
            for name, content in feed_files(prepared, packages, site):
                files.put(name, content)
            return _write_site(out, site, files)

    return with_plan(paths, request, decks, built_at, write, options)


def _source(prepared: PreparedBuild, packages: tuple[Package, ...], files: Spool) -> SiteSource:
    ledger = prepared.ledger
    return SiteSource(
        settings=prepared.settings,
        edition=prepared.edition,
        packages=packages,
        content=lambda name: files[f"{PACKAGES}/{name}"],
        ledger=ledger,
        release_notes=prepared.release_notes,
        unbuilt=_unbuilt(prepared.next_ledger.counts, len(ledger.notes)),
    )


def _unbuilt(counts: EditionCounts, notes: int) -> str:
    """Return what a build would change, in words; empty if nothing."""
    if counts.new == notes:
        return "the decks have not been built yet"
    touched = counts.new + counts.changed + counts.retired + counts.returned
    subject = counted(touched, "note has", "notes have") if touched else "the look of the cards has"
    return f"{subject} changed since the decks were last built" if counts else ""


def _write_site(out: Path, site: Site, files: Spool) -> PublishedSite:
    """Write the files of a site, the front page and the feed last: they link to files that are there already.

    Meanwhile the manifest names the files of both sites, so that the next call can complete an interrupted one.
    """
    _refuse_links(out, [MANIFEST])
    former = _former_files(out)
    _refuse_links(out, [MANIFEST, *files, *former])
    _refuse_foreign(out, files, former)
    sums = files.sums
    gone = [name for name in former if name not in files]
    replace_file(out / MANIFEST, _manifest({**former, **sums}))
    changed = tuple(name for name, content in files.items() if _put(out, name, content))
    removed = tuple(name for name in gone if _remove(out, name, former[name]))
    replace_file(out / MANIFEST, _manifest(sums))
    return PublishedSite(out, site, files.size, tuple(files), changed, removed)


def _former_files(out: Path) -> Mapping[str, str]:
    """Return the files that the last call has written, with their SHA-256."""
    path = out / MANIFEST
    try:
        manifest = json.loads(whole_input(path))
        former = {str(name): str(digest) for name, digest in manifest["files"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrialdeckError(
            f"cannot read {path}: {reason_of(error)}", "remove the folder, or name another with --out"
        ) from error
    return {name: digest for name, digest in former.items() if _stays_inside(name)}


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    if "\0" in name or name != name.encode(errors="replace").decode():
        return False  # no file can have this name
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _refuse_links(out: Path, names: Sequence[str]) -> None:
    """Raise TrialdeckError if a file of the site, or a folder on its path, is a link out of the site.

    It is an error too if links turn two files into one.
    """
    folders = {folder: refuse_outside(folder, out, of="the site") for folder in _folders(out, names)}
    path_of_target: dict[Path, Path] = {}
    for path in dict.fromkeys(out / name for name in names):
        with refusals(path):
            target = target_of(path, out)
        first_path = path_of_target.setdefault(folders[path.parent] / path.name if target is path else target, path)
        if first_path is not path:
            raise TrialdeckError(
                f"{path} and {first_path} are one file, through a link", "nothing was written; remove the link"
            )


def _folders(out: Path, names: Sequence[str]) -> list[Path]:
    return sorted({(out / name).parent for name in names})


def _refuse_foreign(out: Path, files: Mapping[str, bytes], former: Mapping[str, str]) -> None:
    """Raise TrialdeckError if a file would be replaced that no earlier call has written."""
    for name, content in files.items():
        path = out / name
        if name not in former and path.exists() and not (path.is_file() and path.read_bytes() == content):
            message = f"{path} is in the way: it is not a file of a site that trialdeck has made"
            raise TrialdeckError(message, "move it away, or name another folder with --out")


def _manifest(sums: Mapping[str, str]) -> bytes:
    about = "Written by trialdeck, which replaces and removes these files and no others."
    return (json.dumps({"about": about, "files": dict(sorted(sums.items()))}, indent=1) + "\n").encode()


def _put(out: Path, name: str, content: bytes) -> bool:
    """Write a file, and return whether that has changed it."""
    path = out / name
    is_same = path.is_file() and path.read_bytes() == content
    if not is_same:
        replace_file(path, content, out)
    return not is_same


def _remove(out: Path, name: str, digest: str) -> bool:
    """Remove a file of the last site, unless somebody has changed it since, and its folder if that is empty then."""
    path = out / name
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
        return False
    remove_file(path)
    if path.parent != out and not any(path.parent.iterdir()):
        # A failure does not matter: an empty folder does no harm.
        with suppress(OSError):
            path.parent.rmdir()
    return True
