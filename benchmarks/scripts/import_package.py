"""Import a package into an empty collection of Anki.

python import_package.py PACKAGE
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from anki.collection import Collection, ImportAnkiPackageRequest

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(str(Path(folder) / "collection.anki2"))
        start = time.perf_counter()
        collection.import_anki_package(ImportAnkiPackageRequest(package_path=sys.argv[1]))
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "notes": collection.note_count(), "cards": collection.card_count()}))
        collection.close()
