"""Landmark clinical-trial records in, Anki decks out.

The names in `__all__` are the public API, and follow semantic versioning; everything else is internal. They are
imported from `trialdeck.api` when they are first used: `import trialdeck` alone is cheap. No folder or module here has
such a name: Python would put it in the place of the public one, as soon as anybody imports it.
"""

__version__ = "0.5.0"

__all__ = [
    "BuildResult",
    "BuiltPackage",
    "Card",
    "CardFace",
    "CardPreview",
    "Cards",
    "Changes",
    "Draft",
    "Filters",
    "Note",
    "Package",
    "Problem",
    "Project",
    "Report",
    "TrialdeckError",
    "__version__",
    "build",
    "card_style",
    "check",
    "diff",
    "ingest",
    "load",
    "open_cards",
    "package_bytes",
    "read_package",
    "record_path",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trialdeck.api.cards import Cards, card_style, open_cards
    from trialdeck.api.drafts import ingest
    from trialdeck.api.packages import read_package
    from trialdeck.api.places import record_path
    from trialdeck.api.projects import Project, build, check, diff, load, package_bytes
    from trialdeck.api.results import BuildResult, Changes, Draft, Note, Package, Report
    from trialdeck.cards.card import Card, CardFace
    from trialdeck.cards.preview import CardPreview
    from trialdeck.core.errors import TrialdeckError
    from trialdeck.core.problem import Problem
    from trialdeck.decks.filters import Filters
    from trialdeck.project.build_result import BuiltPackage
else:
    _HOMES = {
        "BuildResult": "api.results",
        "BuiltPackage": "project.build_result",
        "Card": "cards.card",
        "CardFace": "cards.card",
        "CardPreview": "cards.preview",
        "Cards": "api.cards",
        "Changes": "api.results",
        "Draft": "api.results",
        "Filters": "decks.filters",
        "Note": "api.results",
        "Package": "api.results",
        "Problem": "core.problem",
        "Project": "api.projects",
        "Report": "api.results",
        "TrialdeckError": "core.errors",
        "build": "api.projects",
        "card_style": "api.cards",
        "check": "api.projects",
        "diff": "api.projects",
        "ingest": "api.drafts",
        "load": "api.projects",
        "open_cards": "api.cards",
        "package_bytes": "api.projects",
        "read_package": "api.packages",
        "record_path": "api.places",
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
