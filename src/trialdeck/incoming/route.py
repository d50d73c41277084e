"""Which way a file goes, known by its content: a draft, an import with a map, sheets, edits from Anki, suggestions."""

import zipfile
from collections.abc import Container, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from trialdeck.anki.pulling.suggestions import holds_suggestions
from trialdeck.apkg.reader import opened_package
from trialdeck.apkg.text_export import has_head, read_text_export
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error
from trialdeck.drafts.kinds import Material, NotesError, file_content, read_material
from trialdeck.incoming.files import named_fault
from trialdeck.sheets.columns import forms, normal
from trialdeck.sheets.files import form_of, tables_of
from trialdeck.sheets.table import Table

_ZIP = b"PK\x03\x04"
_BEGINNING = 4_000
_COLLECTION = "collection."
_AS_PACKAGE = "in Anki, File → Export: choose Anki Deck Package (.apkg), with or without scheduling"


class Way(StrEnum):
    """What becomes of files."""

    DRAFT = "draft"
    IMPORT = "import"
    SHEETS = "sheets"
    PULL = "pull"
    SUGGESTIONS = "suggestions"


class Group(msgspec.Struct, frozen=True):
    """Files that go one way together; `materials` are those of drafts, read."""

    way: Way
    files: tuple[Path, ...]
    materials: tuple[Material, ...] = ()


class FileFault(msgspec.Struct, frozen=True):
    """A file that cannot be used, and why."""

    file: Path
    error: TrialdeckError


class Routed(msgspec.Struct, frozen=True):
    """Some files by the ways that they go, and those that cannot be used."""

    groups: tuple[Group, ...]
    faults: tuple[FileFault, ...]


def routed(files: Sequence[Path], published: Container[str]) -> Routed:
    """Return which way each file goes.

    All source material makes one group, and so do all suggestions, and the CSV files of one workbook; any other file is
    alone.

    Args:
        files: The files.
        published: The guids of the notes that the project has published: by these its own deck is known.
    """
    faults: list[FileFault] = []
    materials: list[tuple[Path, Material]] = []
    ways: list[tuple[Path, Way]] = []
    for file in files:
        try:
            way = _way_of(file, published)
            if way is Way.DRAFT:
                # By its bare name: the folder of an upload means nothing to anybody.
                materials.append((file, read_material(file_content(str(file)), file.name)))
            else:
                ways.append((file, way))
        except NotesError:
            ways.append((file, Way.IMPORT))
        except TrialdeckError as error:
            faults.append(FileFault(file, named_fault(_renamed(error, file), file.name)))
    return Routed(tuple(_groups(materials, ways)), tuple(faults))


def _renamed(error: TrialdeckError, file: Path) -> TrialdeckError:
    """Return an error that calls a file by its bare name."""
    return type(error)(error.message.replace(str(file), file.name), error.hint)


def _groups(materials: Iterable[tuple[Path, Material]], ways: Iterable[tuple[Path, Way]]) -> Iterator[Group]:
    drafting = list(materials)
    if drafting:
        yield Group(Way.DRAFT, tuple(file for file, _ in drafting), tuple(material for _, material in drafting))
    together: dict[tuple[Way, Path], list[Path]] = {}
    for file, way in ways:
        is_csv = way is Way.SHEETS and not _is_zip(file)
        shared = file.parent if is_csv else Path() if way is Way.SUGGESTIONS else file
        together.setdefault((way, shared), []).append(file)
    for (way, _), files in together.items():
        yield Group(way, tuple(files))


def _way_of(file: Path, published: Container[str]) -> Way:
    if holds_suggestions(file):
        return Way.SUGGESTIONS
    if _is_package(file):
        return Way.PULL if _is_own_deck(file, published) else Way.IMPORT
    if _is_zip(file) and not _is_workbook(file):
        return Way.DRAFT
    if _is_own_text(file, published):
        message = "these are your own notes as plain text, which do not say when they were changed"
        raise TrialdeckError(message, _AS_PACKAGE)
    return Way.SHEETS if _is_own_sheet(file) else Way.IMPORT if _is_workbook(file) else Way.DRAFT


def _is_zip(file: Path) -> bool:
    return read_file_or_error(file, file.name, len(_ZIP)).startswith(_ZIP)


def _names_in(file: Path) -> Sequence[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ()


def _is_package(file: Path) -> bool:
    return _is_zip(file) and any(name.startswith(_COLLECTION) for name in _names_in(file))


def _is_workbook(file: Path) -> bool:
    return _is_zip(file) and "xl/workbook.xml" in _names_in(file)


def _is_own_deck(file: Path, published: Container[str]) -> bool:
    with opened_package(file) as package:
        names = {kind.name for kind in package.note_types}
        return any(guid in published for guid in package.guids(names))


def _is_own_text(file: Path, published: Container[str]) -> bool:
    start = read_file_or_error(file, file.name, _BEGINNING)
    if start.startswith(_ZIP) or not has_head(start.decode("utf-8-sig", "ignore")):
        return False
    try:
        _, notes = read_text_export(file)
    except TrialdeckError:
        return False
    return any(note.guid in published for note in notes)


def _is_own_sheet(file: Path) -> bool:
    """Tell whether a file has a sheet of trialdeck: by its name, and by what stands above its columns."""
    if not _is_workbook(file) and file.suffix.lower() != ".csv":
        return False
    with tables_of(file) as tables:
        return any(map(_is_own_table, tables))


def _is_own_table(table: Table) -> bool:
    columns = {normal(column.name) for form in forms() if form.name == form_of(table) for column in form.columns}
    head = next((row.cells for row in table.rows), ())
    names = [normal(cell) for cell in head if isinstance(cell, str) and cell.strip()]
    return bool(columns) and 2 * sum(name in columns for name in names) > len(names)
