"""Landmark clinical-trial records in, Anki decks out.

The names in `__all__` are the public API, and follow semantic versioning; everything else is internal. They are
imported from `trialdeck.api` when they are first used: `import trialdeck` alone is cheap. No folder or module here has
such a name: Python would put it in the place of the public one, as soon as anybody imports it.
"""

__version__ = "0.5.0"

__all__ = [
    "AnkiState",
    "BuildResult",
    "BuiltPackage",
    "ChangedNote",
    "Changes",
    "ConflictError",
    "DeckCounter",
    "Draft",
    "Filters",
    "Note",
    "Package",
    "Problem",
    "Progress",
    "Project",
    "Pushed",
    "RefusedReleaseError",
    "Report",
    "ServedSite",
    "Settings",
    "SettingsFile",
    "Site",
    "TrialdeckError",
    "__version__",
    "add_deck",
    "build",
    "check",
    "diff",
    "find_anki",
    "ingest",
    "last_build",
    "load",
    "make_site",
    "new_deck",
    "package_bytes",
    "push",
    "read_package",
    "record_path",
    "remove_deck",
    "save_settings",
    "save_settings_text",
    "serve_site",
    "settings",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trialdeck.anki.push import Pushed
    from trialdeck.api.changes import ChangedNote, Changes
    from trialdeck.api.counting import DeckCounter
    from trialdeck.api.drafts import ingest
    from trialdeck.api.packages import read_package
    from trialdeck.api.places import record_path
    from trialdeck.api.progress import Progress
    from trialdeck.api.projects import Project, build, check, diff, last_build, load, package_bytes
    from trialdeck.api.publishing import AnkiState, ServedSite, Site, find_anki, make_site, push, serve_site
    from trialdeck.api.results import BuildResult, Draft, Note, Package, Report
    from trialdeck.api.settings import (
        ConflictError,
        Settings,
        SettingsFile,
        add_deck,
        new_deck,
        remove_deck,
        save_settings,
        save_settings_text,
        settings,
    )
    from trialdeck.core.errors import TrialdeckError
    from trialdeck.core.problem import Problem
    from trialdeck.decks.filters import Filters
    from trialdeck.project.build_result import BuiltPackage, RefusedReleaseError
else:
    _HOMES = {
        "AnkiState": "api.publishing",
        "BuildResult": "api.results",
        "BuiltPackage": "project.build_result",
        "ChangedNote": "api.changes",
        "Changes": "api.changes",
        "ConflictError": "api.settings",
        "DeckCounter": "api.counting",
        "Draft": "api.results",
        "Filters": "decks.filters",
        "Note": "api.results",
        "Package": "api.results",
        "Problem": "core.problem",
        "Progress": "api.progress",
        "Project": "api.projects",
        "Pushed": "anki.push",
        "RefusedReleaseError": "project.build_result",
        "Report": "api.results",
        "ServedSite": "api.publishing",
        "Settings": "api.settings",
        "SettingsFile": "api.settings",
        "Site": "api.publishing",
        "TrialdeckError": "core.errors",
        "add_deck": "api.settings",
        "build": "api.projects",
        "check": "api.projects",
        "diff": "api.projects",
        "find_anki": "api.publishing",
        "ingest": "api.drafts",
        "last_build": "api.projects",
        "load": "api.projects",
        "make_site": "api.publishing",
        "new_deck": "api.settings",
        "package_bytes": "api.projects",
        "push": "api.publishing",
        "read_package": "api.packages",
        "record_path": "api.places",
        "remove_deck": "api.settings",
        "save_settings": "api.settings",
        "save_settings_text": "api.settings",
        "serve_site": "api.publishing",
        "settings": "api.settings",
    }

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module 'trialdeck' has no attribute '{name}'")
        from importlib import import_module  # noqa: PLC0415 - `import trialdeck` alone imports nothing

        value = globals()[name] = getattr(import_module(f"trialdeck.{_HOMES[name]}"), name)
        return value

    def __dir__() -> list[str]:
        """Return the public names."""
        return sorted(__all__)
