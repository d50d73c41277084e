"""The shortest way to a deck with genanki alone: load YAML, make notes of the questions, write the package.

python plain_genanki.py FOLDER OUT.apkg
"""

import sys
from pathlib import Path

import genanki
import yaml

MODEL = genanki.Model(
    1607392319,
    "Question",
    fields=[{"name": "Question"}, {"name": "Response"}],
    templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr>{{Response}}"}],
)

deck = genanki.Deck(2059400110, "Landmark Trials")
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in record["questions"]:
        deck.add_note(genanki.Note(MODEL, [entry["question"], entry["response"]]))
genanki.Package(deck).write_to_file(sys.argv[2])
