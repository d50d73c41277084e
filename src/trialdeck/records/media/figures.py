"""The figures of records: their files, and media files that no record uses."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from trialdeck.core.problem import FileLocation, Problem, shortened
from trialdeck.records.discovery import Place
from trialdeck.records.media.files import MediaCache, MediaFault, located
from trialdeck.records.model import Figure, Media, Trial
from trialdeck.records.sections import ENTRY_SECTIONS
from trialdeck.yamlfile.document import DataPath, Document

SECTIONS_WITH_FIGURES = tuple(section for section in ENTRY_SECTIONS if section.has("figures"))
_WITH_FIGURES = tuple(section.property for section in SECTIONS_WITH_FIGURES)


def figures_of(trial: Trial) -> Iterator[tuple[DataPath, Figure]]:
    """Yield every figure of a trial, and its path in the document."""
    for index, figure in enumerate(trial.figures):
        yield ("figures", index), figure
    for name in _WITH_FIGURES:
        for position, entry in enumerate(getattr(trial, name)):
            for index, figure in enumerate(entry.figures):
                yield (name, position, "figures", index), figure


def with_media(trial: Trial, document: Document, folder: Path, cache: MediaCache) -> tuple[Trial, tuple[Problem, ...]]:
    """Return a trial with the content of its figures, and the problems of their files.

    Args:
        trial: The trial.
        document: The document of its record.
        folder: The folder of its record, from which paths of figures lead on.
        cache: The media that have been read so far.

    Returns:
        The trial and the problems; a figure whose file cannot be used stays without content.

    """
    media_by_file: dict[str, Media] = {}
    problems = []
    for path, figure in figures_of(trial):
        # What is empty or missing is what the schema complains about.
        if not figure.file.strip():
            continue
        media, spot = cache.media(figure.file, folder), document.spot(*path, "file")
        if isinstance(media, MediaFault):
            problems.append(document.problem(media.code, spot, media.message, media.hint))
            continue
        media_by_file[figure.file] = media
        if media.had_place:
            message = f"'{shortened(figure.file)}' says where it was taken; packages and site do not"
            problems.append(
                document.problem("TD411", spot, message, "before you share the records, remove it there too")
            )
    return (_trial_with_media(trial, media_by_file) if media_by_file else trial), tuple(problems)


def _trial_with_media(trial: Trial, found: dict[str, Media]) -> Trial:
    def filled(figures: Iterable[Figure]) -> tuple[Figure, ...]:
        return tuple(replace(figure, media=found.get(figure.file)) for figure in figures)

    lists: dict[str, Any] = {
        name: tuple(replace(entry, figures=filled(entry.figures)) for entry in getattr(trial, name))
        for name in _WITH_FIGURES
    }
    return replace(trial, figures=filled(trial.figures), **lists)


def shown_files(files: Iterable[str], folder: Path, cache: MediaCache) -> tuple[tuple[str, str], ...]:
    """Return, for each file that a record in this folder shows, its name in packages, or what is wrong with it."""
    media_by_file = [(file, cache.media(file, folder)) for file in files if file.strip()]
    return tuple(
        (file, f"{media.code} {media.message}" if isinstance(media, MediaFault) else media.name)
        for file, media in media_by_file
    )


def unused_media(files: Iterable[Place], figures: Iterable[tuple[Path, Sequence[str]]]) -> Iterator[Problem]:
    """Yield a warning for every media file that no record uses; `figures` are the files of records, by folder."""
    used = {located(file, folder) for folder, shown in figures for file in shown}
    for file in files:
        if Path(file.real) not in used:
            hint = "name it under `figures` of a record, or remove it"
            yield Problem(FileLocation(file.path, 1, 1), "TD408", "no record uses this file", hint)
