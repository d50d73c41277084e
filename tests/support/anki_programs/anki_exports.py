"""Packages that the real Anki exports, in each of its formats: as they were first, and after an author's edits."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

Step = dict[str, Any]

FORMATS = ["plain", "legacy", "scheduled", "legacy-scheduled", "collection", "legacy-collection"]
GREETING, CLOZE, FILTERED, ADDED = "greeting", "statement", "filtered", "added"

FIRST: list[Step] = [
    {"add": {"guid": GREETING, "type": "Basic", "deck": "Lêarn::Words", "fields": ["Hello?", "<b>Salut</b> à tous"],
             "tags": ["zeta", "alpha"]}},
    {"add": {"guid": CLOZE, "type": "Cloze", "deck": "Lêarn", "fields": ["{{c1::Two}} and {{c2::three}}", ""],
             "tags": []}},
    {"add": {"guid": FILTERED, "type": "Basic", "deck": "Lêarn::Words", "fields": ["Where?", "Here"],
             "tags": ["mine"]}},
    {"describe": {"deck": "Lêarn::Words", "text": "What to <i>say</i>"}},
    {"study_filtered": "tag:mine"},
]  # fmt: skip
EDITS: list[Step] = [
    {"set_field": {"guid": GREETING, "name": "Back", "value": "<b>Salut</b> à vous tous"}},
    {"add_tag": {"guid": GREETING, "tag": "extra"}},
    {"add": {"guid": ADDED, "type": "Basic", "deck": "Lêarn", "fields": ["Added?", "Yes"], "tags": []}},
    {"move": {"guid": CLOZE, "deck": "Lêarn::Sentences"}},
    {"retype": {"type": "Basic", "style": ".card { color: teal; }", "front": "<h1>{{Front}}</h1>"}},
]


def exported(folder: Path, stage: str) -> list[Step]:
    """The steps that export a collection in every format."""
    steps: list[Step] = []
    for each in FORMATS:
        legacy = "legacy" in each
        if "collection" in each:
            steps.append({"export_collection": {"path": str(package(folder, stage, each)), "legacy": legacy}})
        else:
            path = str(package(folder, stage, each))
            steps.append({"export": {"path": path, "legacy": legacy, "scheduling": "scheduled" in each}})
    return steps


def package(folder: Path, stage: str, form: str) -> Path:
    """Where the export of a stage in a format is."""
    return folder / f"{stage}-{form}.{'colpkg' if 'collection' in form else 'apkg'}"


def in_anki(steps: list[Step]) -> None:
    """Do steps in a new collection of the real Anki."""
    worker = Path(__file__).with_name("anki_exporter.py")
    done = subprocess.run(
        [sys.executable, "-I", worker], input=json.dumps(steps), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


@cache
def exports(folder: Path) -> Path:
    """Fill a new folder with the packages of both stages; done once for a folder."""
    folder.mkdir()
    in_anki([*FIRST, *exported(folder, "first"), *EDITS, *exported(folder, "edited")])
    return folder
