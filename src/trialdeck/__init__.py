"""Landmark clinical-trial records in, Anki decks out.

The names in `__all__` are the public API, and follow semantic versioning; everything else is internal. They are
imported from `trialdeck.api` when they are first used: `import trialdeck` alone is cheap. No folder or module here has
such a name: Python would put it in the place of the public one, as soon as anybody imports it.
"""

__version__ = "1.0.0"

__all__ = [
    "AnkiEdits",
    "AnkiEditsWritten",
    "AnkiState",
    "Begun",
    "BuildResult",
    "BuiltPackage",
    "Card",
    "CardFace",
    "CardPreview",
    "Cards",
    "Change",
    "ChangedNote",
    "Changes",
    "Conflict",
    "ConflictError",
    "Counted",
    "DeckCounter",
    "Draft",
    "Edited",
    "EditedNote",
    "EditedText",
    "Filters",
    "Fix",
    "ForeignNotes",
    "Intake",
    "IntakeFault",
    "MoreOfTrial",
    "NewTrial",
    "Note",
    "OpenRecord",
    "Overview",
    "OwnSheets",
    "Package",
    "PlacedProblem",
    "Problem",
    "Progress",
    "Project",
    "Pushed",
    "Refused",
    "RefusedReleaseError",
    "RemovedRecord",
    "Report",
    "ReviewItem",
    "ReviewLine",
    "ReviewSource",
    "ReviewStatus",
    "ReviewText",
    "ServedSite",
    "Settings",
    "SettingsFile",
    "Site",
    "TextWritten",
    "TrialOverview",
    "TrialdeckError",
    "__version__",
    "add_deck",
    "begin",
    "build",
    "card_style",
    "check",
    "compared_problems",
    "correct_text",
    "diff",
    "edit",
    "entry_of_note",
    "find_anki",
    "ingest",
    "intake",
    "last_build",
    "links_out",
    "load",
    "make_site",
    "new_deck",
    "new_record",
    "open_cards",
    "overview",
    "package_bytes",
    "push",
    "read_package",
    "read_record",
    "record_path",
    "remove_deck",
    "remove_record",
    "rename",
    "restore_deck",
    "restore_record",
    "review_items",
    "save_settings",
    "save_settings_text",
    "schema",
    "serve_site",
    "settings",
    "sign_review",
    "suggest_id",
    "write_text",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trialdeck.anki.push import Pushed
    from trialdeck.api.arriving.edits import AnkiEdits, AnkiEditsWritten, EditedNote, EditedText
    from trialdeck.api.arriving.notes import ForeignNotes
    from trialdeck.api.arriving.sheets import OwnSheets
    from trialdeck.api.arriving.trials import MoreOfTrial, NewTrial
    from trialdeck.api.authoring.cards import Cards, card_style, open_cards
    from trialdeck.api.authoring.reviewing import correct_text, review_items, sign_review
    from trialdeck.api.beginnings import Begun, begin, new_record
    from trialdeck.api.changes import ChangedNote, Changes
    from trialdeck.api.counting import Counted, DeckCounter
    from trialdeck.api.drafts import ingest
    from trialdeck.api.editing import (
        Edited,
        OpenRecord,
        RemovedRecord,
        TextWritten,
        compared_problems,
        edit,
        entry_of_note,
        read_record,
        remove_record,
        rename,
        restore_record,
        schema,
        suggest_id,
        write_text,
    )
    from trialdeck.api.intake import Intake, IntakeFault, intake
    from trialdeck.api.overviews import overview
    from trialdeck.api.packages import read_package
    from trialdeck.api.places import links_out, record_path
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
        restore_deck,
        save_settings,
        save_settings_text,
        settings,
    )
    from trialdeck.cards.card import Card, CardFace
    from trialdeck.cards.preview import CardPreview
    from trialdeck.core.errors import TrialdeckError
    from trialdeck.core.problem import Problem
    from trialdeck.decks.filters import Filters
    from trialdeck.lint.placed.fixes import Fix
    from trialdeck.lint.placed.problems import PlacedProblem
    from trialdeck.project.build_result import BuiltPackage, RefusedReleaseError
    from trialdeck.records.editing.change import Change, Conflict, Refused
    from trialdeck.review.items import ReviewItem, ReviewLine, ReviewSource, ReviewStatus, ReviewText
    from trialdeck.review.overview import Overview, TrialOverview
else:
    _HOMES = {
        "AnkiEdits": "api.arriving.edits",
        "AnkiEditsWritten": "api.arriving.edits",
        "AnkiState": "api.publishing",
        "Begun": "api.beginnings",
        "BuildResult": "api.results",
        "BuiltPackage": "project.build_result",
        "Card": "cards.card",
        "CardFace": "cards.card",
        "CardPreview": "cards.preview",
        "Cards": "api.authoring.cards",
        "Change": "records.editing.change",
        "ChangedNote": "api.changes",
        "Changes": "api.changes",
        "Conflict": "records.editing.change",
        "ConflictError": "api.settings",
        "Counted": "api.counting",
        "DeckCounter": "api.counting",
        "Draft": "api.results",
        "Edited": "api.editing",
        "EditedNote": "api.arriving.edits",
        "EditedText": "api.arriving.edits",
        "Filters": "decks.filters",
        "Fix": "lint.placed.fixes",
        "ForeignNotes": "api.arriving.notes",
        "Intake": "api.intake",
        "IntakeFault": "api.intake",
        "MoreOfTrial": "api.arriving.trials",
        "NewTrial": "api.arriving.trials",
        "Note": "api.results",
        "OpenRecord": "api.editing",
        "Overview": "review.overview",
        "OwnSheets": "api.arriving.sheets",
        "Package": "api.results",
        "PlacedProblem": "lint.placed.problems",
        "Problem": "core.problem",
        "Progress": "api.progress",
        "Project": "api.projects",
        "Pushed": "anki.push",
        "Refused": "records.editing.change",
        "RefusedReleaseError": "project.build_result",
        "RemovedRecord": "api.editing",
        "Report": "api.results",
        "ReviewItem": "review.items",
        "ReviewLine": "review.items",
        "ReviewSource": "review.items",
        "ReviewStatus": "review.items",
        "ReviewText": "review.items",
        "ServedSite": "api.publishing",
        "Settings": "api.settings",
        "SettingsFile": "api.settings",
        "Site": "api.publishing",
        "TextWritten": "api.editing",
        "TrialOverview": "review.overview",
        "TrialdeckError": "core.errors",
        "add_deck": "api.settings",
        "begin": "api.beginnings",
        "build": "api.projects",
        "card_style": "api.authoring.cards",
        "check": "api.projects",
        "compared_problems": "api.editing",
        "correct_text": "api.authoring.reviewing",
        "diff": "api.projects",
        "edit": "api.editing",
        "entry_of_note": "api.editing",
        "find_anki": "api.publishing",
        "ingest": "api.drafts",
        "intake": "api.intake",
        "last_build": "api.projects",
        "links_out": "api.places",
        "load": "api.projects",
        "make_site": "api.publishing",
        "new_deck": "api.settings",
        "new_record": "api.beginnings",
        "open_cards": "api.authoring.cards",
        "overview": "api.overviews",
        "package_bytes": "api.projects",
        "push": "api.publishing",
        "read_package": "api.packages",
        "read_record": "api.editing",
        "record_path": "api.places",
        "remove_deck": "api.settings",
        "remove_record": "api.editing",
        "rename": "api.editing",
        "restore_deck": "api.settings",
        "restore_record": "api.editing",
        "review_items": "api.authoring.reviewing",
        "save_settings": "api.settings",
        "save_settings_text": "api.settings",
        "schema": "api.editing",
        "serve_site": "api.publishing",
        "settings": "api.settings",
        "sign_review": "api.authoring.reviewing",
        "suggest_id": "api.editing",
        "write_text": "api.editing",
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
