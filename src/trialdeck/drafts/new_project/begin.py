"""Write the files of a new project; what is there already is left as it is."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Template

import msgspec

from trialdeck import __version__
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals, replace_file
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.core.text import is_blank
from trialdeck.records.discovery import DECKS, SEEDS, find_project
from trialdeck.records.settings import ProjectSettings, load_settings_text
from trialdeck.yamlfile.writer import Property, write_record

_SETTINGS = f"{DECKS}/project.yaml"
_KEPT_IN_GIT = f"{SEEDS}/.gitkeep"
_TEMPLATES = {
    _SETTINGS: "project.yaml",
    f"{DECKS}/trials.yaml": "trials.yaml",
    ".gitignore": "gitignore",
    "README.md": "readme.md",
    ".github/workflows/trialdeck.yaml": "workflow.yaml",
}
"""The files of a project, and the templates that they are made of."""
_EXAMPLES = {
    "license": '"[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"',
    "authors": "[Jane Doe]",
    "homepage": "https://www.example.org/decks",
    "report": "errors@example.org",
}
"""What stands as a comment in the settings where nothing was given."""
_EXAMPLE = "dawn-1.yaml"
"""The record of an invented trial."""


class ProjectFacts(msgspec.Struct, frozen=True):
    """What is known of a new project; the parts are those of `project.yaml`, `name` is its deck above all decks."""

    name: str = ""
    license: str = ""
    report: str = ""
    authors: tuple[str, ...] = ()
    homepage: str = ""


class Begun(msgspec.Struct, frozen=True):
    """The files of a project, below its folder: those that were written, and those that were there already."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def begin(folder: Path, facts: ProjectFacts, *, with_example: bool = False) -> Begun:
    """Write the files of a project that are missing.

    Args:
        folder: The folder, which is made if it is missing.
        facts: What stands in its settings; what is empty is left to be added.
        with_example: Whether to write the record of an invented trial.

    Returns:
        The files.

    Raises:
        TrialdeckError: A fact cannot stand in the settings, the folder is part of another project or leads out of
            itself, or it cannot be written. Nothing has been written in the first two cases.
    """
    _refuse_other_project(folder)
    files = dict(_files(facts, deck_name(folder), with_example=with_example))
    _refuse_faulty(files[_SETTINGS])
    written, kept = [], []
    for name, content in files.items():
        path = folder / name
        refuse_outside(path.parent, folder, of="the project")
        if name == _KEPT_IN_GIT and path.parent.is_dir() and any(path.parent.iterdir()):
            continue
        with refusals(path):
            is_there = path.exists() or path.is_symlink()
        if is_there:
            kept.append(name)
        else:
            replace_file(path, content)
            written.append(name)
    return Begun(tuple(written), tuple(kept))


def refuse_invalid(facts: ProjectFacts) -> None:
    """Raise TrialdeckError if a fact cannot stand in the settings of a project."""
    _refuse_faulty(_settings(facts, ProjectSettings().root))


def deck_name(folder: Path) -> str:
    """Return the name of a folder as the name of a deck: `heart-failure` is Heart Failure."""
    words = "".join(char if char.isalnum() else " " for char in folder.resolve().name).split()
    name = " ".join(word if any(map(str.isupper, word)) else word.capitalize() for word in words)[:80].strip()
    return name or ProjectSettings().root


def _refuse_other_project(folder: Path) -> None:
    """Raise TrialdeckError if the folder lies among the records or the settings of another project."""
    real = folder.resolve()
    around = find_project(real.parent)
    if around is not None and {around / SEEDS, around / DECKS} & {real, *real.parents}:
        raise TrialdeckError(f"{folder} is part of the project {around}", "choose a folder outside of it")


def _files(facts: ProjectFacts, name: str, *, with_example: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the files by their names; the one that makes a folder a project is the last."""
    values = _values(facts, name)
    for path, template in _TEMPLATES.items():
        yield path, _filled(template, values)
    if with_example:
        yield f"{SEEDS}/{_EXAMPLE}", _text_of(_EXAMPLE).encode()
    else:
        # git keeps no empty folders.
        yield _KEPT_IN_GIT, b""


def _settings(facts: ProjectFacts, name: str) -> bytes:
    return _filled(_TEMPLATES[_SETTINGS], _values(facts, name))


def _filled(template: str, values: Mapping[str, str]) -> bytes:
    return Template(_text_of(template)).substitute(values).encode()


def _text_of(template: str) -> str:
    return resources.files(__package__).joinpath("templates", template).read_text(encoding="utf-8")


def _values(facts: ProjectFacts, by_default: str) -> Mapping[str, str]:
    name = facts.name.strip() or by_default
    settings = {
        "license": facts.license.strip(),
        "authors": [author.strip() for author in facts.authors if not is_blank(author)],
        "homepage": facts.homepage.strip(),
        "report": facts.report.strip(),
    }
    lines = {key: _yaml(key, value) if value else f"# {key}: {_EXAMPLES[key]}" for key, value in settings.items()}
    report, license_text = settings["report"], settings["license"]
    return {
        **lines,
        "root": _yaml("root", name),
        "name": name,
        "version": __version__,
        "reports": f"If a card is wrong, {'write to' if '@' in report else 'report it at'} <{report}>.\n"
        if report
        else "",
        "license_text": f"Licence: {license_text}" if license_text else "",
    }


def _yaml(name: str, value: str | Sequence[str]) -> str:
    return write_record([Property(name, value)], ()).rstrip("\n")


def _refuse_faulty(settings: bytes) -> None:
    """Raise TrialdeckError if the settings have errors: they repeat what the user gave."""
    problems = load_settings_text(settings, _SETTINGS).problems
    if problems:
        messages = dict.fromkeys(problem.message for problem in problems)
        hints = dict.fromkeys(problem.hint for problem in problems if problem.hint)
        raise TrialdeckError("; ".join(messages), "; ".join(hints), problems)
