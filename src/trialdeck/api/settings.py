"""Settings of a project: read them as data, and write them in place."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from trialdeck.api.projects import Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import remove_file, replace_file
from trialdeck.core.problem import Problem, Severity
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.core.transactions import locked
from trialdeck.records.discovery import DECKS, settings_of_project
from trialdeck.records.schema import typed
from trialdeck.records.settings import PROJECT
from trialdeck.records.settings_edits import edited_settings, load_text, new_settings, path_of
from trialdeck.yamlfile.document import DataPath, content_of
from trialdeck.yamlfile.whole_text import bytes_of, text_of, with_line_feeds

Kind = Literal["project", "deck", "profile"]
Values = Mapping[DataPath, Any]
"""Values by their paths, such as `("select", "topics")`: texts, truth values, lists or mappings of texts, or None."""
_Path = TypeVar("_Path", bound=DataPath)
_SeenPath = TypeVar("_SeenPath", bound=DataPath)

PROFILE = "me.yaml"
"""The file of the profile of who works in a project."""


class ConflictError(TrialdeckError):
    """A value was changed meanwhile, by another program or another window; `now` has what stands there, by path."""

    def __init__(self, file: str, now: Mapping[DataPath, Any]) -> None:
        names = ", ".join(".".join(map(str, path)) for path in now)
        super().__init__(f"{file}: {names} was changed meanwhile", "compare both, and choose one")
        self.now = now


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file: its kind, where it is, its text, and what stands in it as data.

    The lines of `text` end with a line feed, whatever the file has; when it is written, it keeps what it has.
    `values` have numbers, truth values, texts and lists as the schema wants them. Without `exists` there is no such
    file yet. With `is_readable` false, its syntax is broken, and it can be changed as text only.
    """

    kind: Kind
    path: Path
    text: str
    exists: bool
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]
    is_readable: bool = True
    _content: bytes = field(default=b"", repr=False)
    _faults: tuple[tuple[DataPath, Problem], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The name of the file without its ending; it is that of a deck that is meant by a name."""
        return self.path.stem

    @property
    def faults(self) -> tuple[tuple[DataPath, Problem], ...]:
        """Its problems, each with the path of the value that it is about; the path is empty if that is the file."""
        return self._faults

    def value(self, path: DataPath) -> Any:
        """Return the value at a path, None if there is none."""
        part: Any = self.values
        for name in path:
            part = part.get(name) if isinstance(part, Mapping) else None
        return part

    def with_values(self, values: Mapping[_Path, Any]) -> "SettingsFile":
        """Return the file as it would be with other values; nothing is written.

            >>> import trialdeck as td
            >>> file = td.settings(td.load(".")).decks[0].with_values({("select", "reviewed_only"): True})
            >>> file.value(("select", "reviewed_only")), file.problems
            (True, ())

        A value that is None or empty removes the property. Raises TrialdeckError if the file cannot be read, or not be
        changed in place.
        """
        if not self.is_readable:
            message = f"{self.path.name} cannot be read: {self.problems[0].message}"
            raise TrialdeckError(message, "correct it as text first", self.problems)
        content = edited_settings(self._content, values.items(), self.kind, str(self.path))
        return _file(self.kind, self.path, content, exists=self.exists)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a project: what its decks have in common, its deck definitions by file, and a profile."""

    project: SettingsFile
    decks: tuple[SettingsFile, ...]
    profile: SettingsFile

    def deck(self, name: str) -> SettingsFile:
        """Return the deck definition in a file, named without its ending; raises TrialdeckError if there is none."""
        for file in self.decks:
            if file.name == name:
                return file
        known = ", ".join(file.name for file in self.decks)
        raise TrialdeckError(f"there is no deck definition '{name}'", f"there are: {known}" if known else "")


def settings(project: Project) -> Settings:
    """Read all settings of a project.

        >>> import trialdeck as td
        >>> settings = td.settings(td.load("."))
        >>> settings.project.value(("root",)), [file.name for file in settings.decks][-1]
        ('Landmark Trials', 'myeloma-trial')

    Raises TrialdeckError if a file cannot be read at all.
    """
    paths = settings_of_project(project.path)
    own = [path for path in paths if path.stem == PROJECT]
    decks = project.path / DECKS
    return Settings(
        _read("project", own[0] if own else decks / f"{PROJECT}.yaml"),
        tuple(_read("deck", path) for path in paths if path.stem != PROJECT),
        _read("profile", project.path / PROFILE),
    )


def save_settings(
    project: Project, file: SettingsFile, values: Mapping[_Path, Any], was: Mapping[_SeenPath, Any] | None = None
) -> SettingsFile:
    """Write values of a settings file in place; comments, order and style stay.

        >>> import trialdeck as td
        >>> project = td.load(".")
        >>> file = td.save_settings(project, td.settings(project).project, {("authors",): ["Jane Doe"]})
        >>> "authors: [Jane Doe]" in file.text
        True

    Args:
        project: The project.
        file: The file, which need not exist yet.
        values: The new values by their paths; one that is None or empty removes the property.
        was: What stood there when the author began, by the same paths; without it, nothing is compared.

    Returns:
        The file as it is now.

    Raises:
        ConflictError: Something else stands there now than before.
        TrialdeckError: A value breaks the schema (its `problems`), the file is broken, or the disk refuses.
    """
    with _locked(project, file):
        now = _read(file.kind, file.path)
        seen: dict[Any, Any] = dict(was or {})
        wanted: dict[Any, Any] = dict(values)
        conflicts = {path: now.value(path) for path in seen if _differs(now.value(path), seen[path], wanted.get(path))}
        if conflicts:
            raise ConflictError(file.path.name, conflicts)
        after = (now if now.exists else file).with_values(values)
        _refuse_faults(after, values)
        replace_file(file.path, after._content, project.path)
    return replace(after, exists=True)


def save_settings_text(project: Project, file: SettingsFile, text: str) -> SettingsFile:
    """Write a settings file as text, whatever it says; `file` is as the author has read it.

    A file that has other ends of lines than line feeds, or a byte order mark, keeps them.

    Raises ConflictError if the file is another by now, and TrialdeckError if the disk refuses.
    """
    with _locked(project, file):
        now = _read(file.kind, file.path)
        text, seen = with_line_feeds(text), with_line_feeds(file.text)
        if now.text not in {seen, text} or (file.exists and not now.exists):
            raise ConflictError(file.path.name, {("text",): now.text})
        if text != now.text or not now.exists:
            replace_file(file.path, bytes_of(text, now._content), project.path)
    return _read(file.kind, file.path)


def new_deck(project: Project, like: SettingsFile | None = None) -> SettingsFile:
    """Return a deck definition that does not exist yet, to be filled in and saved; `like` is one to begin with.

    A copy has all of the other but its `id` and its `name`.
    """
    path = project.path / DECKS / "new.yaml"
    if like is None:
        return _file("deck", path, new_settings("deck", project.path), exists=False)
    copied = _file("deck", path, like._content, exists=False)
    return copied.with_values({("id",): None, ("name",): None})


def add_deck(project: Project, file: SettingsFile, values: Mapping[_Path, Any]) -> SettingsFile:
    """Write a new deck definition (see `new_deck`) into a file that is named after its id.

        >>> import trialdeck as td
        >>> project = td.load(".")
        >>> values = {("id",): "core", ("name",): "Core", ("select", "perspectives"): ["clinical"]}
        >>> td.add_deck(project, td.new_deck(project), values).path.as_posix()
        'decks/core.yaml'
        >>> td.remove_deck(project, td.settings(project).deck("core"))

    Raises TrialdeckError if there is such a file, or a value breaks the schema (its `problems`).
    """
    filled = file.with_values(values)
    _refuse_faults(filled, None)
    path = project.path / DECKS / f"{filled.value(('id',))}.yaml"
    with _locked(project, replace(file, path=path)):
        _refuse_second(project, path, path.stem, hint="choose another id")
        replace_file(path, filled._content, project.path)
    return _read("deck", path)


def remove_deck(project: Project, file: SettingsFile) -> None:
    """Remove a deck definition; the packages that were built of it stay, and learners keep what they have.

    Raises ConflictError if the file is another by now, and TrialdeckError if the disk refuses.
    """
    with _locked(project, file):
        now = _read("deck", file.path)
        if now._content != file._content:
            raise ConflictError(file.path.name, {("text",): now.text})
        remove_file(file.path)


def restore_deck(project: Project, file: SettingsFile) -> SettingsFile:
    """Bring back a deck definition that `remove_deck` has removed, byte for byte, whatever is wrong with it.

        >>> import trialdeck as td
        >>> project = td.load(".")
        >>> file = td.settings(project).deck("myeloma-trial")
        >>> td.remove_deck(project, file)
        >>> td.restore_deck(project, file) == file
        True

    Raises TrialdeckError if there is such a file, or a deck with its id, by now, or the disk refuses.
    """
    with _locked(project, file):
        hint = "give that one another id and another name of its file, or remove it; then bring this one back"
        _refuse_second(project, file.path, file.value(("id",)) or file.name, hint=hint)
        replace_file(file.path, file._content, project.path)
    return _read("deck", file.path)


def _refuse_second(project: Project, path: Path, deck: str, *, hint: str) -> None:
    """Raise TrialdeckError if there is a file at the path of a deck, or another deck has its id."""
    ids = [file.value(("id",)) for file in settings(project).decks]
    if os.path.lexists(path) or deck in [PROJECT, *ids]:
        raise TrialdeckError(f"there is a deck with the id '{deck}' already", hint)


def _read(kind: Kind, path: Path) -> SettingsFile:
    if not os.path.lexists(path):
        home = path.parent if kind == "profile" else path.parent.parent
        return _file(kind, path, new_settings(kind, home), exists=False)
    return _file(kind, path, content_of(path, str(path)), exists=True)


def _file(kind: Kind, path: Path, content: bytes, *, exists: bool) -> SettingsFile:
    document, problems = load_text(content, kind, str(path))
    data = typed(document.data, kind) if document else {}
    return SettingsFile(
        kind,
        path,
        text_of(content),
        exists,
        data if isinstance(data, dict) else {},
        problems,
        document is not None and isinstance(data, dict),
        content,
        tuple((path_of(document, problem) if document else (), problem) for problem in problems),
    )


def _differs(present: Any, seen: Any, wanted: Any) -> bool:
    """Tell whether a value is neither what the author has seen nor what they want."""
    return not (_is_same(present, seen) or _is_same(present, wanted))


def _is_same(one: Any, other: Any) -> bool:
    # A property that is absent, empty or null says the same.
    return bool(one == other) or not (one or other)


def _refuse_faults(file: SettingsFile, values: Iterable[DataPath] | None) -> None:
    """Raise TrialdeckError if a value that was changed breaks the schema; any value, if none is named."""
    wrong = [
        problem
        for path, problem in file.faults
        if problem.severity is Severity.ERROR and (values is None or any(_touches(path, part) for part in values))
    ]
    if wrong:
        raise TrialdeckError(f"nothing was saved: {wrong[0].message}", wrong[0].hint, tuple(wrong))


def _touches(path: DataPath, changed: DataPath) -> bool:
    """Tell whether a problem is at a value, in it, or around it."""
    shared = min(len(path), len(changed))
    return path[:shared] == changed[:shared]


def _locked(project: Project, file: SettingsFile) -> Any:
    """Hold the lock of the folder; raises TrialdeckError if the file is, or is behind, a link out of the project."""
    refuse_outside(file.path, project.path, of="the project")
    return locked(file.path.parent, leaves_no_file=True)
