"""Run anki-connect-server 0.5.0 with the one function mended that imports packages.

A script of its own: it runs in the environment that `anki_connect_programs.py` makes, and knows nothing of trialdeck.
"""

from typing import Any

from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki_connect_server.anki_wrapper import AnkiWrapper  # type: ignore[import-not-found]
from anki_connect_server.api import run_server  # type: ignore[import-not-found]


def import_package(self: Any, path: str) -> bool:
    """Import with the options that AnkiConnect uses in Anki 26.9.3 (anki/importing.py), and answer as it does."""
    options = ImportAnkiPackageOptions(merge_notetypes=True, with_scheduling=True, with_deck_configs=True)
    self.col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=options))
    return True


AnkiWrapper.import_package = import_package
run_server()
