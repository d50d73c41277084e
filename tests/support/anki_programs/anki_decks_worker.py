"""Import packages into a new collection of a real Anki, and print its decks with their descriptions as JSON.

A script of its own: it runs in the environment of any Anki release from 2.1.49 on, and knows nothing of trialdeck. Its
arguments are the packages, in order.
"""

import contextlib
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

# In some releases anki.collection cannot be the first module of Anki that is imported.
import anki.lang
from anki.collection import Collection


def decks_after(packages: list[str]) -> dict[str, str]:
    """Import all packages and return the descriptions of all decks, by name."""
    with tempfile.TemporaryDirectory() as folder:
        # Old releases share one temporary folder, and each of them deletes it when it ends.
        tempfile.tempdir = folder
        col = Collection(str(Path(folder) / "collection.anki2"))
        try:
            for package in packages:
                _import(col, package)
            return {deck["name"]: deck.get("desc", "") for deck in col.decks.all()}
        finally:
            col.close()


def _import(col: Any, path: str) -> None:
    if not hasattr(col, "import_anki_package"):
        from anki.importing.apkg import AnkiPackageImporter

        AnkiPackageImporter(col, path).run()
        return
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    request = ImportAnkiPackageRequest(package_path=path, options=ImportAnkiPackageOptions())
    col.import_anki_package(request)


if __name__ == "__main__":
    # Anki prints warnings of its own to standard output.
    with contextlib.redirect_stdout(sys.stderr):
        anki.lang.set_lang("en_US")
        decks = decks_after(sys.argv[1:])
    json.dump({"anki": version("anki"), "decks": decks}, sys.stdout)
