"""The same with Anki's own backend: load YAML, add notes of the questions to a collection, export it.

python plain_anki.py FOLDER OUT.apkg
"""

import sys
import tempfile
from pathlib import Path

import yaml
from anki.collection import AddNoteRequest, Collection, ExportAnkiPackageOptions

with tempfile.TemporaryDirectory() as folder:
    collection = Collection(str(Path(folder) / "collection.anki2"))
    basic = collection.models.by_name("Basic")
    deck = collection.decks.id("Landmark Trials")
    assert basic is not None
    assert deck is not None
    requests = []
    for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in record["questions"]:
            note = collection.new_note(basic)
            note.fields = [entry["question"], entry["response"]]
            requests.append(AddNoteRequest(note, deck))
    collection.add_notes(requests)
    collection.export_anki_package(out_path=sys.argv[2], options=ExportAnkiPackageOptions(), limit=None)
    collection.close()
