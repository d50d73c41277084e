"""Where records go that come in: files that are free, in folders that a program may write into."""

from collections.abc import Sequence
from pathlib import Path

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals
from trialdeck.core.safe_paths import refuse_outside, target_of
from trialdeck.drafts.materials import Drafted
from trialdeck.records.discovery import home_of
from trialdeck.yamlfile.document import is_json

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


def output_file(path: Path) -> Path:
    """Return the path of a file that is to be written.

    Raises TrialdeckError if it is a link out of its folder, or if its folder is a link out of its project.
    """
    refuse_outside(path.parent, home_of(path), of="the project")
    with refusals(path):
        target_of(path, path.parent)
    return path


def schema_place(out: Path | None) -> Path | None:
    """Return a record in the place that was named, a file or a folder, for `schema_beside`."""
    return out / "record.yaml" if out is not None and _is_folder(out) else out


def places_of(drafts: Sequence[Drafted], out: Path | None, *, force: bool) -> list[Path | None]:
    """Return where each record goes; all are known to be free before the first is written.

    Args:
        drafts: The records.
        out: The file or the folder that was named; None stands for no file.
        force: Whether files that exist are overwritten.

    Raises:
        TrialdeckError: A file exists, several records have one file, or two have one id.
    """
    if out is None:
        if len(drafts) > 1:
            raise TrialdeckError(f"the files hold {len(drafts)} trials", "name a folder with -o")
        return [None]
    if len(drafts) == 1 and not _is_folder(out):
        places = [out]
    else:
        _refuse_no_folder(drafts, out)
        _refuse_one_id(drafts)
        places = [out / f"{drafted.draft.id}.yaml" for drafted in drafts]
    for place in places:
        if is_json(place.name):
            raise TrialdeckError(f"{place}: a draft has comments, and JSON has none", "name a FILE that ends in .yaml")
        if output_file(place).exists() and not force:
            raise TrialdeckError(f"{place} exists already", "choose another FILE, or overwrite it with --force")
    return list(places)


def _is_folder(out: Path) -> bool:
    """Whether a path is a folder, or a new one: a record without an ending would be seen by no command."""
    return out.is_dir() or not (out.suffix or out.exists())


def _refuse_no_folder(drafts: Sequence[Drafted], out: Path) -> None:
    if out.is_file() or (not out.is_dir() and out.suffix in _SUFFIXES):
        trials = "; ".join(f"{drafted.draft.id} ({', '.join(drafted.names)})" for drafted in drafts)
        raise TrialdeckError(f"{out} names one file, and these are {len(drafts)} trials: {trials}",
                             "name a folder with -o, or ingest them one by one")  # fmt: skip


def _refuse_one_id(drafts: Sequence[Drafted]) -> None:
    by_id: dict[str, list[str]] = {}
    for drafted in drafts:
        by_id.setdefault(drafted.draft.id, []).append(drafted.names[0])
    for name, files in by_id.items():
        if len(files) > 1:
            raise TrialdeckError(
                f"two trials would have the id '{name}': {files[0]}, and {files[1]}",
                "ingest them one by one, with --id; if they are one trial, write its NCT number into both",
            )
